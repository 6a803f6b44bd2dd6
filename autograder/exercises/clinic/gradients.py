"""Exercise of notebook 16: whether the gradient reaches what is trained."""

from __future__ import annotations

import itertools

from autograder.exercise import Case, mistake, raises
from autograder.exercises.clinic.judged import AFTERWARDS, RIGHT, Instrument, measuring
from course_utils.recipes.programs import tried


@measuring
def _measured(program) -> list[tuple[str, int, bool, float | None]]:
    """Of each parameter: name, dimensions, whether it is trained, its largest gradient (root of
    the mean square) over four batches; None where it never had one."""
    sizes: dict[str, float | None] = {}
    for batch in itertools.islice(program.batches, 4):
        program.net.zero_grad()
        program.loss(batch).backward()
        for name, p in program.net.named_parameters():
            if p.grad is not None:
                size = float(p.grad.square().mean().sqrt())
                sizes[name] = max(sizes.get(name) or 0.0, size)
    return [(name, p.ndim, p.requires_grad, sizes.get(name))
            for name, p in program.net.named_parameters()]  # fmt: skip


def trained_weights(found) -> list[float | None]:
    return [size for _, dimensions, trained, size in found if trained and dimensions > 1]


def counts(size, found) -> bool:
    """Whether a gradient is one beside the largest."""
    return size is not None and size > 1e-4 * max(s or 0.0 for *_, s in found)


class gradients_reach_everything(Instrument):
    """Whether every weight that is trained gets a gradient."""

    signature = "gradients_reach_everything(program)"
    hints = (
        "After the loss and its backward, each parameter has a grad or has none. Which parameters "
        "are not meant to be trained, and how does torch say so?",
        "A gradient of a millionth of the largest is as good as none. Take the largest over all "
        "parameters, biases included: where initial weights are tiny, all weights' gradients are "
        "alike, and only the last bias has a larger one. But test weights only: a norm behind a "
        "bias takes its gradient away, which is no fault.",
    )

    def cases(self, rng):
        yield Case("first weights of zero", 1, **self.drawn(rng, "zero_first_weights"))
        yield Case(
            "first weights that are far too small", 1, **self.drawn(rng, "tiny_first_weights")
        )
        yield Case("units that never fire", 1, **self.drawn(rng, "dead_units"))
        yield Case("a gradient that is cut", 1, **self.drawn(rng, "detached"))
        yield Case("among healthy neighbours that are frozen in part", 1, **self.drawn(
            rng, "detached", "zero_first_weights", like=lambda d: d.frozen))  # fmt: skip
        yield Case("among healthy neighbours with batch norm", 1, **self.drawn(
            rng, "detached", "zero_first_weights", like=lambda d: d.norm == "batch"
            and not d.frozen))  # fmt: skip

    def observe(self, code, programs):
        return tried(code.gradients_reach_everything, programs)

    def measured(self, given):
        return _measured(**given)

    @mistake
    def frozen_is_no_fault(self, right, programs):
        """Your instrument asks frozen layers for a gradient. Where requires_grad is False somebody
        has said that this is not to be trained."""
        return self.alarming(
            lambda found: all(counts(s, found) for _, dim, _, s in found if dim > 1), programs
        )

    @mistake
    def biases_before_norms(self, right, programs):
        """Your instrument asks biases too. One that stands before a norm is taken away by its mean,
        and so has no gradient: no fault, only a parameter too many."""
        return self.alarming(
            lambda found: all(counts(s, found) for *_, trained, s in found if trained), programs
        )

    @mistake
    def none_alone(self, right, programs):
        """Your instrument is silent where each weight has a gradient and all of them are 0. To ask
        for None is not enough; nor is `smallest < 0.001 * largest` over weights, where 0 < 0 is
        False: take the largest over all parameters, biases included."""
        return self.alarming(
            lambda found: all(s is not None for s in trained_weights(found)), programs
        )

    @mistake
    def weights_among_themselves(self, right, programs):
        """Your instrument is silent where all weights' gradients are a billionth alike. To ask
        whether they are 0 does not hear it, nor does comparing them with the largest weight's: the
        largest of all parameters is that of the last bias, a tenth."""
        return self.alarming(lambda found: all(trained_weights(found)), programs)

    @mistake
    def a_hundredth_is_little(self, right, programs):
        """Your instrument takes gradients below 0.01 for none. Their size depends on data, loss and
        width, and sound ones are often smaller: compare with the other gradients of this net."""
        return self.alarming(
            lambda found: all((s or 0.0) > 0.01 for s in trained_weights(found)), programs
        )

    @mistake
    def silent_at_the_cut(self, right, programs):
        """Your instrument is silent where a cut graph leaves the layers before the last without any
        gradient. Does it pass over each parameter whose grad is None, as though that were frozen?
        Or is one weight that has a gradient enough for it, such as the last layer's?"""
        return self.alarming(lambda found: counts(trained_weights(found)[-1], found), programs)

    @mistake
    def divides_by_zero(self, right, programs):
        """Your code divides by 0 in every case with a net none of whose weights has a gradient,
        because all are 0 or because no unit fires. The largest gradient of the weights is 0 there;
        that of all parameters, biases included, is not."""
        found = [self.measured(given) for given in programs]
        if any(not any(trained_weights(each)) for each in found):
            return dict.fromkeys(RIGHT, raises("ZeroDivisionError"))

    @mistake
    def thaws(self, right, programs):
        """Your instrument changes the program that it is given: layers that were frozen in it are
        trained afterwards. Who froze them wants them so."""
        found = [self.measured(given) for given in programs]
        if not all(trained for each in found for _, _, trained, _ in each):
            return {AFTERWARDS: "changed"}

    @mistake
    def the_other_way_round(self, right, programs):
        """Your instrument says True where it should alarm. True is for a sound program."""
        return self.alarming(
            lambda found: not all(counts(s, found) for s in trained_weights(found)), programs
        )
