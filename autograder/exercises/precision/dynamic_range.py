"""Exercise of notebook 13 on dynamic fixed point: SGD whose groups each have a range that moves."""

import numpy as np

from autograder.exercise import Case, Setting, mistake, near, raises
from autograder.exercises.precision.binary import signs
from autograder.exercises.precision.counts import Counts
from autograder.exercises.precision.ranges import Ranges, by_share, half_even, play


class FixedPointSGD(Counts):
    """SGD in dynamic fixed point: each group's range follows its overflows (Courbariaux 2015)."""

    signature = (
        "FixedPointSGD(params, learning_rate=0.1, bits=10, update_bits=12, max_overflow=1e-4, "
        "integer_bits=2)"
    )
    settings = {
        "learning_rate": Setting(0.1, others=(0.01,), inside="options"),
        "bits": Setting(10, others=(8,), inside="options"),
        "update_bits": Setting(12, others=(10, 16), inside="options"),
        "integer_bits": Setting(2, others=(1, 4), inside="options"),
    }
    reads = {
        "rounded": "what `round` gives",
        "integer_bits": "your `integer_bits` after a rescale",
        "params": "your `params` at the end",
        "weights": "what `weights` gives at the end",
    }
    minutes = 20
    difficulty = 3
    extra = True
    hints = (
        "A group is a name with three counts: how many values, how many of them beyond its range, "
        "how many beyond half of it. The range itself is one number, its integer bits.",
        "Weights are stored with update_bits and used with bits. What would happen to an update of "
        "a third of a step of the coarse grid if it were added to a weight on that grid?",
        "Widen the range where too many numbers overflow; else narrow it where half the range "
        "would do. In either case the counts start again from 0.",
    )

    def cases(self, rng):
        def case(name, points, script, params=None, **options):
            params = params or {"W": rng.uniform(-0.9, 0.9, (3, 4)), "b": rng.uniform(-0.9, 0.9, 4)}
            return Case(name, points, params=params, script=script, options=options)

        def grads(size):
            return {"W": size * rng.uniform(0.5, 1, (3, 4)), "b": size * rng.uniform(0.5, 1, 4)}

        yield case("stored finely, used coarsely", 1, [])
        # A third of a coarse step each: 2**-8 is a step of ten bits, two of them before the point.
        small = [["step", grads(2.0**-8)] for _ in range(6)]
        yield case("updates smaller than a coarse step", 1, small, learning_rate=0.5)
        part = [["step", {"W": g["W"]}] for g in (grads(0.1), grads(0.1))]
        yield case("a gradient for one parameter only", 1, part)
        values = rng.uniform(-1.5, 1.5, 40)
        values[:3] = [2.5, -3.1, 7.0]
        wide = ["round", "h", values]
        yield case("a group that overflows", 1, [wide, ["rescale"], wide, ["rescale"], wide])
        some = {"max_overflow": 0.1}
        yield case("few enough overflow", 1, [wide, ["rescale"], wide], **some)
        narrow = ["round", "h", rng.uniform(-0.2, 0.2, 30)]
        yield case("a group that needs less", 1,
                   [narrow, ["rescale"], narrow, ["rescale"], narrow, ["rescale"], narrow])
        groups = {"top": [4.0, 0.1], "half": [2.0, 0.1], "bottom": [-4.0, 0.1],
                  "minus half": [-2.0, 0.1], "between": [2.5, 0.1]}  # fmt: skip
        edge = [["round", group, np.array(values)] for group, values in groups.items()]
        edge = [*edge, ["rescale"], *edge, ["rescale"]]
        yield case("values at the edge", 1, edge, integer_bits=3, bits=7, update_bits=9)
        few = rng.uniform(-0.9, 0.9, (7, 49))
        few[0, :4], few[1, :5], few[2, 7], few[3, 7], few[4, 7] = 2.2, -2.3, 2.5, -1.5, 0.9999
        few[5, :2] = 1.4, -1.6
        few[6, :6] = 2.4, -2.6, 2.2, 1.4, -1.6, 1.2
        exact = [["round", "four of forty", few[0, :40]], ["round", "five of 49", few[1]],
                 ["round", "two beyond half", few[5]],
                 ["round", "three beyond, three beyond half", few[6]]]  # fmt: skip
        yield case("shares that are nearly too large", 1, [*exact, ["rescale"], *exact], **some)
        one = [["round", "one beyond", few[2]], ["round", "one beyond half", few[3]],
               ["round", "one almost beyond half", few[4]]]  # fmt: skip
        yield case("one number decides", 1, [*one, ["rescale"], *one, ["rescale"], *one])
        # Counts of a group that stays must not live on; one call of few values is one call of few.
        busy = np.append(rng.uniform(1.1, 1.8, 6), rng.uniform(-0.9, 0.9, 24))
        quiet = rng.uniform(-0.4, 0.4, 12)
        kept = [["round", "h", busy], ["rescale"], ["round", "h", quiet], ["rescale"],
                ["round", "h", quiet]]  # fmt: skip
        yield case("a group that stays", 0.5, kept, **some)
        calls = rng.permutation(np.append(busy, busy)), rng.uniform(2.1, 2.9, 2)
        uneven = [*(["round", "W", call] for call in calls), ["rescale"], ["round", "W", busy]]
        yield case("a long and a short call", 0.25, uneven, **some)
        many = rng.uniform(-1.9, 1.9, 1500)
        many[int(rng.integers(1500))] = 2.3
        rare = [["round", "h", many], ["rescale"], ["round", "h", busy]]
        yield case("one in fifteen hundred", 0.25, rare)
        # Counted weights would hold W back; b has no numbers, and what it holds needs its range.
        low = {"W": rng.uniform(-0.2, 0.2, (3, 4)), "b": signs(rng, 4) * rng.uniform(0.6, 0.9, 4)}
        look = [["rescale"], ["weights"], ["round", "W", np.append(low["W"][0], [0.1, 1.3])],
                ["rescale"]]  # fmt: skip
        yield case("using weights is not counted", 1, look, low, **some)
        large = {"W": rng.uniform(3, 5, (3, 4)), "b": rng.uniform(-0.3, 0.3, 4)}
        train = [["step", grads(1.0)], ["rescale"], ["step", grads(1.0)], ["step", grads(0.05)],
                 ["rescale"], ["step", grads(0.3)], narrow, ["rescale"], narrow]  # fmt: skip
        leaves = {name: -size for name, size in grads(3.0).items()}
        out = [["step", leaves], ["rescale"], ["step", leaves], ["rescale"], ["step", leaves]]
        yield case("weights that leave their range", 0.25, out, learning_rate=0.8)
        far = ["round", "h", rng.uniform(9, 15, 20)]
        yield case("nearly all far beyond", 0.25, [far, ["rescale"], far, ["rescale"], far])
        late = [["round", "h", busy], ["round", "h", calls[1]], ["rescale"], ["round", "new", busy]]
        yield case("a group that comes late", 0.25, late)
        yield case("two groups, two ranges", 1.25, train, large, integer_bits=3, learning_rate=0.3)

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
                for name, value in self.run(**inputs, rounding=half_even).items()}  # fmt: skip

    def run(self, params, script, options, **how):
        """What is seen of the course's account of such a class, with one thing changed."""
        return play(Ranges(options, **how), params, script)

    # What is rounded, to how many bits.

    @mistake
    def stored_coarsely(self, right, **inputs):
        """Your weights are stored with `bits`, so updates smaller than half a coarse step are
        lost. They accumulate at update_bits; only what is computed with is coarse."""
        return self.run(**inputs, widths={"init": "bits", "step": "bits"})

    @mistake
    def first_stored_coarsely(self, right, **inputs):
        """Your first weights are rounded to `bits`. What is stored has update_bits, from the
        beginning."""
        return self.run(**inputs, widths={"init": "bits"})

    @mistake
    def step_stored_coarsely(self, right, **inputs):
        """Your step rounds to `bits`, so updates smaller than half a coarse step are lost. What is
        stored has update_bits."""
        return self.run(**inputs, widths={"step": "bits"})

    @mistake
    def step_coarse_and_not_counted(self, right, **inputs):
        """Your step rounds to `bits` and does not count. What is stored has update_bits, and is
        counted for its group as in round."""
        return self.run(**inputs, widths={"step": "bits"}, counted={"step": False})

    @mistake
    def coarse_before_update(self, right, **inputs):
        """You subtract the update from the coarse weights, not from the stored ones, so what had
        been gathered below a coarse step is thrown away each time."""
        return self.run(**inputs, base="coarse")

    @mistake
    def used_finely(self, right, **inputs):
        """You compute with all update_bits, in round and in weights(). Computing has `bits` only;
        update_bits are for what is stored."""
        return self.run(**inputs, widths={"round": "update_bits", "weights": "update_bits"})

    @mistake
    def weights_finely(self, right, **inputs):
        """Your weights() gives out all update_bits. Computing has `bits` only: round once more."""
        return self.run(**inputs, widths={"weights": "update_bits"})

    @mistake
    def round_finely(self, right, **inputs):
        """Your round keeps update_bits. All that is computed with has `bits`; update_bits are for
        the stored weights."""
        return self.run(**inputs, widths={"round": "update_bits"})

    @mistake
    def stored_in_full(self, right, **inputs):
        """Your parameters are not on a grid at all: what is stored has update_bits, too."""
        return self.run(**inputs, widths={"init": 45, "step": 45})

    @mistake
    def first_stored_in_full(self, right, **inputs):
        """Your first weights are stored as they come. They are rounded to update_bits, as after
        every step."""
        return self.run(**inputs, widths={"init": 45})

    @mistake
    def step_stored_in_full(self, right, **inputs):
        """Your step does not round what it stores. It is rounded to update_bits, as the first
        weights are."""
        return self.run(**inputs, widths={"step": 45})

    @mistake
    def weights_kept(self, right, **inputs):
        """Your weights() stores what it gives, and the stored weights lose their last bits. It only
        gives out: params stay as they are."""
        return self.run(**inputs, keep=True)

    @mistake
    def rounded_again(self, right, **inputs):
        """Your rescale rounds the stored weights on the new grid, and counts them. It only moves
        the ranges; the weights are rounded at the next step."""
        return self.run(**inputs, again=True)

    @mistake
    def put_on_the_new_grid(self, right, **inputs):
        """Your rescale rounds the stored weights on the new grid. It only moves the ranges; the
        weights stay as they are, and are rounded at the next step."""
        return self.run(**inputs, again="uncounted")

    @mistake
    def rounded_down(self, right, **inputs):
        """Your numbers are rounded down. They are rounded to the nearest, as quantize_fixed has
        it."""
        return self.run(**inputs, rounding=np.floor)

    @mistake
    def cut_off(self, right, **inputs):
        """Your numbers are cut off towards 0. They are rounded to the nearest, as quantize_fixed
        has it."""
        return self.run(**inputs, rounding=np.trunc)

    @mistake
    def climbs(self, right, **inputs):
        """Your step goes uphill: learning_rate times the gradient is subtracted."""
        return self.run(**inputs, sign=1)

    @mistake
    def rate_forgotten(self, right, options, **inputs):
        """Your step subtracts the whole gradient: the learning rate is missing."""
        return self.run(**inputs, options={**options, "learning_rate": 1.0})

    @mistake
    def wants_every_gradient(self, right, script, **inputs):
        """Your step stops where a parameter has no gradient. It goes over the names in grads, and
        the other weights stay."""
        if any(what == "step" and set(rest[0]) != {"W", "b"} for what, *rest in script):
            return dict.fromkeys(right, raises("KeyError", "b"))

    # The grid of a range.

    @mistake
    def fraction_bits_fixed(self, right, **inputs):
        """Your fraction bits stay what they were at the start. There are w bits in all: where a
        range gets an integer bit more, one is missing behind the point."""
        return self.run(**inputs, fraction=lambda width, whole, first: width - first)

    @mistake
    def sign_counted_on_top(self, right, **inputs):
        """You take one fraction bit off for the sign. It is among the integer bits: of w bits in
        all, w − integer_bits are fraction bits."""
        return self.run(**inputs, fraction=lambda width, whole, first: width - whole - 1)

    @mistake
    def new_groups_start_at_two(self, right, **inputs):
        """Your new groups start with 2 integer bits, whatever was asked for. Every group starts
        with integer_bits."""
        return self.run(**inputs, start=2)

    @mistake
    def starts_with_half_the_bits(self, right, options, **inputs):
        """Your groups start with half of the bits before the point, whatever was asked for. Every
        group starts with integer_bits."""
        return self.run(options=options | {"integer_bits": options.get("bits", 10) // 2}, **inputs)

    @mistake
    def half_the_bits_and_two_at_once(self, right, options, **inputs):
        """Your groups start with half of the bits before the point, and a range that overflows
        gets two bits at once. Groups start with integer_bits, and get one bit at each rescale."""
        options = options | {"integer_bits": options.get("bits", 10) // 2}
        return self.run(options=options, **inputs, decide=lambda *counts: (
            2 if (move := by_share(*counts)) > 0 else move))  # fmt: skip

    @mistake
    def new_groups_start_widest(self, right, **inputs):
        """Your new groups start with the widest range that another group has by then. Every group
        starts with integer_bits."""
        return self.run(**inputs, start="widest")

    @mistake
    def all_groups_move_together(self, right, **inputs):
        """Your groups all move together, by the counts of all of them. Each has a range of its own:
        gradients are a thousand times smaller than weights."""
        return self.run(**inputs, together=True)

    @mistake
    def one_range_for_all(self, right, **inputs):
        """All your groups share one range. The point of it is that each has its own: gradients
        are a thousand times smaller than weights."""
        return self.run(**inputs, shared=True)
