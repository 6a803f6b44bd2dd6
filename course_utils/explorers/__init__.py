"""The explorers: one module for a notebook's topic; what they share is in `explorer`.

Nothing heavy is imported here.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable


def every() -> dict[str, Callable]:
    """All explorers of the course, "module.function" → the function that makes one.

    They are the public functions of this folder's modules that say they return an `Explorer`.
    Each can be called without arguments.
    """
    found = {}
    for module in sorted(info.name for info in pkgutil.iter_modules(__path__)):
        room = importlib.import_module(f"{__name__}.{module}")
        for name, one in vars(room).items():
            own = inspect.isfunction(one) and one.__module__ == room.__name__
            if own and one.__annotations__.get("return") == "Explorer" and name != "explore":
                found[f"{module}.{name}"] = one
    return found
