"""One small class, made once and copied for each test: a database takes nbgrader seconds."""

from __future__ import annotations

import shutil
from pathlib import Path

import marking_class
import pytest


@pytest.fixture(scope="session")
def made(tmp_path_factory) -> Path:
    written = {"ada": "The noise of *two*.", "bea": "The rate.", "cyd": marking_class.GIVEN,
               "dee": None}  # fmt: skip
    return marking_class.make(tmp_path_factory.mktemp("marking") / "class", written)


@pytest.fixture
def folder(made, tmp_path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "class"))
