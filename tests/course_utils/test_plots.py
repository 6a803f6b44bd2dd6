"""Plots: what they draw, the words that go with them, and what they cannot draw."""

import io

import numpy as np
import pytest
import torch
from matplotlib.figure import Figure
from PIL import Image

from course_utils import plots
from course_utils.plotting import display
from course_utils.training import Spread

EPOCHS = np.arange(20)


def _texts(figure):
    return [text.get_text() for axes in figure.axes for text in axes.texts]


def test_lines_are_named_at_their_ends_and_described_from_their_data():
    figure = plots.lines(
        {"sgd": np.linspace(2.3, 0.5, 20), "adam": [2.3, 0.2, 0.4]}, "epoch", "loss (nats)",
        title="Two rules", accent="adam",
    )  # fmt: skip
    assert _texts(figure) == ["adam", "sgd"]
    assert figure.axes[0].get_ylabel() == "loss (nats)"
    alt = display.words(figure)
    assert alt == (
        "Line plot “Two rules”: loss (nats) against epoch. sgd: from 2.3 at 1 to 0.5 at 20; "
        "adam: from 2.3 at 1 to 0.4 at 3, lowest 0.2 at 2."
    )


def test_names_at_the_ends_do_not_overlap():
    figure = plots.lines({f"rule {i}": EPOCHS * 0 + 1 + i / 1000 for i in range(5)}, "epoch", "x")
    figure.draw_without_rendering()
    boxes = sorted((text.get_window_extent() for text in figure.axes[0].texts), key=lambda b: b.y0)
    assert len(boxes) == 5
    assert all(low.y0 + 10 < high.y0 for low, high in zip(boxes, boxes[1:], strict=False))


def test_names_carry_a_piece_of_their_line():
    figure = plots.lines({name: [1, 2] for name in "abc"}, "x", "y", accent="b")
    drawn, pieces = figure.axes[0].get_lines(), figure.artists
    assert len(pieces) == 3
    for piece in pieces:
        look = piece.get_color(), piece._dash_pattern
        assert [look == (line.get_color(), line._dash_pattern) for line in drawn].count(True) == 1
    assert not plots.lines({"a": [1, 2]}, "x", "y").artists


def test_few_places_on_a_logarithmic_axis_are_written_as_they_are():
    figure = plots.lines({"a": [3, 2, 1]}, "batch size", "y", x=[2, 4, 32], log="x")
    figure.draw_without_rendering()
    written = [text.get_text() for text in figure.axes[0].get_xticklabels(which="both")]
    assert written == ["2", "4", "32"]


def test_a_logarithmic_axis_of_little_reach_is_written_in_plain_numbers():
    figure = plots.lines({"a": [3, 2, 0.8]}, "epoch", "y", log="y")
    figure.draw_without_rendering()
    labels = figure.axes[0].get_yticklabels(which="both")
    written = [text.get_text() for text in labels if text.get_text()]
    assert "1" in written and len(written) > 2
    assert all(float(text) for text in written)


def test_long_numbers_in_a_heat_map_are_short():
    figure = plots.heat(np.array([[5.96e-8, 0.589], [-12.25, 1.0]]), "column", "row")
    assert _texts(figure) == ["6e-08", "0.589", "-12.2", "1"]


def test_a_spread_is_a_band_around_its_median():
    figure = plots.lines({"adam": Spread(np.array([[3.0, 1], [2, 1], [4, 1]]))}, "epoch", "loss")
    line, band = figure.axes[0].get_lines()[0], figure.axes[0].collections[0]
    assert line.get_ydata().tolist() == [3, 1]
    heights = band.get_paths()[0].vertices[:, 1]
    assert heights.min() == 1 and heights.max() == 4
    assert "medians over seeds" in display.words(figure)


def test_one_accent_and_greys_that_also_differ_in_dash():
    figure = plots.lines({name: [1, 2] for name in "abc"}, "x", "y", accent="b")
    looks = [(line.get_color(), line.get_linestyle()) for line in figure.axes[0].get_lines()]
    assert looks[1] == (plots.ACCENT, "-")
    assert len({dash for colour, dash in looks if colour != plots.ACCENT}) == 2
    for colour, _ in looks:
        if colour != plots.ACCENT:
            assert colour[1:3] == colour[3:5] == colour[5:7]


def test_values_that_are_not_finite_are_left_out_and_said():
    figure = plots.lines({"run": [1, np.nan, 3]}, "epoch", "loss")
    assert "1 values not finite" in display.words(figure)
    assert "no finite values" in display.words(plots.lines({"run": [np.nan]}, "epoch", "loss"))


def test_a_logarithmic_axis_with_a_zero_still_draws():
    figure = plots.lines({"run": [1, 0.1, 0]}, "epoch", "loss", log="y")
    assert figure.axes[0].get_yscale() == "log" and _texts(figure) == ["run"]
    assert "logarithmic vertical axis" in display.words(figure)
    assert display.png(figure)


def test_tensors_and_pairs_are_lines_too():
    figure = plots.lines({"a": torch.ones(3, requires_grad=True), "b": ([5, 6], [1, 2])}, "x", "y")
    assert figure.axes[0].get_lines()[1].get_xdata().tolist() == [5, 6]


def test_bars_show_the_range_and_the_number():
    figure = plots.bars_with_range({"none": [0.6, 0.8, 0.7], "flip": 0.91}, "accuracy")
    assert _texts(figure) == ["0.7", "0.91"]
    assert figure.axes[0].get_lines()[0].get_xdata().tolist() == [0.6, 0.8]
    assert display.words(figure) == "Bar chart: accuracy. none: 0.7 (0.6 to 0.8); flip: 0.91."


def test_histograms_share_a_scale_and_count_what_is_not_finite():
    layers = [np.array([0.0, 1, 2]), np.array([np.inf, 5, 5])]
    figure = plots.histograms_per_layer(layers, "activation")
    assert {axes.get_xlim() for axes in figure.axes} == {(0.0, 5.0)}
    assert "layer 2: mean 5, std 0, 1 not finite" in display.words(figure)
    assert "1 not finite" in figure.axes[1].get_title("left")


def test_a_layer_where_nothing_varies_or_nothing_is_finite_draws():
    figure = plots.histograms_per_layer({"a": np.ones(4), "b": np.full(3, np.nan)}, "activation")
    assert "b: nothing finite" in display.words(figure)


@pytest.mark.parametrize(
    "images, size",
    [
        (np.zeros((5, 8, 6, 3), np.uint8), "5 colour images, 8×6"),
        (torch.zeros(5, 3, 8, 6), "5 colour images, 8×6"),
        (np.zeros((5, 8, 6)), "5 grey images, 8×6"),
        (np.zeros((1, 1, 8, 6)), "1 grey image, 8×6"),
    ],
)
def test_images_come_in_any_of_the_usual_orders(images, size):
    assert size in display.words(plots.image_grid(images))


def test_heat_names_its_extremes_and_writes_readable_numbers():
    figure = plots.heat([[0.0, 1], [0.5, 0.2]], "rate", "batch", ["1e-3", "1e-2"], [8, 64])
    assert "Lowest 0 at batch 8, rate 1e-3; highest 1 at batch 8, rate 1e-2" in display.words(
        figure
    )
    colours = {text.get_text(): text.get_color() for text in figure.axes[0].texts}
    assert colours["0"] == "#111111" and colours["1"] == "white"


def test_scatter_says_where_the_best_is():
    figure = plots.scatter([1, 2, 3], [4, 5, 6], "rate", "loss", [0, 9, 1], "accuracy")
    assert "highest accuracy (9) at rate 2, loss 5" in display.words(figure)


@pytest.mark.parametrize(
    "draw, said",
    [
        (lambda: plots.lines({}, "x", "y"), "nothing to draw"),
        (lambda: plots.lines([1, 2], "x", "y"), "dict of name"),
        (lambda: plots.lines({"a": []}, "x", "y"), r"'a' needs a list .* shape \(0,\)"),
        (lambda: plots.lines({"a": [[1, 2]]}, "x", "y"), r"shape \(1, 2\)"),
        (lambda: plots.lines({"a": [1, 2]}, "x", "y", x=[1]), "2 values for 1 values of x"),
        (lambda: plots.lines({"a": ["one"]}, "x", "y"), "not an array of numbers"),
        (lambda: plots.lines({"a": [1]}, "x", "y", accent="b"), "none of the lines"),
        (lambda: plots.bars_with_range({"a": [np.nan]}, "y"), "'a' has no value"),
        (lambda: plots.bars_with_range({"a": 1}, "y", accent="b"), "none of the bars"),
        (lambda: plots.histograms_per_layer([], "x"), "nothing to draw"),
        (lambda: plots.image_grid(np.zeros((4, 4))), r"shape \(4, 4\)"),
        (lambda: plots.image_grid(np.zeros((0, 4, 4, 3))), r"shape \(0, 4, 4, 3\)"),
        (lambda: plots.image_grid(np.zeros((2, 4, 4)), labels=[1]), "2 images and 1 labels"),
        (lambda: plots.heat([1, 2], "x", "y"), r"two axes; this one has shape \(2,\)"),
        (lambda: plots.heat([[1, 2]], "x", "y", xticks=[1]), "2 entries along x and 1 xticks"),
        (lambda: plots.scatter([], [], "x", "y"), "at least one"),
        (lambda: plots.scatter([1], [1, 2], "x", "y"), "1 x, 2 y"),
    ],
)
def test_what_cannot_be_drawn_is_one_sentence(draw, said):
    with pytest.raises(ValueError, match=said) as failure:
        draw()
    assert len(str(failure.value).splitlines()) == 1


def test_every_picture_is_on_white_and_the_same_bytes_twice():
    def draw():
        return display.png(plots.lines({"a": [3, 2, 1]}, "epoch", "loss"))

    assert draw() == draw()
    assert Image.open(io.BytesIO(draw())).convert("RGB").getpixel((1, 1)) == (255, 255, 255)


def test_the_style_stays_within_the_plot():
    import matplotlib

    before = dict(matplotlib.rcParams)
    plots.lines({"a": [1, 2]}, "x", "y")
    assert dict(matplotlib.rcParams) == before


def test_show_gives_html_with_alt_text_that_is_escaped(monkeypatch):
    shown = []
    monkeypatch.setattr("IPython.display.display", lambda *a, **k: shown.append((a, k)))
    plots.show(plots.lines({'<b>"a"</b>': [1, 2]}, "epoch", "loss"))
    (data,), kwargs = shown[0]
    assert 'alt="Line plot: loss against epoch. &lt;b&gt;&quot;a&quot;' in data["text/html"]
    assert "background:white" in data["text/html"]
    assert kwargs["metadata"]["image/png"]["alt"] == data["text/plain"]
    plots.show(plots.lines({"a": [1, 2]}, "epoch", "loss"), alt="In words.")
    assert shown[1][0][0]["text/plain"] == "In words."


def test_a_figure_from_elsewhere_is_described_from_its_axes():
    figure = Figure()
    left, right = figure.subplots(1, 2)
    left.plot([0, 1], [5, 2], label="loss")
    left.set_xlabel("time (s)")
    left.set_ylabel("loss (nats)")
    right.bar([1, 2], [3, 4])
    right.set_title("Counts")
    assert display.words(figure) == (
        "loss (nats) against time (s). loss: from 5 at 0 to 2 at 1. "
        "Counts. 2 bars from 3 to 4 high."
    )
    assert display.words(Figure()) == "A figure without data."


def test_live_curves_update_one_picture(monkeypatch):
    from course_utils.training import History

    shown, updated = [], []

    class Handle:
        def update(self, data, **kwargs):
            updated.append(data["text/plain"])

    def display(data, **kwargs):
        shown.append(data["text/plain"])
        return Handle()

    monkeypatch.setattr("IPython.display.display", display)
    draw = plots.live_curves()
    draw(History(train_loss=[2.0], validation_loss=[2.5]))
    draw(History(train_loss=[2.0, 1.0], validation_loss=[2.5, 2.2]))
    assert len(shown) == 1 and "2.5 at 1" in shown[0]
    assert len(updated) == 1 and "to 2.2 at 2" in updated[0]


@pytest.mark.parametrize("inches, attribute", [(4, "396"), (12, "100%")])
def test_a_figure_fits_a_page_that_takes_styles_out_as_github_does(inches, attribute):
    data, _ = display.mimebundle(Figure(figsize=(inches, 1)))
    assert f' width="{attribute}" style=' in data["text/html"]
