"""The explorer of notebook 13: a fixed-point grid, rounding by chance, and what a sum makes of it.

Nothing is trained here.
"""

from __future__ import annotations

import numpy as np

from course_utils.explorers.explorer import Explorer, choice, explore, slider

UPDATES = 200
_CURVE_POINTS = 400
_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def onto_grid(x, integer_bits: int, fraction_bits: int, draws=None) -> np.ndarray:
    """x on the grid of multiples of 2**-fraction_bits, saturating; ties to even.

    With `draws`, uniform numbers of the shape of x, rounded by chance.
    """
    steps = np.asarray(x, dtype=float) * 2.0**fraction_bits
    steps = np.rint(steps) if draws is None else np.floor(steps + draws)
    limit = 2.0 ** (integer_bits + fraction_bits - 1)
    return np.clip(steps, -limit, limit - 1) / 2.0**fraction_bits


def sums(update: float, integer_bits: int, fraction_bits: int, by_chance: bool) -> np.ndarray:
    """The running sum of UPDATES updates from 0, put onto the grid after each; UPDATES + 1 values.

    The draws are the same each time.
    """
    draws = np.random.default_rng(25).random(UPDATES)
    totals = np.zeros(UPDATES + 1)
    for i in range(UPDATES):
        draw = draws[i] if by_chance else None
        totals[i + 1] = onto_grid(totals[i] + update, integer_bits, fraction_bits, draw)
    return totals


def unit_of(reach: float) -> tuple[float, str]:
    """A thousandth, a millionth, ... in which numbers up to `reach` are written with few digits,
    and how a label says it; (1, "") where they are short as they are."""
    power = 3 * int(np.floor(np.log10(reach) / 3)) if reach > 0 else 0
    if -2 < np.log10(max(reach, 1e-9)) < 4 or power == 0:
        return 1.0, ""
    return 10.0**power, f" (in 10{str(power).translate(_RAISED)})"


def precision_explorer() -> Explorer:
    """Slide the bits and the size of an update; see the grid, and which sum arrives."""
    from matplotlib.figure import Figure
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    from course_utils.plots import ACCENT

    figure = Figure(figsize=(9, 3.3))
    left, right = figure.subplots(1, 2)
    figure.subplots_adjust(0.085, 0.17, 0.97, 0.87, wspace=0.26)
    rng = np.random.default_rng(31)
    unit, draws, jitter = np.linspace(-1, 1, _CURVE_POINTS), *rng.random((2, _CURVE_POINTS))
    (exact,) = left.plot(unit, unit, color="#9a9a9a", lw=1)
    (rounded,) = left.plot(unit, unit, color="#1a1a1a", lw=1.6, drawstyle="steps-mid")
    (chance,) = left.plot(unit, unit, ".", color=ACCENT, ms=3)
    left.set_title("nearest (solid), by chance (dots)", loc="left", size=10)
    steps = np.arange(UPDATES + 1)
    (near,) = right.plot(steps, steps, color="#1a1a1a", lw=2.4)
    (far,) = right.plot(steps, steps, color=ACCENT, lw=1.4)
    # Above the sums, which would hide it where they are right; its light dashes show on both.
    (true,) = right.plot(steps, steps, color="#9a9a9a", lw=1.2, ls=(0, (5, 4)))
    right.set(xlim=(0, UPDATES + 36), xlabel="updates")
    names = [right.text(UPDATES + 2, 0, text, color=colour, va="center", size=9)
             for text, colour in (("nearest", "#1a1a1a"), ("chance", ACCENT))]  # fmt: skip
    right.set_title("200 equal updates, exact sum dashed", loc="left", size=10)
    for axes in (left, right):
        axes.spines[["top", "right"]].set_visible(False)
    # Fine grids have long numbers: few places, written in thousandths or millionths.
    scales = {left.xaxis: "value", left.yaxis: "number on the grid", right.yaxis: "running sum"}
    for axis in scales:
        axis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))

    def write(axis, reach: float) -> None:
        unit, said = unit_of(reach)
        axis.set_major_formatter(FuncFormatter(lambda number, _=None: f"{number / unit:.6g}"))
        axis.set_label_text(scales[axis] + said)

    def draw(start: str, integer_bits: int, fraction_bits: int, share: float):
        step, top = 2.0**-fraction_bits, 2.0 ** (integer_bits - 1)
        reach = 1.3 * top if start == "the whole range" else min(4 * step, 1.3 * top)
        x = reach * unit
        x_chance = reach * (2 * jitter - 1)
        exact.set_data(x, x)
        rounded.set_data(x, onto_grid(x, integer_bits, fraction_bits))
        chance.set_data(x_chance, onto_grid(x_chance, integer_bits, fraction_bits, draws))
        left.set(xlim=(-reach, reach), ylim=(-1.15 * reach, 1.15 * reach))
        update = share * step
        totals = [sums(update, integer_bits, fraction_bits, c) for c in (False, True)]
        true.set_ydata(update * steps)
        for line, name, total in zip((near, far), names, totals, strict=True):
            line.set_ydata(total)
            name.set_y(total[-1])
        ends = [total[-1] for total in totals]
        high = max(1.1 * update * UPDATES, 1.1 * max(ends), step)
        if abs(ends[0] - ends[1]) < 0.08 * high:  # the names would overlap
            upper = int(ends[1] > ends[0])
            lower = max(np.mean(ends) - 0.04 * high, 0.0)  # below 0 it would be on the axis
            names[upper].set_y(lower + 0.08 * high)
            names[1 - upper].set_y(lower)
        right.set_ylim(-0.05 * high, 1.1 * high)
        for axis, far_as in zip(scales, (reach, reach, high), strict=True):
            write(axis, far_as)
        full = " (the end of the range)" if max(ends) >= top - step else ""
        sentence = (
            f"{integer_bits} integer and {fraction_bits} fraction bits: "
            f"{2 ** (integer_bits + fraction_bits):,} numbers from {-top:g} to {top - step:.10g}, "
            f"{step:.4g} apart. After {UPDATES} updates of {share:g} of a step the exact sum is "
            f"{update * UPDATES:.4g}; rounded to the nearest it is {ends[0]:.4g}, by chance "
            f"{ends[1]:.4g}{full}."
        )
        return figure, sentence

    return explore(
        draw,
        still=[
            {"share": 0.1},
            {"share": 0.4},
            {"share": 0.6},
            {"start": "the whole range", "integer_bits": 1, "fraction_bits": 3, "share": 0.3},
        ],
        start=choice("left picture shows", ["a few steps around 0", "the whole range"]),
        integer_bits=slider("integer bits (with the sign)", 1, 8, 4),
        fraction_bits=slider("fraction bits", 0, 12, 4),
        share=slider("update (share of a step)", 0.0, 2.0, 0.1, step=0.05),
    )
