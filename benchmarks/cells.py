"""How long the experiments of the solved notebooks take here, kept where folded cells say it.

    python benchmarks/cells.py [NN]... [--keep FOLDER]

Without numbers all notebooks are measured, those left out keep what was found before. Measure on a
quiet machine, then run course build. `--keep` stores the executed notebooks, too.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from datetime import datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "docs" / "site")]

from autograder.authoring.build import seconds  # noqa: E402
from autograder.authoring.build.masters import load, masters  # noqa: E402
from autograder.learning.progress_file import FILE_NAME  # noqa: E402

CELL = 900  # seconds that one cell may take


def executed(path: Path):
    """The solved notebook of a master, run at full length; what a cell raises stays in it."""
    from nbclient import NotebookClient
    from solved import solved_notebook

    notebook = solved_notebook(load(path))
    with tempfile.TemporaryDirectory(prefix="course-cells-") as folder:
        for other in masters():  # the progress panel links to what lies beside it
            Path(folder, f"{other.stem}.ipynb").touch()
        environment = {**os.environ, "COURSE_PROGRESS": str(Path(folder, FILE_NAME))}
        environment.pop("COURSE_QUICK", None)
        NotebookClient(
            notebook, timeout=CELL, kernel_name="python3", allow_errors=True,
            extra_arguments=["--IPKernelApp.log_level=ERROR"],
            resources={"metadata": {"path": folder}},
        ).execute(env=environment)  # fmt: skip
    return notebook


def taken(notebook) -> dict[str, float]:
    """Seconds from the start of each experiment to its end, by the cell's name.

    Raises SystemExit, naming the cell, where one failed: what it took says nothing.
    """
    found = {}
    for cell in notebook.cells:
        if "experiment" not in cell.metadata.get("tags", ()) or cell.cell_type != "code":
            continue
        if failed := [out.evalue for out in cell.outputs if out.output_type == "error"]:
            raise SystemExit(f"The cell {cell.id} stops, so nothing is kept: {failed[0]}")
        times = cell.metadata.get("execution", {})
        begin, end = times.get("iopub.execute_input"), times.get("shell.execute_reply")
        if begin and end:
            begin, end = (datetime.fromisoformat(at.replace("Z", "+00:00")) for at in (begin, end))
            found[cell.id] = (end - begin).total_seconds()
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("numbers", nargs="*", metavar="NN")
    parser.add_argument("--keep", type=Path, metavar="FOLDER")
    given = parser.parse_args()
    for path in masters():
        if given.numbers and path.stem[:2] not in given.numbers:
            continue
        notebook = executed(path)
        if given.keep:
            import nbformat

            given.keep.mkdir(parents=True, exist_ok=True)
            nbformat.write(notebook, given.keep / f"{path.stem}.ipynb")
        found = taken(notebook)
        seconds.keep(path.stem, found)
        print(f"{path.stem:20} {sum(found.values()):6.0f} s in experiments, the longest "
              f"{max(found, key=found.get, default='none')}", flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
