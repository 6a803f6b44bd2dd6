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
