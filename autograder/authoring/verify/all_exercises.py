"""Proves of every exercise what must hold, in parallel. What the proofs are lives
in `proofs`, which mutants there are in `mutants`, how they fare in `trials`, how it is told in
`report`."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, wait
from pathlib import Path

from autograder.authoring.build import exercise_form, masters, notebooks
from autograder.authoring.verify import selection
from autograder.authoring.verify.fresh import FreshFailed, keys_elsewhere, observe_elsewhere
from autograder.authoring.verify.mutants import (
    EQUIVALENTS,
    Mutant,
    equivalents,
    key,
    mutants,
    stale,
)
from autograder.authoring.verify.proofs import Failure, Proof, prove
from autograder.authoring.verify.report import Report, Tried
from autograder.authoring.verify.trials import prepare, try_mutant
from autograder.authoring.verify.workers import CallFailed, ProcessDied, TookTooLong, Workers
from autograder.exercises import find
from autograder.judging.judge import judge
from autograder.judging.keys import answer_key, program
from autograder.learning.catalogue import exercises

# DESIGN's bar for mutants of the solutions together.
REJECTED = 0.98
# A sample is small: one survivor in it is not yet two in a hundred.
SAMPLE = 120
PROOF_SECONDS = 300.0
# A mutant may take this many times the solution's time, and never less than some seconds: the
# machine may be busy.
SLOWER, AT_LEAST_SECONDS = 20, 5.0


Progress = Callable[[str, int, int], None]


def verify(
    paths: Iterable[Path],
    mode: str = "all",
    *,
    jobs: int | None = None,
    names: Iterable[str] | None = None,
    since: str | None = None,
    seed: str = "",
    listed: Path = EQUIVALENTS,
    modules: tuple[str, ...] = (),
    progress: Progress = lambda what, done, total: None,
) -> Report:
    """Prove the exercises of some masters.

    Parameters
    ----------
    paths : the masters
    mode : which mutants: "all", "none", or "sample": all of what changed since the commit `since`
        and a sample of the others that the seed draws, SAMPLE of them each at most
    jobs : worker processes; one a core when left out
    names : only these exercises
    listed : the file of equivalent mutants
    modules : modules of exercises beyond the shipped ones
    progress : called with what is being done, how much of it is, and how much there is
    """
    started = time.perf_counter()
    report = Report(mode=mode, seed=seed)
    exercise_form.load_rooms()
    loaded = [masters.load(path) for path in paths]
    homes = _homes(loaded, report, set(names) if names is not None else None)
    preload = ("autograder.authoring.verify.trials", *modules)
    with Workers(jobs or os.cpu_count() or 1, preload) as pool:
        futures = {
            pool.submit(PROOF_SECONDS, prove, str(master.path), name): name
            for name, master in homes.items()
        }
        for future, name in _as_done(futures, "exercises", progress):
            report.proofs[name] = _proof(future, name)
        report.proofs = {name: report.proofs[name] for name in homes}
        _in_fresh_processes(report, homes, modules, progress)
        if mode != "none":
            _mutate(report, homes, pool, since, listed, progress)
    found = [failure for proof in report.proofs.values() for failure in proof.failures]
    report.failures = found + report.failures
    report.seconds = time.perf_counter() - started
    return report


def _homes(loaded, report: Report, names) -> dict[str, masters.Master]:
    """Every exercise to be proved, and the master it is in."""
    homes = {}
    for master in loaded:
        belong = [e.name for e in exercises(master.name)]
        belong += [name for name in master.checked() if name not in belong]
        for name in belong:
            if names is not None and name not in names:
                continue
            if name not in master.checked():
                report.failures.append(Failure(
                    name, f"{master.path.name} has no check cell for it",
                    f"Add a cell called check_{name}, or take the exercise out",
                ))  # fmt: skip
            report.failures += exercise_form.form(find(name), master)
            homes[name] = master
    return homes


def without_master(paths: Iterable[Path]) -> list[Failure]:
    """The notebooks that have exercises and are none of these masters: nothing proves them."""
    there = {path.stem for path in paths}
    lost = Counter(e.notebook for e in exercises() if e.notebook not in there)
    return [
        Failure(notebook, f"there is no master {notebook}.py for its {number} exercises",
                "Write it, or take them out")
        for notebook, number in lost.items()
    ]  # fmt: skip


def not_built(paths: Iterable[Path]) -> list[Failure]:
    """The notebooks that are not what these masters make, one that was worked in apart."""
    found = []
    for path in paths:
        try:
            target, text = notebooks.made(path)
        except masters.MasterError as error:
            found.append(Failure(path.stem, f"it cannot be built: {error.message}",
                                 "Mend the master"))  # fmt: skip
            continue
        if notebooks.state_of(target, text) in ("missing", "changed"):
            found.append(Failure(path.stem, f"{target.name} is not what its master makes",
                                 f"Run course build {path.stem[:2]}"))  # fmt: skip
    return found


def _as_done(futures: dict[Future, object], what: str, progress: Progress):
    """The futures as they end, each with what it stands for."""
    left, total = set(futures), len(futures)
    progress(what, 0, total)
    while left:
        done, left = wait(left, return_when=FIRST_COMPLETED)
        progress(what, total - len(left), total)
        for future in done:
            yield future, futures[future]


def _proof(future: Future, name: str) -> Proof:
    try:
        return future.result()
    except TookTooLong as late:
        why, do = f"its proof was stopped: {late}", "Look for a case or a mistake that takes long"
    except ProcessDied as dead:
        why, do = f"its proof failed: {dead}", "Look for a crash in native code"
    except CallFailed as failed:
        why, do = f"its proof failed: {str(failed).strip().splitlines()[-1]}", "Mend what raised it"
    proof = Proof(name, find(name).notebook or "")
    proof.fail(why, do)
    return proof


def _in_fresh_processes(report: Report, homes, modules, progress: Progress) -> None:
    """Each key is built once more, and each `observe` runs where no exercise exists."""
    solved = [name for name, proof in report.proofs.items() if proof.solved]
    progress("fresh processes", 0, 2)
    try:
        keyed = [name for name, proof in report.proofs.items() if proof.digest]
        for name, found in keys_elsewhere(keyed, modules).items():
            if found != report.proofs[name].digest:
                report.proofs[name].fail(
                    "a key built in another process has other bytes",
                    "Draw only from the rng of cases(rng), seed what the reference draws, and "
                    "sort what comes out of a set",
                )
        progress("fresh processes", 1, 2)
        _observed_elsewhere(report, {name: homes[name] for name in solved})
    except FreshFailed as failed:
        report.failures.append(Failure("all", f"a fresh process failed: {failed}", "Mend it"))
    progress("fresh processes", 2, 2)


def _observed_elsewhere(report: Report, homes: dict[str, masters.Master]) -> None:
    cells, programs, answers = {}, [], {}
    for name, master in homes.items():
        if master.name not in cells:
            imports = master.cell("imports").source
            cells[master.name] = [imports, *masters.solutions(master).values()]
            answers |= masters.answers(master)
        try:
            programs.append({**program(find(name)), "notebook": master.name})
        except (OSError, TypeError) as error:  # the source is read again, and may have changed
            report.proofs[name].fail(f"observe cannot cross: {error}", "Verify it again")
    for name, reports in observe_elsewhere(cells, programs, answers).items():
        if isinstance(reports, str):
            report.proofs[name].fail(
                f"it does not run where no exercise exists: {reports}",
                "Solutions may use only what the cell `imports` imports, observe its arguments "
                "and importable modules",
            )
            continue
        verdict = judge(answer_key(find(name)), reports, None, find(name)().read)
        if verdict.status != "passed":
            report.proofs[name].fail(
                "observed in a process without exercises, through bytes, the solution is "
                f"'{verdict.status}': {verdict.message.splitlines()[0]}",
                "observe may use its arguments and importable modules only, and gives plain data",
            )


# Mutants.


def _mutate(report: Report, homes, pool: Workers, since, listed: Path, progress) -> None:
    known = {entry.key: entry for entry in equivalents(listed)}
    made: dict[str, list[Mutant]] = {}
    progress("making mutants", 0, len(homes))
    for number, (name, master) in enumerate(homes.items(), 1):
        source = masters.solutions(master).get(name)
        if source is not None and report.proofs[name].solved:
            if find(name).by_score:
                report.proofs[name].notes.append("no mutants are tried: what does as well is right")
            else:
                made[name] = mutants(name, source)
        progress("making mutants", number, len(homes))
    chosen = [m for found in made.values() for m in found]
    if report.mode == "sample":
        new = {n for n in made if selection.changed(homes[n], find(n), since)}
        chosen = [
            *selection.sample([m for m in chosen if m.exercise in new], SAMPLE, report.seed),
            *selection.sample([m for m in chosen if m.exercise not in new], SAMPLE, report.seed),
        ]
    futures = {}
    for mutant in chosen:
        took = report.proofs[mutant.exercise].worst or 0.0
        path = str(homes[mutant.exercise].path)
        call = try_mutant, path, mutant.exercise, mutant.source
        ready = prepare, path, mutant.exercise
        futures[pool.submit(AT_LEAST_SECONDS + SLOWER * took, *call, first=ready)] = mutant
    for future, mutant in _as_done(futures, "mutants", progress):
        report.tried.append(_tried(future, mutant, key(mutant) in known))
    order = {key(mutant): place for place, mutant in enumerate(chosen)}
    report.tried.sort(key=lambda t: order[key(t.mutant)])
    _judge_mutants(report, known, made)


def _tried(future: Future, mutant: Mutant, known: bool) -> Tried:
    try:
        trial = future.result()
        how, named = ("rejected" if trial.rejected else "survived"), trial.named
    except TookTooLong:
        how, named = "stopped", False
    except ProcessDied:
        how, named = "rejected", False
    if known:
        how = "equivalent" if how == "survived" else "no equivalent"
    return Tried(mutant, how, named)


def _judge_mutants(report: Report, known, made) -> None:
    for tried in report.tried:
        if tried.how == "no equivalent":
            report.failures.append(Failure(
                tried.mutant.exercise,
                f"{EQUIVALENTS.name} lists a mutant that is rejected: {tried.mutant.diff}",
                "Take the entry out",
            ))  # fmt: skip
    here = [e for e in known.values() if e.exercise in made or not exists(e.exercise)]
    for entry in stale(here, (m for found in made.values() for m in found)):
        report.failures.append(Failure(
            entry.exercise,
            f"{EQUIVALENTS.name} lists a mutant that does not exist: "
            f"{entry.line}  →  {entry.changed}",
            "The solution has changed: take the entry out or bring it up to date",
        ))  # fmt: skip
    if not report.counted:
        return
    share = report.rejected / report.counted
    few = report.mode == "sample" and len(report.survivors) <= 1
    if share < REJECTED and not few:
        report.failures.append(Failure(
            "all", f"{share:.1%} of {report.counted} mutants are rejected; {REJECTED:.0%} must be",
            "Kill the survivors with a better case, or list those that no input can tell from "
            f"the solution in {EQUIVALENTS.name}, with the reason",
        ))  # fmt: skip


# The command.


def exists(name: str) -> bool:
    try:
        find(name)
    except KeyError:
        return False
    return True
