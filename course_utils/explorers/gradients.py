"""The explorer of notebook 01: the error of a difference quotient against its step.

The curve has two arms: on the right the formula is wrong, on the left the computer rounds.
"""

from __future__ import annotations

import numpy as np

from course_utils.explorers.explorer import Explorer, choice, explore, slider
from course_utils.explorers.strokes import powers_of_ten

STEPS = np.logspace(-16, 0, 129)
LEAST = 1e-17  # smaller errors are drawn here: a logarithm has no place for 0

# Name → the function and its derivative.
FUNCTIONS = {
    "exp(sin x)": (lambda x: np.exp(np.sin(x)), lambda x: np.cos(x) * np.exp(np.sin(x))),
    "x³": (lambda x: x**3, lambda x: 3 * x**2),
    "1000 + sin x": (lambda x: x.dtype.type(1000) + np.sin(x), np.cos),
    "ReLU": (lambda x: np.maximum(x, x.dtype.type(0)), lambda x: (x > 0) * 1.0),
}
PRECISIONS = {"float64": np.float64, "float32": np.float32}


def relative_error(name: str, x: float, h, precision: str, centred: bool) -> np.ndarray:
    """How far the difference quotient is from the slope, as a share of it; never below LEAST.

    Everything is computed in that precision, x + h too. Where x + h rounds back to x the quotient
    is 0 and the error 1.
    """
    f, slope = FUNCTIONS[name]
    kind = PRECISIONS[precision]
    x, h = kind(x), np.asarray(h, dtype=kind)
    with np.errstate(all="ignore"):
        below = x - h if centred else np.full_like(h, x)
        quotient = (f(x + h) - f(below)) / (kind(2 if centred else 1) * h)
    exact = float(slope(np.float64(x)))
    error = np.abs(quotient.astype(np.float64) - exact) / max(abs(exact), 1e-300)
    return np.maximum(np.where(np.isfinite(error), error, 1.0), LEAST)


def gradient_check_explorer() -> Explorer:
    """Slide the step h; see where it lies on the curve of errors, one-sided and centred."""
    from matplotlib.figure import Figure

    from course_utils.plots import ACCENT

    figure = Figure(figsize=(7, 3.6))
    axes = figure.subplots()
    figure.subplots_adjust(0.11, 0.15, 0.97, 0.9)
    # The dashed curve lies above the solid one, or it would not be seen where both are the same.
    (one,) = axes.loglog(STEPS, STEPS, color="#9a9a9a", lw=1.4, ls=(0, (5, 2)), zorder=3)
    (two,) = axes.loglog(STEPS, STEPS, color="#1a1a1a", lw=1.2)
    (here,) = axes.loglog([1], [1], "o", color=ACCENT, ms=9)
    bar = axes.axvline(1, color=ACCENT, lw=1)
    axes.set(xlim=(1e-16, 1), ylim=(LEAST / 3, 1e3), xlabel="step h", ylabel="relative error")
    for axis in (axes.xaxis, axes.yaxis):
        powers_of_ten(axis)
    axes.spines[["top", "right"]].set_visible(False)

    def draw(function: str, x: float, precision: str, h: float):
        one.set_ydata(relative_error(function, x, STEPS, precision, centred=False))
        two.set_ydata(curve := relative_error(function, x, STEPS, precision, centred=True))
        error = float(relative_error(function, x, h, precision, centred=True))
        here.set_data([h], [error])
        bar.set_xdata([h, h])
        axes.set_title(f"{function} at x = {x:g} in {precision}: one-sided (dashed), "
                       "centred (solid)", loc="left", size=10)  # fmt: skip
        # The median over a decade of steps: single steps are lucky in how they round.
        smooth = [np.median(curve[i - 4 : i + 5]) for i in range(4, len(curve) - 4)]
        best = int(np.argmin(smooth))
        off = f"off by {error:.1g}" if error > LEAST else f"off by less than {LEAST:.0e}"
        sentence = (
            f"{function} at x = {x:g} in {precision}: with h = {h:.1g} the centred difference is "
            f"{off} of the slope. Single steps can be lucky in how they round; over ranges of "
            f"steps it is best around h = {STEPS[best + 4]:.0e}: off by {smooth[best]:.0e} there."
        )
        return figure, sentence

    return explore(
        draw,
        still=[
            {"function": "exp(sin x)", "x": 1.0, "precision": "float64", "h": 1e-5},
            {"function": "exp(sin x)", "x": 1.0, "precision": "float32", "h": 1e-5},
            {"function": "1000 + sin x", "x": 1.0, "precision": "float64", "h": 1e-5},
            {"function": "ReLU", "x": 0.01, "precision": "float64", "h": 0.1},
        ],
        function=choice("function", list(FUNCTIONS)),
        x=slider("x", 0.01, 3.0, 1.0, step=0.01),
        precision=choice("precision", list(PRECISIONS)),
        h=slider("step h", 1e-15, 1.0, 1e-3, log=True),
    )
