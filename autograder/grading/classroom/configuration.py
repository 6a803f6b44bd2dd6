"""A class as nbgrader sees it: its configuration, and its gradebook opened for one task."""

from __future__ import annotations

import contextlib
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import click


def database(folder: Path) -> str:
    return f"sqlite:///{folder.resolve() / 'gradebook.db'}"


def course_id(folder: Path) -> str:
    """The class's name as its configuration has it. Raises ClickException when it is no class."""
    return str(config(folder).CourseDirectory.course_id)


def config(folder: Path):
    """A class's configuration, as nbgrader loads it."""
    from traitlets.config.loader import ConfigFileNotFound, PyFileConfigLoader

    try:
        return PyFileConfigLoader("nbgrader_config.py", path=str(folder)).load_config()
    except ConfigFileNotFound:
        raise click.ClickException(
            f"{folder} is not a class: it has no nbgrader_config.py. "
            "Make one with: course class new DIR"
        ) from None


def load_config(folder: Path):
    """A class's configuration, with its folder as the root unless it names another."""
    with importing_from(folder):
        settings = config(folder)
    root = settings.CourseDirectory.get("root", "")
    settings.CourseDirectory.root = os.path.join(folder, str(root) if root else "").rstrip(os.sep)
    return settings


@contextlib.contextmanager
def opened(folder: Path) -> Iterator:
    """A class's gradebook (nbgrader's `Gradebook`), for what is done in one go. Raises
    ClickException where it cannot be read or written, whoever does it."""
    from nbgrader.api import Gradebook, InvalidEntry
    from nbgrader.coursedir import CourseDirectory
    from sqlalchemy.exc import DBAPIError

    coursedir = CourseDirectory(config=load_config(Path(os.path.abspath(folder))))
    try:
        with Gradebook(coursedir.db_url, coursedir.course_id or "default_course") as gradebook:
            yield gradebook
    except (DBAPIError, InvalidEntry) as error:
        why = str(getattr(error, "orig", error)).partition("\n")[0]
        why = re.sub(r"^\(\S+\) ", "", why)  # the error's class, where nbgrader passes it on
        raise click.ClickException(
            f"Another program is using the gradebook of {folder} (formgrader, a grading run, a "
            "database browser). Wait for it or close it, and run the same command again."
            if "locked" in why or "busy" in why
            else f"The gradebook of {folder} cannot be used: {why}."
        ) from None


@contextlib.contextmanager
def transaction(gradebook, reading: bool = False) -> Iterator[None]:
    """What nbgrader's methods commit one by one becomes one transaction, or nothing of it.

    `reading` says that perhaps nothing will be written; then others may read and write until
    something is.
    """
    from sqlalchemy import text

    session = gradebook.db()
    if gradebook.engine.dialect.name == "sqlite" and not reading:
        # Taken at once: a reader that wants to write later can meet another who does too.
        session.execute(text("BEGIN IMMEDIATE"))
    session.commit = session.flush
    try:
        yield
        del session.commit
        session.commit()
    except BaseException:
        session.__dict__.pop("commit", None)
        session.rollback()
        raise
    finally:
        session.expunge_all()


@contextlib.contextmanager
def importing_from(folder: Path) -> Iterator[None]:
    """A class's configuration and plugins may lie as modules in its folder."""
    sys.path.insert(0, str(folder))
    try:
        yield
    finally:
        sys.path.remove(str(folder))
