"""`make gpu`, tried on the CPU: what is stored, passed over, stopped, and told."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import torch

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "benchmarks" / "gpu.py"
ROOMS = ROOT / "benchmarks" / "on_gpu"
LIGHT = "mixed_precision"

# A room for tests: one part does not end, one fails, one dies.
ROOM = """
import os, threading
from parts import Failed

def endless(run):
    run.keep(rows=[1, 2])
    threading.Event().wait()

def wrong(run):
    run.keep(rows=[3])
    raise Failed("the scores are off")

def dead(run):
    os._exit(7)
"""
PARTS = """
PARTS = (Part("endless", 4, "never ends", "trials"), Part("wrong", 30, "fails", "trials"),
         Part("dead", 30, "dies", "trials"), Part("lacking", 9, "lacks", "trials", ("no_such",)))
"""


def call(script: Path, *arguments) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, script, *map(str, arguments)], capture_output=True, text=True, cwd=ROOT,
        env={**os.environ, "COLUMNS": "200"}, timeout=240,
    )  # fmt: skip


def stored(folder: Path) -> dict[str, dict]:
    return {path.stem: json.loads(path.read_text()) for path in folder.glob("*/*.json")}


@pytest.fixture
def trials(tmp_path) -> Path:
    """The script with parts of a test's own in place of its own."""
    copy = tmp_path / "benchmarks"
    shutil.copytree(ROOMS, copy / "on_gpu", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(SCRIPT, copy)
    (tmp_path / "course_utils").symlink_to(ROOT / "course_utils")
    (copy / "on_gpu" / "trials.py").write_text(ROOM)
    parts = copy / "on_gpu" / "parts.py"
    text = parts.read_text(encoding="utf-8")
    before = "\n@dataclass\nclass Run"
    assert text.count(before) == 1
    parts.write_text(text.replace(before, PARTS + before))
    return copy / "gpu.py"


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU here")
def test_without_a_gpu_it_says_so_in_one_sentence(tmp_path):
    done = call(SCRIPT, "--store", tmp_path)
    assert done.returncode == 1 and done.stdout == ""
    assert done.stderr.startswith("make gpu: torch ") and "sees no GPU here" in done.stderr
    assert len(done.stderr.splitlines()) == 1 and not list(tmp_path.iterdir())


def test_all_parts_fit_into_eight_minutes():
    listed = call(SCRIPT, "--list").stdout.splitlines()
    assert sum(int(line.split()[1]) for line in listed) <= 8 * 60
    assert [line.split()[0] for line in listed][:2] == ["only_here", "references"]


def test_a_part_is_measured_once_and_anew_when_asked(tmp_path):
    asked = ("--device", "cpu", "--quick", "--store", tmp_path, LIGHT)
    first = call(SCRIPT, *asked)
    assert first.returncode == 0, first.stdout + first.stderr
    found = stored(tmp_path)[LIGHT]
    assert found["outcome"] == "passed" and found["rows"][0]["images_per_s"] > 0
    assert found["torch"] == torch.__version__ and {"driver", "date", "commit"} <= set(found)
    # A CPU's numbers are no GPU's: nothing to commit, nothing to show.
    assert found["gpu"] is None and found["shown"] is False
    assert "nothing to commit" in first.stdout
    (path,) = tmp_path.glob(f"*/{LIGHT}.json")
    path.write_text(json.dumps({**found, "mark": 1}))
    again = call(SCRIPT, *asked)
    assert "measured before" in again.stdout and stored(tmp_path)[LIGHT]["mark"] == 1
    call(SCRIPT, *asked, "--again", LIGHT)
    assert "mark" not in stored(tmp_path)[LIGHT]


def test_what_goes_wrong_is_kept_and_told(trials, tmp_path):
    done = call(trials, "--device", "cpu", "--store", tmp_path / "results")
    found = stored(tmp_path / "results")
    assert found["endless"]["outcome"] == "stopped" and found["endless"]["rows"] == [1, 2]
    assert found["wrong"]["outcome"] == "failed" and found["wrong"]["why"] == "the scores are off"
    assert found["wrong"]["rows"] == [3] and found["wrong"]["shown"] is False
    assert found["dead"]["outcome"] == "failed" and "ended with 7" in found["dead"]["why"]
    # What is left out is not stored: the package may be there another time.
    assert "lacking" not in found and "there is no no_such here" in done.stdout
    assert done.returncode == 1 and "AGAIN='wrong dead'" in done.stdout


def test_an_unknown_part_is_named(tmp_path):
    done = call(SCRIPT, "--device", "cpu", "--store", tmp_path, "speed")
    assert done.returncode == 2 and "there is no part speed; there are only_here" in done.stderr


def test_every_part_has_its_function():
    code = (
        f"import sys; sys.path[:0] = [{str(ROOMS)!r}, {str(ROOT)!r}]\n"
        "import parts\n"
        "print(all(callable(parts.find(part.name)[1]) for part in parts.PARTS))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout == "True\n", done.stderr


def test_the_kernel_is_the_notebooks():
    code = (
        f"import sys; sys.path[:0] = [{str(ROOMS)!r}, {str(ROOT)!r}]\n"
        "import types\n"
        "sys.modules['triton'] = types.ModuleType('triton')\n"
        "sys.modules['triton.language'] = language = types.ModuleType('triton.language')\n"
        "language.constexpr = int\n"
        "import speeds\n"
        "print(*speeds.the_notebooks_kernel().__code__.co_varnames[:4])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout == "x scale shift out\n", done.stderr


def test_what_the_stand_in_cannot_prove_is_tried_here():
    code = (
        f"import sys; sys.path[:0] = [{str(ROOMS)!r}, {str(ROOT)!r}]\n"
        "import probes\n"
        "from only_on_a_gpu import UNPROVEN\n"
        "print(sorted(set(UNPROVEN) - set(probes.PROBES)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout == "[]\n", done.stderr


def test_a_notebook_runs_as_a_program_without_what_it_claims_of_cpus(tmp_path):
    path = tmp_path / "16_small.py"
    path.write_text(
        "# %%\nprint('measured')\n### BEGIN CLAIMS\nassert False, 'ten times'\n### END CLAIMS\n"
        "# %%\nprint({'text/html': 'a picture'})\nprint('to its end')\n"
    )
    code = (
        f"import sys; sys.path[:0] = [{str(ROOMS)!r}, {str(ROOT)!r}]\n"
        "from pathlib import Path\n"
        "import proofs\n"
        f"print(proofs.as_a_program(Path({str(path)!r})))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout == "(['measured', 'to its end'], [])\n", done.stderr
