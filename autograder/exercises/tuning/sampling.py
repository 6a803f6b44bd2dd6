"""Exercise of notebook 08: settings drawn at random, each entry on the scale that suits it.

What is measured of them is in `spreads`, mistakes in the form of what comes back in
`sampling_forms`, what is done with them in `search`.
"""

import numpy as np
import torch

from autograder.exercise import Case, mistake, statistic
from autograder.exercises.tuning.sampling_forms import GivenBack
from autograder.exercises.tuning.spreads import (
    COUNTS,
    EMPTY,
    FORM,
    INSIDE,
    LIES,
    MIDDLE,
    READS,
    REPEATS,
    RIGHT_FORM,
    RISES,
    SPREAD,
    TOGETHER,
    VALUES,
    correlation,
    even,
    lies,
    spread,
)


class sample_hyperparameters(GivenBack):
    """Draw settings to try: rates evenly in their exponent."""

    signature = "sample_hyperparameters(space, n, rng)"
    minutes = 10
    difficulty = 2
    reads = READS
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
                   (0.2 * a, 0.8 + 0.1 * b), (least, least + 2), rules)  # fmt: skip
        mixed = [32 * int(rng.integers(1, 9)), 0.5, "auto"]
        yield case("ranges on both sides of 0, options of two kinds", 3, rng.integers(1400, 1600),
                   (2.0 * a, 300.0 * b), (-int(rng.integers(30, 40)), int(rng.integers(35, 50))),
                   (-2, int(rng.integers(1, 4))),
                   mixed)  # fmt: skip
        # No power of a logarithm to another base leads back into this range.
        yield case("a few settings", 2, rng.integers(3, 9), (1e-7, 1e-4), (0, 1),
                   (1, 9), rules)  # fmt: skip

    def observe(self, code, space, n, seed):
        def drawn(generator):
            return code.sample_hyperparameters(space, n, generator)

        rng = np.random.default_rng(seed)
        first = drawn(rng)
        if not isinstance(first, (list, tuple)) or not all(isinstance(one, dict) for one in first):
            listed = isinstance(first, (list, tuple))
            form = "a list of other things" if listed else f"a {type(first).__name__}"
            return {"form of the settings": form}
        names = ", ".join(sorted({str(name) for one in first for name in one}))
        seen = {"form of the settings": "a list of dictionaries", "number of settings": len(first),
                "names": names}  # fmt: skip
        if names != ", ".join(sorted(space)):
            return seen
        options = space["rule"][1]

        def place(value):
            text = isinstance(value, str)
            alike = [isinstance(one, str) == text and bool(one == value) for one in options]
            return alike.index(True) if True in alike else -1

        rules = [one["rule"] for one in first]
        places = [place(value) for value in rules]
        if min(places) >= 0:
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
            "rule": np.array(places),
            "choice gives": gives,
            "one dictionary each": len({id(one) for one in first}) == len(first),
            "shifts are whole": all(isinstance(one["shift"], (int, np.integer)) for one in first),
            "keeps are whole": all(float(one["keep"]).is_integer() for one in first),
        }
        if n < 10:
            seen["goes on drawing"] = bool(first != drawn(rng))
            seen["same generator, same settings"] = first == drawn(np.random.default_rng(seed))
            seen["another generator, other settings"] = bool(
                first != drawn(np.random.default_rng(seed + 1))
            )
        return seen

    def aid(self, **inputs):
        right = self.reference(**inputs)
        return {"right": {n: getattr(value, "value", value) for n, value in right.items()}}

    def read(self, seen, space, n, seed, right):
        entries = "learning_rate", "keep", "shift", "rule"
        found = {name: value for name, value in seen.items() if name not in entries}
        if "choice gives" not in seen:  # the rest says nothing then
            return right | found
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
        if not seen["keeps are whole"]:
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
            "keeps are whole": False,
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
        """Your rates leave their range: the ends of a "log" entry are rates, and you use them as
        exponents, of 10 or of e. Take their logarithm first."""
        low, high = space["learning_rate"][1:]
        return self.as_if("learning_rate", 10 ** np.linspace(low, high, 10001), space, n)

    @mistake
    def two_kinds_of_logarithm(self, right, space, n, seed):
        """Your rates leave their range: the power undoes another logarithm than the one that you
        took of the ends."""
        low, high = np.log10(space["learning_rate"][1:])
        return self.as_if("learning_rate", np.exp(np.linspace(low, high, 10001)), space, n)

    @mistake
    def natural_logarithm_to_powers_of_ten(self, right, space, n, seed):
        """Your rates leave their range: you take the natural logarithm of the ends and raise 10 to
        what is drawn. Undo the logarithm that you took."""
        low, high = np.log(space["learning_rate"][1:])
        with np.errstate(all="ignore"):
            return self.as_if("learning_rate", 10 ** np.linspace(low, high, 10001), space, n)

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
        if n > 10:
            return {VALUES: "powers of ten alone"}

    def on_a_grid(self, name, right):
        cell = EMPTY.format(name)
        return {cell: 0.0} if cell in right else None

    @mistake
    def rates_on_a_grid(self, right, space, n, seed):
        """Your rates lie side by side at equal distances of their exponents, as a grid does that is
        shuffled, so that no setting is independent of the others. Draw each by itself."""
        return self.on_a_grid("learning_rate", right)

    @mistake
    def keeps_on_a_grid(self, right, space, n, seed):
        """Your "uniform" values lie side by side at equal distances, as a grid does that is
        shuffled, so that no setting is independent of the others. Draw each by itself."""
        return self.on_a_grid("keep", right)

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
    def whole_numbers_between_whole_ends(self, right, space, n, seed):
        """Your "uniform" gives whole numbers where its ends are whole. It is a float that may lie
        anywhere between them: the kind of the entry says so, not the type of its ends."""
        if all(isinstance(end, int) for end in space["keep"][1:]):
            return {"keeps are whole": True}

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
        """Your "choice" turns options into strings, as a numpy array does that holds two kinds of
        them. Draw a place in the list instead."""
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
    def one_draw_for_all(self, right, space, n, seed):
        """Your learning rate and keep rise and fall together: each setting uses one draw for
        everything, so only a line through the space is searched."""
        if n > 10:
            return {TOGETHER: 1.0}
