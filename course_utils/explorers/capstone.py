"""The explorer of notebook 17: four widths, and what each block takes of a budget."""

from __future__ import annotations

import numpy as np

from course_utils.capstone import CORNERS
from course_utils.explorers.explorer import Explorer, choice, explore, slider

CLASSES = 8
KINDS = ("parameters", "multiply_adds", "bytes")
WORDS = {"parameters": "parameters", "multiply_adds": "multiply-adds", "bytes": "bytes"}


def by_block(widths, halved: int) -> dict[str, np.ndarray]:
    """What each of four blocks and the head cost; the first `halved` blocks end in a pooling."""
    costs: dict[str, list[float]] = {kind: [] for kind in KINDS}
    c_in, side = 3, 32
    for place, c_out in enumerate(widths):
        kernel = 9 * c_in * c_out
        costs["parameters"].append(kernel + 2 * c_out)
        costs["multiply_adds"].append(kernel * side**2)
        costs["bytes"].append(4 * (kernel + 4 * c_out) + 8)
        c_in, side = c_out, side // 2 if place < halved else side
    head = (c_in + 1) * CLASSES
    for kind, last in zip(KINDS, (head, c_in * CLASSES, 4 * head), strict=True):
        costs[kind].append(last)
    return {kind: np.array(values) for kind, values in costs.items()}


def explore_budget() -> Explorer:
    """Choose the widths of four blocks; see what they take of each corner's budget."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 2.6))
    panels = figure.subplots(1, 3, sharey=True)
    figure.subplots_adjust(left=0.13, right=0.97, bottom=0.2, top=0.85, wspace=0.12)
    names = ["block 1", "block 2", "block 3", "block 4", "head"]
    bars = []
    for axes, kind in zip(panels, KINDS, strict=True):
        bars.append(axes.barh(names, np.ones(5), color="0.35"))
        axes.set_title(WORDS[kind], fontsize=9)
        axes.set_xlim(0, 1)
        axes.set_xlabel("share of the budget", fontsize=8)
        axes.tick_params(labelsize=8)
    panels[0].invert_yaxis()

    def draw(corner, first, second, third, fourth, halved):
        budget = CORNERS[corner]
        costs = by_block((first, second, third, fourth), int(halved))
        told = []
        for drawn, kind in zip(bars, KINDS, strict=True):
            shares = costs[kind] / budget[kind]
            for bar, share in zip(drawn, shares, strict=True):
                bar.set_width(min(share, 1))
            total = costs[kind].sum()
            side = "over" if total > budget[kind] else "within"
            told.append(f"{int(total):,} {WORDS[kind]} ({side})")
        most = names[int(np.argmax(costs["multiply_adds"]))]
        return figure, f"{', '.join(told)}. Most products are in {most}."

    return explore(
        draw, corner=choice("budget", tuple(CORNERS)),
        first=slider("width of block 1", 4, 64, 16, step=4),
        second=slider("width of block 2", 4, 64, 24, step=4),
        third=slider("width of block 3", 4, 96, 32, step=4),
        fourth=slider("width of block 4", 4, 128, 48, step=4),
        halved=slider("blocks that halve the map", 0, 3, 3, step=1),
    )  # fmt: skip
