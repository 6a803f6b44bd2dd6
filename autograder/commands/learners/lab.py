"""`course lab`: opens JupyterLab on the course. What happens in the browser is JupyterLab's."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import click

from autograder.learning.progress_file import FILE_NAME
from autograder.paths import CHECKOUT, notebooks_anywhere, notebooks_in

FIRST = "00_start"
# Jupyter's own, and the folder of a checkout in which the solutions are.
NOT_LISTED = ("__pycache__", "*.pyc", "*.pyo", ".DS_Store", "*~", "source")


@click.command("lab")
@click.argument("notebook", required=False, metavar="[NOTEBOOK]")
@click.option("--no-browser", is_flag=True, help="Only print the address, for a remote machine.")
@click.option("--port", type=click.IntRange(0, 65535), metavar="N",
              help="Port to listen on, 8888 by default.")  # fmt: skip
def command(notebook: str | None, no_browser: bool, port: int | None) -> None:
    """Open JupyterLab on the course, or on one notebook of it.

    \b
    Examples:
      course lab                     # the course; the first time, notebook 00_start
      course lab 02                  # notebook 02; 02_activations does the same
      course lab --no-browser --port 9000

    To stop JupyterLab, press Ctrl-C twice.
    """
    arguments = lab_arguments(notebook, no_browser, port)
    if importlib.util.find_spec("jupyterlab") is None:
        raise click.ClickException(
            f"JupyterLab is not installed beside {sys.executable}. In the course folder run "
            "'make setup', or: pip install -c constraints.txt -e '.[lab]'"
        )
    run([sys.executable, "-m", "jupyterlab", *arguments])


def lab_arguments(notebook: str | None, no_browser: bool, port: int | None) -> list[str]:
    """What JupyterLab is called with. Raises ClickException when a notebook does not exist."""
    folder = notebooks_anywhere()
    if folder is None and notebook is not None:
        raise click.ClickException(
            f"There are no notebooks (NN_name.ipynb) in {Path.cwd()} or its folder 'notebooks'. "
            "Go to the course folder and try again."
        )
    # The notebooks and nothing else: what else a checkout holds is no learner's business.
    root = folder or CHECKOUT
    arguments = [f"--ServerApp.root_dir={root}"]
    if notebook is None and folder and not (folder / FILE_NAME).exists():
        notebook = first_of(folder)
    if notebook is not None:
        # As the default address, it is also in what --no-browser prints.
        path = find_notebook(folder, notebook).relative_to(root).as_posix()
        arguments.append(f"--LabApp.default_url=/lab/tree/{quote(path)}")
    if folder and folder.parent == CHECKOUT:
        arguments += [f"--ContentsManager.hide_globs={glob}" for glob in NOT_LISTED]
    return [
        *arguments,
        # Whoever is root already, as one is in most containers, gains nothing by a refusal.
        *(["--allow-root"] if getattr(os, "geteuid", lambda: 1)() == 0 else []),
        *(["--no-browser"] if no_browser else []),
        *([f"--port={port}"] if port is not None else []),
    ]


def find_notebook(folder: Path, wanted: str) -> Path:
    """The notebook with number or name `wanted`; ClickException naming all when there is none."""
    stem = Path(wanted).name.removesuffix(".ipynb")
    number = stem.zfill(2)
    existing = notebooks_in(folder)
    for path in existing:
        if path.stem == stem or path.stem[:2] == number:
            return path
    names = "\n".join(f"  {path.stem}" for path in existing)
    raise click.ClickException(f"There is no notebook '{wanted}' in {folder}; there are\n{names}")


def first_of(folder: Path) -> str | None:
    """The notebook that says how the course works, where it is there."""
    return next((path.stem for path in notebooks_in(folder) if path.stem == FIRST), None)


def run(call: list[str]) -> None:
    """Become the called program; where a process cannot, run it and leave with its exit code."""
    sys.stdout.flush()
    if os.name == "posix":
        os.execv(call[0], call)
    sys.exit(subprocess.call(call))
