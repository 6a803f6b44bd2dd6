"""How an instrument is judged: on programs that the learner never saw, sick and healthy. The
exercises themselves are in the other rooms.

A case has a few sick programs of one fault and healthy ones beside them. It is right where

    score = share of the sick that are caught - 2 × share of the healthy at which it alarms

is 0.7 or more: 80 % caught, at one alarm in 20 healthy ones.
"""

from __future__ import annotations

import functools
from collections.abc import Callable

from autograder.exercise import Exercise, mistake, raises
from autograder.exercises.programs.waiting_room import are_sick, programs
from course_utils.recipes.programs import A_TENSOR, started
from course_utils.training import seeded

SICK, HEALTHY = 4, 7
ENOUGH = 0.8 - 2 / 20
CAUGHT, VAIN, GIVES = "caught", "alarms in vain", "gives"
AFTERWARDS, GENERATORS, PRINTED = "the program afterwards", "global generators", "printed"
SWITCH = "gradients"
RIGHT = {
    CAUGHT: "enough of the sick",
    VAIN: "few enough healthy",
    GIVES: "True or False",
    AFTERWARDS: "as it was",
    GENERATORS: "left alone",
    SWITCH: "on",
    PRINTED: "nothing",
}
READS = {
    CAUGHT: "your instrument gives an alarm on {seen} programs; {right} is what it takes",
    VAIN: "your instrument gives an alarm on {seen} programs; {right} is what it takes",
    GIVES: "your instrument gives {seen}; it should give {right}",
    AFTERWARDS: "the program that you are given is {seen} afterwards; it should be {right}",
    GENERATORS: "the global random generators are {seen}; they should be {right}",
    SWITCH: "torch's gradients are {seen} after your instrument; they should be {right}",
    PRINTED: "your instrument prints {seen}; it should print {right}",
}


def counted(alarms, sick) -> dict:
    """What a case shows of these alarms, in words."""
    n, caught = int(sick.sum()), int(alarms[sick].sum())
    healthy, vain = int((~sick).sum()), int(alarms[~sick].sum())
    enough = caught / n - 2 * vain / healthy >= ENOUGH
    too_few = not enough and (caught / n < 0.8 or vain <= healthy / 20)
    too_many = not enough and vain > healthy / 20
    return {
        CAUGHT: f"{caught} of {n} sick" if too_few else RIGHT[CAUGHT],
        VAIN: f"{vain} of {healthy} healthy" if too_many else RIGHT[VAIN],
    }


def measuring(measure: Callable) -> Callable:
    """`measure(program)` as a function of what a program is made of, which is kept.

    Dropout is drawn as `tried` draws it, so that both see the same.
    """

    @functools.lru_cache(maxsize=512)
    def measured(source, kind, classes, n, seed):
        program = started(source, kind, classes, n, seed)
        with seeded(seed):
            return measure(program)

    return measured


class Instrument(Exercise, abstract=True):
    """A test of training programs: True for a sound one, False is an alarm."""

    library = "torch"
    takes_seconds = True
    by_score = True
    minutes = 12
    difficulty = 2
    uses_global_random = True  # programs draw dropout from it; whoever seeds it is found here
    reads = READS

    def drawn(self, rng, *faults, like=lambda design: True, showing=lambda design: True):
        """The inputs of a case."""
        return {"programs": programs(rng, faults, SICK, HEALTHY, like, showing)}

    def read(self, seen, programs, sick):
        return counted(seen["alarms"], sick) | {
            name: seen[name] for name in (GIVES, AFTERWARDS, GENERATORS, SWITCH, PRINTED)
        }

    def aid(self, programs):
        return {"sick": are_sick(programs)}

    def reference(self, programs):
        return dict(RIGHT)

    def alarming(self, rule, programs) -> dict:
        """What an instrument shows that calls a program sound where `rule(measured)` holds."""
        import numpy as np

        alarms = np.array([not rule(self.measured(given)) for given in programs])
        shown = counted(alarms, are_sick(programs))
        return {name: value for name, value in shown.items() if value != RIGHT[name]}

    def measured(self, given: dict):
        """What is known of one program."""
        raise NotImplementedError

    # Mistakes that any instrument can have.

    @mistake(claims=(VAIN,))
    def never_alarms(self, right, programs):
        """Your instrument calls every program sound, in every case. It is tried on sick ones as
        well."""
        return self.alarming(lambda measured: True, programs)

    @mistake(claims=(CAUGHT,))
    def always_alarms(self, right, programs):
        """Your instrument gives an alarm on every program in every case, the healthy ones too, and
        nobody will listen to it for long."""
        return self.alarming(lambda measured: False, programs)

    @mistake
    def answers_in_words(self, right, programs):
        """Your instrument gives a text. Any text counts as True in Python, even "sick": give True
        for a sound program and False for an alarm."""
        return self.alarming(lambda measured: True, programs) | {GIVES: "a str"}

    @mistake
    def gives_a_tensor(self, right, programs):
        """Your instrument gives a tensor with a truth value in it, as comparing tensors does.
        What is asked for is a bool: `bool(...)` around it makes one, and so does `.item()`."""
        return {GIVES: A_TENSOR}

    @mistake
    def gives_nothing(self, right, programs):
        """Your instrument gives nothing back: is a return missing?"""
        return self.alarming(lambda measured: False, programs) | {GIVES: "nothing"}

    @mistake
    def gives_nothing_at_the_end(self, right, programs):
        """Your instrument gives something on one way through it and nothing on the other: end it
        with a return for the programs on which it gives no alarm."""
        shown = self.alarming(lambda measured: False, programs)
        return shown | {GIVES: "True or False and nothing"}

    @mistake
    def works_on_the_program_itself(self, right, programs):
        """Your instrument changes the program that it is given: its weights, its statistics, its
        modes or which of its weights are trained. Work on what program.fresh() gives."""
        return {AFTERWARDS: "changed"}

    @mistake
    def seeds_the_generator(self, right, programs):
        """Your instrument seeds a global random generator. All that is drawn after it, by whoever
        it may be, is then drawn anew from the same start."""
        return {GENERATORS: "seeded"}

    @mistake
    def leaves_gradients_switched_off(self, right, programs):
        """Your instrument leaves gradients switched off, as `torch.set_grad_enabled(False)` does
        until somebody switches them on: what is trained after it stops with an error. Write `with
        torch.no_grad():` before the lines that need no gradient; it ends by itself."""
        return {SWITCH: "off"}

    @mistake
    def talks(self, right, programs):
        """Your instrument prints. It is asked a hundred times in a row: its answer is enough."""
        return {PRINTED: "something"}

    @mistake
    def reads_the_source(self, right, programs):
        """Your instrument looks for the source of the program, and there is none to be had. What a
        program does is what has to be measured."""
        return dict.fromkeys(RIGHT, raises("OSError", "source"))

    @mistake
    def reads_the_class(self, right, programs):
        """Your instrument looks for the source of the program's class, and there is none to be had.
        What a program does is what has to be measured."""
        return dict.fromkeys(RIGHT, raises("TypeError", "built-in class"))

    @mistake
    def without_end(self, right, programs):
        """Your instrument asks one program thousands of times for a loss or a step and was stopped.
        A healthy program has shown itself after a hundred steps or two."""
        return dict.fromkeys(RIGHT, raises("OutOfPatience", "This instrument has asked"))
