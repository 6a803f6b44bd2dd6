"""What `course class` does to a class that is running: update, points, undo, extend. The work is in
`grading.classroom`."""

from __future__ import annotations

import math
import re
import shlex
from pathlib import Path

import click

from autograder.commands.teachers.of_class import ASSIGNMENT, CLASS

YES = click.option("--yes", "-y", is_flag=True, help="Do it without asking.")
ASSIGNMENTS = click.option(
    "--assignment", "-a", "wanted", multiple=True, metavar="ASSIGNMENT",
    help="Only this assignment (06_batchnorm, or 06); can be repeated.",
)  # fmt: skip

RANGE = "POINTS is a number from 0 to 10000."
# A class's configuration is the teacher's own: it is said what is new there, and not written.
OLDER = """\
This class is older than one line of nbgrader_config.py. With it nbgrader export, too, takes late
penalties by the marks of now (course marks does so by itself); add it at the end:
    c.ExportApp.plugin_class = "autograder.grading.pipeline.late_penalties.CsvExport\""""


@click.command("update")
@click.argument("exercises", nargs=-1, metavar="[EXERCISE]...")
@ASSIGNMENTS
@click.option("--mine", is_flag=True, help="Bring in only what you have changed in source/.")
@CLASS
@YES
def update(exercises, wanted, mine, folder, yes) -> None:
    """Bring corrected exercises into a running class.

    \b
    Examples:
      course class update batchnorm_forward        # this exercise, as the course has it now
      course class update -a 06_batchnorm          # all that was corrected in an assignment
      course class update -a 06_batchnorm --mine   # what you have changed in source/ yourself

    Corrections come from the course, or from you, in the class's source/. The command first says
    what it will change. Seeds, submissions and marks by hand stay; so does what you have changed in
    source/, unless you name the exercise. The release is made anew and the gradebook follows: use
    this in place of nbgrader generate_assignment --force. What was there before is kept in
    backups/, and course class undo brings it back.
    """
    from autograder.authoring.build import masters
    from autograder.grading.classroom import running

    if mine and exercises:
        raise click.UsageError("Name exercises, or take up your own changes with --mine.")
    with _at_work(folder) as work:
        prepared = running.from_the_course(work, wanted, exercises, masters.SOURCE, mine)
        _carry_out(work, prepared, folder, yes, "Source, release and gradebook agree already, and "
                   "the course has nothing new for them. Exercises are judged as they are "
                   "installed: after a mend there, run course grade.")  # fmt: skip
        if "plugin_class" not in work.config.ExportApp:
            click.echo(OLDER)


class _Points(click.Command):
    """Says what points are where click would take a negative number for an option."""

    def parse_args(self, ctx, args):
        if any(re.fullmatch(r"-[\d.,]+", argument) for argument in args):
            raise click.UsageError(RANGE, ctx)
        return super().parse_args(ctx, args)


@click.command("points", cls=_Points)
@click.argument("exercise", required=False)
@click.argument("points", required=False, type=float)
@ASSIGNMENTS
@click.option("--give-everybody/--as-earned", "everybody", default=None,
              help="Give these points to everybody who hands in, or only to those who earn them.",
)  # fmt: skip
@CLASS
@YES
def points(exercise, points, wanted, everybody, folder, yes) -> None:
    """List or change what exercises are worth in this class.

    \b
    Examples:
      course class points -a 06                           # the exercises in 06, with their points
      course class points batchnorm_forward 4             # it is worth 4 points from now on
      course class points batchnorm_forward --give-everybody
      course class points batchnorm_forward --as-earned   # takes that back

    You can also give an exercise's points to everybody. Partial points scale with the weight: 1 of
    2 becomes 2 of 4. Marks given by hand stay as they are, and wait in course mark for a
    second look if the weight has changed. Run course grade afterwards to renew the marks. course
    class undo brings the weights back.
    """
    from autograder.grading.classroom import running

    if points is not None and not (math.isfinite(points) and 0 <= points <= 10_000):
        raise click.UsageError(RANGE)
    if exercise is not None and points is None and everybody is None:
        raise click.UsageError(
            f"Say what {exercise} is worth, such as: course class points {exercise} 4"
        )
    with _at_work(folder) as work:
        if exercise is None:
            _list_points(work, running, wanted)
            return
        prepared = running.weighing(work, wanted, exercise, points, everybody)
        _carry_out(work, prepared, folder, yes, f"{exercise} is so already; nothing to do.")


@click.command("undo")
@click.argument("backup", required=False, metavar="[BACKUP]")
@click.option("--list", "listing", is_flag=True, help="List the backups.")
@CLASS
@YES
def undo(backup, listing, folder, yes) -> None:
    """Undo a change: restore source/ and release/.

    \b
    Examples:
      course class undo                      # what the last change replaced
      course class undo 2026-11-28-190512    # what lies in that folder of backups/
      course class undo --list

    A change is what course class update, points or undo has done. Marks that were given since stay.
    An undo can be undone. The backup also holds the whole gradebook as it was, gradebook.db. No
    command restores that file; if you want it, copy it back yourself.
    """
    from autograder.grading.classroom import running

    if listing:
        for name, why in running.backups(folder).items():
            click.echo(f"{name}  before {why}")
        return
    with _at_work(folder) as work:
        prepared = running.undoing(work, backup)
        _carry_out(work, prepared, folder, yes, "It is as it was then; nothing to do.")


@click.command("extend")
@click.argument("student", required=False)
@click.argument("assignment", required=False, type=ASSIGNMENT)
@click.argument("until", required=False)
@click.option("--take-back", is_flag=True, help="Take the extension back.")
@click.option("--list", "listing", is_flag=True, help="List the class's extensions.")
@CLASS
def extend(student, assignment, until, take_back, listing, folder) -> None:
    """Give a student more time for an assignment.

    \b
    Examples:
      course class extend ada 06_batchnorm "2026-11-23 23:59 +0100"
      course class extend ada 06_batchnorm "2026-11-23 23:59 Europe/Berlin"
      course class extend ada 06_batchnorm --take-back
      course class extend --list

    This also works before anything is handed in. A time without a zone is in that of the class
    (c.Times.zone in nbgrader_config.py). A class from before that setting takes
    c.Exchange.timezone, else UTC. The command tells you which was used. Extensions are kept in the
    class's extensions.csv, and are copied into nbgrader's gradebook when course grade or nbgrader
    autograde runs. If the gradebook has the student's submission already, its late penalty changes
    at once; course class due changes no penalty by itself.
    """
    from autograder.grading.classroom import extending

    if listing:
        for sentence in extending.listed(folder):
            click.echo(sentence)
        return
    if not student or not assignment or bool(until) == take_back:
        raise click.UsageError(
            'Give a student, an assignment and a time, such as "2026-11-23 23:59 +0100"; or '
            "--take-back in place of the time; or --list."
        )
    for sentence in extending.extend(folder, student, assignment, until):
        click.echo(sentence)


@click.command("due")
@click.argument("assignment", type=ASSIGNMENT)
@click.argument("until", required=False)
@click.option("--none", "no_more", is_flag=True, help="Remove the deadline.")
@CLASS
def due(assignment, until, no_more, folder) -> None:
    """Set an assignment's deadline, or show it.

    \b
    Examples:
      course class due 06_batchnorm "2026-11-20 23:59"
      course class due 06_batchnorm "2026-11-20 23:59 Europe/Berlin"
      course class due 06_batchnorm
      course class due 06_batchnorm --none

    A time without a zone is in that of the class (c.Times.zone in nbgrader_config.py). A class from
    before that setting takes c.Exchange.timezone, else UTC. The command tells you which was used.
    nbgrader db assignment add reads such a time as UTC. Setting a deadline changes no late penalty
    by itself: the next course grade, course marks or nbgrader export brings all of them up to date.
    """
    from autograder.grading.classroom import deadlines

    if until and no_more:
        raise click.UsageError("Give a time or --none, not both.")
    for sentence in deadlines.due(folder, assignment, None if no_more else until, no_more):
        click.echo(sentence)


def _at_work(folder: Path):
    from autograder.grading.classroom.rerelease import Rerelease

    return Rerelease(folder)


def _carry_out(work, prepared, folder: Path, yes: bool, nothing: str) -> None:
    from autograder.grading.classroom import running

    for sentence in prepared.sentences():
        click.echo(sentence)
    if not prepared.plans:
        click.echo(nothing)
        return
    if not yes:
        click.confirm("Change this?", default=False, abort=True)
    backup = running.carry_out(work, prepared)
    where = "" if folder.resolve() == Path.cwd() else f" --class {shlex.quote(str(folder))}"
    click.echo(f"Done. What was there before: {backup}. To undo: course class undo{where}")
    for plan in prepared.plans:
        if plan.cells is None:
            click.echo(f"{plan.assignment} is not released yet: nbgrader generate_assignment "
                       f"{shlex.quote(plan.assignment)}")  # fmt: skip
        else:
            click.echo(f"Next: course grade {shlex.quote(plan.assignment)}{where}")


def _list_points(work, running, wanted) -> None:
    for assignment in running.chosen(work, wanted):
        worth = running.worth(work, assignment)
        click.echo(f"{assignment}: {sum(points for points, _ in worth.values()):g} points")
        for name, (points, everybody) in worth.items():
            click.echo(f"  {points:>5g}  {name}{'  (everybody gets them)' if everybody else ''}")
