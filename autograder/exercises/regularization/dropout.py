"""Exercises of notebook 05 on inverted dropout, forward and backward.

What is averaged over its noise is in `averaging`, penalties are in `penalties`.
"""

import math

import numpy as np

from autograder.exercise import Case, Exercise, mistake, near, raises, statistic
from autograder.exercises.activations.saturating import both_signs


def share_kept(p, size):
    """What a share of kept numbers may be: a binomial's mean and standard error."""
    return statistic(p, math.sqrt(p * (1 - p) / size))


def limits(values):
    """The smallest and the largest; NaN twice where there are none."""
    values = np.asarray(values, dtype=float)
    return np.array([values.min(), values.max()]) if values.size else np.full(2, np.nan)


class dropout_forward(Exercise):
    """Inverted dropout (Srivastava 2014); p is the probability to keep."""

    signature = "dropout_forward(x, dropout_param) -> out, cache"
    minutes = 10
    difficulty = 2
    hints = (
        "A number that is uniform on [0, 1) is below p with probability p. Draw one for each entry "
        "of x, from the generator you are given.",
        "What is the mean of an output, when an input of 1 is kept with probability p? What must "
        "it be multiplied by for the mean to be 1? Then test mode has nothing left to do.",
    )

    def cases(self, rng):
        yield Case("keep a quarter", 1, x=both_signs(rng, 200, 150),
                   param={"mode": "train", "p": 0.25}, rng_seed=int(rng.integers(1e6)))  # fmt: skip
        yield Case("images, keep seven tenths", 1, x=both_signs(rng, 6, 5, 40, 30),
                   param={"mode": "train", "p": 0.7}, rng_seed=int(rng.integers(1e6)))  # fmt: skip
        yield Case("a seed instead of a generator, single precision", 1,
                   x=both_signs(rng, 150, 200).astype(np.float32),
                   param={"mode": "train", "p": 0.7, "seed": int(rng.integers(1e6))},
                   rng_seed=None)  # fmt: skip
        yield Case("test mode", 1, x=both_signs(rng, 9, 7), param={"mode": "test", "p": 0.25},
                   rng_seed=None)  # fmt: skip
        yield Case("test mode, with a generator", 1, x=both_signs(rng, 7, 8),
                   param={"mode": "test", "p": 0.7}, rng_seed=int(rng.integers(1e6)))  # fmt: skip

    def observe(self, code, x, param, rng_seed):
        def fresh():
            given = {} if rng_seed is None else {"rng": np.random.default_rng(rng_seed)}
            return {**param, **given}

        shared = fresh()
        first, _ = code.dropout_forward(x, shared)
        second, _ = code.dropout_forward(x, shared)
        again, _ = code.dropout_forward(x, fresh())
        return {"first": first, "second": second, "again": again}

    def read(self, seen, x, param, rng_seed):
        """What the mask does: which numbers it keeps is the generator's business."""
        out = seen["first"]
        if out.shape != x.shape:
            return {"shape": list(out.shape)}
        found = {"shape": list(out.shape), "dtype": out.dtype.name}
        p = param["p"]
        if param["mode"] == "test":
            whole = {"x": x, "x times p": p * x, "x divided by p": x / p}
            words = [name for name, value in whole.items() if np.allclose(out, value)]
            dropped = "x with some numbers dropped" if (out == 0).any() else "something else"
            return found | {"at test": words[0] if words else dropped}
        kept = out != 0
        flat = kept.reshape(len(x), -1)
        pattern = "each number by itself"
        if (flat == flat[0]).all():
            pattern = "the same for all examples"
        elif (flat == flat[:, :1]).all():
            pattern = "whole examples"
        found |= {
            "dropped": pattern,
            "share kept": float(kept.mean()),
            "factor on what is kept": limits(out[kept] / x[kept]),
            "mask from an equal generator": self.against(seen["again"], kept),
        }
        if rng_seed is not None:
            found["mask of the next call"] = self.against(seen["second"], kept)
        return found

    @staticmethod
    def against(out, kept):
        return "the same" if np.array_equal(out != 0, kept) else "another"

    def reference(self, x, param, rng_seed):
        p = param["p"]
        right = {"shape": list(x.shape), "dtype": x.dtype.name}
        if param["mode"] == "test":
            return right | {"at test": "x"}
        factor = near(np.full(2, 1 / p), rtol=1e-5, atol=0)
        right |= {
            "dropped": "each number by itself",
            "share kept": share_kept(p, x.size),
            "factor on what is kept": factor,
            "mask from an equal generator": "the same",
        }
        return right | ({} if rng_seed is None else {"mask of the next call": "another"})

    def trained(self, right, share=None, factor=None, **others):
        """Changes that show in training mode only."""
        if "share kept" not in right:
            return {}
        shown = others if share is None else {"share kept": share, **others}
        return shown if factor is None else {"factor on what is kept": np.full(2, factor), **shown}

    @mistake
    def p_taken_for_drop(self, right, x, param, rng_seed):
        """You drop with probability p. Here p is the probability to keep; in torch's nn.Dropout it
        is the other way round."""
        return self.trained(right, 1 - param["p"], 1 / (1 - param["p"]))

    @mistake
    def comparison_turned(self, right, x, param, rng_seed):
        """You keep where you should drop. The factor is right, the share is not: a uniform
        number is below p with probability p."""
        return self.trained(right, 1 - param["p"])

    @mistake
    def not_scaled(self, right, x, param, rng_seed):
        """What is kept is not scaled, and in test mode nothing is: the next layer sees a larger
        input at test than it was trained with. Inverted dropout makes up for it in training."""
        return self.trained(right, factor=1.0)

    @mistake
    def scaled_at_test_instead(self, right, x, param, rng_seed):
        """You scale in test mode instead of in training. That is the paper's first form, and the
        mean is right; inverted dropout scales while training, so that test mode is free."""
        return self.trained(right, factor=1.0) or {"at test": "x times p"}

    @mistake
    def scaled_down(self, right, x, param, rng_seed):
        """You multiply what is kept by p. The mean falls by p from the dropping already: it has
        to be made up for."""
        return self.trained(right, factor=param["p"])

    @mistake
    def scaled_by_the_share_dropped(self, right, x, param, rng_seed):
        """You keep the right share and divide by the other one. What makes the mean right is
        dividing by the probability to keep."""
        return self.trained(right, factor=1 / (1 - param["p"]))

    @mistake
    def scaled_twice(self, right, x, param, rng_seed):
        """Training is right, and you scale again in test mode. Then it counts twice: test mode
        returns x."""
        return {"at test": "x times p"} if "at test" in right else None

    @mistake
    def drops_at_test(self, right, x, param, rng_seed):
        """You drop in test mode too. Predictions would be random: in test mode the layer returns
        x."""
        return {"at test": "x with some numbers dropped"} if "at test" in right else None

    @mistake
    def one_mask_for_all_examples(self, right, x, param, rng_seed):
        """Every example of your batch loses the same units. Each draws its own: the mask has the
        shape of x."""
        return self.trained(right, dropped="the same for all examples")

    @mistake
    def whole_examples_dropped(self, right, x, param, rng_seed):
        """You drop whole examples. One draw for each number: the mask has the shape of x."""
        return self.trained(right, dropped="whole examples")

    @mistake
    def normal_numbers(self, right, x, param, rng_seed):
        """The share that you keep is that of normal numbers below p. They should be uniform on
        [0, 1)."""
        return self.trained(right, 0.5 * (1 + math.erf(param["p"] / math.sqrt(2))))

    @mistake
    def generator_not_used(self, right, x, param, rng_seed):
        """Two equal generators give different masks: yours come from somewhere else. Without the
        one in dropout_param nobody can repeat your run, or check its gradient."""
        return self.trained(right, **{"mask from an equal generator": "another"})

    @mistake
    def mask_never_changes(self, right, x, param, rng_seed):
        """The next call gets the same mask. A generator that is made anew, or seeded anew, in
        every call drops the same units for ever."""
        if rng_seed is not None:
            return self.trained(right, **{"mask of the next call": "the same"})

    @mistake
    def wider_dtype(self, right, x, param, rng_seed):
        """float32 comes in and float64 goes out. Uniform numbers are float64, and so is a mask
        that was divided; x should decide."""
        return {"dtype": "float64"} if x.dtype == np.float32 else None

    @mistake
    def called_like_the_old_generator(self, right, x, param, rng_seed):
        """A numpy Generator has no rand: what is meant is called random, and takes the shape as
        one argument."""
        if rng_seed is not None and "share kept" in right:
            return dict.fromkeys(right, raises("AttributeError", "Generator"))


class dropout_backward(Exercise):
    """The gradient of inverted dropout."""

    signature = "dropout_backward(dout, cache) -> dx"
    needs = ("dropout_forward",)
    minutes = 6
    hints = (
        "An output is its input times a number, 0 or a factor. What is its derivative?",
        "The same numbers as in the forward pass: they have to be in the cache. In test mode the "
        "layer did nothing, forward and backward.",
    )

    def cases(self, rng):
        for name, points, p, kind in [
            ("keep a quarter", 1, 0.25, "f8"),
            ("keep seven tenths, single precision", 1, 0.7, "f4"),
        ]:
            x, dout = both_signs(rng, 20, 15).astype(kind), both_signs(rng, 20, 15).astype(kind)
            yield Case(name, points, x=x, dout=dout, mode="train", p=p,
                       rng_seed=int(rng.integers(1e6)))  # fmt: skip
        yield Case("test mode", 1, x=both_signs(rng, 5, 4), dout=both_signs(rng, 5, 4),
                   mode="test", p=0.7, rng_seed=None)  # fmt: skip

    def observe(self, code, x, dout, mode, p, rng_seed):
        param = {"mode": mode, "p": p}
        if rng_seed is not None:
            param["rng"] = np.random.default_rng(rng_seed)
        out, cache = code.dropout_forward(x, param)
        code.dropout_forward(x + 1, param)  # a mask that is kept outside the cache is lost now
        return {"out": out, "dx": code.dropout_backward(dout, cache)}

    def read(self, seen, x, dout, mode, p, rng_seed):
        """By what dout was multiplied, apart for what the forward pass kept and dropped."""
        dx = seen["dx"]
        if mode == "test" or dx.shape != dout.shape:
            return {"dx": dx}
        kept = seen["out"] != 0
        return {
            "dtype": dx.dtype.name,
            "factor where kept": limits(dx[kept] / dout[kept]),
            "factor where dropped": limits(dx[~kept] / dout[~kept]),
        }

    def reference(self, x, dout, mode, p, rng_seed):
        if mode == "test":
            return {"dx": dout}
        return {
            "dtype": x.dtype.name,
            "factor where kept": near(np.full(2, 1 / p), rtol=1e-5, atol=0),
            "factor where dropped": np.zeros(2),
        }

    def factors(self, right, kept=None, dropped=None):
        shown = {"factor where kept": kept, "factor where dropped": dropped}
        return {k: np.array(v) for k, v in shown.items() if v is not None and k in right}

    @mistake
    def mask_without_factor(self, right, x, dout, mode, p, rng_seed):
        """You pass on what was kept, but without the factor that it was multiplied by in the
        forward pass."""
        return self.factors(right, [1.0, 1.0])

    @mistake
    def factor_twice(self, right, x, dout, mode, p, rng_seed):
        """The factor comes in twice: it is in the cached mask, and you divide again."""
        return self.factors(right, [1 / p**2, 1 / p**2])

    @mistake
    def factor_turned(self, right, x, dout, mode, p, rng_seed):
        """You multiply by p where the forward pass divided. The derivative of x/p is 1/p."""
        return self.factors(right, [p, p])

    @mistake
    def passed_through(self, right, x, dout, mode, p, rng_seed):
        """dout passes unchanged, also to inputs that were dropped. What was dropped had no part in
        the output."""
        return self.factors(right, [1.0, 1.0], [1.0, 1.0])

    @mistake
    def scaled_without_mask(self, right, x, dout, mode, p, rng_seed):
        """Everything gets the factor, also what was dropped. That had no part in the output: its
        gradient is 0."""
        return self.factors(right, dropped=[1 / p, 1 / p])

    @mistake
    def another_mask(self, right, x, dout, mode, p, rng_seed):
        """The mask of your backward pass is not that of the forward pass: it was drawn anew, or
        another call has overwritten it. Keep it in the cache."""
        return self.factors(right, [0.0, 1 / p], [0.0, 1 / p])

    @mistake
    def mask_turned(self, right, x, dout, mode, p, rng_seed):
        """The gradient goes to the inputs that were dropped. It is the others that had a part in
        the output."""
        return self.factors(right, [0.0, 0.0], [1 / p, 1 / p])

    @mistake
    def nothing_at_test(self, right, x, dout, mode, p, rng_seed):
        """In test mode it returns nothing, or stops for want of a mask. The layer was the identity
        there: its gradient is dout."""
        return {"dx": raises("TypeError", "NoneType")} if mode == "test" else None

    @mistake
    def scaled_at_test(self, right, x, dout, mode, p, rng_seed):
        """You scale in test mode. The forward pass did nothing there, so dout passes as it is."""
        return {"dx": dout / p} if mode == "test" else None

    @mistake
    def wider_dtype(self, right, x, dout, mode, p, rng_seed):
        """float32 comes in and float64 goes out: it is the mask that is float64."""
        return {"dtype": "float64"} if dout.dtype == np.float32 else None
