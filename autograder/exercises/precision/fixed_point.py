"""Exercise of notebook 13 on fixed-point numbers: rounding to a grid, by chance or not.

SGD on grids that move is in `precision_dynamic`.
"""

from fractions import Fraction

import numpy as np
import torch

from autograder.exercise import Case, Exercise, mistake, statistic
from course_utils.recipes.instruments.generators import Counting

REPEATS = 4000  # how often each value is rounded where chance decides


def between(rng, integer_bits, fraction_bits, *shape):
    """Values inside the range, none near a point of the grid or half-way between two."""
    limit = 2 ** (integer_bits + fraction_bits - 1)
    steps = rng.integers(-limit + 1, limit - 2, shape)
    off = rng.choice([0.15, 0.3, 0.7, 0.85], shape)
    return (steps + off) / 2.0**fraction_bits


class quantize_fixed(Exercise):
    """Rounding to fixed-point numbers, to the nearest or by chance (Gupta 2015)."""

    signature = "quantize_fixed(x, integer_bits, fraction_bits, mode, rng) -> out"
    minutes = 15
    difficulty = 2
    counted = ("drawn",)
    hints = (
        "Measure x in steps of the grid first. Then both modes are about whole numbers, and the "
        "range is, too.",
        "By chance: which two whole numbers are the neighbours of -2.3, and how likely must the "
        "upper one be, so that the mean is -2.3? Cutting off the digits is not rounding down.",
        "integer_bits has the sign in it, so there are 2 to the power of all bits points, half of "
        "them below 0, and 0 itself is one of the others.",
    )

    def cases(self, rng):
        def case(name, points, x, integer_bits, fraction_bits, mode="nearest"):
            return Case(
                name, points, x=x, integer_bits=integer_bits, fraction_bits=fraction_bits,
                mode=mode, seed=int(rng.integers(1e6)), repeats=REPEATS,
            )  # fmt: skip

        yield case("to the nearest", 1, between(rng, 3, 4, 5, 4), 3, 4)
        x = np.arange(8) + 0.5
        yield case("half-way between two", 1, x / 32, 2, 5)
        yield case("half-way between two, below 0", 1, -x / 4, 3, 2)
        x = np.array([-1e6, -4.2, -4.0, -3.99, 3.7, 3.74, 3.76, 4.0, 5.1, 1e6])
        yield case("beyond the range", 1, x, 3, 2)
        yield case("whole numbers only", 1, between(rng, 5, 0, 7), 5, 0)
        yield case("single precision", 1, between(rng, 3, 4, 3, 5).astype("f4"), 3, 4)
        x = np.array([0.2, 1.7, -0.3, -2.8, -0.6, 0.5]) / 16
        yield case("by chance", 2, x, 2, 4, "stochastic")
        x = np.append(np.array([-9.4, 17.0]) / 8, [2.5, -31.0]).astype("f4")
        yield case("by chance, at and beyond the edge", 1, x, 2, 3, "stochastic")

    def observe(self, code, x, integer_bits, fraction_bits, mode, seed, repeats):
        if mode == "nearest":
            return {"out": code.quantize_fixed(x, integer_bits, fraction_bits, mode, None)}
        rng = Counting(seed)
        out = code.quantize_fixed(
            np.tile(x, (repeats, 1)), integer_bits, fraction_bits, mode, rng
        )
        return {"out": out, "drawn": rng.drawn}

    def read(self, seen, x, mode, **inputs):
        if mode == "nearest":
            return seen
        out = np.asarray(seen["out"])
        return {
            "mean": out.mean(axis=0, dtype=np.float64),
            "lowest": out.min(axis=0).astype(np.float64),
            "highest": out.max(axis=0).astype(np.float64),
            "dtype": str(out.dtype),
            "drawn": seen["drawn"],
        }

    def reference(self, x, integer_bits, fraction_bits, mode, seed, repeats):
        if mode == "nearest":
            # torch's own rounding to an integer grid, in double precision.
            limit = 2 ** (integer_bits + fraction_bits - 1)
            out = torch.fake_quantize_per_tensor_affine(
                torch.tensor(x, dtype=torch.float64, device=self.device), 2.0**-fraction_bits, 0,
                -limit, limit - 1,
            )  # fmt: skip
            return {"out": out.cpu().numpy().astype(x.dtype)}
        step, limit = Fraction(1, 2**fraction_bits), Fraction(2) ** (integer_bits - 1)
        inside = [min(max(Fraction(float(v)), -limit), limit - step) for v in x]
        lowest = np.array([float(v // step * step) for v in inside])
        highest = np.array([float(-(-v // step) * step) for v in inside])
        mean = np.array([float(v) for v in inside])
        share = (mean - lowest) * 2.0**fraction_bits
        error = 2.0**-fraction_bits * np.sqrt(share * (1 - share) / repeats)
        return {
            # Where nothing is left to chance only the rounding of the mean itself.
            "mean": statistic(mean, np.maximum(error, 1e-9)),
            "lowest": lowest,
            "highest": highest,
            "dtype": str(x.dtype),
            "drawn": repeats * x.size,
        }

    def changed(self, x, integer_bits, fraction_bits, mode, seed, repeats, up=None, nearest=None,
                limits=None, wrap=False):  # fmt: skip
        """What another rounding shows: `up(share)` is the share that goes up, `nearest(steps)` the
        whole number of steps, `limits` the lowest and highest number of steps."""
        scaled = x.astype(np.float64) * 2.0**fraction_bits
        low, high = limits or (-(2.0 ** (integer_bits + fraction_bits - 1)),
                               2.0 ** (integer_bits + fraction_bits - 1) - 1)  # fmt: skip

        def finish(steps):
            count = high - low + 1
            steps = (steps - low) % count + low if wrap else np.clip(steps, low, high)
            return steps / 2.0**fraction_bits

        if mode == "nearest":
            return {"out": finish((nearest or np.rint)(scaled)).astype(x.dtype)}
        floor = np.floor(scaled)
        share = (up or (lambda share, scaled: share))(scaled - floor, scaled)
        below, above = finish(floor), finish(floor + 1)
        return {
            "mean": (1 - share) * below + share * above,
            "lowest": np.where(share < 1, below, above),
            "highest": np.where(share > 0, above, below),
        }

    @mistake
    def ties_up(self, right, **inputs):
        """A value half-way between two always goes up in yours, as floor(x + ½) does, so a mean
        over many drifts up. Ties go to the even neighbour here, as np.round has it."""
        return self.changed(**inputs, nearest=lambda s: np.floor(s + 0.5))

    @mistake
    def ties_down(self, right, **inputs):
        """A value half-way between two always goes down in yours. That is the paper's rule; here
        ties go to the even neighbour, as np.round has it, which favours neither side."""
        return self.changed(**inputs, nearest=lambda s: np.ceil(s - 0.5))

    @mistake
    def ties_away_from_zero(self, right, **inputs):
        """A value half-way between two goes away from 0 in yours, as it was taught in school.
        Here ties go to the even neighbour, as np.round has it."""
        return self.changed(
            **inputs, nearest=lambda s: np.sign(s) * np.floor(np.abs(s) + 0.5)
        )

    @mistake
    def cut_off(self, right, **inputs):
        """Your nearest cuts the fraction off: converting to int goes towards 0."""
        return self.changed(**inputs, nearest=np.trunc)

    @mistake
    def rounded_down(self, right, **inputs):
        """Your nearest always goes down. The upper neighbour may be the closer one."""
        return self.changed(**inputs, nearest=np.floor)

    @mistake
    def towards_zero_for_negatives(self, right, **inputs):
        """Below 0 yours is biased: the fraction is taken from a number that was cut off towards 0,
        so it is negative there. Measure the distance to the neighbour below."""
        return self.changed(**inputs, up=lambda share, s: np.where(s < 0, 1.0, share))

    @mistake
    def chances_swapped(self, right, **inputs):
        """Yours goes up with the probability that belongs to going down: a value just above its
        lower neighbour nearly always lands on the upper one."""
        return self.changed(**inputs, up=lambda share, s: np.where(share > 0, 1 - share, 0))

    @mistake
    def a_coin_for_each(self, right, **inputs):
        """Both neighbours are equally likely in yours, wherever the value lies. The closer one has
        to be the likelier one, or the mean is off."""
        return self.changed(**inputs, up=lambda share, s: np.where(share > 0, 0.5, 0))

    @mistake
    def never_by_chance(self, right, **inputs):
        """In the stochastic mode yours rounds to the nearest: chance has no part in it."""
        if inputs["mode"] == "stochastic":
            shown = self.changed(**inputs, up=lambda share, s: np.rint(s) - np.floor(s))
            return shown | {"drawn": 0}

    @mistake
    def one_draw_for_all(self, right, x, mode, **inputs):
        """You draw once and use the number for every value, so all of them go up or down
        together. Each value needs a draw of its own."""
        if mode == "stochastic":
            draw = Counting(inputs["seed"]).random()
            shown = self.changed(x, mode=mode, **inputs,
                                 up=lambda share, scaled: np.floor(share + draw))  # fmt: skip
            return shown | {"drawn": 1}

    @mistake
    def drawn_elsewhere(self, right, x, mode, **inputs):
        """Your rounding is by chance, but none of the numbers comes from rng: with a generator of
        its own, or numpy's global one, nobody can repeat what your code did."""
        if mode == "stochastic":
            return {"drawn": 0}

    @mistake
    def one_draw_a_row(self, right, x, mode, repeats, **inputs):
        """You draw one number a row of x. Each value needs a draw of its own."""
        if mode == "stochastic":
            return {"drawn": repeats}

    @mistake
    def one_draw_a_column(self, right, x, mode, **inputs):
        """You draw one number a column of x, and all rows share it. Each value needs a draw of
        its own."""
        if mode == "stochastic":
            return {"drawn": x.size}

    @mistake
    def two_draws_a_value(self, right, x, mode, repeats, **inputs):
        """You draw twice as many numbers as there are values. One each is enough: compare it with
        the distance to the neighbour below."""
        if mode == "stochastic":
            return {"drawn": 2 * repeats * x.size}

    @mistake
    def top_too_high(self, right, integer_bits, fraction_bits, **inputs):
        """Your range ends one step too high. As many points lie below 0 as from 0 on, so the
        highest is one step short of the lowest's counterpart."""
        top = 2.0 ** (integer_bits + fraction_bits - 1)
        return self.changed(integer_bits=integer_bits, fraction_bits=fraction_bits,
                            limits=(-top, top), **inputs)  # fmt: skip

    @mistake
    def symmetric_range(self, right, integer_bits, fraction_bits, **inputs):
        """Your range is symmetric: its lowest point is one step too high. Two's complement has
        one more number below 0 than above."""
        top = 2.0 ** (integer_bits + fraction_bits - 1) - 1
        return self.changed(integer_bits=integer_bits, fraction_bits=fraction_bits,
                            limits=(-top, top), **inputs)  # fmt: skip

    @mistake
    def sign_bit_forgotten(self, right, integer_bits, fraction_bits, **inputs):
        """Your range is twice as wide as the bits allow: one of integer_bits is the sign."""
        top = 2.0 ** (integer_bits + fraction_bits)
        return self.changed(integer_bits=integer_bits, fraction_bits=fraction_bits,
                            limits=(-top, top - 1), **inputs)  # fmt: skip

    @mistake
    def wraps_around(self, right, **inputs):
        """What is too large comes out at the other end of the range, as integers do when they
        overflow. Saturate: the nearest point of the range."""
        return self.changed(**inputs, wrap=True)

    @mistake
    def no_limits(self, right, **inputs):
        """Nothing stops your values at the ends of the range."""
        return self.changed(**inputs, limits=(-np.inf, np.inf))

    @mistake
    def negatives_cut(self, right, integer_bits, fraction_bits, **inputs):
        """Everything below 0 becomes 0 in yours. Half of the range is negative."""
        top = 2.0 ** (integer_bits + fraction_bits - 1) - 1
        return self.changed(integer_bits=integer_bits, fraction_bits=fraction_bits,
                            limits=(0.0, top), **inputs)  # fmt: skip

    @mistake
    def steps_returned(self, right, fraction_bits, **inputs):
        """You return the number of steps. Divide at the end by what you multiplied with."""
        values = {n: v for n, v in right.items() if n not in ("dtype", "drawn")}
        return {n: (v * 2.0**fraction_bits).astype(v.dtype) for n, v in values.items()}

    @mistake
    def wider_dtype(self, right, x, mode, **inputs):
        """The output should have the dtype of x: float32 comes in, float64 comes out. The draws
        of a generator are float64, and so is what they are added to."""
        if x.dtype == np.float32:
            out = right.get("out", x).astype(np.float64)
            return {"out": out} if mode == "nearest" else {"dtype": "float64"}
