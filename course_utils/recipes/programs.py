"""Training programs from their source text, and a watch over who works on them."""

from __future__ import annotations

import contextlib
import functools
import io
import types

import numpy as np

from course_utils.recipes.instruments.optimizers import updates
from course_utils.recipes.pictures import small_pictures
from course_utils.training import seeded

PATIENCE = 2000  # so many losses and steps of one program are more than any instrument needs


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
    module = types.ModuleType("program")
    module.__dict__.update(Written=program_class(source), patience=PATIENCE, Stop=OutOfPatience)
    exec(_compiled(_WATCH), module.__dict__)
    module.Program.__module__ = "Program"
    return module.Program(*small_pictures(kind, classes, n, seed), seed)


# As text, so that there is no source to be had of a watched program either.
_WATCH = """
class Program(Written):
    asked = 0

    @classmethod
    def count(cls):
        cls.asked += 1
        if cls.asked > patience:
            raise Stop(
                f"This instrument has asked one program more than {patience:,} times for a loss "
                "or a step."
            )

    def loss(self, batch):
        self.count()
        return super().loss(batch)

    def step(self, batch):
        self.count()
        return super().step(batch)
"""


def standing(program) -> dict[str, np.ndarray]:
    """What an instrument must leave as it was: weights, statistics, modes, what is trained."""
    net = program.net
    found = {name: value.detach().numpy().copy() for name, value in net.state_dict().items()}
    found["modes"] = np.array([module.training for module in net.modules()])
    found["trained"] = np.array([p.requires_grad for p in net.parameters()])
    return found


def tried(instrument, programs: list[dict]) -> dict:
    """What an instrument says of one program after the other, and what it leaves behind.

    Parameters
    ----------
    instrument : callable, takes a program; False is an alarm
    programs : dicts with what `watched` takes

    Returns
    -------
    dict with alarms (bool, one a program), gives (what kind of answer), and in words how the
    program, the global generators, torch's gradients and the screen were left
    """
    import torch

    alarms, gives, afterwards, generators = [], set(), "as it was", "left alone"
    switch = "on"
    printed = io.StringIO()
    for given in programs:
        program = watched(**given)
        before = standing(program)
        # Dropout is drawn alike whatever was looked at before this program, and who switches
        # gradients off does so for this one alone.
        with (seeded(given["seed"]), contextlib.redirect_stdout(printed), torch.enable_grad()):
            random_before = _global_seeds()
            answer = instrument(program)
            if _global_seeds() != random_before:
                generators = "seeded"
            if not torch.is_grad_enabled():
                switch = "off"
        gives.add(_kind(answer))
        alarms.append(not bool(answer))
        after = standing(program)
        if any(not np.array_equal(before[name], after[name], equal_nan=True)
               if before[name].dtype.kind == "f" else not np.array_equal(before[name], after[name])
               for name in before):  # fmt: skip
            afterwards = "changed"
    return {
        "alarms": np.array(alarms),
        "gives": A_TENSOR if A_TENSOR in gives else " and ".join(sorted(gives)),
        "the program afterwards": afterwards,
        "global generators": generators,
        "gradients": switch,
        "printed": "something" if printed.getvalue() else "nothing",
    }


A_TENSOR = "a tensor"


def _kind(answer) -> str:
    """What kind of answer that is, in words."""
    import torch

    if isinstance(answer, (bool, np.bool_)):
        return "True or False"
    if isinstance(answer, torch.Tensor):
        return A_TENSOR
    return "nothing" if answer is None else f"a {type(answer).__name__}"


def _global_seeds() -> tuple:
    """Changes when somebody seeds a global generator, and not when somebody draws from it."""
    import torch

    return torch.initial_seed(), np.random.get_state()[1][0]


A_PROGRAM = "a program"
EPOCHS = 3  # so many show a schedule, and few enough that rounding stays small
# What is seen where there is no program.
NOTHING = {"losses": np.zeros(EPOCHS), "reported": np.zeros(2 * EPOCHS),
           "rates": np.zeros(EPOCHS)}  # fmt: skip


def numbers(source: str, kind: str, classes: int, n: int, seed: int) -> dict[str, np.ndarray]:
    """What a program shows over its first epochs: losses, reported accuracies, and the rate of each
    epoch's last update, as an optimizer makes it, whatever name the program has for that."""
    program = started(source, kind, classes, n, seed)
    losses, reported, rates = [], [], []
    with seeded(seed):
        for _ in range(EPOCHS):
            with updates() as made:
                losses.append(float(np.mean([program.step(batch) for batch in program.batches])))
            rates.append(made[-1][1] if made else 0.0)
            program.end_of_epoch()
            # Measured twice, since that should change nothing.
            reported += [program.evaluate(), program.evaluate()]
    return {
        "losses": np.array(losses), "reported": np.array(reported), "rates": np.array(rates)
    }  # fmt: skip


def mended(patch, source: str, kind: str, classes: int, n: int, seed: int) -> dict:
    """What a program shows whose source somebody has mended, and in words what was given."""
    text = patch(source)
    if not isinstance(text, str):
        return {"form": "no text", **NOTHING}
    try:
        return {"form": A_PROGRAM, **numbers(text, kind, classes, n, seed)}
    except Exception:  # noqa: BLE001 - whatever a mended text can raise; its form is what counts
        return {"form": "a text that does not run", **NOTHING}
