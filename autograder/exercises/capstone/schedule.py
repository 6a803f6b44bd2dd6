"""With which rates a run makes its updates, and which of them its log has: the mistakes.

What is read of it is in `runs`, the exercise in `running`.
"""

import math

import numpy as np

from autograder.exercise import Exercise, mistake
from autograder.exercises.capstone.runs import LOGGED_RATES, RATES, cosine, held_out, per_epoch


class Schedule(Exercise, abstract=True):
    """A run's mistakes with its learning rate."""

    @mistake
    def rate_never_falls(self, right, recipe, n, **inputs):
        """Your rate stays what it was at first. The recipe has it fall along a cosine."""
        return self.rates(recipe, n, np.full(len(right[RATES]), recipe["learning_rate"]))

    @mistake
    def rate_falls_once_an_epoch(self, right, recipe, n, **inputs):
        """Your rate falls once an epoch. It is to fall with each update: with few epochs the steps
        of a staircase are high."""
        steps = cosine(recipe["learning_rate"], recipe["epochs"])
        return self.rates(recipe, n, np.repeat(steps, per_epoch(recipe, n)))

    @mistake
    def rate_falls_in_a_line(self, right, recipe, n, **inputs):
        """Your rate falls along a straight line. A cosine stays high for longer, and low for
        longer."""
        updates = len(right[RATES])
        return self.rates(recipe, n, recipe["learning_rate"] * (1 - np.arange(updates) / updates))

    @mistake
    def rate_an_update_late(self, right, recipe, n, **inputs):
        """Your rate is set after the update: the second is made at the first one's rate too. Set it
        before."""
        rates = right[RATES]
        return {RATES: np.concatenate([rates[:1], rates[:-1]])}

    @mistake
    def rate_an_update_early(self, right, recipe, n, **inputs):
        """Your first update has the second one's rate already. The first is made at the recipe's
        own rate: count updates from 0."""
        updates = len(right[RATES])
        steps = np.arange(1, updates + 1)
        return self.rates(recipe, n, self.along(recipe, steps / updates))

    @mistake
    def rate_ends_at_nothing(self, right, recipe, n, **inputs):
        """Your rate is 0 in the last update, which changes nothing. The last of T updates is number
        T - 1, and it is divided by T: there the cosine is not at its end yet."""
        last = len(right[RATES]) - 1
        return self.rates(recipe, n, self.along(recipe, np.arange(last + 1) / last))

    @mistake
    def early_and_ends_at_nothing(self, right, recipe, n, **inputs):
        """Your rate has two slips: your first update has less than the recipe's own rate, so count
        updates from 0. And your rate reaches 0 within the run: divide by the number T of updates,
        not by T - 1."""
        last = len(right[RATES]) - 1
        steps = np.minimum(np.arange(1, last + 2), last)
        return self.rates(recipe, n, self.along(recipe, steps / last))

    @mistake
    def early_and_beyond_the_end(self, right, recipe, n, **inputs):
        """Your rate has two slips: your first update has less than the recipe's own rate, so count
        updates from 0. And your rate rises again at the end: divide by the number T of updates, not
        by T - 1."""
        last = len(right[RATES]) - 1
        return self.rates(recipe, n, self.along(recipe, np.arange(1, last + 2) / last))

    @mistake
    def rate_back_up_again(self, right, recipe, n, **inputs):
        """Your rate falls and rises again, as a whole turn of the cosine does. The run goes through
        half a turn, so that the rate falls all the time."""
        updates = len(right[RATES])
        return self.rates(recipe, n, self.along(recipe, 2 * np.arange(updates) / updates))

    @mistake
    def short_batches_not_counted(self, right, recipe, n, **inputs):
        """Your T leaves out the short batch at the end of each epoch, so that your rate reaches 0
        before the run ends and rises again. That batch makes an update, too."""
        updates = len(right[RATES])
        full = (n - held_out(recipe, n)) // recipe["batch_size"] * recipe["epochs"]
        return self.rates(recipe, n, self.along(recipe, np.arange(updates) / full))

    def along(self, recipe, turns):
        """Rates along the cosine, 1 being half a turn."""
        return recipe["learning_rate"] * (1 + np.cos(math.pi * turns)) / 2

    def rates(self, recipe, n, rates):
        return {RATES: rates, LOGGED_RATES: rates[:: per_epoch(recipe, n)]}

    @mistake
    def rate_in_the_log_is_the_recipes(self, right, recipe, **inputs):
        """Your log has the recipe's rate for every epoch. Log the rate of the epoch's first update:
        it shows whether the schedule runs."""
        return {LOGGED_RATES: np.full(recipe["epochs"], recipe["learning_rate"])}

    @mistake
    def rate_at_the_end_of_the_epoch(self, right, recipe, n, **inputs):
        """Your log has the rate of each epoch's last update. That of the first is asked for."""
        each = per_epoch(recipe, n)
        return {LOGGED_RATES: right[RATES][each - 1 :: each]}
