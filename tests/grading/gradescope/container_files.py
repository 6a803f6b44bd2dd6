"""What lies in Gradescope's folders: put there, run, and read back."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from contextlib import contextmanager
from pathlib import Path

from graded_class import NAME, hand_in

from autograder.grading.gradescope import packing
from autograder.grading.sandbox import another_user


def read(bundle: Path) -> packing.Bundle:
    with zipfile.ZipFile(bundle) as file:
        return packing.from_json(json.loads(file.read(packing.CONTENTS)))


def put(container: Path, files: dict[str, str]) -> None:
    """Upload files in place of what was uploaded before."""
    shutil.rmtree(container / "submission")
    for name, text in files.items():
        path = container / "submission" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (container / "submission").mkdir(exist_ok=True)
    (container / "results" / "results.json").unlink(missing_ok=True)


def run(container: Path, *arguments: str) -> tuple[dict, str]:
    """What run_autograder writes and prints."""
    script = container / "source" / "run_autograder"
    environment = os.environ | {
        "COURSE_AUTOGRADER": str(container), "COURSE_PYTHON": sys.executable, "PYTHONPATH": "",
    }  # fmt: skip
    done = subprocess.run(
        ["bash", str(script), *arguments], env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads((container / "results" / "results.json").read_text()), done.stdout


@contextmanager
def settings(container: Path, limits=None, **changed):
    """Have the archive say something else about how it grades."""
    path = container / "source" / packing.CONTENTS
    before = path.read_text()
    told = json.loads(before)
    told["settings"] |= changed
    told["settings"]["limits"] |= limits or {}
    path.write_text(json.dumps(told))
    try:
        yield
    finally:
        path.write_text(before)


def notebook(course: Path, sources=(), change=None) -> str:
    place = hand_in(course, "ada", sources, change)
    return (place / f"{NAME}.ipynb").read_text(encoding="utf-8")


def left_behind(printed: str) -> list[int]:
    """The living processes of the user whom learners' code became, if it became one."""
    user = re.search(r"Learners' code runs as user (\d+)\. ", printed)
    return another_user.processes_of(int(user[1])) if user else []


def earned(results: dict) -> dict[str, float]:
    return {test["name"]: test["score"] for test in results["tests"] if "score" in test}
