"""The source text of a healthy program: a small training script as one writes it.

Nothing in it says its number or whether it is sound. A fault changes a line or two of it.
"""

from __future__ import annotations

from autograder.exercises.programs.drawing import Design

_OPTIMIZERS = {
    "SGD": "SGD({p}, lr={rate:g}{decay})",
    "momentum": "SGD({p}, lr={rate:g}, momentum=0.9{decay})",
    "nesterov": "SGD({p}, lr={rate:g}, momentum=0.9, nesterov=True{decay})",
    "Adam": "Adam({p}, lr={rate:g}{decay})",
    "AdamW": "AdamW({p}, lr={rate:g}{decay})",
    "RMSprop": "RMSprop({p}, lr={rate:g}{decay})",
}
_SCHEDULES = {
    "steps": "torch.optim.lr_scheduler.StepLR(self.optimizer, 2, 0.7)",
    "cosine": "torch.optim.lr_scheduler.CosineAnnealingLR(self.optimizer, self.epochs)",
}
_INITS = {
    "he": 'nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")',
    "xavier": "nn.init.xavier_uniform_(layer.weight)",
    "orthogonal": "nn.init.orthogonal_(layer.weight)",
    "small": "nn.init.normal_(layer.weight, std=0.08)",
    "wide": "nn.init.normal_(layer.weight, std=1.2 / layer.weight[0].numel() ** 0.5)",
}
_SCALING = {"unit": "x", "standard": "(x - self.mean) / self.std", "centred": "x - self.mean"}


def written(design: Design) -> str:
    """The source of a healthy program: a module with one class, Program."""
    d = design
    out = 1 if d.logistic else d.classes
    layers = "\n".join(f"            {line}," for line in _layers(d, out))
    trained = "trained" if d.frozen else "self.net.parameters()"
    decay = f", weight_decay={d.decay:g}" if d.decay else ""
    optimizer = _OPTIMIZERS[d.optimizer].format(p=trained, rate=d.rate, decay=decay)
    labels = "2 * torch.as_tensor(labels) - 1" if d.logistic else "torch.as_tensor(labels)"
    parts = [
        _HEAD.format(
            what=d.data, classes=d.classes, epochs=d.epochs, batch=d.batch, floor=_floor(d)
        ),
        _DATA.format(labels=labels, statistics="".join(_STATISTICS[d.scaling])),
    ]
    parts.append(f"        self.net = nn.Sequential(\n{layers}\n        ).to(torch.{d.dtype})")
    if d.init != "default":
        kinds = "nn.Linear" if d.kind == "mlp" else "(nn.Linear, nn.Conv2d)"
        parts += [
            "        for layer in self.net:",
            f"            if isinstance(layer, {kinds}):",
            f"                {_INITS[d.init]}",
            "                nn.init.zeros_(layer.bias)",
        ]
    if d.frozen:
        first = 1 if d.kind == "mlp" else 0
        parts.append(f"        self.net[{first}].requires_grad_(False)  # frozen on purpose")
        parts.append("        trained = [p for p in self.net.parameters() if p.requires_grad]")
    parts.append(_assigned("self.optimizer", f"torch.optim.{optimizer}"))
    if d.schedule != "none":
        parts.append(_assigned("self.schedule", _SCHEDULES[d.schedule]))
    parts.append(_PREPARE.format(dtype=d.dtype, scaled=_SCALING[d.scaling]))
    parts.append(_batches(d))
    parts.append(_loss(d))
    parts.append(_step(d))
    parts.append(_evaluate(d))
    parts.append(_FRESH)
    return "\n".join(parts) + "\n"


_MEAN = "        self.mean = (pictures[rows] / 255).mean()\n"
_STD = "        self.std = (pictures[rows] / 255).std()\n"
_STATISTICS = {"unit": (), "standard": (_MEAN, _STD), "centred": (_MEAN,)}

_HEAD = '''\
"""Train a net that tells {classes} classes of {what} apart."""

import torch
from torch import nn
from torch.nn import functional as F


class Program:
    epochs, batch_size = {epochs}, {batch}
    floor = {floor}  # no net can bring the loss below it

    def __init__(self, pictures, labels, seed=0):
        self.given = pictures, labels, seed
        self.random = torch.Generator().manual_seed(seed)'''

_DATA = """\
        labels = {labels}
        order = torch.randperm(len(labels), generator=self.random)
        held_out, rows = order[: len(order) // 5], order[len(order) // 5 :]
        pictures = torch.as_tensor(pictures)
{statistics}        self.x, self.y = self.prepare(pictures[rows]), labels[rows]
        held_x, held_y = self.prepare(pictures[held_out]), labels[held_out]
        self.validation = list(zip(held_x.split(64), held_y.split(64)))"""

_PREPARE = '''
    def prepare(self, pictures):
        """Turn uint8 pictures N×8×8 into the net's input N×1×8×8."""
        x = pictures[:, None].to(torch.{dtype}) / 255
        return {scaled}
'''

_FRESH = '''
    def fresh(self):
        """Return the same program before its first step."""
        return type(self)(*self.given)'''


def _assigned(name: str, call: str) -> str:
    """A line that assigns what a call gives, or three where that is too long."""
    line = f"        {name} = {call}"
    if len(line) <= 100:
        return line
    called, arguments = call.removesuffix(")").split("(", 1)
    return f"        {name} = {called}(\n            {arguments}\n        )"


def _layers(d: Design, out: int) -> list[str]:
    activation = {"LeakyReLU": "nn.LeakyReLU(0.1)"}.get(d.activation, f"nn.{d.activation}()")
    dropout = [f"nn.Dropout({d.dropout:g})"] if d.dropout else []
    if d.kind == "mlp":
        lines, width = ["nn.Flatten()"], 64
        norms = {"batch": "nn.BatchNorm1d({})", "layer": "nn.LayerNorm({})"}
        for wide in d.widths:
            norm = [norms[d.norm].format(wide)] if d.norm in norms else []
            lines += [f"nn.Linear({width}, {wide})", *norm, activation, *dropout]
            width = wide
        return [*lines, f"nn.Linear({width}, {out})"]
    norms = {"batch": "nn.BatchNorm2d({})", "layer": "nn.GroupNorm(1, {})"}
    lines, width = [], 1
    for wide in d.widths:
        norm = [norms[d.norm].format(wide)] if d.norm in norms else []
        lines += [f"nn.Conv2d({width}, {wide}, 3, padding=1)", *norm, activation, "nn.MaxPool2d(2)"]
        width = wide
    return [*lines, "nn.Flatten()", *dropout, f"nn.Linear({4 * width}, {out})"]


def _batches(d: Design) -> str:
    moved = ""
    if d.shifts:
        moved = (
            "            x = F.pad(x, (1, 1, 1, 1))\n"
            "            top, left = torch.randint(0, 3, (2,), generator=self.random)\n"
            "            x = x[:, :, top : top + 8, left : left + 8]\n"
        )
        if d.scaling != "unit":  # dark is not 0 there
            moved = moved.replace("(1, 1, 1, 1))", "(1, 1, 1, 1), value=x.min().item())")
    return (
        "    @property\n"
        "    def batches(self):\n"
        '        """Yield the training part once, shuffled, in batches."""\n'
        "        order = torch.randperm(len(self.y), generator=self.random)\n"
        "        for rows in order.split(self.batch_size):\n"
        "            x, y = self.x[rows], self.y[rows]\n"
        f"{moved}"
        "            yield x, y\n"
    )


def _loss(d: Design) -> str:
    if d.logistic:
        value = "F.softplus(-y * self.net(x).squeeze(1)).mean()"
    else:
        smoothing = f", label_smoothing={d.smoothing:g}" if d.smoothing else ""
        value = f"F.cross_entropy(self.net(x), y{smoothing})"
    return (
        "    def loss(self, batch):\n"
        '        """Return the mean loss of a batch, with its graph."""\n'
        "        x, y = batch\n"
        f"        return {value}\n"
    )


def _floor(d: Design) -> str:
    return f"{floor_of(d.smoothing, d.classes):.4f}" if d.smoothing else "0.0"


def floor_of(smoothing: float, classes: int) -> float:
    """The entropy of smoothed labels: the least that their cross-entropy can be."""
    import math

    rest = smoothing / classes
    right = 1 - smoothing + rest
    return -right * math.log(right) - (classes - 1) * rest * math.log(rest)


def _step(d: Design) -> str:
    lines = [
        "    def step(self, batch):",
        '        """Update the net once; return the loss before it."""',
        "        loss = self.loss(batch)",
        "        self.optimizer.zero_grad()",
        "        loss.backward()",
    ]
    if d.clipped:
        lines.append("        nn.utils.clip_grad_norm_(self.net.parameters(), 1.0)")
    lines += ["        self.optimizer.step()", "        return loss.item()", ""]
    lines += ["    def end_of_epoch(self):"]
    lines.append("        pass" if d.schedule == "none" else "        self.schedule.step()")
    return "\n".join(lines) + "\n"


def _evaluate(d: Design) -> str:
    hit = "(self.net(x).squeeze(1) * y > 0)" if d.logistic else "(self.net(x).argmax(1) == y)"
    return f'''\
    def evaluate(self):
        """Return the accuracy on the validation pictures."""
        self.net.eval()
        right, seen = 0, 0
        with torch.no_grad():
            for x, y in self.validation:
                right += {hit}.sum().item()
                seen += len(y)
        self.net.train()
        return right / seen'''
