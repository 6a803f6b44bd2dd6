"""Patients in their beds: charts, tests that are ordered, and sources at last.

A patient is a training program that somebody complains of. What a test finds is measured on the
program in front of you. Who has what stands nowhere here.
"""

from __future__ import annotations

import difflib
import functools
import math
import zlib
from numbers import Integral

import numpy as np

from course_utils.clinic.answers import DIAGNOSES, amiss, cost, kept
from course_utils.clinic.panel import PANEL, scores_of
from course_utils.recipes.programs import started
from course_utils.training import seeded

BEDS = (1, 2, 3, 4, 5, 6)
EXAMPLE = 0  # the patient that the text solves


class Patient:
    """A training program and who complains of it."""

    def __init__(self, bed: int, complaint: str, program: dict):
        self.bed, self.complaint, self.made_of = bed, complaint, program

    def fresh(self):
        """The program before its first step."""
        return started(**self.made_of)

    @property
    def seed(self) -> int:
        return self.made_of["seed"]

    @functools.cached_property
    def course(self):
        """The program after its training, its losses and its reported accuracies, by epoch."""
        program, losses, accuracies = self.fresh(), [], []
        with seeded(self.seed):
            for _ in range(program.epochs):
                losses.append(float(np.mean([program.step(batch) for batch in program.batches])))
                program.end_of_epoch()
                accuracies.append(program.evaluate())
        return program, losses, accuracies


class Ward:
    """Six patients. What was ordered for each is kept as long as the kernel lives."""

    def __init__(self, number: int, patients: dict[int, Patient]):
        self.number, self.patients = number, patients
        self.ordered: dict[int, list[str]] = {bed: [] for bed in patients}

    def chart(self, bed: int) -> None:
        """Show what is known of a patient before any test."""
        from course_utils import plots

        if (patient := self._at(bed)) is None:
            return
        program, losses, accuracies = patient.course
        classes = max(2, scores_of(program))
        print(
            f"Ward {self.number}, patient {bed}: “{patient.complaint}”\n"
            f"{classes} classes (ln {classes} = {math.log(classes):.2f}), "
            f"{sum(len(y) for _, y in program.validation)} validation pictures, "
            f"{program.epochs} epochs. Reported at the end: {accuracies[-1]:.0%}."
        )
        plots.show(
            plots.lines(
                {"training loss": losses, "reported accuracy": accuracies},
                "epoch", "nats, or a share", f"Patient {bed}",
            )
        )  # fmt: skip

    def order(self, bed: int, test: str) -> None:
        """Make a test of the panel; it costs its minutes once."""
        if (patient := self._at(bed)) is None:
            return
        if said := _no_test(test):
            print(said)
            return
        if test not in self.ordered[bed]:
            self.ordered[bed].append(test)
        with seeded(patient.seed):
            found = PANEL[test].find(patient)
        print(f"Patient {bed}, {test}: {found}")
        minutes = cost(self.ordered[bed])
        print(f"Ordered so far: {self.ordered[bed]}, {minutes} minute{'s' * (minutes != 1)}.")

    def reveal(self, bed: int, answer) -> None:
        """Open a patient's source, once a diagnosis is committed."""
        if (patient := self._at(bed)) is None:
            return
        if said := amiss(answer):
            print(f"The source stays closed: {said}")
            return
        if forgotten := [test for test in self.ordered[bed] if test not in answer["ordered"]]:
            print(f"You have ordered {forgotten} as well: write down all that you ordered.")
            return
        print(patient.made_of["source"])

    @property
    def noted(self) -> str:
        """What was ordered so far, in words; empty where nothing was."""
        return "; ".join(f"patient {bed}: {', '.join(tests)}"
                         for bed, tests in sorted(self.ordered.items()) if tests)  # fmt: skip

    def _at(self, bed) -> Patient | None:
        beds = sorted(self.patients)
        if isinstance(bed, bool) or not isinstance(bed, Integral):
            print(f"{bed!r} is not a bed: a bed is a whole number without quotes, one of {beds}.")
            return None
        if bed not in self.patients:
            print(f"There is no patient {bed}; the beds are {beds}.")
        return self.patients.get(bed)


def _no_test(test) -> str:
    """Why this cannot be ordered, in a sentence; empty where it can."""
    if not isinstance(test, str):
        return f"{test!r} is not a test: a test is one name in quotes, such as 'labels'."
    if test in PANEL:
        return ""
    if nearest := difflib.get_close_matches(test.strip().lower(), PANEL, n=1):
        return f"{test!r} is not on the panel. Did you mean {nearest[0]!r}?"
    return f"{test!r} is not on the panel: {', '.join(PANEL)}."


class NoName(ValueError):
    """A ward is asked for and nobody says whose."""

    def _render_traceback_(self):  # what IPython shows in place of a traceback
        return [str(self)]


_WARDS: dict[str, Ward] = {}  # by name, so that running a cell again loses nothing


def ward(name: str) -> Ward:
    """The ward of whoever bears this name; each of the few wards has other patients.

    The same name gets the same ward as long as the kernel lives, with what was ordered in it. Which
    ward it is, and what is noted there, is printed. Raises NoName where the name is empty.
    """
    nobody = name is None or name is ... or isinstance(name, bool)
    whose = "" if nobody else str(name).strip()
    if not whose:
        raise NoName(
            "Your ward goes by your name: write it between the quotes, as in my_name = \"Ada\", "
            "and run this cell again. Nothing that you have ordered is lost."
        )
    known = kept()
    mine = _WARDS.get(whose.lower())
    if mine is None:
        number = zlib.crc32(whose.lower().encode()) % len(known["wards"])
        beds = known["wards"][number].items()
        people = {int(bed): Patient(int(bed), **one) for bed, one in beds}
        people[EXAMPLE] = Patient(EXAMPLE, **known["example"])
        mine = Ward(number, people)
    print(f"Your patients, {whose}, lie in ward {mine.number}.", end=" ")
    if mine.noted:
        print(f"What you have ordered is still noted: {mine.noted}.", end=" ")
    for other, theirs in _WARDS.items():
        if theirs is not mine and theirs.noted:
            print(f"What was ordered under the name {other!r} (ward {theirs.number}) stays noted "
                  "under that name.", end=" ")  # fmt: skip
    print()
    return _WARDS.setdefault(whose.lower(), mine)


def open_programs() -> dict[str, list]:
    """Programs to try instruments on: six sound ones, and a sick one of each of six faults."""
    known = kept()
    sick = {one["says"]: [started(**one["program"])] for one in known["sick"]}
    return {"sound": [started(**made) for made in known["healthy"]], **sick}


def patch_source(number: int) -> str:
    """The source of the sick program of a patch."""
    return kept()["patches"][number - 1]["source"]


def patch_program(number: int, source: str | None = None):
    """The program of a patch before its first step: as it is, or from a source of yours."""
    made = kept()["patches"][number - 1]
    return started(**{**made, "source": source or made["source"]})


def first_losses() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of many programs: the first loss, ln C, and whether the first loss should have told."""
    table = np.array(kept()["first losses"], dtype=float)
    return table[:, 0], table[:, 1], table[:, 2].astype(bool)


def panel() -> None:
    """Print the tests and what they cost."""
    for name, test in PANEL.items():
        print(f"{test.minutes:>3} min  {name:<20} {test.asks}")


def diagnoses() -> None:
    """Print what can be diagnosed."""
    for name, says in DIAGNOSES.items():
        print(f"{name:<24} {says}")
