"""One submission from its bytes to its marks, in a worker: sanitize, execute, judge. Everything
that goes in or comes out is plain data; nothing here touches the class's folder or gradebook."""

from __future__ import annotations

import re
import threading
from concurrent.futures import Future
from dataclasses import dataclass, field
from multiprocessing.util import Finalize

import nbformat
from nbgrader import utils
from nbgrader.preprocessors import IgnorePattern, LimitOutput
from traitlets.config import Config

from autograder.exercises import find
from autograder.grading.pipeline.checks import checks_in, job_for, scored_seeds
from autograder.grading.pipeline.handed_in.skipped import run_all_the_same
from autograder.grading.pipeline.handed_in.times import handed_in_at
from autograder.grading.pipeline.outcome import FAILED, STOCK, GradedNotebook, Outcome, Seen
from autograder.grading.pipeline.sanitize import Source, sanitize
from autograder.grading.pipeline.scoring import Scored, score, score_nothing
from autograder.grading.pipeline.submitted import Assignment, Submission
from autograder.grading.pipeline.untouched import worked_on
from autograder.grading.reports.blindspots import signature
from autograder.grading.sandbox.job import Limits
from autograder.grading.sandbox.runner import PRELOAD, Runner
from autograder.judging.keys import answer_key


@dataclass(frozen=True)
class Settings:
    """What is the same for all submissions of a run.

    Attributes
    ----------
    skip_tags : cells with one of these tags are not run
    environment : variables that learners' code sees, as (name, value)
    steps : settings of nbgrader's steps between running and scoring, as (class, trait, value)
    preload : modules that a worker's server imports once
    user, course_utils : as `runner.Runner` has them
    """

    sandbox: bool = True
    limits: Limits = field(default_factory=Limits)
    skip_tags: tuple[str, ...] = ()
    data_paths: tuple[str, ...] = ()
    environment: tuple[tuple[str, str], ...] = ()
    steps: tuple[tuple[str, str, object], ...] = ()
    preload: tuple[str, ...] = PRELOAD
    user: int | None = None
    course_utils: str | None = None


def grade(submission: Submission, assignment: Assignment, settings: Settings) -> Outcome:
    """Grade one submission.

    Whatever was handed in, an Outcome comes back. Raises only what is nobody's submission's
    doing: SandboxUnavailable, OSError.
    """
    outcome = Outcome(submission.student, timestamp=submission.timestamp)
    outcome.files = {**assignment.files, **submission.files}
    outcome.repairs += submission.notes
    try:
        handed_in_at(submission.timestamp)
    except ValueError as why:
        outcome.looks.append(
            f"{why}: it counts as in time, and formgrader lists nobody until that file is mended"
        )
    for source in assignment.sources:
        if other := other_language(source):
            outcome.state = STOCK
            outcome.reason = f"{source.name} is written in {other}; run: nbgrader autograde"
            return outcome
    start(settings)
    for source in assignment.sources:
        _grade_notebook(source, submission, assignment, settings, outcome)
    if outcome.reason:
        outcome.state = FAILED
    return outcome


def nothing_of(submission: Submission, assignment: Assignment, reason: str) -> Outcome:
    """The outcome of a submission that cannot be graded: the assignment's own cells, which earn
    nothing, and why."""
    outcome = Outcome(submission.student, FAILED, reason, timestamp=submission.timestamp)
    outcome.files = dict(assignment.files)
    for source in assignment.sources:
        own = sanitize(source, None).notebook
        scored = score_nothing(own, checks_in(own, assignment.brings_autograder()), reason)
        missing = source.name not in {*submission.notebooks, *submission.unusable}
        outcome.notebooks.append(_graded(source, scored, missing))
    return outcome


def other_language(source: Source) -> str | None:
    """The language of a notebook's kernel where it is not Python."""
    language = str(source.kernelspec.get("language") or "")
    if not language and (spec := kernel(source)):
        language = spec.language
    return language if language and not language.lower().startswith("python") else None


def kernel(source: Source):
    """What is installed here under the name of a notebook's kernel (a KernelSpec), or None."""
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

    try:
        return KernelSpecManager().get_kernel_spec(source.kernelspec.get("name") or "")
    except (NoSuchKernel, ValueError):
        return None


def _grade_notebook(source, submission, assignment, settings, outcome: Outcome) -> None:
    name = source.name
    clean = sanitize(source, submission.notebooks.get(name))
    checks = checks_in(clean.notebook, assignment.brings_autograder())
    outcome.repairs += clean.repairs
    problem = submission.unusable.get(name) or clean.problem
    if problem:
        outcome.reason = outcome.reason or problem
        scored = score_nothing(clean.notebook, checks, problem)
        missing = name not in submission.notebooks and name not in submission.unusable
        outcome.notebooks.append(_graded(source, scored, missing))
        return
    tags = set(settings.skip_tags) | ({"experiment"} if checks else set())
    if given := {cell.text: cell.tags for cell in source.given}:
        outcome.repairs += run_all_the_same(clean.notebook.cells, given, tags)
    for asked in (asked for check in checks.values() for asked in check.asked):
        answer_key(find(asked.exercise), asked.seed)  # kept; made while the runner starts
    result = run(job_for(clean.notebook, checks, outcome.files, tags), settings)
    scored = score(clean.notebook, checks, result, steps(settings))
    ask_a_person(scored, clean.unsure)
    outcome.failed_imports += failed_imports(result)
    outcome.seconds += result.use.wall
    outcome.peak_memory = max(outcome.peak_memory, result.use.peak_memory)
    outcome.looks += [*result.notes, *out_of_time(result), *scored.looks]
    if submission.strays and not worked_on(submission.notebooks.get(name, b""), given):
        outcome.looks.append(
            f"{name} is as it was given out, and beside it lies "
            f"{', '.join(submission.strays[:3])}: if that is the work, put it in the place of "
            f"{name}.ipynb and grade again"
        )
    if result.ended != "finished":
        outcome.reason = outcome.reason or f"{name}: {ended_words(result)}"
    seeds = scored_seeds(checks)
    graded = {
        cell.id: cell.metadata.nbgrader.grade_id
        for cell in clean.notebook.cells if utils.is_grade(cell)
    }  # fmt: skip
    worth = {a.exercise for cell, check in checks.items() if cell in graded for a in check.asked}
    marked = {
        check.asked[0].exercise: graded[cell]
        for cell, check in checks.items() if cell in graded and len(check.asked) == 1
    }  # fmt: skip
    for exercise, verdict in scored.verdicts.items():
        key = answer_key(find(exercise), seeds[exercise])  # which is there; any seed's would do
        # A relation says how values differ; which mistake it is has no name yet.
        unnamed = verdict.status in ("failed", "error") and all(
            identity.startswith("relation:") for identity in verdict.mistakes
        )
        outcome.exercises.append(Seen(
            exercise, verdict.status, verdict.points, verdict.max_points, verdict.extra,
            [(identity, key.hints.get(identity, "")) for identity in verdict.mistakes],
            0.0 if verdict.extra else key.counted_points,
            blindspot(exercise, seeds[exercise], result) if unnamed else None,
            exercise in worth, marked.get(exercise, ""), find(exercise).all_needs(),
        ))  # fmt: skip
    outcome.notebooks.append(_graded(source, scored, unsure=clean.unsure))


def blindspot(exercise: str, seed: int, result) -> dict | None:
    """How a wrong answer without a name behaves; None where nothing was seen of it."""
    reports = result.reports.get((exercise, seed))
    return signature(answer_key(find(exercise), seed), reports, find(exercise)().read)


def ended_words(result) -> str:
    """How a notebook ended that did not end as it should."""
    where = [cell.id for cell in result.cells if cell.state in ("killed", "timeout")]
    place = f" (cell {where[0]})" if where else ""
    return f"it was stopped before its end: {result.ended}{place}"


def out_of_time(result) -> list[str]:
    """A sentence on each cell and exercise that the clock stopped."""
    cells = [f"cell {c.id} ran out of time and was stopped" for c in result.cells
             if c.state == "timeout"]  # fmt: skip
    stopped = {exercise for (exercise, _), why in result.missing.items() if "by the clock" in why}
    stopped |= {exercise for (exercise, _), reports in result.reports.items()
                if any(report.get("interrupted") for report in reports)}  # fmt: skip
    return cells + [f"{name} ran out of time when it was checked" for name in sorted(stopped)]


def failed_imports(result) -> list[str]:
    """The packages that cells wanted and that are not here, by the names they import."""
    wanted = (
        re.search(r"No module named '([\w.]{1,80})'", str(output.get("evalue")))
        for cell in result.cells
        for output in cell.outputs
        if output.get("ename") == "ModuleNotFoundError"
    )
    return sorted({found[1].partition(".")[0] for found in wanted if found})


def ask_a_person(scored: Scored, unsure: list[str]) -> None:
    """Put answers that may stand in another cell before the teacher: nobody else can tell."""
    for mark in scored.marks:
        if mark.cell in unsure:
            mark.points, mark.for_teacher = None, True
            scored.looks.append(
                f"the answer to {mark.cell} is empty, and a cell of the student's own may hold it"
            )


def _graded(source: Source, scored: Scored, missing: bool = False, unsure=()) -> GradedNotebook:
    notebook = scored.notebook
    untouched = {
        cell.metadata.nbgrader.grade_id: utils.compute_checksum(cell)
        == cell.metadata.nbgrader.get("checksum")
        for cell in notebook.cells
        if utils.is_solution(cell) and not utils.is_task(cell)
    }
    untouched |= dict.fromkeys(unsure, False)
    comments = {name: "No response." if same else None for name, same in untouched.items()}
    text = nbformat.writes(notebook, version=nbformat.NO_CONVERT) + "\n"
    return GradedNotebook(source.name, text, scored.marks, comments, missing)


def steps(settings: Settings):
    """nbgrader's own steps between running and scoring, set as the class has them."""
    config = Config()
    for name, trait, value in settings.steps:
        config[name][trait] = value
    return [IgnorePattern(config=config), LimitOutput(config=config)]


# The worker's own runner. Its server takes seconds to start: it does so in a thread, while this one
# imports what judges.

_here = threading.local()
_started: list[Future] = []


def start(settings: Settings) -> Future:
    """This thread's runner, which is started when it is first wanted."""
    kept = getattr(_here, "runner", None)
    if kept in _started:
        broken = kept.done() and kept.exception() is not None
        if _here.settings == settings and not broken:
            return kept
        _started.remove(kept)
        if not broken:
            kept.result().close()
    _here.runner, _here.settings = Future(), settings
    _started.append(_here.runner)
    begins = threading.Thread(target=_begin, args=(_here.runner, settings), daemon=True)
    _here.begins = begins
    begins.start()
    return _here.runner


def awaited(started: Future) -> Runner:
    """This thread's runner, and the thread that started it at its end."""
    _here.begins.join()
    return started.result()


def _begin(future: Future, settings: Settings) -> None:
    try:
        runner = Runner(
            sandbox=settings.sandbox, limits=settings.limits, data_paths=settings.data_paths,
            environment=dict(settings.environment), preload=settings.preload,
            user=settings.user, course_utils_path=settings.course_utils,
        )  # fmt: skip
    except BaseException as error:  # noqa: BLE001 - raised where the runner is asked for
        future.set_exception(error)
    else:
        future.set_result(runner)


def run(job, settings: Settings):
    """Run a job in this thread's runner."""
    return start(settings).result().run(job)


def close_runners() -> None:
    """End the servers of this process."""
    while _started:
        future = _started.pop()
        if future.exception() is None:
            future.result().close()


# Not by atexit alone: a worker of a ProcessPoolExecutor leaves without it.
Finalize(None, close_runners, exitpriority=10)
