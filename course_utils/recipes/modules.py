"""Torch modules built from a seed, and what learners' code may have left on them."""

from __future__ import annotations

import torch


def seeded(build, seed: int):
    """What `build()` makes when torch's global generator starts at `seed`, which is put back.

    Building a module draws its weights from that generator: without this it would look as if
    the learner's code had touched it.
    """
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(seed)
        return build()


def outputs(net: torch.nn.Module, x: torch.Tensor):
    """`net(x)` for N×C×H×W pictures laid out channels last, in which a CPU pools twice as fast; as
    they are where the net cannot take them so, as with `view` of a map."""
    try:
        return net(x.contiguous(memory_format=torch.channels_last))
    except RuntimeError:
        return net(x)


HOOKS = (
    "_forward_hooks", "_forward_pre_hooks", "_backward_hooks", "_backward_pre_hooks",
)  # fmt: skip


def hooks(model: torch.nn.Module) -> int:
    """How many hooks are on the model and the modules in it."""
    return sum(len(getattr(module, kind)) for module in model.modules() for kind in HOOKS)


def weights(model: torch.nn.Module) -> dict:
    """The model's parameters and buffers by name, copied."""
    return {name: value.detach().clone() for name, value in model.state_dict().items()}
