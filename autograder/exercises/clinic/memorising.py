"""Exercise of notebook 16: whether a net can learn a few examples by heart."""

from __future__ import annotations

from typing import NamedTuple

import torch

from autograder.exercise import Case, mistake
from autograder.exercises.clinic.judged import CAUGHT, VAIN, Instrument, measuring
from course_utils.recipes.programs import tried

AT = (5, 20, 50, 100)


class Measured(NamedTuple):
    first: float
    floor: float
    losses: dict[int, float]  # in evaluation mode, after so many steps
    right: float  # the share of the examples that are right at last
    by_argmax: float  # the same as argmax alone has it, which gives 0 where there is one score


@measuring
def _measured(program) -> Measured:
    x, y = next(iter(program.batches))
    few = x[:16], y[:16]
    optimizer = torch.optim.Adam([p for p in program.net.parameters() if p.requires_grad], lr=5e-3)
    losses: dict[int, float] = {}
    for step in range(1, AT[-1] + 1):
        optimizer.zero_grad()
        loss = program.loss(few)
        if step == 1:
            first = float(loss.detach())
        loss.backward()
        optimizer.step()
        if step in AT:
            program.net.eval()
            with torch.no_grad():
                losses[step] = float(program.loss(few))
            program.net.train()
            if losses[step] < program.floor + 0.02:  # it stays there
                losses |= {at: losses[step] for at in AT if at > step}
                break
    program.net.eval()
    with torch.no_grad():
        scores = program.net(few[0])
    said = scores.argmax(1) if scores.shape[1] > 1 else scores.squeeze(1).sign()
    right, by_argmax = (float((one == few[1]).double().mean()) for one in (said, scores.argmax(1)))
    return Measured(first, program.floor, losses, right, by_argmax)


class memorises_one_batch(Instrument):
    """Whether a net learns a few examples by heart."""

    signature = "memorises_one_batch(program)"
    minutes = 15
    hints = (
        "Take a dozen or two of one batch's examples, and an optimizer and a rate of your own, "
        "because whether the program's own steps are good is another instrument's question. How "
        "many steps does a healthy net of this size need?",
        "program.floor is the least that the loss can be; with smoothed labels it is above 0. "
        "Measure in evaluation mode, so that dropout does not hide what the net knows, and allow "
        "the loss to end a quarter of a nat above its floor.",
    )

    def cases(self, rng):
        yield Case("a softmax too many", 1, **self.drawn(
            rng, "softmax_twice", like=lambda d: not d.smoothing))  # fmt: skip
        yield Case("a net that is one unit wide", 1, **self.drawn(rng, "bottleneck"))
        yield Case("pictures that are averaged away", 1, **self.drawn(rng, "pooled_away"))
        yield Case("scores that meet all labels", 1, **self.drawn(rng, "scores_meet_all_labels"))
        yield Case("among healthy neighbours with smoothed labels", 1, **self.drawn(
            rng, "softmax_twice", "pooled_away", like=lambda d: d.smoothing == 0.1))  # fmt: skip

    def observe(self, code, programs):
        return tried(code.memorises_one_batch, programs)

    def measured(self, given):
        return _measured(**given)

    @mistake
    def against_zero(self, right, programs):
        """Your instrument wants the loss near 0. Smoothed labels have a floor above it that no net
        gets below: program.floor."""
        return self.alarming(lambda m: m.losses[100] < 0.25, programs)

    @mistake
    def five_steps(self, right, programs):
        """Your instrument gives the net so little training that sound ones fail as well. Try how
        many steps, and what rate, healthy programs need."""
        return self.alarming(lambda m: m.losses[5] < m.floor + 0.25, programs)

    @mistake
    def by_accuracy(self, right, programs):
        """Your instrument asks whether the examples are right. A net with a softmax too many gets
        them right, and its loss stays far above the floor all the same: ask the loss."""
        return self.alarming(lambda m: m.right == 1, programs)

    @mistake
    def by_accuracy_of_most(self, right, programs):
        """Your instrument asks whether nearly all examples are right. A net with a softmax too many
        gets them right, and its loss stays far above the floor all the same: ask the loss."""
        return self.alarming(lambda m: m.right > 0.9, programs)

    @mistake
    def by_argmax(self, right, programs):
        """Your instrument asks whether argmax is right. Of a single score it always gives 0, so
        that a sound net with two classes is wrong everywhere; and a net with a softmax too many is
        right, though its loss stays far above the floor. Ask the loss, which fits both."""
        return self.alarming(lambda m: m.by_argmax == 1, programs)

    @mistake
    def by_argmax_of_most(self, right, programs):
        """Your instrument asks whether argmax is right for nearly all examples. Of a single score
        it always gives 0, so that a sound net with two classes is wrong everywhere; and a net with
        a softmax too many is right, though its loss stays far above the floor. Ask the loss."""
        return self.alarming(lambda m: m.by_argmax > 0.9, programs)

    @mistake(claims=(VAIN,))
    def never_alarms(self, right, programs):
        """Your instrument calls every program sound, in every case. A loss that falls is not
        enough: nearly every sick net learns something, and by heart is more than that."""
        return self.alarming(lambda measured: True, programs)

    @mistake(claims=(CAUGHT,))
    def always_alarms(self, right, programs):
        """Your instrument gives an alarm on every program in every case, the healthy ones too. Does
        its net learn at all, and the same few examples at each step? Are the parameters that your
        optimizer holds those of the net whose loss you take?"""
        return self.alarming(lambda measured: False, programs)

    @mistake(claims=(VAIN,))
    def against_the_first_loss(self, right, programs):
        """Your instrument alarms as one that is content once the loss has fallen by a third or so.
        A sick net's loss can fall as far and stay far above its floor, and near that is where a
        sound one's comes."""
        return self.alarming(lambda m: m.losses[100] < 2 / 3 * m.first, programs)

    @mistake
    def to_the_last_digit(self, right, programs):
        """Your instrument alarms on most of the sound programs, as one does that wants the loss
        within a thousandth of its floor, or one that takes other examples at each step. In a few
        hundred steps on the same examples a sound net comes near its floor, rarely onto it."""
        return self.alarming(lambda m: m.losses[100] < m.floor + 1e-3, programs)

    @mistake
    def a_nat_is_near(self, right, programs):
        """Your instrument takes one nat above the floor for learned by heart. A net of two classes
        that only guesses is nearer: ln 2 is 0.69."""
        return self.alarming(lambda m: m.losses[100] < m.floor + 1, programs)

    @mistake
    def the_other_way_round(self, right, programs):
        """Your instrument says True where it should alarm. True is for a sound program."""
        return self.alarming(lambda m: not m.losses[100] < m.floor + 0.25, programs)
