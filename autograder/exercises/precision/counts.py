"""What goes wrong in counting overflows and in moving ranges (notebook 13)."""

import numpy as np

from autograder.exercise import Exercise, mistake, raises
from autograder.exercises.precision.ranges import by_share


class Counts(Exercise, abstract=True):
    """The mistakes of FixedPointSGD that are about its counts; `run` plays a script with one thing
    changed."""

    @mistake
    def two_bits_at_once(self, right, **inputs):
        """Your range grows by two bits where most of its numbers overflow. rescale moves it by one
        bit at most."""

        def decide(n, beyond, beyond_half, most):
            return 2 if 2 * beyond > n else by_share(n, beyond, beyond_half, most)

        return self.run(**inputs, decide=decide)

    # What is counted.

    @mistake
    def first_weights_not_counted(self, right, **inputs):
        """You do not count the first weights. What lies beyond its range there is counted as in
        round, so that the range can follow."""
        return self.run(**inputs, counted={"init": False})

    @mistake
    def updates_not_counted(self, right, **inputs):
        """You do not count what a step stores. Weights that leave their range there are counted for
        their group, or its range never follows them."""
        return self.run(**inputs, counted={"step": False})

    @mistake
    def parameters_not_counted(self, right, **inputs):
        """You count in round only. What is stored, at the beginning and in a step, is counted for
        its group as well."""
        return self.run(**inputs, counted={"step": False, "init": False})

    @mistake
    def round_not_counted(self, right, **inputs):
        """You do not count in round, so the ranges of its groups cannot follow their values."""
        return self.run(**inputs, counted={"round": False})

    @mistake
    def weights_counted(self, right, **inputs):
        """You count in weights(), too. It gives out what has been counted already."""
        return self.run(**inputs, counted={"weights": True})

    @mistake
    def weights_counted_and_fine(self, right, **inputs):
        """Your weights() counts and gives out all update_bits. It gives out what has been counted
        already, rounded to `bits`."""
        return self.run(**inputs, counted={"weights": True}, widths={"weights": "update_bits"})

    @mistake
    def counted_after_rounding(self, right, **inputs):
        """You count what is rounded already. Saturated numbers lie inside the range: count before
        you round."""
        return self.run(**inputs, after=("init", "step", "round"))

    @mistake
    def counted_after_rounding_but_first(self, right, **inputs):
        """You count what is rounded already, in round and in step. Saturated numbers lie inside the
        range: count before you round."""
        return self.run(**inputs, after=("step", "round"))

    @mistake
    def step_counted_after_rounding(self, right, **inputs):
        """Your step counts the new weights when they are rounded already. Saturated numbers lie
        inside the range: count before you round."""
        return self.run(**inputs, after=("step",))

    @mistake
    def round_counted_after_rounding(self, right, **inputs):
        """Your round counts what is rounded already. Saturated numbers lie inside the range: count
        before you round."""
        return self.run(**inputs, after=("round",))

    @mistake
    def first_counted_after_rounding(self, right, **inputs):
        """Your first weights are counted when they are rounded already. Saturated numbers lie
        inside the range: count before you round."""
        return self.run(**inputs, after=("init",))

    @mistake
    def last_call_counts(self, right, **inputs):
        """You count the last call for a group only. All numbers since the last rescale count:
        add."""
        return self.run(**inputs, tally=lambda old, new: new)

    @mistake
    def shares_averaged(self, right, **inputs):
        """You average the shares of the calls, so a short array weighs as much as a long one. Count
        numbers, and divide at the end."""
        def tally(old, new):
            return old + new / new[0] if new[0] else old

        return self.run(**inputs, tally=tally)

    @mistake
    def upper_edge_inside(self, right, **inputs):
        """You do not count numbers exactly at the upper end, 2**(integer_bits − 1). The range ends
        one step below, so they lie beyond."""
        return self.run(**inputs, out=lambda x, end: (x < -end) | (x > end))

    @mistake
    def lower_edge_outside(self, right, **inputs):
        """You count numbers exactly at the lower end, −2**(integer_bits − 1). That one lies in the
        range, as two's complement has it."""
        return self.run(**inputs, out=lambda x, end: np.abs(x) >= end)

    @mistake
    def edges_turned(self, right, **inputs):
        """You count numbers at the lower end and not those at the upper end. It is the other way
        round: −2**(integer_bits − 1) lies in the range, 2**(integer_bits − 1) beyond."""
        return self.run(**inputs, out=lambda x, end: (x <= -end) | (x > end))

    @mistake
    def positive_only(self, right, **inputs):
        """You count positive overflows only. Numbers below the lower end count as well."""
        return self.run(**inputs, out=lambda x, end: x >= end)

    @mistake
    def range_twice_as_wide(self, right, **inputs):
        """You count what lies beyond twice the range. One of the integer bits is the sign: the
        range ends at 2**(integer_bits − 1)."""
        return self.run(**inputs, wide=2.0)

    # The rule of rescale.

    @mistake
    def never_widens(self, right, **inputs):
        """Your ranges never widen. A group of which too many numbers overflow gets an integer bit
        more."""
        return self.run(**inputs, decide=ruled(widen=0))

    @mistake
    def never_narrows(self, right, **inputs):
        """Your ranges only ever grow. Where even half the range would do, the bit is worth more
        behind the point."""
        return self.run(**inputs, decide=ruled(narrow=0))

    @mistake
    def moves_the_wrong_way(self, right, **inputs):
        """You take an integer bit away where values overflow, and add one where there is room: the
        wrong way round."""
        return self.run(**inputs, decide=ruled(widen=-1, narrow=-1))

    @mistake
    def number_for_rate(self, right, **inputs):
        """You widen at a single overflow, as when max_overflow is not read, or when a number or a
        percentage is compared with it. It is a share of the values, from 0 to 1."""
        return self.run(**inputs, decide=ruled(share=lambda n, most: most))

    @mistake
    def default_overflow_too_large(self, right, options, **inputs):
        """Your ranges let more than one number in ten thousand overflow where no max_overflow is
        given. Its default is 1e-4."""
        return self.run(**inputs, options={"max_overflow": 1e-3, **options})

    @mistake
    def widens_at_the_share(self, right, **inputs):
        """You widen where exactly the share max_overflow lies beyond the range. It has to be more
        than that."""
        return self.run(**inputs, decide=ruled(more=np.greater_equal))

    @mistake
    def narrows_below_the_share(self, right, **inputs):
        """You narrow only where less than the share max_overflow lies beyond half of the range.
        Exactly that share is few enough."""
        return self.run(**inputs, decide=ruled(few=np.less))

    @mistake
    def narrows_only_when_none(self, right, **inputs):
        """You narrow only where nothing at all lies beyond half of the range. The share
        max_overflow may."""
        return self.run(**inputs, decide=ruled(few=lambda beyond, most: beyond == 0))

    @mistake
    def narrows_without_looking(self, right, **inputs):
        """You narrow a range wherever not too much overflows. Look first whether too much would
        overflow in half of it; else it widens again at the next rescale."""
        return self.run(**inputs, half=1)

    @mistake
    def overflows_not_beyond_half(self, right, **inputs):
        """You narrow by what lies between half of the range and its end. What lies beyond the range
        lies beyond half of it, too."""
        return self.run(**inputs, between=True)

    @mistake
    def gradients_counted(self, right, **inputs):
        """Your step counts the gradients. It is the new weights whose overflows count, before they
        are rounded."""
        return self.run(**inputs, gradients=True)

    @mistake
    def no_bits_before_the_point(self, right, **inputs):
        """Your code stops where a group has 0 integer bits or fewer: a shift by a negative number
        is none. Take a power of two as a float, 2.0 to that number."""
        *before, last = right["integer_bits"] or [{}]
        low = any(bits <= 0 for found in before for bits in found.values())
        if low or any(last.get(name, 1) <= 0 for name in right["params"]):
            return dict.fromkeys(right, raises("ValueError", "negative shift count"))

    @mistake
    def a_quarter_for_half(self, right, **inputs):
        """You look at a quarter of the range before you narrow it. One bit less is half of it."""
        return self.run(**inputs, half=0.25)

    @mistake
    def empty_groups_narrow(self, right, **inputs):
        """You narrow a group that had no numbers since the last rescale. Without numbers there is
        no fraction to compare, so the group stays as it is."""
        return self.run(**inputs, decide=ruled(empty=-1))

    @mistake
    def empty_groups_divide(self, right, script, **inputs):
        """Your rescale divides by the number of values, and a group may have had none since the
        last time. Such a group stays: ask for that first."""
        if empty_at_a_rescale(script):
            return dict.fromkeys(right, raises("ZeroDivisionError"))

    @mistake
    def never_below_one(self, right, **inputs):
        """Your ranges keep one integer bit at least. A group whose values are all small goes on, to
        0 and below: every bit it gives up stands behind the point."""
        return self.run(**inputs, lowest=1)

    @mistake
    def never_below_zero(self, right, **inputs):
        """Your ranges keep 0 integer bits at least. A group whose values are all small goes on
        below: every bit it gives up stands behind the point."""
        return self.run(**inputs, lowest=0)

    @mistake
    def as_many_bits_as_needed(self, right, **inputs):
        """You widen a range to what the largest value needs. It moves by one bit at a rescale."""
        return self.run(**inputs, needed=True)

    @mistake
    def only_parameters_move(self, right, **inputs):
        """You move the ranges of parameters only. The groups that round makes move as well."""
        return self.run(**inputs, moving=lambda group, params: group in params)

    @mistake
    def counts_kept(self, right, **inputs):
        """Your counts go on after rescale, so that old overflows move the range again and again.
        They are for the values since the last one."""
        return self.run(**inputs, forget="none")

    @mistake
    def counts_kept_where_nothing_moves(self, right, **inputs):
        """Your counts start anew only where a range moved. They start anew for every group."""
        return self.run(**inputs, forget="moved")

    @mistake
    def counts_kept_and_no_look(self, right, **inputs):
        """Your counts go on after rescale, and you narrow as soon as nothing overflows. Counts are
        for the values since the last rescale; look at half of the range before you narrow."""
        return self.run(**inputs, forget="none", half=1)


def ruled(widen=1, narrow=1, empty=0, share=lambda n, most: most * n, more=np.greater,
          few=np.less_equal):  # fmt: skip
    """The rule of rescale with one thing changed."""

    def decide(n, beyond, beyond_half, most):
        if not n:
            return empty
        if more(beyond, share(n, most)):
            return widen
        return -narrow if few(beyond_half, share(n, most)) else 0

    return decide


def empty_at_a_rescale(script) -> bool:
    """Whether a group that is known has no numbers at some rescale; parameters begin with some."""
    known, filled = {"W", "b"}, {"W", "b"}
    for what, *rest in script:
        if what == "rescale":
            if known - filled:
                return True
            filled = set()
        elif what == "round":
            known.add(rest[0])
            filled.add(rest[0])
        elif what == "step":
            filled |= set(rest[0])
    return False
