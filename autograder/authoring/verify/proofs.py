"""What must hold for one exercise, proved one exercise at a time: solution, stub, mistakes and
hints. Runs in worker processes; mutants are tried in `trials`, which exercises are proved and what
is told of them is `verify`'s."""

from __future__ import annotations

import contextlib
import functools
import statistics
import time
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path

import numpy as np

from autograder.authoring.build import masters
from autograder.authoring.verify import hints, playback
from autograder.authoring.verify.fresh import key_digest
from autograder.exercise import (
    PRACTICE_SEED,
    Exercise,
    Expected,
    Question,
    oracle_device,
    oracle_on,
    raises,
)
from autograder.exercises import find
from autograder.judging.compare import apart, difference
from autograder.judging.explaining import predictions
from autograder.judging.judge import judge
from autograder.judging.keys import AnswerKey, Misfit, answer_key
from autograder.judging.verdict import Verdict
from autograder.learning import practice

OTHER_SEEDS = (1, 2)


@dataclass
class Failure:
    """Something that does not hold, and what its author can do."""

    exercise: str
    what: str
    do: str


@dataclass
class Proof:
    """What was found out about one exercise."""

    exercise: str
    notebook: str
    points: float = 0.0
    devices: tuple[str, ...] = ()
    failures: list[Failure] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    solved: bool = False
    untouched: bool = False
    mistakes: int = 0
    named: int = 0
    median: float | None = None
    worst: float | None = None
    digest: str = ""

    def fail(self, what: str, do: str) -> None:
        self.failures.append(Failure(self.exercise, what, do))


def seeds(kind: type[Exercise]) -> tuple[int, ...]:
    """The seeds an exercise is proved on: a question is only ever asked with its own."""
    return (PRACTICE_SEED, *OTHER_SEEDS) if kind.hidden_seed else (PRACTICE_SEED,)


def prove(path: str, name: str) -> Proof:
    """All that must hold for an exercise, but for its mutants and what needs a fresh process."""
    kind = find(name)
    proof = Proof(name, kind.notebook or "", devices=devices())
    steps = {
        "its solution": solution_is_right,
        "its stub": stub_is_not_attempted,
        "its mistakes": mistakes_are_told_apart,
        "its hints": hints_keep_the_solution,
        "its words": observations_can_be_read,
        "its seeds": no_table_wins,
    }
    master = _master(path)
    for what, step in steps.items():
        try:
            step(proof, kind, master)
        except Misfit as error:  # no step can do without the key
            proof.fail(str(error), "Mend it there")
            break
        except (Exception, SystemExit) as error:  # noqa: BLE001 - each failure is the author's to read
            proof.fail(f"{what}: {type(error).__name__}: {error}", "Mend what raised it")
    return proof


def devices() -> tuple[str, ...]:
    """Where references are run: always on the CPU, and on the accelerator where there is one."""
    return tuple(dict.fromkeys(("cpu", oracle_device())))


@functools.cache
def _master(path: str) -> masters.Master:
    return masters.load(Path(path))


@functools.cache
def solved(path: str) -> dict:
    """What the solved notebook leaves behind; to be copied before anything is run in it."""
    with oracle_on("cpu"):
        return masters.namespace(_master(path))


# 1. The solution is right.


def solution_is_right(proof: Proof, kind: type[Exercise], master: masters.Master) -> None:
    """Full points with every seed, wherever references run."""
    name = kind.name
    if not issubclass(kind, Question) and name not in masters.solutions(master):
        proof.fail(
            f"{master.path.name} has no solution cell called {name}",
            f'Add one: # %% nbgrader={{"grade_id": "{name}", "solution": true}}',
        )
        return
    namespace = solved(str(master.path))
    right = True
    for device in proof.devices:
        with oracle_on(device):
            for seed in seeds(kind):
                verdict = practice.grade(name, namespace, seed)
                if verdict.status != "passed" or verdict.points != verdict.max_points:
                    right = False
                    proof.fail(
                        f"the solution does not pass with seed {seed}, reference on {device}: "
                        f"{verdict.status}, {verdict.points:g} of {verdict.max_points:g}: "
                        f"{verdict.message.splitlines()[0]} {_problems(verdict)}",
                        "Solution, observe and reference disagree; set right the one that is wrong",
                    )
    with oracle_on("cpu"):
        key = answer_key(find(name))
        proof.points, proof.solved = key.max_points, right
        proof.digest = key_digest(name)
        if right:
            proof.median, proof.worst = latency(name, namespace)


def latency(name: str, namespace: dict, repeats: int = 5) -> tuple[float, float]:
    """Median and worst seconds of grading the right solution; call once before to warm up."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        practice.grade(name, namespace)
        times.append(time.perf_counter() - start)
    return statistics.median(times), max(times)


def _problems(verdict: Verdict) -> str:
    return "; ".join(f"{c.name}: {c.problem}" for c in verdict.cases if c.problem)[:400]


# 2. The stub.


def stub_is_not_attempted(proof: Proof, kind: type[Exercise], master: masters.Master) -> None:
    """As the learner gets it, it is not attempted; with all exercises untouched it has nothing."""
    name = kind.name
    cell = master.cell(name)
    if cell is None:
        if issubclass(kind, Question):
            proof.fail(f"{master.path.name} has no cell {name}",
                       f'Add one: # %% name="{name}" with {name} = ...')  # fmt: skip
        return
    stubs = dict(masters.solutions(master))
    stubs = {n: masters.stub(source) for n, source in stubs.items()}
    stubs |= {c.id: c.source for c in master.cells if c.kind == "code" and _is_question(c.id)}
    alone = masters.namespace(master, exclude=(name,))
    try:
        masters.run(stubs[name], alone, f"{master.name}: stub of {name}")
    except Exception as error:  # noqa: BLE001 - it is the author's to read
        proof.fail(
            f"the stub cannot be run: {type(error).__name__}: {error}",
            "Put ### BEGIN SOLUTION and ### END SOLUTION under the signature and the docstring",
        )
        return
    verdict = practice.grade(name, alone)
    proof.untouched = verdict.status == "not attempted" and verdict.points == 0
    if not proof.untouched:
        proof.fail(
            f"the stub is '{verdict.status}' with {verdict.points:g} points: {verdict.message}",
            "It must raise NotImplementedError in every case; a question is left as `...`",
        )
    nothing = masters.namespace(master, exclude=tuple(stubs))
    for n, source in stubs.items():
        # One that cannot be run is a failure of its own exercise.
        with contextlib.suppress(Exception):
            masters.run(source, nothing, f"{master.name}: stub of {n}")
    verdict = practice.grade(name, nothing)
    waits = [m for m in verdict.mistakes if m.startswith("needs:")]
    if verdict.points or not (verdict.status == "not attempted" or waits):
        proof.untouched = False
        proof.fail(
            f"in an untouched notebook it is '{verdict.status}' with {verdict.points:g} points",
            "Name in `needs` every exercise whose function observe calls",
        )


def _is_question(identity: str) -> bool:
    try:
        return issubclass(find(identity), Question)
    except KeyError:
        return False


# 3. Mistakes.


def mistakes_are_told_apart(proof: Proof, kind: type[Exercise], master: masters.Master) -> None:
    """Each differs from what is right and from each other, and is named when it is shown."""
    ids = list(kind.mistakes())
    proof.mistakes = len(ids)
    bad: set[str] = set()
    for device in proof.devices:
        with oracle_on(device):
            for seed in seeds(kind):
                where = f"seed {seed}, {device}"
                key = answer_key(kind, seed)
                bad |= _not_named(proof, key, where)
                bad |= _not_apart(proof, key, where)
                _counters_are_not_alone(proof, key, where)
                if seed == PRACTICE_SEED and device == "cpu":
                    proof.notes += _notes(kind, key)
    proof.named = len(ids) - len(bad)


def _not_named(proof: Proof, key: AnswerKey, where: str) -> set[str]:
    bad = set()
    for identity in key.hints:
        far = max(
            (_apart(value, case.right[name].value, case.right[name])
             / case.right[name].margin
             for case in key.cases for name, value in case.wrong.get(identity, {}).items()),
            default=0.0,
        )  # fmt: skip
        if far < 1:
            bad.add(identity)
            proof.fail(
                f"mistake {identity} shows nowhere by its margin ({where})",
                "Add a case on which it does, or say in the mistake what it really shows",
            )
            continue
        verdict = judge(key, shown(key, identity))
        first = verdict.mistakes[:1]
        if first != [identity] or verdict.status not in ("failed", "error"):
            bad.add(identity)
            proof.fail(
                f"mistake {identity} is named {first[0] if first else 'not at all'} ({where})",
                "Add a case or an observation that parts the two",
            )
    return bad


def _counters_are_not_alone(proof: Proof, key: AnswerKey, where: str) -> None:
    """A counter beside the learner's code can be forged: every case looks at something else too."""
    counted = set(key.counted)
    alone = [case.name for case in key.cases if case.right and set(case.right) <= counted]
    if alone:
        proof.fail(
            f"nothing but counters is observed in '{alone[0]}' ({where})",
            "Observe there what the code gives, too",
        )
    if strange := counted - {name for case in key.cases for name in case.right}:
        proof.fail(
            f"counted names {', '.join(sorted(strange))}, which no case observes ({where})",
            "Name the observations as reference does",
        )


def shown(key: AnswerKey, identity: str) -> list[dict]:
    """The reports of code that makes exactly this mistake."""
    reports = []
    for case in key.cases:
        values = {name: expected.value for name, expected in case.right.items()}
        values |= case.wrong.get(identity, {})
        stops = [v for v in values.values() if isinstance(v, raises)]
        if stops:
            error = {"type": stops[0].type_name, "message": stops[0].says, "frames": []}
            reports.append({"raised": {**error, "not_attempted": False}})
        else:
            reports.append({"seen": values})
    return reports


def _not_apart(proof: Proof, key: AnswerKey, where: str) -> set[str]:
    bad = set()
    for a, b in combinations(key.hints, 2):
        far = 0.0
        for case in key.cases:
            for name in {**case.wrong.get(a, {}), **case.wrong.get(b, {})}:
                right = case.right[name]
                one, other = (case.wrong.get(i, {}).get(name, right.value) for i in (a, b))
                far = max(far, _apart(one, other, right) / right.margin)
        if far < 1:
            bad |= {a, b}
            proof.fail(
                f"mistakes {a} and {b} show the same ({where})",
                "Add a case that parts them, or make them one",
            )
    return bad


def _apart(one, other, expected: Expected) -> float:
    if isinstance(one, raises) or isinstance(other, raises):
        return 0.0 if type(one) is type(other) and one == other else np.inf
    return apart(one, other, expected)


def _notes(kind: type[Exercise], key: AnswerKey) -> list[str]:
    """What an author may want to know: pairs that hide each other, and cells on the brink."""
    notes = []
    cells = {identity: set(predicted) for identity, predicted in predictions(key).items()}
    # A question has one answer only, and no two are given at once.
    if not issubclass(kind, Question):
        alone: dict[tuple[str, str], list[str]] = {}
        for identity, where in cells.items():
            if len(where) == 1:
                alone.setdefault(next(iter(where)), []).append(identity)
        notes += [
            f"{', '.join(ids)} hide each other: they show only in {name} of '{case}'"
            for (case, name), ids in alone.items()
            if len(ids) > 1
        ]
    for case in key.cases:
        for identity, values in case.wrong.items():
            for name, value in values.items():
                right = case.right[name]
                if isinstance(value, raises) or difference(value, right) is None:
                    continue
                if _apart(value, right.value, right) < right.margin:
                    notes.append(f"{identity} is barely wrong in {name} of '{case.name}'")
    return notes


# 4. Hints.


def hints_keep_the_solution(proof: Proof, kind: type[Exercise], master: masters.Master) -> None:
    """No hint, nor the stub's docstring, contains the solution's code."""
    source = masters.solutions(master).get(kind.name)
    if source is None:
        return
    said = {f"the hint of mistake {i}": m.__doc__ for i, m in kind.mistakes().items()}
    said |= {f"hint {number}": text for number, text in enumerate(kind.hints, 1)}
    said["the stub"] = masters.stub(source)
    for where, text in said.items():
        if found := hints.gives_away(source, text):
            proof.fail(
                f"{where} contains the solution's `{found}`",
                "Say what is off and why, in words; leave the code to the learner",
            )


# 5. The words.


def observations_can_be_read(proof: Proof, kind: type[Exercise], _) -> None:
    """What is observed bears a name that the learner knows, or says how it reads."""
    if issubclass(kind, Question):
        return
    known = {n for s in kind.signatures for n in (*s.parameters, *s.returns, s.name)}
    names = {name for case in answer_key(kind).cases for name in case.right}
    unread = sorted(name for name in names if name not in {*known, *kind.reads})
    if unread:
        proof.fail(
            f"learners do not know what '{unread[0]}' is, which observe gives back",
            f'Say how it reads: reads = {{"{unread[0]}": "your ..."}}',
        )
    if idle := sorted(set(kind.reads) - names):
        proof.fail(f"reads has '{idle[0]}', which no case shows", "Take it out")


# 6. The seeds.


def no_table_wins(proof: Proof, kind: type[Exercise], _) -> None:
    """The practice answers, played back, earn no more than guessing on other seeds."""
    if issubclass(kind, Question) or kind.extra or not kind.hidden_seed:
        return
    if won := playback.table_wins(kind):
        proof.fail(won, "Draw which situation stands in which case, so that answers change")
