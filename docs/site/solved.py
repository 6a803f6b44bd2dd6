"""The solved notebooks, executed, and the store that keeps them until something they rest on
changes. How they become pages is `pages`; the site is made by `build`."""

from __future__ import annotations

import ast
import hashlib
import os
import platform
import re
import tempfile
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from autograder.authoring.build.masters import Master, answers, masters
from autograder.authoring.build.notebooks import teachers_notebook
from autograder.learning.progress_file import FILE_NAME
from autograder.paths import CHECKOUT

# Seconds for one cell; the slowest takes about half a minute on a quiet machine.
CELL = 900
# What decides an output besides the course's own files.
PACKAGES = ("numpy", "torch", "torchvision", "matplotlib", "scikit-learn", "ipywidgets")
ROOMS = CHECKOUT / "autograder" / "exercises"


class NotebookFailed(Exception):
    """A solved notebook did not run to its end: which one, which cell, and what it said."""


def solved_notebook(master: Master):
    """The teacher's notebook with the right answer to every question in its cell; no outputs."""
    notebook = teachers_notebook(master)
    right = answers(master)
    for cell in notebook.cells:
        if cell.id in right:
            cell.source = re.sub(
                rf"^{cell.id}\s*=\s*\.\.\.(?:  # .*)?(?:\n# If you like.*)?",
                lambda _, name=cell.id: f"{name} = {_literal(right[name])}",
                cell.source, flags=re.MULTILINE,
            )  # fmt: skip
    return notebook


def executed(master: Master, store: Path, quick: bool):
    """The solved notebook with its outputs, and whether it had to be run for that.

    Parameters
    ----------
    store : the folder of what has been run before; written to
    quick : run with COURSE_QUICK=1, which shortens experiments

    Raises NotebookFailed when a cell raises or takes longer than `CELL` seconds.
    """
    import nbformat

    notebook = solved_notebook(master)
    kind = "quick" if quick else "full"
    path = store / f"{master.name}.{kind}.{fingerprint(master, notebook)}.ipynb"
    if path.exists():
        return nbformat.read(path, as_version=4), False
    _run(notebook, master.name, quick)
    store.mkdir(parents=True, exist_ok=True)
    for outdated in store.glob(f"{master.name}.{kind}.*.ipynb"):
        outdated.unlink()
    # Under another name until it is whole, so that an interrupted run leaves nothing half written.
    partial = path.with_suffix(".partial")
    nbformat.write(notebook, partial)
    os.replace(partial, path)
    return notebook, True


def _run(notebook, name: str, quick: bool) -> None:
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

    # Some notebooks write files beside themselves, and a panel links to what lies beside it.
    with tempfile.TemporaryDirectory(prefix="course-site-") as folder:
        for path in masters():
            Path(folder, f"{path.stem}.ipynb").touch()
        # A learner who begins, with a progress file of their own.
        environment = {
            **os.environ, "COURSE_PROGRESS": str(Path(folder, FILE_NAME)),
            "COURSE_QUICK": "1" if quick else "",
        }  # fmt: skip
        client = NotebookClient(
            notebook, timeout=CELL, kernel_name="python3", store_widget_state=False,
            extra_arguments=["--IPKernelApp.log_level=ERROR"],
            resources={"metadata": {"path": folder}},
        )  # fmt: skip
        try:
            client.execute(env=environment)
        except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
            raise NotebookFailed(
                f"The solved notebook {name} does not run to its end, so there is no site of it. "
                f"Mend its master and run make site again; what has run is kept.\n{error}"
            ) from None


# What an output rests on.


def fingerprint(master: Master, notebook) -> str:
    """Changes when the outputs may: with the cells, the code that they reach, shipped data, and
    the versions of what they compute with."""
    digest = hashlib.sha256()
    code = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    for part in (platform.python_version(), *map(_version, PACKAGES), *code):
        digest.update(part.encode() + b"\0")
    digest.update(hashlib.sha256(Path(__file__).read_bytes()).digest())  # how they are run
    for path in [*sorted(reached(master.name, code)), *_shipped()]:
        digest.update(str(path.relative_to(CHECKOUT)).encode() + b"\0")
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]


def reached(name: str, code: list[str]) -> set[Path]:
    """The course's own files that a notebook's cells and its checks import, directly or not.

    The list of rooms imports every exercise by name; only this notebook's decide its verdicts.
    """
    found: set[Path] = set()
    mine = f'NOTEBOOK = "{name}"'
    todo = [path for path in ROOMS.glob("*.py") if mine in path.read_text(encoding="utf-8")]
    for source in code:
        todo += _imported(source)
    while todo:
        path = todo.pop()
        if path not in found:
            found.add(path)
            todo += _imported(path.read_text(encoding="utf-8"))
    return found


def _imported(source: str) -> list[Path]:
    # A cell may hold a magic, which is no Python; nothing of the course is imported in its line.
    lines = ("pass" if re.match(r"\s*[%!]", line) else line for line in source.splitlines())
    try:
        tree = ast.parse("\n".join(lines))
    except SyntaxError:  # a cell magic with text of another language below it
        return []
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
    files = []
    for name in names:
        if name.partition(".")[0] not in ("autograder", "course_utils"):
            continue
        place = CHECKOUT.joinpath(*name.split("."))
        files += [p for p in (place.with_suffix(".py"), place / "__init__.py") if p.is_file()]
    return files


def _shipped() -> list[Path]:
    """The small data that is part of the course; a download is not."""
    data = CHECKOUT / "data"
    return sorted([*data.glob("*.pt"), *(p for p in data.glob("results/**/*") if p.is_file())])


def _version(package: str) -> str:
    try:
        return f"{package} {version(package)}"
    except PackageNotFoundError:
        return f"{package} absent"


def _literal(value) -> str:
    """A right answer as a learner would type it."""
    plain = value.item() if hasattr(value, "item") and getattr(value, "ndim", 0) == 0 else value
    return repr(plain.tolist() if hasattr(plain, "tolist") else plain)
