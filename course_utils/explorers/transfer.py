"""The explorer of notebook 15: what each layer of the shipped net makes of shapes it never saw.

Nothing is trained here but the linear probe in the sentence.
"""

from __future__ import annotations

import functools
import itertools

import numpy as np

from course_utils.explorers.explorer import Explorer, choice, explore, slider

EACH = 30  # pictures a class; the probe is trained on one half and tested on the other
NEIGHBOURS = 5
LAYERS = {
    "the pixels": None,
    "block 1": "features.block1",
    "block 2": "features.block2",
    "block 3": "features.block3",
    "block 4, the features": "features.block4",
    "the head's scores": "head",
}
MARKERS = "os^vDP*X"
NAME_HEIGHT, LETTER = 0.125, 0.045  # of the plane's unit, at its names' size


@functools.lru_cache(maxsize=1)
def _pictures():
    from course_utils import transfer

    x, y = transfer.held_out_shapes(EACH, seed=3100)
    return x, y.numpy()


@functools.lru_cache(maxsize=len(LAYERS))
def features(layer: str) -> np.ndarray:
    """One row a picture: the layer's output, averaged over its places, each column standardised.

    Pixels are not averaged, as nothing but the mean colour would be left of them.
    """
    import torch

    from course_utils import shipped

    x, _ = _pictures()
    if LAYERS[layer] is None:
        rows = x.flatten(1)
    else:
        net = shipped.trained_source_shapes_net()
        kept = []
        handle = net.get_submodule(LAYERS[layer]).register_forward_hook(
            lambda module, inputs, output: kept.append(output)
        )
        with torch.no_grad():
            net(x)
        handle.remove()
        rows = kept[0].mean((2, 3)) if kept[0].ndim == 4 else kept[0]
    rows = rows.numpy().astype(float)
    return (rows - rows.mean(0)) / np.where(rows.std(0) > 0, rows.std(0), 1)


@functools.lru_cache(maxsize=len(LAYERS))
def probe(layer: str) -> float:
    """Accuracy on one half of the pictures of a ridge classifier trained on the other half."""
    rows, y = features(layer), _pictures()[1]
    train, test = np.arange(0, len(y), 2), np.arange(1, len(y), 2)
    targets = np.eye(y.max() + 1)[y[train]]
    # In the dual form: as many unknowns as pictures, however many pixels there are.
    gram = rows[train] @ rows[train].T + rows.shape[1] * np.eye(len(train)) / 10
    scores = rows[test] @ (rows[train].T @ np.linalg.solve(gram, targets - targets.mean(0)))
    return float(((scores + targets.mean(0)).argmax(1) == y[test]).mean())


@functools.lru_cache(maxsize=len(LAYERS))
def _plane(layer: str) -> np.ndarray:
    """The pictures in the plane in which their features vary most, each axis within ±1."""
    rows = features(layer)
    left, size, _ = np.linalg.svd(rows - rows.mean(0), full_matrices=False)
    flat = left[:, :2] * size[:2]
    flat = flat * np.sign(np.abs(flat).max(0) - np.abs(flat.min(0)) + 1e-9)
    return flat / np.abs(flat).max(0)


def nearest(layer: str, picture: int) -> np.ndarray:
    """The pictures whose features are nearest to a picture's own, by the angle between them."""
    rows = features(layer)
    length = np.linalg.norm(rows, axis=1) * np.linalg.norm(rows[picture])
    likeness = rows @ rows[picture] / np.maximum(length, 1e-12)
    likeness[picture] = -np.inf
    return np.argsort(-likeness, kind="stable")[:NEIGHBOURS]


@functools.lru_cache(maxsize=len(LAYERS))
def _same_shape(layer: str) -> float:
    """The share of all nearest neighbours that show the same shape."""
    y = _pictures()[1]
    return float(np.mean([(y[nearest(layer, i)] == y[i]).mean() for i in range(len(y))]))


def _apart(places: np.ndarray, widths: np.ndarray) -> np.ndarray:
    """Middles of names, moved up and down as far as need be so that none lies on another."""
    places, pairs = places.copy(), list(itertools.combinations(range(len(places)), 2))
    for _ in range(200):
        still = True
        for i, j in pairs:
            across, up = places[i] - places[j]
            over = NAME_HEIGHT - abs(up)
            if over > 1e-6 and abs(across) < (widths[i] + widths[j]) / 2:
                shift = (over / 2 + 1e-4) * (1 if up >= 0 else -1)
                places[i, 1] += shift
                places[j, 1] -= shift
                still = False
        if still:
            break
    return places


def explore_features() -> Explorer:
    """Choose a layer and a picture: all pictures in a plane, and the nearest ones."""
    from matplotlib.figure import Figure

    from course_utils.datasets import HELD_OUT_SHAPES
    from course_utils.plots import ACCENT

    x, y = _pictures()
    images = x.permute(0, 2, 3, 1).numpy()
    figure = Figure(figsize=(9, 3.9))
    plane = figure.add_axes((0.03, 0.09, 0.42, 0.8))
    style = {"ls": "", "ms": 5.5, "mec": "#555555", "mew": 0.7}
    points = [plane.plot([0], [0], marker=marker, **style)[0] for marker in MARKERS]
    names = [plane.text(0, 0, name, size=8, ha="center", va="center", color="#111111",
                        bbox={"fc": "white", "ec": "none", "alpha": 0.75, "pad": 0.8})
             for name in HELD_OUT_SHAPES]  # fmt: skip
    plane.set(xlim=(-1.1, 1.1), ylim=(-1.1, 1.1), xticks=[], yticks=[])
    plane.set_xlabel("first and second principal axis", size=9)
    plane.set_title("all pictures; names beside the middle of each shape", loc="left", size=10)
    plane.spines[["top", "right"]].set_visible(False)
    widths = np.array([LETTER * len(name) + LETTER for name in HELD_OUT_SHAPES])
    shown = []
    for i in range(NEIGHBOURS + 1):
        row, column = divmod(i, 3)
        axes = figure.add_axes((0.5 + 0.165 * column, 0.48 - 0.46 * row, 0.15, 0.36))
        axes.set_axis_off()
        shown.append((axes, axes.imshow(images[0], vmin=0, vmax=1)))

    def draw(layer: str, picture: int):
        flat, near = _plane(layer), nearest(layer, picture)
        middles = np.array([np.median(flat[y == c], axis=0) for c in range(len(names))])
        for c, (marks, name, at) in enumerate(
            zip(points, names, _apart(middles, widths), strict=True)
        ):
            marks.set_data(*flat[y == c].T)
            chosen = c == y[picture]
            marks.set(mfc=ACCENT if chosen else "#d5d5d5", ms=8 if chosen else 5, zorder=2 + chosen)
            name.set_position(at)
            name.set_zorder(4)
        for i, (axes, image) in zip([picture, *near], shown, strict=True):
            image.set_data(images[i])
            what = HELD_OUT_SHAPES[y[i]]
            axes.set_title(what if i != picture else f"this {what}", size=9,
                           color=ACCENT if y[i] == y[picture] else "#444444")  # fmt: skip
        said = ", ".join(HELD_OUT_SHAPES[y[i]] for i in near)
        return figure, (
            f"Layer: {layer}. A linear probe on it tells the eight shapes in {probe(layer):.0%} of "
            f"the pictures it was not trained on. Nearest to this {HELD_OUT_SHAPES[y[picture]]} "
            f"are: {said}. Over all pictures {_same_shape(layer):.0%} of the nearest show the "
            "same shape; by chance it would be 12%."
        )

    return explore(
        draw,
        still=[{"layer": layer} for layer in list(LAYERS)[:1] + list(LAYERS)[2:5]],
        layer=choice("layer", list(LAYERS), "block 1"),
        picture=slider("picture", 0, EACH * len(HELD_OUT_SHAPES) - 1, 4),
    )
