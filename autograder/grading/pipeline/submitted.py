"""Reads what was handed in, one submission at a time, and nothing but ordinary files of it.
What is made of it is `sanitize`'s."""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from autograder.grading.pipeline.handed_in.beside import kept_files
from autograder.grading.pipeline.handed_in.times import (
    handed_in_at,
    names_no_zone,
    text_of,
    usable_time,
)
from autograder.grading.pipeline.sanitize import Source

FILES_LIMIT = 2000  # more is no submission, and walking on would take for ever
# Bytes of all of a student's own files: they live in memory, here and in the sandbox.
MOST_BESIDE = 32 * 10**6


@dataclass(frozen=True)
class Assignment:
    """What is graded, as plain data that can be sent to any worker.

    Attributes
    ----------
    files : relative path → contents of what the class puts beside the notebooks
    theirs : relative paths of files that learners may bring; they win over the class's own
    """

    name: str
    sources: tuple[Source, ...]
    files: dict[str, bytes] = field(default_factory=dict)
    theirs: frozenset[str] = frozenset()

    def brings_autograder(self) -> bool:
        """Whether `import autograder` would find a module of the class's own."""
        return any(re.match(r"autograder(\.py$|/)", name) for name in self.files)


@dataclass(frozen=True)
class Submission:
    """What one student handed in.

    Attributes
    ----------
    notebooks : name without ".ipynb" → bytes; a notebook that is missing is not in it
    files : what else is kept, by relative path
    timestamp : contents of timestamp.txt
    notes : sentences on what was left out, and on notebooks that cannot be read
    unusable : notebook → why its file was not read
    strays : notebooks beside them under other names
    """

    student: str
    notebooks: dict[str, bytes]
    files: dict[str, bytes] = field(default_factory=dict)
    timestamp: bytes | None = None
    notes: tuple[str, ...] = ()
    unusable: dict[str, str] = field(default_factory=dict)
    strays: tuple[str, ...] = ()

    def digest(self) -> str:
        """A fingerprint of all that was handed in and is looked at. Another time of handing in is
        nothing to grade again for; one that tells no time is what the teacher has to see."""
        made = hashlib.sha256()
        parts = [("timestamp.txt", self._untold())]
        parts += sorted(self.notebooks.items()) + sorted(self.files.items())
        parts += [("note", note.encode()) for note in self.notes]
        parts += [(n, why.encode()) for n, why in sorted(self.unusable.items())]
        for name, data in parts:
            made.update(f"{len(name.encode())} {name} {len(data)} ".encode() + data)
        return made.hexdigest()

    def _untold(self) -> bytes:
        try:
            handed_in_at(self.timestamp)
        except ValueError:
            return self.timestamp
        return b""


def students(coursedir, assignment: str, step: str | None = None) -> list[tuple[str, Path]]:
    """Who handed the assignment in, and where it lies, by nbgrader's own folder structure; or of
    whom another of nbgrader's steps (`coursedir.autograded_directory`) has made something."""
    import glob

    step = step or coursedir.submitted_directory
    found = []
    pattern = re.compile(
        coursedir.format_path(step, "(?P<student>[^/]+)", re.escape(assignment), escape=True)
    )
    excluded = set(filter(None, coursedir.student_id_exclude.split(",")))
    for path in sorted(glob.glob(coursedir.format_path(step, "*", assignment))):
        match = pattern.fullmatch(path)
        if match and os.path.isdir(path) and match["student"] not in excluded:
            found.append((match["student"], Path(path)))
    return found


def read(student: str, folder: Path, assignment: Assignment, size_limit: int) -> Submission:
    """Read a submission's files; links, pipes and whatever else is no file are not followed.

    `size_limit` is the most bytes that one file may have.
    """
    wanted = {source.name for source in assignment.sources}
    notes: list[str] = []
    names, links = _walk(folder, notes)
    if odd := [name for name in names if not is_text(name)]:
        notes.append(f"{len(odd)} files whose names are no text were left out")
        names = [name for name in names if name not in odd]
    notebooks, unusable = {}, {}
    for name in sorted(wanted):
        file = f"{name}.ipynb"
        if file in links:
            unusable[name] = f"{file} is not an ordinary file"
        elif file in names:
            data = _bytes(folder / file, size_limit)
            if data is None:
                unusable[name] = f"{file} is larger than {size_limit // 10**6} MB or unreadable"
            else:
                notebooks[name] = data
    rest = [n for n in names if n.removesuffix(".ipynb") not in wanted]
    strays = [n for n in rest if n.endswith(".ipynb") and "/" not in n]
    missing = wanted - set(notebooks) - set(unusable)
    for name in sorted(missing):
        if strays:
            unusable[name] = f"there is no file {name}.ipynb, but there is {strays[0]}"
    kept, dropped = kept_files(
        [n for n in rest if n not in strays], set(assignment.files), set(assignment.theirs), links
    )
    notes += [f"{n} is not a notebook of this assignment" for n in strays] + dropped
    files, room = {}, MOST_BESIDE
    for name in kept:
        data = _bytes(folder / name, min(size_limit, room))
        if data is None:
            notes.append(f"{name} was left out: it is unreadable, or too large (a student's own "
                         f"files may have {min(size_limit, MOST_BESIDE) // 10**6} MB)")  # fmt: skip
        else:
            files[name] = data
            room -= len(data)
    return Submission(student, notebooks, files, _timestamp(folder), tuple(notes[:50]), unusable,
                      tuple(strays[:50]))  # fmt: skip


def zoneless(found: Iterable[tuple[str, Path]]) -> set[str]:
    """Whose timestamp.txt tells a time and no zone, of what `students` found."""
    told = ((student, _timestamp(place)) for student, place in found)
    return {
        student for student, timestamp in told
        if names_no_zone(text_of(timestamp)) and usable_time(timestamp) is not None
    }  # fmt: skip


def is_text(name: str) -> bool:
    """Whether a file's name can be written: on Linux a name may be any bytes."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _walk(folder: Path, notes: list[str]) -> tuple[list[str], set[str]]:
    """The relative paths of everything in a folder, and which of them are no ordinary files."""
    names, links = [], set()
    for place, folders, files in os.walk(folder):
        here = os.path.relpath(place, folder)
        for name in (*files, *(f for f in folders if os.path.islink(os.path.join(place, f)))):
            path = os.path.normpath(os.path.join(here, name))
            names.append(path)
            try:
                ordinary = stat.S_ISREG(os.lstat(os.path.join(place, name)).st_mode)
            except OSError:
                ordinary = False
            if not ordinary:
                links.add(path)
        if len(names) > FILES_LIMIT:
            notes.append(f"more than {FILES_LIMIT} files were handed in; the rest was not read")
            break
    return names[:FILES_LIMIT], links


def _timestamp(folder: Path) -> bytes | None:
    return _bytes(folder / "timestamp.txt", 10**4)


def _bytes(path: Path, limit: int) -> bytes | None:
    """An ordinary file's contents; None where it is none, cannot be read or is too large."""
    try:
        # Without O_NONBLOCK, opening a pipe that took a file's place would wait for ever.
        opened = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return None
    with os.fdopen(opened, "rb") as file:
        if not stat.S_ISREG(os.fstat(opened).st_mode):
            return None
        data = file.read(limit + 1)
    return data if len(data) <= limit else None
