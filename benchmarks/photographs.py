"""The notebooks' experiments that run on photographs of CIFAR-10.

python benchmarks/photographs.py FOLDER [NN ...]

FOLDER holds CIFAR-10's files or `cifar10*.npz`. What runs is the function `on_pictures` of each
notebook's master, with more pictures, epochs and seeds than in the notebook: at most a minute and
a half each on a slow processor. The results go to data/results/photographs.json, which keeps the
notebooks that are not named. Only numbers are stored, no pictures.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import hashlib
import io
import json
import os
import time
from pathlib import Path

CELL = "on_photographs"  # of each master; it defines what runs
# Training pictures, others to measure on, and what else on_pictures takes.
RUNS = {
    "05": (500, 500, {"epochs": 20, "seeds": 1}),
    "06": (3000, 1000, {"epochs": 4, "seeds": 3}),
    "07": (500, 500, {"epochs": 6, "seeds": 2}),
    "10": (3000, 1000, {"epochs": 8, "seeds": 3}),
    "15": (2000, 1000, {"sizes": (5, 20, 100), "seeds": 3}),
}


def written_as(source: str) -> str:
    """A digest of a cell's functions, whatever their docstrings and comments say."""
    tree = ast.parse(source)
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    for node in ast.walk(ast.Module(functions, [])):
        if isinstance(node, ast.FunctionDef) and ast.get_docstring(node) is not None:
            node.body = node.body[1:]
    text = "\n".join(ast.dump(node) for node in functions)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def experiment(number: str):
    """(source of the cell, its function) of the notebook whose number this is."""
    from autograder.authoring.build import masters

    (path,) = masters.SOURCE.glob(f"{number}_*.py")
    master = masters.load(path)
    cell = master.cell(CELL)
    names = masters.namespace(master)
    functions = [node for node in ast.parse(cell.source).body if isinstance(node, ast.FunctionDef)]
    for node in functions:
        masters.run(ast.get_source_segment(cell.source, node), names, f"{path.stem}: {node.name}")
    return cell.source, names["on_pictures"]


def stored_run(number: str, train: int, held_out: int, options: dict) -> dict:
    import torch

    from course_utils import datasets

    pictures = datasets.photographs_or_shapes(train, held_out)
    if not pictures.photographs:
        raise SystemExit(f"No photographs to run on: {pictures.about}")
    with contextlib.redirect_stdout(io.StringIO()):
        source, on_pictures = experiment(number)
    torch.set_num_threads(1)
    start = time.perf_counter(), time.process_time()
    found = on_pictures(pictures, **options)
    lasted = time.perf_counter() - start[0], time.process_time() - start[1]
    said = ", ".join(f"{name} {value}" for name, value in options.items())
    available = datasets.cifar10(validation=0, download=False).train_x
    return {
        "about": f"{pictures.about[:-1]}, out of {len(available):,} of its training images; {said}",
        "training images at hand": len(available),
        "made by": f"python benchmarks/photographs.py FOLDER {number}",
        "with": f"torch {torch.__version__}, CPU, 1 thread",
        "seconds": round(lasted[0], 1),
        "processor seconds": round(lasted[1], 1),
        "written as": written_as(source),
        "pictures": [len(pictures.train[0]), len(pictures.held_out[0])],
        "options": options,
        "found": found,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument(
        "notebooks", nargs="*", metavar="NN", help="all of them where none is named"
    )
    parser.add_argument("--into", type=Path, help="another file than data/results/photographs.json")
    options = parser.parse_args()
    if unknown := set(options.notebooks) - set(RUNS):
        parser.error(f"no experiment on photographs in {', '.join(sorted(unknown))}")
    os.environ["COURSE_DATA"] = str(options.folder)

    from course_utils.results import FOLDER

    path = options.into or FOLDER / "photographs.json"
    for number in options.notebooks or RUNS:
        run = stored_run(number, *RUNS[number])
        stored = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
        stored = dict(sorted((stored | {number: run}).items()))
        path.write_text(json.dumps(stored, indent=1) + "\n", encoding="utf-8")
        print(f"{number}: {run['about']}, {run['seconds']} s", flush=True)


if __name__ == "__main__":
    main()
