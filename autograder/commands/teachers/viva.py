"""`course viva`: the command. What is asked, and the sheet, are `grading.viva`'s."""

from __future__ import annotations

import click

from autograder.commands.teachers.of_class import ASSIGNMENT, CLASS


@click.command("viva")
@click.argument("student")
@click.argument("assignments", nargs=-1, metavar="[ASSIGNMENT]...", type=ASSIGNMENT)
@CLASS
@click.option("--draw", "number", default=1, metavar="N", show_default=True,
              type=click.IntRange(1, 10**6),
              help="The sheet's number; a different number draws a different sheet.")  # fmt: skip
@click.option("--wait", default=60.0, metavar="SECONDS", show_default=True,
              help="How long to wait for a gradebook that is in use.")  # fmt: skip
def command(student, assignments, folder, number, wait):
    """Make a sheet of random questions for a ten-minute talk with STUDENT about their hand-in.

    \b
    Examples:
      course viva ada --class ml-2026
      course viva ada 06_batchnorm 07_optimizers --class ml-2026
      course viva ada --draw 2

    The sheet has two functions as the student handed them in, each with questions: about one of its
    lines, about what a known mistake would change, and about a setting, a test case or another
    function that this one builds on. The sheet also shows one of the student's predictions beside
    the actual result, and one of their written answers. Without ASSIGNMENT, the questions are drawn
    from everything that the student has handed in. The page can be printed. It is
    reports/viva/STUDENT.html; the names of assignments that you give are added, as in
    ada-06_batchnorm-07_optimizers.html. The sheet depends on the class's hidden seeds, so nobody
    can know it in advance, and the same command makes it again. There is no solution on it. Nothing
    is run and no mark is changed.
    """
    from autograder.grading.classroom.printable import printable
    from autograder.grading.viva.of_class import write

    drawn = write(folder, student, assignments, number, wait)
    for sentence in (*drawn.problems, *drawn.sheet.missing):
        click.echo(printable(sentence))
    asked = ", ".join(talk.code.name for talk in drawn.sheet.talks) or "no function"
    click.echo(printable(f"Drawn: {asked}. Open {drawn.path} in a browser, or print it."))
