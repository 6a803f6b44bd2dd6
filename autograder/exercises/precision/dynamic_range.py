"""Exercise of notebook 13 on dynamic fixed point: SGD whose groups each have a range that moves."""

from fractions import Fraction

import numpy as np

from autograder.exercise import Case, Exercise, mistake, near


def half_even(x, fraction_bits):
    """x in steps of 2**-fraction_bits, exactly: Python rounds fractions to the even neighbour."""
    steps = [round(Fraction(float(v)) * 2**fraction_bits) for v in x.flat]
    return np.reshape(np.array(steps, dtype=float), x.shape)


def on_grid(steps, integer_bits, fraction_bits):
    """Whole steps, cut to the range, as values."""
    limit = 2.0 ** (integer_bits + fraction_bits - 1)
    return np.clip(steps, -limit, limit - 1) / 2.0**fraction_bits


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
                out = lambda end: ((x < -end) | (x >= end)).sum()
                count += [out(top), out(top * half), x.size]
            return on_grid(half_even(x, width - whole), whole, width - whole)

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
