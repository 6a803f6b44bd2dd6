"""What a student loses who hands in late: decided by the class's own plugin, as nbgrader's
AssignLatePenalties has it, after the extensions that were given. Each export asks anew: marks given
by hand, deadlines and rules may have changed since a submission was graded."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import click
from nbgrader.plugins import CsvExportPlugin
from nbgrader.preprocessors import AssignLatePenalties
from sqlalchemy.exc import DBAPIError

from autograder.grading.classroom import extensions
from autograder.grading.classroom.configuration import importing_from, transaction
from autograder.grading.pipeline.handed_in import times


class LatePenalties:
    """A class's rule for late work.

    Parameters
    ----------
    folder, config : the class and its configuration, which may name a plugin in its folder

    Raises ClickException where the class's extensions.csv cannot be used.
    """

    def __init__(self, folder: Path, config):
        self.folder, self.config = folder, config
        self._extensions = extensions.read(folder, times.zone_of(config))
        self._step: AssignLatePenalties | None = None

    def put(self, submission, notebook) -> None:
        """Write the penalty of one submitted notebook (nbgrader's rows) by the marks of now."""
        self.extend(submission)
        penalty, late = None, submission.total_seconds_late
        if late > 0:
            penalty = self._plugin().late_submission_penalty(
                submission.student_id, notebook.score, late
            )
        if penalty is not None:
            penalty = self._step._check_late_penalty(notebook, penalty)
        if penalty != notebook.late_submission_penalty:  # what stays the same needs no writing
            notebook.late_submission_penalty = penalty

    def extend(self, submission) -> None:
        """Write the student's extension into a submission (nbgrader's row)."""
        key = (submission.student_id, submission.assignment.name)
        extensions.put(submission, self._extensions.get(key))

    def put_all(self, submissions, students: Collection[str] | None = None) -> dict[str, float]:
        """Write the penalties of these students' submissions, of all by default: late student →
        points taken off."""
        taken = {}
        for submission in submissions:
            if students is not None and submission.student_id not in students:
                continue
            self.extend(submission)
            late = submission.total_seconds_late > 0
            if not late and not submission.late_submission_penalty:
                continue
            for notebook in submission.notebooks:
                self.put(submission, notebook)
            if late:
                taken[submission.student_id] = sum(
                    notebook.late_submission_penalty or 0.0 for notebook in submission.notebooks
                )
        return taken

    def _plugin(self):
        if self._step is None:
            with importing_from(self.folder):
                self._step = AssignLatePenalties(config=self.config)
                self._step.init_plugin()
        return self._step.plugin_inst


def bring_up_to_date(gradebook, folder: Path, config) -> None:
    """Late penalties of a whole class (an open gradebook of nbgrader's) by the marks, deadlines,
    extensions and rules of now. Raises ClickException as `LatePenalties` does."""
    rule = LatePenalties(folder, config)
    with transaction(gradebook, reading=True):
        for assignment in gradebook.assignments:
            rule.put_all(assignment.submissions)


class CsvExport(CsvExportPlugin):
    """nbgrader's own export, with late penalties by the marks of now."""

    def export(self, gradebook) -> None:
        coursedir = getattr(self.parent, "coursedir", None)
        if coursedir is not None:
            try:
                bring_up_to_date(gradebook, Path(coursedir.root), self.parent.config)
            except (click.ClickException, DBAPIError) as error:
                self.log.error("%s The late penalties are as they were.", error)
        super().export(gradebook)
