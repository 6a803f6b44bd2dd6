"""Notebook 17: nets that were folded or rounded with a slip, each packed in a way of its own."""

import copy

import numpy as np
import torch
from torch import nn
from wrong_code import wrong


def packed(net, slip=""):
    """Arrays for the solution's restore: one scale a channel, one for all shifts of a layer."""
    arrays, parts = {}, list(net)
    for place, part in enumerate(parts):
        if isinstance(part, nn.Conv2d):
            norm = parts[place + 1]
            root = (norm.running_var + norm.eps).double() ** (1 if slip == "no root" else 0.5)
            factor = norm.weight.detach() / root
            bias = part.bias.detach() if part.bias is not None else 0
            if slip == "bias lacks the factor":
                bias = bias / factor
            mean = norm.running_mean - (0 if slip == "added to the bias" else bias)
            mean = mean if slip == "no factor" else mean * factor
            sign = -1 if slip in ("added", "added to the bias") else 1
            bias = bias * factor if slip == "added to the bias" else 0
            arrays |= shifts(place, norm.bias.detach() - sign * mean + bias)
            kernel = part.weight.detach() * (
                1 if slip == "bare kernel"
                else factor[None, :, None, None] if slip == "along what comes in"
                else factor if slip == "along the last axis"
                else factor[:, None, None, None]
            )  # fmt: skip
        elif isinstance(part, nn.Linear):
            kernel = part.weight.detach()
            arrays |= shifts(place, part.bias.detach())
        else:
            continue
        rows = kernel.reshape(len(kernel), -1).double().numpy()
        top = (rows if slip == "signed" else np.abs(rows)).max(1, keepdims=True)
        scale = np.maximum(top, 1e-3) / (128 if slip == "128" else 127)
        whole = np.round(rows / scale).astype(np.int64)
        whole = whole.clip(0) if slip == "no sign" else whole
        if slip not in ("128", "signed"):
            whole = whole.clip(-127, 127)
        arrays[f"{place}.kernel"] = whole.astype(np.int8).reshape(kernel.shape)
        arrays[f"{place}.kernel.scale"] = scale.ravel().astype(np.float16)
    return arrays


def shifts(place, values):
    """Shifts as whole numbers, and their scale."""
    scale = np.abs(values.numpy()).max(keepdims=True) / 127
    return {f"{place}.shift": np.round(values.numpy() / scale).clip(-127, 127).astype(np.int8),
            f"{place}.shift.scale": scale.astype(np.float16)}  # fmt: skip


def _packed(name, how):
    @wrong("shrink", name)
    def shrink(net):
        return packed(net, how)


_packed("shift_without_factor", "no factor")
_packed("mean_added", "added")
_packed("no_root", "no root")
_packed("kernel_without_factor", "bare kernel")
_packed("largest_wraps_round", "128")
_packed("negatives_wrap_round", "signed")
_packed("mean_added", "added to the bias")
_packed("biases_otherwise", "bias lacks the factor")
_packed("negatives_are_zero", "no sign")
_packed("factor_along_what_comes_in", "along what comes in")
_packed("factor_along_the_last_axis", "along the last axis")


@wrong("shrink", "mean_added")
def shrink(net):
    """Packed as the solution packs, from a net whose means have the other sign."""
    net = copy.deepcopy(net)
    with torch.no_grad():
        for part, norm in zip(net, list(net)[1:], strict=False):
            if isinstance(part, nn.Conv2d):
                norm.running_mean.neg_()
                if part.bias is not None:
                    norm.running_mean.add_(2 * part.bias)
    return packed(net)
