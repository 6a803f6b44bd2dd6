"""The archive for Gradescope: what is in it, and what its scripts do."""

from __future__ import annotations

import ast
import os
import shutil
import stat
import subprocess
import zipfile
from dataclasses import replace

import pytest
from container_files import read
from graded_class import NAME

from autograder.grading.gradescope import packing


def test_archive_has_what_is_needed_at_its_root_and_nothing_of_the_authors(bundle):
    with zipfile.ZipFile(bundle) as file:
        names = file.namelist()
        modes = {i.filename: i.external_attr >> 16 & 0o777 for i in file.infolist()}
    assert {"setup.sh", "run_autograder", "requirements.txt", "constraints.txt"} <= set(names)
    assert modes["setup.sh"] == modes["run_autograder"] == 0o755
    assert not [name for name in names if "authoring" in name or name.endswith((".pyc", ".ipynb"))]
    assert stat.S_IMODE(bundle.stat().st_mode) == 0o600
    assert bundle.stat().st_size < 10e6


def test_whatever_the_container_loads_to_start_with_is_packed(bundle):
    """A room left out that a packed one imports at its top stops every container."""
    with zipfile.ZipFile(bundle) as file:
        packed = {
            name.removeprefix("course/").removesuffix(".py").removesuffix("/__init__")
            .replace("/", "."): file.read(name)
            for name in file.namelist() if name.startswith("course/") and name.endswith(".py")
        }  # fmt: skip
    reached, to_read = set(), ["autograder.grading.gradescope.container"]
    while to_read:
        reached.add(module := to_read.pop())
        for node in ast.parse(packed[module]).body:  # what is imported in functions comes later
            names = [f"{node.module}.{a.name}" for a in node.names] if isinstance(
                node, ast.ImportFrom) else [a.name for a in getattr(node, "names", ())]  # fmt: skip
            for name in names:
                name = name if name in packed else name.rpartition(".")[0]
                if name.partition(".")[0] in ("autograder", "course_utils") and name not in reached:
                    assert name in packed, f"{module} imports {name}, which is left out"
                    to_read.append(name)
    assert "autograder.grading.gradescope.packing" in reached


def test_archive_says_what_the_class_released(course, bundle):
    ours = packing.of_class(course, NAME)
    theirs = read(bundle)
    assert theirs.assignment == ours.assignment
    assert theirs.settings == replace(ours.settings, data_paths=())
    assert packing.archive(ours) == packing.archive(theirs)


@pytest.mark.parametrize("script", ["setup.sh", "run_autograder"])
def test_scripts_are_bash(bundle, script):
    with zipfile.ZipFile(bundle) as file:
        text = file.read(script)
    assert text.startswith(b"#!/usr/bin/env bash\n")
    assert subprocess.run(["bash", "-n"], input=text).returncode == 0


@pytest.mark.parametrize(
    "failing, says", [("apt-get", "no network"), ("python3", "The course needs Python 3.10")]
)
def test_image_is_not_made_where_a_step_of_setup_fails(container, tmp_path, failing, says):
    for name in ("apt-get", "python3"):
        script = "echo no network >&2; exit 100" if name == failing else "exit 0"
        (tmp_path / name).write_text(f"#!/bin/sh\n{script}\n")
        (tmp_path / name).chmod(0o755)
    environment = {"PATH": f"{tmp_path}:{os.defpath}", "COURSE_AUTOGRADER": str(container)}
    done = subprocess.run(
        [shutil.which("bash"), str(container / "source" / "setup.sh")],
        env=environment, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode != 0 and says in done.stderr


def test_smaller_torch_is_looked_for_where_the_teacher_says(bundle):
    with zipfile.ZipFile(bundle) as file:
        assert b"PIP_EXTRA_INDEX_URL" not in file.read("setup.sh")
    text = packing.SETUP.format(assignment=NAME, index="export PIP_EXTRA_INDEX_URL='a b'\n")
    assert "\nexport PIP_EXTRA_INDEX_URL='a b'\n/opt/course-python/bin/python -m pip" in text
