"""Puts what was downloaded from a school's system or a mailbox into a class's submitted/ folder:
which of a student's notebooks counts, and what is said of the rest."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import click

from autograder.grading.classroom import arriving
from autograder.grading.classroom import downloads as reading
from autograder.grading.classroom.downloads import NOTEBOOK, File, Found, Handed
from autograder.grading.classroom.owners import BLACKBOARD, Owners, is_late, own_name, wrapping
from autograder.grading.classroom.printable import shown
from autograder.grading.marks.earned import Person
from autograder.grading.pipeline import untouched

# What systems and browsers put behind the name of a second copy.
COPY = re.compile(r"( ?\(\d+\)|-\d+|[-_ ]Copy\d*)+$", re.IGNORECASE)


@dataclass
class Collected:
    """What became of a download: students' ids, and sentences on what found no place.

    Attributes
    ----------
    unusable : who handed something in of which nothing was taken
    kept : whose earlier hand-in stays, for what came now is worse or finds no place; `looks` say
        why
    looks : sentences on choices that a teacher should look at
    """

    new: list[str] = field(default_factory=list)
    replaced: list[str] = field(default_factory=list)
    same: list[str] = field(default_factory=list)
    late: list[str] = field(default_factory=list)
    unusable: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    looks: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Wanted:
    """What an assignment wants: its notebooks' names, the texts of the cells that each was given
    out with (empty where it is not known), and the names of the files given out beside them."""

    given: dict[str, frozenset[str]]
    files: frozenset[str]


@dataclass
class Refused:
    """What lies under one outermost name that is not one student's: whose it can be."""

    ids: set[str]
    paths: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        more = f" and {len(self.paths) - 1} more" if len(self.paths) > 1 else ""
        if not self.ids:
            return f"{shown(self.paths[0])}{more}: nobody on the roster is called so; left out."
        return (
            f"{shown(self.paths[0])}{more}: this can be {' or '.join(sorted(self.ids))}; left out. "
            "Rename it with the id of the one whose it is."
        )


def collect(
    coursedir, assignment: str, downloads: list[Path], people: list[Person],
    following: Callable[[Iterable], Iterable] = iter,
) -> Collected:  # fmt: skip
    """Put what is in the downloads into submitted/STUDENT/ASSIGNMENT/.

    Parameters
    ----------
    coursedir : nbgrader's CourseDirectory
    people : the roster
    following : is given what is read, and gives it back while it shows how far it is

    Raises ClickException where the class has no such assignment, or a download is none.
    """
    wanted = _wanted(coursedir, assignment)
    done, owners = Collected(), Owners(people)
    limit = coursedir.max_file_size * 1000
    theirs: dict[str, Handed] = {}
    refused: dict[str, Refused] = {}
    # On the class's own disk: what is there takes its place in one step, and a disk that is full
    # is full before anything was replaced.
    with tempfile.TemporaryDirectory(prefix=".collect-", dir=coursedir.root) as place:
        read = (
            one for download in downloads for one in _owned(download, owners, done.notes, refused)
        )
        for student, file in following(read):
            handed = theirs.setdefault(student, Handed(reading.MOST_FILES * limit))
            if not handed.full:
                _take(file, handed, Path(place), limit)
        done.notes += map(str, refused.values())
        for student, handed in theirs.items():
            _hand_in(coursedir, assignment, student, wanted, handed, done)
    return done


def _owned(
    download: Path, owners: Owners, notes: list[str], refused: dict[str, Refused]
) -> Iterator[tuple[str, File]]:
    """The files of a download, each with the one student whose it is; what is nobody's goes to
    `refused`, by its outermost name."""
    # One student's own zip, under their name.
    own = owners.of(download.name) if download.suffix.lower() == ".zip" else set()
    with reading.opened(download, notes) as files:
        around = wrapping([file.path for file in files], owners)
        for file in files:
            inside = file.path.split("/")[around:]
            blackboard = BLACKBOARD.fullmatch(inside[0])
            if blackboard and not blackboard["file"]:
                continue  # its own account of the attempt
            ids = owners.of(inside[0]) | (own if len(own) == 1 else set())
            if len(ids) == 1:
                yield next(iter(ids)), replace(file, path="/".join(inside))
            else:
                refused.setdefault(inside[0], Refused(ids)).paths.append(file.path)


def _take(file: File, handed: Handed, staging: Path, limit: int) -> None:
    try:
        reading.take(file, handed, staging, limit)
    except reading.Full:
        handed.full = True
        handed.said.append(
            f"{shown(file.path)} brings it to more than {reading.MOST_FILES * limit // 10**6} MB "
            f"or {reading.MOST_MEMBERS} files, which is more than is read of one student; it and "
            "what comes behind it was left out. Ask for the notebook itself"
        )


# Which notebook counts.


def called(path: str) -> str:
    """What the student called the notebook, without ".ipynb" and the number of a copy."""
    name = own_name(path.split("/")[-1])
    if match := NOTEBOOK.search(name):
        return COPY.sub("", name[: match.start()])
    return COPY.sub("", os.path.splitext(name)[0])


def chosen(
    found: list[Found], name: str, only: bool, given: frozenset[str] = frozenset()
) -> tuple[Found | None, str, bool]:
    """The notebook called `name` among a student's, what to say about the choice, and whether a
    teacher should look at it.

    Of several the newest that was worked on: one that is as it was given out (`given`, its cells'
    texts) counts only where there is no other. Where there is but one notebook, and the
    assignment has but one (`only`), that one whatever it is called.
    """
    ending = re.compile(rf"(?:.*[\W_])?{re.escape(name)}", re.IGNORECASE)
    bearing = [one for one in found if ending.fullmatch(called(one.path))]
    if not bearing:
        if only and len(found) == 1:
            return found[0], f"{shown(found[0].path)} was taken for {name}.ipynb", False
        return None, "", False
    worked = (
        bearing
        if len(found) == 1
        else [one for one in bearing if arriving.worked_on(one.file, given)]
    )
    newest = max(worked or bearing, key=lambda one: (one.made, one.path))
    if not worked:
        others = [
            one for one in found if one not in bearing and arriving.worked_on(one.file, given)
        ]
        if others:
            said = (
                f"{shown(newest.path)} is as it was given out, and {shown(others[0].path)} was "
                f"worked on; if that is the work, rename it to {name}.ipynb and collect again"
            )
            return newest, said, True
    if worked and len(worked) < len(bearing):
        idle = next(one for one in bearing if one not in worked)
        said = f"{shown(idle.path)} is as it was given out; {shown(newest.path)} was taken"
        return newest, said, False
    several = f"of {len(bearing)} the newest was taken, {shown(newest.path)}"
    return newest, several if len(bearing) > 1 else "", False


# Into the class.


def _hand_in(coursedir, assignment, student, wanted: Wanted, handed: Handed, done) -> None:
    names = wanted.given
    choices = {n: chosen(handed.notebooks, n, len(names) == 1, names[n]) for n in names}
    picked = {name: one for name, (one, _, _) in choices.items() if one}
    for _, said, look in choices.values():
        if said:
            (done.looks if look else done.notes).append(f"{student}: {said}.")
    done.notes += [f"{student}: {said}." for said in handed.said]
    others = [path for path in handed.others if path.split("/")[-1] not in wanted.files]
    others = [shown(path) for path in others]
    held = [shown(one.path) for one in handed.notebooks if one not in picked.values()]
    if not picked:
        called_so = " or ".join(f"{name}.ipynb" for name in names)
        done.unusable.append(student)
        if held or others:
            done.notes.append(
                f"{student}: nothing is called {called_so}, but {_some(held + others)}; left out."
                if held
                else f"{student}: no notebook, but {_some(others)}; left out. Ask for "
                f"{called_so}, as it is or in a zip."
            )
        return
    if others:
        done.notes.append(
            f"{student}: only notebooks are taken, not {_some(others)}; what the notebook needs "
            f"goes to submitted/{student}/{assignment}/ by hand."
        )
    place = Path(coursedir.format_path(coursedir.submitted_directory, student, assignment))
    where = shown(os.path.relpath(place, coursedir.root))
    unread = {name: arriving.unreadable(name, one.file) for name, one in picked.items()}
    reasons = [
        f"what was handed in earlier is kept. {shown(one.path)} {worse}"
        for name, one in picked.items()
        if (worse := arriving.worse(one.file, place / f"{name}.ipynb", unread[name], names[name]))
    ]
    if blocked := arriving.in_the_way([place / f"{name}.ipynb" for name in picked]):
        reasons = [
            f"{shown(os.path.relpath(blocked, coursedir.root))} is a "
            f"{'folder' if blocked.is_dir() else 'file'} where none belongs, so nothing was taken; "
            "move it away and collect again"
        ]
    if reasons:
        done.kept.append(student)
        done.looks += [f"{student}: {_ended(why)}" for why in reasons]
        return
    became = arriving.put(place, {n: one.file for n, one in picked.items()}, coursedir.groupshared)
    getattr(done, became).append(student)
    taken = "taken, for there is nothing better" if became != "same" else "as it was"
    done.looks += [
        f"{student}: {taken}, but it cannot be graded: {_ended(why)}"
        for why in unread.values() if why
    ]  # fmt: skip
    if became == "replaced" and (place / "timestamp.txt").is_file():
        done.notes.append(
            f"{student}: the time in {where}/timestamp.txt is that of the notebook before; write "
            "this one's into it, or take the file away."
        )
    if any(is_late(one.path.split("/")[0]) for one in picked.values()):
        done.late.append(student)


def _ended(sentence: str) -> str:
    return sentence if sentence.endswith("?") else f"{sentence}."


def _some(paths: list[str]) -> str:
    more = f" and {len(paths) - 3} more" if len(paths) > 3 else ""
    return ", ".join(paths[:3]) + more


def _wanted(coursedir, assignment: str) -> Wanted:
    source, release = (
        Path(coursedir.format_path(folder, ".", assignment))
        for folder in (coursedir.source_directory, coursedir.release_directory)
    )
    names = sorted(path.stem for path in source.glob("*.ipynb"))
    if not names:
        raise click.ClickException(
            f"There is no assignment {assignment}: no notebook in {source}. "
            f"Its assignments: {', '.join(sorted(p.parent.name for p in _masters(coursedir)))}."
        )
    given = {}
    for name in names:
        try:
            given[name] = untouched.texts((release / f"{name}.ipynb").read_bytes())
        except (OSError, *untouched.UNREADABLE):
            given[name] = frozenset()
    return Wanted(given, frozenset(p.name for f in (source, release) for p in f.rglob("*")))


def _masters(coursedir) -> Iterator[Path]:
    folder = Path(coursedir.format_path(coursedir.source_directory, ".", "x")).parent
    return (path for path in folder.glob("*/*.ipynb") if path.stem == path.parent.name)
