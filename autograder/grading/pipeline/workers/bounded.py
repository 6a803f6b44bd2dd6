"""One submission graded under a clock and a bound on memory: whatever reading, judging and scoring
it come to, an Outcome of it comes back."""

from __future__ import annotations

import importlib

from autograder.exercises import find
from autograder.grading.pipeline import one_submission
from autograder.grading.pipeline.checks import checks_in, wanted_seeds
from autograder.grading.pipeline.one_submission import Settings
from autograder.grading.pipeline.outcome import FAILED, Outcome
from autograder.grading.pipeline.sanitize import sanitize
from autograder.grading.pipeline.submitted import Assignment, Submission
from autograder.grading.pipeline.workers import forked, keys_elsewhere
from autograder.grading.sandbox.runner import START_SECONDS, Runner, SandboxUnavailable
from autograder.judging import bounds
from autograder.judging.keys import program

# Of this process's own, the learner's code and the making of answer keys aside. Honest work takes
# a second or two and 200 MB; judging alone may take a third of it (`scoring.JUDGE_SECONDS_IN_ALL`).
PROCESSOR_SECONDS, MEMORY = 120, 2 * 2**30
# Beside what the sandbox may take: a busy machine gives a process a third of a processor.
SECONDS = 3 * PROCESSOR_SECONDS


def grade(submission: Submission, assignment: Assignment, settings: Settings) -> Outcome:
    """As `one_submission.grade`, in a forked copy of this process where that is possible.

    An exception, too much time or too much memory costs this submission only: it is told as one
    that failed to run. Raises what is nobody's submission's doing: SandboxUnavailable, OSError.
    """
    notebooks = len(assignment.sources)
    seconds = SECONDS + notebooks * settings.limits.total_seconds
    try:
        if any(map(one_submission.other_language, assignment.sources)):
            return one_submission.grade(submission, assignment, settings)
        runner = _ready(assignment, settings)
        if not forked.possible():
            with bounds.seconds(seconds):
                return one_submission.grade(submission, assignment, settings)
        server = runner.server

        def work():
            graded = one_submission.grade(submission, assignment, settings)
            return graded, runner.server == server

        # The copy may have to start another server, even twice.
        outcome, same = forked.forked(
            work, seconds=seconds + START_SECONDS, processor=PROCESSOR_SECONDS, memory=MEMORY
        )
        if not same:
            one_submission.close_runners()  # this process's own was gone
        return outcome
    except (SandboxUnavailable, OSError):
        one_submission.close_runners()
        raise
    except forked.Lost as lost:
        why, again = str(lost), lost.again
    except bounds.OutOfTime:
        why, again = f"it took longer than {seconds:.0f} seconds", False
    except Exception as error:  # noqa: BLE001 - one submission is one line in the report
        why, again = f"it stopped with {error!r:.200}", False
    one_submission.close_runners()  # what its server still says would be about this submission
    reason = f"grading it came to no end: {why}"
    if again:  # not recorded, so that the next run tries it anew
        return Outcome(submission.student, FAILED, f"{reason}; run the same command again")
    return one_submission.nothing_of(submission, assignment, reason)


def _ready(assignment: Assignment, settings: Settings) -> Runner:
    """This process's runner, once it has started; what the assignment's checks ask for is known
    by then, so that no copy of this process has to find it out again."""
    started = one_submission.start(settings)
    know(assignment)
    return one_submission.awaited(started)


_known: list[Assignment] = []  # the one whose keys are there


def know(assignment: Assignment, settings: Settings | None = None) -> None:
    """Import what grading an assignment wants, and make its answer keys, once."""
    if assignment in _known:  # an equal one: to a cluster's worker each submission brings its own
        return
    for name in ("nh3", "psutil"):  # what grading imports when it first wants it
        importlib.import_module(name)
    _know(assignment)
    _known[:] = [assignment]


grade.begins = know  # what comes before the first submission


def _know(assignment: Assignment) -> None:
    wanted = []
    for source in assignment.sources:
        checks = checks_in(sanitize(source, None).notebook, assignment.brings_autograder())
        wanted += wanted_seeds(checks)
    keys_elsewhere.know(wanted)
    for name, seed in wanted:
        program(find(name), seed)
