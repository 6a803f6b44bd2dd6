"""What the capstone's nets are looked at with: a net's facts, its logits on drawn batches, a net
that writes down which pictures it is shown, and the rates that an optimizer really used."""

from __future__ import annotations

import itertools
from collections import Counter

import numpy as np
import torch
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm as BatchNorm

from course_utils import weights as arrays_on_disk
from course_utils.capstone import cost, variant
from course_utils.recipes.instruments.optimizers import bytes_of, last_update, updates
from course_utils.recipes.modules import outputs


def facts_of(net, again, classes: int, seed: int) -> dict:
    """What a net that was just built is, and what another one of the same budget has with it.

    Outputs are those of six pictures in evaluation mode, together and the first by itself. "bare"
    counts the convolutions in an nn.Sequential that no batch norm follows directly; "layers" says
    whether the net is a flat nn.Sequential, and else what keeps it from being one.
    """
    if not isinstance(net, nn.Module):
        return {"returned": type(net).__name__}
    training = net.training
    spent = cost(net)
    x = pictures(6, seed)
    net.train()
    trained = net(x)
    loss = trained.float().square().sum() if isinstance(trained, torch.Tensor) else None
    if loss is not None and loss.requires_grad:
        loss.backward()
    idle = sum(p.grad is None for p in net.parameters())
    net.eval()
    with torch.no_grad():
        together, alone = net(x), net(x[:1])
    inside = [module for module in net.modules() if isinstance(module, nn.Sequential)]
    rows = [[*module, None] for module in inside]
    bare = sum(isinstance(part, nn.Conv2d) and not isinstance(after, BatchNorm)
               for row in rows for part, after in itertools.pairwise(row))  # fmt: skip
    deep = {part for part in net.modules() if isinstance(part, nn.Conv2d)} - {*net.children()}
    if inside[:1] != [net]:
        layers = "no sequential"
    else:
        layers = "nested" if inside[1:] else "deep" if deep else "flat"
    ours, theirs = list(net.parameters()), list(again.parameters())
    return {
        "returned": "a module",
        "training": bool(training),
        "parameters": spent.parameters,
        "multiply_adds": spent.multiply_adds,
        "bytes": spent.bytes,
        "output": together.detach(),
        "alone": alone.detach(),
        "idle": idle,
        "bare": bare,
        "layers": layers,
        "shared": any(a is b for a in ours for b in theirs),
        "alike": all(torch.equal(a, b) for a, b in zip(ours, theirs, strict=False)),
        # Drawn numbers, not a constant or a kernel that passes its input on.
        "partly": any(torch.equal(a, b) and len(a.unique()) > min(9, a.numel() // 2)
                      for a, b in zip(ours, theirs, strict=False) if a.ndim > 1),
    }  # fmt: skip


def built_again(build) -> bool:
    """Whether what torch's generator draws decides all parameters of a net."""
    state = torch.get_rng_state()
    first = list(build().parameters())
    torch.set_rng_state(state)
    second = list(build().parameters())
    return len(first) == len(second) and all(map(torch.equal, first, second))


def pictures(n: int, seed: int) -> torch.Tensor:
    """Float32 N×3×32×32 in [0, 1] without any meaning."""
    return torch.rand((n, 3, 32, 32), generator=torch.Generator().manual_seed(seed))


def handed_in(code) -> tuple[str, dict, nn.Module]:
    """A person's net with the weights in it, in evaluation mode, and the name it is for.

    Raises `weights.Unusable`, in one sentence, where they do not go together.
    """
    name, arrays = code.hand_in()
    arrays = arrays_on_disk.checked(arrays)
    task = variant(name)
    net = code.build(task.budget)
    arrays_on_disk.load(net, arrays)
    return task.name, arrays, net.eval()


def logits(net: nn.Module, images: np.ndarray, batches) -> np.ndarray:
    """A net's outputs, in the order of the pictures, met in these batches of row numbers; whatever
    it gives back that is no tensor, or not one row a picture, is refused."""
    x = torch.from_numpy(images.astype(np.float32) / np.float32(255))
    rows, given = [], []
    with torch.no_grad():
        for batch in batches:
            out = outputs(net, x[batch])
            if not isinstance(out, torch.Tensor) or len(out) != len(batch):
                what = f"shape {tuple(out.shape)}" if isinstance(out, torch.Tensor) else type(out)
                raise TypeError(f"your net gave {what} for a batch of {len(batch)} pictures")
            rows += list(batch)
            given.append(out.detach())
    return torch.cat(given)[np.argsort(rows)].numpy()


def state(net: nn.Module) -> bytes:
    """All arrays of a net, to compare them with later."""
    return b"".join(value.cpu().numpy().tobytes() for value in net.state_dict().values())


class Passes(list):
    """What a net was shown; one list for all copies of the net."""

    def __deepcopy__(self, memo):
        return self


class Shown(nn.Module):
    """A small net with dropout that writes down what it is shown.

    A picture's number stands in its first channel, the same everywhere, as number / 256; the second
    channel rises from left to right, and a little from top to bottom, so that a mirrored one is
    known. `seen` holds for each forward pass: the numbers, whether the net was in training mode,
    which pictures were mirrored and how many stood on their heads, the outputs, and whether there
    were gradients already, to which its own were added. With `draws` it draws a number that is for
    nothing in each pass in training mode.
    """

    def __init__(self, classes: int, draws: bool = False):
        super().__init__()
        self.draws = draws
        self.body = nn.Sequential(
            nn.Conv2d(3, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU(), nn.AdaptiveAvgPool2d(2),
            nn.Flatten(), nn.Dropout(0.2), nn.Linear(16, classes),
        )  # fmt: skip
        self.seen = Passes()

    def forward(self, x):
        if self.draws and self.training:  # where its dropout draws, too
            torch.rand(1)
        out = self.body(x)
        told = {
            "numbers": (x[:, 0, 0, 0] * 256).round().long().tolist(),
            "training": bool(self.training), "learned": False, "added": False,
            "out": out.detach().clone(),
            "mirrored": (x[:, 1, :, 0] > x[:, 1, :, -1]).all(1).tolist(),
            "upside down": int((x[:, 1, 0] > x[:, 1, -1]).all(1).sum()),
        }  # fmt: skip
        if out.requires_grad:
            out.register_hook(
                lambda gradient: told.update(learned=True, added=self.has_gradients())
            )
        self.seen.append(told)
        return out

    def has_gradients(self) -> bool:
        return any(p.grad is not None and bool(p.grad.any()) for p in self.parameters())


def numbered(n: int, classes: int, seed: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Pictures for `Shown`: N×3×8×8, and labels that the third channel tells."""
    rng = np.random.default_rng(seed)
    labels = rng.permutation(np.arange(n) % classes)
    x = np.empty((n, 3, 8, 8), np.float32)
    x[:, 0] = (np.arange(n) / 256)[:, None, None]
    x[:, 1] = np.linspace(0, 1, 8) + np.linspace(0, 0.1, 8)[:, None]
    x[:, 2] = (labels / classes)[:, None, None] + 0.1 * rng.random((n, 8, 8))
    return torch.from_numpy(x), torch.from_numpy(labels.astype(np.int64))


def one_run(run, recipe: dict, n: int, classes: int, seed: int, draws: bool = False) -> dict:
    """What a run does with numbered pictures, as plain data; `draws` as `Shown` has it."""
    starts = []

    def make_net():
        made = Shown(classes, draws)
        starts.append(arrays_on_disk.arrays_of(made))
        return made

    x, y = numbered(n, classes, seed)
    given, pictures_given = dict(recipe), x.clone()
    with updates() as made, last_update() as left:
        net, log = run(given, x, y, make_net)
    if not isinstance(net, Shown):
        return {"returned": type(net).__name__}
    passes = [
        {**told, "out": None, "loss": float(nn.functional.cross_entropy(told["out"], y[numbers]))}
        for told in list(net.seen)
        for numbers in (told["numbers"],)
    ]
    left_training = bool(net.training)
    net.eval()
    with torch.no_grad():
        right = (net(pictures_given).argmax(1) == y).tolist()
    return {
        "returned": "the net that make_net made",
        "start": starts[-1],
        "passes": passes,
        "updates": [list(update) for update in made],
        "left in training mode": left_training,
        "right": right,
        "log": log,
        "recipe kept": given == recipe,
        "pictures kept": torch.equal(x, pictures_given),
        "weights of the last update": not Counter(left) - Counter(bytes_of(net.parameters())),
        "arrays": arrays_on_disk.arrays_of(net),
    }
