"""A learner's own standing: the progress file that `check` and `hint` keep. What shows it is
`panel` and `progress_command`; nothing here counts for a grade, that is `autograder.grading`.

The file is `.progress.json` beside the learner's notebooks, or what COURSE_PROGRESS names (empty
or `off`: nothing is kept). It stays on the learner's machine and may be deleted at any time:

    {"format": 1,
     "exercises": {
       "batchnorm_forward": {
         "notebook": "06_batchnorm",
         "attempts": 3,                        checks of code that was there to be judged
         "status": "failed",                   of the last check
         "points": 3.0, "max_points": 4.0,     of the last check
         "best_points": 3.0,
         "mistakes": ["variance_unbiased"],    named by the last check, most important first
         "minutes": 12.5,                      worked on it: from one check or hint in the notebook
                                               to the next, a longer pause counts as ten minutes
         "hints": 1,                           how many of its hints were seen
         "tries": 2,                           wrong attempts that differ from one another
         "tried": ["9f3a61c0", "04be77d1"],    digests of what the last of them showed
         "first": "2026-03-02T10:15:00+00:00", of the first check or hint, in UTC
         "last": "2026-03-02T10:31:00+00:00",
         "passed": null                        when it was right for the first time
       }},
     "tests": {"98_pretest": {"01_gradients": [2, 5]}}}       right and asked, by topic

Keys that this version does not know are kept as they are; "minutes", "hints", "tries", "tried" and
"tests" may be missing, as in files from before they were kept. A file whose format number is higher
comes from a newer version of the course and is left untouched. Where no file can be kept, the same
is known until the process ends.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

from autograder.places import notebooks_anywhere, notebooks_here

FORMAT = 1
FILE_NAME = ".progress.json"
# Two notebooks may be checked at the same moment; writing takes about a millisecond.
LOCK_SECONDS = 2.0
# Between two checks; whoever is away for longer has not worked on it all the time.
LONGEST_PAUSE = 10.0  # minutes
DIGESTS_KEPT = 50


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


def record_attempt(
    name: str,
    notebook: str | None,
    status: str,
    points: float,
    max_points: float,
    mistakes: Iterable[str] = (),
    now: datetime | None = None,
    tried: str | None = None,
) -> dict:
    """Keep one check in the learner's progress file; gives the exercise's entry.

    Parameters
    ----------
    name, notebook : the exercise and its notebook, `batchnorm_forward` and `06_batchnorm`;
        an exercise of no notebook is not kept
    status : the verdict's; `not attempted` is no attempt and is kept only as the last status
    points, max_points, mistakes : the verdict's
    now : aware datetime, by default the clock's
    tried : what a wrong attempt showed, as a digest; None for what is no honest attempt

    Never raises: a file that cannot be read or written is told in one sentence on standard
    output, once in a process, and the learner's check goes on.
    """
    if notebook is None:
        return {}
    now = now or datetime.now(timezone.utc)
    change(lambda entries: add_attempt(
        entries, name, notebook, status, points, max_points, list(mistakes), now, tried
    ))  # fmt: skip
    return known(name)


def record_hint(name: str, notebook: str | None, seen: int, now: datetime | None = None) -> None:
    """Keep that `seen` of the exercise's hints were shown. Never raises, as `record_attempt`."""
    if notebook is None:
        return
    now = now or datetime.now(timezone.utc)

    def add(entries: dict) -> None:
        entry = opened(entries, name, notebook, now)
        entry["hints"] = max(seen, entry["hints"])

    change(add)


def record_test(test: str, counts: dict[str, tuple[int, int]]) -> None:
    """Keep how many answers of a test are right: (right, asked) by topic. Never raises."""
    kept = {topic: list(pair) for topic, pair in counts.items()}
    change(lambda tests: tests.update({test: kept}), "tests")


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


def known(name: str) -> dict:
    """What is known of one exercise; empty when nothing is. Never raises."""
    entries, _ = entries_known()
    return entries.get(name, {})


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


def opened(entries: dict, name: str, notebook: str, now: datetime) -> dict:
    """The exercise's entry, made when it is missing, with the time since the last one counted."""
    moment = now.astimezone(timezone.utc).isoformat(timespec="seconds")
    worked = minutes_since(
        (entry["last"] for entry in entries.values() if entry["notebook"] == notebook), now
    )
    entry = entries.setdefault(name, {
        "notebook": notebook, "attempts": 0, "status": "not attempted", "points": 0.0,
        "max_points": 0.0, "best_points": 0.0, "mistakes": [], "first": moment, "passed": None,
    })  # fmt: skip
    entry["minutes"] = round(entry.get("minutes", 0.0) + worked, 2)
    for key, nothing in (("hints", 0), ("tries", 0), ("tried", [])):
        entry.setdefault(key, nothing)
    entry["last"] = moment
    return entry


def minutes_since(moments: Iterable[str], now: datetime) -> float:
    """Minutes from the latest of the moments (ISO 8601) to `now`, at most `LONGEST_PAUSE`."""
    gaps = []
    for moment in moments:
        try:
            gaps.append((now - datetime.fromisoformat(moment)).total_seconds() / 60)
        except (ValueError, TypeError):  # not a moment, or one without a time zone
            continue
    return min(max(min(gaps, default=0.0), 0.0), LONGEST_PAUSE)


def add_attempt(
    entries, name, notebook, status, points, max_points, mistakes, now, tried=None
) -> None:
    """Add one check to the file's "exercises", in place; arguments as in `record_attempt`."""
    attempted = status != "not attempted"
    if not attempted and name not in entries:
        return
    entry = opened(entries, name, notebook, now)
    entry.update(
        notebook=notebook,
        attempts=entry["attempts"] + attempted,
        status=status,
        points=float(points),
        max_points=float(max_points),
        best_points=max(float(points), entry["best_points"]),
        mistakes=mistakes,
    )
    if tried is not None and tried not in entry["tried"]:
        entry["tries"] += 1
        entry["tried"] = [*entry["tried"], tried][-DIGESTS_KEPT:]
    if status == "passed" and entry.get("passed") is None:
        entry["passed"] = entry["last"]


_told: set[str] = set()


def tell_once(sentence: str) -> None:
    """Print a sentence the first time it is to be said in this process."""
    if sentence not in _told:
        _told.add(sentence)
        print(sentence)


@dataclass(frozen=True)
class Row:
    """Where the learner stands with one exercise."""

    notebook: str
    exercise: str
    extra: bool
    points: float  # the best so far; 0 for an extra, which carries none
    max_points: float
    attempts: int
    status: str  # of the last check; "not attempted" when there was none
    mistakes: tuple[str, ...]
    last: str | None  # ISO 8601, UTC
    minutes: float
    hints: int  # seen
    tries: int  # wrong attempts that differ from one another
    passed: bool  # by any check so far


# What a verdict names besides the exercise's own mistakes, whose ids read as words.
_IN_WORDS = {
    "needs": "{} comes first",
    "missing": "there is no {}",
    "not-callable": "{} is not a function",
    "arguments": "arguments of {}",
    "signature": "order of the arguments",
    "changed": "changes its input {}",
    "global-random": "uses a global random generator",
}


def last_mistake(row: Row) -> str:
    """What the last check named first, in a few words; empty where no words are known for it."""
    if not row.mistakes:
        return ""
    kind, _, name = row.mistakes[0].partition(":")
    if words := _IN_WORDS.get(kind):
        return words.format(name)
    return "" if name else kind.replace("_", " ")


def standing(path: Path | None = None) -> list[Row]:
    """All exercises of the course, in its order, each with the learner's best and last.

    Parameters
    ----------
    path : the progress file, by default the one found by `reading_path`

    Raises ProgressUnreadable and OSError as `load` does. What the file holds about exercises
    that the course no longer has is left out.
    """
    path = path or reading_path()
    return rows(load(path)["exercises"] if path else {})


def rows(entries: dict) -> list[Row]:
    """All exercises of the course, in its order, with the file's "exercises"."""
    import autograder

    return [row(exercise, entries.get(exercise.name)) for exercise in autograder.exercises()]


def row(exercise, entry: dict | None) -> Row:
    """One exercise of `autograder.exercises()` with its entry in the progress file, if any."""
    entry = entry or {}
    max_points = 0.0 if exercise.extra else float(exercise.points)
    return Row(
        exercise.notebook,
        exercise.name,
        exercise.extra,
        min(float(entry.get("best_points", 0.0)), max_points),
        max_points,
        entry.get("attempts", 0),
        entry.get("status", "not attempted"),
        tuple(entry.get("mistakes", ())),
        entry.get("last"),
        float(entry.get("minutes", 0.0)),
        entry.get("hints", 0),
        entry.get("tries", 0),
        entry.get("passed") is not None,
    )


def reading_path() -> Path | None:
    """The progress file to show: the one kept here, else the one of the course's own folder."""
    path = progress_path()
    if path is None and "COURSE_PROGRESS" not in os.environ:
        folder = notebooks_anywhere()
        path = folder and folder / FILE_NAME
    return path
