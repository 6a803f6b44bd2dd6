"""What torch's optimizers really do, seen from outside: every update, whoever makes it."""

from __future__ import annotations

import contextlib


@contextlib.contextmanager
def updates():
    """Every update that a torch optimizer makes meanwhile: its kind, rate and weight decay."""
    from torch.optim.optimizer import register_optimizer_step_pre_hook

    made: list[tuple[str, float, float]] = []

    def before(optimizer, args, kwargs):
        group = optimizer.param_groups[0]
        decay = group.get("weight_decay", 0.0)
        made.append((type(optimizer).__name__, float(group["lr"]), float(decay)))

    hook = register_optimizer_step_pre_hook(before)
    try:
        yield made
    finally:
        hook.remove()


@contextlib.contextmanager
def last_update():
    """The bytes of each parameter, as the last update of a torch optimizer left them.

    A list that is filled meanwhile, and empty where there was none. It may be a part of a net."""
    from torch.optim.optimizer import register_optimizer_step_post_hook

    left: list[bytes] = []

    def after(optimizer, args, kwargs):
        left[:] = bytes_of(p for group in optimizer.param_groups for p in group["params"])

    hook = register_optimizer_step_post_hook(after)
    try:
        yield left
    finally:
        hook.remove()


def bytes_of(parameters) -> list[bytes]:
    """The bytes of each parameter."""
    return [p.detach().cpu().numpy().tobytes() for p in parameters]
