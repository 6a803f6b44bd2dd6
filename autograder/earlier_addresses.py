"""Addresses that stand in files which outlive a move: released notebooks, classes' configurations,
scripts. What is named there is found at its place of today; the addresses are for ever."""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import find_spec

# Each with the file that names it.
ADDRESSES = {
    "autograder.cli": "autograder.commands.cli",  # the `course` script of an older installation
    "autograder.colab": "autograder.learning.colab",  # each notebook's set-up cell
    "autograder.doctor": "autograder.learning.machine",  # 00_start
    "autograder.grading.exports": "autograder.grading.marks.exports",  # nbgrader export --exporter
    "autograder.grading.gradescope_run": "autograder.grading.gradescope.container",  # its script
    "autograder.grading.stock": "autograder.grading.pipeline.nbgrader_steps",  # nbgrader_config.py
}


class _Forwarding(MetaPathFinder, Loader):
    """Finds an earlier address and gives the module of today for it."""

    def find_spec(self, fullname, path=None, target=None):
        if fullname not in ADDRESSES:
            return None
        # The origin is what python -m takes for the program's name.
        return ModuleSpec(fullname, self, origin=find_spec(ADDRESSES[fullname]).origin)

    def create_module(self, spec):
        return None  # an empty one, which exec_module puts the real one in the place of

    def exec_module(self, module):
        sys.modules[module.__name__] = import_module(ADDRESSES[module.__name__])

    def get_code(self, fullname):  # for python -m
        return compile(f"from {ADDRESSES[fullname]} import main; main()", fullname, "exec")


def serve() -> None:
    """Let earlier addresses be imported in this process."""
    if not any(isinstance(finder, _Forwarding) for finder in sys.meta_path):
        sys.meta_path.append(_Forwarding())
