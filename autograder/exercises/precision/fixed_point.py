"""Exercise of notebook 13 on fixed-point numbers: rounding to a grid, by chance or not.

SGD on grids that move is in `precision_dynamic`.
"""

from fractions import Fraction

import numpy as np
import torch

from autograder.exercise import Case, mistake, statistic
from autograder.exercises.precision.rounding import Rounding, in_mode
from course_utils.recipes.instruments.generators import Counting

REPEATS = 4000  # how often each value is rounded where chance decides


def between(rng, integer_bits, fraction_bits, *shape):
    """Values inside the range, none near a point of the grid or half-way between two."""
    limit = 2 ** (integer_bits + fraction_bits - 1)
    steps = rng.integers(-limit + 1, limit - 2, shape)
    off = rng.choice([0.15, 0.3, 0.7, 0.85], shape)
    return (steps + off) / 2.0**fraction_bits


class quantize_fixed(Rounding):
    """Rounding to fixed-point numbers, to the nearest or by chance (Gupta 2015)."""

    signature = "quantize_fixed(x, integer_bits, fraction_bits, mode, rng) -> out"
    minutes = 15
    difficulty = 2
    counted = ("drawn",)
    reads = {
        "mean": "the mean of your many roundings",
        "lowest": "the lowest of your many roundings",
        "highest": "the highest of your many roundings",
        "dtype": "the dtype of your result is {seen}; {right} is asked for",
        "drawn": "your code draws {seen} numbers from rng; {right} are right",
    }
    hints = (
        "Measure x in steps of the grid first. Then both modes are about whole numbers, and the "
        "range is, too.",
        "By chance: which two whole numbers are the neighbours of -2.3, and how likely must the "
        "upper one be, so that the mean is -2.3? Cutting off the digits is not rounding down.",
        "The sign is one of the integer_bits. So with b bits in all the grid has 2**b points. Half "
        "of them are below 0, and 0 itself belongs to the other half.",
    )

    def cases(self, rng):
        def case(name, points, x, integer_bits, fraction_bits, mode="nearest"):
            return Case(
                name, points, x=x, integer_bits=integer_bits, fraction_bits=fraction_bits,
                mode=mode, seed=int(rng.integers(1e6)), repeats=REPEATS,
            )  # fmt: skip

        def bits(*ranges):
            return (int(rng.integers(*r)) for r in ranges)

        yield case("to the nearest", 0.5, between(rng, 3, 4, 5, 4), 3, 4)
        (whole,) = bits((5, 8))
        yield case("sixteen bits", 0.5, between(rng, whole, 16 - whole, 4, 3), whole, 16 - whole)
        for name, sign in [("half-way between two", 1), ("half-way between two, below 0", -1)]:
            (fraction,) = bits((2, 6))
            x = sign * (rng.permutation(8) + 0.5) / 2.0**fraction
            yield case(name, 1, x, 6 - fraction, fraction)
        whole, fraction = bits((2, 5), (1, 4))
        top = 2.0 ** (whole + fraction - 1)
        steps = [-1e12, -top - 0.8, -top, -top + 0.04, top - 1.2, top - 1.04, top - 0.96, top,
                 top + 4.4, 4e4, 1e12]  # fmt: skip
        yield case("beyond the range", 1, rng.permutation(steps) / 2.0**fraction, whole, fraction)
        (whole,) = bits((4, 7))
        yield case("whole numbers only", 1, between(rng, whole, 0, 7), whole, 0)
        yield case("single precision", 1, between(rng, 3, 4, 3, 5).astype("f4"), 3, 4)
        (fraction,) = bits((3, 6))
        steps = np.append(rng.integers(0, 3, 3), rng.integers(-4, -1, 3))
        x = rng.permutation(steps + [0.2, 0.7, 0.5, 0.7, 0.2, 0.4]) / 2.0**fraction
        yield case("by chance", 2, x, 2 + (fraction < 4), fraction, "stochastic")
        whole, fraction = bits((2, 4), (3, 5))
        top = 2.0 ** (whole + fraction - 1)
        steps = rng.permutation([-top + 6.6, top + 1, top + 4, -15 * top])
        x = (steps / 2.0**fraction).astype("f4")
        yield case("by chance, at and beyond the edge", 1, x, whole, fraction, "stochastic")

    def observe(self, code, x, integer_bits, fraction_bits, mode, seed, repeats):
        if mode == "nearest":
            rng = Counting(seed) if x.dtype == np.float32 else None
            out = code.quantize_fixed(x, integer_bits, fraction_bits, mode, rng)
            return {"out": out} | ({"drawn": rng.drawn} if rng else {})
        rng = Counting(seed)
        out = code.quantize_fixed(
            np.tile(x, (repeats, 1)), integer_bits, fraction_bits, mode, rng
        )
        return {"out": out, "drawn": rng.drawn}

    def read(self, seen, x, mode, **inputs):
        if mode == "nearest":
            return seen | ({"out": "rounded by chance"} if seen.get("drawn") else {})
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
            right = {"out": out.cpu().numpy().astype(x.dtype)}
            return right | ({"drawn": 0} if x.dtype == np.float32 else {})
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
    def limits_in_numbers(self, right, integer_bits, fraction_bits, **inputs):
        """You cut the number of steps to limits that are meant for x, so the range is 2 to the
        power of fraction_bits times too small. Cut steps by steps, or numbers by numbers."""
        top = 2.0 ** (integer_bits - 1)
        return self.changed(integer_bits=integer_bits, fraction_bits=fraction_bits,
                            limits=(-top, top - 2.0**-fraction_bits), **inputs)  # fmt: skip

    @mistake
    def fraction_bits_taken_for_all(self, right, integer_bits, fraction_bits, **inputs):
        """Your grid is too coarse: you take the integer bits off fraction_bits. Those are not all
        bits together, but the ones behind the point."""
        left = max(0, fraction_bits - integer_bits)
        return self.changed(integer_bits=integer_bits, fraction_bits=left, **inputs)

    @mistake
    def sign_taken_from_the_fraction(self, right, integer_bits, fraction_bits, **inputs):
        """Your steps are twice too large, as when a bit behind the point is kept for the sign. The
        sign is among integer_bits."""
        if fraction_bits:
            fewer = fraction_bits - 1
            return self.changed(integer_bits=integer_bits, fraction_bits=fewer, **inputs)

    def leaves_the_range(self, right, x, integer_bits, fraction_bits, mode, seed, repeats, up):
        """What is seen where half a step above the highest number is rounded, by these draws."""
        if mode == "stochastic":
            top = 2.0 ** (integer_bits + fraction_bits - 1)
            beyond = x.astype(np.float64) * 2.0**fraction_bits > top - 0.5
            share = up(Counting(seed).random((repeats, x.size))).mean(0)
            return {n: np.where(beyond, (top + more) / 2.0**fraction_bits, right[n])
                    for n, more in {"mean": share - 1, "highest": 0.0}.items()}  # fmt: skip

    @mistake
    def leaves_the_range_by_chance(self, right, **inputs):
        """In your stochastic mode, what lies above the range lands on its highest number or on the
        one above it, by chance, as when x is cut half a step too high before the draw. Cut to the
        highest number."""
        return self.leaves_the_range(right, **inputs, up=lambda draws: draws >= 0.5)

    @mistake
    def leaves_the_range_where_drawn(self, right, **inputs):
        """In your stochastic mode, what lies above the range lands on its highest number, or on
        the one above it where the draw is small, as when x is cut half a step too high before the
        draw. Cut to the highest number."""
        return self.leaves_the_range(right, **inputs, up=lambda draws: draws < 0.5)

    @mistake
    def highest_whole_number(self, right, integer_bits, fraction_bits, **inputs):
        """Your range ends at the highest whole number, 1 below 2**(integer_bits - 1). The highest
        number of the grid is one step below that, and a step is 2**-fraction_bits."""
        top = 2.0 ** (integer_bits - 1)
        return self.changed(
            integer_bits=integer_bits, fraction_bits=fraction_bits,
            limits=(-top * 2.0**fraction_bits, (top - 1) * 2.0**fraction_bits), **inputs,
        )  # fmt: skip

    @mistake
    def rng_decides(self, right, x, mode, **inputs):
        """You round by chance wherever an rng is given. It is `mode` that decides."""
        if mode == "nearest" and "drawn" in right:
            return {"out": "rounded by chance", "drawn": x.size}

    @mistake
    def wraps_around(self, right, **inputs):
        """What is too large comes out at the other end of your range, as integers do when they
        overflow. Saturate: the nearest point of the range."""
        return self.changed(**inputs, wrap=True)

    @mistake
    def overflows_an_integer(self, right, x, mode, fraction_bits, integer_bits, **inputs):
        """Very large numbers come out at the lowest point of your range, as when they are made
        32-bit integers before the range is cut. Cut first, or keep them floats."""
        steps = x.astype(np.float64) * 2.0**fraction_bits
        if mode == "nearest" and (steps > 2**31).any():
            return {"out": np.where(steps > 2**31, -(2.0 ** (integer_bits - 1)), right["out"])}

    @mistake
    def wraps_in_thirty_two_bits(self, right, x, mode, fraction_bits, integer_bits, **inputs):
        """Very large numbers come out anywhere in your range, even at its other end, as when they
        are cut to 32 bits, and so wrap around, before they saturate. Cut to the range first, or
        keep them floats."""
        steps = np.rint(x.astype(np.float64) * 2.0**fraction_bits)
        if mode == "nearest" and (np.abs(steps) > 2**31).any():
            top = 2.0 ** (integer_bits + fraction_bits - 1)
            wrapped = (steps + 2**31) % 2**32 - 2**31
            return {"out": np.clip(wrapped, -top, top - 1) / 2.0**fraction_bits}

    @mistake
    def overflows_sixteen_bits(self, right, x, mode, fraction_bits, integer_bits, **inputs):
        """Some large numbers come out at the wrong end of your range, as when they are made 16-bit
        integers before the range is cut. Cut first, or keep them floats."""
        steps = np.rint(x.astype(np.float64) * 2.0**fraction_bits)
        if mode == "nearest" and (np.abs(steps) > 2**15).any():
            top = 2.0 ** (integer_bits + fraction_bits - 1)
            wrapped = (steps + 2**15) % 2**16 - 2**15
            return {"out": np.clip(wrapped, -top, top - 1) / 2.0**fraction_bits}

    def as_whole(self, right, x, mode, fraction_bits, kind):
        if mode == "nearest" and np.abs(x).max() < 1e6:
            steps = np.rint(right["out"] * 2.0**fraction_bits).astype(np.int64).astype(kind)
            return {"out": (steps * 2.0**-fraction_bits).astype(x.dtype)}

    @mistake
    def eight_bits_only(self, right, x, mode, fraction_bits, **inputs):
        """Your steps are kept in eight bits and start again at the other end beyond them. With
        integer_bits + fraction_bits there may be more: take a wider type, or floats."""
        return self.as_whole(right, x, mode, fraction_bits, np.int8)

    @mistake
    def no_limits(self, right, **inputs):
        """Your values go beyond the ends of the range. What lies beyond becomes the nearest
        number of the range, its lowest or its highest."""
        return self.changed(**inputs, limits=(-np.inf, np.inf))

    no_limits_by_chance = in_mode(
        "stochastic", no_limits,
        """In your stochastic mode values go beyond the ends of the range. It saturates in both
        modes.""",
    )  # fmt: skip
    no_limits_for_the_nearest = in_mode(
        "nearest", no_limits,
        """In your nearest mode values go beyond the ends of the range. It saturates in both
        modes.""",
    )  # fmt: skip
    wraps_around_by_chance = in_mode(
        "stochastic", wraps_around,
        """In your stochastic mode, what is too large comes out at the other end of the range. It
        saturates in both modes.""",
    )  # fmt: skip
    top_too_high_by_chance = in_mode(
        "stochastic", top_too_high,
        """In your stochastic mode the range ends one step too high. It is the same in both
        modes.""",
    )  # fmt: skip

    @mistake
    def negatives_cut(self, right, integer_bits, fraction_bits, **inputs):
        """Your result is 0 wherever x is negative. Half of the range is below 0."""
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
