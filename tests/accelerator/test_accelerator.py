"""The course on an accelerator that is none: each file of `on_it` in a process of its own, since a
backend is registered for ever."""

from __future__ import annotations

import subprocess

import processes
import pytest

# Its own rooms, and one that uses a device where there is one.
ROOMS = [*sorted((processes.HERE / "on_it").glob("test_*.py")),
         processes.ROOT / "tests" / "course_utils" / "test_training.py"]  # fmt: skip


@pytest.mark.timeout(1200)
@pytest.mark.parametrize("room", ROOMS, ids=lambda room: room.stem)
def test_all_is_right_on_the_stand_in(room):
    processes.needed()
    done = subprocess.run(
        processes.pytest_on_it(room), cwd=processes.ROOT, env=processes.environment(),
        capture_output=True, text=True, timeout=1100,
    )  # fmt: skip
    assert done.returncode == 0, f"{done.stdout[-6000:]}\n{done.stderr[-2000:]}"
    assert " skipped" not in done.stdout.splitlines()[-1], done.stdout[-2000:]
