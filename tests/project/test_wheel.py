"""The installed course, as Colab has it: what a checkout has beside the packages came along."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def pip(*arguments) -> subprocess.CompletedProcess:
    call = [sys.executable, "-m", "pip", "--disable-pip-version-check", *map(str, arguments)]
    return subprocess.run(call, capture_output=True, text=True)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    made = pip("wheel", ROOT, "--no-deps", "--quiet", "--wheel-dir", folder)
    if made.returncode and "No matching distribution found for hatchling" in made.stderr:
        pytest.skip("pip cannot get hatchling, which builds the wheel: no network?")
    assert made.returncode == 0, made.stderr
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("installed")
    done = pip("install", "--no-deps", "--quiet", "--target", folder, wheel)
    assert done.returncode == 0, done.stderr
    return folder


def test_all_masters_nets_and_results_are_in_it(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    for path in (ROOT / "notebooks" / "source").glob("*.py"):
        assert f"autograder/sources/{path.name}" in names
    for path in (ROOT / "data").glob("*.pt"):
        assert f"course_utils/shipped/{path.name}" in names
    for path in (ROOT / "data" / "results").glob("*.json"):
        assert f"course_utils/shipped/results/{path.name}" in names
    for name in ("package.json", "install.json", "static/remoteEntry.js"):  # buttons of questions
        place = f"data/share/jupyter/labextensions/training-cnns-answers/{name}"
        assert any(one.endswith(place) for one in names)
    for name in ("page.html", "page.css", "page.js"):  # what a class's report is made of
        assert f"autograder/grading/reports/page/{name}" in names


LEARNER = """
import sys
import numpy as np
import autograder
from autograder import check, hint, paths, progress, solution
from course_utils import results, shipped

def standardize(x):
    return (x - x.mean(0)) / np.where(x.std(0) > 0, x.std(0), 1)

print(autograder.__file__)
print(check(standardize))
hint("standardize")
print(solution("standardize"))
print(progress("00"))
print(paths.masters_folder())
print(sum(p.numel() for p in shipped.trained_small_shapes_net().parameters()))
print(shipped.trained_source_shapes_net().training, sorted(results.stored("optimizers_figure")))
"""


def test_a_learner_on_colab_has_all_of_it(installed, tmp_path):
    ran = subprocess.run(
        [sys.executable, "-c", LEARNER], cwd=tmp_path, capture_output=True, text=True,
        env={**os.environ, "PYTHONPATH": str(installed), "COURSE_PROGRESS": "off"},
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    told = ran.stdout
    assert told.startswith(str(installed))
    assert "✓ Right: standardize" in told and "Hint 1 of" in told
    assert "np.where(spread > 0, spread, 1)" in told and "Where people go wrong here" in told
    assert "◐ 00 start" in told and str(installed / "autograder" / "sources") in told
    assert "False ['" in told
