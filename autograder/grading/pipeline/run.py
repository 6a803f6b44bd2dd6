"""How a whole class goes through the engine. The command itself is `commands.teachers.grade`."""

from __future__ import annotations

import contextlib
import functools
import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from shlex import quote

import click

from autograder.quick_start import no_garbage_yet

DEFAULT_SECONDS = 30  # nbgrader's own c.Execute.timeout
WORTH_A_WORKER = 10  # submissions
STEPS = ("IgnorePattern", "LimitOutput")


def _warn(sentence: str) -> None:
    click.echo(sentence, err=True)


def graded(
    folder: Path,
    assignment: str,
    tally,
    *,
    workers: int | None = None,
    dask: str | None = None,
    only=(),
    force: bool = False,
    sandbox: bool = True,
    data=(),
    wait: float = 60.0,
    quiet: bool = False,
    watch=None,
    section: str = "",
) -> Iterator:
    """Grade a class's submissions; yields each outcome when it is recorded.

    Parameters are those of the command; `tally` (`report.Tally`) collects the report, and `watch`
    (`unchanged.Unchanged`) takes note of what it rests on. `section` is the one that is graded
    alone, "" for the whole class.

    Raises CannotRecord when nothing more can be written, SandboxUnavailable, and ClickException
    when class, assignment or cluster are not as they should be.
    """
    from autograder.grading.pipeline.workers import base

    notes: list[str] = [] if watch is None else watch.notes

    def say(sentence: str) -> None:
        _warn(sentence)
        notes.append(sentence)

    with contextlib.ExitStack() as at_the_end:
        # It imports what workers want, while this process imports what it wants itself.
        begun = None if dask else at_the_end.enter_context(base.begun())
        with no_garbage_yet():
            from autograder.grading.pipeline import preloading
            from autograder.grading.pipeline.record import Record
            from autograder.grading.reports import report

        record = at_the_end.enter_context(Record(folder, assignment, say=say, wait=wait))
        if watch is not None:
            watch.begins(record.coursedir)
        for warning in foreign_steps(record.config):
            say(warning)
        released = record.assignment()
        for warning in other_interpreters(released.sources):
            say(warning)
        found = submissions(record, only, say, section)
        settings = settings_for(record.config, sandbox=sandbox, data=data)
        wanted = preloading.wanted(notebooks(record), settings.skip_tags)
        settings = replace(settings, preload=wanted)
        if begun is not None:
            begun.prepare(wanted, preloading.of_both(released.sources))
        with pool_for(workers, dask, len(found), settings.preload, begun) as pool:
            outcomes = grade_class(record, released, found, settings, pool, force)
            live = sys.stderr.isatty()
            yield from report.followed(outcomes, len(found), tally, live, quiet)
        conclude(record, tally, whole=not only and not section)
        if watch is not None:
            watch.graded({student for student, _ in found} <= record.noted)


def conclude(record, tally, whole: bool) -> None:
    """What only the class as a whole tells; `whole` says whether all of it was looked at."""
    from autograder.grading.pipeline import submitted
    from autograder.grading.pipeline.handed_in import times
    from autograder.grading.reports import blindspots, gain

    tally.test = gain.report(record.book, record.name)
    tally.late = record.book.penalize({row["student"] for row in tally.rows})
    tally.untimed = record.book.untimed({row["student"] for row in tally.rows})
    there = submitted.students(record.coursedir, record.name)
    of_these = {row["student"] for row in tally.rows}
    zoneless = submitted.zoneless((student, at) for student, at in there if student in of_these)
    tally.times = times.in_words(zoneless, record.book.zone)
    tally.left = sorted(record.book.left({student for student, _ in there} - of_these))
    record.book.remember()
    tally.added = sorted(record.book.added)
    tally.course_changed = len(record.by_another_course)
    if whole:
        blindspots.keep(record.folder, record.name, tally.blindspots)


def submissions(record, only=(), say=_warn, section: str = ""):
    """Who is to be graded, and where what they handed in lies, as (student, Path): not who has left
    the class. Raises ClickException for nobody."""
    from autograder.grading.classroom import sections
    from autograder.grading.pipeline import submitted

    found = submitted.students(record.coursedir, record.name)
    for odd in [student for student, _ in found if not submitted.is_text(student)]:
        say(
            f"Note: a folder of submissions is called {odd!r:.60}, which is no text. It is left "
            "out; give it the student's id as its name."
        )
    found = [(student, path) for student, path in found if submitted.is_text(student)]
    left = record.book.left(student for student, _ in found)
    if gone := sorted(left.intersection(only)):
        raise click.ClickException(
            f"{', '.join(gone)} left the class {record.folder.name}, and is not graded. To have "
            f"them back: course class add-student {quote(gone[0])}"
        )
    if left and left.issuperset(student for student, _ in found):
        raise click.ClickException(f"All who handed in {record.name} have left the class.")
    found = [(student, path) for student, path in found if student not in left]
    if section:
        inside = sections.chosen(record.folder, section)
        found = [(student, path) for student, path in found if student in inside]
        if not found:
            raise click.ClickException(f"Nobody of {section} has handed in {record.name}.")
    if only:
        missing = sorted(set(only) - {student for student, _ in found})
        if missing:
            raise click.ClickException(f"{', '.join(missing)} handed in nothing for {record.name}.")
        found = [(student, path) for student, path in found if student in only]
    if not found:
        place = record.coursedir.format_path(
            record.coursedir.submitted_directory, "STUDENT", record.name
        )
        raise click.ClickException(f"Nothing was handed in for {record.name}: no folder {place}")
    return found


def notebooks(record) -> list[Path]:
    """The files of the assignment's notebooks, the teacher's and those that were given out."""
    course = record.coursedir
    folders = [
        Path(course.format_path(step, ".", record.name))
        for step in (course.source_directory, course.release_directory)
    ]
    return [path for folder in folders for path in sorted(folder.glob("*.ipynb"))]


def settings_for(config, *, sandbox: bool = True, data=()):
    """What a class's configuration says about running and scoring."""
    from autograder.grading.pipeline.one_submission import Settings
    from autograder.grading.sandbox.job import Limits

    seconds = config.Execute.get("timeout", DEFAULT_SECONDS)
    limits = Limits()
    if seconds is None or seconds <= 0:
        seconds = limits.total_seconds  # nbgrader's "no limit"; here a submission ends all the same
    limits = Limits(
        cell_seconds=float(seconds), total_seconds=max(limits.total_seconds, 6 * seconds)
    )
    tag = config.Execute.get("skip_cells_with_tag", "skip-execution")
    steps = tuple(
        (name, trait, value)
        for name in STEPS
        for trait, value in sorted(config.get(name, {}).items())
        if isinstance(value, (bool, int, str))
    )
    environment = {"NBGRADER_EXECUTION": "autograde"}
    return Settings(
        sandbox, limits, (str(tag),) if tag else (), tuple(data_folders(data)),
        tuple(environment.items()), steps,
    )  # fmt: skip


def data_folders(given) -> list[str]:
    """The folders of data that learners' code may read: those given, else the course's own."""
    from autograder.paths import CHECKOUT

    folders = given or [os.environ.get("COURSE_DATA") or CHECKOUT / "data"]
    return [str(Path(folder).resolve()) for folder in folders if Path(folder).is_dir()]


def foreign_steps(config) -> list[str]:
    """A sentence on each step of nbgrader's autograde that a class has put there itself."""
    from nbgrader.converters import Autograde

    sentences = []
    for trait in ("sanitize_preprocessors", "autograde_preprocessors"):
        usual = {f"{c.__module__}.{c.__name__}" for c in Autograde.class_traits()[trait].default()}
        for step in config.Autograde.get(trait, ()):
            name = step if isinstance(step, str) else f"{step.__module__}.{step.__name__}"
            ours = name.startswith("autograder.grading.")
            known = {n.rpartition(".")[2] for n in usual}
            if not ours and name.rpartition(".")[2] not in known:
                sentences.append(
                    f"Note: nbgrader_config.py puts {name} into {trait}; course grade does not run "
                    "it. If scores depend on it, use nbgrader autograde."
                )
    return sentences


def other_interpreters(sources) -> list[str]:
    """A sentence on each notebook whose kernel is a Python that will not run it."""
    from autograder.grading.pipeline.one_submission import kernel

    sentences = []
    for source in sources:
        name, spec = source.kernelspec.get("name"), kernel(source)
        if spec is None and name and name != "python3":
            sentences.append(
                f"Note: {source.name} asks for the kernel {name}, which is not installed here; "
                f"it is run with {sys.executable} if it is in Python."
            )
        elif spec is not None and spec.language.lower().startswith("python"):
            theirs = shutil.which(spec.argv[0]) or spec.argv[0]
            # Not resolved: an environment's python may be a link to one that has other packages.
            if spec.argv[0] not in ("python", "python3") and theirs != sys.executable:
                sentences.append(
                    f"Note: the kernel {name} of {source.name} is {theirs}; it is run with "
                    f"{sys.executable} instead. If it needs that one's packages, run "
                    f"{theirs} -m autograder grade, or leave it to nbgrader autograde."
                )
    return sentences


def pool_for(workers: int | None, dask: str | None, wanted: int, preload, begun=None):
    """Where the work is done, as a context manager. Raises ClickException for a silent cluster.

    `preload` and `begun` are `engine.local_pool`'s.
    """
    from autograder.grading.pipeline import engine

    if dask is None:
        # A worker takes seconds to start: for a handful of submissions one is faster than many.
        default = min(cores(), 1 + wanted // WORTH_A_WORKER)
        pool = engine.local_pool(min(workers, wanted) if workers else default, preload, begun)
        return contextlib.nullcontext(pool)
    return _cluster(dask)


def _cluster(address: str):
    from autograder.grading.pipeline import engine

    try:
        from distributed import Client
    except ModuleNotFoundError:
        raise click.ClickException(
            "--dask needs the package 'distributed': pip install distributed"
        ) from None

    @contextlib.contextmanager
    def connected():
        try:
            client = Client(address, timeout="10s")
        except (OSError, ValueError) as error:
            raise click.ClickException(
                f"No dask scheduler answers at {address} ({error or type(error).__name__})."
            ) from None
        with client:
            if not client.nthreads():
                raise click.ClickException(
                    f"The dask cluster at {address} has no workers yet; start some: "
                    f"dask worker {address} --nthreads 1"
                )
            yield engine.dask_pool(client)

    return connected()


def cores() -> int:
    """How many cores this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # macOS, Windows
        return os.cpu_count() or 1


def grade_class(record, assignment, found, settings, pool, force: bool) -> Iterator:
    """Outcomes as they are recorded, each with whether it was there already.

    Parameters
    ----------
    record, assignment : `record.Record`, opened, and what it gives as the assignment
    found : what `submissions` found
    settings, pool : how (`pipeline.Settings`) and where (`engine.Pool`) it is done
    force : grade what has not changed too
    """
    from autograder.grading.pipeline import engine, submitted, unchanged
    from autograder.grading.pipeline.gradebook import CannotRecord
    from autograder.grading.pipeline.outcome import FAILED, Outcome
    from autograder.grading.pipeline.workers.bounded import grade

    fingerprint = engine.fingerprint_of(assignment, settings, unchanged.code_digest())
    scores = {} if force else record.scores()
    limit = record.coursedir.max_file_size * 1000
    settled: list[tuple[Outcome, bool]] = []
    fingerprints: dict[str, str] = {}

    def changed():
        for student, place in found:
            try:
                submission = submitted.read(student, place, assignment, limit)
                made = fingerprint(submission)
                same = None if force else record.unchanged(student, made, scores)
                if same is not None:
                    record.on_time(student, submission.timestamp)
            except CannotRecord:
                raise
            except Exception as error:  # noqa: BLE001 - one submission is one line in the report
                settled.append((failed(student, f"reading it stopped with {error!r:.200}"), False))
                continue
            if same is not None:
                settled.append((same, True))
            else:
                fingerprints[student] = made
                yield submission

    def failed(student, reason):
        return Outcome(student, FAILED, reason)

    def lost(submission, reason):
        return failed(submission.student, reason)

    work = functools.partial(grade, assignment=assignment, settings=settings)
    for outcome in engine.grade_all(changed(), work, pool, lost):
        while settled:
            yield settled.pop()
        try:
            kept = record.save(outcome, fingerprints.pop(outcome.student))
        except CannotRecord:
            raise
        except Exception as error:  # noqa: BLE001 - as above
            kept = failed(outcome.student, f"recording it stopped with {error!r:.200}")
        yield kept, False
    while settled:
        yield settled.pop()
