"""Notebook 11: its explorers show what they say, and its recipes count what they promise."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from course_utils.explorers import fast_convolution, winograd
from course_utils.recipes.bilinear import Bilinear
from course_utils.recipes.buffers import LAYOUTS, laid_out, peak_bytes
from course_utils.recipes.instruments.algorithms import FakeAlgorithm
from course_utils.recipes.instruments.devices import VirtualClock


@pytest.mark.parametrize("kernel, stride, pad", [(1, 1, 0), (2, 1, 0), (3, 2, 1), (2, 2, 1)])
def test_the_explorers_columns_are_torchs(kernel, stride, pad):
    x = fast_convolution.images()
    cols, corners = fast_convolution.columns(x, kernel, stride, pad)
    right = F.unfold(torch.tensor(x, dtype=float), kernel, padding=pad, stride=stride)
    np.testing.assert_array_equal(cols, right.transpose(0, 1).flatten(1).numpy())
    assert len(corners) == cols.shape[1]


def test_the_column_in_the_sentence_is_the_one_that_was_asked_for():
    explorer = fast_convolution.im2col_explorer()
    explorer.widget()
    explorer.set(step=8, kernel=3, stride=2, pad=1)
    cols, corners = fast_convolution.columns(fast_convolution.images(), 3, 2, 1)
    assert f"Column 7 of {len(corners)}" in explorer.sentence
    assert ", ".join(str(v) for v in cols[:, 7]) in explorer.sentence


def test_a_step_beyond_the_last_column_shows_the_last():
    explorer = fast_convolution.im2col_explorer()
    explorer.widget()
    explorer.set(step=40, kernel=3, stride=2)
    count = len(fast_convolution.columns(fast_convolution.images(), 3, 2, 0)[1])
    assert f"Column {count - 1} of {count}" in explorer.sentence


@pytest.mark.parametrize("kernel", winograd.FILTERS)
def test_a_tiles_outputs_are_torchs(kernel):
    image, taps = winograd.picture(), winograd.FILTERS[kernel]
    right = F.conv2d(*(torch.tensor(a)[None, None] for a in (image, taps)))[0, 0].numpy()
    for row in range(3):
        for column in range(3):
            outputs = winograd.tile_steps(image, taps, row, column)["outputs"]
            place = np.s_[2 * row : 2 * row + 2, 2 * column : 2 * column + 2]
            np.testing.assert_allclose(outputs, right[place], atol=1e-12)


def test_the_winograd_explorer_names_the_rows_that_a_tile_reads():
    explorer = winograd.winograd_explorer()
    explorer.widget()
    explorer.set(row=2, column=1)
    assert "rows 4 to 7 and columns 2 to 5" in explorer.sentence
    assert "next tile right." in explorer.sentence


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_layout_changes_the_strides_and_no_value(layout):
    x = np.random.default_rng(0).normal(size=(2, 3, 4, 5))
    other = laid_out(x, layout)
    np.testing.assert_array_equal(other, x)
    assert (other.strides == x.strides) == (layout == "C")


def test_an_unknown_layout_is_named():
    with pytest.raises(ValueError, match="no layout 'columns'"):
        laid_out(np.zeros((1, 1, 1, 1)), "columns")


def test_a_copy_counts_at_the_peak_and_a_view_does_not():
    x = np.zeros(100_000)
    _, nothing = peak_bytes(lambda: x.reshape(100, 1000).T)
    result, one = peak_bytes(lambda: x.copy())
    _, two = peak_bytes(lambda: [x.copy(), result.copy()])
    assert nothing < 0.01 * x.nbytes
    assert 1 <= one / x.nbytes < 1.1
    assert 2 <= two / x.nbytes < 2.1


def test_only_products_of_data_with_filter_count():
    counter = Bilinear()
    d, g = counter.numbers([1.0, 2.0], "data"), counter.numbers([3.0, 4.0], "filter")
    out = np.eye(2) @ ((d * 0.5 - d[::-1]) * (g + g[0]))
    np.testing.assert_allclose(np.array(out, dtype=float), [-1.5 * 6, 0.0 * 7])
    assert counter.products == 2
    assert counter.work["filter"] == 2 and counter.work["data"] == 4


def test_a_fake_algorithm_moves_the_clock_and_refuses_what_is_too_large():
    clock = VirtualClock()
    algorithm = FakeAlgorithm(clock, 2.0, [0.5, 0.25], largest=3)
    run = algorithm({"kh": 3, "kw": 3})
    for _ in range(3):
        run()
    assert clock.now == 2.0 + 0.5 + 0.25 + 0.25
    assert (algorithm.prepared, algorithm.runs) == (1, 3)
    with pytest.raises(ValueError, match="up to 3"):
        algorithm({"kh": 5, "kw": 3})
