"""Exercise of notebook 05 on binary cross-entropy from scores. One-hot labels are in `targets`."""

import numpy as np
import torch

from autograder.exercise import Case, Exercise, mistake, near, raises
from autograder.exercises.regularization.losses import loss_and_gradient, with_dtype


def sigma(z):
    return np.exp(np.minimum(z, 0)) / (1 + np.exp(-np.abs(z)))


def nats(z, y):
    """The loss of each entry."""
    return np.maximum(z, 0) - z * y + np.log1p(np.exp(-np.abs(z)))


def capped(tiny, clip):
    """The mistake of a probability that is kept from 0 and 1 by a small number."""

    def shown(self, right, z, y):
        p = sigma(z)
        yes, no = (p, 1 - p) if clip else (p + tiny, 1 - p + tiny)
        if clip:
            yes, no = p.clip(tiny, 1 - tiny), 1 - p.clip(tiny, 1 - tiny)
        return {"loss": -(y * np.log(yes) + (1 - y) * np.log(no)).mean()}

    way = "keep probabilities" if clip else "add a small number to probabilities, to keep them"
    shown.__doc__ = f"""You {way} about {tiny:g} away from 0. That caps the
        loss of an error at {-np.log(tiny):.0f} nats, and tiny losses are lost in it. Write the loss
        from the score, without σ."""
    return mistake(shown)


def cut_off(limit):
    """The mistake of scores that are cut off before the exponential."""

    def shown(self, right, z, y):
        cut = z.clip(-limit, limit)
        return {"loss": nats(cut, y).mean()}

    shown.__doc__ = f"""You cut scores off at {limit} and −{limit}. An error that is surer than that
        costs no more in yours. With an exponential of minus the absolute value nothing overflows,
        and nothing has to be cut off."""
    return mistake(shown)


class bce_with_logits(Exercise):
    """Sigmoid and binary cross-entropy in one: the mean loss and its gradient."""

    signature = "bce_with_logits(z, y) -> loss, dz"
    warning_free = True
    any_width = ("dz",)
    reads = {"dtype of dz": "the dtype of your `dz` is {seen}; {right} is right"}
    minutes = 12
    difficulty = 3
    extra = True
    hints = (
        "Write −log σ(z) and −log(1 − σ(z)) without σ: each is a logarithm of 1 plus an "
        "exponential. How do the two differ?",
        "An exponential of minus the absolute value never overflows. Add what is missing for "
        "positive z by hand. np.log1p is exact where its argument is tiny.",
        "The gradient is as simple as that of the softmax loss, and for the same reason.",
    )

    def cases(self, rng):
        hard = rng.permutation(np.arange(7) % 2).astype(float)
        yield Case("ordinary scores", 1, z=rng.normal(0, 2, 7), y=hard)
        far = np.array([1000.0, 1000, -1000, -1000, 40, 0])
        yield Case("scores from -1000 to 1000", 2, z=far + rng.uniform(0, 0.5, 6),
                   y=np.array([1.0, 0, 0, 1, 0, 1]))  # fmt: skip
        yield Case("soft labels, a table", 1, z=rng.normal(0, 2, (3, 4)), y=rng.random((3, 4)))
        z = rng.uniform(30, 50, 5) * np.array([1, -1, 1, 1, -1])
        z[:2] = rng.uniform(39, 50), rng.uniform(-36, -30)
        yield Case("sure and right: a tiny loss", 1, z=z, y=(z > 0).astype(float))
        yield Case("single precision", 1, z=rng.normal(0, 2, 9).astype(np.float32),
                   y=rng.permutation(np.arange(9) % 2).astype(np.float32))  # fmt: skip

    def observe(self, code, z, y):
        loss, dz = code.bce_with_logits(z, y)
        return {"loss": loss, "dz": dz}

    def read(self, seen, z, y):
        return with_dtype(seen, "dz")

    @staticmethod
    def tiny(z, y):
        return bool((np.abs(z) >= 30).all() and ((z > 0) == (y > 0.5)).all())

    @staticmethod
    def far(z):
        return np.abs(z).max() > 500

    def reference(self, z, y):
        y_, zero = torch.tensor(y, device=self.device), torch.zeros((), device=self.device)

        def nats(s):
            # Not torch's own function: for label 0 that loses what is below 1e-16.
            return (y_ * torch.logaddexp(-s, zero) + (1 - y_) * torch.logaddexp(s, zero)).mean()

        loss, dz = loss_and_gradient(nats, z, self.device)
        loss = near(loss, rtol=1e-6, atol=0) if self.tiny(z, y) else loss
        return {"loss": loss, "dz": dz, "dtype of dz": z.dtype.name}

    patched_at_12 = capped(1e-12, clip=False)
    patched_at_10 = capped(1e-10, clip=False)
    patched_at_8 = capped(1e-8, clip=False)
    patched_at_7 = capped(1e-7, clip=False)
    clipped_at_7 = capped(1e-7, clip=True)
    clipped_at_12 = capped(1e-12, clip=True)
    clipped_at_15 = capped(1e-15, clip=True)
    scores_cut_off_at_30 = cut_off(30)
    scores_cut_off_at_20 = cut_off(20)
    scores_cut_off_at_50 = cut_off(50)
    scores_cut_off_at_500 = cut_off(500)

    @mistake
    def exp_overflows(self, right, z, y):
        """An exponential of 1000 is infinite, and so is your loss or its gradient. Only negative
        numbers may be exponentiated."""
        return {"loss": np.inf} if self.far(z) else None

    @mistake
    def infinity_times_zero(self, right, z, y):
        """An exponential of 1000 is infinite, and so is its logarithm; 0 times infinity is NaN.
        Only negative numbers may be exponentiated."""
        return {"loss": np.nan} if self.far(z) else None

    @mistake
    def logarithms_as_they_stand(self, right, z, y):
        """Your log(1 + exp(z)) is infinite for large scores, where 0 times it is NaN, and rounds to
        0 for tiny losses. Exponentiate only negative numbers, and let np.log1p add the 1."""
        if self.far(z) or self.tiny(z, y):
            both = y * np.log(1 + np.exp(-z)) + (1 - y) * np.log(1 + np.exp(z))
            return {"loss": both.mean()}

    @mistake
    def zero_times_infinity(self, right, z, y):
        """A saturated sigmoid is exactly 0 or 1, so one of the two logarithms is infinite, and 0
        times infinity is NaN. Write the loss from the score, without σ."""
        if self.far(z) or self.tiny(z, y):
            p = 1 / (1 + np.exp(-z))
            return {"loss": -(y * np.log(p) + (1 - y) * np.log(1 - p)).mean()}

    @mistake
    def tiny_loss_lost(self, right, z, y):
        """A tiny loss is rounded to 0: 1 + 1e-18 is 1. numpy has a logarithm for that."""
        return {"loss": np.mean(np.log(1 + np.exp(-np.abs(z))))} if self.tiny(z, y) else None

    @mistake
    def tiny_loss_cancels(self, right, z, y):
        """A tiny loss has wrong digits: it is the difference of two large numbers, such as
        log(1 + exp(z)) and z for a sure yes. Add only what is never negative."""
        return {"loss": np.mean(np.logaddexp(0, z) - y * z)} if self.tiny(z, y) else None

    @mistake
    def tiny_loss_cancels_for_a_no(self, right, z, y):
        """A tiny loss has wrong digits where the label is 0: (1 − y)·z and a log σ(z) of the other
        sign are large and nearly cancel, as in torch's own function. Add only what is never
        negative."""
        if self.tiny(z, y):
            logs = torch.nn.functional.logsigmoid(torch.tensor(z)).numpy()
            return {"loss": ((1 - y) * z - logs).mean()}

    @mistake
    def summed_not_averaged(self, right, z, y):
        """You sum over all entries. Here losses are means."""
        return {"loss": right["loss"] * z.size, "dz": right["dz"] * z.size}

    @mistake
    def loss_not_averaged(self, right, z, y):
        """Your loss is the sum over all entries. It is their mean."""
        return {"loss": right["loss"] * z.size}

    @mistake
    def gradient_not_averaged(self, right, z, y):
        """Your gradient is that of the sum over all entries. The loss is their mean."""
        return {"dz": right["dz"] * z.size}

    @mistake
    def one_loss_for_each(self, right, z, y):
        """You return a loss for each entry. One number is asked for, their mean."""
        return {"loss": nats(z, y)}

    @mistake
    def averaged_over_rows_only(self, right, z, y):
        """You divide by the number of rows. The mean is over all entries of the table, as in
        torch's version."""
        if z.ndim > 1:
            return {"loss": right["loss"] * z.shape[1], "dz": right["dz"] * z.shape[1]}

    @mistake
    def gradient_averaged_over_rows_only(self, right, z, y):
        """You divide the gradient by the number of rows. The mean is over all entries of the
        table."""
        return {"dz": right["dz"] * z.shape[1]} if z.ndim > 1 else None

    @mistake
    def zeros_cost_nothing(self, right, z, y):
        """Examples with label 0 cost nothing in yours: the second half of the formula is missing.
        A net that always says yes would be perfect."""
        yes = np.maximum(-z, 0) + np.log1p(np.exp(-np.abs(z)))
        dz = (-y * (1 - sigma(z)) / z.size).astype(z.dtype)
        return {"loss": np.mean(y * yes), "dz": dz}

    @mistake
    def labels_swapped(self, right, z, y):
        """Yours is the loss for the opposite labels: y belongs to log σ, and 1 − y to
        log(1 − σ)."""
        return {"loss": nats(z, 1 - y).mean(), "dz": ((sigma(z) - 1 + y) / z.size).astype(z.dtype)}

    @mistake
    def labels_made_hard(self, right, z, y):
        """You round the labels to 0 and 1. They may lie between, and count by how much they do."""
        hard = np.round(y)
        return {"loss": nats(z, hard).mean(), "dz": ((sigma(z) - hard) / z.size).astype(z.dtype)}

    @mistake
    def labels_made_signs(self, right, z, y):
        """You turn labels into signs, 2y − 1, and put them inside the logarithm. That holds for 0
        and 1 only: between them the two logarithms are weighted by y and 1 − y."""
        s = 2 * y - 1
        return {"loss": np.logaddexp(0, -s * z).mean(),
                "dz": (-s * sigma(-s * z) / z.size).astype(z.dtype)}  # fmt: skip

    @mistake
    def sigmoid_twice(self, right, z, y):
        """You apply the sigmoid to something that has been through it. z are scores, and the loss
        takes care of the sigmoid itself."""
        s = sigma(z)
        return {"loss": nats(s, y).mean(), "dz": ((sigma(s) - y) / z.size).astype(z.dtype)}

    @mistake
    def gradient_of_the_probability(self, right, z, y):
        """Your dz carries the slope σ(1 − σ) once too often. The logarithm's derivative cancels
        it: that is why the two belong together."""
        s = sigma(z)
        return {"dz": right["dz"] * s * (1 - s)}

    @mistake
    def gradient_backwards(self, right, z, y):
        """Your dz has the wrong sign. Where the label is 0 the loss grows with z: there it is
        positive."""
        return {"dz": -right["dz"]}

    @mistake
    def in_bits(self, right, z, y):
        """Your loss is in bits, by a logarithm to base 2. Nats are asked for: the natural one."""
        return {"loss": right["loss"] / np.log(2)}

    @mistake
    def wider_dtype(self, right, z, y):
        """Scores come in as float32 and your dz goes out as float64. Arrays that numpy makes are
        float64 unless you say otherwise."""
        return {"dtype of dz": "float64"} if z.dtype == np.float32 else None

    @mistake
    def wants_a_vector(self, right, z, y):
        """It stops where z is a table. Any shape should do: the mean is over all entries."""
        return dict.fromkeys(right, raises("ValueError")) if z.ndim > 1 else None
