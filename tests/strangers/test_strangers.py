"""Strangers' programs: right ones pass, wrong ones do not (README.md)."""

from __future__ import annotations

import hashlib
import random
import sys
from pathlib import Path

import pytest

from autograder.authoring.verify.selection import rotation

sys.path.insert(0, str(Path(__file__).parent))

import judge as strangers

BANKS = strangers.banks()
# Of a bank so many wrong programs and so many right ones a run; those that start processes are few.
WRONG, RIGHT, SLOW = 40, 12, 1
STARTS_PROCESSES = ("ddp_train", "PrefetchLoader", "PackedDataset", "best_num_workers")


@pytest.fixture(scope="module", params=BANKS)
def bank(request):
    return strangers.load(BANKS[request.param])


def sample(programs, number: int) -> list:
    """A sample that is another one for each commit."""
    drawn = random.Random(rotation())
    slow = [p for p in programs if p.exercise in STARTS_PROCESSES]
    quick = [p for p in programs if p.exercise not in STARTS_PROCESSES]
    picked = drawn.sample(quick, min(number, len(quick)))
    return picked + drawn.sample(slow, min(SLOW, len(slow)))


def test_banks_are_as_they_were_written():
    sums = (strangers.HERE / "banks" / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    held = dict(reversed(line.split()) for line in sums)
    assert set(held) == {path.name for path in BANKS.values()}
    for path in BANKS.values():
        assert hashlib.sha256(path.read_bytes()).hexdigest() == held[path.name], path.name


def test_there_are_enough(bank):
    assert len(bank.wrong) >= 40 and len(bank.right) >= 8
    names = [program.name for program in bank.wrong]
    assert set(strangers.kept(bank.notebook)) <= set(names)
    assert set(strangers.not_wrong().get(bank.notebook, {})) <= set(names)


@pytest.mark.timeout(600)
def test_right_programs_pass(bank):
    for program in sample(bank.right, RIGHT):
        for seed in strangers.SEEDS:
            verdict = bank.verdict(program, seed)
            assert verdict.status == "passed", f"{program.name}, seed {seed}: {verdict}"
            assert verdict.points == verdict.max_points


@pytest.mark.timeout(900)
def test_wrong_programs_do_not(bank):
    """What each is named is kept in outcomes/, to be compared when a judge or a check changes."""
    excused = strangers.not_wrong().get(bank.notebook, {})
    for program in sample(bank.wrong, WRONG):
        if program.name not in excused and program.exercise not in STARTS_PROCESSES:
            assert bank.verdict(program, strangers.WRONG_SEED).status != "passed", program.name
