"""Exercise of notebook 08: searching in two stages.

Drawing the settings is in `sampling`, what is read from a search in `stages`, mistakes in its runs
and in what comes back in `search_runs`.
"""

import numpy as np

from autograder.exercise import Case, mistake, raises
from autograder.exercises.tuning.search_runs import Runs
from autograder.exercises.tuning.stages import (
    AGAIN,
    AROUND,
    CHOICE,
    DRAWN,
    EPOCHS,
    EVEN,
    EVENLY,
    HERE,
    HIGH_KEEP,
    HIGH_RATE,
    LOW_KEEP,
    LOW_RATE,
    OLD,
    OTHER,
    PILED,
    READS,
    RIGHT,
    SPLITS,
    WHOLE,
    drawn_alike,
    told,
)
from course_utils.recipes.tuning import Landscape

LEVEL = "fine runs that are equally good"


class coarse_to_fine(Runs):
    """A wide search with short runs, then a narrow one with longer runs around the best."""

    signature = "coarse_to_fine(evaluate, space, budget, rng) -> best, trials"
    library = "any"
    counted = (EPOCHS, SPLITS)
    minutes = 18
    difficulty = 3
    reads = READS
    hints = (
        "The second stage is the first one again, in another space and with more epochs. So write "
        "one loop that runs settings, and one piece that makes the narrow space.",
        "Measure a \"log\" range in its logarithm: centre it on the best rate's logarithm, take a "
        "third of the old width, go back. What happens at the old border is in the docstring, and "
        "differs between \"log\" and \"uniform\".",
    )

    def cases(self, rng):
        def case(name, points, rate, keep, per_epoch=0.02):
            # Enough for the best coarse share to lie at the limit, where the peak is beyond it.
            runs = rng.integers((140, 150), (160, 180)) + (100 * (keep != 0.6), 0)
            short = int(rng.integers(1, 4))
            return Case(
                name, points, peak={"rate": rate, "keep": keep, "per_epoch": per_epoch},
                space={"learning_rate": ("log", 3e-6, 0.3), "keep": ("uniform", 0.2, 1.0),
                       "layers": ("int", 1, 40), "rule": ("choice", ("sgd", "adam", "rmsprop"))},
                budget=((int(runs[0]), short), (int(runs[1]), short + int(rng.integers(2, 6)))),
                seed=int(rng.integers(1e6)),
            )  # fmt: skip

        yield case("the best lies inside", 2, -2.4, 0.6)
        yield case("the best rate lies at the high end", 2, 1.0, 0.6)
        yield case("the best rate lies at the low end", 2, -8.0, 0.6)
        yield case("the best share lies at the high end", 2, -3.5, 1.5)
        yield case("the best share lies at the low end", 1, -3.5, -0.3)
        yield case("long runs score lower", 2, -4.0, 0.6, -0.03)
        level = case(LEVEL, 1, -2.7, 0.6)
        level.inputs["peak"]["hundredths_from"] = level.inputs["budget"][1][1]
        yield level

    def observe(self, code, peak, space, budget, seed):
        def searched(seed=seed):
            hill = Landscape(**peak)
            return hill, code.coarse_to_fine(hill, space, budget, np.random.default_rng(seed))

        hill, (best, trials) = searched()
        rules = space["rule"][1]

        def number(config, name):
            value = config.get(name, np.nan)
            return float(rules.index(value) if value in rules else value)

        def numbers(configs):
            rows = [[number(one, name) for name in space] for one in configs]
            return np.array(rows, dtype=float).reshape(-1, len(space))

        form = "a setting"
        if isinstance(best, (tuple, list)):
            form, best = "a whole trial", best[0]
        trials = list(trials)
        _, (second_best, _) = searched() if peak["per_epoch"] < 0 else (0, (best, 0))
        other = searched(seed + 1)[0].calls if peak["per_epoch"] < 0 else []
        if isinstance(second_best, (tuple, list)):
            second_best = second_best[0]
        return {
            "runs": numbers(config for config, *_ in hill.calls),
            "epochs": np.array([epochs for _, epochs, *_ in hill.calls]),
            "accuracies": np.array([call[3] for call in hill.calls]),
            "splits": [call[2] for call in hill.calls],
            "form of best": form,
            "best": numbers([best]),
            "size of a trial": sorted({len(trial) for trial in trials}),
            "noted": numbers(trial[0] for trial in trials),
            "noted second": np.array([float(trial[1]) for trial in trials]),
            "noted third": np.array([float(trial[-1]) for trial in trials]),
            "same generator": bool(second_best == best),
            "other runs": numbers(config for config, *_ in other),
        }

    def read(self, seen, peak, space, budget, seed):
        found = told(seen, space, budget)
        if not -6 < peak["rate"] < 0:  # where the best share lies then is left to luck
            found |= {end: RIGHT[end] for end in (LOW_KEEP, HIGH_KEEP)}
        if peak["per_epoch"] < 0:
            found |= {AGAIN: seen[AGAIN]}
            found |= {OTHER: not drawn_alike(seen["runs"], seen["other runs"], budget)}
        return found

    def reference(self, peak, space, budget, seed):
        (coarse, short), (fine, long) = budget
        right = RIGHT | {EPOCHS: np.array([short] * coarse + [long] * fine)}
        return right | ({AGAIN: True, OTHER: True} if peak["per_epoch"] < 0 else {})

    # The range of the rates.

    @mistake
    def cut_at_the_border(self, right, peak, **inputs):
        """The best rate lay at the border of your range, and you stop there. Whatever is best at
        the border is a reason to look beyond it."""
        return self.at_the_borders(peak, {HIGH_RATE: OLD}, {LOW_RATE: OLD})

    @mistake
    def cut_at_the_top(self, right, peak, **inputs):
        """You go beyond the old range at its low end and stop at its high end. A "log" range may
        grow beyond both."""
        return self.at_the_borders(peak, {HIGH_RATE: OLD}, {})

    @mistake
    def cut_at_the_bottom(self, right, peak, **inputs):
        """You go beyond the old range at its high end and stop at its low end. A "log" range may
        grow beyond both."""
        return self.at_the_borders(peak, {}, {LOW_RATE: OLD})

    @mistake
    def moved_inside(self, right, peak, **inputs):
        """You move the fine range until it fits inside the old one, so it is no longer centred on
        the best rate, and what lies beyond the border is never tried."""
        other = "a third of the range from the other end"
        return self.at_the_borders(
            peak, {HIGH_RATE: OLD, LOW_RATE: other}, {LOW_RATE: OLD, HIGH_RATE: other}
        )

    def at_the_borders(self, peak, top, bottom):
        return top if peak["rate"] > 0 else bottom if peak["rate"] < -6 else None

    @mistake
    def rates_narrowed_evenly(self, right, peak, **inputs):
        """You narrow the "log" range on an even scale: a sixth of high minus low to each side of
        the best. Below it that leaves nearly every decade in. Measure the range in its
        logarithm."""
        return {LOW_RATE: EVEN if peak["rate"] > 0 else OLD, HIGH_RATE: EVEN}

    @mistake
    def drawn_in_the_rate(self, right, **inputs):
        """You draw the fine rates evenly in the rate itself. Their range is still a "log" one: draw
        their exponent evenly."""
        return {EVENLY: "the rate itself"}

    @mistake
    def a_third_to_each_side(self, right, **inputs):
        """Your fine ranges are two thirds of the old ones: a third to each side of the best. A
        third altogether is wanted, so a sixth to each side."""
        word = "a third of the range away"
        return self.rates(word) | self.keeps(inputs["peak"], word)

    @mistake
    def rates_a_third_to_each_side(self, right, **inputs):
        """Your fine "log" range is two thirds of the old one: a third to each side of the best. A
        third altogether is wanted, so a sixth to each side."""
        return self.rates("a third of the range away")

    @mistake
    def keeps_a_third_to_each_side(self, right, peak, **inputs):
        """Your fine "uniform" range is two thirds of the old one: a third to each side of the best.
        A third altogether is wanted, so a sixth to each side."""
        return self.keeps(peak, "a third of the range away")

    @mistake
    def a_twelfth_to_each_side(self, right, **inputs):
        """Your fine ranges are a sixth of the old ones: a twelfth to each side of the best. A third
        altogether is wanted, so a sixth to each side."""
        word = "a twelfth of the range away"
        return self.rates(word) | self.keeps(inputs["peak"], word)

    @mistake
    def rates_a_twelfth_to_each_side(self, right, **inputs):
        """Your fine "log" range is a sixth of the old one: a twelfth to each side of the best. A
        third altogether is wanted, so a sixth to each side."""
        return self.rates("a twelfth of the range away")

    @mistake
    def a_factor_of_three(self, right, **inputs):
        """Your fine rates go from a third of the best to three times it, whatever the old range. A
        third of the range's width in the logarithm is wanted."""
        return self.rates("a factor of 3 away")

    @mistake
    def a_factor_of_three_altogether(self, right, **inputs):
        """Your fine rates span a factor of 3, whatever the old range. A third of the range's width
        in the logarithm is wanted."""
        return self.rates("a factor of √3 away")

    @mistake
    def a_decade_altogether(self, right, **inputs):
        """Your fine rates span a factor of 10, whatever the old range. A third of the range's width
        in the logarithm is wanted."""
        return self.rates("a factor of √10 away")

    @mistake
    def a_decade_to_each_side(self, right, **inputs):
        """Your fine rates go from a tenth of the best to ten times it, whatever the old range. A
        third of the range's width in the logarithm is wanted."""
        return self.rates("a factor of 10 away")

    @mistake
    def around_the_best_fine_run(self, right, **inputs):
        """The centre of your fine ranges moves: each fine run is drawn around the best fine run so
        far. All of them are drawn around the best coarse run, so their order does not matter."""
        return {AROUND: "the best fine run so far"}

    @mistake
    def around_the_run_before(self, right, **inputs):
        """The centre of your fine ranges moves: each fine run is drawn around the one before it.
        All of them are drawn around the best coarse run, so their order does not matter."""
        return {AROUND: "the fine run before"}

    @mistake
    def two_logarithms(self, right, **inputs):
        """Your "log" range is too narrow by ln 10: its width is measured in decimal logarithms and
        put into powers of e. Use one kind of logarithm."""
        return self.rates("a sixth away in another logarithm")

    @mistake
    def middle_third(self, right, **inputs):
        """Your fine rates are the middle third of the old range, wherever the best one lay. Centre
        the range on the best."""
        return self.rates("where the middle third ends")

    @mistake
    def upwards_alone(self, right, peak, **inputs):
        """Your fine rates begin at the best and go up from there. The best is the centre of the
        range."""
        low = OLD if peak["rate"] < -6 else HERE  # the best lies at the old end there
        return {LOW_RATE: low, HIGH_RATE: "a third of the range away"}

    def rates(self, word):
        return {LOW_RATE: word, HIGH_RATE: word}

    def keeps(self, peak, word):
        """Both ends of the shares, where the old end is not the right one."""
        cut = HIGH_KEEP if peak["keep"] > 1 else LOW_KEEP if peak["keep"] < 0 else ""
        ends = (LOW_KEEP, HIGH_KEEP) if -6 < peak["rate"] < 0 else ()
        return {end: word for end in ends if end != cut}

    # The rest of the fine stage.

    @mistake
    def around_the_worst(self, right, **inputs):
        """Your fine stage lies around the worst coarse run: what evaluate gives is an accuracy, and
        the highest is the best."""
        return {AROUND: "the worst coarse run"}

    @mistake
    def around_the_last(self, right, **inputs):
        """Your fine stage lies around the last coarse run. Look for the one with the highest
        accuracy."""
        return {AROUND: "the last coarse run"}

    @mistake
    def not_narrowed(self, right, peak, **inputs):
        """Your second stage searches the whole space again. Narrow it around the best."""
        return self.rates(OLD) | self.keeps(peak, OLD) | {WHOLE: DRAWN, CHOICE: DRAWN}

    @mistake
    def shares_not_narrowed(self, right, peak, **inputs):
        """You narrow the "log" ranges and leave the "uniform" ones as they were."""
        return self.keeps(peak, OLD)

    @mistake
    def beyond_the_limit(self, right, peak, **inputs):
        """You try shares beyond their limits. "uniform" ends are limits that mean something (a
        share of 1.1 cannot be kept): cut there."""
        return self.beyond(peak, {-0.3: LOW_KEEP, 1.5: HIGH_KEEP})

    @mistake
    def beyond_the_low_limit(self, right, peak, **inputs):
        """You cut the "uniform" range at its high end only. Its low end is a limit as well."""
        return self.beyond(peak, {-0.3: LOW_KEEP})

    @mistake
    def beyond_the_high_limit(self, right, peak, **inputs):
        """You cut the "uniform" range at its low end only. Its high end is a limit as well."""
        return self.beyond(peak, {1.5: HIGH_KEEP})

    def beyond(self, peak, ends):
        return {ends[peak["keep"]]: "beyond the old end"} if peak["keep"] in ends else None

    @mistake
    def shares_clipped(self, right, peak, **inputs):
        """You cut the shares that were drawn, so those beyond a limit pile up on it. It is the
        range that is cut: draw evenly from what is left of it."""
        ends = self.beyond(peak, {-0.3: LOW_KEEP, 1.5: HIGH_KEEP})
        return dict.fromkeys(ends or (), PILED)

    @mistake
    def shares_moved_inside(self, right, peak, **inputs):
        """At a limit you move the "uniform" range inside, so that it stays a third of the old one.
        It is cut there, and then narrower."""
        other = {-0.3: HIGH_KEEP, 1.5: LOW_KEEP}.get(peak["keep"])
        return {other: "a third of the range from the other end"} if other else None

    @mistake
    def choices_drawn_again(self, right, **inputs):
        """Entries of the kinds "int" and "choice" stay at the best one's value in the second
        stage; yours are drawn again."""
        return {WHOLE: DRAWN, CHOICE: DRAWN}

    @mistake
    def int_drawn_again(self, right, **inputs):
        """Your "int" is drawn again in the second stage. It stays at the best one's value."""
        return {WHOLE: DRAWN}

    @mistake
    def int_narrowed(self, right, **inputs):
        """Your "int" is drawn from a narrower range in the second stage. It stays at the best one's
        value."""
        return {WHOLE: "narrowed"}

    @mistake
    def choice_drawn_again(self, right, **inputs):
        """Your "choice" is drawn again in the second stage. It stays at the best one's value."""
        return {CHOICE: DRAWN}

    @mistake
    def entries_left_out(self, right, **inputs):
        """Your fine settings lack entries. What is not searched any more, "int" and "choice", is
        still part of a setting, at the best one's value."""
        return dict.fromkeys(right, raises("KeyError", "rule"))
