"""Exercise of notebook 08: searching in two stages.

Drawing the settings is in `tuning_sampling`, choosing among what was found in `tuning_front`; what
to do before and after a search is in `tuning`.
"""

import numpy as np

from autograder.exercise import Case, Exercise, mistake, near
from course_utils.recipes.tuning import Landscape

CENTRED = "fine rates are centred on the best"
BEYOND = "fine rates go beyond the old border"


class coarse_to_fine(Exercise):
    """A wide search with short runs, then a narrow one with longer runs around the best."""

    signature = "coarse_to_fine(evaluate, space, budget, rng) -> best, trials"
    needs = ("sample_hyperparameters",)
    library = "any"
    counted = ("epochs of each run", "measures on")
    minutes = 18
    difficulty = 3
    hints = (
        "The second stage is the first one again, in another space and with more epochs. So write "
        "one loop that runs settings, and one piece that makes the narrow space.",
        "Measure a \"log\" range in its logarithm: centre it on the best rate's logarithm, take a "
        "third of the old width, go back. What happens at the old border is in the docstring, and "
        "differs between \"log\" and \"uniform\".",
    )

    def cases(self, rng):
        def case(name, points, rate, keep, per_epoch, runs=60):
            return Case(
                name, 2 * points, peak={"rate": rate, "keep": keep, "per_epoch": per_epoch},
                space={"learning_rate": ("log", 3e-6, 0.3), "keep": ("uniform", 0.2, 1.0),
                       "layers": ("int", 1, 5), "rule": ("choice", ("sgd", "adam", "rmsprop"))},
                budget=((runs, 2), (runs, 7)), seed=int(rng.integers(1e6)),
            )  # fmt: skip

        yield case("the best lies inside", 2, -2.0, 0.5, 0.001, 300)
        yield case("the best rate lies at the border", 2, 1.0, None, 0.0, 300)
        yield case("the best share lies at its limit", 1, -2.0, 1.0, 0.0, 300)
        yield case("long runs score lower", 1, -4.0, 0.6, -0.03)

    def observe(self, code, peak, space, budget, seed):
        hill = Landscape(**peak)
        best, trials = code.coarse_to_fine(hill, space, budget, np.random.default_rng(seed))
        rules = space["rule"][1]

        def numbers(configs):
            rows = [[one["learning_rate"], one["keep"], one["layers"], rules.index(one["rule"])]
                    for one in configs]  # fmt: skip
            return np.array(rows, dtype=float).reshape(-1, 4)

        return {
            "runs": numbers(config for config, *_ in hill.calls),
            "epochs": np.array([epochs for _, epochs, *_ in hill.calls]),
            "accuracies": np.array([call[3] for call in hill.calls]),
            "splits": [call[2] for call in hill.calls],
            "best": numbers([best]),
            "noted": numbers(trial[0] for trial in trials),
            "noted epochs": np.array([trial[1] for trial in trials]),
            "noted accuracies": np.array([trial[2] for trial in trials], dtype=float),
        }

    def read(self, seen, peak, space, budget, seed):
        coarse = budget[0][0]
        splits = sorted(set(seen["splits"]))
        seen, twice = _once(seen)
        runs, scores = seen["runs"], seen["accuracies"]
        centre, worst = (runs[at(scores[:coarse])] for at in (np.argmax, np.argmin))
        rates = _rates(runs, coarse, centre, space["learning_rate"])
        around_worst = _rates(runs, coarse, worst, space["learning_rate"])
        around = "the best coarse run"
        if around_worst[CENTRED] and not rates[CENTRED]:  # the rest is judged around the worst
            around, centre = "the worst coarse run", worst
            rates = around_worst | {BEYOND: np.nan}
        found = {
            "fine stage lies around": around,
            "epochs of each run": seen["epochs"],
            "measures on": splits,
            "trained": "some settings twice" if twice else "every setting once",
            "best": _which(seen["best"][0], runs, scores, coarse),
            "trials": _noted(seen, coarse),
        }
        found |= rates
        found["range of keep"] = _shares(runs[coarse:, 1], centre[1], space["keep"])
        same = (runs[coarse:, 2:] == centre[2:]).all()
        return found | {"layers and rule": "the best one's" if same else "drawn again"}

    def reference(self, peak, space, budget, seed):
        (coarse, short), (fine, long) = budget
        return {
            "epochs of each run": np.array([short] * coarse + [long] * fine),
            "measures on": ["validation"],
            "trained": "every setting once",
            "fine stage lies around": "the best coarse run",
            "best": "the best of the fine runs",
            "trials": "all runs in order",
            "width of the fine rates, in thirds": near(1.0, rtol=0.0, atol=_slack(fine)),
            CENTRED: True,
            BEYOND: peak["rate"] > 0,
            "coarse rates fill the range": True,
            "fine rates are narrowed": "in their logarithm",
            "range of keep": "narrowed",
            "layers and rule": "the best one's",
        }

    @mistake
    def cut_at_the_border(self, right, peak, **inputs):
        """The best rate lay at the border of your range, and you stop there. Whatever is best at
        the border is a reason to look beyond it."""
        if peak["rate"] > 0:
            return {"width of the fine rates, in thirds": 0.5,
                    CENTRED: False,
                    BEYOND: False}  # fmt: skip

    @mistake
    def moved_inside(self, right, peak, **inputs):
        """You move the fine range until it fits inside the old one, so it is no longer centred on
        the best rate, and what lies beyond the border is never tried."""
        if peak["rate"] > 0:
            return {CENTRED: False,
                    BEYOND: False}  # fmt: skip

    @mistake
    def rates_narrowed_evenly(self, right, peak, **inputs):
        """You narrow the "log" range on an even scale: a sixth of high minus low to each side of
        the best. Below it that leaves nearly every decade in. Measure the range in its
        logarithm."""
        beyond = {BEYOND: False} if peak["rate"] > 0 else {}
        return beyond | {"fine rates are narrowed": "in the rate itself",
                         "width of the fine rates, in thirds": np.nan,
                         CENTRED: False}  # fmt: skip

    @mistake
    def around_the_worst(self, right, peak, **inputs):
        """Your fine stage lies around the worst coarse run: what evaluate gives is an accuracy, and
        the highest is the best."""
        return {"fine stage lies around": "the worst coarse run", BEYOND: np.nan}

    @mistake
    def not_narrowed(self, right, peak, **inputs):
        """Your second stage searches the whole space again. Narrow it around the best."""
        return {"width of the fine rates, in thirds": 3.0,
                CENTRED: False,
                BEYOND: False,
                "range of keep": "as before", "layers and rule": "drawn again"}  # fmt: skip

    @mistake
    def a_third_to_each_side(self, right, peak, **inputs):
        """Your fine ranges are two thirds of the old ones: a third to each side of the best. A
        third altogether is wanted, so a sixth to each side."""
        return {"width of the fine rates, in thirds": 2.0, "range of keep": "another"}

    @mistake
    def beyond_the_limit(self, right, peak, **inputs):
        """You try shares beyond their limits. "uniform" ends are limits that mean something (a
        share of 1.1 cannot be kept): cut there."""
        if peak["keep"] == 1.0:
            return {"range of keep": "beyond its limits"}

    @mistake
    def shares_not_narrowed(self, right, **inputs):
        """You narrow the "log" ranges and leave the "uniform" ones as they were."""
        return {"range of keep": "as before"}

    @mistake
    def choices_drawn_again(self, right, **inputs):
        """Entries of the kinds "int" and "choice" stay at the best one's value in the second
        stage; yours are drawn again."""
        return {"layers and rule": "drawn again"}

    @mistake
    def same_length(self, right, budget, **inputs):
        """Your fine runs are as short as the coarse ones. The few settings that are left deserve
        longer runs."""
        (coarse, short), (fine, _) = budget
        return {"epochs of each run": np.array([short] * (coarse + fine))}

    @mistake
    def long_first(self, right, budget, **inputs):
        """You have the two lengths swapped: short runs come first, when many are to be thrown
        away."""
        (coarse, short), (fine, long) = budget
        return {"epochs of each run": np.array([long] * coarse + [short] * fine)}

    @mistake
    def test_set_searched(self, right, **inputs):
        """Your search asks for accuracies on the test set. What is chosen on it is no test any
        more: choose on the validation set."""
        return {"measures on": ["test"]}

    @mistake
    def looks_at_the_test_set_too(self, right, **inputs):
        """Your search looks at the test set beside the validation set. Leave it alone until one
        setting is chosen; the test is made once, outside this function."""
        return {"measures on": ["test", "validation"]}

    @mistake
    def trained_twice(self, right, **inputs):
        """You call evaluate twice for the same setting. Each call is a whole training, so your
        search takes longer than its budget: keep what the first call gave."""
        return {"trained": "some settings twice"}

    @mistake
    def best_across_stages(self, right, peak, **inputs):
        """You compare runs of different length: your best may be a coarse run. Choose among the
        fine ones."""
        if peak["per_epoch"] < 0:
            return {"best": "the best of all, a coarse run"}

    @mistake
    def best_of_the_coarse(self, right, **inputs):
        """You return the best coarse run. The fine ones were made to find something better."""
        return {"best": "the best of all, a coarse run" if inputs["peak"]["per_epoch"] < 0 else
                "the best of the coarse runs"}  # fmt: skip

    @mistake
    def worst_returned(self, right, **inputs):
        """You return the worst of the fine runs: accuracies are better when they are higher."""
        return {"best": "the worst of the fine runs"}

    @mistake
    def trials_sorted(self, right, **inputs):
        """Your trials are all there, in another order than they were made: sorted, perhaps, to find
        the best. Look for the best with max, or sort a copy."""
        return {"trials": "all runs in another order"}

    @mistake
    def fine_trials_alone(self, right, **inputs):
        """Your trials are those of the fine stage. Keep the coarse ones too: the scatter plot of
        all runs is what you learn from."""
        return {"trials": "the fine runs alone"}


def _once(seen):
    """What was seen with one call for each run, and whether some call was made twice.

    A run's call is its first on the validation set, or its first where it has none there.
    """
    kept, made, twice = {}, set(), False
    for i, (setting, epochs, split) in enumerate(
        zip(seen["runs"].tolist(), seen["epochs"].tolist(), seen["splits"], strict=True)
    ):
        run = *setting, epochs
        twice |= (run, split) in made
        made.add((run, split))
        first = kept.setdefault(run, i)
        if seen["splits"][first] != "validation" == split:
            kept[run] = i
    rows = list(kept.values())
    return seen | {name: seen[name][rows] for name in ("runs", "epochs", "accuracies")}, twice


def _slack(n):
    """How much of a range n even draws may leave empty at an end: more is a chance of e^-14."""
    return 14 / n


def _rates(runs, coarse, centre, entry):
    """Where the learning rates lie, in thirds of the old range around the best coarse one."""
    low, high = np.log(entry[1]), np.log(entry[2])
    third, slack = (high - low) / 3, _slack(coarse)
    with np.errstate(all="ignore"):
        at = (np.log(runs[coarse:, 0]) - np.log(centre[0])) / third
        before = (np.log(runs[:coarse, 0]) - low) / (high - low)
    fine, sixth = runs[coarse:, 0], (entry[2] - entry[1]) / 6
    if _evenly(fine, centre[0] - sixth, centre[0] + sixth, entry):
        found = {"fine rates are narrowed": "in the rate itself",
                 "width of the fine rates, in thirds": np.nan,
                 CENTRED: False,
                 BEYOND: False}  # fmt: skip
    else:
        found = {"fine rates are narrowed": "in their logarithm"} | _width(at, fine, slack, entry)
    return found | {
        "coarse rates fill the range": bool(
            before.min() > -1e-9 and before.max() < 1 + 1e-9 and np.ptp(before) > 1 - 2 * slack
        ),
    }


def _width(at, fine, slack, entry):
    """How far the fine rates reach."""
    width = float(np.ptp(at))
    for thirds in (1, 2, 3):  # what n even draws leave empty of a range is no part of its width
        if thirds * (1 - _slack(len(fine))) <= width <= thirds:
            width = thirds
    return {
        "width of the fine rates, in thirds": width,
        CENTRED: bool(abs(at.max() + at.min()) < 2 * slack),
        BEYOND: bool(fine.max() > entry[2] * 1.01),
    }


def _evenly(fine, bottom, top, entry):
    """Whether the fine rates fill the range from bottom to top, cut at the old low end."""
    bottom = max(bottom, entry[1])
    if fine.min() < bottom * (1 - 1e-9) or fine.max() > top * (1 + 1e-9):
        return False
    with np.errstate(all="ignore"):
        filled = np.log(fine.max() / fine.min())
    return any(filled > (1 - 2 * _slack(len(fine))) * np.log(end / bottom)
               for end in (top, min(top, entry[2])))  # fmt: skip


def _shares(keeps, best, entry):
    """Where the shares lie in the second stage, in a word."""
    low, high = entry[1:]
    step = (high - low) / 6
    if keeps.min() < low - 1e-9 or keeps.max() > high + 1e-9:
        return "beyond its limits"
    if np.ptp(keeps) > max(0.5, 1 - 2 * _slack(len(keeps))) * (high - low):
        return "as before"
    wanted = max(low, best - step), min(high, best + step)
    slack = _slack(len(keeps)) * (wanted[1] - wanted[0])
    off = (keeps.min() - wanted[0], wanted[1] - keeps.max())
    return "narrowed" if all(-1e-9 < gap < slack for gap in off) else "another"


def _which(best, runs, scores, coarse):
    """Which of the runs the chosen setting is, in words."""
    first_stage, second = scores[:coarse], scores[coarse:]
    of_all = "the best of all, a coarse run"
    words = {
        "the best of the fine runs": coarse + int(np.argmax(second)),
        of_all if first_stage.max() > second.max() else "the best of the coarse runs": int(
            np.argmax(first_stage)
        ),
        "the worst of the fine runs": coarse + int(np.argmin(second)),
    }
    for word, run in words.items():
        if np.array_equal(best, runs[run]):
            return word
    return "another"


def _noted(seen, coarse):
    """Whether the trials that came back are the runs that were made."""
    noted = np.column_stack([seen["noted"], seen["noted epochs"], seen["noted accuracies"]])
    made = np.column_stack([seen["runs"], seen["epochs"], seen["accuracies"]])
    if np.array_equal(noted, made):
        return "all runs in order"
    if noted.shape == made.shape and sorted(noted.tolist()) == sorted(made.tolist()):
        return "all runs in another order"
    return "the fine runs alone" if np.array_equal(noted, made[coarse:]) else "something else"
