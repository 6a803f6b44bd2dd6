"""Starts programs that have the stand-in accelerator as other people's have a graphics card."""

from __future__ import annotations

import os
import sys
from importlib.metadata import version
from pathlib import Path

import pytest
import turns

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]


def needed() -> None:
    """Skip the test, and say why, where this torch takes no backend that is written in Python."""
    from torch.utils import backend_registration

    if not hasattr(backend_registration, "_setup_privateuseone_for_python_backend"):
        pytest.skip(
            f"torch {version('torch')} takes no backend that is written in Python, so that nothing "
            "is run on the stand-in accelerator; torch 2.13 does"
        )


def environment(**more: str) -> dict[str, str]:
    """The variables of a process in which `import torch` brings the stand-in, and the course uses
    it."""
    kept = {
        name: value for name, value in os.environ.items()
        if not name.startswith(("PYTEST", "COURSE_")) or name == turns.ASKED
    }  # fmt: skip
    path = os.pathsep.join(filter(None, [str(HERE / "installed"), kept.get("PYTHONPATH")]))
    return {**kept, "PYTHONPATH": path, "COURSE_DEVICE": "standin", "COURSE_PROGRESS": "",
            "OMP_NUM_THREADS": "1", **more}  # fmt: skip


def pytest_on_it(room: Path, *options: str) -> list[str]:
    """The command that runs a file of tests in such a process."""
    return [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options, str(room)]
