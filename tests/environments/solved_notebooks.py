"""Four solved notebooks, run in this environment: no cell stops, every check says that it is right.

The notebooks are made from the checkout; what runs them has the course as it is installed here.
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# Explorers and plots, a long chain of checks, devices and threads, torchvision's nets.
NOTEBOOKS = ("02_activations", "06_batchnorm", "12_gpu", "15_transfer")
SECONDS = 300  # for one cell
WHERE = "import autograder\nprint(autograder.__file__)"


def main(installed: str) -> int:
    """Run them; `installed` is where the course must come from."""
    sys.path[:0] = [str(ROOT), str(ROOT / "docs" / "site")]
    from nbformat.v4 import new_code_cell
    from solved import solved_notebook

    from autograder.authoring.build.masters import SOURCE, load

    wrong = []
    for name in NOTEBOOKS:
        master = load(SOURCE / f"{name}.py")
        notebook = solved_notebook(master)
        notebook.cells.append(new_code_cell(WHERE))
        try:
            run(notebook)
        except Exception as error:  # noqa: BLE001 - a cell raises what it likes
            wrong.append(f"{name} stops: {str(error).strip()[-1500:]}")
            continue
        place = text(notebook.cells[-1]).strip()
        if not place.startswith(installed):
            wrong.append(f"{name} ran with the course of {place}, not that of {installed}")
        checked = [cell for cell in notebook.cells if cell.get("id", "").startswith("check_")]
        not_right = [cell.id for cell in checked if "✓ Right" not in text(cell)]
        wrong += [f"{name}: {identity} does not say that it is right" for identity in not_right]
        print(f"{name}: {len(checked) - len(not_right)} of {len(checked)} checks are right",
              flush=True)  # fmt: skip
    for sentence in wrong:
        print(sentence, file=sys.stderr)
    return int(bool(wrong))


def run(notebook) -> None:
    from nbclient import NotebookClient

    with tempfile.TemporaryDirectory(prefix="course-environment-") as folder:
        progress = str(Path(folder, "progress.json"))
        client = NotebookClient(
            notebook, timeout=SECONDS, kernel_name="python3", store_widget_state=False,
            extra_arguments=["--IPKernelApp.log_level=ERROR"],
            resources={"metadata": {"path": folder}},
        )  # fmt: skip
        client.execute(env={**os.environ, "COURSE_QUICK": "1", "COURSE_PROGRESS": progress})


def text(cell) -> str:
    """All that a cell's outputs say, tags taken out."""
    said = []
    for output in cell.outputs:
        said.append(output.get("text", ""))
        said += [str(value) for kind, value in output.get("data", {}).items() if "text" in kind]
    return re.sub(r"<[^>]*>", "", "\n".join(said))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
