"""Notebook 17: nets that were shrunk too little, too much, or not to be had back."""

import copy

import numpy as np
import torch
from torch import nn
from wrong_code import wrong


def folded(net, per_channel=True, eps=True, wide=False, shifts=np.int8):
    """The solution with one thing changed, for the solution's own restore."""
    arrays, parts = {}, list(net)
    for place, part in enumerate(parts):
        if not isinstance(part, (nn.Conv2d, nn.Linear)):
            continue
        kernel = part.weight.detach().clone()
        shift = torch.zeros(len(kernel)) if part.bias is None else part.bias.detach().clone()
        if isinstance(part, nn.Conv2d):
            norm = parts[place + 1]
            factor = norm.weight.detach() / torch.sqrt(norm.running_var + norm.eps)
            if per_channel:
                kernel *= factor[:, None, None, None]
            if eps:
                shift = norm.bias.detach() + (shift - norm.running_mean) * factor
        for name, values in (("kernel", kernel), ("shift", shift)):
            rows = values.reshape(len(values), -1) if name == "kernel" else values[None]
            scale = rows.abs().amax(1).clamp(min=1e-4)
            if not per_channel:
                scale = scale.amax().expand(len(scale))
            scale = scale / 127
            whole = (rows / scale[:, None]).round()
            if not per_channel and name == "kernel" and isinstance(part, nn.Conv2d):
                # What is left of a channel is scaled by its norm only afterwards.
                whole = whole * factor[:, None].sign()
                scale = scale * factor.abs()
            kind = np.int32 if wide else np.int8
            arrays[f"{place}.{name}"] = whole.reshape(values.shape).numpy().astype(kind)
            arrays[f"{place}.{name}.scale"] = scale.half().numpy()
            if shifts is not np.int8 and name == "shift":
                arrays[f"{place}.{name}"] = arrays[f"{place}.{name}"].astype(shifts)
    return arrays


@wrong("shrink", "half_precision")
def shrink(net):
    arrays = folded(net)
    for name in [name for name in arrays if not name.endswith("scale")]:
        scale = arrays[f"{name}.scale"].astype(np.float32)
        values = arrays[name] * scale.reshape(-1, *[1] * (arrays[name].ndim - 1))
        arrays[name] = values.astype(np.float16)
        arrays[f"{name}.scale"] = np.ones(len(scale), np.float16)
    return arrays


@wrong("shrink", "whole_numbers_in_wide_arrays")
def shrink(net):
    return folded(net, wide=True)


@wrong("shrink", "norms_in_full")
def shrink(net):
    return folded(net, shifts=np.float64)


@wrong("shrink", "one_scale_for_all_channels")
def shrink(net):
    return folded(net, per_channel=False)


@wrong("shrink", "statistics_forgotten")
def shrink(net):
    return folded(net, eps=False)


@wrong("shrink", "own_net_changed")
def shrink(net):
    arrays = folded(net)
    with torch.no_grad():
        for parameter in net.parameters():
            parameter.copy_((parameter * 127).round() / 127)
    return arrays


@wrong("shrink", "views_of_the_net")
def shrink(net):
    arrays = folded(net)
    arrays["1.eps"] = net[1].num_batches_tracked.reshape(1).numpy()
    return arrays


@wrong("shrink", "bytes_for_a_dict")
def shrink(net):
    return b"".join(array.tobytes() for array in folded(net).values())


@wrong("shrink", "tensors_for_arrays")
def shrink(net):
    return {name: torch.from_numpy(array) for name, array in folded(net).items()}


@wrong("shrink", "another_kind_in_the_dict")
def shrink(net):
    return {**folded(net), "scale": 0.5}


@wrong("shrink", "tuples_in_the_dict")
def shrink(net):
    return {name: (array, 1) for name, array in folded(net).items()}


@wrong("shrink", "names_of_parameters_missing")
def shrink(net):
    return {f"net.{name}": array for name, array in folded(net).items()}


@wrong("shrink", "restores_nothing")
def restore(arrays, net):
    net.eval()


def put_back(arrays, net, statistics=True, biases=True, variance=1.0, last=None):
    """The solution's restore with one thing left out, or with the last layer's weights and bias as
    `last` makes them of what they are to be."""
    with torch.no_grad():
        for name, array in arrays.items():
            place, _, what = name.partition(".")
            if what.endswith("scale"):
                continue
            part, scale = net[int(place)], torch.from_numpy(arrays[f"{name}.scale"]).float()
            values = torch.from_numpy(array).float()
            values *= scale.reshape(-1, *[1] * (values.ndim - 1))
            if what == "kernel":
                part.weight.copy_(values)
                continue
            if isinstance(part, nn.Conv2d):
                if biases and part.bias is not None:
                    part.bias.zero_()
                part = net[int(place) + 1]
                if statistics:
                    part.running_mean.zero_()
                    part.running_var.fill_(max(variance - part.eps, 0))
                part.weight.fill_(1)
            part.bias.copy_(values)
        if last:
            last(net[-1], arrays[f"{len(net) - 1}.kernel"])
    return net


@wrong("shrink", "restores_another_net")
def restore(arrays, net):
    return put_back(arrays, copy.deepcopy(net))


@wrong("shrink", "nothing_shrunk_but_rounded")
def shrink(net):
    arrays = folded(net, wide=True)
    return {n: a * 0 if n.endswith("kernel") else a for n, a in arrays.items()}


@wrong("shrink", "something_stays")
def restore(arrays, net):
    # Right for a net whose running statistics are those of a new one.
    return put_back(arrays, net, statistics=False)


@wrong("shrink", "something_stays")
def restore(arrays, net):
    # The last layer keeps the bias that comes in.
    bias = net[-1].bias.detach().clone()
    with torch.no_grad():
        put_back(arrays, net)[-1].bias.copy_(bias)
    return net


@wrong("shrink", "biases_stay")
def restore(arrays, net):
    return put_back(arrays, net, biases=False)


@wrong("shrink", "one_scale_for_all_channels")
def shrink(net):
    """A scale for each channel that comes in."""
    arrays = folded(net)
    for name in [name for name in arrays if name.endswith("kernel")]:
        if arrays[name].ndim == 4:
            scale = arrays[f"{name}.scale"].astype(np.float32)[:, None, None, None]
            kernel = arrays[name] * scale
            coarse = np.abs(kernel).max((0, 2, 3), keepdims=True) / 127
            whole = (np.rint(kernel / coarse) * coarse / scale).round()
            arrays[name] = whole.clip(-127, 127).astype(np.int8)
    return arrays


@wrong("shrink", "biases_left_out")
def shrink(net):
    net = copy.deepcopy(net)
    for part in net:
        if isinstance(part, nn.Conv2d) and part.bias is not None:
            nn.init.zeros_(part.bias)
    return folded(net)


@wrong("shrink", "eps_left_out")
def shrink(net):
    net = copy.deepcopy(net)
    for part in net:
        if isinstance(part, nn.BatchNorm2d):
            part.eps = 0.0
    return folded(net)


@wrong("shrink", "variance_of_zero")
def restore(arrays, net):
    return put_back(arrays, net, variance=0)


@wrong("shrink", "logits_far_larger")
def restore(arrays, net):
    return put_back(arrays, net, last=lambda head, whole: head.weight.copy_(torch.tensor(whole)))


@wrong("shrink", "other_logits")
def restore(arrays, net):
    return put_back(arrays, net, last=lambda head, whole: head.weight.mul_(0.2))
