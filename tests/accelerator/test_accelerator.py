"""The course on an accelerator that is none: each file of `on_it` in a process of its own, since a
backend is registered for ever."""

from __future__ import annotations

import subprocess

import processes
import pytest

ROOMS = sorted(path.stem for path in (processes.HERE / "on_it").glob("test_*.py"))


@pytest.mark.parametrize("room", ROOMS)
def test_all_is_right_on_the_stand_in(room):
    processes.needed()
    done = subprocess.run(
        processes.pytest_on_it(processes.HERE / "on_it" / f"{room}.py"), cwd=processes.ROOT,
        env=processes.environment(), capture_output=True, text=True, timeout=280,
    )  # fmt: skip
    assert done.returncode == 0, f"{done.stdout[-6000:]}\n{done.stderr[-2000:]}"
