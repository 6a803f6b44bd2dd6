"""Rounding to a grid and what people make of it: to the nearest, or by chance (notebook 13)."""

import numpy as np

from autograder.exercise import Exercise, mistake, raises
from course_utils.recipes.instruments.generators import Counting


def in_mode(mode, known, hint):
    """A known mistake that is made in this mode only."""

    def show(self, right, **inputs):
        if inputs["mode"] == mode:
            return known(self, right, **inputs)

    show.__doc__ = hint
    return mistake(show)


class Rounding(Exercise, abstract=True):
    """The mistakes of both modes that are not about the ends of the range."""

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
        """Your nearest always goes up from half-way between two, as floor(x + ½) does, so a mean
        over many drifts up. Ties go to the even neighbour here, as np.round has it."""
        return self.changed(**inputs, nearest=lambda s: np.floor(s + 0.5))

    @mistake
    def ties_down(self, right, **inputs):
        """Your nearest always goes down from half-way between two. That is the paper's rule; here
        ties go to the even neighbour, as np.round has it, which favours neither side."""
        return self.changed(**inputs, nearest=lambda s: np.ceil(s - 0.5))

    @mistake
    def ties_away_from_zero(self, right, **inputs):
        """Your nearest goes away from 0 from half-way between two, as it was taught in school.
        Here ties go to the even neighbour, as np.round has it."""
        return self.changed(
            **inputs, nearest=lambda s: np.sign(s) * np.floor(np.abs(s) + 0.5)
        )

    @mistake
    def cut_off(self, right, **inputs):
        """Your nearest cuts the fraction off: converting to int goes towards 0."""
        return self.changed(**inputs, nearest=np.trunc)

    @mistake
    def half_added_and_cut_off(self, right, **inputs):
        """Your nearest adds a half and cuts the fraction off, as int(x + ½) does: below 0 that goes
        towards 0, up to a whole step off."""
        return self.changed(**inputs, nearest=lambda s: np.trunc(s + 0.5))

    @mistake
    def rounded_up(self, right, **inputs):
        """Your nearest always goes up. The lower neighbour may be the closer one."""
        return self.changed(**inputs, nearest=np.ceil)

    @mistake
    def decimal_places(self, right, x, integer_bits, fraction_bits, mode, **inputs):
        """Your nearest keeps decimal places, as np.round(x, fraction_bits) does. fraction_bits
        counts binary places: the grid is the multiples of 2 to the power of minus that."""
        if mode == "nearest":
            top = 2.0 ** (integer_bits - 1)
            out = np.clip(np.round(x, fraction_bits), -top, top - 2.0**-fraction_bits)
            return {"out": out.astype(x.dtype)}

    @mistake
    def steps_too_large(self, right, x, integer_bits, fraction_bits, mode, **inputs):
        """Your steps are 2 to the power of fraction_bits apart. The more bits stand behind the
        point, the finer the grid: the exponent is negative."""
        if mode == "nearest":
            top, step = 2.0 ** (integer_bits - 1), 2.0**fraction_bits
            out = np.clip(np.rint(x / step) * step, -top, top - 2.0**-fraction_bits)
            return {"out": out.astype(x.dtype)}

    @mistake
    def rng_used_for_the_nearest(self, right, x, mode, **inputs):
        """Your code draws from rng in the nearest mode, too. There it may be None: chance has no
        part in it."""
        if mode == "nearest" and "drawn" in right:
            return {"out": "rounded by chance", "drawn": x.size}
        if mode == "nearest":
            return {"out": raises("AttributeError", "'NoneType' object has no attribute")}

    @mistake
    def rounded_down(self, right, **inputs):
        """Your nearest always goes down. The upper neighbour may be the closer one."""
        return self.changed(**inputs, nearest=np.floor)

    @mistake
    def towards_zero_for_negatives(self, right, **inputs):
        """Below 0 your stochastic mode is biased: the fraction is taken from a number that was cut
        off towards 0, so it is negative there. Measure the distance to the neighbour below."""
        return self.changed(**inputs, up=lambda share, s: np.where(s < 0, 1.0, share))

    @mistake
    def size_of_the_fraction_for_negatives(self, right, x, mode, fraction_bits, **inputs):
        """Below 0 your stochastic mode goes up with the probability of the fraction's size, from a
        number that was cut off towards 0: the mean is off there. Start from the neighbour below."""
        if mode == "stochastic":
            shown = self.changed(x=x, mode=mode, fraction_bits=fraction_bits, **inputs)
            steps = x.astype(np.float64) * 2.0**fraction_bits
            cut = np.trunc(steps)
            hit, inside = (steps < 0) & (cut != steps), np.abs(steps) < 2.0 ** (
                inputs["integer_bits"] + fraction_bits - 1)  # fmt: skip
            new = {"mean": cut + np.abs(steps - cut), "lowest": cut, "highest": cut + 1}
            return {n: np.where(hit & inside, v / 2.0**fraction_bits, shown[n])
                    for n, v in new.items()}  # fmt: skip

    @mistake
    def share_in_units_of_x(self, right, fraction_bits, **inputs):
        """In your stochastic mode the distance to the neighbour below is measured in units of x.
        A probability is a share of one step: measure it in steps."""
        return self.changed(fraction_bits=fraction_bits, **inputs,
                            up=lambda share, s: share / 2.0**fraction_bits)  # fmt: skip

    def noisy(self, x, mode, integer_bits, fraction_bits, low, high=1.0, **inputs):
        """What code shows that adds a number from `low` to `high` and rounds to the nearest."""
        if mode != "stochastic":
            return None
        steps = x.astype(np.float64) * 2.0**fraction_bits
        top = 2.0 ** (integer_bits + fraction_bits - 1)
        noise = low + (high - low) * (np.arange(2000) + 0.5) / 2000
        cut = lambda s: np.clip(s, -top, top - 1) / 2.0**fraction_bits
        return {"mean": cut(np.rint(steps + noise[:, None])).mean(0),
                "lowest": cut(np.floor(steps + low + 0.5)),
                "highest": cut(np.ceil(steps + high - 0.5))}  # fmt: skip

    @mistake
    def noise_before_the_nearest(self, right, **inputs):
        """In your stochastic mode a number from 0 to 1 is added before rounding to the nearest, so
        the mean is half a step too high. Add it before rounding down."""
        return self.noisy(**inputs, low=0)

    @mistake
    def noise_of_a_whole_step(self, right, **inputs):
        """In your stochastic mode up to a whole step is added or taken off before rounding, so a
        value may land beyond its two neighbours, and a number of the grid moves."""
        return self.noisy(**inputs, low=-1)

    @mistake
    def noise_of_half_a_step(self, right, **inputs):
        """In your stochastic mode the noise before rounding to the nearest is half a step wide, a
        quarter up or down. Whatever lies near a point of the grid always lands there, so that the
        mean is off: the noise is to be a step wide."""
        return self.noisy(**inputs, low=-0.25, high=0.25)

    @mistake
    def noise_upwards_only(self, right, **inputs):
        """In your stochastic mode up to half a step is added before rounding to the nearest, and
        nothing is ever taken off, so the mean is too high."""
        return self.noisy(**inputs, low=0.0, high=0.5)

    @mistake
    def noise_around_zero_and_down(self, right, **inputs):
        """In your stochastic mode the noise goes from half a step down to half a step up, and you
        round down after it: the mean is half a step too low. Noise from 0 to 1 goes with rounding
        down, noise around 0 with rounding to the nearest."""
        return self.noisy(**inputs, low=-1.0, high=0.0)

    @mistake
    def chances_swapped(self, right, **inputs):
        """Your stochastic mode goes up with the probability that belongs to going down: a value
        just above its lower neighbour nearly always lands on the upper one."""
        return self.changed(**inputs, up=lambda share, s: np.where(share > 0, 1 - share, 0))

    @mistake
    def chances_swapped_below_zero(self, right, **inputs):
        """Below 0 your stochastic mode goes up with the probability that belongs to going down, as
        when x is cut off towards 0 and the chance to go on is the distance from the neighbour
        below. Above 0 it is right."""
        return self.changed(
            **inputs, up=lambda share, s: np.where((s < 0) & (share > 0), 1 - share, share)
        )

    @mistake
    def a_coin_for_each(self, right, **inputs):
        """In your stochastic mode both neighbours are equally likely, wherever the value lies. The
        closer one has to be the likelier one, or the mean is off."""
        return self.changed(**inputs, up=lambda share, s: np.where(share > 0, 0.5, 0))

    @mistake
    def never_by_chance(self, right, **inputs):
        """Your stochastic mode rounds to the nearest: chance has no part in it. The upper neighbour
        is to be taken with a probability, so that the mean is x."""
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
    def one_draw_compared_with_all(self, right, x, mode, **inputs):
        """You draw once and compare the number with every value's share, so all of them go up or
        down by the same draw. Each value needs a draw of its own."""
        if mode == "stochastic":
            draw = Counting(inputs["seed"]).random()
            shown = self.changed(x, mode=mode, **inputs,
                                 up=lambda share, scaled: (draw < share).astype(float))  # fmt: skip
            return shown | {"drawn": 1}

    @mistake
    def drawn_where_needed(self, right, x, mode, fraction_bits, repeats, **inputs):
        """You draw numbers only for the values that are not on the grid. One a value of x is asked
        for, so that what rng gives next does not depend on the values."""
        if mode == "stochastic":
            steps = x.astype(np.float64) * 2.0**fraction_bits
            return {"drawn": repeats * int((steps != np.floor(steps)).sum())}

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
            draws = Counting(inputs["seed"]).random(x.size)
            shown = self.changed(x, mode=mode, **inputs,
                                 up=lambda share, scaled: np.floor(share + draws))  # fmt: skip
            return shown | {"drawn": x.size}

    @mistake
    def one_draw_a_column_compared(self, right, x, mode, **inputs):
        """You draw one number a column of x and compare it with the shares of all rows. Each value
        needs a draw of its own."""
        if mode == "stochastic":
            draws = Counting(inputs["seed"]).random(x.size)
            goes_up = lambda share, scaled: (draws < share).astype(float)
            shown = self.changed(x, mode=mode, **inputs, up=goes_up)
            return shown | {"drawn": x.size}

    @mistake
    def two_draws_a_value(self, right, x, mode, repeats, **inputs):
        """You draw twice as many numbers as there are values. One each is enough: compare it with
        the distance to the neighbour below."""
        if mode == "stochastic":
            return {"drawn": 2 * repeats * x.size}
