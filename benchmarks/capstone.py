"""What recipes reach at the capstone's task: from where on its points rise, and where they stop.

python benchmarks/capstone.py [--store] [--runs plain,reference,strong] [--seeds N]

Trains each recipe under five seeds on five variants (all three corners of the budget among them),
and asks 5,000 other pictures once. --store writes data/results/capstone.json after each run, under
the processor's name, and passes over what is there; run it a second time with the settings of
another processor to have both:

ATEN_CPU_CAPABILITY=default ONEDNN_MAX_CPU_ISA=SSE41 MKL_CBWR=COMPATIBLE \\
OPENBLAS_CORETYPE=Nehalem NPY_DISABLE_CPU_FEATURES="AVX2 FMA3" \\
python benchmarks/capstone.py --store
"""

import argparse
import itertools
import json
import math
import os
import time

os.environ.setdefault("OMP_NUM_THREADS", "1")

import torch
import torch.nn.functional as F
from torch import nn

from course_utils.capstone import cost, drawn, training_pictures, variant
from course_utils.results import FOLDER, stored
from course_utils.training import evaluate, fit, seeded

# Five names whose variants have all three corners, and leave out other shapes each.
NAMES = ("ada", "ben", "cleo", "fay", "hal")
TEST_PICTURES, TEST_SEED = 5000, 1701
RECIPES = {
    "plain": {"epochs": 6, "batch_size": 64, "optimizer": "sgd", "learning_rate": 0.02},
    "reference": {
        "epochs": 20, "batch_size": 50, "optimizer": "adamw", "learning_rate": 6e-3,
        "weight_decay": 0.02, "cosine": True, "flip": True,
    },
    "strong": {
        "epochs": 30, "batch_size": 50, "optimizer": "adamw", "learning_rate": 6e-3,
        "weight_decay": 0.05, "cosine": True, "flip": True, "colours": True,
    },
}  # fmt: skip


def widths(budget: dict) -> tuple[int, ...]:
    """Four widths within the budget, none below the one before it, whose product is greatest."""
    best = (1, (4, 4, 4, 4))
    for some in itertools.combinations_with_replacement(range(8, 97, 4), 4):
        c_in = (3, *some[:3])
        weights = [9 * a * b for a, b in zip(c_in, some, strict=True)]
        parameters = sum(weights) + 2 * sum(some) + (some[-1] + 1) * budget["classes"]
        products = sum(w * (32 >> i) ** 2 for i, w in enumerate(weights))
        size = 4 * (parameters + 2 * sum(some)) + 8 * 4
        fits = (
            parameters <= budget["parameters"] and size <= budget["bytes"]
            and products + some[-1] * budget["classes"] <= budget["multiply_adds"]
        )  # fmt: skip
        best = max(best, (math.prod(some), some)) if fits else best
    return best[1]


def build(budget: dict) -> nn.Sequential:
    """Four blocks of convolution, batch norm and ReLU, each but the last halved, and a mean."""
    layers, c_in = [], 3
    for c_out in widths(budget):
        layers += [nn.Conv2d(c_in, c_out, 3, padding=1, bias=False), nn.BatchNorm2d(c_out),
                   nn.ReLU(), nn.MaxPool2d(2)]  # fmt: skip
        c_in = c_out
    layers[-1] = nn.AdaptiveAvgPool2d(1)
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(c_in, budget["classes"]))


def augmentation(recipe: dict):
    def augment(x, generator):
        if recipe.get("flip"):
            mirrored = torch.rand(len(x), generator=generator) < 0.5
            x = torch.where(mirrored[:, None, None, None], x.flip(3), x)
        if recipe.get("shift"):
            k = recipe["shift"]
            down, right = torch.randint(0, 2 * k + 1, (2,), generator=generator).tolist()
            x = F.pad(x, (k,) * 4, mode="replicate")[:, :, down : down + 32, right : right + 32]
        if recipe.get("colours"):
            x = x[:, torch.randperm(3, generator=generator)]
        return x

    return augment


def train(recipe: dict, budget: dict, data, seed: int) -> nn.Sequential:
    with seeded(seed):
        net = build(budget)
    rate, kept = recipe["learning_rate"], []

    def optimizer(parameters):
        if recipe["optimizer"] == "sgd":
            kept.append(torch.optim.SGD(parameters, rate, momentum=0.9))
        else:
            kept.append(torch.optim.AdamW(parameters, rate, weight_decay=recipe["weight_decay"]))
        return kept[0]

    def slower(history):
        if recipe.get("cosine"):
            done = history.epochs / recipe["epochs"]
            for group in kept[0].param_groups:
                group["lr"] = rate * (1 + math.cos(math.pi * done)) / 2

    fit(net, data, None, optimizer, recipe["epochs"], recipe["batch_size"], seed,
        augment=augmentation(recipe), on_epoch=slower, progress=False)  # fmt: skip
    return net


def measured(recipe: dict, name: str, seed: int) -> dict:
    """One run: accuracy on pictures that no recipe has seen, cost, seconds of processor time."""
    task = variant(name)
    start = time.process_time()
    net = train(recipe, task.budget, training_pictures(task), seed)
    seconds = time.process_time() - start
    accuracy = evaluate(net, drawn(task.shapes, TEST_PICTURES, TEST_SEED))[1]
    spent = cost(net)
    return {
        "variant": name, "corner": task.corner, "seed": seed, "accuracy": round(accuracy, 4),
        "parameters": spent.parameters, "multiply_adds": spent.multiply_adds, "bytes": spent.bytes,
        "processor_seconds": round(seconds, 1),
    }  # fmt: skip


def processor() -> str:
    """What torch computes with: differs between the settings above."""
    return f"{torch.backends.cpu.get_cpu_capability()}, {os.environ.get('ONEDNN_MAX_CPU_ISA', '')}"


def kept(results: dict, name: str) -> list[dict]:
    """The runs of a recipe that are stored for this processor, if it was the same recipe."""
    here = results["processors"].get(processor(), {}).get(name, {})
    return here["runs"] if here.get("recipe") == RECIPES[name] else []


def store(name: str, runs: list[dict]) -> None:
    """Put a recipe's runs into data/results, beside what is there."""
    results = stored("capstone") or {"processors": {}}
    here = results["processors"].setdefault(processor(), {})
    here |= {"torch": torch.__version__, name: {"recipe": RECIPES[name], "runs": runs}}
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / "capstone.json").write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--store", action="store_true")
    parser.add_argument("--runs", default=",".join(RECIPES))
    parser.add_argument("--seeds", type=int, default=5)
    chosen = parser.parse_args()
    torch.set_num_threads(1)
    for name in chosen.runs.split(","):
        runs = kept(stored("capstone") or {"processors": {}}, name) if chosen.store else []
        for seed in range(len(runs), chosen.seeds):
            runs.append(measured(RECIPES[name], NAMES[seed % len(NAMES)], seed))
            print(name, runs[-1], flush=True)
            if chosen.store:
                store(name, runs)
        found = [run["accuracy"] for run in runs]
        print(f"{name}: {min(found):.3f} to {max(found):.3f}", flush=True)


if __name__ == "__main__":
    main()
