"""Exercise of notebook 16: whether a program's steps are neither leaps nor nothing."""

from __future__ import annotations

import itertools

import numpy as np

from autograder.exercise import Case, mistake
from autograder.exercises.clinic.judged import CAUGHT, Instrument, measuring
from course_utils.recipes.programs import tried

STEPS = 60


@measuring
def _measured(program) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """How much each step moves each weight beside its size; which are trained; the losses."""
    weights = [p for p in program.net.parameters() if p.ndim > 1]
    moved, losses = [], []
    for _ in range(program.epochs // 2):
        for batch in itertools.islice(program.batches, STEPS - len(losses)):
            before = [w.detach().clone() for w in weights]
            losses.append(program.step(batch))
            moved.append([float((w.detach() - b).norm() / b.norm())
                          for w, b in zip(weights, before, strict=True)])  # fmt: skip
        program.end_of_epoch()
    return np.array(moved), np.array([w.requires_grad for w in weights]), np.array(losses)


def leaps(moved, losses) -> bool:
    return bool(moved[0].max() > 0.5 or not losses.max() < 3 * losses[0])


def stands(moved) -> bool:
    """Whether some weight hardly moves any more; NaN neither moves nor stands."""
    return bool((np.median(moved[-5:], axis=0) <= 1e-5).any())


class steps_in_proportion(Instrument):
    """Whether the program's own steps are neither leaps nor nothing."""

    signature = "steps_in_proportion(program)"
    minutes = 15
    difficulty = 3
    hints = (
        "Copy the weights, take a step, and divide the length of what has changed by the length "
        "of what was there. A thousandth to a tenth is usual, and first steps of sound programs "
        "reach past that: leave room on both sides.",
        "Watch the first step and later ones, and call end_of_epoch where an epoch ends, because "
        "some programs stop learning on the way. A rate that is much too high shows in the first "
        "step or in a loss that grows. And a comparison with NaN is always False.",
    )

    def cases(self, rng):
        # With momentum a leap builds up over many steps: neither the first nor a late one shows it.
        yield Case("a rate that is far too high", 1, **self.drawn(
            rng, "rate_too_high", showing=lambda d: d.optimizer not in ("momentum", "nesterov"),
        ))  # fmt: skip
        yield Case("a schedule stepped at each batch", 1, **self.drawn(rng, "schedule_per_batch"))
        yield Case("gradients thrown away", 1, **self.drawn(rng, "gradients_thrown_away"))
        yield Case("another net's parameters", 1, **self.drawn(rng, "other_nets_parameters"))
        yield Case("among healthy neighbours that are frozen in part", 1, **self.drawn(
            rng, "gradients_thrown_away", "other_nets_parameters", like=lambda d: d.frozen,
        ))  # fmt: skip

    def observe(self, code, programs):
        return tried(code.steps_in_proportion, programs)

    def measured(self, given):
        return _measured(**given)

    def ruled(self, rule, programs):
        """`rule` sees the weights that are trained, and the losses."""
        return self.alarming(lambda m: rule(m[0][:, m[1]], m[2]), programs)

    @mistake(claims=(CAUGHT,))
    def always_alarms(self, right, programs):
        """Your instrument gives an alarm on every program in every case, the healthy ones too. Are
        biases among what it measures? They begin at 0, and nothing is to be divided by that. Or are
        the weights before a step no copies (clone), so that they move along and nothing has ever
        changed?"""
        return self.alarming(lambda measured: False, programs)

    @mistake
    def frozen_is_no_fault(self, right, programs):
        """Your instrument wants frozen weights to move. Where requires_grad is False somebody has
        said that they shall not."""
        return self.alarming(lambda m: not leaps(m[0], m[2]) and not stands(m[0]), programs)

    @mistake
    def first_step_alone(self, right, programs):
        """Your instrument does not hear a program that falls asleep on the way. The first steps, or
        the whole first epoch, may still move something: look at steps some epochs on by themselves,
        not in a mean with those before."""
        return self.ruled(
            lambda moved, losses: not leaps(moved, losses) and bool((moved[0] > 1e-5).all()),
            programs,
        )

    @mistake
    def leaps_alone(self, right, programs):
        """Your instrument gives an alarm only for steps that are too large. A step that moves
        nothing is as wrong."""
        return self.ruled(lambda moved, losses: not leaps(moved, losses), programs)

    @mistake
    def standstill_alone(self, right, programs):
        """Your instrument gives an alarm only for a standstill. A step that throws the weights
        about is as wrong."""
        return self.ruled(lambda moved, losses: not stands(moved), programs)

    @mistake
    def about_a_thousandth(self, right, programs):
        """Your instrument wants each step near a thousandth of the weight, as an old rule of thumb
        has it. Sound programs lie up to fifty times above: small weights and quick rules do."""
        return self.ruled(
            lambda moved, losses: bool(((moved.mean(0) > 3e-4) & (moved.mean(0) < 3e-3)).all()),
            programs,
        )

    @mistake
    def the_other_way_round(self, right, programs):
        """Your instrument says True where it should alarm. True is for a sound program."""
        return self.ruled(lambda moved, losses: leaps(moved, losses) or stands(moved), programs)
