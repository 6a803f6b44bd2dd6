"""The nets, pictures and loops of notebook 15."""

import hashlib
import itertools

import numpy as np
import pytest
import torch

from course_utils import datasets, shipped, transfer
from course_utils.explorers import transfer as explorer
from course_utils.training import evaluate


def test_other_shapes_leave_the_ten_as_they_were():
    x, y = datasets.colour_shapes(50)
    again, labels = datasets.colour_shapes(50, shapes=datasets.SHAPES)
    np.testing.assert_array_equal(x, again)
    np.testing.assert_array_equal(y, labels)
    # Of the labels alone: a pixel may differ by a level on another machine.
    digest = hashlib.sha256(y.tobytes()).hexdigest()
    assert digest == "3097b0c86fa8d879187c1af3a30b68112a9a84dd588ecf8139f6c7235b53facf"


def test_source_and_held_out_shapes_have_nothing_in_common():
    assert len(set(datasets.SOURCE_SHAPES)) == 30 and len(set(datasets.HELD_OUT_SHAPES)) == 8
    assert not set(datasets.SOURCE_SHAPES) & set(datasets.HELD_OUT_SHAPES)


def test_a_shape_that_cannot_be_drawn_is_named():
    with pytest.raises(ValueError, match="teapot"):
        datasets.colour_shapes(3, shapes=("disc", "teapot"))


def test_the_source_net_is_as_good_as_its_card_says():
    x, y = datasets.colour_shapes(300, 2001, difficulty=0.4, shapes=datasets.SOURCE_SHAPES)
    net = shipped.trained_source_shapes_net()
    assert not net.training
    assert evaluate(net, (datasets.to_nchw(x), y))[1] > 0.97


def test_weights_of_another_net_are_refused_with_the_way_out(tmp_path):
    torch.save(shipped.source_shapes_net(8).state_dict(), tmp_path / "other.pt")
    with pytest.raises(ValueError, match=r"benchmarks/source_shapes\.py"):
        shipped.trained_source_shapes_net(tmp_path / "other.pt")
    with pytest.raises(FileNotFoundError, match=r"benchmarks/source_shapes\.py"):
        shipped.trained_source_shapes_net(tmp_path / "nothing.pt")


def test_colour_digits_are_balanced_and_in_the_form_of_the_net():
    x, y = transfer.colour_digits(7)
    assert x.shape == (70, 3, 32, 32) and x.dtype == torch.float32
    assert torch.bincount(y).tolist() == [7] * 10
    with pytest.raises(ValueError, match="170"):
        transfer.colour_digits(1000)


@pytest.mark.parametrize(("n", "steps"), [(5, 3), (50, 4)])
def test_fit_steps_counts_updates_whatever_the_size(n, steps):
    net = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.Dropout(0.5))
    passes = []
    net.register_forward_hook(lambda *_: passes.append(torch.is_grad_enabled()))
    before = torch.get_rng_state()
    data = torch.randn(n, 2, generator=torch.Generator().manual_seed(0)), torch.arange(n) % 3
    transfer.fit_steps(net, [{"params": net.parameters(), "lr": 0.1}], data, steps)
    assert len(passes) == steps and not net.training
    assert torch.equal(before, torch.get_rng_state())


def test_deeper_features_tell_more_of_what_was_never_taught():
    assert explorer.probe("block 4, the features") > 0.9 > explorer.probe("block 1") + 0.4
    shown = explorer.explore_features()
    shown.widget()
    assert "Nearest to this" in shown.sentence


def test_a_picture_is_not_its_own_neighbour():
    for picture in (0, 100):
        assert picture not in explorer.nearest("block 3", picture)


@pytest.mark.parametrize("layer", explorer.LAYERS)
def test_the_names_of_the_shapes_do_not_lie_on_each_other(layer):
    figure, _ = (shown := explorer.explore_features())._draw(**{**shown.values, "layer": layer})
    figure.draw_without_rendering()
    boxes = [text.get_window_extent() for text in figure.axes[0].texts]
    assert len(boxes) == 8
    assert not [1 for a, b in itertools.combinations(boxes, 2) if a.overlaps(b)]
