"""The explorer of notebook 14: the path of gradient descent with gradients that come late."""

from __future__ import annotations

import numpy as np

from course_utils.explorers.explorer import Explorer, explore, slider
from course_utils.explorers.strokes import powers_of_ten

UPDATES = 150
START = np.array([-2.2, 1.6])
NAMED_WITHIN = 2e-3, 50.0  # where names have room beside the picture
APART = 0.34  # powers of ten that a name is high


def stale_path(curvatures, rate: float, delay: int, updates: int = UPDATES) -> np.ndarray:
    """w(t+1) = w(t) − rate·curvatures·w(t − delay) from START; before the start, START.

    Returns an array (updates + 1)×2.
    """
    path = np.tile(START, (updates + 1, 1))
    with np.errstate(over="ignore", invalid="ignore"):
        for t in range(updates):
            path[t + 1] = path[t] - rate * np.asarray(curvatures) * path[max(t - delay, 0)]
    return path


def stable_product(delay: int) -> float:
    """The largest rate × curvature that settles with this delay (Levin & May 1976)."""
    return 2 * np.sin(np.pi / (2 * (2 * delay + 1)))


def stale_explorer() -> Explorer:
    """Slide learning rate, delay and the valley's narrowness; see the path and its distance."""
    from matplotlib.figure import Figure

    from course_utils.plots import ACCENT

    figure = Figure(figsize=(9, 3.6))
    left, right = figure.subplots(1, 2)
    figure.subplots_adjust(0.07, 0.15, 0.91, 0.88, wspace=0.28)
    side = np.linspace(-3, 3, 61)
    contours = []
    (line,) = left.plot([0], [0], color=ACCENT, lw=1.2, marker="o", ms=2.5)
    left.plot(*START, color="#1a1a1a", marker="s", ms=6)
    left.annotate("start", START, (6, 6), textcoords="offset points", size=9)
    left.plot(0, 0, color="#1a1a1a", marker="+", ms=10)
    left.set(xlim=(-3, 3), ylim=(-3, 3), xlabel="flat axis, curvature 0.1", ylabel="steep axis")
    left.set_title("path in the valley (minimum at +)", loc="left", size=10)
    (distance,) = right.plot([0], [1], color=ACCENT, lw=1.8)
    (fresh,) = right.plot([0], [1], color="#6b6b6b", lw=1.4, ls=(0, (5, 2)))
    names = [
        right.annotate("", (UPDATES, 1), (5, 0), textcoords="offset points", size=9, color=colour,
                       va="center", annotation_clip=False)
        for colour in (ACCENT, "#444444")
    ]  # fmt: skip
    right.set(xlabel="update", ylabel="distance from the minimum", yscale="log",
              xlim=(0, UPDATES), ylim=(1e-3, 1e2))  # fmt: skip
    powers_of_ten(right.yaxis)
    right.set_title("how far it still is", loc="left", size=10)
    for axes in (left, right):
        axes.spines[["top", "right"]].set_visible(False)

    def draw(rate: float, delay: int, steepness: float):
        curvatures = 0.1, steepness
        for old in contours:
            old.remove()
        contours[:] = [left.contour(
            side, side, 0.05 * side[None] ** 2 + steepness / 2 * side[:, None] ** 2, 8,
            colors="#c4c4c4", linewidths=0.8, zorder=0,
        )]  # fmt: skip
        path = stale_path(curvatures, rate, delay)
        inside = np.clip(np.nan_to_num(path, nan=1e3), -1e3, 1e3)
        line.set_data(*inside.T)
        lengths, lengths_end = [], []
        for d, curve, name, words in zip(
            (delay, 0), (distance, fresh), names, (f"delay {delay}", "no delay"), strict=True
        ):
            far = np.linalg.norm(stale_path(curvatures, rate, d), axis=1)
            lengths.append(far)
            shown = np.clip(np.nan_to_num(far, nan=1e3, posinf=1e3), 1e-4, 1e3)
            curve.set_data(np.arange(len(far)), shown)
            name.set_text(words if curve is distance or delay else "")
            lengths_end.append(np.log10(np.clip(shown[-1], *NAMED_WITHIN)))
        # Beside the picture, at the heights of the ends; apart where they would overlap.
        late, none = lengths_end
        push = max(0.0, APART - abs(late - none)) / 2 * (1 if late >= none else -1)
        for name, height in zip(names, (late + push, none - push), strict=True):
            name.xy = (UPDATES, 10**height)
        product, bound = rate * steepness, stable_product(delay)
        settles = "settles" if product < bound else "does not settle"
        end = f"{lengths[0][-1]:.2g}" if np.isfinite(lengths[0][-1]) else "beyond all numbers"
        sentence = (
            f"Learning rate {rate:.3g}, gradients {delay} updates old, steep curvature "
            f"{steepness:.3g}: rate times curvature is {product:.3g}, the bound {bound:.3g}, so it "
            f"{settles}. Distance from the minimum after {UPDATES} updates: {end}; without delay "
            f"{lengths[1][-1]:.2g}."
        )
        return figure, sentence

    return explore(
        draw,
        still=[{"delay": 0}, {"delay": 2}, {"delay": 4}, {"delay": 4, "rate": 0.1}],
        rate=slider("learning rate", 0.02, 2.2, 0.35, step=0.01),
        delay=slider("delay (updates)", 0, 15, 0),
        steepness=slider("curvature of the steep axis", 0.1, 3.0, 1.0, step=0.1),
    )
