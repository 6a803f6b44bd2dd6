"""Fetching one file so that nothing is lost: resumed, checked, shown. It knows no data set."""

from __future__ import annotations

import hashlib
import http.client
import os
import sys
import urllib.error
import urllib.request
from pathlib import Path

_BLOCK = 1 << 16
_TIMEOUT = 20  # seconds of silence from a server, not of the whole download


class DownloadError(RuntimeError):
    """Why a file did not arrive, as a sentence; what did arrive is kept."""


def download(url: str, path: Path, md5: str, progress: bool = True) -> Path:
    """Bring the file at `url` to `path`, going on where an earlier try stopped.

    The bytes gather in `path` + ".part" and take their name when their MD5 is right. A finished
    download with another MD5 is kept as `path` + ".corrupt" and never used. Two programs that
    fetch the same file at once wait for each other.

    Raises DownloadError with one sentence that says what to do.
    """
    from filelock import FileLock

    path = Path(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(path.with_name(f".{path.name}.lock")):
            if path.is_file():
                if file_md5(path) == md5:
                    return path
                path.replace(path.with_name(path.name + ".corrupt"))
            _receive(url, part_of(path), path.name, progress)
            if file_md5(part_of(path)) != md5:
                aside = path.with_name(path.name + ".corrupt")
                part_of(path).replace(aside)
                raise DownloadError(
                    f"{path.name} arrived damaged (its checksum is wrong), so it was put aside as "
                    f"{aside}; fetch it again."
                )
            part_of(path).replace(path)
    except OSError as error:
        raise DownloadError(
            f"{path.name} cannot be written to {path.parent} ({error.strerror or error}); what had "
            "arrived is kept. Make room or set COURSE_DATA to a folder that you may write to."
        ) from error
    return path


def part_of(path: Path) -> Path:
    """Where the bytes of an unfinished download wait."""
    return path.with_name(path.name + ".part")


def file_md5(path: Path) -> str:
    with open(path, "rb") as file:
        digest = hashlib.md5(usedforsecurity=False)
        for block in iter(lambda: file.read(1 << 20), b""):
            digest.update(block)
    return digest.hexdigest()


def _receive(url: str, part: Path, name: str, progress: bool) -> None:
    here = part.stat().st_size if part.exists() else 0
    request = urllib.request.Request(url, headers={"User-Agent": "course-data"})
    if here:
        request.add_header("Range", f"bytes={here}-")
    try:
        answer = urllib.request.urlopen(request, timeout=_TIMEOUT)
    except urllib.error.HTTPError as error:
        if error.code == 416 and here:  # nothing is left to send: the checksum will tell
            return
        raise DownloadError(
            f"The server refuses to send {name} (HTTP {error.code} from {url})."
        ) from error
    except (urllib.error.URLError, TimeoutError, ConnectionError) as error:
        reason = getattr(error, "reason", error)
        raise DownloadError(
            f"{name} cannot be fetched: no connection to {_host(url)} ({reason})."
        ) from error

    with answer:
        resumed = here and answer.status == 206
        here = here if resumed else 0
        length = answer.headers.get("Content-Length")
        total = here + int(length) if length and length.isdigit() else None
        with (
            open(part, "ab" if resumed else "wb") as file,
            _bar(name, here, total, progress) as bar,
        ):
            while block := _next_block(answer, name, here, total):
                file.write(block)
                here += len(block)
                bar.update(len(block))
    if total is not None and here < total:
        raise DownloadError(_stopped(name, here, total))


def _next_block(answer: http.client.HTTPResponse, name: str, here: int, total: int | None) -> bytes:
    try:
        return answer.read1(_BLOCK)
    except (TimeoutError, ConnectionError, http.client.HTTPException) as error:
        raise DownloadError(_stopped(name, here, total)) from error


def _stopped(name: str, here: int, total: int | None) -> str:
    of = f" of {megabytes(total)}" if total else ""
    return (
        f"The connection broke after {megabytes(here)}{of} of {name}; that much is kept, and the "
        "next try goes on from there."
    )


def megabytes(size: int) -> str:
    return f"{size / 1e6:.1f} MB"


def _host(url: str) -> str:
    from urllib.parse import urlsplit

    return urlsplit(url).hostname or url


def _bar(name: str, here: int, total: int | None, progress: bool):
    from tqdm import tqdm

    # Standard output, since nbgrader takes anything on standard error for a failed cell.
    return tqdm(
        desc=name, initial=here, total=total, unit="B", unit_scale=True, unit_divisor=1000,
        file=sys.stdout, disable=not progress, ncols=80 if not os.isatty(1) else None,
    )  # fmt: skip
