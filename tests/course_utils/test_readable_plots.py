"""What stands at axes and line ends can be read: nothing touches, nothing lies about where it ends,
and no value is pushed to an edge without a word."""

from __future__ import annotations

import itertools
import re

import numpy as np
import pytest

from course_utils import plots
from course_utils.plotting import display


def boxes(texts, figure):
    """The places of texts that are shown, in pixels, once the layout has been made."""
    figure.draw_without_rendering()
    return [t.get_window_extent() for t in texts if t.get_visible() and t.get_text()]


def touching(found) -> list[tuple]:
    return [(a, b) for a, b in itertools.combinations(found, 2) if a.overlaps(b)]


def names(figure):
    return [text for text in figure.axes[0].texts if text.get_text()]


# Line ends.


def test_a_line_that_stops_early_is_named_beside_the_others_and_has_a_dot_where_it_stops():
    figure = plots.lines(
        {"stops": ([1, 2, 3], [3, 2, 1.5]), "goes on": np.linspace(3, 0.5, 12)}, "epoch", "loss"
    )
    axes = figure.axes[0]
    figure.draw_without_rendering()
    right = axes.get_window_extent().x1
    assert all(box.x0 > right - 30 for box in boxes(names(figure), figure))
    (dot,) = (line for line in axes.get_lines() if line.get_label() == "_end")
    assert (dot.get_xdata()[0], dot.get_ydata()[0]) == (3, 1.5) and dot.get_marker() == "o"
    assert dot.get_color() == axes.get_lines()[0].get_color()


def test_lines_that_end_together_have_no_dots():
    figure = plots.lines({"a": [1, 2, 3], "b": [3, 2, 1]}, "epoch", "loss")
    assert not [line for line in figure.axes[0].get_lines() if line.get_label() == "_end"]


@pytest.mark.parametrize("seed", range(6))
def test_names_never_touch(seed):
    rng = np.random.default_rng(seed)
    series = {
        f"line {i}": (np.arange(1, 3 + n), rng.uniform(0.9, 1, n + 2))
        for i, n in enumerate(rng.integers(1, 12, 5))
    }
    figure = plots.lines(series, "epoch", "loss")
    assert touching(boxes(names(figure), figure)) == []


# Logarithmic axes.


@pytest.mark.parametrize("low, high", [
    (0.8, 1.1), (0.5, 2), (0.3, 3), (0.9, 9), (0.011, 0.9), (1, 99), (0.2, 0.25), (30, 2000),
])  # fmt: skip
@pytest.mark.parametrize("log", ["y", "x", "xy"])
def test_numbers_on_a_logarithmic_axis_do_not_touch(low, high, log):
    values = np.geomspace(low, high, 30)
    figure = plots.lines({"a": (values, values)}, "x", "y", log=log)
    axes = figure.axes[0]
    for axis, one in (("x", axes.xaxis), ("y", axes.yaxis)):
        if axis in log:
            labels = [*one.get_majorticklabels(), *one.get_minorticklabels()]
            lowest, highest = one.get_view_interval()
            shown = [t for t, place in zip(labels, [*one.get_majorticklocs(),
                                                    *one.get_minorticklocs()], strict=True)
                     if lowest <= place <= highest]  # fmt: skip
            assert touching(boxes(shown, figure)) == [], (axis, [t.get_text() for t in shown])


def test_a_few_numbers_are_written_but_for_those_that_would_touch():
    sizes = [4, 40, 400, 4000, 40_000, 400_000, 4_000_000, 16_000_000]
    figure = plots.lines({"time": (sizes, range(1, 9))}, "bytes", "time (ms)", log="x")
    axes = figure.axes[0]
    labels = axes.get_xticklabels()
    assert touching(boxes(labels, figure)) == []
    texts = [label.get_text() for label in labels]
    assert texts[-1] == "1.6·10⁷" and texts[:6] == [f"{size:g}" for size in sizes[:6]]
    assert list(axes.get_xticks()) == sizes


# Histograms.


def heights(axes):
    return np.array([patch.get_height() for patch in axes.patches])


def test_what_lies_outside_a_histogram_is_left_out_and_told():
    values = np.concatenate([np.linspace(-1, 1, 90), np.full(10, 50.0)])
    (axes,) = plots.histograms_per_layer([values], "activation", limits=(-1, 1)).axes
    assert heights(axes).sum() == 90 and heights(axes)[-1] < 5
    assert "10% outside" in axes.get_title("left")


def test_zeros_do_not_flatten_the_rest_and_are_told():
    values = np.maximum(np.random.default_rng(0).normal(size=4000), 0)
    (axes,) = plots.histograms_per_layer([values], "activation", limits=(-3, 3)).axes
    rest = np.sort(heights(axes))[-2]
    assert axes.get_ylim()[1] < 2 * rest
    assert f"{np.mean(values == 0):.0%} at 0" in axes.get_title("left")


def test_titles_of_histograms_do_not_touch():
    rng = np.random.default_rng(0)
    layers = [np.maximum(rng.normal(size=500), 0) * 2 for _ in range(10)]
    layers[3][:5] = np.nan
    figure = plots.histograms_per_layer(layers, "activation", limits=(-3, 3))
    titles = [axes._left_title for axes in figure.axes]
    assert touching(boxes(titles, figure)) == []


# One thing looks alike in every picture, and marks are told apart.


def strokes(figure) -> dict:
    return {line.get_label(): (line.get_color(), line._unscaled_dash_pattern)
            for line in figure.axes[0].get_lines() if line.get_label() != "_end"}  # fmt: skip


def test_a_family_keeps_its_strokes_whichever_of_it_is_drawn():
    family = ["sgd", "nesterov", "adagrad", "rmsprop"]
    ys = {f"{name}, rate 1": [k, k + 1.0] for k, name in enumerate([*family, "adam"])}
    draw = lambda series: strokes(plots.lines(series, "x", "y", accent="adam, rate 1",
                                              family=family))  # fmt: skip
    whole = draw(ys)
    few = draw({name: ys[name] for name in ("rmsprop, rate 1", "adam, rate 1", "adagrad, rate 1")})
    assert len(set(map(str, whole.values()))) == 5
    assert few == {name: whole[name] for name in few}


def test_a_line_outside_the_family_has_a_stroke_that_is_free():
    drawn = strokes(plots.lines({"new": [1, 2], "b": [2, 3], "a": [3, 4]}, "x", "y",
                                family=["a", "b"]))  # fmt: skip
    assert len(set(map(str, drawn.values()))) == 3


@pytest.mark.parametrize("low, high", [(0.06, 5), (0.03, 40), (1.5, 900)])
def test_few_powers_of_ten_are_written_as_plain_numbers(low, high):
    figure = plots.lines({"a": np.geomspace(low, high, 30)}, "x", "y", log="y")
    axis = figure.axes[0].yaxis
    shown = [t for t in axis.get_majorticklabels() if low <= t.get_position()[1] <= high]
    assert shown and all(float(t.get_text()) == pytest.approx(t.get_position()[1]) for t in shown)


def test_groups_of_points_have_marks_and_a_key_beside_the_picture():
    figure = plots.scatter([1, 10, 100], [1, 2, 3], "rate", "scale", [0.1, 0.5, 0.95], "accuracy",
                           log="x", groups=["coarse", "fine", "coarse"],
                           frame=((0.1, 1000), (0, 4)))  # fmt: skip
    axes = figure.axes[0]
    coarse, fine = axes.collections
    assert coarse.get_offsets().tolist() == [[1, 1], [100, 3]]
    assert len(coarse.get_paths()[0]) != len(fine.get_paths()[0])
    assert coarse.get_clim() == fine.get_clim() == (0.1, 0.95)
    (key,) = figure.legends
    assert [text.get_text() for text in key.get_texts()] == ["coarse", "fine"]
    figure.draw_without_rendering()
    assert not key.get_window_extent().overlaps(axes.get_tightbbox())
    assert "(2 coarse, 1 fine)" in figure.course_alt
    assert axes.get_xlim()[0] < 0.1 and axes.get_xlim()[1] > 1000


def test_points_without_groups_have_no_key():
    figure = plots.scatter([1, 2], [3, 4], "x", "y")
    assert not figure.legends and len(figure.axes[0].collections) == 1


def test_one_large_entry_does_not_leave_the_others_white():
    matrix = [[0.2, 2, 1000.0], [30, 4, 5]]
    shade = lambda **how: plots.heat(matrix, "x", "y", **how).axes[0].images[0]
    plain, log = shade(), shade(log=True)
    assert plain.norm(30) < 0.05 and log.norm(30) > 0.5
    with pytest.raises(ValueError, match="above 0"):
        plots.heat([[0.0, 1]], "x", "y", log=True)


def test_a_picture_is_moved_aside_on_a_telephone_before_its_letters_are_too_small():
    figure = plots.lines({"a": [1, 2]}, "epoch", "loss")
    html = display.mimebundle(figure)[0]["text/html"]
    shown, least = (
        int(re.search(rf"[;\"]{what}:(\d+)px", html)[1]) for what in ("width", "min-width")
    )
    letters = figure.axes[0].xaxis.label.get_size() / 72 * least / figure.get_size_inches()[0]
    assert least < shown and letters >= 9.5, "pixels of an axis's words"
    box = html[: html.index("<img")]
    assert "overflow-x:auto" in box and 'tabindex="0"' in box and "aria-label=" in box
