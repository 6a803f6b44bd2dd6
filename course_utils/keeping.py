"""Carrying your own layers from one notebook to the next: `keep` writes them to my_layers.py.

`my_layers` starts as the course's layers (`course_utils.layers`). What you keep takes their place
there, after its check has passed. In grading my_layers is always the course's.

The file is beside the notebook, or what COURSE_LAYERS names (on Colab, a file in your Drive).
"""

from __future__ import annotations

import inspect
import os
import sys
import tempfile
import textwrap
from collections.abc import Callable
from pathlib import Path

HEAD = '''"""Your own layers. Written by keep(...); what is not kept is the course's."""

import numpy as np  # noqa: F401 - what is kept may use it

from course_utils.layers import *  # noqa: F403
'''
MARK = "\n\n# kept: "
# What checks a function: `autograder.grade`, which autograder puts here when a check is imported.
judge: Callable | None = None
NAME = "my_layers.py"


def layers_path() -> Path:
    """Where your layers are kept: what COURSE_LAYERS names, else my_layers.py beside the notebook.
    """
    return Path(os.environ.get("COURSE_LAYERS") or NAME).expanduser()


def keep(*functions, path: str | Path | None = None) -> None:
    """Write functions whose checks pass to my_layers.py, for later notebooks to import.

    Parameters
    ----------
    functions : the functions themselves, e.g. ``keep(relu_forward, relu_backward)``
    path : where; `layers_path()` when left out

    A function that does not pass yet, or that leans on something else in the notebook, is not
    written: one sentence says which and why.
    """
    path = Path(path or layers_path())
    kept = read(path)
    before = dict(kept)
    for function in functions:
        try:
            source = textwrap.dedent(inspect.getsource(function))
        except (OSError, TypeError):
            print("keep: pass functions that are defined in this notebook, e.g. keep(relu_forward)")
            return
        kept[function.__name__] = source
    for function in functions:
        name = function.__name__
        if problem := _problem(name, _text(kept)):
            print(f"{name} is not kept: {problem}")
            kept.pop(name)
            if name in before:
                kept[name] = before[name]
    if kept == before:
        return
    _write(path, _text(kept))
    sys.modules.pop("my_layers", None)
    print(f"my_layers.py has yours now: {', '.join(kept)}. The rest is the course's.")


def forget(*names: str, path: str | Path | None = None) -> None:
    """Go back to the course's version of these functions, or of all when none is named."""
    path = Path(path or layers_path())
    kept = read(path)
    left = {name: source for name, source in kept.items() if names and name not in names}
    _write(path, _text(left))
    sys.modules.pop("my_layers", None)
    print(f"Forgotten: {', '.join(set(kept) - set(left)) or 'nothing'}.")


def read(path: str | Path) -> dict[str, str]:
    """The functions kept in a my_layers.py, by name; none when there is no such file."""
    path = Path(path)
    if not path.exists():
        return {}
    parts = path.read_text(encoding="utf-8").split(MARK)[1:]
    return {name: source.rstrip() + "\n" for name, _, source in (p.partition("\n") for p in parts)}


def _text(kept: dict[str, str]) -> str:
    return HEAD + "".join(f"{MARK}{name}\n{source}" for name, source in kept.items())


def _problem(name: str, text: str) -> str:
    """Why the function would not pass as it would stand in the file; empty when it would."""
    if judge is None:
        return "run the notebook's first cells first; they bring the checks."
    scope: dict = {"__name__": "my_layers"}
    try:
        exec(compile(text, "my_layers.py", "exec"), scope)  # the learner's own code
        verdict = judge(name, scope)
    except KeyError:
        return "no exercise bears that name."
    except Exception as error:  # noqa: BLE001 - whatever it is, the learner should read it
        return f"on its own it stops with {type(error).__name__}: {error}."
    return "" if verdict.status == "passed" else f"its check says: {verdict.message}"


def _write(path: Path, text: str) -> None:
    handle, temporary = tempfile.mkstemp(dir=path.parent or ".", suffix=".py")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    os.replace(temporary, path)
