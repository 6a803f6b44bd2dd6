"""The grader's side of the sandbox: starts the warm server, hands it jobs, reads what comes back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from os import PathLike

from autograder.grading.job import Cell, CellResult, Job, Limits, Result, Use

__all__ = ["Cell", "CellResult", "Job", "Limits", "Result", "Runner", "SandboxUnavailable", "Use"]


class SandboxUnavailable(RuntimeError):
    """This platform cannot keep learners' code in; the message is one sentence for the teacher."""


class Runner:
    """Runs submissions in one warm server process; a context manager.

    Parameters
    ----------
    sandbox : bool
        Lock learners' code in. Where the platform cannot, SandboxUnavailable is raised here, with
        the reason. False runs it in an ordinary forked child with a clock and limits only: for
        code that one trusts.
    limits : Limits
    course_utils_path : the folder of the `course_utils` package; the installed one when left out
    data_paths : folders of data that learners' code may read, seen as `/data/<folder's name>`;
        COURSE_DATA names the first. Without the sandbox they stay where they are.
    environment : variables that learners' code sees, beside the few it always does

    One Runner runs one job at a time. Use one a worker process; it is not to be shared by threads.
    Starting takes seconds (torch is imported), a job tenths of a second. Raises OSError when the
    server cannot be started.
    """

    def __init__(
        self,
        *,
        sandbox: bool = True,
        limits: Limits = Limits(),
        course_utils_path: str | PathLike | None = None,
        data_paths: Iterable[str | PathLike] = (),
        environment: Mapping[str, str] = {},
    ):
        raise NotImplementedError

    def run(self, job: Job) -> Result:
        """Run one submission. Whatever it does, a Result comes back within the limits."""
        raise NotImplementedError

    def close(self) -> None:
        """End the server and everything it started. Closing twice is harmless."""
        raise NotImplementedError

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.close()
