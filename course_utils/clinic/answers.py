"""What can be diagnosed, and what keeps an answer from being one."""

from __future__ import annotations

import difflib
from numbers import Integral

from course_utils.clinic.panel import PANEL
from course_utils.results import stored

HEALTHY = "healthy"
DIAGNOSES = {
    HEALTHY: "nothing is wrong with the program",
    "labels apart": "pictures and labels are shuffled apart",
    "gradients thrown away": "zero_grad stands between backward and step",
    "zero weights": "all first weights are zero",
    "another net": "the optimizer holds the parameters of a net that was replaced",
    "rate": "the learning rate is far too high",
    "schedule": "a schedule meant for epochs is stepped for each batch",
    "cut gradient": "the gradient is cut before the last layer",
    "softmax twice": "there is a softmax before the cross-entropy",
    "bottleneck": "the net is one unit wide at one place",
    "scaling": "the validation pictures are not scaled as those for training are",
    "overlap": "the validation pictures are among those for training",
    "sorted": "the rows lie sorted by class when the validation part is cut off",
    "training mode": "the net is evaluated in training mode",
    "evaluation mode": "the net stays in evaluation mode after the first look",
    "trained on": "the net is trained on the validation pictures while it is measured on them",
}
AS_ASKED = "as asked"
WARDS = 4  # said here, since where a class is graded the file of patients is not at hand


def handed_in(code, bed: int) -> dict:
    """A learner's answer for this bed as `put_down` has it; what is none is refused in a sentence.

    Parameters
    ----------
    code : the learner's functions, as an exercise's `observe` is given them
    """
    name = f"patient_{bed}"
    found = put_down(getattr(code, name)(), code.beside("my_ward"), bed)
    if found["form"] != AS_ASKED:
        code.refuse(name, found["form"])
    return found


def put_down(answer, ward=None, bed: int | None = None) -> dict:
    """An answer as plain data: its form in words, and what it says where it is one.

    Parameters
    ----------
    ward : the `Ward` of whoever answers, where it is at hand: an answer is for a patient of this
        one, and what was ordered in it for the bed counts, whether it was written down or not
    """
    number, log = getattr(ward, "number", None), getattr(ward, "ordered", None)
    known = [t for t in log.get(bed, ()) if t in PANEL] if isinstance(log, dict) else []
    if said := amiss(answer, known) or _of_another_ward(answer, number):
        return {
            "form": said, "ward": 0, "ranked": [], "diagnosis": [], "evidence": [], "minutes": 0
        }  # fmt: skip
    return {
        "form": AS_ASKED,
        "ward": int(answer["ward"]),
        "ranked": sorted(set(answer["ranked"])),
        "diagnosis": sorted(set(answer["diagnosis"])),
        "evidence": sorted(set(answer["evidence"])),
        "minutes": cost([*answer["ordered"], *known]),
    }


def _of_another_ward(answer: dict, number) -> str:
    if number is None or answer["ward"] == number:
        return ""
    return (
        f"'ward' is {answer['ward']}, and your patients lie in ward {number}: an answer is for a "
        "patient of your own."
    )


def cost(tests) -> int:
    """Minutes that these tests take; a test that is ordered twice is made once."""
    return sum(PANEL[test].minutes for test in set(tests))


def amiss(answer, noted=()) -> str:
    """What keeps an answer from being one, in a sentence; empty where it is one. `noted` are tests
    that a ward has noted as ordered, written down or not."""
    wanted = ("ward", "ranked", "ordered", "evidence", "diagnosis")
    if not isinstance(answer, dict):
        return "a diagnosis is a dictionary."
    if missing := [name for name in wanted if name not in answer]:
        return f"{missing[0]!r} is missing in the dictionary."
    for name in wanted[1:]:
        one = answer[name]
        if not isinstance(one, (list, tuple)) or not all(isinstance(item, str) for item in one):
            return f"{name!r} is a list of names, such as {_example(name)}."
        known = DIAGNOSES if name in ("ranked", "diagnosis") else PANEL
        if strange := [item for item in one if item not in known]:
            where = "list of diagnoses" if known is DIAGNOSES else "panel"
            nearest = difflib.get_close_matches(strange[0].strip().lower(), known, n=1)
            meant = f" Did you mean {nearest[0]!r}?" if nearest else ""
            return f"{strange[0]!r}, under {name!r}, is not on the {where}.{meant}"
    if isinstance(answer["ward"], bool) or not isinstance(answer["ward"], Integral):
        return "'ward' is the number that the chart gives, a whole number without quotes."
    if not 0 <= answer["ward"] < WARDS:
        return f"there is no ward {answer['ward']}."
    if len(set(answer["ranked"])) < 3:
        return "'ranked' has fewer than three hypotheses; a name counts once."
    if not 1 <= len(set(answer["diagnosis"])) <= 2:
        return "'diagnosis' has one name, or two where there are two faults."
    if HEALTHY in answer["diagnosis"] and len(set(answer["diagnosis"])) > 1:
        return "who is healthy has no fault besides."
    if not 1 <= len(set(answer["evidence"])) <= 2:
        return "'evidence' is the one test, or the two, that decided it."
    ordered = {*answer["ordered"], *noted}
    if unordered := [test for test in answer["evidence"] if test not in ordered]:
        return f"{unordered[0]!r} is given as evidence and was not ordered."
    return ""


def _example(name: str) -> str:
    return '["labels apart"]' if name in ("ranked", "diagnosis") else '["first loss"]'


def kept() -> dict:
    kept = stored("clinic_ward")
    if kept is None:
        raise FileNotFoundError(
            "The patients are not at hand: data/results/clinic_ward.json is missing. Take it from "
            "the course's files, or run benchmarks/clinic/ward.py."
        )
    return kept
