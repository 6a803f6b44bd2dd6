"""Whose a file in a download is. The outermost name alone says it, which the school's system or the
teacher gave: what lies further in, a student has named. What is in a file is not looked at."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

from autograder.grading.marks.earned import Person

# Moodle: "Ada Lovelace_70012_assignsubmission_file_/06_batchnorm.ipynb", or all in one name where
# it downloads without folders. Identities that are hidden leave "Participant_70012".
MOODLE = re.compile(r"(?P<name>[^/]+?)_\d+_assignsubmission_[a-z]+_?/?(?P<file>.*)")
# Canvas: "lovelaceada_LATE_4711_90210_06_batchnorm.ipynb": the sortable name without spaces, the
# user's number, the upload's, the file. A file handed in again has "-1" behind its name.
CANVAS = re.compile(r"(?P<name>[^_/]+)_(?P<late>LATE_)?(?P<user>\d+)_\d+_(?P<file>[^/]+)")
# Blackboard: "06_batchnorm_ada_attempt_2026-11-20-23-58-59_06_batchnorm.ipynb": the assignment's
# name, the login, the time, the file. The same without a file is its own account of the attempt.
BLACKBOARD = re.compile(r"(?P<name>[^/]+?)_attempt_\d{4}(-\d\d){5}(_(?P<file>[^/]+)|\.txt)")
# Brightspace: a folder "4711-90210 - Ada Lovelace - Nov 20, 2026 1158 PM".
BRIGHTSPACE = re.compile(r"\d+-\d+ - (?P<name>[^/]+?) - [^/]+")
SYSTEMS = (MOODLE, CANVAS, BLACKBOARD, BRIGHTSPACE)


def plain(text: str) -> str:
    """A name without what systems spell in different ways: case, accents, spaces, punctuation."""
    parted = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in parted if c.isalnum())


class Owners:
    """Finds the student whom a name in a download names: by id or e-mail address where it holds
    one, else by the name, where only one student of the class bears it."""

    def __init__(self, people: Iterable[Person]):
        self.by_name: dict[str, set[str]] = {}
        self.by_school_id: dict[str, set[str]] = {}
        self.ids: dict[str, set[str]] = {}
        for person in people:
            first, last = plain(person.first_name), plain(person.last_name)
            for name in {first + last, last + first} - {""}:
                self.by_name.setdefault(name, set()).add(person.id)
            if person.school_id:
                self.by_school_id.setdefault(person.school_id, set()).add(person.id)
            for key in filter(None, (person.id, person.email)):
                self.ids.setdefault(_normal(key), set()).add(person.id)

    def of(self, name: str) -> set[str]:
        """The ids of whom an outermost name can mean; one, if all is well."""
        if match := CANVAS.fullmatch(name):
            number = self.by_school_id.get(match["user"], set())
            called = self._named(match["name"])
            return (number & called) or (number | called)
        if match := MOODLE.fullmatch(name):
            return self._named(match["name"])
        if match := BLACKBOARD.fullmatch(name):
            return self._spelled(match["name"])
        if match := BRIGHTSPACE.fullmatch(name):
            return self._named(match["name"])
        return self._spelled(name) or self._named(name)

    def _named(self, name: str) -> set[str]:
        return self.ids.get(_normal(name)) or self.by_name.get(plain(name), set())

    def _spelled(self, name: str) -> set[str]:
        """All whose id or address stands in a name; with mei and mei_li on the roster,
        mei_li_06.ipynb is mei_li's, and mei_for_mei_li.ipynb can be both's."""
        text = _normal(name)
        spans = {
            match.span(): ids
            for key, ids in self.ids.items()
            if key in text
            for match in re.finditer(rf"(?<![^\W_]){re.escape(key)}(?![^\W_])", text)
        }
        within = [
            (start, end) for start, end in spans
            if any(a <= start and end <= b and (a, b) != (start, end) for a, b in spans)
        ]  # fmt: skip
        return set().union(*(ids for span, ids in spans.items() if span not in within))


def _normal(text: str) -> str:
    return unicodedata.normalize("NFC", text).strip().casefold()


def wrapping(paths: Sequence[str], owners: Owners) -> int:
    """How many folders lie around all of a download and are nobody's, such as that of a zip which
    holds one folder: the name behind them is the outermost."""
    parts = [path.split("/") for path in paths]
    around = 0
    while parts and all(len(part) > around + 1 for part in parts):
        heads = {part[around] for part in parts}
        (head, *others) = heads
        zipped = head.lower().endswith(".zip")
        if others or zipped or owners.of(head) or any(s.fullmatch(head) for s in SYSTEMS):
            break
        around += 1
    return around


def is_late(name: str) -> bool:
    """Whether Canvas says so in the name that it gave."""
    match = CANVAS.fullmatch(name)
    return bool(match and match["late"])


def own_name(name: str) -> str:
    """What a student called a file, without what a system has put in front of it."""
    for pattern in (CANVAS, MOODLE, BLACKBOARD):
        if (match := pattern.fullmatch(name)) and match["file"]:
            return match["file"]
    return name
