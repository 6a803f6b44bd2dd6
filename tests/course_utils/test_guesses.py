"""A prediction stands in the plot that answers it, where it can be seen, and in its words."""

from __future__ import annotations

import numpy as np
import pytest

from course_utils import plots, predictions
from course_utils.predictions import drawn, predict


@pytest.fixture(autouse=True)
def none_yet(monkeypatch):
    monkeypatch.setattr(predictions, "_PREDICTED", {})


def curve(log=""):
    return plots.lines({"a": [1.0, 4.0, 10.0]}, "epoch", "loss", log=log)


def marks(figure):
    """The line and the words of the prediction; an empty list where there are none."""
    axes = figure.axes[0]
    return [a for a in (*axes.get_lines(), *axes.texts) if a.get_gid() == "prediction"]


@pytest.mark.parametrize("value", [None, "a word"])
def test_without_a_number_the_picture_is_as_it_was(value, capsys):
    if value:
        predict("loss", value)
    figure = curve()
    assert drawn("loss", figure) is figure and marks(figure) == []
    assert "prediction" not in figure.course_alt


@pytest.mark.parametrize("value, log", [(5, ""), (12, ""), (-1, ""), (5, "y"), (0.3, "y")])
def test_a_prediction_is_a_line_that_can_be_seen(value, log, capsys):
    predict("loss", value)
    figure = drawn("loss", curve(log))
    line, text = marks(figure)
    assert list(line.get_ydata()) == [value, value]
    low, high = figure.axes[0].get_ylim()
    assert low < value < high and text.get_text() == f"your prediction: {value}"
    assert figure.course_alt.endswith(f"Your prediction: {value}.")


@pytest.mark.parametrize("value, log", [(1e9, ""), (-500, ""), (1e12, "y"), (0, "y"), (-3, "y")])
def test_one_that_would_squash_the_picture_stands_at_its_edge_and_says_so(value, log, capsys):
    predict("loss", value)
    before = curve(log).axes[0].get_ylim()
    figure = drawn("loss", curve(log))
    (text,) = marks(figure)
    assert figure.axes[0].get_ylim() == before
    assert text.get_text().endswith("outside this picture")
    edge = before[1] if value > 1 else before[0]
    assert text.xy[1] == edge


def test_along_bars_it_lies_where_their_numbers_are_read(capsys):
    predict("dead", 0.5)
    figure = drawn("dead", plots.bars_with_range({"a": 0.3, "b": 0.7}, "share"))
    line, _ = marks(figure)
    assert list(line.get_xdata()) == [0.5, 0.5]


def test_what_the_picture_shows_for_it_may_be_another_number(capsys):
    predict("gain", 2)
    line, _ = marks(drawn("gain", curve(), of=lambda points: 3 + points))
    assert list(line.get_ydata()) == [5, 5]


def test_two_predictions_are_both_drawn(capsys):
    predict("one", 2)
    predict("two", 8)
    figure = drawn("one", drawn("two", curve()))
    assert len(marks(figure)) == 4
    assert "Your prediction: 8. Your prediction: 2." in figure.course_alt


def test_its_words_lie_inside_the_picture(capsys):
    for value in np.linspace(1, 10, 7):
        predict("loss", float(value))
        figure = drawn("loss", curve())
        figure.draw_without_rendering()
        _, text = marks(figure)
        inside = figure.axes[0].get_window_extent()
        box = text.get_window_extent()
        assert inside.x0 <= box.x0 and box.x1 <= inside.x1
        assert inside.y0 - 1 <= box.y0 and box.y1 <= inside.y1 + 1


def test_its_words_stand_where_they_hide_least(capsys):
    """Both ends of the line, above it and below; a curve that ends there with its name is in the
    way."""
    x = np.linspace(0, 1, 50)
    for curve_, side in ((5 * x**8, "left"), (5 * (1 - x) ** 8, "right")):
        predict("loss", 4.8 if side == "left" else 5.0)
        figure = drawn("loss", plots.lines({"a": list(curve_)}, "epoch", "loss"))
        figure.draw_without_rendering()
        line, text = marks(figure)
        box = text.get_window_extent()
        path = figure.axes[0].transData.transform(np.stack([np.arange(50), curve_], axis=1))
        hidden = (box.x0 < path[:, 0]) & (path[:, 0] < box.x1)
        hidden &= (box.y0 < path[:, 1]) & (path[:, 1] < box.y1)
        assert not hidden.any()
        assert text.get_ha() == side
