"""Nets taken apart: what layers they compute with, in order, and with weights that follow from the
layers' sizes, so that two nets of one build agree however they were written."""

from __future__ import annotations

import zlib

import numpy as np
import torch
from torch import nn

from course_utils.recipes import modules

LAYERS = (nn.Conv2d, nn.Linear, nn.BatchNorm2d)


def describe(layer: nn.Module) -> str:
    """A layer in words: "conv 8→4, 1×1", "affine 20→3", "batch norm of 4"."""
    if isinstance(layer, nn.Conv2d):
        words = f"conv {layer.in_channels}→{layer.out_channels}, "
        words += "×".join(str(k) for k in layer.kernel_size)
        stride = "×".join(str(s) for s in layer.stride)
        words += "" if set(layer.stride) == {1} else f", stride {stride}"
        return words + ("" if layer.groups == 1 else f", {layer.groups} groups")
    if isinstance(layer, nn.Linear):
        return f"affine {layer.in_features}→{layer.out_features}"
    return f"batch norm of {layer.num_features}"


def layers(net: nn.Module, x: torch.Tensor) -> list[nn.Module]:
    """The layers of `net` that have weights, in the order in which a forward pass calls them."""
    called: list[nn.Module] = []
    hooks = [
        layer.register_forward_pre_hook(lambda layer, _: called.append(layer))
        for layer in net.modules()
        if isinstance(layer, LAYERS)
    ]
    net.eval()
    try:
        with torch.no_grad():
            net(x)
    finally:
        for hook in hooks:
            hook.remove()
    return called


def fill(called: list[nn.Module]) -> None:
    """Give layers weights that depend on nothing but their sizes and which of that size they are.

    Layers of one size follow each other in the order of the list; all batch norms of one size are
    alike.
    """
    met: dict[str, int] = {}
    for layer in dict.fromkeys(called):
        words = describe(layer)
        norm = isinstance(layer, nn.BatchNorm2d)
        number = met[words] = 0 if norm else met.get(words, 0) + 1
        rng = np.random.default_rng([zlib.crc32(words.encode()), number])

        def put(tensor, values):
            if tensor is not None:
                tensor.data = torch.tensor(values, dtype=tensor.dtype, device=tensor.device)

        size = tuple(layer.weight.shape)
        if norm:
            put(layer.weight, rng.uniform(0.5, 2, size))
            put(layer.running_mean, rng.normal(size=size) / 2)
            put(layer.running_var, rng.uniform(0.3, 3, size))
        else:
            put(layer.weight, rng.normal(size=size) / np.sqrt(np.prod(size[1:]) / 2))
        put(layer.bias, rng.normal(size=size[0]) / 2)


def _in_double(build):
    """What `build()` makes with float64 as torch's default, which is put back.

    Layers that a module does not know of are not among those that `.double()` reaches.
    """
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    try:
        return build()
    finally:
        torch.set_default_dtype(before)


def examine(
    build, x: np.ndarray, in_order: bool = True, training: bool = False, device: str = "cpu"
) -> dict:
    """What the net that `build()` makes is and does.

    Parameters
    ----------
    build : makes the net; its first weights come from a fixed seed, and are then replaced
    x : float64, N×C×H×W
    in_order : False where the order of the layers is the writer's to choose; then it is the
        alphabet's
    training : whether the output in training mode is looked at, too

    Returns
    -------
    dict
        `layers` in words; `parameters`, how many numbers are learned; `out` in test mode, and
        `out while training`. Outputs are None where nothing is learned, since the net then keeps
        its weights to itself.
    """
    net = modules.seeded(lambda: _in_double(build), 0)
    parameters = sum(p.numel() for p in net.parameters())
    net = net.double().to(device)
    x = torch.from_numpy(x).to(device)
    called = layers(net, x)
    words = [describe(layer) for layer in called]
    seen = {"layers": words if in_order else sorted(words), "parameters": parameters}
    seen |= dict.fromkeys(("out", "out while training") if training else ("out",))
    if parameters:
        fill(called)
        seen["out"] = net(x).detach()
        if training:
            seen["out while training"] = net.train()(x).detach()
    return seen
