"""The form carries every odd kind that the course needs, in practice and across a process."""

import functools
import importlib
import pkgutil

import fresh_process
import odd_kinds
import pytest

from autograder import grade
from autograder.exercise import REGISTRY
from autograder.exercises import find
from autograder.judging.judge import judge
from autograder.judging.keys import answer_key, program
from autograder.judging.plain_data import pack, unpack

KINDS = [
    importlib.import_module(f"odd_kinds.{module.name}")
    for module in pkgutil.iter_modules(odd_kinds.__path__)
]


def exercise_of(kind):
    (found,) = [e for e in REGISTRY.values() if e.__module__ == kind.__name__]
    return found.name


def sources(kind):
    """(what it is, source, status, what is named first)"""
    yield "right", kind.RIGHT, "passed", None
    yield "stub", kind.STUB, "not attempted", None
    for identity, source in kind.WRONG.items():
        assert source != kind.RIGHT, f"{identity} is the right code"
        yield identity, source, "failed", identity


@functools.cache
def practice(name, source):
    return grade(name, namespace(source))


def namespace(source):
    scope = {"__name__": "learner"}
    exec(compile(source, "<learner>", "exec"), scope)
    return scope


def expect(verdict, status, named):
    assert verdict.status == status, str(verdict)
    assert verdict.mistakes[:1] == ([named] if named else []), str(verdict)
    assert (verdict.points == verdict.max_points) is (status == "passed")


SAMPLES = [
    pytest.param(kind, source, status, named, id=f"{exercise_of(kind)}-{what}")
    for kind in KINDS
    for what, source, status, named in sources(kind)
]


@pytest.mark.parametrize(("kind", "source", "status", "named"), SAMPLES)
def test_practice_gives_the_verdict(kind, source, status, named):
    verdict = practice(exercise_of(kind), source)
    expect(verdict, status, named)
    if named:
        assert verdict.message.startswith(answer_key(find(verdict.exercise)).hints[named])


@pytest.mark.parametrize("kind", KINDS, ids=exercise_of)
def test_a_process_without_exercises_gives_the_same_verdict(kind):
    """Inputs and observations cross as bytes; right, stub and wrong code come out the same."""
    name = exercise_of(kind)
    samples = list(sources(kind))
    jobs = [{"program": program(find(name)), "source": source} for _, source, _, _ in samples]
    reports = fresh_process.observe(jobs)
    for (_, source, status, named), report in zip(samples, reports, strict=True):
        verdict = judge(answer_key(find(name)), report, {}, REGISTRY[name]().read)
        expect(verdict, status, named)
        assert verdict.points == practice(name, source).points


@pytest.mark.parametrize("kind", KINDS, ids=exercise_of)
def test_what_crosses_is_the_same_each_time_and_holds_no_answer(kind):
    name = exercise_of(kind)
    crossing = program(find(name))
    assert unpack(pack(crossing)).keys() == crossing.keys()
    assert pack(crossing) == pack(unpack(pack(crossing)))
    text = pack(crossing)
    for secret in answer_key(find(name)).hints.values():
        assert secret.encode() not in text
    assert b"def reference" not in text and b"@mistake" not in text


@pytest.mark.parametrize("kind", KINDS, ids=exercise_of)
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_mistakes_fed_to_the_judge_are_named_as_themselves(kind, seed):
    from autograder.exercise import raises

    name = exercise_of(kind)
    key = answer_key(find(name), seed)
    for identity in key.hints:
        reports = []
        for case in key.cases:
            shown = {n: e.value for n, e in case.right.items()} | case.wrong[identity]
            assert not any(isinstance(value, raises) for value in shown.values())
            reports.append({"seen": shown})
        assert judge(key, reports).mistakes[:1] == [identity]


def test_the_fresh_process_can_import_no_exercise():
    source = "import autograder.exercises\n"
    with pytest.raises(AssertionError, match="autograder.exercises does not exist here"):
        fresh_process.observe([{"program": program(find("heavy_ball")), "source": source}])
    with pytest.raises(AssertionError, match="odd_kinds does not exist here"):
        fresh_process.observe(
            [{"program": program(find("heavy_ball")), "source": "import odd_kinds.three_steps"}]
        )
