"""The explorer of notebook 04: scale of the first weights, depth and activation in, histograms out.

Nothing is trained here.
"""

from __future__ import annotations

import functools

import numpy as np

from course_utils.explorers.explorer import Explorer, choice, explore, slider
from course_utils.explorers.strokes import powers_of_ten

WIDTH, EXAMPLES, DEEPEST = 200, 100, 20
ACTIVATIONS = {
    "tanh": np.tanh,
    "ReLU": lambda z: np.maximum(z, 0),
    "leaky ReLU (0.1)": lambda z: np.maximum(z, np.float32(0.1) * z),
    "linear": lambda z: z,
}
_FADED, _LARGE = 1e-3, 1e3
_LESS, _MORE = 0.1, 10.0  # the input's standard deviation is 1
_FLOOR, _CEILING = 1e-10, 1e5  # what the picture of the standard deviations shows at least
_NAMED = {1: "Xavier", 2**0.5: "He"}  # at equal widths, in units of 1/√n


@functools.lru_cache(maxsize=1)
def _noise() -> tuple[np.ndarray, list[np.ndarray]]:
    """The input and the weights before scaling, the same at each setting."""
    rng = np.random.default_rng(4)
    x = rng.standard_normal((EXAMPLES, WIDTH), dtype=np.float32)
    weights = [
        rng.standard_normal((WIDTH, WIDTH), dtype=np.float32) / np.float32(WIDTH**0.5)
        for _ in range(DEEPEST)
    ]
    return x, weights


def layers(activation: str, scale: float, depth: int) -> list[np.ndarray]:
    """The activations of each layer, 100 examples × 200 units.

    `scale` is the standard deviation of the weights times √200.
    """
    h, weights = _noise()
    found = []
    for weight in weights[:depth]:
        h = ACTIVATIONS[activation](np.float32(scale) * (h @ weight))
        found.append(h)
    return found


def verdict(activation: str, last: np.ndarray, std: float) -> str:
    """What has become of the signal, in a few words."""
    if std < _FADED:
        return "the signal has faded"
    if std > _LARGE:
        return "it has exploded"
    saturated = float(np.mean(1 - last**2 < 0.05)) if activation == "tanh" else 0.0
    if saturated > 0.2:
        return f"{saturated:.0%} of the outputs are saturated"
    if std < _LESS:
        return f"the signal has shrunk to {std:.2g} of the input's"
    if std > _MORE:
        return f"it has grown to {std:.2g} times the input's"
    return "it is still there"


def bins_for(activation: str, values: np.ndarray) -> np.ndarray:
    """The edges of a layer's histogram: on the input's scale, and further where values are."""
    if activation == "tanh":
        return np.linspace(-1, 1, 42)
    reach = max(3.0, float(np.abs(values).max()))
    return np.linspace(0 if activation == "ReLU" else -reach, reach, 42)


def initialization_explorer() -> Explorer:
    """Slide scale and depth; see the histograms of four layers and the spread of all."""
    from matplotlib.figure import Figure

    from course_utils.plots import ACCENT

    figure = Figure(figsize=(9, 3.3))
    grid = figure.add_gridspec(2, 4, left=0.085, right=0.985, bottom=0.15, top=0.91,
                               wspace=0.25, hspace=0.75)  # fmt: skip
    spread = figure.add_subplot(grid[:, :2])
    (line,) = spread.plot([1], [1], color=ACCENT, marker="o", ms=4, lw=1.5)
    spread.axhline(1, color="#9a9a9a", lw=1, ls=(0, (5, 2)))
    spread.set(yscale="log", xlim=(0.5, DEEPEST + 0.5), ylim=(_FLOOR, _CEILING), xlabel="layer")
    powers_of_ten(spread.yaxis)
    spread.set_xticks([1, 5, 10, 15, 20])
    spread.set_title("standard deviation of the activations", loc="left", size=10)
    places = [figure.add_subplot(grid[row, column]) for row in (0, 1) for column in (2, 3)]
    wide = bins_for("linear", np.zeros(1))
    bars = [place.stairs(np.zeros(41), wide, fill=True, color="#6b6b6b") for place in places]
    for axes in (spread, *places):
        axes.spines[["top", "right"]].set_visible(False)
    for place in places:
        place.set_yticks([])
        place.set_ylim(0, 1)
        place.tick_params(labelsize=8)

    def draw(activation: str, scale: float, depth: float):
        depth = int(depth)
        outputs = layers(activation, scale, depth)
        # In double precision: the squares of what has exploded are beyond float32.
        stds = np.array([float(h.std(dtype=np.float64)) for h in outputs])
        line.set_data(np.arange(1, depth + 1), stds)
        ends = np.floor(np.log10(min(stds.min(), _FLOOR))), np.ceil(np.log10(max(stds.max(),
                                                                                 _CEILING)))
        spread.set_ylim(*(10.0**end for end in ends))
        apart = 3 if ends[1] - ends[0] <= 18 else 6
        spread.set_yticks([10.0**p for p in range(-60, 61, apart) if ends[0] <= p <= ends[1]])
        shown = np.unique(np.linspace(1, depth, 4).round().astype(int))
        for i, (place, stairs) in enumerate(zip(places, bars, strict=True)):
            place.set_visible(i < len(shown))
            if i < len(shown):
                values = outputs[shown[i] - 1]
                bins = bins_for(activation, values)
                counts = np.histogram(values, bins)[0]
                zeros = np.count_nonzero(values == 0)
                # The zeros of a ReLU would dwarf all else: their bar is cut off, and counted.
                rest = counts.copy()
                rest[np.searchsorted(bins, 0, "right") - 1] -= zeros
                place.set_ylim(0, 1)
                stairs.set_data(np.minimum(counts / max(rest.max(), 1), 1), bins)
                place.set_xlim(bins[0], bins[-1])
                ticks = [bins[0], (bins[0] + bins[-1]) / 2, bins[-1]]
                place.set_xticks(ticks, [f"{tick:.2g}" for tick in ticks])
                share = f", {zeros / values.size:.0%} at 0" if zeros else ""
                place.set_title(f"layer {shown[i]}{share}", loc="left", size=9)
        near = [name for value, name in _NAMED.items() if abs(scale / value - 1) < 0.02]
        who = f" (about {near[0]}'s)" if near else ""
        sentence = (
            f"{activation}, weights of standard deviation {scale:.2f}/√{WIDTH} = "
            f"{scale / WIDTH**0.5:.3f}{who}: the activations have standard deviation "
            f"{stds[0]:.2g} at layer 1 and {stds[-1]:.2g} at layer {depth}; "
            f"{verdict(activation, outputs[-1], stds[-1])}."
        )
        return figure, sentence

    return explore(
        draw,
        still=[
            {"activation": "tanh", "scale": 0.14},
            {"activation": "tanh", "scale": 5.0},
            {"activation": "ReLU", "scale": 1.0},
            {"activation": "ReLU", "scale": 1.41},
        ],
        activation=choice("activation", list(ACTIVATIONS)),
        scale=slider("std of the weights × √200", 0.1, 10.0, 1.0, log=True),
        depth=slider("depth (layers)", 1, DEEPEST, 10, step=1),
    )
