"""The course's pictures: one style, labelled where the data are, with words for who cannot see.

Each function returns a Figure that is not displayed yet: `show(fig)` puts it into the notebook
with a text alternative made from its data. Nothing is computed here but what is drawn, and no
words are made here (`describe` does that).

The style: white ground (so that it reads in dark themes too), names beside the lines instead of a
legend, one accent colour, everything else in greys that differ in lightness and in dash, so that a
print in grey and a colour-blind reader lose nothing. A range over seeds is a band or a bar from
the lowest to the highest, the line or dot its median.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from course_utils.plotting import axis_labels, canvas, describe, plot_data
from course_utils.plotting.canvas import ACCENT, DASHES, GREYS, MARKS, STYLE
from course_utils.plotting.display import mimebundle, show

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = [
    "ACCENT", "STYLE", "bars_with_range", "heat", "histograms_per_layer", "image_grid", "lines",
    "live_curves", "scatter", "show",
]  # fmt: skip

def lines(
    series: Mapping[str, Any],
    xlabel: str,
    ylabel: str,
    title: str = "",
    accent: str | None = None,
    x: Sequence[float] | None = None,
    log: str = "",
    size: tuple[float, float] = (7, 3.8),
    family: Sequence[str] = (),
) -> Figure:
    """Lines with their names at their ends.

    Parameters
    ----------
    series : name → y values, a pair (x, y), or a Spread (`training.seeds`), drawn as a band.
    xlabel, ylabel : with units, such as "time (s)".
    accent : the name of the line that the picture is about; a single line always is.
    x : shared x values; default 1, 2, 3, ... as epochs count.
    log : "x", "y" or "xy" for logarithmic axes.
    family : what several pictures show, in one order; a line whose name begins with one of these
        has that one's grey and dashes, whichever others stand beside it.

    Raises ValueError when there is nothing to draw or lengths differ.
    """
    curves = {
        name: plot_data.curve(name, values, x) for name, values in plot_data.named(series).items()
    }
    if accent is not None and accent not in curves:
        raise ValueError(f"accent={accent!r} is none of the lines ({', '.join(curves)}).")
    if len(curves) == 1:
        accent = next(iter(curves))
    with canvas.style():
        figure, axes = canvas.empty(size)
        strokes = _strokes([name for name in curves if name != accent], family)
        for name, (along, low, middle, high) in curves.items():
            colour, dash = strokes.get(name, (ACCENT, "-"))
            order = 3 if name == accent else 2
            single = {"marker": "o", "markersize": 5} if len(along) == 1 else {}
            axes.plot(along, middle, color=colour, ls=dash, zorder=order, label=name, **single)
            if low is not None:
                axes.fill_between(along, low, high, color=colour, alpha=0.18, lw=0, zorder=order)
        canvas.label(axes, xlabel, ylabel, title, log)
        if "x" in log:
            axis_labels.mark_few(
                axes, np.unique(np.concatenate([along for along, *_ in curves.values()]))
            )
        elif all(np.all(c[0] == np.round(c[0])) for c in curves.values()):
            axes.xaxis.get_major_locator().set_params(integer=True)
        if "x" in log:
            axis_labels.write_plainly(axes.xaxis)
        if "y" in log:
            axis_labels.write_plainly(axes.yaxis)
        axis_labels.name_line_ends(figure, axes, ACCENT)
    spread = any(low is not None for _, low, _, _ in curves.values())
    return canvas.described(figure, describe.lines(curves, xlabel, ylabel, title, log, spread))


def _strokes(names: Sequence[str], family: Sequence[str]) -> dict[str, tuple[str, Any]]:
    """A grey and a dash for each name: those of its place in the family, else the next free."""
    places = {name: next((i for i, one in enumerate(family) if name.startswith(one)), None)
              for name in names}  # fmt: skip
    free = (i for i in itertools.count() if i not in set(places.values()))
    return {
        name: (GREYS[place % len(GREYS)], DASHES[place % len(DASHES)])
        for name, place in ((n, next(free) if p is None else p) for n, p in places.items())
    }


def bars_with_range(
    values: Mapping[str, Any],
    ylabel: str,
    title: str = "",
    accent: str | None = None,
    size: tuple[float, float] | None = None,
) -> Figure:
    """One bar a name: the median, with a line from the lowest to the highest, and the number.

    `values` maps a name to a number, a Spread or the values of several runs. The bars lie, so
    that long names can be read. Raises ValueError when there is nothing to draw.
    """
    ranges = {
        name: plot_data.low_middle_high(name, value)
        for name, value in plot_data.named(values).items()
    }
    if accent is not None and accent not in ranges:
        raise ValueError(f"accent={accent!r} is none of the bars ({', '.join(ranges)}).")
    with canvas.style():
        figure, axes = canvas.empty(size or (7, 0.7 + 0.42 * len(ranges)))
        places = np.arange(len(ranges))[::-1]
        middles = np.array([middle for _, middle, _ in ranges.values()])
        colours = [ACCENT if name == accent else "#a8a8a8" for name in ranges]
        axes.barh(places, middles, color=colours, height=0.62)
        reach = 0.0
        for place, (low, middle, high) in zip(places, ranges.values(), strict=True):
            if high > low:
                axes.plot([low, high], [place, place], color="#1a1a1a", lw=1.6, marker="|")
            if np.isfinite(middle):
                axes.annotate(
                    f"{middle:.3g}", (max(high, 0), place), (5, 0), textcoords="offset points",
                    va="center",
                )  # fmt: skip
                reach = max(reach, high)
        if reach > 0:
            axes.set_xlim(right=reach * 1.14)
        axes.set_yticks(places, list(ranges))
        axes.grid(False, axis="y")
        axes.grid(True, axis="x")
        axes.set_xlabel(ylabel)
        axes.set_title(title)
    figure.course_axis = "x"  # along which a prediction lies
    return canvas.described(figure, describe.bars(ranges, ylabel, title))


def histograms_per_layer(
    layers: Mapping[str, Any] | Sequence[Any],
    xlabel: str,
    title: str = "",
    bins: int = 41,
    limits: tuple[float, float] | None = None,
    columns: int = 5,
) -> Figure:
    """A small histogram for each layer, on one scale, with its standard deviation above it.

    `layers` maps names to arrays of any shape; a list is named layer 1, layer 2, ... The scale
    covers all layers unless `limits` gives it. Values that are not finite, or outside `limits`,
    are left out and counted in the title; so are zeros whose bar would flatten the others and is
    cut. Raises ValueError when there is nothing to draw.
    """
    if not isinstance(layers, Mapping):
        layers = {f"layer {i}": values for i, values in enumerate(layers, 1)}
    flat = {
        name: plot_data.numbers(name, values).reshape(-1)
        for name, values in plot_data.named(layers).items()
    }
    finite = {name: values[np.isfinite(values)] for name, values in flat.items()}
    known = [values for values in finite.values() if len(values)]
    if limits is None:
        limits = (
            (min(v.min() for v in known), max(v.max() for v in known)) if known else (-1.0, 1.0)
        )
    if limits[0] == limits[1]:
        limits = (limits[0] - 0.5, limits[1] + 0.5)
    rows = -(-len(flat) // columns)
    columns = min(columns, len(flat))
    with canvas.style():
        figure, axes = canvas.empty((1.9 * columns + 0.4, 1.6 * rows + 0.5), rows, columns)
        for place, (name, values) in zip(axes.flat, finite.items(), strict=False):
            lost = len(flat[name]) - len(values)
            spread = f"std {values.std():.2g}" if len(values) else "nothing finite"
            said = []
            heights, *_ = place.hist(values, bins=bins, range=limits, color=ACCENT)
            outside = np.mean((values < limits[0]) | (values > limits[1])) if len(values) else 0
            if outside:  # left out and told: at the edge they would look like a peak
                said.append(f"{outside:.0%} outside" if outside >= 0.005 else "<1% outside")
            zeros = np.count_nonzero(values == 0)
            if zeros and limits[0] <= 0 <= limits[1]:
                at = min(int((0 - limits[0]) / (limits[1] - limits[0]) * bins), bins - 1)
                rest = max(np.delete(heights, at).max(initial=0), heights[at] - zeros)
                if 0 < 1.5 * rest < heights[at]:  # what a ReLU cuts off would flatten all else
                    place.set_ylim(0, 1.5 * rest)
                    said.append(f"{zeros / len(values):.0%} at 0")
            if lost:
                said.append(f"{lost} not finite")
            told = [f"{name}: {spread}", ", ".join(said[:2]), ", ".join(said[2:])]
            place.set_title("\n".join(filter(None, told)), size=9)
            place.set_yticks([])
            place.spines["left"].set_visible(False)
            place.set_xlim(*limits)
            place.tick_params(labelsize=8)
        for place in axes.flat[len(flat) :]:
            place.set_axis_off()
        figure.supxlabel(xlabel, size=10)
        if title:
            figure.suptitle(title, x=0.01, ha="left", size=11)
    figure.course_axis = "x"
    return canvas.described(figure, describe.histograms(flat, xlabel, title))


def image_grid(
    images: Any, labels: Sequence[Any] | None = None, columns: int = 8, title: str = ""
) -> Figure:
    """Pictures in rows, each with its label above it.

    `images` is N×H×W×C or N×H×W (numpy), or N×C×H×W (a torch tensor or float array with 1 or 3
    channels second), uint8 or floats in [0, 1]; floats beyond that are cut. Raises ValueError on
    another shape, or when there are fewer labels than images.
    """
    pictures = plot_data.pictures(images)
    if labels is not None and len(labels) != len(pictures):
        raise ValueError(f"{len(pictures)} images and {len(labels)} labels do not go together.")
    rows, columns = -(-len(pictures) // columns), min(columns, len(pictures))
    with canvas.style():
        figure, axes = canvas.empty((1.05 * columns, (1.25 if labels is not None else 1.05) * rows
                                + (0.35 if title else 0)), rows, columns)  # fmt: skip
        for place in axes.flat:
            place.set_axis_off()
        for i, (place, picture) in enumerate(zip(axes.flat, pictures, strict=False)):
            grey = picture.shape[2] == 1
            place.imshow(picture[..., 0] if grey else picture, cmap="gray", vmin=0, vmax=1)
            if labels is not None:
                place.set_title(str(labels[i]), size=8, loc="center")
        if title:
            figure.suptitle(title, x=0.01, ha="left", size=11)
    return canvas.described(figure, describe.images(pictures, labels, title))


def heat(
    matrix: Any,
    xlabel: str,
    ylabel: str,
    xticks: Iterable[Any] | None = None,
    yticks: Iterable[Any] | None = None,
    title: str = "",
    value: str = "value",
    numbers: bool | None = None,
    diverging: bool = False,
    log: bool = False,
) -> Figure:
    """A matrix as shades, light for low, dark for high, with the numbers in it when they fit.

    `diverging` centres the scale on 0, with one hue for each sign; `log` shades by powers of ten,
    where one large entry would leave all others white. `value` names what the shades mean, with its
    unit. Raises ValueError unless the matrix has two axes and an entry, and all are above 0 where
    `log` is set.
    """
    matrix = plot_data.numbers("the matrix", matrix)
    if matrix.ndim != 2 or matrix.size == 0:
        raise ValueError(f"heat draws a matrix with two axes; this one has shape {matrix.shape}.")
    xticks, yticks = (
        plot_data.ticks(xticks, matrix.shape[1], "x"),
        plot_data.ticks(yticks, matrix.shape[0], "y"),
    )
    numbers = matrix.size <= 120 if numbers is None else numbers
    known = matrix[np.isfinite(matrix)]
    reach = float(np.abs(known).max()) if known.size else 1.0
    scale = {"cmap": "PuOr", "vmin": -reach, "vmax": reach} if diverging else {"cmap": "Blues"}
    if log:
        if not (known > 0).all():
            raise ValueError("heat shades by powers of ten only where every entry is above 0.")
        scale["norm"] = "log"
    with canvas.style():
        rows, columns = matrix.shape
        figure, axes = canvas.empty((1.6 + min(7, 0.55 * columns), 0.9 + min(6, 0.42 * rows)))
        axes.grid(False)
        drawn = axes.imshow(matrix, aspect="auto", **scale)
        if numbers:
            for (row, column), entry in np.ndenumerate(matrix):
                red, green, blue, _ = drawn.cmap(drawn.norm(entry))
                # Relative luminance (ITU-R BT.709) decides between dark and light text.
                light = 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.5
                axes.text(column, row, _short(entry), ha="center", va="center", size=8,
                          color="#111111" if light else "white")  # fmt: skip
        for ticks, put in ((xticks, axes.set_xticks), (yticks, axes.set_yticks)):
            if ticks is not None:
                put(range(len(ticks)), [str(tick) for tick in ticks])
        figure.colorbar(drawn, ax=axes, label=value)
        canvas.label(axes, xlabel, ylabel, title, "")
    words = describe.matrix(matrix, xlabel, ylabel, xticks, yticks, title, value)
    return canvas.described(figure, words)


def _short(entry: float) -> str:
    """Three digits, the whole number where it has four or five, else one and an exponent."""
    text = f"{entry:.0f}" if 999.5 <= abs(entry) < 99_999.5 else f"{entry:.3g}"
    return text if len(text) <= 6 else f"{entry:.0e}"


def scatter(
    x: Any,
    y: Any,
    xlabel: str,
    ylabel: str,
    shade: Any = None,
    shade_label: str = "",
    title: str = "",
    log: str = "",
    size: tuple[float, float] = (6.5, 4),
    groups: Sequence[str] | None = None,
    frame: tuple[tuple[float, float], tuple[float, float]] | None = None,
) -> Figure:
    """Points; `shade` (one number a point, named by `shade_label`) makes the higher ones darker.

    Parameters
    ----------
    groups : a name for each point; each name has a mark of its own, told below the picture.
    frame : ((lowest, highest) x, (lowest, highest) y) of where points could lie, drawn dashed.

    Raises ValueError when there are no points or the lengths differ.
    """
    x, y = plot_data.numbers("x", x).reshape(-1), plot_data.numbers("y", y).reshape(-1)
    shade = None if shade is None else plot_data.numbers("shade", shade).reshape(-1)
    groups = ["" for _ in x] if groups is None else [str(name) for name in groups]
    others = (y, groups) if shade is None else (y, groups, shade)
    if len(x) == 0 or any(len(x) != len(other) for other in others):
        raise ValueError(
            f"scatter needs as many y as x, and at least one: there are {len(x)} x, {len(y)} y"
            + ("" if shade is None else f", {len(shade)} shades")
            + (f", {len(groups)} groups." if any(groups) else ".")
        )
    names = list(dict.fromkeys(groups))
    with canvas.style():
        figure, axes = canvas.empty(size)
        for name, mark in zip(names, itertools.cycle(MARKS)):
            here = np.array([one == name for one in groups])
            colour = {"color": ACCENT}
            if shade is not None:
                ends = {"vmin": np.nanmin(shade), "vmax": np.nanmax(shade)}
                colour = {"c": shade[here], "cmap": "Blues", **ends}
            drawn = axes.scatter(x[here], y[here], s=MARKS[mark], marker=mark, label=name,
                                 edgecolor="#333333", linewidth=0.6, **colour)  # fmt: skip
        if shade is not None:
            figure.colorbar(drawn, ax=axes, label=shade_label)
        canvas.label(axes, xlabel, ylabel, title, log)
        if frame:
            canvas.outline(axes, *frame)
        if len(names) > 1:
            key = figure.legend(loc="outside lower left", ncols=len(names), frameon=False)
            for handle in key.legend_handles:
                handle.set_facecolor("#9a9a9a")
    return canvas.described(
        figure, describe.points(x, y, shade, xlabel, ylabel, shade_label, title, groups)
    )


def live_curves(xlabel: str = "epoch", ylabel: str = "loss (nats)") -> Callable[[Any], None]:
    """An `on_epoch` for `training.fit` that redraws the losses in place after each epoch."""
    from IPython.display import display

    handle = None

    def draw(history: Any) -> None:
        nonlocal handle
        series = {"training": history.train_loss}
        if history.validation_loss:
            series["validation"] = history.validation_loss
        accent = "validation" if len(series) == 2 else None
        data, metadata = mimebundle(lines(series, xlabel, ylabel, accent=accent))
        if handle is None:
            handle = display(data, raw=True, metadata=metadata, display_id=True)
        else:
            handle.update(data, raw=True, metadata=metadata)

    return draw
