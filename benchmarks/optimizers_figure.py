"""Figure 3 of the Adam paper (Kingma & Ba 2015): the training cost of a small CNN per optimizer.

The net of the paper: three times a 5×5 convolution and a 3×3 max pool of stride 2 (64, 64, 128
channels), 1000 rectified units, softmax; whitened CIFAR-10, batches of 128; dropout, where it is
on, on the input and on the 1000 units. Every optimizer gets the best learning rate of a grid,
found with the first seed and widened while the best one lies on its border.

    python benchmarks/optimizers_figure.py --data FOLDER

runs on the GPU that is there, else in a reduced size on the CPU (`--reduced`). FOLDER, or
COURSE_DATA, holds CIFAR-10 or a subset `cifar10*.npz`; `--shapes` takes the course's own coloured
shapes in place of photographs. The results go to data/results/ and are written anew after every
optimizer, so that a run which is stopped keeps what it has.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import nn

HOME = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(HOME))

from course_utils import datasets, devices  # noqa: E402 - found through the line above

RESULTS = HOME / "data" / "results" / "optimizers_figure.json"
BATCH_SIZE = 128
DRAWN = 4000  # coloured shapes, where nobody says how many
CLOSE_UP = 3  # epochs of which every update's cost is kept: the figure's left half
KEEP_INPUT, KEEP_HIDDEN = 0.8, 0.5  # Srivastava 2014's, as the paper does not say its own
STEP = 10**0.5  # from one learning rate of the grid to the next
WIDEST = 9  # rates tried at most

OPTIMIZERS = {
    "sgd": (0.1, lambda p, rate: torch.optim.SGD(p, rate)),
    "nesterov": (0.01, lambda p, rate: torch.optim.SGD(p, rate, momentum=0.9, nesterov=True)),
    "adagrad": (0.01, lambda p, rate: torch.optim.Adagrad(p, rate)),
    "rmsprop": (3e-4, lambda p, rate: torch.optim.RMSprop(p, rate, alpha=0.99)),
    "adam": (3e-4, lambda p, rate: torch.optim.Adam(p, rate)),
}
WITH_DROPOUT = ("nesterov", "adagrad", "adam")  # the three of the paper's figure


@dataclass(frozen=True)
class Size:
    """How large a run is."""

    channels: tuple[int, int, int]
    hidden: int
    images: int | None
    epochs: int
    rates: int
    seeds: int


FULL = Size((64, 64, 128), 1000, None, 45, 5, 3)
REDUCED = Size((16, 16, 32), 250, 1000, 6, 3, 3)


def main() -> None:
    options = parse()
    device = torch.device(options.device) if options.device else devices.best_device()
    size = REDUCED if options.reduced or device.type == "cpu" else FULL
    if options.epochs:
        size = Size(*list(vars(size).values())[:3], options.epochs, size.rates, size.seeds)
    if options.data:
        os.environ["COURSE_DATA"] = str(options.data)
    x, y = training_images(options.images or size.images, device, options.shapes)
    results = about(size, len(x), device, options)
    print(f"{results['net']} on {results['device']}, {results['data']}, {size.epochs} epochs")
    start = time.perf_counter()
    for name in OPTIMIZERS:
        rate, tried, first = best_rate(name, x, y, size)
        for dropout in (False, True) if name in WITH_DROPOUT else (False,):
            runs = [] if dropout else [first]
            runs += [train(name, rate, x, y, size, seed, dropout)
                     for seed in range(len(runs), size.seeds)]  # fmt: skip
            results["runs"].append(
                {
                    "optimizer": name, "dropout": dropout, "learning_rate": rate,
                    "rates_tried": {f"{r:.3g}": cost for r, cost in sorted(tried.items())},
                    "epoch_cost": [run[0] for run in runs],
                    "first_costs": [run[1] for run in runs],
                }
            )  # fmt: skip
            results["seconds"] = round(time.perf_counter() - start, 1)
            write(results, options.out)
            last = ", ".join(f"{run[0][-1]:.3g}" for run in runs)
            print(f"{results['seconds']:6.0f} s  {name}{' + dropout' * dropout}: rate {rate:.3g}, "
                  f"cost of the last epoch {last}", flush=True)  # fmt: skip
    print(f"Written to {options.out}")


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, help="folder with CIFAR-10 or cifar10*.npz")
    parser.add_argument("--device", help="cuda, mps or cpu; the best one there is by default")
    parser.add_argument("--reduced", action="store_true", help="the size for a CPU")
    parser.add_argument("--images", type=int, help="how many; by default all, reduced 1000")
    parser.add_argument("--shapes", action="store_true", help="coloured shapes, not CIFAR-10")
    parser.add_argument("--epochs", type=int, help="default 45, reduced 6")
    parser.add_argument("--out", type=Path, default=RESULTS)
    return parser.parse_args()


def about(size: Size, images: int, device: torch.device, options: argparse.Namespace) -> dict:
    """What the figure's caption needs: the net, the device, the data, the command."""
    asked = " --reduced" * (size.channels == REDUCED.channels) + " --shapes" * options.shapes
    asked += f" --images {options.images}" if options.images else ""
    pictures = "training images of CIFAR-10"
    if options.shapes:
        pictures = "of the course's coloured shapes"
    return {
        "net": "-".join(f"conv{c}" for c in size.channels) + f"-fc{size.hidden}",
        "paper": "Kingma & Ba 2015, figure 3",
        "device": devices.describe_device(device),
        "torch": torch.__version__,
        "data": f"the first {images:,} {pictures}, whitened",
        "command": f"python benchmarks/optimizers_figure.py{asked} --epochs {size.epochs}",
        "batch_size": BATCH_SIZE,
        "updates_per_epoch": images // BATCH_SIZE,
        "epochs": size.epochs,
        "seconds": 0.0,
        "runs": [],
    }


def training_images(
    count: int | None, device, shapes: bool
) -> tuple[torch.Tensor, torch.Tensor]:
    """Whitened training images N×3×32×32 and their labels, on the device."""
    if shapes:
        pictures, classes = datasets.colour_shapes(count or DRAWN, seed=1)
    else:
        data = datasets.cifar10(validation=0.0, download=False)
        pictures, classes = data.train_x[:count], data.train_y[:count]
    x = torch.tensor(datasets.to_nchw(pictures)).flatten(1)
    x = (x - x.mean(1, keepdim=True)) / x.std(1, keepdim=True)
    # Metal has neither float64 nor eigh.
    x = x.to("cpu" if device.type == "mps" else device, torch.float64)
    x = x - x.mean(0)
    values, vectors = torch.linalg.eigh(x.T @ x / len(x))
    # ZCA; 0.1 keeps the directions in which images hardly differ from being blown up.
    x = (x @ vectors) / torch.sqrt(values.clamp(min=0) + 0.1) @ vectors.T
    labels = torch.tensor(np.asarray(classes), device=device)
    return x.reshape(-1, 3, 32, 32).float().to(device), labels


def network(size: Size, dropout: bool) -> nn.Module:
    layers: list[nn.Module] = [nn.Dropout(1 - KEEP_INPUT)] if dropout else []
    c_in, side = 3, 32
    for c_out in size.channels:
        layers += [nn.Conv2d(c_in, c_out, 5, padding=2), nn.ReLU(), nn.MaxPool2d(3, 2)]
        c_in, side = c_out, (side - 3) // 2 + 1
    layers += [nn.Flatten(), nn.Linear(c_in * side * side, size.hidden), nn.ReLU()]
    layers += [nn.Dropout(1 - KEEP_HIDDEN)] if dropout else []
    layers += [nn.Linear(size.hidden, 10)]
    for layer in layers:
        if isinstance(layer, (nn.Conv2d, nn.Linear)):
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
            nn.init.zeros_(layer.bias)
    # Small output weights, so that every run starts at a cost of ln 10 and not above it.
    nn.init.normal_(layers[-1].weight, std=0.01)
    return nn.Sequential(*layers)


def train(name, rate, x, y, size: Size, seed: int, dropout: bool = False):
    """The mean cost of each epoch, and the cost of each update of the first epochs.

    The cost is that of the mini-batch before the update, with dropout where it is on, as in the
    paper. A run whose cost is no number any more ends there.
    """
    torch.manual_seed(seed)
    model = network(size, dropout).to(x.device)
    optimizer = OPTIMIZERS[name][1](model.parameters(), rate)
    epochs, first = [], []
    for epoch in range(size.epochs):
        order = torch.randperm(len(x), device=x.device)
        costs = []
        # Whole batches only: a short one would be a different, noisier step.
        for rows in order.split(BATCH_SIZE)[: len(x) // BATCH_SIZE]:
            cost = nn.functional.cross_entropy(model(x[rows]), y[rows])
            optimizer.zero_grad()
            cost.backward()
            optimizer.step()
            costs.append(cost.detach())
        costs = torch.stack(costs)
        mean = float(costs.mean())
        if not math.isfinite(mean):
            break
        epochs.append(float(f"{mean:.4g}"))
        if epoch < CLOSE_UP:
            first += [float(f"{cost:.4g}") for cost in costs.tolist()]
    return epochs, first


def best_rate(name, x, y, size: Size):
    """The rate with the lowest cost in the last epoch, every cost tried, and the best run."""
    middle, half = OPTIMIZERS[name][0], size.rates // 2
    runs, costs = {}, {}
    due = list(range(-half, half + 1))
    while due:
        k = due.pop()
        runs[k] = train(name, middle * STEP**k, x, y, size, seed=0)
        finished = len(runs[k][0]) == size.epochs
        costs[k] = runs[k][0][-1] if finished else math.inf
        best = min(costs, key=costs.get)
        if not due and best in (min(costs), max(costs)) and len(costs) < WIDEST:
            due = [best - 1 if best == min(costs) else best + 1]
    tried = {middle * STEP**k: c if math.isfinite(c) else None for k, c in costs.items()}
    return float(f"{middle * STEP**best:.3g}"), tried, runs[best]


def write(results: dict, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    part.replace(path)


if __name__ == "__main__":
    main()
