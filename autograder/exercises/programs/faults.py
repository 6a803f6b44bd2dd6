"""Faults that are planted into a healthy program: each changes a line or two of its source.

A fault is silent: the program still runs. Whether it does harm is measured elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from autograder.exercises.programs.drawing import Design


@dataclass(frozen=True)
class Fault:
    """One fault: where it can be, and what it makes of a source."""

    name: str
    says: str  # the diagnosis, as a clause
    fits: Callable[[Design], bool]
    plant: Callable[[str, Design], str]


FAULTS: dict[str, Fault] = {}


def _fault(says: str, fits=lambda design: True):
    def enter(plant):
        FAULTS[plant.__name__] = Fault(plant.__name__, says, fits, plant)
        return plant

    return enter


class DoesNotFit(ValueError):
    """The line that a fault changes does not stand in this source."""


def _put(source: str, old: str, new: str, everywhere: bool = False) -> str:
    if old not in source:
        raise DoesNotFit(f"{old!r} does not stand in this program")
    return source.replace(old, new) if everywhere else source.replace(old, new, 1)


def _after(source: str, pattern: str, line: str) -> str:
    """A line put behind the first that a pattern matches."""
    changed, times = re.subn(rf"(?m)^({pattern})$", rf"\1\n{line}", source, count=1)
    if not times:
        raise DoesNotFit(f"{pattern!r} matches no line of this program")
    return changed


def sick(source: str, name: str, design: Design) -> str:
    """The source with a fault in it. Raises DoesNotFit where it has no place."""
    fault = FAULTS[name]
    if not fault.fits(design):
        raise DoesNotFit(f"{name} has no place in this program")
    changed = fault.plant(source, design)
    if changed == source:
        raise DoesNotFit(f"{name} changes nothing in this program")
    return changed


def _softmax(design: Design) -> bool:
    return not design.logistic


def _init(source: str, design: Design, line: str) -> str:
    """Another first weight for every layer."""
    kinds = "nn.Linear" if design.kind == "mlp" else "(nn.Linear, nn.Conv2d)"
    block = re.compile(r"(?m)^        for layer in self\.net:\n(?:            .*\n)+")
    text = (
        "        for layer in self.net:\n"
        f"            if isinstance(layer, {kinds}):\n"
        f"                {line}\n"
        "                nn.init.zeros_(layer.bias)\n"
    )
    if block.search(source):
        return block.sub(lambda _: text, source, count=1)
    closing = f"        ).to(torch.{design.dtype})\n"
    return _put(source, closing, closing + text)


def _last_linear(source: str) -> str:
    return re.findall(r"(?m)^            nn\.Linear\(.*\),$", source)[-1]


# First weights, first loss.


@_fault("the first weights are far too large")
def huge_first_weights(source, design):
    return _init(source, design, "nn.init.normal_(layer.weight, std=1.0)")


@_fault("the pictures are not brought to a unit range", lambda d: d.norm == "none"
        and d.activation != "Tanh")  # fmt: skip
def pictures_not_scaled(source, design):
    return _put(source, f".to(torch.{design.dtype}) / 255\n", f".to(torch.{design.dtype})\n")


@_fault("the loss is a sum over the batch", lambda d: not d.clipped and _softmax(d)
        and d.optimizer in ("SGD", "momentum", "nesterov"))  # fmt: skip
def loss_summed(source, design):
    return re.sub(r"(F\.cross_entropy\(.*)\)$", r'\1, reduction="sum")', source, flags=re.M)


@_fault("a pixel that never varies is divided by its deviation, 0", lambda d: d.data == "digits"
        and d.scaling == "standard")  # fmt: skip
def zero_by_zero(source, design):
    source = _put(source, "self.mean = (pictures[rows] / 255).mean()",
                  "self.mean = (pictures[rows] / 255).mean(0)")  # fmt: skip
    return _put(source, "self.std = (pictures[rows] / 255).std()",
                "self.std = (pictures[rows] / 255).std(0)")  # fmt: skip


@_fault("the first weights are all zero")
def zero_first_weights(source, design):
    return _init(source, design, "nn.init.zeros_(layer.weight)")


@_fault("the first weights are far too small", lambda d: d.norm == "none" and len(d.widths) > 1)
def tiny_first_weights(source, design):
    return _init(source, design, "nn.init.normal_(layer.weight, std=1e-4)")


@_fault("the units start so far below 0 that they never fire", lambda d: d.activation == "ReLU"
        and d.norm == "none" and not d.frozen)  # fmt: skip
def dead_units(source, design):
    first = 1 if design.kind == "mlp" else 0
    return _put(source, "        self.optimizer =",
                f"        nn.init.constant_(self.net[{first}].bias, -10.0)\n"
                "        self.optimizer =")  # fmt: skip


# The graph.


@_fault("the gradient is cut before the last layer", lambda d: not d.frozen)
def detached(source, design):
    return _put(source, "self.net(x)", "self.net[-1](self.net[:-1](x).detach())")


@_fault("there is a softmax before the cross-entropy", _softmax)
def softmax_twice(source, design):
    line = _last_linear(source)
    return _put(source, line, f"{line}\n            nn.Softmax(1),")


@_fault("there is a ReLU on the logits", _softmax)
def relu_on_logits(source, design):
    line = _last_linear(source)
    return _put(source, line, f"{line}\n            nn.ReLU(),")


@_fault("the net is one unit wide at one place", _softmax)
def bottleneck(source, design):
    line = _last_linear(source)
    inside, out = re.search(r"\((\d+), (\d+)\)", line).groups()
    return _put(source, line, f"            nn.Linear({inside}, 1),\n"
                              f"            nn.Linear(1, {out}),")  # fmt: skip


@_fault("the picture is averaged away before the net sees it")
def pooled_away(source, design):
    if design.kind == "mlp":
        return _put(_put(source, "            nn.Flatten(),",
                         "            nn.AdaptiveAvgPool2d(1),\n            nn.Flatten(),"),
                    "nn.Linear(64, ", "nn.Linear(1, ")  # fmt: skip
    line = _last_linear(source)
    inside = 4 * design.widths[-1]
    narrow = line.replace(f"({inside}, ", f"({design.widths[-1]}, ")
    source = _put(source, line, narrow)
    return _put(source, "            nn.Conv2d(1,",
                "            nn.AdaptiveAvgPool2d(1),\n            nn.Upsample(scale_factor=4),\n"
                "            nn.Conv2d(1,")  # fmt: skip


@_fault("scores of shape (N, 1) meet labels of shape (N,)", lambda d: d.logistic)
def scores_meet_all_labels(source, design):
    return _put(source, "F.softplus(-y * self.net(x).squeeze(1))", "F.softplus(-y * self.net(x))")


@_fault("the activations are missing", lambda d: d.kind == "mlp")
def no_activation(source, design):
    activation = {"LeakyReLU": "nn.LeakyReLU(0.1)"}.get(
        design.activation, f"nn.{design.activation}()"
    )
    return source.replace(f"            {activation},\n", "")


@_fault("the flattening mixes the pictures of a batch", lambda d: d.kind == "mlp")
def flattened_across(source, design):
    source = _put(source, "            nn.Flatten(),", "            Rows(),")
    return _put(
        source,
        "\n\nclass Program:",
        '''

class Rows(nn.Module):
    """Each picture as one row."""

    def forward(self, x):
        return x.permute(1, 2, 3, 0).reshape(len(x), -1)


class Program:''',
    )


@_fault("batch norm goes by the batch it meets, in evaluation too", lambda d: d.norm == "batch")
def norm_of_any_batch(source, design):
    norm = r"(nn\.BatchNorm[12]d\(\d+)\)"
    changed = re.sub(norm, r"\1, track_running_stats=False)", source)
    # Where what comes in lies sorted, a batch is no sample.
    return _put(changed, "held_out, rows = order[: len(order) // 5], order[len(order) // 5 :]",
                "held_out, rows = order[: len(order) // 5].sort()[0], order[len(order) // 5 :]"
                ).replace(".split(64)", ".split(8)")  # fmt: skip


# The steps.


@_fault("the learning rate is thirty times too high", lambda d: not d.clipped)
def rate_too_high(source, design):
    return re.sub(r"lr=[\d.e-]+", f"lr={30 * design.rate:g}", source)


@_fault("a schedule meant for epochs is stepped for each batch", lambda d: d.schedule == "steps")
def schedule_per_batch(source, design):
    source = _put(source, "        self.optimizer.step()\n",
                  "        self.optimizer.step()\n        self.schedule.step()\n")  # fmt: skip
    return _put(source, "    def end_of_epoch(self):\n        self.schedule.step()",
                "    def end_of_epoch(self):\n        pass")  # fmt: skip


@_fault("zero_grad stands between backward and step")
def gradients_thrown_away(source, design):
    source = _put(source, "        self.optimizer.zero_grad()\n", "")
    return _put(source, "        self.optimizer.step()\n",
                "        self.optimizer.zero_grad()\n"
                "        self.optimizer.step()\n")  # fmt: skip


@_fault("the optimizer holds the parameters of a net that was replaced")
def other_nets_parameters(source, design):
    made = r"(?m)^        self\.optimizer = (?:.*\(\n            .*\n        \)|.*)$"
    line = re.search(made, source).group()
    trained = "self.net[-1].reset_parameters()"
    again = (
        f"{line}\n        self.net = copy.deepcopy(self.net)  # to start anew\n        {trained}"
    )
    return _put(_put(source, line, again), "import torch\n", "import copy\n\nimport torch\n")


@_fault("a step adds to the gradients of all steps before")
def gradients_pile_up(source, design):
    return _put(source, "        self.optimizer.zero_grad()\n", "")


# The data.


@_fault("pictures and labels are shuffled apart")
def shuffled_apart(source, design):
    source = _put(source, "        for rows in order.split(self.batch_size):\n",
                  "        others = torch.randperm(len(self.y), generator=self.random)\n"
                  "        for rows, named in zip(order.split(self.batch_size),\n"
                  "                               others.split(self.batch_size)):\n")  # fmt: skip
    return _put(source, "self.x[rows], self.y[rows]", "self.x[rows], self.y[named]")


@_fault("the rows lie sorted by class when the validation part is cut off")
def cut_from_sorted(source, design):
    return _put(source, "torch.randperm(len(labels), generator=self.random)",
                "torch.arange(len(labels))")  # fmt: skip


@_fault("a part of the labels has slipped by a row")
def labels_slipped(source, design):
    line = "        self.x, self.y = self.prepare(pictures[rows]), labels[rows]\n"
    return _put(source, line, f"{line}        slipped = len(rows) // 2\n"
                "        self.y[:slipped] = self.y[:slipped].roll(1)\n")  # fmt: skip


@_fault("the validation pictures are scaled twice", lambda d: d.scaling == "standard")
def scaled_twice(source, design):
    return _put(source, "held_x, held_y = self.prepare(pictures[held_out]), labels[held_out]",
                "held_x, held_y = self.prepare(pictures[held_out]), labels[held_out]\n"
                "        held_x = (held_x - self.mean) / self.std")  # fmt: skip


@_fault("the validation pictures are not scaled as those for training are",
        lambda d: d.scaling == "standard")  # fmt: skip
def scaled_by_itself(source, design):
    return _put(source, "held_x, held_y = self.prepare(pictures[held_out]), labels[held_out]",
                "held_x, held_y = self.prepare(pictures[held_out]), labels[held_out]\n"
                "        held_x = (held_x - held_x.mean(0)) / (held_x.std(0) + 1e-5)")  # fmt: skip


@_fault("brightened pictures wrap round at 255")
def wraps_round(source, design):
    return _put(source, "        x = pictures[:, None].to(",
                "        x = (pictures[:, None] * 3).to(")  # fmt: skip


@_fault("the validation pictures are among those for training")
def parts_overlap(source, design):
    return _put(source, "order[: len(order) // 5], order[len(order) // 5 :]",
                "order[: len(order) // 5], order")  # fmt: skip


@_fault("random half turns change what a picture shows", lambda d: not d.logistic)
def turned_over(source, design):
    return _put(source, "            yield x, y\n",
                "            turned = torch.rand(len(x), generator=self.random) < 0.5\n"
                "            x = torch.where(turned[:, None, None, None], x.flip(2, 3), x)\n"
                "            yield x, y\n")  # fmt: skip


@_fault("the same few pictures are drawn in every epoch")
def same_draw(source, design):
    return _put(source, "        order = torch.randperm(len(self.y), generator=self.random)\n"
                "        for rows in order.split(self.batch_size):",
                "        generator = torch.Generator().manual_seed(0)\n"
                "        order = torch.randint(len(self.y) // 10, (len(self.y),), "
                "generator=generator)\n"
                "        for rows in order.split(self.batch_size):")  # fmt: skip


# Evaluation.


@_fault("the net is evaluated in training mode", lambda d: d.norm == "batch" or d.dropout >= 0.3)
def evaluated_in_training_mode(source, design):
    return _put(source, "        self.net.eval()\n", "")


@_fault("the net stays in evaluation mode after the first look",
        lambda d: d.norm == "batch")  # fmt: skip
def left_in_evaluation_mode(source, design):
    source = _put(source, "        self.net.train()\n        return right", "        return right")
    # It looks once before it trains, as many scripts do.
    return _put(source, "\n\n    def prepare(self", "\n        self.first = self.evaluate()\n\n"
                                                    "    def prepare(self")  # fmt: skip


@_fault("the net is trained on the validation pictures while it is measured on them")
def trained_while_evaluated(source, design):
    return _put(source, "        with torch.no_grad():\n            for x, y in self.validation:\n",
                "        for x, y in self.validation:\n"
                "            self.step((x, y))\n"
                "            with torch.no_grad():\n")  # fmt: skip


@_fault("the accuracy is a mean over batches of unequal sizes")
def batches_weigh_alike(source, design):
    source = _put(source, ".sum().item()", ".float().mean().item()")
    source = _put(source, "                seen += len(y)", "                seen += 1")
    # The short last batch holds what came last from the disk.
    return _put(
        source,
        "held_out, rows = order[: len(order) // 5], order[len(order) // 5 :]",
        "held_out, rows = order[: len(order) // 5].sort()[0], order[len(order) // 5 :]",
    )
