"""What lies in a download: a zip, a folder or one file, read within bounds. Whose it is, `owners`
says from the outermost name; which notebook counts is `collect`'s."""

from __future__ import annotations

import contextlib
import os
import re
import stat
import struct
import tempfile
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import click

from autograder.grading.classroom.printable import shown

MOST_NESTED = 1  # a student's own zip in the download
MOST_MEMBERS = 2000  # files in all of a student's zips; a whole kit of the course has 300
MOST_DIRECTORY = 200 * MOST_MEMBERS  # bytes of a student's zip's list of members
MOST_FILES = 2  # as many times the class's largest file is what one student may bring
CHUNK = 2**20
# What systems leave behind, which nobody has handed in.
LEFT_BEHIND = re.compile(r"\..*|__MACOSX|__pycache__|Thumbs\.db|desktop\.ini", re.IGNORECASE)
# A browser or a mail program adds .txt or .json, and the number of a copy may stand before it.
NOTEBOOK = re.compile(r"\.ipynb(?P<copy>[-_ ()\w]{0,12})(\.(txt|json))?\Z", re.IGNORECASE)
MOST_TOLD = 3  # sentences of one kind about one student
# What a broken or hostile archive makes zipfile and zlib raise.
BROKEN = (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError, ValueError,
          struct.error, OverflowError, KeyError)  # fmt: skip


@dataclass(frozen=True)
class File:
    """A file of a download: where it lies, "/" between folders; when it was made, as the archive
    or the disk has it (year, month, day, hour, minute, second); how many bytes it says it has."""

    path: str
    made: tuple[int, ...]
    size: int
    opened: Callable[[], BinaryIO]


@dataclass(frozen=True)
class Found:
    """A notebook: where it lay in the download, when it was made, and a copy of it."""

    path: str
    made: tuple[int, ...]
    file: Path


@dataclass
class Handed:
    """What one student handed in.

    Attributes
    ----------
    notebooks : those that were copied out
    others : paths of what is no notebook
    said : sentences about what was not read
    size, members : bytes and files that may still come
    """

    size: int
    members: int = MOST_MEMBERS
    notebooks: list[Found] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    full: bool = False


class Full(Exception):
    """A student's part of a download is larger than is taken of anybody."""


@contextlib.contextmanager
def opened(download: Path, notes: list[str]) -> Iterator[list[File]]:
    """The files of a download, without what systems leave behind, while it is open.

    Sentences about what is no ordinary file go to `notes`. Raises ClickException where the
    download is no zip, no folder and no notebook.
    """
    if download.is_dir():
        yield list(_in_folder(download, notes))
    elif NOTEBOOK.search(download.name):
        yield [_on_disk(download, download.name)]
    elif zipfile.is_zipfile(download):
        try:
            archive = zipfile.ZipFile(download)
        except BROKEN as error:
            raise click.ClickException(
                f"{shown(str(download))} cannot be read ({shown(str(error))}). Download it again."
            ) from None
        with archive:
            yield list(_in_zip(archive, notes))
    else:
        raise click.ClickException(
            f"{shown(str(download))} is no zip file, no folder and no notebook. Download it again "
            "as a zip; what is packed in another way (.rar, .7z, .tar.gz) has to be unpacked first."
        )


def _in_folder(folder: Path, notes: list[str]) -> Iterator[File]:
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not LEFT_BEHIND.fullmatch(name))
        for name in sorted(names):
            path = Path(place, name)
            inside = path.relative_to(folder).as_posix()
            if LEFT_BEHIND.fullmatch(name):
                continue
            if not stat.S_ISREG(path.lstat().st_mode):
                notes.append(f"{shown(inside)} is a link or no file; left out.")
                continue
            yield _on_disk(path, inside)


def _on_disk(path: Path, inside: str) -> File:
    told = path.stat()
    made = tuple(time.localtime(told.st_mtime)[:6])
    return File(inside, made, told.st_size, lambda: path.open("rb"))


def _in_zip(archive: zipfile.ZipFile, notes: list[str], within: str = "") -> Iterator[File]:
    for member in archive.infolist():
        path = member.filename.replace("\\", "/")
        parts = [part for part in path.split("/") if part]
        if ".." in parts:
            notes.append(f"{shown(within + path)} names a folder above its own; left out.")
            continue
        if member.is_dir() or not parts or any(map(LEFT_BEHIND.fullmatch, parts)):
            continue
        yield File(
            "/".join(parts), member.date_time, member.file_size,
            lambda member=member: _member(archive, member),
        )  # fmt: skip


def _member(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> BinaryIO:
    # Who packs with LZMA says how much memory unpacking takes, up to gigabytes.
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise NotImplementedError("it is packed in a way that is not usual for a zip")
    if member.flag_bits & 1:
        raise NotImplementedError("it is locked with a password")
    return archive.open(member)


def take(file: File, handed: Handed, staging: Path, limit: int, depth: int = 0) -> None:
    """Put a file of a student's into what they handed in: notebooks are copied to `staging`, zips
    opened, all else is named.

    `limit` is the most bytes that one file may have. Raises Full where it is more than is taken.
    """
    name = file.path.rpartition("/")[2]
    ending = os.path.splitext(name)[1].lower()
    if ending == ".zip" and depth < MOST_NESTED:
        _unpack(file, handed, staging, limit, depth)
        return
    if ending == ".zip":
        handed.said.append(f"{shown(file.path)} is a zip in a zip; ask for the notebook itself")
        return
    notebook = NOTEBOOK.search(name)
    # "06_batchnorm.txt" or "06_batchnorm" may be a notebook that was saved under another name.
    if not notebook and ending not in ("", ".txt", ".json"):
        handed.others.append(file.path)
        return
    if file.size > limit:
        handed.said.append(f"{shown(file.path)} is larger than {limit // 10**6} MB; left out")
        return
    copy = _place(staging)
    if not _copied(file, copy, handed):
        copy.unlink(missing_ok=True)
    elif notebook or _is_notebook(copy):
        handed.notebooks.append(Found(file.path, file.made, copy))
    else:
        copy.unlink()
        handed.others.append(file.path)


def _place(staging: Path) -> Path:
    descriptor, path = tempfile.mkstemp(dir=staging)
    os.close(descriptor)
    return Path(path)


def _copied(file: File, copy: Path, handed: Handed) -> bool:
    """Copy a file piece by piece; False where it cannot be read, and a sentence says why."""
    try:
        source = file.opened()
    except (*BROKEN, OSError) as error:
        why = getattr(error, "strerror", None) or str(error)
        handed.said.append(f"{shown(file.path)} cannot be read ({shown(why)}); ask for it again")
        return False
    try:
        with source, copy.open("wb") as target:
            while piece := source.read(CHUNK):
                handed.size -= len(piece)
                if handed.size < 0:
                    raise Full
                target.write(piece)
    except BROKEN as error:
        handed.said.append(
            f"{shown(file.path)} cannot be read ({shown(str(error))}); ask for it again"
        )
        return False
    return True


def _is_notebook(path: Path) -> bool:
    data = path.read_bytes()
    return data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{") and b'"nbformat"' in data


def _unpack(file: File, handed: Handed, staging: Path, limit: int, depth: int) -> None:
    if file.size > limit:
        handed.said.append(f"{shown(file.path)} is larger than {limit // 10**6} MB; left out")
        return
    packed = _place(staging)
    try:
        if not _copied(file, packed, handed):
            return
        if _directory_size(packed) > MOST_DIRECTORY:
            raise Full
        with zipfile.ZipFile(packed) as archive:
            odd: list[str] = []
            for inner in _in_zip(archive, odd, f"{file.path}/"):
                handed.members -= 1
                if handed.members < 0:
                    raise Full
                # The zip's own name stays in the path, for the sentences.
                member = File(f"{file.path}/{inner.path}", inner.made, inner.size, inner.opened)
                take(member, handed, staging, limit, depth + 1)
            handed.said += [sentence.rstrip(".") for sentence in odd[:MOST_TOLD]]
    except BROKEN:
        handed.said.append(
            f"{shown(file.path)} is no zip that can be read; ask for the notebook itself"
        )
    finally:
        packed.unlink(missing_ok=True)


def _directory_size(path: Path) -> int:
    """The bytes of a zip's list of members, as its end says: zipfile reads all of it at once."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 65_557))  # its last record, with the longest remark
        end = file.read()
    place = end.rfind(b"PK\x05\x06")
    return struct.unpack_from("<I", end, place + 12)[0] if place >= 0 else 0
