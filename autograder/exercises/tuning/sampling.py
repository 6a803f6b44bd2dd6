"""Exercise of notebook 08: settings drawn at random, each entry on the scale that suits it.

What is done with them is in `tuning_search`.
"""

import numpy as np
import torch

from autograder.exercise import Case, Exercise, mistake, statistic

# How the values of an entry are spread over its range.
MIDDLE, SPREAD = "{}: middle of its range", "{}: spread over its range"
EMPTY = "{}: share of small parts left empty"
LIES, INSIDE = "{}: where it lies", "inside"
VALUES = "learning_rate: its values"
COUNTS = "shift: share of each", "rule: share of each"
REPEATS, RISES, TOGETHER = (
    "rule: share equal to the one before", "learning_rate: how it goes along the list",
    "learning_rate and keep together",
)  # fmt: skip
FORM = "form of the settings"
RIGHT_FORM = "a list of dictionaries"


class sample_hyperparameters(Exercise):
    """Draw settings to try: rates evenly in their exponent."""

    signature = "sample_hyperparameters(space, n, rng)"
    minutes = 10
    difficulty = 2
    reads = {
        FORM: "your settings come as {seen}; {right} is right",
        "number of settings": "the number of your settings",
        "names": "the names in your settings are {seen}; {right} are right",
        "one dictionary each": "it is {seen} that your settings are dictionaries of their own; "
        "{right} is right",
        "shifts are whole": 'it is {seen} that your values of an "int" are whole numbers; {right} '
        "is right",
        "choice gives": 'your "choice" gives {seen}; {right} is right',
        LIES.format("learning_rate"): 'with its "log" range your `learning_rate` lies {seen}; '
        "{right} is right",
        LIES.format("keep"): 'with its "uniform" range your `keep` lies {seen}; {right} is right',
        LIES.format("shift"): 'with its "int" range your `shift` lies {seen}; {right} is right',
        VALUES: "your rates are {seen}; {right} is right",
        MIDDLE.format("learning_rate"): 'on a scale from 0 to 1 in the logarithm of its "log" '
        "range, the mean of your `learning_rate`",
        SPREAD.format("learning_rate"): 'on a scale from 0 to 1 in the logarithm of its "log" '
        "range, the standard deviation of your `learning_rate`",
        EMPTY.format("learning_rate"): 'of as many equal parts of its "log" range as settings, the '
        "share in which no `learning_rate` of yours lies",
        MIDDLE.format("keep"): 'on a scale from 0 to 1 in its "uniform" range, the mean of your '
        "`keep`",
        SPREAD.format("keep"): 'on a scale from 0 to 1 in its "uniform" range, the standard '
        "deviation of your `keep`",
        EMPTY.format("keep"): 'of as many equal parts of its "uniform" range as settings, the '
        "share in which no `keep` of yours lies",
        COUNTS[0]: "the list of shares of each whole number among your `shift`",
        COUNTS[1]: "the list of shares of each option among your `rule`",
        REPEATS: "the share of your settings whose `rule` is that of the setting before",
        RISES: "the correlation of your `learning_rate` (in its logarithm) with its place in the "
        "list",
        TOGETHER: "the correlation of your `learning_rate` (in its logarithm) with your `keep`",
        "goes on drawing": "it is {seen} that a second call with the same generator gives other "
        "settings; {right} is right",
        "same generator, same settings": "it is {seen} that two equal generators give the same "
        "settings; {right} is right",
        "another generator, other settings": "it is {seen} that another generator gives other "
        "settings; {right} is right",
    }
    hints = (
        "Half of the rates between 0.0001 and 1 should lie below 0.01. What has to be drawn evenly "
        "for that?",
        "Write one function that draws for one entry of space, then a loop over n and a loop over "
        "names. Mind what the generator's method for whole numbers does with its upper end.",
    )

    def cases(self, rng):
        def case(name, points, n, log, uniform, whole, options):
            options = [options[at] for at in rng.permutation(len(options))]
            return Case(
                name, points, n=int(n), seed=int(rng.integers(1e6)),
                space={"learning_rate": ("log", *log), "keep": ("uniform", *uniform),
                       "shift": ("int", *whole), "rule": ("choice", options)},
            )  # fmt: skip

        rules = ["sgd", "adam", "rmsprop", "adagrad", "nesterov"][: rng.integers(3, 6)]
        a, b = rng.uniform(0.8, 1.25, 2)
        least = int(rng.integers(2, 6))
        yield case("many settings", 5, rng.integers(1400, 1600), (2e-5 * a, 0.3 * b),
                   (0.25 * a, 0.75 * b), (least, least + 2), rules)  # fmt: skip
        mixed = [32 * int(rng.integers(1, 9)), 0.5, "auto"]
        yield case("ranges on both sides of 0, options of two kinds", 3, rng.integers(1400, 1600),
                   (2.0 * a, 300.0 * b), (-3.0 * a, 40.0 * b), (-2, int(rng.integers(1, 4))),
                   mixed)  # fmt: skip
        # No power of a logarithm to another base leads back into this range.
        yield case("a few settings", 2, rng.integers(3, 9), (1e-7, 1e-4), (0.0, 1.0),
                   (1, 9), rules)  # fmt: skip

    def observe(self, code, space, n, seed):
        def drawn(generator):
            return code.sample_hyperparameters(space, n, generator)

        rng = np.random.default_rng(seed)
        first = drawn(rng)
        kinds = sorted({type(one).__name__ for one in first}) if isinstance(first, list) else []
        if not isinstance(first, (list, tuple)) or not all(isinstance(one, dict) for one in first):
            form = f"a list of {', '.join(kinds)}" if kinds else f"a {type(first).__name__}"
            return {"form of the settings": form}
        names = ", ".join(sorted({str(name) for one in first for name in one}))
        seen = {"form of the settings": "a list of dictionaries", "number of settings": len(first),
                "names": names}  # fmt: skip
        if names != ", ".join(sorted(space)):
            return seen
        options = space["rule"][1]

        def place(value):
            found = [at for at, option in enumerate(options) if isinstance(value, type(option)) or (
                not isinstance(value, str) and not isinstance(option, str))]  # fmt: skip
            return next((at for at in found if options[at] == value), -1)

        rules = [one["rule"] for one in first]
        if all(place(value) >= 0 for value in rules):
            gives = "the options"
        elif all(isinstance(value, (int, np.integer)) for value in rules):
            gives = "their places in the list"
        elif {str(value) for value in rules} <= {str(option) for option in options}:
            gives = "the options as strings"
        else:
            gives = "something else"
        seen |= {
            name: np.array([float(one[name]) for one in first])
            for name in ("learning_rate", "keep", "shift")
        }
        seen |= {
            "rule": np.array([place(value) for value in rules]),
            "choice gives": gives,
            "one dictionary each": len({id(one) for one in first}) == len(first),
            "shifts are whole": all(isinstance(one["shift"], (int, np.integer)) for one in first),
        }
        if n < 10:
            seen["goes on drawing"] = bool(first != drawn(rng))
            seen["same generator, same settings"] = first == drawn(np.random.default_rng(seed))
            seen["another generator, other settings"] = bool(
                first != drawn(np.random.default_rng(seed + 1))
            )
        return seen

    def read(self, seen, space, n, seed):
        entries = "learning_rate", "keep", "shift", "rule"
        found = {name: value for name, value in seen.items() if name not in entries}
        if "choice gives" not in seen:
            return found
        found |= {LIES.format(name): lies(seen[name], *space[name][1:]) for name in entries[:3]}
        if n < 10:
            return found
        rates, keeps, shifts, rules = (seen[name] for name in entries)
        low, high = space["learning_rate"][1:]
        with np.errstate(all="ignore"):
            at = {"learning_rate": np.log(rates / low) / np.log(high / low)}
            powers = np.log10(rates)
        low, high = space["keep"][1:]
        at["keep"] = (keeps - low) / (high - low)
        low, high = space["shift"][1:]
        found |= even(space, n)  # what says nothing by itself stays at that
        different = len(np.unique(rates))
        if different == 1:  # one setting has no distribution
            return found | {VALUES: "all equal"}
        if seen["choice gives"] == "the options":
            found[COUNTS[1]] = [float((rules == k).mean()) for k in range(len(space["rule"][1]))]
            found[REPEATS] = float((rules[1:] == rules[:-1]).mean())
        found[COUNTS[0]] = [float((shifts == k).mean()) for k in range(low, high + 1)]
        found |= spread("keep", at["keep"])
        if different < 0.9 * len(rates):
            if np.allclose(powers, powers.round()):
                found[LIES.format("learning_rate")] = INSIDE
                return found | {VALUES: "powers of ten alone"}
            return found | {VALUES: "few"}
        found |= spread("learning_rate", at["learning_rate"])
        if np.isfinite(at["learning_rate"]).all():
            found |= {
                RISES: correlation(at["learning_rate"], np.arange(len(rates))),
                TOGETHER: correlation(at["learning_rate"], at["keep"]),
            }
        return found

    def reference(self, space, n, seed):
        right = {
            FORM: RIGHT_FORM,
            "number of settings": n,
            "names": ", ".join(sorted(space)),
            "one dictionary each": True,
            "shifts are whole": True,
            "choice gives": "the options",
            **{LIES.format(name): INSIDE for name in ("learning_rate", "keep", "shift")},
        }
        if n < 10:
            return right | {"goes on drawing": True, "same generator, same settings": True,
                            "another generator, other settings": True}  # fmt: skip
        right |= even(space, n)
        uniform = torch.distributions.Uniform(0.0, 1.0)
        middle, deviation = float(uniform.mean), float(uniform.stddev)
        # The standard error of a standard deviation, from the fourth moment of a uniform, 1/80.
        of_deviation = np.sqrt(1 / 80 - deviation**4) / (2 * deviation) / np.sqrt(n)
        for name in ("learning_rate", "keep"):
            share = right[EMPTY.format(name)]
            right |= {
                MIDDLE.format(name): statistic(middle, deviation / np.sqrt(n)),
                SPREAD.format(name): statistic(deviation, of_deviation),
                EMPTY.format(name): statistic(share, np.sqrt(share * (1 - 2 * share) / n)),
            }
        for name in (*COUNTS, REPEATS):
            share = np.max(right[name])
            right[name] = statistic(right[name], np.sqrt(share * (1 - share) / n))
        return right | {name: statistic(0.0, 1 / np.sqrt(n)) for name in (RISES, TOGETHER)}

    def as_if(self, name, values, space, n):
        """The cells of an entry when its values are these, which stand for a distribution."""
        low, high = space[name][1:]
        shown = {LIES.format(name): lies(values, low, high)}
        if n < 10:
            return shown
        with np.errstate(all="ignore"):
            log = np.log(values / low) / np.log(high / low)
        at = log if name == "learning_rate" else (values - low) / (high - low)
        return shown | spread(name, at)

    @mistake
    def evenly_in_the_rate(self, right, space, n, seed):
        """You draw rates evenly between low and high, so nine in ten lie in the highest decade.
        Draw the exponent evenly instead."""
        low, high = space["learning_rate"][1:]
        return self.as_if("learning_rate", np.linspace(low, high, 10002)[1:-1], space, n)

    @mistake
    def ends_taken_for_exponents(self, right, space, n, seed):
        """Your rates leave their range: the ends of a "log" entry are rates, and you raise 10 to
        their power. Take their logarithm first."""
        low, high = space["learning_rate"][1:]
        return self.as_if("learning_rate", 10 ** np.linspace(low, high, 10001), space, n)

    @mistake
    def two_kinds_of_logarithm(self, right, space, n, seed):
        """Your rates leave their range: the power undoes another logarithm than the one that you
        took of the ends."""
        low, high = np.log10(space["learning_rate"][1:])
        return self.as_if("learning_rate", np.exp(np.linspace(low, high, 10001)), space, n)

    @mistake
    def decimal_logarithm_kept(self, right, space, n, seed):
        """What you give as a rate is its decimal logarithm. Drawing the exponent evenly is the
        first half: raise 10 to its power."""
        return self.logarithms(np.log10, space, n)

    @mistake
    def natural_logarithm_kept(self, right, space, n, seed):
        """What you give as a rate is its natural logarithm. Drawing the logarithm evenly is the
        first half: undo it."""
        return self.logarithms(np.log, space, n)

    def logarithms(self, log, space, n):
        """What is seen when the rates' logarithms come back."""
        low, high = (log(end) for end in space["learning_rate"][1:])
        return self.as_if("learning_rate", np.linspace(low, high, 10001), space, n)

    @mistake
    def powers_of_ten(self, right, space, n, seed):
        """Your rates are powers of ten: the exponent is drawn as a whole number. It is to be even
        between the ends, so nearly all rates differ."""
        if n > 10 and space["learning_rate"][1] < 0.1:
            return {VALUES: "powers of ten alone"}

    @mistake
    def low_end_not_read(self, right, space, n, seed):
        """Your "uniform" entries begin at 0: their low end is not read."""
        return self.as_if("keep", np.linspace(0, space["keep"][2], 10002)[1:-1], space, n)

    @mistake
    def high_taken_for_width(self, right, space, n, seed):
        """Your "uniform" entries go from low to low plus high. high is their end, not the width."""
        low, high = space["keep"][1:]
        return self.as_if("keep", np.linspace(low, low + high, 10002)[1:-1], space, n)

    @mistake
    def exponential_everywhere(self, right, space, n, seed):
        """You draw "uniform" entries by their exponent too. A share such as keep has no decades:
        draw it evenly."""
        low, high = space["keep"][1:]
        if low > 0:
            values = np.exp(np.linspace(np.log(low), np.log(high), 10002)[1:-1])
            return self.as_if("keep", values, space, n)

    @mistake
    def upper_end_left_out(self, right, space, n, seed):
        """The highest whole number never comes up. "int" includes both ends; rng.integers does
        not, unless it is told to."""
        if n > 10:
            count = len(right[COUNTS[0]])
            return {COUNTS[0]: [1 / (count - 1)] * (count - 1) + [0.0]}

    @mistake
    def cut_towards_zero(self, right, space, n, seed):
        """Around 0 your whole numbers come up in other shares: cutting off what is behind the point
        goes towards 0, up for negative numbers. Draw whole numbers."""
        low, high = space["shift"][1:]
        if n > 10 and low < 0:
            counts = np.bincount(np.arange(low, high + 1) + (np.arange(low, high + 1) < 0) - low)
            return {COUNTS[0]: (counts / counts.sum()).tolist()}

    @mistake
    def rounded_ends_are_rare(self, right, space, n, seed):
        """The lowest and the highest whole number come up half as often as the others: that is
        what rounding an even draw does. Draw whole numbers."""
        if n > 10:
            inner = 1 / (len(right[COUNTS[0]]) - 1)
            return {COUNTS[0]: [inner / 2, *[inner] * (len(right[COUNTS[0]]) - 2), inner / 2]}

    @mistake
    def layers_with_a_point(self, right, space, n, seed):
        """An "int" should be a whole number; a net cannot have 3.0 layers, nor 3.7."""
        return {"shifts are whole": False}

    @mistake
    def last_option_left_out(self, right, space, n, seed):
        """The last option of a "choice" never comes up. rng.integers leaves its upper end out by
        itself."""
        if n > 10:
            count = len(right[COUNTS[1]])
            return {COUNTS[1]: [1 / (count - 1)] * (count - 1) + [0.0], REPEATS: 1 / (count - 1)}

    @mistake
    def place_for_option(self, right, space, n, seed):
        """Your "choice" gives the place of an option in the list. The option itself is wanted."""
        return {"choice gives": "their places in the list"}

    @mistake
    def options_become_strings(self, right, space, n, seed):
        """Your "choice" turns options into strings where they are of two kinds: in a numpy array
        all become one type. Draw a place in the list instead."""
        if len({isinstance(option, str) for option in space["rule"][1]}) > 1:
            return {"choice gives": "the options as strings"}

    @mistake
    def options_in_turn(self, right, space, n, seed):
        """Your options come in turn, setting by setting. Draw one for each, whatever came before.
        """
        return {REPEATS: 0.0} if n > 10 else None

    @mistake
    def laid_out_evenly(self, right, space, n, seed):
        """Your rates lie too evenly: each small part of the range gets one, as on a grid that is
        shuffled. Draw every one by itself, whatever the others are."""
        return {EMPTY.format(name): 0.0 for name in ("learning_rate", "keep")} if n > 10 else None

    @mistake
    def sorted_by_rate(self, right, space, n, seed):
        """Your settings are sorted by their learning rate. A search that is stopped early would
        have seen one end of the range only: leave them as they were drawn."""
        return {RISES: 1.0} if n > 10 else None

    @mistake
    def one_too_many(self, right, space, n, seed):
        """You give one setting more than n."""
        return {"number of settings": n + 1}

    @mistake
    def one_too_few(self, right, space, n, seed):
        """You give one setting less than n."""
        return {"number of settings": n - 1}

    @mistake
    def one_draw_for_all(self, right, space, n, seed):
        """Your learning rate and keep rise and fall together: each setting uses one draw for
        everything, so only a line through the space is searched."""
        if n > 10:
            return {TOGETHER: 1.0}

    @mistake
    def same_dictionary(self, right, space, n, seed):
        """All your settings are one and the same dictionary, n times in the list, so they are all
        equal. Make a new one for each."""
        return {"one dictionary each": False} | self.all_equal(right)

    @mistake
    def drawn_once(self, right, space, n, seed):
        """All your settings are equal: drawn once and repeated. Draw inside the loop."""
        return self.all_equal(right)

    def all_equal(self, right):
        return {VALUES: "all equal"} if VALUES in right else {}

    @mistake
    def generator_made_anew(self, right, space, n, seed):
        """Every call gives the same settings: you make a generator of your own from a fixed seed.
        Use the one that is passed in."""
        if n < 10:
            return {"goes on drawing": False, "another generator, other settings": False}

    @mistake
    def generator_copied(self, right, space, n, seed):
        """Two calls with the same generator give the same settings: you draw from a copy of it.
        Draw from the generator itself, so that it moves on."""
        if n < 10:
            return {"goes on drawing": False}

    @mistake
    def generator_ignored(self, right, space, n, seed):
        """The same generator gives other settings each time: you draw from one of your own. Use
        the one that is passed in, or no search can be repeated."""
        if n < 10:
            return {"same generator, same settings": False}


def lies(values, low, high) -> str:
    """Where values lie, seen from their range."""
    slack = 1e-9 * max(abs(low), abs(high))
    below, above = bool((values < low - slack).any()), bool((values > high + slack).any())
    if below and above:
        return "below and above it"
    return "below it" if below else "above it" if above else INSIDE


def even(space, n) -> dict:
    """What settings show that are drawn evenly, each by itself."""
    low, high = space["shift"][1:]
    numbers, options = high - low + 1, len(space["rule"][1])
    shown = {VALUES: "all different", REPEATS: 1 / options, RISES: 0.0, TOGETHER: 0.0,
             COUNTS[0]: [1 / numbers] * numbers, COUNTS[1]: [1 / options] * options}  # fmt: skip
    for name in ("learning_rate", "keep"):
        shown |= {MIDDLE.format(name): 0.5, SPREAD.format(name): 12**-0.5,
                  EMPTY.format(name): (1 - 1 / n) ** n}  # fmt: skip
    return shown


def spread(name, at) -> dict:
    """How values are spread that were brought to 0 … 1; {} where they have no logarithm."""
    if not np.isfinite(at).all():
        return {}
    middle, deviation, n = float(at.mean()), float(at.std()), len(at)
    shown = {MIDDLE.format(name): middle, SPREAD.format(name): deviation}
    if abs(middle - 0.5) < 2 / np.sqrt(n) and abs(deviation - 12**-0.5) < 1 / np.sqrt(n):
        # Values that are not even leave parts empty for that reason.
        shown[EMPTY.format(name)] = 1 - len(np.unique(np.floor(at * n))) / n
    return shown


def correlation(a, b) -> float:
    with np.errstate(all="ignore"):
        return float(np.corrcoef(a, b)[0, 1])
