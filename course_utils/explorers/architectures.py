"""The explorer of notebook 09: the receptive field of one output, grown back through the layers.

Everything is worked out along one axis; the square over the picture is the same along both.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from course_utils.explorers.explorer import Explorer, choice, explore, slider, switch

SIDE = 32  # pixels of the picture


@dataclass(frozen=True)
class Layer:
    """One layer along an axis, padded so that with stride 1 the size is (nearly) kept."""

    name: str
    kernel: int
    stride: int
    dilation: int = 1

    @property
    def reach(self) -> int:
        return self.dilation * (self.kernel - 1) + 1

    @property
    def pad(self) -> int:
        return 0 if self.name == "pool" else (self.reach - 1) // 2

    def leaves(self, size: int) -> int:
        """The output's size for this input's."""
        return (size + 2 * self.pad - self.reach) // self.stride + 1

    def taps(self, outputs: set[int]) -> set[int]:
        """The inputs that these outputs use; below 0 or beyond the end where it is padding."""
        start = -self.pad
        return {start + o * self.stride + t * self.dilation
                for o in outputs for t in range(self.kernel)}  # fmt: skip


def stack(depth: int, kernel: int, stride: int, dilation: str, pool: bool) -> list[Layer]:
    """`depth` convolutions; only the first has the stride; a pooling follows the first.

    Layers that would leave nothing are left out.
    """
    layers, size = [], SIDE
    for i in range(depth):
        spread = {"1": 1, "2": 2, "doubled at each layer": 2**i}[dilation]
        layers.append(Layer("conv", kernel, stride if i == 0 else 1, spread))
        size = layers[-1].leaves(size)
        if pool and i == 0 and size >= 2:
            layers.append(Layer("pool", 2, 2))
            size = layers[-1].leaves(size)
    return layers


def grown_back(layers: list[Layer], place: float) -> tuple[list[int], list[set[int]]]:
    """Sizes of input and outputs from the input up, and which of each the chosen output uses.

    Parameters
    ----------
    place : where the output stands, from 0 (first) to 1 (last)
    """
    sizes = [SIDE]
    for layer in layers:
        sizes.append(layer.leaves(sizes[-1]))
    used = [{round(place * (sizes[-1] - 1))}]
    for layer in reversed(layers):
        used.insert(0, layer.taps(used[0]))
    return sizes, used


def receptive_field_explorer(receptive_field: Callable | None = None) -> Explorer:
    """Choose an output and the layers; see what it uses of every layer, down to the picture.

    Parameters
    ----------
    receptive_field : your receptive_field(layers); when given, what it says ends the sentence
    """
    from matplotlib.figure import Figure
    from matplotlib.patches import Rectangle

    from course_utils.data.shapes import colour_shapes
    from course_utils.plots import ACCENT

    picture = colour_shapes(4, seed=3, difficulty=0.1)[0][2]
    figure = Figure(figsize=(9.5, 3.6))
    tower, view = figure.subplots(1, 2, width_ratios=[2.1, 1])
    figure.subplots_adjust(0.135, 0.1, 0.98, 0.9, wspace=0.08)

    def draw(depth, kernel, stride, dilation, pool, place):
        layers = stack(depth, kernel, stride, dilation, pool)
        sizes, used = grown_back(layers, place / 100)
        tower.clear()
        edges = []  # from each unit to what it reads, with a gap after each
        view.clear()
        # Where a unit of a layer stands, in pixels of the input.
        starts, jumps = [0.0], [1]
        for layer in layers:
            starts.append(starts[-1] + jumps[-1] * ((layer.reach - 1) / 2 - layer.pad))
            jumps.append(jumps[-1] * layer.stride)
        for level, (size, seen) in enumerate(zip(sizes, used, strict=True)):
            at = starts[level] + jumps[level] * np.arange(size)
            tower.plot(at, np.full(size, level), ".", color="#b5b5b5", markersize=4)
            inside = np.array(sorted(seen))
            padded = (inside < 0) | (inside >= size)
            for chosen, mark, face in ((~padded, "o", ACCENT), (padded, "o", "white")):
                tower.plot(starts[level] + jumps[level] * inside[chosen],
                           np.full(chosen.sum(), level), mark, markersize=5, color=ACCENT,
                           markerfacecolor=face)  # fmt: skip
            if level:
                for o in seen:
                    for tap in layers[level - 1].taps({o}):
                        edges += [(starts[level] + jumps[level] * o, level),
                                  (starts[level - 1] + jumps[level - 1] * tap, level - 1),
                                  (np.nan, np.nan)]  # fmt: skip
        tower.plot(*np.transpose(edges), color=ACCENT, lw=0.5, alpha=0.5)
        names = ["picture"] + [
            f"{layer.name} {layer.kernel}"
            + (f", stride {layer.stride}" if layer.stride > 1 else "")
            + (f", dil. {layer.dilation}" if layer.dilation > 1 else "")
            for layer in layers
        ]
        tower.set_yticks(range(len(names)), names, size=8)
        tower.set_ylim(-0.5, len(names) - 0.5)
        tower.set_xlim(min(-2, min(used[0]) - 1), max(SIDE + 1, max(used[0]) + 1))
        tower.set_xlabel("pixel along one axis", size=8, labelpad=0)
        tower.tick_params(labelsize=8)
        tower.set_title("What one output uses of each layer (hollow: padding)", size=9, loc="left")
        first, last = min(used[0]), max(used[0])
        size = last - first + 1
        view.imshow(picture)
        view.add_patch(Rectangle((first - 0.5, first - 0.5), size, size, fill=False, lw=2.5,
                                 edgecolor="white"))  # fmt: skip
        view.add_patch(Rectangle((first - 0.5, first - 0.5), size, size, fill=False, lw=1.2,
                                 edgecolor="black"))  # fmt: skip
        # As far as the square reaches: beyond the picture there is padding.
        least, most = min(-0.5, first - 1.5), max(SIDE - 0.5, last + 1.5)
        view.set_xlim(least, most)
        view.set_ylim(most, least)
        view.set_axis_off()
        beyond = f" of {SIDE}×{SIDE} and padding" if first < 0 or last >= SIDE else ""
        view.set_title(f"sees {size}×{size} pixels{beyond}", size=9)
        seen = len(used[0])
        sentence = (
            f"One output of {sizes[-1]}×{sizes[-1]} sees {size}×{size} pixels of the picture, from "
            f"pixel {first} to {last}; neighbouring outputs look {jumps[-1]} "
            f"pixel{'s' if jumps[-1] > 1 else ''} apart."
        )
        if seen < size:
            sentence += f" Along one axis it uses {seen} of the {size}: dilation leaves gaps."
        if first < 0 or last >= SIDE:
            sentence += " Part of what it sees is padding."
        if receptive_field is not None:
            said = _said(receptive_field, layers)
            sentence += f" Your receptive_field says: {said}."
        return figure, sentence

    return explore(
        draw,
        still=[
            {},
            {"pool": True},
            {"dilation": "doubled at each layer"},
            {"kernel": 7, "depth": 1, "place": 0},
        ],
        depth=slider("convolutions", 1, 5, 3),
        kernel=slider("kernel", 1, 7, 3),
        stride=slider("stride of the first", 1, 3, 1),
        dilation=choice("dilation", ("1", "2", "doubled at each layer")),
        pool=switch("pooling 2×2 after the first", False),
        place=slider("output (% of the way)", 0, 100, 50, step=5),
    )


def _said(receptive_field: Callable, layers: list[Layer]) -> str:
    """What the learner's function answers, or that it is not there yet."""
    try:
        size, jump = receptive_field([(one.kernel, one.stride, one.dilation) for one in layers])
    except NotImplementedError:
        return "nothing yet"
    except Exception as error:  # noqa: BLE001 - it is the learner's, and may fail in any way
        return f"{type(error).__name__}: {error}"
    return f"size {size}, jump {jump}"
