"""Exercises of notebook 13 on fixed-point numbers: rounding to a grid, and SGD on moving grids."""

from fractions import Fraction

import numpy as np
import torch

from autograder.exercise import Case, Exercise, mistake, near, statistic
from course_utils.recipes.generators import Counting

NOTEBOOK = "13_precision"
REPEATS = 4000  # how often each value is rounded where chance decides


def half_even(x, fraction_bits):
    """x in steps of 2**-fraction_bits, exactly: Python rounds fractions to the even neighbour."""
    steps = [round(Fraction(float(v)) * 2**fraction_bits) for v in x.flat]
    return np.reshape(np.array(steps, dtype=float), x.shape)


def on_grid(steps, integer_bits, fraction_bits, dtype):
    """Whole steps, cut to the range, as values."""
    limit = 2.0 ** (integer_bits + fraction_bits - 1)
    return (np.clip(steps, -limit, limit - 1) / 2.0**fraction_bits).astype(dtype)


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
            return {"drawn": 1}

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


class FixedPointSGD(Exercise):
    """SGD in dynamic fixed point: each group's range follows its overflows (Courbariaux 2015)."""

    signature = (
        "FixedPointSGD(params, learning_rate=0.1, bits=10, update_bits=12, max_overflow=1e-4, "
        "integer_bits=2)"
    )
    needs = ("quantize_fixed",)
    minutes = 20
    difficulty = 3
    extra = True
    hints = (
        "A group is a name with three counts: how many values, how many of them beyond its range, "
        "how many beyond half of it. The range itself is one number, its integer bits.",
        "Weights are stored with update_bits and used with bits. What would happen to an update of "
        "a third of a step of the coarse grid if it were added to a weight on that grid?",
        "First widen where too many overflow; else narrow where even half the range would do. "
        "Either way the counts start anew.",
    )

    def cases(self, rng):
        def case(name, points, script, params=None, **options):
            params = params or {"W": rng.uniform(-0.9, 0.9, (3, 4)), "b": rng.uniform(-0.9, 0.9, 4)}
            return Case(name, points, params=params, script=script, options=options)

        def grads(size):
            return {"W": size * rng.uniform(0.5, 1, (3, 4)), "b": size * rng.uniform(0.5, 1, 4)}

        yield case("stored finely, used coarsely", 2, [])
        # A third of a coarse step each: 2**-8 is a step of ten bits, two of them before the point.
        small = [["step", grads(2.0**-8)] for _ in range(6)]
        yield case("updates smaller than a coarse step", 2, small, learning_rate=0.5)
        values = rng.uniform(-1.5, 1.5, 40)
        values[:3] = [2.5, -3.1, 7.0]
        wide = ["round", "h", values]
        yield case("a group that overflows", 1, [wide, ["rescale"], wide, ["rescale"], wide])
        some = {"max_overflow": 0.1}
        yield case("few enough overflow", 1, [wide, ["rescale"], wide], **some)
        narrow = ["round", "h", rng.uniform(-0.2, 0.2, 30)]
        yield case("a group that needs less", 1,
                   [narrow, ["rescale"], narrow, ["rescale"], narrow])  # fmt: skip
        groups = {"top": [4.0, 0.1], "half": [2.0, 0.1], "bottom": [-4.0, 0.1],
                  "minus half": [-2.0, 0.1], "between": [2.5, 0.1]}  # fmt: skip
        edge = [["round", group, np.array(values)] for group, values in groups.items()]
        edge = [*edge, ["rescale"], *edge, ["rescale"]]
        yield case("values at the edge", 1, edge, integer_bits=3, bits=7, update_bits=9)
        few = rng.uniform(-0.9, 0.9, (4, 49))
        few[0, :4], few[1, :5], few[2, 7], few[3, 7] = 2.2, -2.3, 2.5, -1.5
        exact = [["round", "four of forty", few[0, :40]], ["round", "five of 49", few[1]]]
        yield case("shares that are nearly too large", 1, [*exact, ["rescale"], *exact], **some)
        one = [["round", "one beyond", few[2]], ["round", "one beyond half", few[3]]]
        yield case("one number decides", 1, [*one, ["rescale"], *one, ["rescale"], *one])
        low = {"W": rng.uniform(-0.2, 0.2, (3, 4)), "b": rng.uniform(-0.2, 0.2, 4)}
        look = [["rescale"], ["weights"], ["rescale"]]
        yield case("using weights is not counted", 1, look, low)
        large = {"W": rng.uniform(3, 5, (3, 4)), "b": rng.uniform(-0.3, 0.3, 4)}
        train = [["step", grads(1.0)], ["rescale"], ["step", grads(1.0)], ["step", grads(0.05)],
                 ["rescale"], ["step", grads(0.3)], narrow, ["rescale"], narrow]  # fmt: skip
        yield case("two groups, two ranges", 2, train, large, integer_bits=3, learning_rate=0.3)

    def observe(self, code, params, script, options):
        sgd = code.FixedPointSGD(params, **options)
        seen = {"rounded": [], "integer_bits": []}
        for what, *arguments in script:
            value = getattr(sgd, what)(*arguments)
            if what == "round":
                seen["rounded"].append(value)
            if what == "rescale":
                seen["integer_bits"].append(dict(sgd.integer_bits))
        return seen | {"params": dict(sgd.params), "weights": dict(sgd.weights())}

    def reference(self, **inputs):
        return {name: near(value, rtol=0.0, atol=1e-12)
                for name, value in self.run(**inputs).items()}  # fmt: skip

    def run(self, params, script, options, stored=None, used=None, shared=False, widen=1, narrow=1,
            forget=True, rate=True, half=0.5, before=True, step_counts=True):  # fmt: skip
        """The course's account of such a class, with one thing changed where asked."""
        o = {"learning_rate": 0.1, "bits": 10, "update_bits": 12, "max_overflow": 1e-4,
             "integer_bits": 2} | options  # fmt: skip
        stored, used = stored or o["update_bits"], used or o["bits"]
        bits, counts = {}, {}

        def rounded(group, x, width, counting=True):
            group = "all" if shared else group
            whole = bits.setdefault(group, o["integer_bits"])
            top = 2.0 ** (whole - 1)
            count = counts.setdefault(group, np.zeros(3))
            if counting:
                out = lambda end: ((x < -end) | (x >= end)).sum()  # noqa: E731
                count += [out(top), out(top * half), x.size]
            return on_grid(half_even(x, width - whole), whole, width - whole, np.float64)

        held = {n: rounded(n, w, stored) for n, w in params.items()}
        seen = {"rounded": [], "integer_bits": []}
        for what, *arguments in script:
            if what == "round":
                seen["rounded"].append(rounded(*arguments, used))
            elif what == "step":
                for name, g in arguments[0].items():
                    w = held[name] if before else rounded(name, held[name], used, False)
                    held[name] = rounded(name, w - o["learning_rate"] * g, stored, step_counts)
            elif what == "rescale":
                for group, (beyond, beyond_half, size) in counts.items():
                    most = o["max_overflow"] * (size if rate else 1)
                    if beyond > most:
                        bits[group] += widen
                    elif size and beyond_half <= most:
                        bits[group] -= narrow
                    if forget:
                        counts[group] = np.zeros(3)
                names = [*params, *dict.fromkeys(a[1] for a in script if a[0] == "round")]
                known = dict.fromkeys(names, bits["all"]) if shared else dict(bits)
                seen["integer_bits"].append(known)
        weights = {n: rounded(n, w, used, False) for n, w in held.items()}
        return seen | {"params": held, "weights": weights}

    @mistake
    def stored_coarsely(self, right, **inputs):
        """Your weights are stored with `bits`, so updates smaller than half a coarse step are
        lost. They accumulate at update_bits; only what is computed with is coarse."""
        return self.run(**inputs, stored=inputs["options"].get("bits", 10))

    @mistake
    def coarse_before_update(self, right, **inputs):
        """You subtract the update from the coarse weights, not from the stored ones, so what had
        been gathered below a coarse step is thrown away each time."""
        return self.run(**inputs, before=False)

    @mistake
    def used_finely(self, right, **inputs):
        """weights() gives out all update_bits. Computing has `bits` only: round once more."""
        return self.run(**inputs, used=inputs["options"].get("update_bits", 12))

    @mistake
    def stored_in_full(self, right, **inputs):
        """Your parameters are not on a grid at all: what is stored has update_bits, too."""
        return self.run(**inputs, stored=45)

    @mistake
    def one_range_for_all(self, right, **inputs):
        """All your groups share one range. The point of it is that each has its own: gradients
        are a thousand times smaller than weights."""
        return self.run(**inputs, shared=True)

    @mistake
    def never_widens(self, right, **inputs):
        """A group that overflows keeps its range in yours."""
        return self.run(**inputs, widen=0)

    @mistake
    def never_narrows(self, right, **inputs):
        """Your ranges only ever grow. Where even half the range would do, the bit is worth more
        behind the point."""
        return self.run(**inputs, narrow=0)

    @mistake
    def moves_the_wrong_way(self, right, **inputs):
        """Yours takes an integer bit away where values overflow, and adds one where there is room:
        the wrong way round."""
        return self.run(**inputs, widen=-1, narrow=-1)

    @mistake
    def counts_kept(self, right, **inputs):
        """Your counts go on after rescale, so that old overflows move the range again and again.
        They are for the values since the last one."""
        return self.run(**inputs, forget=False)

    @mistake
    def number_for_rate(self, right, **inputs):
        """You compare the number of overflows with max_overflow. It is a share of the values."""
        return self.run(**inputs, rate=False)

    @mistake
    def narrows_without_looking(self, right, **inputs):
        """You narrow a range as soon as nothing overflows. Look first whether too much would
        overflow in half of it; else it widens again at the next rescale."""
        return self.run(**inputs, half=1)

    @mistake
    def updates_not_counted(self, right, **inputs):
        """Weights that leave their range in a step are not counted in yours, so their range never
        follows them."""
        return self.run(**inputs, step_counts=False)
