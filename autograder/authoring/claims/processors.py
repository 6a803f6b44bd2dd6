"""The processors on which claims are tried: this one, and this one as if it were older."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from autograder.authoring.build.masters import Master, MasterError
from autograder.authoring.claims.experiments import Tried
from autograder.paths import CHECKOUT

QUIET = {"OMP_NUM_THREADS": "1", "MPLBACKEND": "Agg", "COURSE_PROGRESS": "", "COURSE_QUICK": ""}


def older() -> dict[str, str]:
    """What tells torch, oneDNN, MKL, OpenBLAS and numpy to compute as on a processor of 2008: other
    sums in another order, so that every rounding is another one."""
    from numpy._core import _multiarray_umath as core

    return {
        "ATEN_CPU_CAPABILITY": "default",
        "ONEDNN_MAX_CPU_ISA": "SSE41",
        "MKL_CBWR": "COMPATIBLE",
        "OPENBLAS_CORETYPE": "Nehalem",
        # The names of these features change with numpy's versions.
        "NPY_DISABLE_CPU_FEATURES": " ".join(core.__cpu_dispatch__),
    }


def environments() -> dict[str, dict[str, str]]:
    """What is added to the environment for each processor, by its name."""
    return {"this processor": {}, "an older one": older()}


def tried_on(
    master: Master, environment: dict[str, str], only: tuple[str, ...] = ()
) -> list[Tried]:
    """What becomes of a notebook's claims, or of those of some cells, in a process of its own.

    Raises MasterError when it does not come to its end.
    """
    with tempfile.TemporaryDirectory(prefix="course-claims-") as folder:
        result = Path(folder, "claims.json")
        child = f"{__package__}.experiments"
        call = [sys.executable, "-m", child, str(master.path), str(result), *only]
        # In a folder of its own, since some notebooks write files beside themselves.
        added = {"PYTHONPATH": str(CHECKOUT), **QUIET, **environment}
        done = subprocess.run(
            call, cwd=folder, env={**os.environ, **added},
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        if done.returncode:
            raise MasterError(f"{master.name}: {done.stderr.strip()[-2000:]}")
        return [Tried(**row) for row in json.loads(result.read_text(encoding="utf-8"))]


def compared(master: Master) -> dict[str, list[Tried]]:
    """A notebook's claims by processor; none is run where the notebook claims nothing."""
    if not any(cell.claims for cell in master.cells):
        return {}
    return {name: tried_on(master, added) for name, added in environments().items()}
