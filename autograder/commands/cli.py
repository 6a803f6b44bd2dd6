"""The `course` command: its list of subcommands and how their failures are told. What a
subcommand does lives in its own module, imported only when that subcommand is called."""

from __future__ import annotations

import difflib
import importlib
import os
import sys

import click

from autograder.paths import ANSWERS

# name: (module below this folder with a click command named `command`, or MODULE:NAME; one line
# for --help).
# The line stands here and not in the module, so that --help imports none of them.
COMMANDS = {
    "lab": ("learners.lab", "Open JupyterLab on the course: course lab 02"),
    "progress": ("learners.progress", "Show where you stand: course progress 06"),
    "review": ("learners.review", "Answer questions that are due again: course review"),
    "data": ("learners.data", "List or fetch data sets: course data cifar10"),
    "doctor": ("learners.doctor", "Say what works on this machine: course doctor"),
    "class": ("teachers.classes", "Make a class: course class new deep-learning-2026"),
    "collect": ("teachers.collect", "Take in a zip: course collect 06_batchnorm all.zip"),
    "grade": ("teachers.grade", "Grade a class: course grade 06_batchnorm --class ml-2026"),
    "mark": ("teachers.mark", "Mark written answers: course mark 06_batchnorm"),
    "report": ("teachers.report", "Show a class on one page: course report 06_batchnorm"),
    "viva": ("teachers.viva", "Draw questions for a ten-minute oral check: course viva ada"),
    "feedback": (
        "teachers.feedback",
        "Make students' feedback pages: course feedback 06_batchnorm",
    ),
    "marks": ("teachers.marks", "Fill marks into your school's table: course marks"),
    "blindspots": (
        "teachers.blindspots",
        "Show wrong answers that fit no known mistake: course blindspots",
    ),
    "gradescope": (
        "teachers.gradescope",
        "Make an autograder for Gradescope: course gradescope 06",
    ),
    "demo": ("teachers.demo", "See a whole class graded: course demo"),
    "build": ("authors.build", "Build notebooks from their sources (for authors): course build"),
    "publish": (
        "authors.build:publish",
        "Make links lead to your repository: course publish ada/cnns",
    ),
    "kit": ("authors.kit", "Make the folder that students get: course kit handout --zip"),
    "verify": ("authors.verify", "Prove that exercises are sound: course verify 06"),
}

# What is looked for here and done elsewhere; the nearest of our names would lead astray.
ELSEWHERE = {
    "release": "nbgrader generate_assignment releases an assignment, see course class --help.",
}

LEARNERS = ("lab", "progress", "review", "data", "doctor")

EPILOG = """\b
To begin:
  course doctor     # is everything here that the course needs?
  course lab 02     # work on notebook 02
\b
A notebook's number or name will do: 6, 06 and 06_batchnorm are the same.
Every command explains itself: course lab --help
"""


def commands() -> dict[str, tuple[str, str]]:
    """The commands of this copy: a student's kit has no others than a learner's."""
    return {name: COMMANDS[name] for name in LEARNERS} if ANSWERS.is_dir() else COMMANDS


class LazyGroup(click.Group):
    """A click group whose subcommands are imported when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(commands())

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in commands():
            return None
        module, _, attribute = COMMANDS[name][0].partition(":")
        found = importlib.import_module(f"autograder.commands.{module}")
        return getattr(found, attribute or "command")

    def resolve_command(self, ctx: click.Context, args: list[str]):
        name = args[0]
        if name not in commands() and not name.startswith("-"):
            elsewhere = {} if ANSWERS.is_dir() else ELSEWHERE
            known = [*commands(), *elsewhere]
            nearest = next(iter(difflib.get_close_matches(name, known, n=1, cutoff=0.5)), None)
            hint = f"did you mean 'course {nearest}'?" if nearest else "course --help lists all."
            hint = elsewhere.get(nearest, hint)
            raise click.UsageError(f"There is no command '{name}'; {hint}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in commands().items()])


@click.group(
    cls=LazyGroup,
    epilog=EPILOG,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(package_name="training-cnns", prog_name="course")
def cli() -> None:
    """Training CNNs: the finer details. Notebooks to learn with, and their autograder."""


def main() -> None:
    """Run `course`; leave with 0, 1 (it failed), 2 (it was called wrongly) or 130 (Ctrl-C)."""
    try:
        # The exit code comes back only where a command leaves through ctx.exit or sys.exit;
        # what a command returns is data for tests, not a code.
        with cli.make_context("course", sys.argv[1:]) as ctx:
            cli.invoke(ctx)
        sys.stdout.flush()
    except click.exceptions.Exit as left:
        sys.exit(left.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(130)
    except BrokenPipeError:
        # The reader (head, less) has gone. Python would complain once more at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except OSError as error:
        click.echo(f"Error: {os_error_sentence(error)}", err=True)
        sys.exit(1)
    except ModuleNotFoundError as error:
        if is_own(error.name):
            raise  # our own mistake, which a traceback tells best
        click.echo(f"Error: {missing_package_sentence(error.name)}", err=True)
        sys.exit(1)


def is_own(module: str | None) -> bool:
    """Whether a module belongs to the course rather than to a package it uses."""
    return (module or "").partition(".")[0] in ("", "autograder", "course_utils")


def missing_package_sentence(module: str) -> str:
    """What to do about a package that an import did not find."""
    return (
        f"the Python package '{module}' is not installed beside {sys.executable}. In the course "
        "folder run 'make setup', or: pip install -c constraints.txt -e '.[lab,teach]'"
    )


def os_error_sentence(error: OSError) -> str:
    """What the operating system refused, and on which file, without a traceback."""
    what = error.strerror or str(error) or type(error).__name__
    if error.filename is None:
        return f"{what}."
    where = str(error.filename)
    if error.filename2 is not None:
        where += f" → {error.filename2}"
    return f"{what}: {where}"


if __name__ == "__main__":
    main()
