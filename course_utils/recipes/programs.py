"""Training programs from their source text, and a watch over who works on them."""

from __future__ import annotations

import functools
import types

import numpy as np

from course_utils.recipes.pictures import small_pictures
from course_utils.training import seeded

PATIENCE = 3000  # so many losses and steps of one program are more than any instrument needs


@functools.lru_cache(maxsize=256)
def _compiled(source: str):
    return compile(source, "<program>", "exec")


def program_class(source: str) -> type:
    """The class that a program's source defines; its first weights come from its own seed."""
    module = types.ModuleType("program")
    exec(_compiled(source), module.__dict__)
    written = module.Program

    class Program(written):
        def __init__(self, pictures, labels, seed=0):
            # A program draws first weights and dropout as torch does; whoever looks at it should
            # find the global generator as it was.
            with seeded(seed):
                super().__init__(pictures, labels, seed)

    Program.__module__ = Program.__qualname__ = "Program"
    return Program


def started(source: str, kind: str, classes: int, n: int, seed: int):
    """A program before its first step, on small pictures."""
    return program_class(source)(*small_pictures(kind, classes, n, seed), seed)


class OutOfPatience(RuntimeError):
    """An instrument works on a program without end."""


def watched(source: str, kind: str, classes: int, n: int, seed: int):
    """A program as `started` gives it, that stops whoever asks it for losses without end.

    What `fresh` gives counts with it. The count lies in the class's `asked`.
    """
    plain = program_class(source)

    def counting(method):
        def call(self, *args):
            type(self).asked += 1
            if type(self).asked > PATIENCE:
                raise OutOfPatience(
                    f"This instrument has asked one program more than {PATIENCE:,} times for a "
                    "loss or a step."
                )
            return method(self, *args)

        return call

    class Program(plain):
        asked = 0
        loss, step = counting(plain.loss), counting(plain.step)

    Program.__module__ = Program.__qualname__ = "Program"
    return Program(*small_pictures(kind, classes, n, seed), seed)


def standing(program) -> dict[str, np.ndarray]:
    """What an instrument must leave as it was: weights, statistics, modes, what is trained."""
    net = program.net
    found = {name: value.detach().numpy().copy() for name, value in net.state_dict().items()}
    found["modes"] = np.array([module.training for module in net.modules()])
    found["trained"] = np.array([p.requires_grad for p in net.parameters()])
    return found
