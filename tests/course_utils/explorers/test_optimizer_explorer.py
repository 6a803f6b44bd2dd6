"""The explorer of notebook 07: its grounds' gradients, and a learner's rules on them."""

import numpy as np
import pytest

from course_utils.explorers.optimizers import explore_optimizers, walk, walk_own
from course_utils.recipes.grounds import GROUNDS


def downhill(w, dw, config):
    return w - config["learning_rate"] * dw, config


@pytest.mark.parametrize("degrees", [0, 30])
@pytest.mark.parametrize("name", GROUNDS)
def test_slopes_are_the_derivatives_of_the_level(name, degrees):
    ground = GROUNDS[name].turned(20.0, degrees)
    for place in np.random.default_rng(0).normal(size=(20, 2)):
        nudges = 1e-6 * np.eye(2)
        centred = [(ground.level(place + d) - ground.level(place - d)) / 2e-6 for d in nudges]
        np.testing.assert_allclose(ground.gradient(place), centred, atol=1e-5, rtol=1e-4)


def test_turning_the_ground_turns_the_path_of_plain_descent():
    straight, turned = (GROUNDS["bend"].turned(20.0, degrees) for degrees in (0, 90))
    one, other = (walk(ground, 0.1, 0.9)["SGD"] for ground in (straight, turned))
    np.testing.assert_allclose(other, one @ [[0, 1], [-1, 0]], atol=1e-9)


def test_a_learners_rule_goes_where_torchs_goes():
    ground = GROUNDS["bowl"].turned(50.0, 30)
    paths, silent = walk_own({"mine": downhill}, ground, 0.1, 0.9)
    np.testing.assert_allclose(paths["mine"], walk(ground, 0.1, 0.9)["SGD"], atol=1e-12)
    assert not silent


def test_a_rule_that_is_not_written_or_fails_is_told_and_the_others_are_drawn():
    def unwritten(w, dw, config):
        raise NotImplementedError()

    explorer = explore_optimizers(
        {"first": unwritten, "second": downhill, "third": lambda w, dw, config: w - dw}
    )
    explorer.widget()
    explorer.set(surface="bowl")
    assert "second 1.8" in explorer.sentence
    assert "first: not written yet" in explorer.sentence
    assert "third: ValueError" in explorer.sentence


def test_a_rule_that_runs_away_is_said_to_be_far_off():
    explorer = explore_optimizers({"uphill": lambda w, dw, config: (w * 1e200, config)})
    explorer.widget()
    explorer.set(surface="bowl")
    assert "uphill far off" in explorer.sentence


def test_where_no_rule_is_written_the_picture_is_there_and_says_so():
    def unwritten(w, dw, config):
        raise NotImplementedError()

    explorer = explore_optimizers({"SGD": unwritten})
    explorer.widget()
    explorer.set(surface="cliff")
    assert explorer.sentence.endswith("SGD: not written yet.")


def strokes(explorer) -> dict:
    """The colour and dash of each rule's curve on the right."""
    figure, _ = explorer._draw(**explorer.values)
    plane, course = figure.axes
    names = [text.get_text() for text in course.texts]
    paths, curves = (
        [(line.get_color(), line._unscaled_dash_pattern) for line in axes.get_lines()]
        for axes in (plane, course)
    )
    assert paths[2:] == curves  # behind the minimum's mark and the start's
    return dict(zip(names, curves, strict=True))


def test_a_learners_adam_is_drawn_as_torchs():
    torchs = strokes(explore_optimizers())
    mine = strokes(explore_optimizers({"RMSProp": downhill, "my own": downhill, "Adam": downhill}))
    assert len(set(map(str, torchs.values()))) == 5 and len(set(map(str, mine.values()))) == 3
    assert all(mine[name] == torchs[name] for name in ("RMSProp", "Adam"))


@pytest.mark.parametrize("degrees", [0, 45, 90])
def test_a_saddle_is_told_from_a_bowl(degrees):
    explorer = explore_optimizers()
    figure, _ = explorer._draw(**{**explorer.values, "surface": "saddle", "rotation": degrees})
    plane = figure.axes[0]
    ground = GROUNDS["saddle"].turned(explorer.values["condition"], degrees)
    below = [text for text in plane.texts if text.get_visible()]
    assert len(below) == 2 and all(ground.level(np.array(t.get_position())) < 0 for t in below)
    assert plane.collections and "saddle" in plane.get_title("left")
    explorer._draw(**{**explorer.values, "surface": "bowl"})
    assert not plane.collections and not [text for text in plane.texts if text.get_visible()]
