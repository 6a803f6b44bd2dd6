"""What is written in an explorer's picture can be read, in all that its still shows: no two texts
lie on each other, and none reaches over the edge."""

from __future__ import annotations

import importlib
import itertools

import pytest

from course_utils import explorers

EDGE = 1.0  # pixels that letters may touch or reach over, which no eye sees


def written(axes) -> list:
    """The texts of one part of a picture that are seen."""
    texts = [*axes.texts, axes.title, axes._left_title, axes._right_title]
    if axes.axison:
        for axis in (axes.xaxis, axes.yaxis):
            low, high = sorted(axis.get_view_interval())
            ticks = axis.get_major_ticks()
            texts += [tick.label1 for tick in ticks if low <= tick.get_loc() <= high]
            texts.append(axis.label)
    return [text for text in texts if text.get_visible() and text.get_text().strip()]


def overlap(one, other) -> bool:
    return (
        min(one.x1, other.x1) - max(one.x0, other.x0) > EDGE
        and min(one.y1, other.y1) - max(one.y0, other.y0) > EDGE
    )


@pytest.mark.parametrize("name", explorers.every())
def test_no_text_lies_on_another_or_over_the_edge(name):
    room, _, make = name.partition(".")
    explorer = getattr(importlib.import_module(f"course_utils.explorers.{room}"), make)()
    for setting in [explorer.values, *explorer._still]:
        figure, _ = explorer._draw(**setting)
        figure.draw_without_rendering()
        edge = figure.bbox.padded(EDGE)
        for axes in figure.axes:
            boxes = [(text.get_text(), text.get_window_extent()) for text in written(axes)]
            over = [text for text, b in boxes if not (
                edge.x0 <= b.x0 and b.x1 <= edge.x1 and edge.y0 <= b.y0 and b.y1 <= edge.y1)]
            touch = [(a, b) for (a, one), (b, other) in itertools.combinations(boxes, 2)
                     if overlap(one, other)]  # fmt: skip
            assert not touch and not over, (setting, touch, over)
