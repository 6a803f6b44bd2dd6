"""Everything that a report says about a class, collected one outcome at a time. How it is said is
`report`'s and `page`'s."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field

from autograder.grading.pipeline.outcome import FAILED, PROCESS, STOCK, TEACHER, Outcome, Seen
from autograder.grading.pipeline.weights import weighed

PASSED, PARTIAL, NOTHING = "all points", "part of the points", "no points"
STATES = (PASSED, PARTIAL, NOTHING, FAILED, STOCK)
# What a mistake that no exercise lists means: said by the judge of any exercise.
GENERAL = {
    "needs": "It builds on another exercise that is not right yet.",
    "relation": "The values stand in a plain relation to the right ones.",
    "missing": "Nothing bears the name that is asked for.",
    "signature": "The arguments are in another order.",
    "arguments": "The function takes other arguments than it is called with.",
    "warning": "The code raises a warning: a division by zero, an overflow or the like.",
    "not-callable": "The name stands for something that cannot be called.",
}
# What more than this share of a class has in common, if it has so many, is said once.
COMMON, AT_LEAST = 0.5, 3


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
    untimed: list[str] = field(default_factory=list)  # in time, for nobody knows when they came
    times: str = ""  # in which zone times were read that name none
    added: list[str] = field(default_factory=list)  # who was on no roster
    left: list[str] = field(default_factory=list)  # whose work lies there, and they left the class
    course_changed: int = 0  # graded anew although nothing was handed in anew
    test: dict | None = None  # what `gain.report` says of a test
    cells: dict[str, dict] = field(default_factory=dict)  # graded by nbgrader's own rules
    related: int = 0  # wrong answers of which no more is known than a relation to the right one
    to_mark: int | None = None  # students with answers that wait for a person, by the gradebook
    of_page: dict[str, list[str]] | None = None  # who needs a look, as the page of the run has it

    def add(self, outcome: Outcome, unchanged: bool) -> None:
        self.rows.append(row(outcome, unchanged))
        self.graded += not unchanged
        self.seconds = time.monotonic() - self.started
        self.peak_memory = max(self.peak_memory, outcome.peak_memory)
        for mark in outcome.marks:
            if mark.rests_on == PROCESS:
                cell = self.cells.setdefault(
                    mark.cell, {"max_points": mark.max_points, "points": Counter()}
                )
                cell["points"][mark.points or 0.0] += 1
            self.rests.setdefault(mark.rests_on, {})[mark.cell] = mark.max_points
        for seen in outcome.exercises:
            points, most = in_class(seen, outcome)
            held = self.exercises.setdefault(
                seen.exercise,
                {"max_points": most, "counts": seen.counts, "points": Counter(),
                 "status": {}},
            )  # fmt: skip
            if seen.counted:
                self.counted[seen.exercise] = seen.counted
            if seen.blindspot:
                self.blindspots.append(seen.blindspot)
                self.related += bool(seen.mistakes)
            held["points"][points] += 1
            held["status"][seen.status] = held["status"].get(seen.status, 0) + 1
            for identity, hint in dict(seen.mistakes).items():
                self.mistakes[seen.exercise, identity] += 1
                self.hints[seen.exercise, identity] = hint or GENERAL.get(
                    identity.partition(":")[0], ""
                )

    def counts(self) -> dict[str, int]:
        return {state: sum(row["state"] == state for row in self.rows) for state in STATES}

    def common(self, what: str) -> dict[str, int]:
        """What most of the class has under `what` ("not_found", "repairs") → how many have it."""
        ran = sum(row["state"] not in (FAILED, STOCK) for row in self.rows)
        counted = Counter(entry for row in self.rows for entry in row[what])
        return {e: n for e, n in counted.items() if n >= AT_LEAST and n > COMMON * ran}

    def looks(self) -> dict[str, list[str]]:
        """Who needs a look, and why: what did not run, and what looks odd. What is the same for
        everybody is no reason. On the page of the same students it says the same."""
        if self.of_page is not None:
            return self.of_page
        everybodys = self.common("not_found")
        found = {}
        for row in self.rows:
            stopped = [f"{row['state']}: {row['reason']}"] if row["reason"] else []
            found[row["student"]] = stopped + row["looks"] + [
                f"no module named {name} is here: is it a package, or was a file forgotten?"
                for name in row["not_found"]
                if name not in everybodys
            ]
        return {student: looks for student, looks in found.items() if looks}

    def waiting(self) -> int:
        """Students with answers that wait for a person: by the gradebook, once it was asked."""
        if self.to_mark is not None:
            return self.to_mark
        return sum(bool(row["for_the_teacher"]) for row in self.rows)

    def named(self) -> list[tuple[tuple[str, str], int]]:
        """Mistakes with a name, the most frequent first. What fails only because another exercise
        does is that one's; how values stand to the right ones is no name yet."""
        return [
            (named, count) for named, count in self.mistakes.most_common()
            if not named[1].startswith(("needs:", "relation:"))
        ]  # fmt: skip

    def rate(self) -> float:
        """Submissions a minute, of those that were graded now."""
        return 60 * self.graded / self.seconds if self.seconds else 0.0

    def as_json(self) -> dict:
        """The whole report as plain data."""
        looks = self.looks()
        return {
            "assignment": self.assignment,
            "submissions": sorted(
                ({**row, "looks": looks.get(row["student"], [])} for row in self.rows),
                key=lambda row: row["student"],
            ),
            "states": self.counts(),
            "needs_a_look": sorted(looks),
            "with_answers_to_mark_by_hand": self.waiting(),
            "packages_not_found": self.common("not_found"),
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
            "without_a_time": self.untimed,
            **({"times_without_a_zone": self.times} if self.times else {}),
            "added_to_the_roster": self.added,
            **({"left_the_class": self.left} if self.left else {}),
            **({"test": self.test} if self.test else {}),
            "graded_now": self.graded,
            "graded_now_because_the_course_changed": self.course_changed,
            "seconds": round(self.seconds, 3),
            "submissions_per_minute": round(self.rate(), 1),
            "peak_memory_of_a_submission": self.peak_memory,
        }


def in_class(seen: Seen, outcome: Outcome) -> tuple[float, float]:
    """What became of an exercise in the class's points, and the most of them: its cell may weigh
    more or less there, and its points may be everybody's."""
    mark = next((mark for mark in outcome.marks if seen.cell and mark.cell == seen.cell), None)
    if mark is None:
        return seen.points, seen.max_points
    if mark.points is None:
        return weighed(seen.points, seen.max_points, mark.max_points), mark.max_points
    return mark.points, mark.max_points


def unchanged(kept: dict) -> Tally:
    """A tally of the same submissions when nothing has changed since; `kept` is `vars` of it."""
    tally = Tally(**{**kept, "started": time.monotonic()})
    for told in tally.rows:
        told["unchanged"] = True
    tally.graded, tally.seconds, tally.course_changed, tally.added = 0, 0.0, 0, []
    return tally


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
        "not_found": list(outcome.failed_imports),
        "exercises": {s.exercise: [s.status, in_class(s, outcome)[0]] for s in outcome.exercises},
        "unchanged": unchanged,
        "seconds": round(outcome.seconds, 3),
    }
