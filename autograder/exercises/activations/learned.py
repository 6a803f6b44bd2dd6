"""Exercises of notebook 02 on activations with weights of their own: PReLU and Maxout."""

import numpy as np
import torch
import torch.nn.functional as F

from autograder.exercise import Case, Exercise, Question, mistake, raises
from autograder.exercises.activations.saturating import both_signs


def per_channel(alpha, x):
    """alpha shaped so that it meets axis 1 of x."""
    return alpha.reshape(1, -1, *[1] * (x.ndim - 2))


def leaky(x, alpha):
    return np.where(x > 0, x, alpha * x)


class prelu_forward(Exercise):
    """Leaky ReLU whose slopes are learned, one for each channel (He 2015)."""

    signature = "prelu_forward(x, alpha) -> out, cache"
    minutes = 7
    difficulty = 2
    extra = True
    hints = (
        "Broadcasting aligns shapes from the right. Where does the channel axis have to stand for "
        "alpha to meet it?",
        "Reshape alpha so that it has as many axes as x, all of length 1 but axis 1.",
    )

    def cases(self, rng):
        yield Case("rows", 1, x=both_signs(rng, 5, 3), alpha=np.array([0.25, 0.6, 0.1]))
        # Slopes above 1 and below 0 can be learned; nothing keeps them in between.
        alpha = np.array([0.25, 1.7, -0.3])
        yield Case("images", 1, x=both_signs(rng, 2, 3, 4, 5), alpha=alpha)
        yield Case("images as wide as there are channels", 1,
                   x=both_signs(rng, 4, 3, 2, 3), alpha=alpha[::-1].copy())  # fmt: skip
        x = both_signs(rng, 4, 2).astype("f4")
        yield Case("single precision", 1, x=x, alpha=np.array([0.1, 0.4], dtype="f4"))

    def observe(self, code, x, alpha):
        out, _ = code.prelu_forward(x, alpha)
        return {"out": out}

    def reference(self, x, alpha):
        x, alpha = torch.tensor(x, device=self.device), torch.tensor(alpha, device=self.device)
        return {"out": F.prelu(x, alpha)}

    @mistake
    def alpha_along_the_last_axis(self, right, x, alpha):
        """alpha meets the last axis of x, the width, since broadcasting aligns from the right. It
        belongs to axis 1, the channels."""
        if x.ndim == 4:
            fits = x.shape[-1] == alpha.size
            return {"out": leaky(x, alpha) if fits else raises("ValueError", "broadcast")}

    @mistake
    def larger_of_the_two(self, right, x, alpha):
        """The larger of x and αx is right only while α is at most 1, and nothing keeps a learned
        α there. Choose by the sign of x."""
        return {"out": np.maximum(x, per_channel(alpha, x) * x)}

    @mistake
    def one_alpha_for_all(self, right, x, alpha):
        """Every channel uses the first α in yours. Each has its own."""
        return {"out": leaky(x, alpha[0])}

    @mistake
    def mean_alpha_for_all(self, right, x, alpha):
        """Every channel uses the mean α in yours. Each has its own."""
        return {"out": leaky(x, alpha.mean())}

    @mistake
    def alpha_ignored(self, right, x, alpha):
        """Nothing comes through on the negative side: that is a plain ReLU."""
        return {"out": np.maximum(x, 0)}

    @mistake
    def alpha_on_the_right(self, right, x, alpha):
        """α belongs to the negative side. Yours is on the positive one."""
        return {"out": np.where(x > 0, per_channel(alpha, x) * x, x)}

    @mistake
    def starting_value_for_alpha(self, right, x, alpha):
        """Your slope is 0.25, the value that α starts from. It has been learned since: use the
        argument."""
        return {"out": leaky(x, x.dtype.type(0.25))}


class prelu_backward(Exercise):
    """The gradients of a PReLU with respect to its input and to its slopes."""

    signature = "prelu_backward(dout, cache) -> dx, dalpha"
    needs = ("prelu_forward",)
    minutes = 12
    difficulty = 3
    extra = True
    hints = (
        "One α is used by every example and at every place of its channel, so its gradient is a "
        "sum over all of those.",
        "How much does an output change when α changes a little? On the right not at all; on the "
        "left by the input. Then the chain rule.",
    )

    def cases(self, rng):
        alpha = np.array([0.25, 1.7, -0.3])
        yield Case("rows", 1, x=both_signs(rng, 5, 3), alpha=alpha, dout=both_signs(rng, 5, 3))
        yield Case("images", 1, x=both_signs(rng, 2, 3, 4, 5), alpha=alpha,
                   dout=both_signs(rng, 2, 3, 4, 5))  # fmt: skip
        zeros = both_signs(rng, 4, 3, 2, 3)
        zeros[:, :, 0, 0] = 0
        yield Case("inputs of exactly 0", 1, x=zeros, alpha=alpha[::-1].copy(),
                   dout=both_signs(rng, 4, 3, 2, 3))  # fmt: skip
        yield Case("single precision", 1,
                   x=both_signs(rng, 4, 2).astype("f4"), alpha=np.array([0.1, 0.4], dtype="f4"),
                   dout=both_signs(rng, 4, 2).astype("f4"))  # fmt: skip

    def observe(self, code, x, alpha, dout):
        _, cache = code.prelu_forward(x, alpha)
        dx, dalpha = code.prelu_backward(dout, cache)
        return {"dx": dx, "dalpha": dalpha}

    def reference(self, x, alpha, dout):
        x = torch.tensor(x, device=self.device, requires_grad=True)
        alpha = torch.tensor(alpha, device=self.device, requires_grad=True)
        dout = torch.tensor(dout, device=self.device)
        dx, dalpha = torch.autograd.grad(F.prelu(x, alpha), (x, alpha), dout)
        return {"dx": dx, "dalpha": dalpha}

    @staticmethod
    def over_channels(terms):
        """Sum over everything but axis 1."""
        return terms.sum(axis=(0, *range(2, terms.ndim)))

    @mistake
    def dalpha_not_summed(self, right, x, alpha, dout):
        """Your dalpha has one entry for every entry of x. One α serves a whole channel: sum over
        the examples and over space."""
        return {"dalpha": dout * np.minimum(x, 0)}

    @mistake
    def dalpha_summed_over_examples_only(self, right, x, alpha, dout):
        """You sum dalpha over the examples only. For images the same α is used at every pixel,
        so the sum runs over height and width too."""
        if x.ndim == 4:
            return {"dalpha": (dout * np.minimum(x, 0)).sum(0)}

    @mistake
    def dalpha_is_one_number(self, right, x, alpha, dout):
        """You sum dalpha over everything. Each channel has an α of its own: leave axis 1."""
        return {"dalpha": (dout * np.minimum(x, 0)).sum()}

    @mistake
    def dalpha_averaged(self, right, x, alpha, dout):
        """You average dalpha over the examples and places. The layer sums; a mean, where there
        is one, comes from the loss and is in dout already."""
        uses = x.dtype.type(x.size // alpha.size)
        return {"dalpha": self.over_channels(dout * np.minimum(x, 0)) / uses}

    @mistake
    def dalpha_without_dout(self, right, x, alpha, dout):
        """Your dalpha is the local derivative, summed. Multiply by dout before you sum."""
        return {"dalpha": self.over_channels(np.minimum(x, 0))}

    @mistake
    def dalpha_from_both_sides(self, right, x, alpha, dout):
        """Positive inputs count in your dalpha. α has no part in their outputs."""
        return {"dalpha": self.over_channels(dout * x)}

    @mistake
    def dalpha_counts_inputs(self, right, x, alpha, dout):
        """Your dalpha sums dout where x is negative. On the left the output is α·x: how much
        does it change when α does?"""
        return {"dalpha": self.over_channels(dout * (x < 0))}

    @mistake
    def dx_is_zero_on_the_left(self, right, x, alpha, dout):
        """Your dx is a plain ReLU's: nothing comes back on the left. The slope there is α."""
        return {"dx": dout * (x > 0)}

    @mistake
    def dx_is_one_at_zero(self, right, x, alpha, dout):
        """At exactly 0 the derivative is taken from the left, so it is α. Your dx has slope 1
        there."""
        return {"dx": np.where(x >= 0, dout, per_channel(alpha, x) * dout)}

    @mistake
    def dx_without_dout_on_the_left(self, right, x, alpha, dout):
        """On the left your dx is α itself, the local slope. Multiply it by dout."""
        return {"dx": np.where(x > 0, dout, per_channel(alpha, x))}


class maxout_forward(Exercise):
    """The larger of two affine maps (Goodfellow 2013)."""

    signature = "maxout_forward(x, W1, b1, W2, b2) -> out, cache"
    minutes = 6
    extra = True
    hints = (
        "Compute both maps in full, then compare them element by element.",
        "The backward pass must know which map won in each place: keep that, not only the "
        "larger value.",
    )

    def cases(self, rng):
        def inputs(n, d, h):
            return {"x": both_signs(rng, n, d), "W1": rng.normal(size=(d, h)),
                    "b1": both_signs(rng, h), "W2": rng.normal(size=(d, h)),
                    "b2": both_signs(rng, h)}  # fmt: skip

        yield Case("five examples", 1, **inputs(5, 3, 4))
        yield Case("one example", 1, **inputs(1, 4, 6))
        single = {name: value.astype("f4") for name, value in inputs(6, 2, 3).items()}
        yield Case("single precision", 1, **single)

    def observe(self, code, x, W1, b1, W2, b2):
        out, _ = code.maxout_forward(x, W1, b1, W2, b2)
        return {"out": out}

    def reference(self, **inputs):
        x, W1, b1, W2, b2 = (torch.tensor(v, device=self.device) for v in inputs.values())
        return {"out": torch.stack([F.linear(x, W1.T, b1), F.linear(x, W2.T, b2)]).amax(0)}

    @mistake
    def smaller_of_the_two(self, right, x, W1, b1, W2, b2):
        """You take the smaller of the two maps."""
        return {"out": np.minimum(x @ W1 + b1, x @ W2 + b2)}

    @mistake
    def biases_forgotten(self, right, x, W1, b1, W2, b2):
        """Your maps are linear: the biases are missing."""
        return {"out": np.maximum(x @ W1, x @ W2)}

    @mistake
    def one_bias_for_both(self, right, x, W1, b1, W2, b2):
        """Both of your maps use b1. Each has its own bias."""
        return {"out": np.maximum(x @ W1, x @ W2) + b1}

    @mistake
    def sum_of_the_two(self, right, x, W1, b1, W2, b2):
        """You add the two maps. A sum of affine maps is affine again; it is the maximum that
        bends."""
        return {"out": x @ W1 + b1 + x @ W2 + b2}

    @mistake
    def larger_weights(self, right, x, W1, b1, W2, b2):
        """You compare the weights and use the larger ones. Compare the two outputs, for each
        example anew."""
        return {"out": x @ np.maximum(W1, W2) + np.maximum(b1, b2)}

    @mistake
    def rectified_too(self, right, x, W1, b1, W2, b2):
        """Negative outputs are cut to 0 in yours. A Maxout unit may be negative: that is what
        distinguishes it from two ReLUs."""
        return {"out": np.maximum(right["out"], 0)}


class maxout_backward(Exercise):
    """The gradients of a Maxout layer; on a tie the first map takes all."""

    signature = "maxout_backward(dout, cache) -> dx, dW1, db1, dW2, db2"
    needs = ("maxout_forward",)
    minutes = 12
    difficulty = 3
    extra = True
    hints = (
        "Each entry of the output came from one of the two maps. Only that one hears of dout.",
        "Split dout in two by a mask. Each part then goes back through an ordinary affine map.",
        "x feeds both maps, so dx is a sum of two.",
    )

    def cases(self, rng):
        def inputs(n, d, h):
            return {"x": both_signs(rng, n, d), "W1": rng.normal(size=(d, h)),
                    "b1": both_signs(rng, h), "W2": rng.normal(size=(d, h)),
                    "b2": both_signs(rng, h), "dout": both_signs(rng, n, h)}  # fmt: skip

        yield Case("seven examples", 1, **inputs(7, 3, 4))
        tied = inputs(5, 2, 3)
        tied["W2"][:, 1], tied["b2"][1] = tied["W1"][:, 1], tied["b1"][1]
        yield Case("a unit whose two maps are the same", 1, **tied)
        single = {name: value.astype("f4") for name, value in inputs(6, 2, 5).items()}
        yield Case("single precision", 1, **single)

    def observe(self, code, x, W1, b1, W2, b2, dout):
        _, cache = code.maxout_forward(x, W1, b1, W2, b2)
        names = ("dx", "dW1", "db1", "dW2", "db2")
        return dict(zip(names, code.maxout_backward(dout, cache), strict=True))

    def reference(self, **inputs):
        x, W1, b1, W2, b2, dout = (
            torch.tensor(v, device=self.device, requires_grad=name != "dout")
            for name, v in inputs.items()
        )
        first, second = x @ W1 + b1, x @ W2 + b2
        out = torch.where(first >= second, first, second)
        names = ("dx", "dW1", "db1", "dW2", "db2")
        grads = torch.autograd.grad(out, (x, W1, b1, W2, b2), dout)
        return dict(zip(names, grads, strict=True))

    @staticmethod
    def back(first, second, x, W1, W2):
        """All gradients when `first` and `second` are what each map hears from above."""
        return {
            "dx": first @ W1.T + second @ W2.T, "dW1": x.T @ first, "db1": first.sum(0),
            "dW2": x.T @ second, "db2": second.sum(0),
        }  # fmt: skip

    @staticmethod
    def margin(x, W1, b1, W2, b2):
        return (x @ W1 + b1) - (x @ W2 + b2)

    @mistake
    def both_maps_hear_it(self, right, x, W1, b1, W2, b2, dout):
        """Both maps receive all of dout. Only the one that was larger made the output."""
        return self.back(dout, dout, x, W1, W2)

    @mistake
    def mask_is_swapped(self, right, x, W1, b1, W2, b2, dout):
        """The two maps have changed places: the gradient goes to the smaller one."""
        first = self.margin(x, W1, b1, W2, b2) >= 0
        return self.back(dout * ~first, dout * first, x, W1, W2)

    @mistake
    def tie_is_split(self, right, x, W1, b1, W2, b2, dout):
        """Where the maps are equal you give each a half, as torch.maximum does. Here the first
        takes all."""
        share = np.heaviside(self.margin(x, W1, b1, W2, b2), 0.5).astype(x.dtype)
        return self.back(dout * share, dout * (1 - share), x, W1, W2)

    @mistake
    def tie_goes_to_the_second(self, right, x, W1, b1, W2, b2, dout):
        """Where the maps are equal the gradient goes to the second in yours. Here the first
        takes it: look at your comparison."""
        first = self.margin(x, W1, b1, W2, b2) > 0
        return self.back(dout * first, dout * ~first, x, W1, W2)

    @mistake
    def tie_goes_to_both(self, right, x, W1, b1, W2, b2, dout):
        """Where the maps are equal each receives all of dout, so it is counted twice. The first
        takes it; the second gets what is left."""
        margin = self.margin(x, W1, b1, W2, b2)
        return self.back(dout * (margin >= 0), dout * (margin <= 0), x, W1, W2)

    @mistake
    def dx_through_one_map(self, right, x, W1, b1, W2, b2, dout):
        """Your dx comes back through the first map only. x feeds both."""
        first = self.margin(x, W1, b1, W2, b2) >= 0
        return {"dx": (dout * first) @ W1.T}

    @mistake
    def bias_averaged(self, right, x, W1, b1, W2, b2, dout):
        """You average the bias gradients over the batch. Sum them; a mean comes from the
        loss."""
        n = x.dtype.type(len(x))
        return {"db1": right["db1"] / n, "db2": right["db2"] / n}

    @mistake
    def bias_without_mask(self, right, x, W1, b1, W2, b2, dout):
        """Your bias gradients are the same for both maps. A bias hears only of the outputs that
        its own map made."""
        return {"db1": dout.sum(0), "db2": dout.sum(0)}


class q02_maxout_parameters(Question):
    """How many numbers a Maxout layer learns."""

    extra = True

    def cases(self, rng):
        yield Case("answer", 1, d=10 * int(rng.integers(3, 9)), h=10 * int(rng.integers(10, 20)))

    def text(self, d, h):
        return (
            f"A Maxout layer of two maps takes {d} inputs and has {h} units. How many parameters "
            "does it learn, biases included? (Answer with a number.)"
        )

    def reference(self, d, h):
        maps = [torch.nn.Linear(d, h, device="meta") for _ in range(2)]
        return {"answer": sum(p.numel() for layer in maps for p in layer.parameters())}

    @mistake
    def one_map(self, right, d, h):
        """That is an ordinary affine layer. A Maxout unit chooses between two."""
        return {"answer": d * h + h}

    @mistake
    def no_biases(self, right, d, h):
        """Those are the weights. Each map has a bias a unit besides."""
        return {"answer": 2 * d * h}

    @mistake
    def shared_bias(self, right, d, h):
        """You count the biases once. Each of the two maps has its own."""
        return {"answer": 2 * d * h + h}
