"""What a student loses who hands in late: decided by the class's own plugin, as nbgrader's
AssignLatePenalties has it. When it is asked, and where it is kept, is the gradebook's."""

from __future__ import annotations

from pathlib import Path

from nbgrader.preprocessors import AssignLatePenalties

from autograder.grading.classroom.configuration import importing_from


class LatePenalties:
    """A class's rule for late work.

    Parameters
    ----------
    folder, config : the class and its configuration, which may name a plugin in its folder
    """

    def __init__(self, folder: Path, config):
        self.folder, self.config = folder, config
        self._step: AssignLatePenalties | None = None

    def put(self, submission, notebook) -> None:
        """Write the penalty of one submitted notebook (nbgrader's rows) by the marks of now."""
        notebook.late_submission_penalty = None
        late = submission.total_seconds_late
        if late <= 0:
            return
        if self._step is None:
            with importing_from(self.folder):
                self._step = AssignLatePenalties(config=self.config)
                self._step.init_plugin()
        plugin = self._step.plugin_inst
        penalty = plugin.late_submission_penalty(submission.student_id, notebook.score, late)
        if penalty is not None:
            notebook.late_submission_penalty = self._step._check_late_penalty(notebook, penalty)
