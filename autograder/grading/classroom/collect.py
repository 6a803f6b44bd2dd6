"""Puts what was downloaded from Moodle, Canvas or a mailbox into a class's
submitted/ folder. Whose a file is, is read from its name; what is in it is not looked at."""

from __future__ import annotations

import filecmp
import io
import os
import re
import tempfile
import time
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import click

from autograder.grading.marks.earned import Person

# Moodle: "Ada Lovelace_70012_assignsubmission_file_/06_batchnorm.ipynb", or all in one name where
# it downloads without folders. Identities that are hidden leave "Participant_70012".
MOODLE = re.compile(r"(?P<name>[^/]+?)_\d+_assignsubmission_[a-z]+_?/?(?P<file>.*)")
# Canvas: "lovelaceada_LATE_4711_90210_06_batchnorm.ipynb": the sortable name without spaces, the
# user's number, the upload's, the file. A file handed in again has "-1" behind its name.
CANVAS = re.compile(r"(?P<name>[^_/]+)_(?P<late>LATE_)?(?P<user>\d+)_\d+_(?P<file>[^/]+)")
# What systems and browsers put behind the name of a second copy.
COPY = re.compile(r"( ?\(\d+\)|-\d+|[-_ ]Copy\d*)+$", re.IGNORECASE)
MOST_NESTED = 1  # a student's own zip in the download


@dataclass(frozen=True)
class Found:
    """A notebook in a download.

    Attributes
    ----------
    path : where it lies in the download, "/" between folders
    made : when, as the archive or the disk has it: (year, month, day, hour, minute, second)
    file : a copy of it
    """

    path: str
    made: tuple[int, ...]
    file: Path


@dataclass
class Collected:
    """What became of a download: students' ids, and sentences on what found no place."""

    new: list[str] = field(default_factory=list)
    replaced: list[str] = field(default_factory=list)
    same: list[str] = field(default_factory=list)
    late: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


# What is in a download.


def notebooks_in(
    download: Path, limit: int, notes: list[str]
) -> Iterator[tuple[str, tuple[int, ...], bytes]]:
    """The notebooks of a zip, of a folder, or the one that `download` is, as path, date and
    contents; those of a zip in it included.

    What cannot be read gets a sentence in `notes`. `limit` is the most bytes a file may have.
    """
    if download.is_dir():
        for path in sorted(download.rglob("*")):
            if path.is_file() and not path.is_symlink() and _wanted(path.name):
                name = path.relative_to(download).as_posix()
                if path.stat().st_size > limit:
                    notes.append(_too_large(name, limit))
                else:
                    yield from _opened(name, _date(path), path.read_bytes(), limit, notes, 0)
    elif zipfile.is_zipfile(download):
        yield from _zipped(download, "", limit, notes, 0)
    elif download.suffix == ".ipynb":
        yield download.name, _date(download), download.read_bytes()
    else:
        raise click.ClickException(
            f"{download} is no zip file, no folder and no notebook. Download it again as a zip."
        )


def _date(path: Path) -> tuple[int, ...]:
    return tuple(time.localtime(path.stat().st_mtime)[:6])


def _wanted(name: str) -> bool:
    return name.lower().endswith((".ipynb", ".zip")) and not name.startswith(".")


def _too_large(name: str, limit: int) -> str:
    return f"{name} is larger than {limit // 10**6} MB; it was left out."


def _zipped(file, prefix: str, limit: int, notes: list[str], depth: int):
    with zipfile.ZipFile(file) as archive:
        for member in archive.infolist():
            path = prefix + member.filename.replace("\\", "/")
            if member.is_dir() or not _wanted(path.rpartition("/")[2]):
                continue
            if member.file_size > limit:
                notes.append(_too_large(path, limit))
                continue
            try:
                data = archive.read(member)
            except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError) as error:
                notes.append(f"{path} cannot be read ({error}); ask for it again.")
                continue
            yield from _opened(path, member.date_time, data, limit, notes, depth)


def _opened(path: str, made, data: bytes, limit: int, notes: list[str], depth: int):
    if path.lower().endswith(".ipynb"):
        yield path, made, data
    elif depth < MOST_NESTED and zipfile.is_zipfile(io.BytesIO(data)):
        # The zip's own name stays in the path: it lies in the student's folder, or names them.
        yield from _zipped(io.BytesIO(data), f"{path}/", limit, notes, depth + 1)
    else:
        notes.append(f"{path} is no zip that can be read; ask for the notebook itself.")


# Whose it is.


def plain(text: str) -> str:
    """A name without what systems spell in different ways: case, accents, spaces, punctuation."""
    parted = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in parted if c.isalnum())


class Owners:
    """Finds the student whom a path in a download names: by id or e-mail address where the path
    holds one, else by the name, where only one student of the class bears it."""

    def __init__(self, people: Iterable[Person]):
        self.by_name: dict[str, set[str]] = {}
        self.by_school_id: dict[str, set[str]] = {}
        self.ids = {}
        for person in people:
            first, last = plain(person.first_name), plain(person.last_name)
            for name in {first + last, last + first} - {""}:
                self.by_name.setdefault(name, set()).add(person.id)
            if person.school_id:
                self.by_school_id.setdefault(person.school_id, set()).add(person.id)
            for key in filter(None, (person.id, person.email)):
                self.ids[_normal(key)] = person.id

    def of(self, path: str) -> set[str]:
        """The ids of whom `path` can be; one, if all is well."""
        parts = path.split("/")
        for part in parts:
            if match := MOODLE.fullmatch(part):
                return self._named(match["name"])
        for match in filter(None, map(CANVAS.fullmatch, parts)):
            found = self.by_school_id.get(match["user"]) or self._named(match["name"])
            if found:
                return found
        for part in parts:
            # The longest: with mei and mei_li on the roster, mei_li_06.ipynb is mei_li's.
            if found := self._spelled(part):
                longest = max(map(len, found))
                return {self.ids[key] for key in found if len(key) == longest}
        for part in parts:
            if found := self._named(part):
                return found
        return set()

    def _named(self, name: str) -> set[str]:
        exact = self.ids.get(_normal(name))
        return {exact} if exact else self.by_name.get(plain(name), set())

    def _spelled(self, part: str) -> list[str]:
        text = _normal(part)
        return [
            key for key in self.ids
            if key in text and re.search(rf"(?<![^\W_]){re.escape(key)}(?![^\W_])", text)
        ]  # fmt: skip


def _normal(text: str) -> str:
    return unicodedata.normalize("NFC", text).strip().casefold()


def is_late(path: str) -> bool:
    """Whether Canvas says so in the name that it gave."""
    return any(match["late"] for match in filter(None, map(CANVAS.fullmatch, path.split("/"))))


def called(path: str) -> str:
    """What the student called the notebook, without ".ipynb" and the number of a copy."""
    name = path.split("/")[-1]
    for pattern in (MOODLE, CANVAS):
        if (match := pattern.fullmatch(name)) and match["file"]:
            name = match["file"]
    return COPY.sub("", name[: -len(".ipynb")])


def chosen(found: list[Found], name: str, only: bool) -> tuple[Found | None, str]:
    """The notebook called `name` among a student's, and what to say about the choice.

    Of several the newest; where there is but one notebook, and the assignment has but one
    (`only`), that one whatever it is called.
    """
    ending = re.compile(rf"(?:.*[\W_])?{re.escape(name)}")
    bearing = [one for one in found if ending.fullmatch(called(one.path))]
    if bearing:
        newest = max(bearing, key=lambda one: (one.made, one.path))
        several = f"of {len(bearing)} the newest was taken, {newest.path}"
        return newest, several if len(bearing) > 1 else ""
    if only and len(found) == 1:
        return found[0], f"{found[0].path} was taken for {name}.ipynb"
    return None, ""


# Into the class.


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
    wanted = _names(coursedir, assignment)
    done, owners = Collected(), Owners(people)
    theirs: dict[str, list[Found]] = {}
    # On the class's own disk: what is there takes its place in one step, and a disk that is full
    # is full before anything was replaced.
    with tempfile.TemporaryDirectory(prefix=".collect-", dir=coursedir.root) as staging:
        limit = coursedir.max_file_size * 1000
        read = (
            found for download in downloads for found in notebooks_in(download, limit, done.notes)
        )
        for number, (path, made, data) in enumerate(following(read)):
            ids = owners.of(path)
            if len(ids) == 1:
                copy = Path(staging, f"{number}.ipynb")
                copy.write_bytes(data)
                theirs.setdefault(next(iter(ids)), []).append(Found(path, made, copy))
            elif ids:
                done.notes.append(f"{path}: this can be {' or '.join(sorted(ids))}; left out.")
            else:
                done.notes.append(f"{path}: nobody on the roster is called so; left out.")
        for student, found in theirs.items():
            _hand_in(coursedir, assignment, student, wanted, found, done)
    return done


def _hand_in(coursedir, assignment, student, wanted, found, done: Collected) -> None:
    choices = {name: chosen(found, name, len(wanted) == 1) for name in wanted}
    picked = {name: one for name, (one, _) in choices.items() if one}
    done.notes += [f"{student}: {said}." for _, said in choices.values() if said]
    if not picked:
        held = ", ".join(one.path for one in found[:3])
        called_so = " or ".join(f"{name}.ipynb" for name in wanted)
        done.notes.append(f"{student}: nothing is called {called_so}, but {held}; left out.")
        return
    place = Path(coursedir.format_path(coursedir.submitted_directory, student, assignment))
    getattr(done, _put(place, picked, coursedir.groupshared)).append(student)
    if any(is_late(one.path) for one in picked.values()):
        done.late.append(student)


def _names(coursedir, assignment: str) -> list[str]:
    folder = Path(coursedir.format_path(coursedir.source_directory, ".", assignment))
    names = sorted(path.stem for path in folder.glob("*.ipynb"))
    if not names:
        raise click.ClickException(
            f"There is no assignment {assignment}: no notebook in {folder}. "
            f"Its assignments: {', '.join(sorted(p.parent.name for p in _sources(coursedir)))}."
        )
    return names


def _sources(coursedir) -> Iterator[Path]:
    folder = Path(coursedir.format_path(coursedir.source_directory, ".", "x")).parent
    return (path for path in folder.glob("*/*.ipynb") if path.stem == path.parent.name)


def _put(place: Path, picked: dict[str, Found], shared: bool) -> str:
    """Move a student's notebooks in; which list of `Collected` that puts the student into."""
    files = {place / f"{name}.ipynb": one.file for name, one in picked.items()}
    there = [path for path in files if path.is_file()]
    if len(there) == len(files) and all(
        filecmp.cmp(path, file, shallow=False) for path, file in files.items()
    ):
        return "same"
    place.mkdir(parents=True, exist_ok=True)
    for path, file in files.items():
        os.chmod(file, 0o664 if shared else 0o644)
        os.replace(file, path)
    return "replaced" if there else "new"


# The command.

SHOWN = 40  # sentences, and names of those who are missing
