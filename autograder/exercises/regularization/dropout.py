"""Exercises of notebook 05 on inverted dropout: the forward pass.

The way back is in `dropout_back`, what is averaged over its noise in `averaging`.
"""

import math

import numpy as np

from autograder.exercise import Case, mistake, near, raises
from autograder.exercises.activations.saturating import both_signs
from autograder.exercises.regularization.dropout_stops import DropoutStops
from autograder.exercises.regularization.masks import (
    ALL_OR_NONE,
    EQUAL,
    ITSELF,
    NOT_ONE,
    OF_THE_SHARE,
    share_kept,
    what_it_does,
)


class dropout_forward(DropoutStops):
    """Inverted dropout (Srivastava 2014); p is the probability to keep."""

    signature = "dropout_forward(x, dropout_param) -> out, cache"
    growth = {"x": 1}, {}
    minutes = 10
    difficulty = 2
    reads = {
        "shape": "the shape of your `out`",
        "dtype": "the dtype of your `out` is {seen}; {right} is right",
        "at test": "in test mode your `out` is {seen}; {right} is right",
        "dropped": "what you drop is {seen}; {right} is right",
        "share kept": "the share of numbers that you keep",
        "factor on what is kept": "the factor on what you keep",
        "how many are kept": "how many numbers you keep {seen} from call to call; it {right}",
        "with an equal generator": "with an equal generator your out is {seen}; {right} is right",
        "with an equal seed": "in another call with an equal seed your out is {seen}; {right} is "
        "right",
        "in the next call": "in the next call, same dict, your out is {seen}; {right} is right",
        "with another seed": "with another seed your out is {seen}; {right} is right",
    }
    hints = (
        "A number that is uniform on [0, 1) is below p with probability p. Draw one for each entry "
        "of x, from the generator you are given.",
        "What is the mean of an output if an input of 1 is kept with probability p? By what must "
        "you multiply it to make the mean 1? Then test mode has nothing left to do.",
    )

    def cases(self, rng):
        few, most = (lambda: float(rng.uniform(0.2, 0.3))), (lambda: float(rng.uniform(0.6, 0.7)))

        def x(*shape):
            free = shape[-2:]  # the others stay small
            sizes = [*shape[:-2], *(size + int(rng.integers(0, 9)) for size in free)]
            return both_signs(rng, *sizes)

        def seed():
            return int(rng.integers(1, 1e6))

        def train(p, **others):
            return {"mode": "train", "p": p, **others}

        yield Case("a generator, few are kept", 1, x=x(140, 120), param=train(few()),
                   rng_seed=seed())  # fmt: skip
        yield Case("images, most are kept, a generator, and a seed besides", 1, x=x(6, 5, 30, 20),
                   param=train(most(), seed=seed()), rng_seed=seed())  # fmt: skip
        single = x(120, 140).astype(np.float32)
        yield Case("a seed instead of a generator, single precision", 0.5, x=single,
                   param=train(most(), seed=seed()), rng_seed=None)  # fmt: skip
        yield Case("a seed of 0", 0.5, x=x(80, 90), param=train(few(), seed=0), rng_seed=None)
        at_test = {"mode": "test", "p": few()}
        yield Case("test mode", 1, x=x(9, 7), param=at_test, rng_seed=None)
        yield Case("test mode, with a generator", 1, x=x(7, 8), param=at_test, rng_seed=seed())

    def observe(self, code, x, param, rng_seed):
        kept = x.copy()  # each call gets an x of its own: code may change it

        def call(given, x=kept):
            return code.dropout_forward(x.copy(), given)[0]

        def fresh(change=None):
            given = {} if rng_seed is None else {"rng": np.random.default_rng(rng_seed)}
            return {**param, **given, **(change or {})}

        shared = fresh()
        first, _ = code.dropout_forward(x, shared)
        if param["mode"] == "test":
            return {"outs": [first]}
        following = call(shared)
        again = call(fresh())
        few = kept.ravel()[:6].reshape(2, 3, *[1] * (x.ndim - 2))

        def next_dict(k):
            return shared if rng_seed is not None else fresh({"seed": param["seed"] + k})

        more = [call(next_dict(k)) for k in range(1, 5)]
        small = [call(next_dict(k), few) for k in range(5, 45)]
        return {"outs": [first, *more], "small": small, "following": following, "again": again}

    def read(self, seen, x, param, rng_seed):
        """What the mask does: which numbers it keeps is the generator's business."""
        out = seen["outs"][0]
        found = {"shape": list(out.shape)}
        if out.shape != x.shape:
            return found
        found["dtype"] = out.dtype.name
        p = param["p"]
        if param["mode"] == "test":
            whole = {"x": x, "x times p": p * x, "x divided by p": x / p,
                     "x times 1 - p": (1 - p) * x, "x divided by 1 - p": x / (1 - p)}  # fmt: skip
            words = [name for name, value in whole.items() if np.allclose(out, value)]
            dropped = "x with some numbers dropped" if (out == 0).any() else "something else"
            return found | {"at test": words[0] if words else dropped}
        return found | what_it_does(seen, x, p, rng_seed is not None)

    def reference(self, x, param, rng_seed):
        p = param["p"]
        right = {"shape": list(x.shape), "dtype": x.dtype.name}
        if param["mode"] == "test":
            return right | {"at test": "x"}
        right |= {
            "dropped": ITSELF,
            "share kept": share_kept(p, x.size),
            "factor on what is kept": near(np.full(2, 1 / p), rtol=1e-5, atol=0),
            "how many are kept": "varies",
            EQUAL[rng_seed is not None]: "the same",
        }
        if rng_seed is not None:
            return right | {"in the next call": "another"}
        return right | {"in the next call": "the same", "with another seed": "another"}

    def trained(self, right, share=None, factor=None, **others):
        """Changes that show in training mode only."""
        if "share kept" not in right:
            return {}
        shown = others if share is None else {"share kept": share, **others}
        if factor is None:
            return shown
        factor = factor if isinstance(factor, str) else np.full(2, factor)
        return {"factor on what is kept": factor, **shown}

    @mistake
    def p_taken_for_drop(self, right, x, param, rng_seed):
        """You drop with probability p. Here p is the probability to keep; in torch's nn.Dropout it
        is the other way round."""
        return self.trained(right, 1 - param["p"], 1 / (1 - param["p"]))

    @mistake
    def comparison_turned(self, right, x, param, rng_seed):
        """You keep a share of 1 − p. It should be p: a uniform number is below p with probability
        p."""
        return self.trained(right, 1 - param["p"])

    @mistake
    def not_scaled(self, right, x, param, rng_seed):
        """You do not scale what is kept, so the next layer sees a larger input at test than it was
        trained with. Inverted dropout makes up for it in training: it divides by p."""
        return self.trained(right, factor=1.0)

    @mistake
    def scaled_at_test_instead(self, right, x, param, rng_seed):
        """You scale in test mode instead of in training. That is the paper's first form; inverted
        dropout scales while training, so that test mode is free."""
        return self.trained(right, factor=1.0) or {"at test": "x times p"}

    @mistake
    def scaled_down(self, right, x, param, rng_seed):
        """You multiply what is kept by p. The mean falls by p from the dropping already: it has
        to be made up for."""
        return self.trained(right, factor=param["p"])

    @mistake
    def scaled_by_the_share_dropped(self, right, x, param, rng_seed):
        """You divide what is kept by 1 − p, the probability to drop. What makes the mean right is
        dividing by the probability to keep."""
        return self.trained(right, factor=1 / (1 - param["p"]))

    @mistake
    def scaled_by_the_share_found(self, right, x, param, rng_seed):
        """You divide by the share that happened to be kept in this draw. Divide by p: that makes
        the mean right over all draws, and leaves each number's factor to itself."""
        return self.trained(right, factor=OF_THE_SHARE)

    @mistake
    def scaled_twice(self, right, x, param, rng_seed):
        """You multiply by p in test mode. Inverted dropout has made up for the dropping while it
        trains: test mode returns x."""
        return {"at test": "x times p"} if "at test" in right else None

    @mistake
    def divided_at_test(self, right, x, param, rng_seed):
        """You divide by p in test mode too. Nothing is dropped there, so there is nothing to make
        up for: test mode returns x."""
        return {"at test": "x divided by p"} if "at test" in right else None

    @mistake
    def share_dropped_at_test(self, right, x, param, rng_seed):
        """You multiply by 1 − p in test mode. Nothing is dropped there, and training has made up
        for its dropping itself: test mode returns x."""
        return {"at test": "x times 1 - p"} if "at test" in right else None

    @mistake
    def drops_at_test(self, right, x, param, rng_seed):
        """You drop in test mode too. Predictions would be random: in test mode the layer returns
        x."""
        return {"at test": "x with some numbers dropped"} if "at test" in right else None

    @mistake
    def drops_at_test_if_it_can(self, right, x, param, rng_seed):
        """You drop in test mode too, and stop where there is nothing to draw from. Predictions
        would be random: in test mode the layer returns x."""
        if "at test" in right:
            stop = dict.fromkeys(right, raises("KeyError"))
            return {"at test": "x with some numbers dropped"} if rng_seed is not None else stop

    @mistake
    def does_nothing(self, right, x, param, rng_seed):
        """In training mode your `out` is x: nothing is dropped. Is the mode read the right way
        round?"""
        nothing = {"dropped": "nothing", "in the next call": "the same"}
        seeds = {"with another seed": "the same"} if rng_seed is None else {}
        return self.trained(right, 1.0, 1.0, **nothing, **seeds)

    @mistake
    def noise_without_zeros(self, right, x, param, rng_seed):
        """You drop nothing: each number is multiplied by a random one of its own. Dropout
        multiplies by 0 or by one factor: compare each uniform number with p."""
        return self.trained(right, 1.0, NOT_ONE, dropped="nothing")

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
    def whole_maps_dropped(self, right, x, param, rng_seed):
        """You drop whole maps of images, as spatial dropout does. One draw for each number: the
        mask has the shape of x."""
        return self.trained(right, dropped="whole maps") if x.ndim == 4 else None

    @mistake
    def all_or_none(self, right, x, param, rng_seed):
        """You draw once for the whole array, so all of it is kept or all of it dropped. One draw
        for each number: the mask has the shape of x."""
        return self.trained(right, ALL_OR_NONE, ALL_OR_NONE, dropped=ALL_OR_NONE)

    @mistake
    def always_equally_many(self, right, x, param, rng_seed):
        """You keep equally many numbers in every call, as a permutation does. Each is kept on its
        own with probability p, so their number varies."""
        return self.trained(right, **{"how many are kept": "is always the same"})

    @mistake
    def normal_numbers(self, right, x, param, rng_seed):
        """The share that you keep is that of normal numbers below p. They should be uniform on
        [0, 1)."""
        return self.trained(right, 0.5 * (1 + math.erf(param["p"] / math.sqrt(2))))

    @mistake
    def a_coin(self, right, x, param, rng_seed):
        """You keep half of the numbers whatever p is. It should be a share of p."""
        return self.trained(right, 0.5)

    @mistake
    def a_coin_for_two(self, right, x, param, rng_seed):
        """You keep half of the numbers and double them, whatever p is. It should be a share of p,
        divided by p."""
        return self.trained(right, 0.5, 2.0)

    @mistake
    def generator_not_used(self, right, x, param, rng_seed):
        """Two equal generators give different masks: yours come from somewhere else. Without the
        one in dropout_param nobody can repeat your run, or check its gradient."""
        seeds = {"in the next call": "another"} if rng_seed is None else {}
        return self.trained(right, **{EQUAL[rng_seed is not None]: "another"}, **seeds)

    @mistake
    def mask_never_changes(self, right, x, param, rng_seed):
        """The next call gets the same mask. A generator that is made anew, copied, or seeded anew
        in every call drops the same units for ever: draw from the one in dropout_param itself."""
        if rng_seed is not None:
            return self.trained(right, **{"in the next call": "the same"})

    @mistake
    def seed_of_your_own(self, right, x, param, rng_seed):
        """Your mask is the same in every call, whatever generator or seed is given, as one from a
        seed that stands in your code. Draw from the generator in dropout_param."""
        name = "in the next call" if rng_seed is not None else "with another seed"
        return self.trained(right, **{name: "the same"})

    @mistake
    def seed_not_read(self, right, x, param, rng_seed):
        """Different seeds give the same mask. Where there is no generator, make one from the seed
        in dropout_param."""
        if rng_seed is None:
            return self.trained(right, **{"with another seed": "the same"})

    @mistake
    def seed_before_generator(self, right, x, param, rng_seed):
        """Where there are both a generator and a seed you take the seed, so the next call gets the
        same mask. The seed is for when there is no generator."""
        if rng_seed is not None and "seed" in param:
            return self.trained(right, **{"in the next call": "the same"})

    @mistake
    def generator_kept(self, right, x, param, rng_seed):
        """The next call with a seed gets another mask, as when the generator is kept in the dict. A
        new one is made from the seed in each call."""
        if rng_seed is None:
            return self.trained(right, **{"in the next call": "another"})

    @mistake
    def generator_kept_elsewhere(self, right, x, param, rng_seed):
        """Where only a seed is given, a second call with an equal seed gets another mask: the
        generator made from it is kept between the calls and goes on, or the seed is not used. Each
        call makes a new generator from the seed."""
        if rng_seed is None:
            return self.trained(right, **{EQUAL[False]: "another", "in the next call": "another"})

    @mistake
    def seed_0_lost(self, right, x, param, rng_seed):
        """A seed of 0 counts as none in yours, so the mask cannot be repeated. 0 is a seed like any
        other, and false in an `or` or `if`: ask whether it is None, or in the dict."""
        if param.get("seed") == 0:
            shown = {EQUAL[False]: "another", "in the next call": "another"}
            return self.trained(right, **shown)

    @mistake
    def wider_dtype(self, right, x, param, rng_seed):
        """float32 comes in and float64 goes out. Uniform numbers are float64, and so is a mask
        that was divided; x should decide."""
        return {"dtype": "float64"} if x.dtype == np.float32 else None
