"""A trained net that is to be made small, what comes back of it, and how both answer."""

from __future__ import annotations

import numpy as np
import torch

from course_utils.data.shapes import colour_shapes
from course_utils.datasets import to_nchw
from course_utils.recipes.modules import seeded
from course_utils.shipped import small_shapes_net, trained_small_shapes_net
from course_utils.weights import arrays_of

PICTURE_DIFFICULTY = 0.5  # what the net was trained on
FEW = 50  # pictures that show whether two restored nets answer alike
CROP = slice(2, 30)  # its pictures are the middle 28×28


def trained_arrays(kind: str) -> dict[str, np.ndarray]:
    """The arrays of the course's small net: "trained" as it is, or "uneven": every fifth kernel a
    hundred times as large, which the norm behind it undoes, so that it answers alike."""
    net = seeded(trained_small_shapes_net, 0)
    with torch.no_grad():
        for conv, norm in zip(net, list(net)[1:], strict=False):
            if not isinstance(conv, torch.nn.Conv2d):
                continue
            if kind == "uneven":
                conv.weight[::5] *= 100
                norm.running_mean[::5] *= 100
                norm.running_var[::5] *= 100**2
    return arrays_of(net)


def net_with(arrays: dict[str, np.ndarray]) -> torch.nn.Sequential:
    """The small net with these arrays, in evaluation mode."""
    net = seeded(small_shapes_net, 0)
    net.load_state_dict({name: torch.tensor(array) for name, array in arrays.items()})
    return net.eval()


def shrunk(shrink, restore, given: dict[str, np.ndarray], n: int, seed: int) -> dict:
    """What the learner's pair makes of a trained net, as plain data."""
    net = net_with(given)
    before = {name: value.clone() for name, value in net.state_dict().items()}
    arrays = shrink(net)
    if (what := kind_of(arrays)) != "a dict of arrays":
        return {"returned": what}
    changed = any(not torch.equal(value, before[name])
                  for name, value in net.state_dict().items())  # fmt: skip
    copies = dict_of_copies(arrays)
    with torch.no_grad():
        for value in net.state_dict().values():
            value.add_(1)
    tied = any(not np.array_equal(copies[name], arrays[name]) for name in arrays)
    fresh = other_net()
    restored = restore(dict_of_copies(copies), fresh)
    told = {
        "returned": what, "changed": changed, "tied": tied,
        "bytes": sum(array.nbytes for array in copies.values()),
        "bytes of the net": sum(v.numel() * v.element_size() for v in before.values()),
    }  # fmt: skip
    if not isinstance(restored, torch.nn.Module):
        return {**told, "restored": f"a {type(restored).__name__}"}
    images, _ = colour_shapes(n, seed=seed, difficulty=PICTURE_DIFFICULTY)
    x = torch.from_numpy(to_nchw(images[:, CROP, CROP]))

    def answers(restored, x) -> np.ndarray:
        with torch.no_grad():
            return restored.eval()(x).numpy() if isinstance(restored, torch.nn.Module) else None

    def restored_once_more(net) -> np.ndarray:
        return answers(restore(dict_of_copies(copies), net), x[:FEW])

    found = {"before": answers(net_with(given), x), "after": answers(restored, x),
             "again": restored_once_more(other_net()),
             "elsewhere": restored_once_more(other_net(6))}  # fmt: skip
    shrink(net_with({n: a[::-1].copy() if a.ndim else a for n, a in given.items()}))
    return {**told, **found, "restored": "a net" if restored is fresh else "another net",
            "later": restored_once_more(other_net())}  # fmt: skip


def dict_of_copies(arrays: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The same arrays in memory of their own: restore may change what it is given."""
    return {name: array.copy() for name, array in arrays.items()}


def other_net(seed: int = 5) -> torch.nn.Module:
    """A small net all of whose numbers differ from those of a new one, statistics too."""
    net = seeded(small_shapes_net, seed)
    noise = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for value in net.state_dict().values():
            if value.is_floating_point():
                value += 0.5 * torch.rand(value.shape, generator=noise)
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
