"""What a class's grading looks like: while it runs, and as tables at its end. It reads outcomes and
changes nothing."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator
from shlex import quote

from autograder.grading.pipeline.outcome import FAILED, JUDGE, PROCESS, STOCK, TEACHER, Outcome
from autograder.grading.reports.tally import Tally

MISTAKES_SHOWN = 10
BAR = 24  # characters
SECONDS_BETWEEN_LINES = 5.0
STOPPED = f"{FAILED}: ", f"{STOCK}: "  # which need no word before them


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
        _count(tally, outcome, unchanged)
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
            _count(tally, outcome, unchanged)
            progress.update(task, completed=number, pace=_pace(tally, total - number))
            yield outcome


def _count(tally: Tally, outcome: Outcome, unchanged: bool) -> None:
    """Take an outcome into the report; one that cannot be told is a line that says so."""
    before = len(tally.rows)
    try:
        tally.add(outcome, unchanged)
    except Exception as error:  # noqa: BLE001 - its marks are recorded, and the run goes on
        del tally.rows[before:]
        why = f"it is recorded, but telling of it stopped with {error!r:.200}"
        tally.add(Outcome(outcome.student, FAILED, why), unchanged)


def _pace(tally: Tally, left: int) -> str:
    if not tally.graded:
        return "unchanged"
    seconds = left * tally.seconds / tally.graded
    minutes, rest = divmod(round(seconds), 60)
    return f"{tally.rate():.0f} a minute, about {minutes}:{rest:02d} left"


# At the end.


def show(tally: Tally, console) -> None:
    """Print the report to a rich console."""
    looks = tally.looks()
    _show_states(tally, looks, console)
    _show_common(tally, console)
    _show_notable(tally, looks, console)
    _show_added(tally, console)
    if tally.test:
        _show_test(tally.test, console)
    else:
        _show_exercises(tally, console)
    _show_mistakes(tally, console)
    _show_rests(tally, console)
    if tally.blindspots:
        related = f", {tally.related} of them in a plain relation to the right one"
        console.print(
            f"{len(tally.blindspots)} wrong answers without a name"
            f"{related if tally.related else ''}: course blindspots shows which behave alike."
        )
    if tally.graded:
        console.print(
            f"{tally.graded} graded in {tally.seconds:.1f} s, {tally.rate():.0f} a minute."
        )


def _table(*columns, **options):
    from rich import box
    from rich.table import Table

    return Table(*columns, box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, **options)


def _show_states(tally: Tally, looks: dict, console) -> None:
    table = _table("submissions")
    table.add_column("", justify="right")
    for state, count in tally.counts().items():
        if count:
            table.add_row(state, str(count))
    table.add_row("needs a look", str(len(looks)))
    if repaired := sum(bool(row["repairs"]) for row in tally.rows):
        table.add_row("with something put right or left out", str(repaired))
    if by_hand := tally.waiting():
        table.add_row("with answers to mark by hand", str(by_hand))
    if tally.late:
        table.add_row("handed in late", str(len(tally.late)))
        table.add_row("with points taken off for it", str(sum(map(bool, tally.late.values()))))
    if tally.untimed:
        table.add_row("without a usable time, so not late", str(len(tally.untimed)))
    if tally.course_changed:
        table.add_row("graded again, for the course itself has changed", str(tally.course_changed))
    same = sum(row["unchanged"] for row in tally.rows)
    if same:
        table.add_row("unchanged since they were graded", str(same))
    console.print(table)
    console.print()


def _show_common(tally: Tally, console) -> None:
    """What most of the class has in common: then it is hardly theirs."""
    said = [
        f"{count} of {len(tally.rows)} ask for {name}, which cannot be imported here. Install the "
        f"package that has it ({sys.executable} -m pip install ...) and grade again with --force."
        for name, count in sorted(tally.common("not_found").items())
    ]
    said += [f"{count} of {len(tally.rows)}: {repair}."
             for repair, count in sorted(tally.common("repairs").items())]  # fmt: skip
    for sentence in said:
        console.print(sentence, markup=False, highlight=False)
    if tally.times:
        said.append(tally.times)
        console.print(tally.times, markup=False, highlight=False)
    if said:
        console.print()


def _show_notable(tally: Tally, looks: dict, console, most: int = 40) -> None:
    """Who failed to run and why, who needs a look and why, and what was put right or left out."""
    from rich.markup import escape

    everybodys = tally.common("repairs")
    table = _table("student", "by the checks", "what happened")
    table.columns[1].justify = "right"
    lines = []
    for line in sorted(tally.rows, key=lambda row: row["student"]):
        said = [look if look.startswith(STOPPED) else f"look: {look}"
                for look in looks.get(line["student"], ())]  # fmt: skip
        urgent = bool(said)
        said += [f"mended: {repair}" for repair in line["repairs"] if repair not in everybodys]
        told = "\n".join(said[:6] + ([f"and {len(said) - 6} more"] if len(said) > 6 else []))
        points = f"{line['points']:g}/{line['max_points']:g}"
        if said:
            lines.append((not urgent, escape(line["student"]), points, escape(told)))
    here = {row["student"] for row in tally.rows}
    for student in sorted(set(looks) - here):  # graded before, and lying in submitted/ no more
        lines.append((False, escape(student), "", escape("\n".join(looks[student][:6]))))
    if not lines:
        return
    for _, *shown in sorted(lines)[:most]:
        table.add_row(*shown)
    console.print(table)
    if len(lines) > most:
        console.print(f"... and {len(lines) - most} more; the page has all of them.")
    if rest := len(tally.rows) - sum(line[1] in here for line in lines):
        console.print(f"Of the other {rest} there is nothing to say; the page has all points.")
    console.print()


def _show_added(tally: Tally, console, most: int = 10) -> None:
    """Whom grading has put on the roster: a late joiner, or a folder with a slip in its name."""
    if tally.added:
        remove = f"nbgrader db student remove --force -- {quote(tally.added[0])}"
        more = f" and {len(tally.added) - most} more" if len(tally.added) > most else ""
        console.print(
            f"On no roster until now: {', '.join(tally.added[:most])}{more}. They are on it under "
            "the folder's name; course class add-student says who they are. If it is a slip, "
            f"rename the folder, and in the class's folder run: {remove}",
            markup=False, highlight=False, soft_wrap=True,
        )  # fmt: skip
        console.print()


def _show_exercises(tally: Tally, console) -> None:
    """How many earned how much, exercise by exercise; of what carries no points, how many have it
    right."""
    table = _table("exercise" if tally.exercises else "cell", "points")
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
        _add_bars(table, name, held)
    for name, held in tally.cells.items():
        _add_bars(table, name, held)
    for shown in (table, without):
        if shown.row_count:
            console.print(shown)
            console.print()


def _add_bars(table, name: str, held: dict) -> None:
    total = sum(held["points"].values())
    for place, (points, count) in enumerate(sorted(held["points"].items())):
        bar = "█" * max(1, round(BAR * count / total))
        label = f"{points:g} of {held['max_points']:g}"
        table.add_row(name if place == 0 else "", label, bar, str(count))


def _show_mistakes(tally: Tally, console) -> None:
    """What to talk about tomorrow."""
    from rich.markup import escape

    common = tally.named()[:MISTAKES_SHOWN]
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
