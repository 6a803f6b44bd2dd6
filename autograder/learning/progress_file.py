"""The progress file: where it is, its form, how it is read and changed without loss.

What is kept in it is `standing`'s.

The file is `.progress.json` beside the learner's notebooks, or what COURSE_PROGRESS names (empty
or `off`: nothing is kept). It stays on the learner's machine and may be deleted at any time:

    {"format": 1,
     "exercises": {
       "batchnorm_forward": {
         "notebook": "06_batchnorm",
         "attempts": 3,                        checks of code that was there to be judged and
                                               showed something else than at the check before
         "status": "failed",                   of the last check
         "points": 3.0, "max_points": 4.0,     of the last check
         "best_points": 3.0,
         "mistakes": ["variance_unbiased"],    named by the last check, most important first
         "minutes": 12.5,                      worked on it: from one check or hint in the notebook
                                               to the next, a longer pause counts as ten minutes
         "hints": 1,                           how many of its hints were seen
         "tries": 2,                           wrong attempts that differ from one another
         "tried": ["9f3a61c0", "04be77d1"],    digests of what the last of them showed
         "showed": "04be77d1",                 a digest of what the last check showed
         "first": "2026-03-02T10:15:00+00:00", of the first check or hint, in UTC
         "last": "2026-03-02T10:31:00+00:00",
         "passed": null,                       when it was right for the first time
         "answers": [                          of a question: the first one, and the latest
           {"answer": "q", "choice": "by 0.01",  the letter that was shown, and its words, which
            "right": true, "sure": "think"}]     mean the same when the letters are drawn anew
       }},
     "tests": {"98_pretest": {"01_gradients": [2, 5]}}}       right and asked, by topic

Keys that this version does not know are kept as they are; "minutes", "hints", "tries", "tried",
"showed", "answers" and "tests" may be missing, as in files from before they were kept. A file whose
format number is higher comes from a newer version of the course and is left untouched. Where no
file can be kept, the same is known until the process ends.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from autograder.paths import notebooks_anywhere, notebooks_here

FORMAT = 1
FILE_NAME = ".progress.json"
# Two notebooks may be checked at the same moment; writing takes about a millisecond.
LOCK_SECONDS = 2.0


class ProgressUnreadable(Exception):
    """The progress file cannot be used; the message says what happened and what to do."""


def progress_path() -> Path | None:
    """Where this learner's progress file is kept, or None when none is.

    A kernel starts in its notebook's folder, a prompt perhaps in the course's. Elsewhere there
    are no notebooks to keep it beside. A notebook that nbgrader runs is not a learner at work.
    """
    named = os.environ.get("COURSE_PROGRESS")
    if named is not None:
        return None if named in ("", "off") else Path(named).expanduser()
    if "NBGRADER_EXECUTION" in os.environ:
        return None
    folder = notebooks_here()
    return folder and folder / FILE_NAME


def reading_path() -> Path | None:
    """The progress file to show: the one kept here, else the one of the course's own folder."""
    path = progress_path()
    if path is None and "COURSE_PROGRESS" not in os.environ:
        folder = notebooks_anywhere()
        path = folder and folder / FILE_NAME
    return path


def load(path: Path) -> dict:
    """The content of a progress file; an empty one when there is none.

    Raises ProgressUnreadable when it is of a newer format or is not a progress file (then it has
    been moved aside, to `.progress.json.bad`, so that the next check can begin a new one), and
    OSError when the system does not let it be read.
    """
    try:
        text = path.read_bytes()
    except FileNotFoundError:
        return {"format": FORMAT, "exercises": {}}
    try:
        kept = json.loads(text)
        version, entries = kept["format"], kept["exercises"]
        sound = type(version) is int and (
            version > FORMAT or (is_entries(entries) and is_tests(kept.get("tests", {})))
        )
    except (ValueError, KeyError, TypeError, RecursionError):
        sound = False
    if not sound:
        aside = path.with_name(path.name + ".bad")
        os.replace(path, aside)
        raise ProgressUnreadable(
            f"The progress file {path} was damaged; it was kept aside as {aside.name} "
            "and the next check begins a new one."
        )
    if version > FORMAT:
        raise ProgressUnreadable(
            f"The progress file {path} was written by a newer version of the course and is left "
            "as it is; update the course to go on counting."
        )
    return kept


def is_entries(value: object) -> bool:
    """Whether `value` has the form of the file's "exercises" (see the top of this module)."""
    return isinstance(value, dict) and all(
        isinstance(entry, dict)
        and isinstance(entry.get("notebook"), str)
        and isinstance(entry.get("status"), str)
        and type(entry.get("attempts")) is int
        and all(type(entry.get(key)) in (int, float) for key in ("points", "best_points"))
        and isinstance(entry.get("last"), str)
        and type(entry.get("minutes", 0)) in (int, float)
        and all(type(entry.get(key, 0)) is int for key in ("hints", "tries"))
        and isinstance(entry.get("tried", []), list)
        and isinstance(entry.get("answers", []), list)
        and all(isinstance(given, dict) and "right" in given for given in entry.get("answers", []))
        for entry in value.values()
    )


def is_tests(value: object) -> bool:
    """Whether `value` has the form of the file's "tests"."""
    return isinstance(value, dict) and all(
        isinstance(topics, dict)
        and all(
            isinstance(counts, list) and len(counts) == 2 and all(type(n) is int for n in counts)
            for counts in topics.values()
        )
        for topics in value.values()
    )


def write(path: Path, content: dict) -> None:
    """Replace a progress file in one step: a reader sees the old one or the new one, whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(prefix=path.name, suffix=".tmp", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(content, file, indent=1, ensure_ascii=False)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


# What has happened in this process where no file can be kept, as in the file.
_unkept: dict[str, dict] = {}


def change(alter: Callable[[dict], None], part: str = "exercises") -> None:
    """Change a part of the progress file in place, or what stands for it in memory."""
    unkept = _unkept.setdefault(part, {})
    try:
        path = progress_path()
        if path is None:
            alter(unkept)
            return
        from filelock import FileLock, Timeout

        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with FileLock(f"{path}.lock", timeout=LOCK_SECONDS):
                content = load(path)
                alter(content.setdefault(part, {}))
                write(path, content)
                return
        except Timeout:
            raise ProgressUnreadable(
                f"Another program holds the progress file {path}, so this check is not counted."
            ) from None
    except ProgressUnreadable as trouble:
        tell_once(str(trouble))
    except Exception as trouble:  # noqa: BLE001 - whatever it is, it must not cost the learner the verdict
        tell_once(
            f"Your progress could not be kept ({type(trouble).__name__}: {trouble}); the verdict "
            "is not affected. COURSE_PROGRESS can name another file, or none."
        )
    alter(unkept)


def entries_known() -> tuple[dict, str]:
    """The file's "exercises", or what stands for it in memory with a sentence that says why."""
    path, unkept = progress_path(), _unkept.get("exercises", {})
    if path is None:
        return unkept, unkept_because()
    try:
        entries = load(path)["exercises"]
    except ProgressUnreadable as trouble:
        return unkept, str(trouble)
    except OSError as trouble:
        return unkept, (
            f"The progress file {path} cannot be read ({trouble.strerror}). COURSE_PROGRESS can "
            "name another one."
        )
    # What could not be written counts until the process ends, as where nothing can be.
    return {**entries, **{n: e for n, e in unkept.items() if newer(e, entries.get(n))}}, ""


def newer(entry: dict, other: dict | None) -> bool:
    return other is None or entry["last"] > other["last"]


def unkept_because() -> str:
    """Why no progress file is kept here, in a sentence with the way on."""
    if os.environ.get("COURSE_PROGRESS") is not None:
        return "COURSE_PROGRESS says that no progress is kept: it counts until this kernel stops."
    return (
        f"There are no notebooks of the course in {Path.cwd()}, so your progress is known only "
        "until this kernel stops. Open the notebook in the course's own folder, or let "
        "COURSE_PROGRESS name a file."
    )


def tests_known() -> dict[str, dict[str, tuple[int, int]]]:
    """The tests that were scored, with (right, asked) by topic. Never raises."""
    try:
        path = progress_path()
        kept = load(path).get("tests", {}) if path else {}
    except (ProgressUnreadable, OSError):
        kept = {}
    return {
        test: {topic: tuple(pair) for topic, pair in topics.items()}
        for test, topics in {**kept, **_unkept.get("tests", {})}.items()
    }


_told: set[str] = set()


def tell_once(sentence: str) -> None:
    """Print a sentence the first time it is to be said in this process."""
    if sentence not in _told:
        _told.add(sentence)
        print(sentence)
