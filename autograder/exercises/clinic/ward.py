"""Who lies in which bed, and what each of them has. Only the judge knows it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from autograder.exercises.programs.drawing import drawn
from autograder.exercises.programs.faults import FAULTS
from autograder.exercises.programs.waiting_room import given_of
from autograder.exercises.programs.writing import written


@dataclass(frozen=True)
class Kind:
    """One kind of patient.

    Attributes
    ----------
    complaint : in a user's words
    diagnosis : by the names of `clinic.DIAGNOSES`
    shows : for each part of the diagnosis the tests that show it
    """

    complaint: str
    diagnosis: tuple[str, ...]
    shows: tuple[tuple[str, ...], ...]
    faults: tuple[str, ...] = ()


_SCALED = ("validation pictures", "new pictures")
# In each ward all of these differ by far between the healthy one and its double.
_NOT_SCALED = (*_SCALED, "own count")
_NOT_TWO = ("one batch", "parts", "new pictures")
# Whoever suspected one of these, with which a net still learns, has excluded it by such a test.
_SUSPECTS = {
    "scaling": _NOT_SCALED, "softmax twice": ("one batch",), "bottleneck": ("one batch",),
    "overlap": ("parts",), "sorted": ("parts",), "cut gradient": ("gradients",),
    "rate": ("steps",), "schedule": ("steps",), "training mode": ("measured twice",),
    "evaluation mode": ("measured twice",), "trained on": ("measured twice",),
}  # fmt: skip
# Three pairs share a curve: flat; a gap that stays; a loss that stays above 0.
KINDS = {
    "apart": Kind("It trains for as long as you like, and it is no better than the dice.",
                  ("labels apart",), (("labels",),), ("shuffled_apart",)),
    "thrown away": Kind("Not a thing has happened since Friday, and no error either.",
                        ("gradients thrown away",), (("steps",),), ("gradients_thrown_away",)),
    "zero": Kind("Since the clean-up of the start it learns nothing at all.",
                 ("zero weights",), (("gradients", "steps"),), ("zero_first_weights",)),
    "another": Kind("Since the middle of last week it stands where it starts.",
                    ("another net",), (("steps",),), ("other_nets_parameters",)),
    "hard": Kind("A colleague has 97 % with hardly more pictures. What have I done wrong?",
                 ("healthy",), (_NOT_SCALED,)),
    "twice": Kind("It was much better before the input was tidied up last week.",
                  ("scaling",), (_SCALED,), ("scaled_twice",)),
    "by itself": Kind("The demonstration works, and the table says that it does not.",
                      ("scaling",), (_SCALED,), ("scaled_by_itself",)),
    "smoothed": Kind("The accuracy is fine. But this loss: it does not come near 0.",
                     ("healthy",), (_NOT_TWO,)),
    "two": Kind("The loss does not come down, and yet the number on the slide is splendid. The "
                "customer counts and finds less.",
                ("overlap", "softmax twice"), (("parts",), ("one batch",)),
                ("softmax_twice", "parts_overlap")),
}  # fmt: skip
# Ward by ward the kinds in beds 1 to 6, and the number of each one's program. Sick ones are proven
# in theirs; healthy ones were chosen so that their curves resemble their double's.
WARDS = (
    (("hard", 20008), ("apart", 10003), ("two", 10000), ("thrown away", 10006), ("smoothed", 20006),
     ("twice", 10001)),
    (("zero", 10006), ("smoothed", 20005), ("by itself", 10000), ("apart", 10002), ("hard", 20059),
     ("two", 10004)),
    (("two", 10000), ("twice", 10011), ("another", 10003), ("hard", 20071), ("apart", 10006),
     ("smoothed", 20003)),
    (("smoothed", 20006), ("thrown away", 10003), ("hard", 20063), ("by itself", 10001),
     ("two", 10004), ("apart", 10002)),
)  # fmt: skip
EXAMPLE = Kind("It learns, and then it stops at what a much smaller net can do.",
               ("cut gradient",), (("gradients",),), ("detached",)), 10006  # fmt: skip
OPEN_SICK = (
    ("huge_first_weights", 10002), ("zero_first_weights", 10003), ("tiny_first_weights", 10006),
    ("softmax_twice", 10001), ("rate_too_high", 10008), ("schedule_per_batch", 10009),
)  # fmt: skip
OPEN_HEALTHY = (20010, 20011, 20013, 20015, 20016, 20098)


def patient(kind: Kind, number: int, place: int) -> dict:
    """A patient as `course_utils.clinic` keeps it; `place` tells bodies of one number apart."""
    rng = np.random.default_rng([16, number, place])
    return {"complaint": kind.complaint, "program": program(number, kind.faults, rng)}


def program(number: int, faults: tuple[str, ...], rng) -> dict:
    """The program of this number with these faults in it."""
    design = drawn(number)
    source = written(design)
    for fault in faults:
        source = FAULTS[fault].plant(source, design)
    return given_of(rng, source, design)


def ward(number: int) -> dict[str, dict]:
    """The patients of a ward, by bed."""
    return {
        str(bed): patient(KINDS[kind], body, 10 * number + bed)
        for bed, (kind, body) in enumerate(WARDS[number], 1)
    }


def truths(bed: int) -> list[dict]:
    """What the patient in this bed has, ward by ward, as plain data."""
    found = []
    for beds in WARDS:
        kind = KINDS[beds[bed - 1][0]]
        healthy = kind.diagnosis == ("healthy",)
        found.append({
            "diagnosis": sorted(kind.diagnosis), "shows": [list(tests) for tests in kind.shows],
            "excludes": {name: list(tests) for name, tests in _SUSPECTS.items()} if healthy else {},
        })  # fmt: skip
    return found
