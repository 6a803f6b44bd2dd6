"""A class's archive for Gradescope, and folders as Gradescope has them."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner
from container_files import read
from graded_class import NAME, make

from autograder.commands.cli import cli
from autograder.grading.gradescope import packing


@pytest.fixture(scope="module")
def course(tmp_path_factory) -> Path:
    return make(tmp_path_factory.mktemp("gradescope") / "class")


@pytest.fixture(scope="module")
def bundle(course, tmp_path_factory) -> Path:
    """The archive, as the command makes it."""
    path = tmp_path_factory.mktemp("bundle") / "bundle.zip"
    told = CliRunner().invoke(
        cli, ["gradescope", NAME, "--class", str(course), "--to", str(path)]
    )
    assert told.exit_code == 0, told.output
    most, by_hand = packing.worth(read(path))
    assert f"with {most:g} autograder points" in told.output
    assert f"{by_hand:g} more points are given by hand" in told.output
    return path


@pytest.fixture(scope="module")
def container(bundle, tmp_path_factory) -> Path:
    """Gradescope's folders, with the archive unpacked where Gradescope unpacks it."""
    root = tmp_path_factory.mktemp("container") / "autograder"
    for name in ("source", "submission", "results"):
        (root / name).mkdir(parents=True)
    with zipfile.ZipFile(bundle) as file:
        file.extractall(root / "source")
    # pytest's own folders are closed to other users; Gradescope's are not.
    for folder in (root, *root.parents):
        if folder != Path("/") and folder.stat().st_uid == os.geteuid():
            folder.chmod(folder.stat().st_mode | 0o055)
    return root
