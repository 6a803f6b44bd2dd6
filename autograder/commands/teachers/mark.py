"""`course mark`: the command. The page and what it stores are `grading.marking`'s."""

from __future__ import annotations

import contextlib
import html
import os
import tempfile
import threading
import webbrowser
from collections.abc import Iterator
from pathlib import Path

import click

from autograder.commands.teachers.of_class import ASSIGNMENT, CLASS, SECTION


@click.command("mark")
@click.argument("assignment", type=ASSIGNMENT)
@click.argument("question", required=False)
@CLASS
@click.option("--section", default="", metavar="NAME", type=SECTION,
              help="Only this section of the class.")  # fmt: skip
@click.option("--port", default=0, metavar="N", type=click.IntRange(0, 65535),
              help="The page's port; a free one by default.")  # fmt: skip
@click.option("--no-browser", is_flag=True, help="Only print the page's address.")  # fmt: skip
@click.option("--wait", default=60.0, metavar="SECONDS", show_default=True,
              help="How long to wait for a gradebook that is in use.")  # fmt: skip
def command(assignment, question, folder, section, port, no_browser, wait):
    """Mark the written answers of ASSIGNMENT in a browser, one question across all students.

    \b
    Examples:
      course mark 06_batchnorm --class ml-2026
      course mark 06_batchnorm explain_pairs --class ml-2026
      course mark 06_batchnorm --section "Group A"
      course mark 06_batchnorm --no-browser --port 8899   # on a remote machine

    Grade first: course grade. The page shows each answer beside the model answer from the class's
    folder source/, without names until you ask for them. Digits give points, letters insert saved
    comments, → and ← go on and back, Enter goes to the next answer that is not marked yet, Ctrl+Z
    undoes, ? lists all keys. QUESTION is the name of the answer's cell (course mark 06_batchnorm x
    lists the names); without it the page begins with the first question.

    Each mark is in nbgrader's gradebook at once. formgrader, nbgrader's own page, shows the same
    marks and may be open while you mark. Several people may mark at a time, each with a page of
    their own: a page shows what others have given meanwhile and does not overwrite it. Ctrl-C, or a
    machine that stops, loses nothing. Saved comments are in marking/ASSIGNMENT.json in the class.

    The page can be reached only from the machine that runs this command, and only at the address
    that is printed. Keep the address to yourself: other users of that machine could mark with it.
    If the machine is a remote one, run ssh -L 8899:127.0.0.1:8899 MACHINE at home, and open the
    printed address there.
    """
    from autograder.grading.classroom.printable import printable
    from autograder.grading.marking.desk import Desk
    from autograder.grading.marking.server import serve

    desk = Desk(folder, assignment, question, wait, section)
    with contextlib.ExitStack() as until_done:
        until_done.callback(desk.close)

        def ready(address: str) -> None:
            click.echo(printable(f"Marking {assignment}: {address}"))
            click.echo("Each mark is stored at once. Ctrl-C here when you are done.")
            if not no_browser:
                until_done.enter_context(_opened(address))

        try:
            serve(desk, port, ready)
        except KeyboardInterrupt:
            click.echo("\nStopped. All that you gave is in the gradebook.")


@contextlib.contextmanager
def _opened(address: str) -> Iterator[None]:
    """Open a browser, by way of a file that only its owner can read: what stands on a command line
    everybody on the machine can."""
    made, path = tempfile.mkstemp(prefix="course-mark-", suffix=".html")
    with os.fdopen(made, "w", encoding="utf-8") as file:
        file.write(
            f'<!DOCTYPE html><meta http-equiv="refresh" content="0;url={html.escape(address)}">'
        )

    def show() -> None:
        if not webbrowser.open(Path(path).as_uri()):
            click.echo("There is no browser to open here: open the address in yours.")

    try:
        # Some browsers come back only when they are closed.
        threading.Thread(target=show, daemon=True).start()
        yield
    finally:
        Path(path).unlink(missing_ok=True)
