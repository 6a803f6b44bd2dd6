"""One assignment of a class as plain data: everything that the page and the table say, read from
the gradebook of now and from what `course grade` kept. Nothing is graded or written here."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from shlex import quote

from autograder.grading.classroom import sections
from autograder.grading.classroom.printable import shown
from autograder.grading.pipeline.outcome import FAILED, STOCK, Outcome
from autograder.grading.reports import blindspots, standings
from autograder.grading.reports.blindspots_in_words import words
from autograder.grading.reports.standings import Column
from autograder.grading.reports.tally import Tally

MISTAKES, SPOTS = 15, 10
NAMED = 5  # students in a sentence
NOT_GRADED = "not graded yet"


@dataclass
class Row:
    """One student. `cells` are (points, or None; whether they wait for a person), a column each."""

    student: str
    name: str
    state: str
    points: float
    cells: list[tuple[float | None, bool]]
    late: float = 0.0  # seconds
    untimed: bool = False  # nobody knows when it was handed in, so it counts as in time
    taken_off: float = 0.0  # points
    looks: list[str] = field(default_factory=list)
    repairs: list[str] = field(default_factory=list)
    sections: tuple[str, ...] = ()

    @property
    def to_mark(self) -> int:
        return sum(waits for _, waits in self.cells)


@dataclass
class Spread:
    """How many students have how many points in one column; `bars` are (label, how many)."""

    title: str
    max_points: float
    mean: float
    bars: list[tuple[str, int]]


@dataclass
class ClassReport:
    """What a page or a table says of one assignment.

    Attributes
    ----------
    common : sentences on what concerns many
    mistakes : (students, exercise, mistake, its hint), the most frequent first
    spots : (students, exercise, what they show), of those that several gave alike
    unnamed : wrong answers without a name, all together
    absent : who is on the roster and has handed in nothing
    pairs : submissions that resemble each other (`similar.Pair`); None: nobody looked
    pairs_note : what was not looked at, "" for nothing
    section : the one that this is narrowed to, "" for the whole class
    outside : a sentence on work of those who are not in the class; "" where there is none
    """

    course: str
    assignment: str
    columns: list[Column]
    rows: list[Row]
    spreads: list[Spread]
    common: list[str]
    mistakes: list[tuple[int, str, str, str]]
    spots: list[tuple[int, str, list[str]]]
    unnamed: int
    absent: list[str]
    pairs: list | None = None
    pairs_note: str = ""
    section: str = ""
    outside: str = ""

    @property
    def most(self) -> float:
        return sum(column.max_points for column in self.columns)

    @property
    def file_name(self) -> str:
        """What its page and its table are called, without the ending."""
        return f"{self.assignment}-{file_part(self.section)}" if self.section else self.assignment

    @property
    def command(self) -> str:
        """What `course report` is told to write this again."""
        narrowed = f" --section {quote(self.section)}" if self.section else ""
        return quote(self.assignment) + narrowed

    @property
    def in_sections(self) -> bool:
        """Whether anybody is in one."""
        return any(row.sections for row in self.rows)

    @property
    def looks(self) -> dict[str, list[str]]:
        """Who needs a look, and why."""
        return {row.student: row.looks for row in self.rows if row.looks}

    @property
    def graded(self) -> list[Row]:
        return [row for row in self.rows if row.state != NOT_GRADED]


def gather(
    folder: Path,
    assignment: str,
    run: Tally | None = None,
    similar: bool = True,
    wait: float = 60.0,
    section: str = "",
) -> ClassReport:
    """Read all about one assignment of the class in `folder`.

    Parameters
    ----------
    run : what has just been graded, for submissions of which nothing is kept
    similar : look for submissions that resemble each other too
    wait : seconds that a gradebook in somebody else's hands is waited for
    section : narrow it to those in this one

    Raises ClickException where there is no such class, section or assignment, or its gradebook
    cannot be read.
    """
    import click

    from autograder.grading.classroom.configuration import load_config
    from autograder.grading.pipeline import submitted
    from autograder.grading.pipeline.gradebook import Book
    from autograder.grading.pipeline.handed_in import times
    from autograder.grading.pipeline.record import kept_outcomes

    folder = Path(os.path.abspath(folder))
    their_sections = sections.read(folder)
    inside = sections.chosen(folder, section) if section else None
    book = Book(folder, load_config(folder), assignment, lambda s: click.echo(s, err=True), wait)
    try:
        sources = book.assignment().sources
        standing = book.read(lambda gradebook: standings.read(gradebook, assignment))
        roster = book.read(standings.names)
        there = submitted.students(book.coursedir, assignment)
        kept = list(kept_outcomes(book.coursedir, assignment))
        handed_in, graded = {student for student, _ in there}, {one.student for one in kept}
        left = book.left(handed_in | graded)
    finally:
        book.close()
    # Who is not in the gradebook is not in the class, whatever lies in its folders.
    known = {*roster, *(row["student"] for row in (run.rows if run else ()))}
    outcomes = [outcome for outcome in kept if outcome.student in known]
    strangers = {*handed_in, *graded} - known
    if inside is not None:
        roster = {student: name for student, name in roster.items() if student in inside}
        standing = {student: mine for student, mine in standing.items() if student in inside}
        known, strangers = known & inside, strangers & inside
    outside = outsiders(strangers & graded, strangers & handed_in, strangers & left)
    zoneless = submitted.zoneless(one for one in there if one[0] in known)
    tally = Tally(assignment)
    now = {row["student"]: row for row in (run.rows if run else ())}
    for outcome in outcomes:
        if outcome.student in known and not _stopped_since(outcome, now.get(outcome.student)):
            tally.add(outcome, unchanged=True)
    here = {row["student"] for row in tally.rows}
    tally.rows += [row for student, row in now.items() if student in known - here]
    columns = standings.columns(sources)
    rows = _rows(tally, standing, columns, roster, handed_in & known, their_sections)
    spots, unnamed = _spots(folder, assignment) if inside is None else ([], 0)
    report = ClassReport(
        str(book.coursedir.course_id or folder.name), assignment, columns, rows,
        spreads(columns, rows),
        [*_common(tally), *untimed(rows),
         *filter(None, [times.in_words(zoneless, book.zone), outside])],
        [(count, exercise, identity, tally.hints[exercise, identity])
         for (exercise, identity), count in tally.named()[:MISTAKES]],
        spots, unnamed,
        sorted(set(roster) - {row.student for row in rows}), section=section,
        outside=outside,
    )  # fmt: skip
    if similar and not find_spec("copydetect"):
        report.common.append(
            "Submissions were not compared with each other: pip install copydetect"
        )
    elif similar:
        from autograder.grading.reports.similar import of_class

        report.pairs, report.pairs_note = of_class(book.coursedir, assignment, sources, outcomes)
        if inside is not None:
            report.pairs = [p for p in report.pairs if {p.one, p.other} & inside]
    return report


def _stopped_since(kept: Outcome, row: dict | None) -> bool:
    """Whether what is kept is of an earlier run, and now nothing came of it that could be kept."""
    return row is not None and row["state"] in (FAILED, STOCK) and row["reason"] != kept.reason


def file_part(section: str) -> str:
    """A section's name as part of a file's."""
    return re.sub(r"[^\w.-]+", "-", section).strip("-.") or "section"


def _rows(
    tally: Tally, standing, columns: list[Column], roster, handed_in, their_sections
) -> list[Row]:
    told, looks = {row["student"]: row for row in tally.rows}, tally.looks()
    everybodys = tally.common("repairs")
    made = []
    for student in sorted({*standing, *told, *handed_in}, key=lambda s: _order(s, roster)):
        mine = standing.get(student, standings.Standing(student))
        row = told.get(student, {"looks": [], "repairs": [], "reason": "", "state": ""})
        state = row["state"] or ("graded by nbgrader" if mine.points else NOT_GRADED)
        cells = [
            (mine.points.get((c.notebook, c.cell)), (c.notebook, c.cell) in mine.waits)
            for c in columns
        ]
        made.append(Row(
            student, " ".join(filter(None, reversed(roster.get(student, ())))), state,
            mine.total, cells, mine.late, mine.untimed, mine.taken_off,
            looks.get(student, []),
            [repair for repair in row["repairs"] if repair not in everybodys],
            tuple(sorted(their_sections.get(student, ()))),
        ))  # fmt: skip
    return made


def _order(student: str, roster) -> tuple[str, str, str]:
    last, first = roster.get(student, ("", ""))
    return (last or student).casefold(), first.casefold(), student


def _common(tally: Tally) -> list[str]:
    total = len(tally.rows)
    return [
        f"{count} of {total} ask for {name}, which cannot be imported here. Install the package "
        "that has it beside the course, and grade again with --force."
        for name, count in sorted(tally.common("not_found").items())
    ] + [f"{count} of {total}: {said}." for said, count in sorted(tally.common("repairs").items())]


def outsiders(graded: Collection[str], handed_in: Collection[str], left: Collection[str]) -> str:
    """Sentences on whose work lies in the class's folders who is not in the class, or left it."""
    said = []
    back = "course grade leaves them out, and course class add-student ID brings somebody back"
    new = "course grade grades what lies in submitted/, and puts them on the roster"
    for whom, members in (("left", set(left)), ("is not in", {*graded, *handed_in} - set(left))):
        if not members:
            continue
        places = " and ".join(
            place for place, there in (("submitted/", handed_in), ("autograded/", graded))
            if members.intersection(there)
        )  # fmt: skip
        who = sorted(members)
        names = ", ".join(map(shown, who[:NAMED]))
        more = f" and {len(who) - NAMED} more" if len(who) > NAMED else ""
        then = "move those folders away if they are not wanted"
        if members.intersection(handed_in):
            then = back if whom == "left" else new
        said.append(
            f"Work in {places} of who {whom} the class, and not in this report: {names}{more}; "
            f"{then}."
        )
    return " ".join(said)


def untimed(rows: Iterable[Row]) -> list[str]:
    """What being late cannot cost, for nobody knows when it was handed in."""
    graded = [row for row in rows if row.state != NOT_GRADED]
    who = [row.student for row in graded if row.untimed]
    if not who:
        return []
    names = f" ({', '.join(who)})" if len(who) <= NAMED and len(who) < len(graded) else ""
    return [
        f"Of {len(who)} of {len(graded)} hand-ins{names} nobody knows the time, for there is no "
        "timestamp.txt with one: they count as in time."
    ]


def _spots(folder: Path, assignment: str) -> tuple[list, int]:
    """Wrong answers without a name that several gave alike, and how many there are in all."""
    try:
        kept = blindspots.load(blindspots.folder_of(folder) / f"{assignment}.json")
    except blindspots.Unreadable:
        return [], 0
    found = [spot for spot in blindspots.spots(kept["verdicts"]) if spot.count > 1][:SPOTS]
    shown = [
        (s.count, s.exercise, [f"in '{c['case']}' {c['name']} {words(c)}" for c in s.cells[:3]])
        for s in found
    ]
    return shown, sum(verdict["count"] for verdict in kept["verdicts"]) + kept["left_out"]


# How points are spread.


def spreads(columns: list[Column], rows: Iterable[Row]) -> list[Spread]:
    """Of each column how many students have how many points; of all points together first.

    What waits for a person is not counted.
    """
    rows = [row for row in rows if row.state != NOT_GRADED]
    most = sum(column.max_points for column in columns)
    made = [_spread("all points", most, [row.points for row in rows])] if rows else []
    for number, column in enumerate(columns):
        given = [row.cells[number] for row in rows]
        points = [p for p, waits in given if p is not None and not waits]
        if points:
            made.append(_spread(column.title, column.max_points, points))
    return made


def _spread(title: str, most: float, points: list[float], at_most: int = 9) -> Spread:
    counted = Counter(round(p, 2) for p in points)
    if len(counted) <= at_most:
        bars = [(f"{value:g}", n) for value, n in sorted(counted.items())]
    else:
        # Ten equal parts of the scale; who has more than all stands in the last.
        parts = Counter(min(max(int(10 * p / most), 0), 9) if most else 0 for p in points)
        edges = [most * part / 10 for part in range(11)]
        bars = [(f"{edges[i]:.3g}–{edges[i + 1]:.3g}", parts[i]) for i in range(10)]
    return Spread(title, most, sum(points) / len(points), bars)
