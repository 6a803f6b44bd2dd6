"""The explorer of notebook 13: its grid, its sums, and what it says of them."""

import itertools

import numpy as np
import pytest
import torch

from course_utils.explorers import precision


@pytest.mark.parametrize(("integer_bits", "fraction_bits"), [(1, 0), (3, 4), (2, 7)])
def test_rounding_to_the_nearest_is_that_of_torch(integer_bits, fraction_bits):
    x = np.random.default_rng(0).normal(size=200) * 2.0 ** (integer_bits - 1)
    x[:4] = np.array([-1.5, -0.5, 0.5, 1.5]) / 2.0**fraction_bits
    limit = 2 ** (integer_bits + fraction_bits - 1)
    right = torch.fake_quantize_per_tensor_affine(
        torch.tensor(x), 2.0**-fraction_bits, 0, -limit, limit - 1
    )
    assert np.array_equal(precision.onto_grid(x, integer_bits, fraction_bits), right.numpy())


def test_rounding_by_chance_has_the_right_mean_below_0_too():
    x, draws = np.array([-0.8, -0.1, 0.3]), np.random.default_rng(1).random((20_000, 3))
    out = precision.onto_grid(np.broadcast_to(x, draws.shape), 2, 0, draws)
    assert set(np.unique(out)) == {-1.0, 0.0, 1.0}
    assert out.mean(0) == pytest.approx(x, abs=6 * 0.5 / np.sqrt(20_000))


def test_small_updates_are_lost_to_the_nearest_and_kept_by_chance():
    nearest, chance = (precision.sums(0.1 / 16, 4, 4, by_chance) for by_chance in (False, True))
    exact = 0.1 / 16 * precision.UPDATES
    assert not nearest.any()
    assert chance[-1] == pytest.approx(exact, abs=6 * np.sqrt(200 * 0.1 * 0.9) / 16)


def test_the_end_of_the_range_is_in_the_sentence():
    explorer = precision.precision_explorer()
    explorer.widget()
    assert "the end of the range" not in explorer.sentence
    explorer.set(integer_bits=1, share=0.6)
    assert explorer.sentence.endswith("(the end of the range).")


@pytest.mark.parametrize("start", ["a few steps around 0", "the whole range"])
@pytest.mark.parametrize(("integer_bits", "fraction_bits", "share"), [
    (1, 0, 1.0), (4, 4, 0.1), (4, 8, 0.6), (8, 8, 0.0), (1, 12, 0.4), (8, 12, 2.0), (8, 10, 0.05),
])  # fmt: skip
def test_what_is_written_does_not_touch_and_lies_inside(start, integer_bits, fraction_bits, share):
    explorer = precision.precision_explorer()
    values = {"start": start, "integer_bits": integer_bits, "fraction_bits": fraction_bits}
    figure, _ = explorer._draw(**values, share=share)
    figure.draw_without_rendering()
    written = []
    for axes in figure.axes:
        for axis in (axes.xaxis, axes.yaxis):
            low, high = sorted(axis.get_view_interval())
            ticks = zip(axis.get_majorticklocs(), axis.get_majorticklabels(), strict=True)
            shown = [label for place, label in ticks if low <= place <= high]
            assert len(shown) >= 2
            written += [*shown, axis.label]
        written += [text for text in axes.texts if text.get_text()]
    boxes = [text.get_window_extent() for text in written]
    assert not [(a, b) for a, b in itertools.combinations(boxes, 2) if a.overlaps(b)]
    assert all(figure.bbox.x0 <= b.x0 and b.x1 <= figure.bbox.x1 for b in boxes)
    assert all(figure.bbox.y0 <= b.y0 and b.y1 <= figure.bbox.y1 for b in boxes)


@pytest.mark.parametrize(("reach", "unit", "said"), [
    (0.25, 1, ""), (0.03, 1, ""), (166.0, 1, ""), (0.005, 1e-3, "10⁻³"), (0.001, 1e-3, "10⁻³"),
    (0.0009, 1e-6, "10⁻⁶"), (0.0, 1, ""),
])  # fmt: skip
def test_small_numbers_are_written_in_a_unit_that_the_label_says(reach, unit, said):
    found, label = precision.unit_of(reach)
    assert found == pytest.approx(unit) and said in label and bool(label) == bool(said)
