"""Exercise of notebook 08: settings drawn at random, each entry on the scale that suits it.

What is done with them is in `tuning_search`.
"""

import numpy as np
import torch

from autograder.exercise import Case, Exercise, mistake, statistic

# What `read` says of the distributions when all settings are one: there is nothing to be measured.
UNKNOWN = {
    "learning_rate: middle, in decades": np.nan,
    "learning_rate: spread, in decades": np.nan,
    "keep: middle": np.nan,
    "keep: spread": np.nan,
    "layers: share of each": [np.nan] * 3,
    "rule: share of each": [np.nan] * 3,
    "learning_rate and keep go together": np.nan,
}


class sample_hyperparameters(Exercise):
    """Draw settings to try: rates evenly in their exponent."""

    signature = "sample_hyperparameters(space, n, rng)"
    minutes = 10
    difficulty = 2
    hints = (
        "Half of the rates between 0.0001 and 1 should lie below 0.01. What has to be drawn evenly "
        "for that?",
        "Write one function that draws for one entry of space, then a loop over n and a loop over "
        "names. Mind what the generator's method for whole numbers does with its upper end.",
    )

    def cases(self, rng):
        def case(name, points, n, log, uniform):
            return Case(
                name, 2 * points, n=n, seed=int(rng.integers(1e6)),
                space={"learning_rate": ("log", *log), "keep": ("uniform", *uniform),
                       "layers": ("int", 2, 4), "rule": ("choice", ("sgd", "adam", "rmsprop"))},
            )  # fmt: skip

        yield case("many settings", 3, 1500, (2e-5, 0.3), (0.25, 0.95))
        yield case("a rate within one decade", 1, 1500, (2.0, 9.0), (-3.0, 40.0))
        # No power of a logarithm to another base leads back into this range.
        yield case("three settings", 1, 3, (1e-7, 1e-4), (0.0, 1.0))

    def observe(self, code, space, n, seed):
        def drawn(generator):
            return code.sample_hyperparameters(space, n, generator)

        rng = np.random.default_rng(seed)
        first = drawn(rng)
        rules = space["rule"][1]
        seen = {
            "settings": len(first),
            "names": sorted({name for one in first for name in one}),
            "rates": np.array([float(one["learning_rate"]) for one in first]),
            "keeps": np.array([float(one["keep"]) for one in first]),
            "layers": np.array([float(one["layers"]) for one in first]),
            "rules": np.array([rules.index(str(one["rule"])) for one in first]),
            "one dictionary each": len({id(one) for one in first}) == len(first),
            "layers are whole numbers": all(
                isinstance(one["layers"], (int, np.integer)) for one in first
            ),
        }
        if n < 10:
            seen["goes on drawing"] = first != drawn(rng)
            seen["same generator, same settings"] = first == drawn(np.random.default_rng(seed))
        return seen

    def read(self, seen, space, n, seed):
        raw = "rates", "keeps", "layers", "rules"
        found = {name: value for name, value in seen.items() if name not in raw}
        low, high = (np.log(end) for end in space["learning_rate"][1:])
        with np.errstate(all="ignore"):
            rates = (np.log(seen["rates"]) - low) / (high - low)
        low, high = space["keep"][1:]
        keeps = (seen["keeps"] - low) / (high - low)
        found["everything in its range"] = bool(
            ((rates > -1e-9) & (rates < 1 + 1e-9) & (keeps >= 0) & (keeps <= 1)).all()
        )
        if n < 10:
            return found
        different = len(np.unique(seen["rates"]))
        if different == len(np.unique(keeps)) == 1:  # one setting has no distribution
            return found | {"learning_rate: different values": 1} | UNKNOWN
        return found | {
            "learning_rate: middle, in decades": rates.mean(),
            "learning_rate: spread, in decades": rates.std(),
            "learning_rate: different values": different,
            "keep: middle": keeps.mean(),
            "keep: spread": keeps.std(),
            "layers: share of each": [float((seen["layers"] == k).mean()) for k in range(2, 5)],
            "rule: share of each": [float((seen["rules"] == k).mean()) for k in range(3)],
            "learning_rate and keep go together": np.corrcoef(rates, keeps)[0, 1],
        }

    def reference(self, space, n, seed):
        right = {
            "settings": n,
            "names": sorted(space),
            "one dictionary each": True,
            "layers are whole numbers": True,
            "everything in its range": True,
        }
        if n < 10:
            return right | {"goes on drawing": True, "same generator, same settings": True}
        even = torch.distributions.Uniform(0.0, 1.0)
        middle, spread = float(even.mean), float(even.stddev)
        # The standard error of a standard deviation, from the fourth moment of a uniform, 1/80.
        of_spread = np.sqrt(1 / 80 - spread**4) / (2 * spread) / np.sqrt(n)
        return right | {
            "learning_rate: middle, in decades": statistic(middle, spread / np.sqrt(n)),
            "learning_rate: spread, in decades": statistic(spread, of_spread),
            "learning_rate: different values": n,
            "keep: middle": statistic(middle, spread / np.sqrt(n)),
            "keep: spread": statistic(spread, of_spread),
            "layers: share of each": statistic([1 / 3] * 3, np.sqrt(1 / 3 * 2 / 3 / n)),
            "rule: share of each": statistic([1 / 3] * 3, np.sqrt(1 / 3 * 2 / 3 / n)),
            "learning_rate and keep go together": statistic(0.0, 1 / np.sqrt(n)),
        }

    def rates_as(self, right, values, space):
        """The cells of the learning rate when its values are these."""
        low, high = (np.log(end) for end in space["learning_rate"][1:])
        at = (np.log(values) - low) / (high - low)
        return {
            "learning_rate: middle, in decades": float(at.mean()),
            "learning_rate: spread, in decades": float(at.std()),
            "everything in its range": bool(((at > -1e-9) & (at < 1 + 1e-9)).all()),
        }

    @mistake
    def evenly_in_the_rate(self, right, space, n, seed):
        """You draw rates evenly between low and high, so nine in ten lie in the highest decade.
        Draw the exponent evenly instead."""
        if n > 10:
            low, high = space["learning_rate"][1:]
            return self.rates_as(right, np.linspace(low, high, 10001)[:-1], space)

    @mistake
    def ends_taken_for_exponents(self, right, space, n, seed):
        """Your rates leave their range: the ends of a "log" entry are rates, and you raise 10 to
        their power. Take their logarithm first."""
        low, high = space["learning_rate"][1:]
        if n > 10:
            return self.rates_as(right, 10 ** np.linspace(low, high, 10001), space)
        return {"everything in its range": False}

    @mistake
    def two_kinds_of_logarithm(self, right, space, n, seed):
        """Your rates leave their range: the power undoes another logarithm than the one that you
        took of the ends."""
        if n > 10:
            low, high = space["learning_rate"][1:]
            return self.rates_as(right, np.exp(np.linspace(np.log10(low), np.log10(high), 2001)),
                                 space)  # fmt: skip
        return {"everything in its range": False}

    @mistake
    def decimal_logarithm_kept(self, right, space, n, seed):
        """What you give as a rate is its decimal logarithm. Drawing the exponent evenly is the
        first half: raise 10 to its power."""
        return self.logarithms(right, np.log10, space, n)

    @mistake
    def natural_logarithm_kept(self, right, space, n, seed):
        """What you give as a rate is its natural logarithm. Drawing the logarithm evenly is the
        first half: undo it."""
        return self.logarithms(right, np.log, space, n)

    def logarithms(self, right, log, space, n):
        """What is seen when the rates' logarithms come back; that of a small rate has no other."""
        low, high = (log(end) for end in space["learning_rate"][1:])
        if n < 10:
            return {"everything in its range": False}
        if low > 0:
            return self.rates_as(right, np.linspace(low, high, 10001), space)
        unknown = {name: np.nan for name in UNKNOWN if name.startswith("learning_rate")}
        return unknown | {"everything in its range": False}

    @mistake
    def exponential_everywhere(self, right, space, n, seed):
        """You draw "uniform" entries by their exponent too. A share such as keep has no decades:
        draw it evenly."""
        low, high = space["keep"][1:]
        if n > 10 and low > 0:
            values = np.exp(np.linspace(np.log(low), np.log(high), 2001))
            at = (values - low) / (high - low)
            return {"keep: middle": float(at.mean()), "keep: spread": float(at.std())}

    @mistake
    def upper_end_left_out(self, right, space, n, seed):
        """The highest whole number never comes up. "int" includes both ends; rng.integers does
        not, unless it is told to."""
        if n > 10:
            return {"layers: share of each": [1 / 2, 1 / 2, 0.0]}

    @mistake
    def rounded_ends_are_rare(self, right, space, n, seed):
        """The lowest and the highest whole number come up half as often as the others: that is
        what rounding an even draw does. Draw whole numbers."""
        if n > 10:
            return {"layers: share of each": [1 / 4, 1 / 2, 1 / 4]}

    @mistake
    def layers_with_a_point(self, right, space, n, seed):
        """An "int" should be a whole number; a net cannot have 3.0 layers, nor 3.7."""
        return {"layers are whole numbers": False}

    @mistake
    def one_draw_for_all(self, right, space, n, seed):
        """Your learning rate and keep rise and fall together: each setting uses one draw for
        everything, so only a line through the space is searched."""
        if n > 10:
            return {"learning_rate and keep go together": 1.0}

    @mistake
    def same_dictionary(self, right, space, n, seed):
        """All your settings are one and the same dictionary, n times in the list, so they are all
        equal. Make a new one for each."""
        shown = {"one dictionary each": False}
        return shown | ({"learning_rate: different values": 1} | UNKNOWN if n > 10 else {})

    @mistake
    def drawn_once(self, right, space, n, seed):
        """All your settings are equal: drawn once and repeated. Draw inside the loop."""
        if n > 10:
            return {"learning_rate: different values": 1} | UNKNOWN

    @mistake
    def generator_made_anew(self, right, space, n, seed):
        """Every call gives the same settings: you make a generator of your own from a fixed seed.
        Use the one that is passed in."""
        if n < 10:
            return {"goes on drawing": False}

    @mistake
    def generator_ignored(self, right, space, n, seed):
        """The same generator gives other settings each time: you draw from one of your own. Use
        the one that is passed in, or no search can be repeated."""
        if n < 10:
            return {"same generator, same settings": False}
