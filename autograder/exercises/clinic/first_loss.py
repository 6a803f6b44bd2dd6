"""Exercise of notebook 16: the loss of a net that has learned nothing."""

from __future__ import annotations

import itertools
import math
from typing import NamedTuple

import torch

from autograder.exercise import Case, mistake
from autograder.exercises.clinic.judged import Instrument, measuring
from course_utils.recipes.programs import tried


class Measured(NamedTuple):
    loss: float  # the mean over four batches
    first: float  # of the first of them
    columns: int  # scores for one example
    rows: int  # examples in the batch

    @property
    def guessing(self) -> float:
        return math.log(max(2, self.columns))


@measuring
def _measured(program) -> Measured:
    with torch.no_grad():
        batches = list(itertools.islice(program.batches, 4))
        losses = [float(program.loss(batch)) for batch in batches]
        loss = sum(losses) / len(losses)
        rows, columns = program.net(batches[0][0]).shape
        return Measured(loss, losses[0], columns, rows)


class first_loss_is_plausible(Instrument):
    """Whether a net that has learned nothing has the loss of guessing."""

    signature = "first_loss_is_plausible(program)"
    minutes = 10
    hints = (
        "A net that guesses among C classes has a loss of ln C. You can read C off the net's "
        "scores, but one score means two classes.",
        "Sound initial weights may be wide enough to begin a few nats above guessing, and "
        "hardly any sound net begins far below. Write the condition for a sound loss, not for a "
        "sick one. What does your condition give for NaN?",
    )

    def cases(self, rng):
        yield Case(
            "first weights that are far too large", 1, **self.drawn(rng, "huge_first_weights")
        )
        yield Case("pictures that run to 255", 1, **self.drawn(rng, "pictures_not_scaled"))
        yield Case("a loss that is a sum", 1, **self.drawn(rng, "loss_summed"))
        yield Case("a pixel divided by its deviation of 0", 1, **self.drawn(
            rng, "zero_by_zero", like=lambda d: d.init != "wide"))  # fmt: skip
        yield Case("among healthy neighbours with wide first weights", 1, **self.drawn(
            rng, "huge_first_weights", "loss_summed", like=lambda d: d.init == "wide"))  # fmt: skip
        yield Case("among healthy neighbours with one score", 1, **self.drawn(
            rng, "huge_first_weights", "pictures_not_scaled", like=lambda d: d.logistic,
        ))  # fmt: skip

    def observe(self, code, programs):
        return tried(code.first_loss_is_plausible, programs)

    def measured(self, given):
        return _measured(**given)

    @mistake
    def within_a_tenth(self, right, programs):
        """Your instrument wants the first loss within 0.1 of ln C. Half of all sound programs begin
        further off: first weights need not be so small that all scores are 0."""
        return self.alarming(lambda m: abs(m.loss - m.guessing) < 0.1, programs)

    @mistake
    def as_in_the_text(self, right, programs):
        """Your instrument is the text's, which is wrong: one batch is noise, sound first weights
        may begin a few nats above ln C, and one score tells two classes apart, not one."""
        return self.alarming(lambda m: abs(m.first - math.log(m.columns)) < 0.1, programs)

    @mistake
    def nan_is_silent(self, right, programs):
        """Your instrument stays silent where the loss is NaN: no comparison with NaN is true. Ask
        whether the loss lies where it should, rather than whether it lies outside."""
        return self.alarming(
            lambda m: not (m.loss < 0.6 * m.guessing or m.loss > m.guessing + 3.5), programs
        )

    @mistake
    def ten_classes(self, right, programs):
        """Your instrument alarms as one with a single pair of bounds for all programs, such as one
        around ln 10. How many classes there are, the net's scores tell."""
        low, high = 0.6 * math.log(10), math.log(10) + 3.5
        return self.alarming(lambda m: low <= m.loss <= high, programs)

    @mistake
    def examples_for_classes(self, right, programs):
        """Your instrument alarms as one that takes the number of a batch's examples for the number
        of classes. The scores have shape N×C: which of the two does yours read?"""
        return self.alarming(
            lambda m: 0.85 * math.log(m.rows) <= m.loss <= math.log(m.rows) + 4, programs
        )

    @mistake
    def the_other_way_round(self, right, programs):
        """Your instrument says True where it should alarm. True is for a sound program."""
        return self.alarming(lambda m: not 0.6 * m.guessing <= m.loss <= m.guessing + 3.5, programs)

    @mistake
    def only_infinity_is_too_much(self, right, programs):
        """Your instrument alarms only where the loss is no number. A loss of 40 is one, and no
        guess is as bad as that."""
        return self.alarming(lambda m: math.isfinite(m.loss), programs)
