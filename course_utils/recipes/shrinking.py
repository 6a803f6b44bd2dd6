"""A trained net that is to be made small, what comes back of it, and how both answer."""

from __future__ import annotations

import functools

import numpy as np
import torch
from torch import nn

from course_utils.data.shapes import colour_shapes
from course_utils.datasets import to_nchw
from course_utils.recipes.modules import outputs, seeded
from course_utils.shipped import small_shapes_net, trained_small_shapes_net
from course_utils.weights import arrays_of

PICTURE_DIFFICULTY = 0.5  # what the net was trained on
AT_ONCE = 200  # so many pictures lie in a processor's memory beside what a net makes of them
MANY = 800  # pictures that are drawn at once, since several cases ask about the same ones
FEW = 50  # pictures that show whether two restored nets answer alike
CROP = slice(2, 30)  # its pictures are the middle 28×28


def trained_arrays(kind: str) -> dict[str, np.ndarray]:
    """The arrays of the course's small net, or of one that answers as it does:

    - "trained": as it is
    - "uneven": a fifth of the channels come on top, with kernels a hundred times as large, which
      are nowhere positive: behind the ReLU they are silent, whatever the others' sizes are
    - "biased": the convolutions have biases, which the running means contain
    - "still": every third channel hardly varies before its norm, so that eps counts
    """
    given = seeded(trained_small_shapes_net, 0)
    net = seeded(lambda: net_of(kind), 0)
    noise = torch.Generator().manual_seed(0)
    with torch.no_grad():
        own = [torch.arange(3)]  # where the trained net's channels lie in the other one
        for part, old, norm in zip(net, given, [*given][1:] + [None], strict=True):
            if isinstance(part, nn.Conv2d):
                rows = own_channels(len(part.weight), len(old.weight))
                factors = norm.weight / torch.sqrt(norm.running_var + norm.eps)
                largest = (old.weight * factors[:, None, None, None]).abs().max()
                kernel = -100 * largest * torch.rand(part.weight.shape, generator=noise)
                kernel[rows] = 0
                kernel[rows[:, None], own[-1]] = old.weight
                part.weight.copy_(kernel)
                own.append(rows)
            elif isinstance(part, nn.BatchNorm2d):
                part.running_mean.fill_(0)
                part.bias.fill_(-0.1)
                for name, value in old.state_dict().items():
                    if value.ndim:
                        part.state_dict()[name][own[-1]] = value
            elif isinstance(part, nn.Linear):
                part.weight.fill_(0)
                part.weight[:, own[-1]] = old.weight
                part.bias.copy_(old.bias)
        for conv, norm in zip(net, list(net)[1:], strict=False):
            if not isinstance(conv, nn.Conv2d):
                continue
            if kind == "biased":
                spread = torch.randn(len(conv.bias), generator=noise)
                conv.bias.copy_(2 * norm.running_var.sqrt() * spread)
                norm.running_mean += conv.bias
            if kind == "still":
                before = torch.sqrt(norm.running_var[::3] + norm.eps)
                norm.running_var[::3] = norm.eps / 10
                smaller = torch.sqrt(norm.running_var[::3] + norm.eps) / before
                conv.weight[::3] *= smaller[:, None, None, None]
                norm.running_mean[::3] *= smaller
    return arrays_of(net.eval())


def own_channels(n: int, few: int) -> torch.Tensor:
    """Which of n channels are those of a net that has `few`: four of five, if there are more."""
    places = torch.arange(n)
    return places if n == few else places[places % 5 != 4]


def net_of(kind: str) -> nn.Sequential:
    """An untrained net of a kind of `trained_arrays`."""
    if kind not in ("uneven", "biased"):
        return small_shapes_net()
    layers, c_in = [], 3
    for layer in small_shapes_net():
        if isinstance(layer, nn.Conv2d):
            c_out = layer.out_channels * 5 // 4 if kind == "uneven" else layer.out_channels
            layer = nn.Conv2d(c_in, c_out, 3, padding=1, bias=kind == "biased")
            c_in = c_out
        elif isinstance(layer, nn.BatchNorm2d):
            layer = nn.BatchNorm2d(c_in)
        elif isinstance(layer, nn.Linear):
            layer = nn.Linear(c_in, layer.out_features)
        layers.append(layer)
    return nn.Sequential(*layers)


def net_with(kind: str, arrays: dict[str, np.ndarray]) -> nn.Sequential:
    """The net of this kind with these arrays, in evaluation mode."""
    net = seeded(lambda: net_of(kind), 0)
    net.load_state_dict({name: torch.tensor(array) for name, array in arrays.items()})
    return net.eval()


def shrunk(shrink, restore, given: dict[str, np.ndarray], kind: str, n: int, seed: int) -> dict:
    """What the learner's pair makes of a trained net, as plain data."""
    net = net_with(kind, given)
    before = {name: value.clone() for name, value in net.state_dict().items()}
    arrays = shrink(net)
    if (what := kind_of(arrays)) != "a dict of arrays":
        return {"returned": what}
    changed = any(part.training for part in net.modules()) or any(
        not torch.equal(value, before[name]) for name, value in net.state_dict().items()
    )
    copies = dict_of_copies(arrays)
    with torch.no_grad():
        for value in net.state_dict().values():
            value.add_(1)
    tied = any(not np.array_equal(copies[name], arrays[name]) for name in arrays)
    fresh = other_net(kind)
    restored = restore(dict_of_copies(copies), fresh)
    told = {
        "returned": what, "changed": changed, "tied": tied,
        "bytes": sum(array.nbytes for array in copies.values()),
        "bytes of the net": sum(v.numel() * v.element_size() for v in before.values()),
    }  # fmt: skip
    if not isinstance(restored, nn.Module):
        return {**told, "restored": f"a {type(restored).__name__}"}
    x, _ = asked(n, seed)
    def restored_once_more(net) -> np.ndarray | None:
        return answers(restore(dict_of_copies(copies), net), x[:FEW])

    found = {"after": answers(restored, x), "again": restored_once_more(other_net(kind)),
             "elsewhere": restored_once_more(other_net(kind, 6))}  # fmt: skip
    turned = {n: a[::-1].copy() if a.ndim else a for n, a in given.items()}
    shrink(net_with(kind, turned))
    return {**told, **found, "restored": "a net" if restored is fresh else "another net",
            "later": restored_once_more(other_net(kind))}  # fmt: skip


def answers(net, x: torch.Tensor) -> np.ndarray | None:
    """The logits of a net for pictures, in evaluation mode; None where it is none."""
    if not isinstance(net, nn.Module):
        return None
    with torch.no_grad():
        return torch.cat([outputs(net.eval(), part) for part in x.split(AT_ONCE)]).numpy()


def asked(n: int, seed: int) -> tuple[torch.Tensor, np.ndarray]:
    """The pictures that a net is asked about before and after, and their labels."""
    pictures, labels = _drawn(max(n, MANY), seed)
    return pictures[:n].clone(), labels[:n].copy()


@functools.lru_cache(maxsize=1)
def _drawn(n: int, seed: int) -> tuple[torch.Tensor, np.ndarray]:
    images, labels = colour_shapes(n, seed=seed, difficulty=PICTURE_DIFFICULTY)
    return torch.from_numpy(to_nchw(images[:, CROP, CROP])), labels


def dict_of_copies(arrays: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The same arrays in memory of their own: restore may change what it is given."""
    return {name: array.copy() for name, array in arrays.items()}


def other_net(kind: str, seed: int = 5) -> nn.Module:
    """A net of this kind all of whose numbers differ from those of a new one, statistics too."""
    net = seeded(lambda: net_of(kind), seed)
    noise = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for value in net.state_dict().values():
            if value.is_floating_point():
                value += torch.rand(value.shape, generator=noise)
        # Logits are large: a bias of the last layer that stays has to be seen beside them.
        net[-1].bias += 50 * torch.rand(net[-1].bias.shape, generator=noise)
    return net


def kind_of(arrays) -> str:
    """What shrink gave back, in words."""
    if not isinstance(arrays, dict):
        return f"a {type(arrays).__name__}"
    strange = [value for value in arrays.values() if not isinstance(value, np.ndarray)]
    strange += [value for value in arrays.values()
                if isinstance(value, np.ndarray) and value.dtype == object]  # fmt: skip
    if strange:
        return f"a dict with a {type(strange[0]).__name__} in it"
    return "a dict of arrays"
