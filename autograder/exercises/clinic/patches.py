"""Exercises of notebook 16: three sick programs to be mended, and nothing else changed in them."""

from __future__ import annotations

import functools

from autograder.exercise import Case, Exercise, mistake, near
from autograder.exercises.programs.drawing import drawn
from autograder.exercises.programs.faults import sick
from autograder.exercises.programs.waiting_room import proven
from autograder.exercises.programs.writing import written
from course_utils.recipes.programs import A_PROGRAM, NOTHING, mended, numbers

FORM, LOSSES, REPORTED, RATES = "form", "losses", "reported", "rates"


@functools.lru_cache(maxsize=256)
def _numbers(source: str, number: int, seed: int) -> dict:
    design = drawn(number)
    return numbers(source, design.data, design.classes, design.pictures, seed)


def body(fault: str, number: int, seed: int) -> dict:
    """A program of this number with a fault in it, as the inputs of a case."""
    design = drawn(number)
    return {
        "source": sick(written(design), fault, design), "kind": design.data,
        "classes": design.classes, "n": design.pictures, "seed": seed,
    }  # fmt: skip


class Patch(Exercise, abstract=True):
    """A function from the source of a sick program to that of a sound one."""

    library = "any"
    takes_seconds = True
    minutes = 6
    difficulty = 2
    uses_global_random = True  # programs draw dropout from it
    reads = {
        FORM: "what you give is {seen}; it should be {right}",
        LOSSES: "your program's loss, epoch by epoch,",
        REPORTED: "the accuracy that your program reports, epoch by epoch,",
        RATES: "your program's learning rate, epoch by epoch,",
    }
    fault = ""

    def fits(self, design) -> bool:
        return True

    def cases(self, rng):
        fitting = [number for number in proven(self.fault) if self.fits(drawn(number))]
        for place, at in enumerate(rng.permutation(len(fitting))[:3], 1):
            number = fitting[at]
            seed = 100 * number + int(rng.integers(100))
            yield Case(f"program {place}", 1, **body(self.fault, number, seed))

    def reference(self, source, kind, classes, n, seed):
        number = seed // 100
        return self.shown(written(drawn(number)), seed)

    def shown(self, source: str, seed: int) -> dict:
        """What is seen of this program."""
        found = _numbers(source, seed // 100, seed)
        return {
            FORM: A_PROGRAM,
            # Sums are made in another order elsewhere; a fault shows by far more.
            LOSSES: near(found[LOSSES], rtol=3e-3, atol=1e-3),
            REPORTED: near(found[REPORTED], rtol=0, atol=0.015),
            RATES: near(found[RATES], rtol=1e-6, atol=0),
        }

    def other(self, right, source: str, seed: int) -> dict:
        """What is different where this program stands in the sound one's place."""
        found = _numbers(source, seed // 100, seed)
        return {name: found[name] for name in (LOSSES, REPORTED, RATES)}

    @mistake
    def unchanged(self, right, source, kind, classes, n, seed):
        """The program that you give is as sick as before. Either the text that you replace does not
        stand in it, blanks and all, or what you change is not what makes it sick."""
        return self.other(right, source, seed)

    @mistake
    def no_text(self, right, source, kind, classes, n, seed):
        """You give no text. What is wanted is the whole source of the fixed program."""
        return {FORM: "no text", **NOTHING}

    @mistake
    def does_not_run(self, right, source, kind, classes, n, seed):
        """What you give cannot be run. Print it, and look at the lines that you have changed: their
        indentation, and what they call."""
        return {FORM: "a text that does not run", **NOTHING}


_CLEAR = "        self.optimizer.zero_grad()\n"
_TICK = "        self.schedule.step()\n"
_END = "    def end_of_epoch(self):\n"
_EVAL, _TRAIN = "        self.net.eval()\n", "        self.net.train()\n"


class patch_1(Patch):
    """A program that computes gradients and never moves."""

    signature = "patch_1(source)"
    fault = "gradients_thrown_away"
    hints = (
        "Which three things does a step do, and in which order does this one do them?",
        "Gradients are added to what is there. They have to be cleared once a step, at a moment "
        "when the old ones are no longer needed and the new ones are not there yet.",
    )

    def fits(self, design):
        return not design.clipped

    def observe(self, code, source, kind, classes, n, seed):
        return mended(code.patch_1, source, kind, classes, n, seed)

    @mistake
    def never_cleared(self, right, source, kind, classes, n, seed):
        """Your gradients are never cleared now, so each step goes along the sum of all before."""
        return self.other(right, source.replace(_CLEAR, ""), seed)

    @mistake
    def cleared_once_an_epoch(self, right, source, kind, classes, n, seed):
        """Your gradients are cleared once an epoch. Within it they pile up."""
        without = source.replace(_CLEAR, "")
        return self.other(right, without.replace(_END, _END + _CLEAR), seed)


class patch_2(Patch):
    """A program that falls asleep in its first epoch."""

    signature = "patch_2(source)"
    fault = "schedule_per_batch"
    hints = (
        "Print the learning rate after each epoch. Who changes it, and how often is it called?",
        "A schedule that counts epochs has to be told when one ends: the program has a place for "
        "that.",
    )

    def observe(self, code, source, kind, classes, n, seed):
        return mended(code.patch_2, source, kind, classes, n, seed)

    @mistake
    def no_schedule_at_all(self, right, source, kind, classes, n, seed):
        """Your program has no schedule any more: its rate never falls. It was meant to, every two
        epochs."""
        return self.other(right, source.replace(_TICK, ""), seed)

    @mistake
    def at_both_places(self, right, source, kind, classes, n, seed):
        """Your schedule is stepped once an epoch, and for each batch as well."""
        return self.other(right, source.replace(f"{_END}        pass", _END + _TICK), seed)

    @mistake
    def stepped_while_measuring(self, right, source, kind, classes, n, seed):
        """Your schedule is stepped whenever the program is evaluated. Whoever measures twice then
        trains with another rate."""
        without = source.replace(_TICK, "")
        return self.other(right, without.replace(_EVAL, _EVAL + _TICK), seed)


class patch_3(Patch):
    """A program whose accuracy differs each time it is measured."""

    signature = "patch_3(source)"
    fault = "evaluated_in_training_mode"
    hints = (
        "What do dropout and batch norm do while a net is trained, and what while it is used?",
        "A net has two modes and stays in the one it was put into last. To measure, put it into "
        "one mode before, and see that it is in the other when training goes on.",
    )

    def observe(self, code, source, kind, classes, n, seed):
        return mended(code.patch_3, source, kind, classes, n, seed)

    @mistake
    def never_back(self, right, source, kind, classes, n, seed):
        """After the first look your net stays in evaluation mode, and is trained on in it."""
        sound = written(drawn(seed // 100))
        return self.other(right, sound.replace(_TRAIN, ""), seed)

    @mistake
    def evaluation_mode_comes_last(self, right, source, kind, classes, n, seed):
        """You put the net into evaluation mode after measuring, in the place of training mode. So
        the first look is in training mode, and from then on your net is trained in the other."""
        return self.other(right, source.replace(_TRAIN, _EVAL), seed)

    @mistake
    def trained_in_evaluation_mode(self, right, source, kind, classes, n, seed):
        """Your steps put the net into evaluation mode. That is for measuring."""
        line = "        loss = self.loss(batch)\n"
        return self.other(right, source.replace(line, _EVAL + line), seed)

    @mistake
    def seeded_before_measuring(self, right, source, kind, classes, n, seed):
        """Your program seeds a generator whenever it measures. Two looks agree then, and the net is
        in the same mode as before at both: what it draws after that is no longer chance."""
        line = "        right, seen = 0, 0\n"
        seeded = source.replace(line, f"        torch.manual_seed(0)\n{line}")
        return self.other(right, seeded, seed)

    @mistake
    def at_the_start_alone(self, right, source, kind, classes, n, seed):
        """Your net is put into evaluation mode once, where it is made: it is trained in that until
        the first look, and measured in training mode from then on."""
        line = "        self.optimizer ="
        return self.other(right, source.replace(line, _EVAL + line, 1), seed)


def shown_number(kind: type[Patch]) -> int:
    """The program whose source a learner is shown: the first that fits."""
    return next(n for n in proven(kind.fault) if kind().fits(drawn(n)))
