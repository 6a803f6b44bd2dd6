"""The words for a picture, made from its data: what a reader who does not see it needs to know.

Nothing is drawn here. Numbers are given to three digits; a list of more than twelve things is cut,
and says so.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_MOST = 12


def lines(
    curves: Mapping[str, tuple], xlabel: str, ylabel: str, title: str, log: str, spread: bool
) -> str:
    """Of each line (x, low, middle, high): where it starts and ends, its extreme in between."""
    said = [f"{name}: {_course(along, middle)}" for name, (along, _, middle, _) in curves.items()]
    scales = " and ".join({"x": "horizontal", "y": "vertical"}[axis] for axis in log)
    start = f"{_titled('Line plot', title)}: {ylabel} against {xlabel}"
    start += f", logarithmic {scales} axis" if scales else ""
    start += ", medians over seeds" if spread else ""
    return f"{start}. {_list(said)}."


def bars(ranges: Mapping[str, tuple[float, float, float]], ylabel: str, title: str) -> str:
    said = []
    for name, (low, middle, high) in ranges.items():
        span = f" ({_number(low)} to {_number(high)})" if high > low else ""
        said.append(f"{name}: {_number(middle)}{span}")
    return f"{_titled('Bar chart', title)}: {ylabel}. {_list(said)}."


def histograms(layers: Mapping[str, np.ndarray], xlabel: str, title: str) -> str:
    said = []
    for name, values in layers.items():
        finite = values[np.isfinite(values)]
        if len(finite) == 0:
            said.append(f"{name}: nothing finite")
            continue
        mean, std = _number(finite.mean()), _number(finite.std())
        lost = len(values) - len(finite)
        said.append(f"{name}: mean {mean}, std {std}" + (f", {lost} not finite" if lost else ""))
    return f"{_titled('Histograms by layer', title)}: {xlabel}. {_list(said)}."


def images(pictures: np.ndarray, labels: Sequence[Any] | None, title: str) -> str:
    n, height, width, channels = pictures.shape
    kind = "colour" if channels == 3 else "grey"
    start = f"{_titled('Grid', title)}: {n} {kind} image{'s' if n != 1 else ''}, {height}×{width}"
    return f"{start}." if labels is None else f"{start}. {_list([str(x) for x in labels])}."


def matrix(
    values: np.ndarray,
    xlabel: str,
    ylabel: str,
    xticks: Sequence[Any] | None,
    yticks: Sequence[Any] | None,
    title: str,
    value: str,
) -> str:
    rows, columns = values.shape
    start = f"{_titled('Heat map', title)}: {value} for {rows} {ylabel} × {columns} {xlabel}"
    if not np.isfinite(values).any():
        return f"{start}. Nothing is finite."

    def at(flat: int) -> str:
        row, column = np.unravel_index(flat, values.shape)
        where = (
            f"{ylabel} {row if yticks is None else yticks[row]}, "
            f"{xlabel} {column if xticks is None else xticks[column]}"
        )
        return f"{_number(values[row, column])} at {where}"

    finite = np.where(np.isfinite(values), values, np.nan)
    return f"{start}. Lowest {at(np.nanargmin(finite))}; highest {at(np.nanargmax(finite))}."


def points(
    x: np.ndarray,
    y: np.ndarray,
    shade: np.ndarray | None,
    xlabel: str,
    ylabel: str,
    shade_label: str,
    title: str,
    groups: Sequence[str] = (),
) -> str:
    start = f"{_titled('Scatter plot', title)}: {ylabel} against {xlabel}, {len(x)} points"
    if len(counts := Counter(groups)) > 1:
        start += f" ({', '.join(f'{count} {name}' for name, count in counts.items())})"
    by = y if shade is None else shade
    if not np.isfinite(by).any():
        return f"{start}."
    best = int(np.nanargmax(np.where(np.isfinite(by), by, np.nan)))
    name = ylabel if shade is None else shade_label or "shade"
    where = f"{xlabel} {_number(x[best])}, {ylabel} {_number(y[best])}"
    return (
        f"{start}. {xlabel} from {_number(np.nanmin(x))} to {_number(np.nanmax(x))}, {ylabel} from "
        f"{_number(np.nanmin(y))} to {_number(np.nanmax(y))}; highest {name} "
        f"({_number(by[best])}) at {where}."
    )


def axes(figure: Figure) -> str:
    """Read what can be said off any figure's axes: lines, bars, points, images and labels."""
    said = [sentence for axes in figure.axes if (sentence := _one_axes(axes))]
    if not said:
        return "A figure without data."
    return " ".join(said)


def _one_axes(axes) -> str:
    parts = []
    for i, line in enumerate(axes.get_lines(), 1):
        name = line.get_label() if not str(line.get_label()).startswith("_") else f"line {i}"
        x, y = np.asarray(line.get_xdata(), float), np.asarray(line.get_ydata(), float)
        parts.append(f"{name}: {_course(x, y)}")
    heights = [patch.get_height() for patch in axes.patches if hasattr(patch, "get_height")]
    if heights:
        parts.append(
            f"{len(heights)} bars from {_number(min(heights))} to {_number(max(heights))} high"
        )
    for collection in axes.collections:
        offsets = np.asarray(collection.get_offsets(), float)
        if len(offsets) > 1:
            parts.append(f"{len(offsets)} points")
    for image in axes.get_images():
        height, width = image.get_size()
        parts.append(f"image of {height}×{width} pixels")
    if not parts:
        return ""
    labels = " against ".join(label for label in (axes.get_ylabel(), axes.get_xlabel()) if label)
    start = ": ".join(part for part in (axes.get_title("left") or axes.get_title(), labels) if part)
    return f"{start + '. ' if start else ''}{_list(parts)}."


def _course(x: np.ndarray, y: np.ndarray) -> str:
    """Where a line starts and ends, and its lowest or highest value when that is in between."""
    known = np.flatnonzero(np.isfinite(y))
    if len(known) == 0:
        return "no finite values"
    first, last = known[0], known[-1]
    if first == last:
        return f"{_number(y[first])} at {_number(x[first])}"
    text = f"from {_number(y[first])} at {_number(x[first])} to {_number(y[last])} at "
    text += _number(x[last])
    low, high = known[np.argmin(y[known])], known[np.argmax(y[known])]
    if y[low] < min(y[first], y[last]):
        text += f", lowest {_number(y[low])} at {_number(x[low])}"
    if y[high] > max(y[first], y[last]):
        text += f", highest {_number(y[high])} at {_number(x[high])}"
    lost = len(y) - len(known)
    return text + (f", {lost} values not finite" if lost else "")


def _number(value: float) -> str:
    return f"{float(value):.3g}"


def _list(parts: list[str]) -> str:
    if len(parts) > _MOST:
        parts = [*parts[:_MOST], f"and {len(parts) - _MOST} more"]
    return "; ".join(parts)


def _titled(kind: str, title: str) -> str:
    return f"{kind} “{title}”" if title else kind
