"""What a class's grading looks like: while it runs, and as tables at its end. It reads outcomes and
changes nothing."""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from autograder.grading.pipeline.outcome import FAILED, STOCK, Outcome
from autograder.grading.pipeline.scoring import JUDGE, PROCESS, TEACHER

PASSED, PARTIAL, NOTHING = "all points", "part of the points", "no points"
STATES = (PASSED, PARTIAL, NOTHING, FAILED, STOCK)
MISTAKES_SHOWN = 10
BAR = 24  # characters
SECONDS_BETWEEN_LINES = 5.0
# What a mistake that no exercise lists means: said by the judge of any exercise.
GENERAL = {
    "needs": "It builds on another exercise that is not right yet.",
    "relation": "The values stand in a plain relation to the right ones.",
    "missing": "Nothing bears the name that is asked for.",
    "signature": "The arguments are in another order.",
    "arguments": "The function takes other arguments than it is called with.",
    "not-callable": "The name stands for something that cannot be called.",
}


@dataclass
class Tally:
    """Everything that a report says, collected one outcome at a time."""

    assignment: str
    rows: list[dict] = field(default_factory=list)
    mistakes: Counter = field(default_factory=Counter)
    hints: dict[tuple[str, str], str] = field(default_factory=dict)
    exercises: dict[str, dict] = field(default_factory=dict)
    rests: dict[str, dict[str, float]] = field(default_factory=dict)
    counted: dict[str, float] = field(default_factory=dict)
    started: float = field(default_factory=time.monotonic)
    seconds: float = 0.0
    graded: int = 0
    peak_memory: int = 0
    blindspots: list[dict] = field(default_factory=list)
    late: dict[str, float] = field(default_factory=dict)  # student → points taken off
    added: list[str] = field(default_factory=list)  # who was on no roster
    course_changed: int = 0  # graded anew although nothing was handed in anew
    test: dict | None = None  # what `gain.report` says of a test

    def add(self, outcome: Outcome, unchanged: bool) -> None:
        self.rows.append(row(outcome, unchanged))
        self.graded += not unchanged
        self.seconds = time.monotonic() - self.started
        self.peak_memory = max(self.peak_memory, outcome.peak_memory)
        for mark in outcome.marks:
            self.rests.setdefault(mark.rests_on, {})[mark.cell] = mark.max_points
        for seen in outcome.exercises:
            held = self.exercises.setdefault(
                seen.exercise,
                {"max_points": seen.max_points, "counts": seen.counts, "points": Counter(),
                 "status": {}},
            )  # fmt: skip
            if seen.counted:
                self.counted[seen.exercise] = seen.counted
            if seen.blindspot:
                self.blindspots.append(seen.blindspot)
            held["points"][seen.points] += 1
            held["status"][seen.status] = held["status"].get(seen.status, 0) + 1
            for identity, hint in dict(seen.mistakes).items():
                self.mistakes[seen.exercise, identity] += 1
                self.hints[seen.exercise, identity] = hint or GENERAL.get(
                    identity.partition(":")[0], ""
                )

    def counts(self) -> dict[str, int]:
        return {state: sum(row["state"] == state for row in self.rows) for state in STATES}

    def rate(self) -> float:
        """Submissions a minute, of those that were graded now."""
        return 60 * self.graded / self.seconds if self.seconds else 0.0

    def as_json(self) -> dict:
        """The whole report as plain data."""
        return {
            "assignment": self.assignment,
            "submissions": sorted(self.rows, key=lambda row: row["student"]),
            "states": self.counts(),
            "needs_a_look": sorted(row["student"] for row in self.rows if row["looks"]),
            "mistakes": [
                {"exercise": e, "mistake": m, "count": n, "hint": self.hints[e, m]}
                for (e, m), n in self.mistakes.most_common()
            ],
            "exercises": {
                name: {
                    "max_points": held["max_points"],
                    "counts": held["counts"],
                    "status": held["status"],
                    "points": {f"{p:g}": n for p, n in sorted(held["points"].items())},
                }
                for name, held in self.exercises.items()
            },
            "points_rest_on": {whose: sum(cells.values()) for whose, cells in self.rests.items()},
            "cells_resting_on_learners_process": sorted(self.rests.get(PROCESS, ())),
            "points_with_counters_in_learners_process": dict(sorted(self.counted.items())),
            "wrong_without_a_name": len(self.blindspots),
            "late": dict(sorted(self.late.items())),
            "added_to_the_roster": self.added,
            **({"test": self.test} if self.test else {}),
            "graded_now": self.graded,
            "graded_now_because_the_course_changed": self.course_changed,
            "seconds": round(self.seconds, 3),
            "submissions_per_minute": round(self.rate(), 1),
            "peak_memory_of_a_submission": self.peak_memory,
        }


def row(outcome: Outcome, unchanged: bool) -> dict:
    """One submission's line. Points are those that no person has to give."""
    own = [mark for mark in outcome.marks if mark.rests_on != TEACHER]
    points = sum(mark.points or 0.0 for mark in own)
    most = sum(mark.max_points for mark in own)
    state = outcome.state
    if state not in (FAILED, STOCK):
        state = PASSED if points >= most - 1e-9 else PARTIAL if points > 0 else NOTHING
    return {
        "student": outcome.student,
        "state": state,
        "reason": outcome.reason,
        "points": points,
        "max_points": most,
        "for_the_teacher": sum(mark.for_teacher for mark in outcome.marks),
        "looks": list(dict.fromkeys(outcome.looks)),
        "repairs": list(outcome.repairs),
        "exercises": {s.exercise: [s.status, s.points] for s in outcome.exercises},
        "unchanged": unchanged,
        "seconds": round(outcome.seconds, 3),
    }


# While it runs.


def followed(
    outcomes: Iterable[tuple[Outcome, bool]], total: int, tally: Tally, live: bool, quiet: bool
) -> Iterator[Outcome]:
    """Passes outcomes on and shows how far it is, with rate and time left.

    `live` for a bar that moves, else a plain line every few seconds; `quiet` for neither.
    """
    if live and not quiet:
        yield from _with_bar(outcomes, total, tally)
        return
    told = time.monotonic()
    for number, (outcome, unchanged) in enumerate(outcomes, 1):
        tally.add(outcome, unchanged)
        now = time.monotonic()
        if not quiet and (now - told > SECONDS_BETWEEN_LINES or number == total):
            told = now
            print(
                f"{number} of {total} {_pace(tally, total - number)}", file=sys.stderr, flush=True
            )
        yield outcome


def _with_bar(outcomes, total, tally) -> Iterator[Outcome]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(),
        TextColumn("{task.fields[pace]}"),
    )  # fmt: skip
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        starting = "starting the workers, which takes some seconds"
        task = progress.add_task(f"Grading {tally.assignment}", total=total, pace=starting)
        for number, (outcome, unchanged) in enumerate(outcomes, 1):
            tally.add(outcome, unchanged)
            progress.update(task, completed=number, pace=_pace(tally, total - number))
            yield outcome


def _pace(tally: Tally, left: int) -> str:
    if not tally.graded:
        return "unchanged"
    seconds = left * tally.seconds / tally.graded
    minutes, rest = divmod(round(seconds), 60)
    return f"{tally.rate():.0f} a minute, about {minutes}:{rest:02d} left"


# At the end.


def show(tally: Tally, console) -> None:
    """Print the report to a rich console."""
    _show_states(tally, console)
    _show_notable(tally, console)
    _show_added(tally, console)
    if tally.test:
        _show_test(tally.test, console)
    else:
        _show_exercises(tally, console)
    _show_mistakes(tally, console)
    _show_rests(tally, console)
    if tally.blindspots:
        console.print(
            f"{len(tally.blindspots)} wrong answers without a name: course blindspots shows which "
            "behave alike."
        )
    if tally.graded:
        console.print(
            f"{tally.graded} graded in {tally.seconds:.1f} s, {tally.rate():.0f} a minute."
        )


def _table(*columns, **options):
    from rich import box
    from rich.table import Table

    return Table(*columns, box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, **options)


def _show_states(tally: Tally, console) -> None:
    table = _table("submissions")
    table.add_column("", justify="right")
    for state, count in tally.counts().items():
        if count:
            table.add_row(state, str(count))
    table.add_row("needs a look", str(sum(bool(row["looks"]) for row in tally.rows)))
    by_hand = sum(bool(row["for_the_teacher"]) for row in tally.rows)
    if by_hand:
        table.add_row("with answers to mark by hand", str(by_hand))
    if tally.late:
        table.add_row("handed in late", str(len(tally.late)))
        table.add_row("with points taken off for it", str(sum(map(bool, tally.late.values()))))
    if tally.course_changed:
        table.add_row("graded again, for the course itself has changed", str(tally.course_changed))
    same = sum(row["unchanged"] for row in tally.rows)
    if same:
        table.add_row("unchanged since they were graded", str(same))
    console.print(table)
    console.print()


def _show_notable(tally: Tally, console, most: int = 40) -> None:
    """Who failed to run and why, and who needs a look and why."""
    from rich.markup import escape

    notable = [row for row in tally.rows if row["reason"] or row["looks"]]
    if not notable:
        return
    table = _table("student", "points", "what happened")
    table.columns[1].justify = "right"
    for line in sorted(notable, key=lambda row: row["student"])[:most]:
        said = [line["state"] + ": " + line["reason"]] if line["reason"] else []
        said += [f"look: {look}" for look in line["looks"]]
        told = "\n".join(said[:6] + ([f"and {len(said) - 6} more"] if len(said) > 6 else []))
        table.add_row(
            escape(line["student"]), f"{line['points']:g}/{line['max_points']:g}", escape(told)
        )
    console.print(table)
    if len(notable) > most:
        console.print(f"... and {len(notable) - most} more; --json has all of them.")
    console.print()


def _show_added(tally: Tally, console, most: int = 10) -> None:
    """Whom grading has put on the roster: a late joiner, or a folder with a slip in its name."""
    if tally.added:
        more = f" and {len(tally.added) - most} more" if len(tally.added) > most else ""
        console.print(
            f"On no roster until now: {', '.join(tally.added[:most])}{more}. They are on it under "
            "the folder's name; course class add-student says who they are. If it is a slip, "
            "rename the folder, and in the class run nbgrader db student remove ID --force.",
            markup=False, highlight=False,
        )  # fmt: skip
        console.print()


def _show_exercises(tally: Tally, console) -> None:
    """How many earned how much, exercise by exercise; of what carries no points, how many have it
    right."""
    if not tally.exercises:
        return
    table = _table("exercise", "points")
    table.columns[1].justify = "right"
    table.add_column("students")
    table.add_column("", justify="right")
    without = _table("without points")
    without.add_column("right", justify="right")
    without.add_column("tried", justify="right")
    for name, held in tally.exercises.items():
        total = sum(held["points"].values())
        if not held["counts"]:
            right = held["status"].get("passed", 0)
            tried = total - held["status"].get("not attempted", 0)
            without.add_row(name, str(right), str(tried))
            continue
        for place, (points, count) in enumerate(sorted(held["points"].items())):
            bar = "█" * max(1, round(BAR * count / total))
            label = f"{points:g} of {held['max_points']:g}"
            table.add_row(name if place == 0 else "", label, bar, str(count))
    for shown in (table, without):
        if shown.row_count:
            console.print(shown)
            console.print()


def _show_mistakes(tally: Tally, console) -> None:
    """What to talk about tomorrow."""
    from rich.markup import escape

    # What fails only because another exercise does is that one's mistake.
    common = [
        (named, count) for named, count in tally.mistakes.most_common()
        if not named[1].startswith("needs:")
    ][:MISTAKES_SHOWN]  # fmt: skip
    if not common:
        return
    table = _table("students")
    table.columns[0].justify = "right"
    table.add_column("most frequent mistakes", overflow="fold")
    table.add_column("what it is", overflow="fold", ratio=1)
    for (exercise, identity), count in common:
        hint = tally.hints[exercise, identity]
        table.add_row(str(count), escape(f"{exercise}: {identity}"), escape(hint))
    console.print(table)
    console.print()


def _show_test(test: dict, console) -> None:
    """What the class gained, topic by topic, and what each question tells."""
    if gain := test.get("gain"):
        if gain["note"]:
            console.print(f"Gain: {gain['note']}.")
        else:
            table = _table("topic")
            for title in ("questions", "before", "after", "gain"):
                table.add_column(title, justify="right")
            table.add_column("")
            for line in gain["topics"]:
                shares = f"{line['pre']:.0%}", f"{line['post']:.0%}"
                number = "" if line["gain"] is None else f"{line['gain']:.2f}"
                row = (line["topic"], str(line["questions"]), *shares, number, line["note"])
                table.add_row(*row)
            console.print(table)
            console.print(f"Of the {gain['n']} students who took both tests; gain is (after - "
                          "before) / (1 - before), Hake 1998.")  # fmt: skip
        console.print()
    asked = test["questions"]
    table = _table("question", "topic")
    for title in ("share right", "discrimination"):
        table.add_column(title, justify="right")
    for item in asked["items"]:
        number = item["discrimination"]
        told = item["note"] or ("" if number is None else f"{number:.2f}")
        table.add_row(item["question"], item["topic"], f"{item['share_right']:.0%}", told)
    console.print(table)
    console.print(
        f"Discrimination: {asked['note']}." if asked["note"] else
        f"Of {asked['n']} students; discrimination is the correlation of a question with all "
        "others: where it is near 0 or below, look at the question."
    )  # fmt: skip
    console.print()


def _show_rests(tally: Tally, console) -> None:
    words = {
        JUDGE: "judged outside of learners' processes",
        PROCESS: "by nbgrader's rules, on the word of the learner's own process",
        TEACHER: "for you to give",
    }
    said = [
        f"{sum(cells.values()):g} points {words[whose]}"
        for whose in words
        if (cells := tally.rests.get(whose))
    ]
    if said:
        console.print("Each submission: " + "; ".join(said) + ".")
    if tally.counted:
        console.print(
            f"Of what the judge gave, {sum(tally.counted.values()):g} points look at a counter as "
            "well, which was kept in the learner's process and could be forged there: "
            + ", ".join(sorted(tally.counted))
            + "."
        )
