"""What explorers draw is what their sentences say: no value is pushed to an edge, scales that are
to be compared stay, and a still says which settings it shows."""

from __future__ import annotations

import io
import itertools

import numpy as np
import pytest
from PIL import Image

from course_utils.explorers.activations import ACTIVATIONS, activation_explorer
from course_utils.explorers.architectures import receptive_field_explorer
from course_utils.explorers.convolution import explore_convolution
from course_utils.explorers.data import augmentation_explorer
from course_utils.explorers.explorer import choice, explore, slider, switch
from course_utils.explorers.fast_convolution import MOST, im2col_explorer
from course_utils.explorers.initialization import bins_for, initialization_explorer
from course_utils.explorers.parallel import stale_explorer
from course_utils.explorers.regularization import regularization_explorer
from course_utils.explorers.tuning import LOSSES, tuning_explorer
from course_utils.plotting import still


def drawn(explorer, **values):
    """The figure and the sentence for these values, the others at their start."""
    return explorer._draw(**{**explorer.values, **values})


# Notebook 02.


@pytest.mark.parametrize("activation", list(ACTIVATIONS))
@pytest.mark.parametrize("mean, scale", [(6, 1), (0, 20), (-6, 20)])
def test_outputs_lie_where_they_are(activation, mean, scale):
    figure, sentence = drawn(activation_explorer(), activation=activation, mean=mean, scale=scale)
    middle = figure.axes[1]
    (stairs,) = middle.patches
    shares, edges, _ = stairs.get_data()
    centres = (edges[1:] + edges[:-1]) / 2
    said = float(sentence.split("mean output is ")[1].split(",")[0])
    assert shares.sum() == pytest.approx(1)
    assert float(centres @ shares) == pytest.approx(said, abs=edges[1] - edges[0])
    assert middle.get_xlim() == (edges[0], edges[-1])


def test_pre_activations_further_out_are_counted_and_not_piled_up():
    figure, _ = drawn(activation_explorer(), mean=6.0, scale=6.0)
    left = figure.axes[0]
    assert any("further out" in text.get_text() for text in left.texts)
    heights, *_ = left.patches[0].get_data()
    assert heights[-1] < heights.max()


# Notebook 04.


def test_an_exploded_signal_is_no_saturated_one():
    figure, _ = drawn(initialization_explorer(), activation="linear", scale=10.0)
    for place in figure.axes[1:]:
        heights, edges, _ = place.patches[0].get_data()
        assert heights[0] < 0.5 and heights[-1] < 0.5, "nothing is piled up at the ends"
        assert place.get_xlim() == (edges[0], edges[-1])


@pytest.mark.parametrize("scale, depth", [(10.0, 20), (0.1, 20), (1.41, 10)])
def test_every_standard_deviation_lies_inside_and_is_a_number(scale, depth):
    figure, sentence = drawn(initialization_explorer(), activation="ReLU", scale=scale, depth=depth)
    stds = figure.axes[0].get_lines()[0].get_ydata()
    low, high = figure.axes[0].get_ylim()
    assert np.isfinite(stds).all() and (stds > 0).all() and low < stds.min() <= stds.max() < high
    assert f"{stds[-1]:.2g} at layer {depth}" in sentence and "inf" not in sentence
    assert 3 <= len(figure.axes[0].get_yticks()) <= 9


@pytest.mark.parametrize("scale, words", [
    (1.0, "shrunk to"), (2.5, "times the input's"), (1.41, "still there"), (0.2, "faded"),
])  # fmt: skip
def test_a_signal_that_has_changed_is_not_called_still_there(scale, words):
    _, sentence = drawn(initialization_explorer(), activation="ReLU", scale=scale)
    assert words in sentence


def test_bins_reach_as_far_as_the_values():
    assert bins_for("linear", np.array([-50.0, 1]))[0] == -50
    assert bins_for("ReLU", np.array([0.5]))[-1] == 3 and bins_for("tanh", np.ones(1))[0] == -1


# Notebook 03.


def test_each_strength_that_is_on_is_said_and_no_other():
    explorer = augmentation_explorer()
    none = {"degrees": 0.0, "shift": 0.0, "shear": 0.0, "stretch": 1.0, "zoom": 1.0,
            "contrast": 0.0, "colour": 0.0, "lens": 0.0, "mirror": False}  # fmt: skip
    assert "nothing is done to them" in drawn(explorer, **none)[1]
    on = {"degrees": 40.0, "shift": 0.1, "shear": 15.0, "stretch": 1.3, "zoom": 2.0,
          "contrast": 0.2, "colour": 0.1, "lens": 0.2, "mirror": True}  # fmt: skip
    words = ("turned", "moved", "sheared", "stretched", "enlarged", "contrast", "colours",
             "lens", "mirrored")  # fmt: skip
    for (name, value), word in zip(on.items(), words, strict=True):
        said = drawn(explorer, **{**none, name: value})[1]
        assert [w for w in words if w in said] == [word], said


# Notebook 05.


def test_the_weights_shrink_before_the_readers_eyes():
    explorer = regularization_explorer()
    limits = {drawn(explorer, method="L2", lam=lam)[0].axes[1].get_ylim() for lam in (1e-4, 0.1)}
    assert len(limits) == 1


def test_a_penalty_under_dropout_is_told():
    figure, sentence = drawn(regularization_explorer(), method="dropout", dropped=0.0)
    assert "λ = 0.0001" in sentence and "λ = 0.0001" in figure.axes[1].get_title("left")


# Notebook 08.


@pytest.mark.parametrize("log_rate", [-0.5, 1.0, 1.5])
def test_the_mean_loss_lies_inside_the_picture(log_rate):
    figure, _ = drawn(tuning_explorer(), log_rate=log_rate)
    left = figure.axes[0]
    raw, smooth = (line.get_ydata() for line in left.get_lines())
    low, high = left.get_ylim()
    assert low <= smooth.min() and smooth.max() <= high
    assert left.get_yscale() == ("log" if smooth.max() > LOSSES else "linear")
    known = raw.reshape(-1, 10)
    known = known[np.isfinite(known).all(1)]
    np.testing.assert_allclose(smooth, known.mean(1))


# Notebook 09.


@pytest.mark.parametrize("values", [
    {}, {"depth": 5, "kernel": 7}, {"depth": 5, "kernel": 7, "stride": 3, "pool": True,
                                    "dilation": "doubled at each layer", "place": 100},
])  # fmt: skip
def test_the_square_of_what_is_seen_lies_inside_and_its_layers_are_named_inside(values):
    figure, sentence = drawn(receptive_field_explorer(), **values)
    figure.canvas.draw()
    tower, view = figure.axes
    box = view.patches[0].get_bbox()
    left, right = view.get_xlim()
    bottom, top = view.get_ylim()
    assert left <= box.x0 and box.x1 <= right and top <= box.y0 and box.y1 <= bottom
    assert ("padding" in view.get_title()) == ("padding" in sentence)
    names = [label.get_window_extent() for label in tower.get_yticklabels()]
    assert all(name.x0 >= 0 for name in names)
    assert not any(a.overlaps(b) for a, b in itertools.combinations(names, 2))


# Notebook 10.


def test_the_sign_of_an_output_is_written_where_it_is_strong():
    explorer = explore_convolution()
    figure, _ = drawn(explorer, picture="square", kernel="edge, upright")
    right = figure.axes[2]
    out = np.asarray(right.images[0].get_array())
    signs = {
        (int(down), int(across)): len(path)
        for kind in right.collections if len(kind.get_offsets())
        for (across, down), path in zip(kind.get_offsets(), kind.get_paths(), strict=True)
    }  # fmt: skip
    strong = np.abs(out) > 0.2 * np.abs(out).max()
    assert set(signs) == set(zip(*map(list, np.nonzero(strong)), strict=True))
    plus, minus = ({signs[at] for at in signs if (out[at] > 0) == above} for above in (True, False))
    assert len(plus) == len(minus) == 1 and plus != minus
    assert "+: above 0" in right.get_xlabel()


# Notebook 11.


@pytest.mark.parametrize("values", [{"kernel": 1, "pad": 1}, {"kernel": 3, "stride": 2}])
def test_every_column_can_be_reached_and_the_end_is_said(values):
    explorer = im2col_explorer()
    _, sentence = drawn(explorer, step=MOST, **values)
    count = int(sentence.split("Column ")[1].split(" of ")[1].split()[0])
    assert sentence.startswith("All columns are filled.") and f"Column {count - 1} of" in sentence
    assert max(explorer._controls["step"].settings) == MOST >= count
    assert "All columns" not in drawn(explorer, step=1, **values)[1]


# Notebook 14.


@pytest.mark.parametrize("rate, delay", [(0.35, 0), (0.35, 2), (0.35, 4), (2.2, 0), (2.2, 15),
                                         (0.1, 4), (0.02, 15)])  # fmt: skip
def test_names_stand_beside_the_curves_and_apart(rate, delay):
    figure, _ = drawn(stale_explorer(), rate=rate, delay=delay)
    figure.canvas.draw()
    right = figure.axes[1]
    found = [t.get_window_extent() for t in right.texts if t.get_text()]
    inside = right.get_window_extent()
    assert all(box.x0 >= inside.x1 and box.x1 <= figure.bbox.x1 for box in found)
    assert all(inside.y0 <= (box.y0 + box.y1) / 2 <= inside.y1 for box in found)
    assert not (len(found) == 2 and found[0].overlaps(found[1]))


# Stills.


def test_a_still_names_the_settings_of_each_of_its_pictures():
    explorer = explore(
        lambda **values: (None, ""), [
            {"kind": "a", "rate": 0.05}, {"on": True, "kind": "b"}, {"many": 1000}, {"rate": 0.1},
            {},
        ],
        kind=choice("kind of net", ["a", "b"], "b"), rate=slider("rate", 0.01, 1.0, 0.1),
        on=switch("dropout"), many=slider("images", 1, 1000, 5),
    )  # fmt: skip
    assert [explorer.setting_in_words(setting) for setting in explorer._named] == [
        "kind of net: a; rate: 0.05", "dropout: on", "images: 1000", "rate: 0.1", "as it starts",
    ]  # fmt: skip


def a_picture(width=300, height=80) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), "#eeeeee").save(out, format="png")
    return out.getvalue()


def opened(picture: bytes):
    return Image.open(io.BytesIO(picture)).convert("RGB")


def test_headings_take_room_above_and_rules_part_the_pictures():
    named = still.headed(a_picture(), "rate: 1")
    assert opened(named).width == 300 and opened(named).height >= 80 + 15
    strip = np.asarray(opened(named).convert("L"))[:15, :60]
    assert strip.min() < 100, "something is written there"
    assert still.headed(a_picture(), "") == a_picture()
    sheet = opened(still.sheet([named] * 3))
    assert sheet.width > 600 and sheet.height > 2 * opened(named).height
    assert (np.asarray(sheet) == 0xB5).all(2).any()


def test_a_long_heading_goes_on_in_the_next_line():
    short = opened(still.headed(a_picture(), "rate: 1"))
    long = opened(still.headed(a_picture(), "a rather long name: 1; " * 5))
    assert long.width == short.width and long.height >= short.height + 15


def test_each_still_is_an_image_of_its_own_that_never_grows_beyond_a_page():
    html = still.images([(a_picture(), "one"), (a_picture(), 'two "and" <three>')])
    assert html.count("<img ") == html.count("max-width:100%") == html.count("width:auto") == 2
    assert 'alt="one"' in html and 'alt="two &quot;and&quot; &lt;three&gt;"' in html
