"""What goes wrong when a scaled loss overflows, and where settings are absent (notebook 13)."""

import numpy as np

from autograder.exercise import Exercise, mistake, raises
from autograder.exercises.precision.scaled_step import wants


class Overflows(Exercise, abstract=True):
    """Mistakes of a step with a scaled loss; `changed` plays a loop with one thing changed."""

    @mistake
    def infinity_not_seen(self, right, **inputs):
        """You look for NaN only. What overflows in half precision is infinite first."""
        return self.changed(**inputs, skip="nan")

    @mistake
    def nan_not_seen(self, right, **inputs):
        """You look for infinite values only. A NaN, such as ∞ − ∞ on the way back, must stop the
        step as well."""
        return self.changed(**inputs, skip="inf")

    @mistake
    def minus_infinity_not_seen(self, right, **inputs):
        """A −∞ among the gradients does not stop your step, as when the largest value is compared
        with a limit. Infinite values of either sign, and NaN, stop it, in every gradient."""
        return self.changed(**inputs, skip="not minus")

    @mistake
    def last_parameter_decides(self, right, **inputs):
        """You skip a step when the last parameter's gradient is not finite, whatever the others
        are, as when each one overwrites what the one before had found. Any of them is enough."""
        return self.changed(**inputs, skip="last")

    @mistake
    def first_parameter_decides(self, right, **inputs):
        """You skip a step when the first parameter's gradient is not finite, whatever the others
        are. Any of them is enough."""
        return self.changed(**inputs, skip="first")

    @mistake
    def earlier_parameters_step(self, right, **inputs):
        """The parameters before the first whose gradient is not finite have moved, as when each is
        looked at just before its own update. Look at all of them before any moves."""
        return self.changed(**inputs, skip="from the first", clip="finite ones")

    @mistake
    def skipped_for_a_sum(self, right, **inputs):
        """You skip a step whose gradients are all finite: their sum overflows in half precision.
        Look at each value, not at a sum of them."""
        return self.changed(**inputs, skip="sum")

    @mistake
    def skipped_only_when_all_are_bad(self, right, **inputs):
        """You skip the step only when no parameter's gradient is finite. A single value that is
        not finite is enough."""
        return self.changed(**inputs, skip="all bad")

    @mistake
    def overflow_noticed_with_a_limit(self, right, **inputs):
        """You look for values that are not finite only where there is a max_norm. They stop every
        step, clipped or not."""
        return self.changed(**inputs, skip="by the norm")

    @mistake
    def overflow_noticed_without_a_limit(self, right, **inputs):
        """You look for values that are not finite only where there is no max_norm. They stop every
        step, clipped or not."""
        return self.changed(**inputs, skip="unless limited")

    @mistake
    def skipped_step_counts_as_good(self, right, **inputs):
        """You leave the weights as they were where a gradient overflows, and then go on as after a
        good step: it is counted, and the scale may grow. Multiply the scale by backoff_factor, and
        begin to count anew."""
        return self.changed(**inputs, as_good=True)

    @mistake
    def nothing_after_a_skipped_step(self, right, **inputs):
        """Where a gradient overflows you leave the weights as they were, and the config, too. The
        scale is multiplied by backoff_factor, and the count of good steps is 0 again."""
        return self.changed(**inputs, back_off=None, reset=False)

    @mistake
    def backs_off_and_counts_on(self, right, **inputs):
        """After an overflow your count of good steps goes on by one. The row of them has ended:
        it is 0 again."""
        return self.changed(**inputs, reset=False, counts_bad=True)

    @mistake
    def scale_of_one_at_least(self, right, **inputs):
        """Your scale never falls below 1. It is multiplied by backoff_factor after each overflow,
        however small it is."""
        return self.changed(**inputs, least=1.0)

    wants_a_scale = wants("scale")
    wants_a_learning_rate = wants("learning_rate")
    wants_a_growth_tracker = wants("growth_tracker")
    wants_a_growth_interval = wants("growth_interval")
    wants_a_max_norm = wants("max_norm")

    def stops(self, right, key, config, when):
        if key not in config and when:
            return dict.fromkeys(right, raises("KeyError", key))

    @mistake
    def wants_a_scale_after_an_overflow(self, right, gradients, config, **inputs):
        """After an overflow your code stops where config holds no "scale". It may be empty: put the
        default in before you change it."""
        return self.stops(right, "scale", config, spoilt(gradients))

    @mistake
    def wants_a_backoff_factor(self, right, gradients, config, **inputs):
        """After an overflow your code stops where config holds no "backoff_factor". Its default is
        in the docstring."""
        return self.stops(right, "backoff_factor", config, spoilt(gradients))

    @mistake
    def wants_a_growth_factor(self, right, gradients, config, **inputs):
        """When the scale is to grow your code stops where config holds no "growth_factor". Its
        default is in the docstring."""
        scales = [config.get("scale", 65536.0), *right["scale after each step"]]
        return self.stops(right, "growth_factor", config, (np.diff(scales) > 0).any())


def spoilt(gradients) -> bool:
    """Whether a gradient overflows on the way."""
    return any(np.abs(g).max() > 1e3 or np.isnan(g).any() for grads in gradients
               for g in grads.values())  # fmt: skip
