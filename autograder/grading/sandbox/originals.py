"""What observing rests on in a learner's process, kept before the notebook runs and put back before
an exercise is observed: then what was honest is seen, whatever was replaced after it."""

from __future__ import annotations

import builtins
import sys
import threading
from types import ModuleType

# What notebooks rest on, too; who replaces any of it is told so.
GUARDED = ("builtins", "numpy", "numpy.linalg", "numpy.random", "torch", "torch.nn.functional")
# What observing and telling of it use besides.
USED = (
    "contextlib", "dis", "functools", "inspect", "io", "json", "json.encoder", "linecache", "os",
    "random", "struct", "traceback", "types", "warnings",
)  # fmt: skip
LISTS = ("meta_path", "path_hooks", "path")  # of sys: where imports are looked for


class Originals:
    """Functions, classes and modules in modules, to find those that a notebook replaced."""

    def __init__(self, names=GUARDED, used=USED):
        self._kept = {name: self._of(name) for name in (*names, *used) if name in sys.modules}
        self._told = frozenset(names)
        self._lists = {name: list(getattr(sys, name)) for name in LISTS}
        self._depth = sys.getrecursionlimit()

    @staticmethod
    def _of(name: str) -> tuple[ModuleType, dict]:
        module = sys.modules[name]
        kept = {n: v for n, v in vars(module).items() if callable(v) or isinstance(v, ModuleType)}
        return module, kept

    def put_back(self, *, only_builtins: bool = False) -> list[str]:
        """Undo what was replaced or deleted; returns the names of what notebooks rest on, such as
        "numpy.allclose"."""
        replaced = []
        for name, (module, kept) in self._kept.items():
            if only_builtins and module is not builtins:
                continue
            if not only_builtins:
                sys.modules[name] = module
            now = vars(module)
            for own, value in kept.items():
                if now.get(own) is not value:
                    now[own] = value
                    if name in self._told:
                        replaced.append(f"{name}.{own}")
        if not only_builtins:
            for name in self._told - set(self._kept):  # a real one has been imported from somewhere
                if name in sys.modules and getattr(sys.modules[name], "__spec__", None) is None:
                    del sys.modules[name]
            self._put_back_the_interpreters()
        return replaced

    def _put_back_the_interpreters(self) -> None:
        """What is no module's: where imports are looked for, who looks on, how deep calls go."""
        for looking_on in (sys.settrace, sys.setprofile, threading.settrace, threading.setprofile):
            looking_on(None)
        sys.setrecursionlimit(max(self._depth, sys.getrecursionlimit()))
        for name, kept in self._lists.items():
            now = getattr(sys, name, None)
            # What a notebook has put in front stays in reach, behind what was there.
            more = [one for one in now if one not in kept] if isinstance(now, list) else []
            if not isinstance(now, list):
                setattr(sys, name, [*kept])
            elif any(one not in now for one in kept) or (name == "meta_path" and more):
                now[:] = [*kept, *more]
