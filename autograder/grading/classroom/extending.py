"""Gives a student more time, or takes it back: into the class's file, and at once into the
gradebook where there is a submission. The file itself is `extensions`'."""

from __future__ import annotations

import difflib
from pathlib import Path

import click
from nbgrader.api import MissingEntry

from autograder.grading.classroom import extensions
from autograder.grading.classroom.configuration import load_config, opened, transaction
from autograder.grading.classroom.extensions import Extension, in_words
from autograder.grading.pipeline.late_penalties import LatePenalties
from autograder.grading.pipeline.submitted import utc


def extend(folder: Path, student: str, assignment: str, until: str | None) -> list[str]:
    """Let a student hand in until a time, or None for no longer than the others.

    Returns sentences on what holds now. Raises ClickException for whom or what the class does not
    have, and for what is no time.
    """
    folder = folder.resolve()
    config, key = load_config(folder), (student, assignment)
    with opened(folder) as gradebook:
        _known(student, [s.id for s in gradebook.students], "student", folder)
        _known(assignment, _assignments(folder, gradebook), "assignment", folder)
        kept = extensions.read(folder)
        due = _due(gradebook, assignment)
        if until is None:
            if kept.pop(key, None) is None:
                return [f"{student} has no extension for {assignment}; nothing was changed."]
        else:
            kept[key] = Extension(*key, _time(until))
            if due is not None and kept[key].until <= due:
                raise click.ClickException(
                    f"{in_words(kept[key].until)} is not after the deadline of {assignment}, "
                    f"{in_words(due)}."
                )
        extensions.write(folder, kept)
        with transaction(gradebook):
            try:
                submission = gradebook.find_submission(assignment, student)
            except MissingEntry:
                return [
                    _told(student, assignment, kept.get(key), due),
                    *_no_deadline(assignment, due),
                ]
            before = _lost(submission)
            if until is None:
                submission.extension = None
            LatePenalties(folder, config).put_all([submission])
            gradebook.db.flush()
            gradebook.db.expire_all()
            after = _lost(submission)
        said = [_told(student, assignment, kept.get(key), due), *_no_deadline(assignment, due)]
        if before != after:
            said.append(f"Taken off for being late: {after:g} points, until now {before:g}.")
        return said


def listed(folder: Path) -> list[str]:
    """A sentence on each extension of a class."""
    folder = folder.resolve()
    kept = extensions.read(folder)
    with opened(folder) as gradebook:
        said = [
            _told(one.student, one.assignment, one, _due(gradebook, one.assignment))
            for _, one in sorted(kept.items())
        ]
    return said or ["Nobody has an extension."]


def _told(student: str, assignment: str, extension: Extension | None, due) -> str:
    if extension is None:
        return f"{student} may hand in {assignment} as long as the others."
    longer = ""
    if due is not None and extension.until > due:
        hours = (extension.until - due).total_seconds() / 3600
        longer = f", {hours / 24:.3g} days" if hours >= 48 else f", {hours:.3g} hours"
        longer += " after the deadline"
    return f"{student} may hand in {assignment} until {in_words(extension.until)}{longer}."


def _no_deadline(assignment: str, due) -> list[str]:
    return [] if due is not None else [
        f"{assignment} has no deadline yet, so nobody is late. To set one: nbgrader db assignment "
        f'add {assignment} --duedate "2026-11-20 23:59 UTC"'
    ]  # fmt: skip


def _due(gradebook, assignment: str):
    try:
        return gradebook.find_assignment(assignment).duedate
    except MissingEntry:
        return None


def _lost(submission) -> float:
    return sum(notebook.late_submission_penalty or 0.0 for notebook in submission.notebooks)


def _time(text: str):
    try:
        return utc(text.strip())
    except ValueError:
        raise click.ClickException(
            f"'{text}' is no time. Write it as 2026-11-23 23:59 +0100, "
            "2026-11-23 23:59 Europe/Berlin or 2026-11-23 23:59 UTC."
        ) from None


def _assignments(folder: Path, gradebook) -> list[str]:
    """Those in the gradebook, and those that are not released yet."""
    sources = [path.parent.name for path in folder.glob("source/*/*.ipynb")]
    return sorted({*sources, *(a.name for a in gradebook.assignments)})


def _known(name: str, there: list[str], what: str, folder: Path) -> None:
    if name not in there:
        near = difflib.get_close_matches(name, there, n=1)
        meant = f" Did you mean {near[0]}?" if near else ""
        raise click.ClickException(f"The class {folder.name} has no {what} {name}.{meant}")
