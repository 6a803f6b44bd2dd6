"""Exercise of notebook 05 on inverted dropout: the way back."""

import numpy as np

from autograder.exercise import Case, Exercise, mistake, near, raises
from autograder.exercises.activations.saturating import both_signs
from autograder.exercises.regularization.masks import NOT_ONE, factors, share_kept

AT_ZERO = "share of gradients where x is 0"


class dropout_backward(Exercise):
    """The gradient of inverted dropout."""

    signature = "dropout_backward(dout, cache) -> dx"
    growth = {"dout": 1}, {}
    needs = ("dropout_forward",)
    minutes = 6
    reads = {
        "shape": "the shape of your `dx`",
        "dtype": "the dtype of your `dx` is {seen}; {right} is right",
        "factor where kept": "the factor on `dout` where the forward pass kept x",
        "factor where dropped": "the factor on `dout` where the forward pass dropped x",
        AT_ZERO: "the share of entries of your `dx` that are not 0 where x itself is 0",
    }
    hints = (
        "An output is its input times a number, 0 or a factor. What is its derivative?",
        "You need the same numbers as in the forward pass, so keep them in the cache. In test "
        "mode the layer changed nothing, forward or backward.",
    )

    def cases(self, rng):
        for name, points, low, kind, above, after in [
            ("few are kept", 1, 0.25, "f4", "f8", {}),  # dx has the dtype of dout
            ("most are kept, single precision", 0.5, 0.6, "f4", "f4", {}),
            # A learner's net has one dict, whose mode has changed before the backward pass.
            ("the dict says otherwise by then", 0.5, 0.4, "f8", "f8", {"mode": "test", "p": 0.9}),
        ]:
            n, d = (int(size) for size in rng.integers([40, 30], [50, 40]))
            x, dout = both_signs(rng, n, d).astype(kind), both_signs(rng, n, d).astype(above)
            # Half of x is 0, as behind a ReLU: there the output does not show the mask.
            p = float(rng.uniform(low, low + 0.1))
            yield Case(name, points, x=np.maximum(x, 0), dout=dout, mode="train", p=p,
                       rng_seed=int(rng.integers(1e6)), after=after)  # fmt: skip
        n, d = (int(size) for size in rng.integers(4, 9, 2))
        yield Case("test mode", 1, x=both_signs(rng, n, d), dout=both_signs(rng, n, d),
                   mode="test", p=0.7, rng_seed=int(rng.integers(1e6)), after={})  # fmt: skip

    def observe(self, code, x, dout, mode, p, rng_seed, after):
        param = {"mode": "train", "p": p, "rng": np.random.default_rng(rng_seed)}
        if mode == "test":  # the same dict has served a training step
            code.dropout_forward(x + 1, param)
            param["mode"] = "test"
        out, cache = code.dropout_forward(x.copy(), param)
        code.dropout_forward(x + 1, param)  # a mask that is kept outside the cache is lost now
        param.update(after)
        return {"out": out, "dx": code.dropout_backward(dout, cache)}

    def read(self, seen, x, dout, mode, p, rng_seed, after):
        """By what dout was multiplied, apart for what the forward pass kept and dropped."""
        dx = seen["dx"]
        if mode == "test":
            return {"dx": dx}
        if dx.shape != dout.shape:
            return {"shape": list(dx.shape)}
        kept, told = seen["out"] != 0, x != 0
        return {
            "shape": list(dx.shape),
            "dtype": dx.dtype.name,
            "factor where kept": factors((dx / dout)[kept & told]),
            "factor where dropped": factors((dx / dout)[~kept & told]),
            AT_ZERO: float((dx != 0)[~told].mean()),
        }

    def reference(self, x, dout, mode, p, rng_seed, after):
        if mode == "test":
            return {"dx": dout}
        return {
            "shape": list(dout.shape),
            "dtype": dout.dtype.name,
            "factor where kept": near(np.full(2, 1 / p), rtol=1e-5, atol=0),
            "factor where dropped": np.zeros(2),
            AT_ZERO: share_kept(p, int((x == 0).sum())),
        }

    def shown(self, right, kept=None, dropped=None, at_zero=None):
        """Other factors, and another share of gradients where x is 0."""
        values = {"factor where kept": kept, "factor where dropped": dropped}
        arrays = {k: np.array(v) for k, v in values.items() if v is not None and k in right}
        return arrays if at_zero is None or AT_ZERO not in right else {**arrays, AT_ZERO: at_zero}

    @mistake
    def mask_without_factor(self, right, x, dout, mode, p, rng_seed, after):
        """You pass on what was kept, but without the factor that it was multiplied by in the
        forward pass."""
        return self.shown(right, [1.0, 1.0])

    @mistake
    def factor_twice(self, right, x, dout, mode, p, rng_seed, after):
        """The factor comes in twice: the mask that your forward pass kept holds it already."""
        return self.shown(right, [1 / p**2, 1 / p**2])

    @mistake
    def factor_turned(self, right, x, dout, mode, p, rng_seed, after):
        """You multiply by p where the forward pass divided. The derivative of x/p is 1/p."""
        return self.shown(right, [p, p])

    @mistake
    def other_probability(self, right, x, dout, mode, p, rng_seed, after):
        """You divide by 1 − p where the forward pass divided by p. The derivative of x/p is 1/p."""
        return self.shown(right, [1 / (1 - p), 1 / (1 - p)])

    @mistake
    def passed_through(self, right, x, dout, mode, p, rng_seed, after):
        """dout passes unchanged, also to inputs that were dropped. What was dropped had no part in
        the output."""
        return self.shown(right, [1.0, 1.0], [1.0, 1.0], 1.0)

    @mistake
    def scaled_without_mask(self, right, x, dout, mode, p, rng_seed, after):
        """Everything gets the factor, also what was dropped. That had no part in the output: its
        gradient is 0."""
        return self.shown(right, dropped=[1 / p, 1 / p], at_zero=1.0)

    @mistake
    def another_mask(self, right, x, dout, mode, p, rng_seed, after):
        """The mask of your backward pass is not that of the forward pass: it was drawn anew, or
        another call has overwritten it. Keep it in the cache."""
        return self.shown(right, [0.0, 1 / p], [0.0, 1 / p])

    @mistake
    def another_mask_without_factor(self, right, x, dout, mode, p, rng_seed, after):
        """The mask of your backward pass is not that of the forward pass, and the factor 1/p is
        missing. Keep in the cache what x was multiplied by."""
        return self.shown(right, [0.0, 1.0], [0.0, 1.0])

    @mistake
    def mode_of_now(self, right, x, dout, mode, p, rng_seed, after):
        """You take the mode that the dict has by now, as when the cache holds the dict itself. The
        forward pass was in training mode: put what it did into the cache."""
        if after:
            return self.shown(right, [1.0, 1.0], [1.0, 1.0], 1.0)

    @mistake
    def probability_of_now(self, right, x, dout, mode, p, rng_seed, after):
        """You take the p that the dict has by now, as when the cache holds the dict itself. The
        forward pass divided by another: put what it did into the cache."""
        if after:
            return self.shown(right, [1 / after["p"], 1 / after["p"]])

    @mistake
    def mask_turned(self, right, x, dout, mode, p, rng_seed, after):
        """The gradient goes to the inputs that were dropped. It is the others that had a part in
        the output."""
        return self.shown(right, [0.0, 0.0], [1 / p, 1 / p], 1 - p)

    @mistake
    def mask_from_the_output(self, right, x, dout, mode, p, rng_seed, after):
        """Where x itself is 0 your gradient is 0 too, as when the mask is taken from where the
        output is not 0. Such an input may have been kept: put the mask into the cache."""
        return self.shown(right, at_zero=0.0)

    @mistake
    def times_the_input(self, right, x, dout, mode, p, rng_seed, after):
        """You multiply dout by numbers that differ from entry to entry, as the inputs or outputs
        do. In the forward pass each input was multiplied by 0 or by 1/p: that is its derivative."""
        if mode == "train":
            return {"factor where kept": NOT_ONE, AT_ZERO: 0.0}

    @mistake
    def nothing_at_test(self, right, x, dout, mode, p, rng_seed, after):
        """In test mode your code stops for want of a mask. The layer was the identity there: its
        gradient is dout."""
        return {"dx": raises("TypeError", "NoneType")} if mode == "test" else None

    @mistake
    def returns_nothing_at_test(self, right, x, dout, mode, p, rng_seed, after):
        """In test mode you return nothing. The layer was the identity there: its gradient is
        dout."""
        return {"dx": None} if mode == "test" else None

    @mistake
    def zero_at_test(self, right, x, dout, mode, p, rng_seed, after):
        """In test mode your gradient is 0. The layer was the identity there: its gradient is
        dout."""
        return {"dx": np.zeros_like(dout)} if mode == "test" else None

    @mistake
    def scaled_at_test(self, right, x, dout, mode, p, rng_seed, after):
        """You divide by p in test mode. The forward pass did nothing there, so dout passes as it
        is."""
        return {"dx": dout / p} if mode == "test" else None

    @mistake
    def scaled_down_at_test(self, right, x, dout, mode, p, rng_seed, after):
        """You multiply by p in test mode. The forward pass did nothing there, so dout passes as it
        is."""
        return {"dx": dout * p} if mode == "test" else None

    @mistake
    def masked_at_test(self, right, x, dout, mode, p, rng_seed, after):
        """In test mode your gradient is that of an earlier training step: its mask is still in use.
        The layer was the identity: its gradient is dout."""
        if mode == "test":
            # The first call of the generator is the training step; which numbers it keeps is
            # that of the usual mask.
            return {"dx": dout * (np.random.default_rng(rng_seed).random(x.shape) < p) / p}

    @mistake
    def wider_dtype(self, right, x, dout, mode, p, rng_seed, after):
        """float32 comes in and float64 goes out: the mask is float64, or an array that dx was made
        in. Your dx has the dtype of dout."""
        return {"dtype": "float64"} if dout.dtype == np.float32 else None

    @mistake
    def dtype_of_x(self, right, x, dout, **inputs):
        """Your dx has the dtype of x, as that of the mask in the cache. It has the dtype of
        dout."""
        return {"dtype": x.dtype.name} if "dtype" in right else None
