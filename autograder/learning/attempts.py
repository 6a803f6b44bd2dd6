"""A learner's own standing: what `check` and `hint` note of it, and each exercise as a row.

The file that keeps it is `progress_file`'s; what shows it is `panel` and `progress_command`.
Nothing here counts for a grade, that is `autograder.grading`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

from autograder.learning.progress_file import change, entries_known, load, reading_path

# Between two checks; whoever is away for longer has not worked on it all the time.
LONGEST_PAUSE = 10.0  # minutes
DIGESTS_KEPT = 50
ANSWERS_KEPT = 8


def record_attempt(
    name: str,
    notebook: str | None,
    status: str,
    points: float,
    max_points: float,
    mistakes: Iterable[str] = (),
    now: datetime | None = None,
    tried: str | None = None,
    answer: dict | None = None,
    showed: str | None = None,
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
    answer : to a question, as `questions.as_kept` has it
    showed : what any attempt showed, as a digest; the same once more is no further attempt

    Never raises: a file that cannot be read or written is told in one sentence on standard
    output, once in a process, and the learner's check goes on.
    """
    if notebook is None:
        return {}
    now = now or datetime.now(timezone.utc)
    change(lambda entries: add_attempt(
        entries, name, notebook, status, points, max_points, list(mistakes), now, tried, answer,
        showed,
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


def known(name: str) -> dict:
    """What is known of one exercise; empty when nothing is. Never raises."""
    entries, _ = entries_known()
    return entries.get(name, {})


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
    entries, name, notebook, status, points, max_points, mistakes, now, tried=None, answer=None,
    showed=None,
) -> None:  # fmt: skip
    """Add one check to the file's "exercises", in place; arguments as in `record_attempt`."""
    attempted = status != "not attempted"
    if not attempted and name not in entries:
        return
    known_before = entries.get(name, {})
    again = showed is not None and known_before.get("showed") == showed
    if known_before.get("passed") is not None:  # and now all of a notebook is run again
        if (again and known_before["status"] == status) or tried in known_before.get("tried", ()):
            return
    entry = opened(entries, name, notebook, now)
    if showed is not None:
        entry["showed"] = showed
    entry.update(
        notebook=notebook,
        attempts=entry["attempts"] + (attempted and not again),
        status=status,
        points=float(points),
        max_points=float(max_points),
        best_points=max(float(points), entry["best_points"]),
        mistakes=mistakes,
    )
    if tried is not None and tried not in entry["tried"]:
        entry["tries"] += 1
        entry["tried"] = [*entry["tried"], tried][-DIGESTS_KEPT:]
    if answer is not None and answer not in entry.setdefault("answers", []):
        # The first stays: what was believed before any check is what calibration asks for.
        entry["answers"] = [*entry["answers"][:1], *entry["answers"][1:][-ANSWERS_KEPT:], answer]
    if status == "passed" and entry.get("passed") is None:
        entry["passed"] = entry["last"]


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
    """What the last check named first, in a few words; empty where no words are known for it, and
    for a question, whose choices have names that only its author reads."""
    from autograder.learning.catalogue import shelf

    if not row.mistakes or shelf().is_question(row.exercise):
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
    from autograder.learning.catalogue import exercises

    return [row(exercise, entries.get(exercise.name)) for exercise in exercises()]


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
