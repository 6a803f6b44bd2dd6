"""The course itself is sound: `course verify` finds nothing in it. Proofs of what changed and of a
sixth of the rest, and mutants of one notebook; others for each commit. `course verify` proves all
of it, and a release wants that."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
import turns

from autograder.authoring.build import masters
from autograder.authoring.verify import all_exercises, selection
from autograder.exercises import find
from autograder.learning.catalogue import exercises

# Whose survivors somebody has gone through; of the other notebooks that is left to do.
GONE_THROUGH = "00 01 02 03 05 06 13 15".split()
OF = 6


def due(path: Path) -> list[str]:
    """The exercises of a notebook that are proved now."""
    master, since = masters.load(path), selection.base()
    names = [one.name for one in exercises(master.name)]
    changed = [name for name in names if selection.changed(master, find(name), since)]
    others = [name for name in names if name not in changed]
    return changed + turns.share(others, OF, lambda name: path.stem)


@pytest.mark.timeout(1200)
@pytest.mark.parametrize("path", masters.masters(), ids=lambda path: path.stem)
def test_the_course_is_sound(path):
    names = due(path)
    found = all_exercises.verify([path], "none", jobs=1, names=names)
    assert set(found.proofs) == set(names), "something was not verified"
    assert found.ok, f"{told(found)}\nTo prove all of it: course verify {path.stem[:2]}"


def test_every_notebook_with_exercises_has_a_master():
    assert all_exercises.without_master(masters.masters()) == []


@pytest.mark.timeout(1200)
def test_mutants_of_a_notebook_are_rejected():
    seed = selection.rotation()
    number = random.Random(seed).choice(GONE_THROUGH)
    (path,) = [p for p in masters.masters() if p.name.startswith(number)]
    found = all_exercises.verify([path], "sample", jobs=2, since=selection.base(), seed=seed)
    print(f"sample {seed}: {found.rejected} of {found.counted} mutants of {number} rejected")
    assert found.counted, "no mutant was tried"
    again = f"course verify {number} --mutants sample --seed {seed}"
    assert found.ok, f"{told(found)}\nTo run it again: {again}"


def told(found) -> str:
    lines = [f"{f.exercise}: {f.what}\n    {f.do}" for f in found.failures]
    lines += [f"survived: {m.exercise}, {m.diff}" for m in found.survivors]
    return "\n".join(lines)
