"""The capstone's variants and what a net costs."""

import numpy as np
import pytest
import torch
from torch import nn

from course_utils import capstone
from course_utils.datasets import SHAPES

NAMES = [f"s{number:03d}" for number in range(400)]


def test_a_name_has_one_variant():
    assert capstone.variant("s001") == capstone.variant(" s001 ")
    assert len({(v.shapes, v.corner) for v in map(capstone.variant, NAMES)}) > 100


def test_each_shape_and_corner_is_drawn_about_equally_often():
    tasks = [capstone.variant(name) for name in NAMES]
    for shape in SHAPES:
        assert 0.7 < np.mean([shape in task.shapes for task in tasks]) < 0.9
    for corner in capstone.CORNERS:
        assert 0.25 < np.mean([task.corner == corner for task in tasks]) < 0.42


def test_a_variant_says_what_it_is():
    told = str(capstone.variant("ada"))
    assert told.startswith("All shapes but disc and square; few products: 60,000 parameters")


@pytest.mark.parametrize("name", ["", "  ", None, 17])
def test_no_name_is_told(name):
    with pytest.raises(ValueError, match="give your student id"):
        capstone.variant(name)


def test_training_pictures_are_fixed_and_of_the_variant():
    task = capstone.variant("ada")
    x, y = capstone.training_pictures(task)
    assert x.shape == (4000, 3, 32, 32) and x.dtype == np.float32 and 0 <= x.min() <= x.max() <= 1
    assert np.bincount(y).tolist() == [500] * 8
    assert np.array_equal(x[:50], capstone.training_pictures(task)[0][:50])


class Costly(nn.Module):
    """A product that no module holds, a buffer, half precision, and a part that is not used."""

    def __init__(self):
        super().__init__()
        self.kernel = nn.Parameter(torch.zeros(5, 3, 3, 3))
        self.idle = nn.Linear(7, 2)
        self.register_buffer("seen", torch.zeros(11, dtype=torch.float16))

    def forward(self, x):
        x = nn.functional.conv2d(x, self.kernel, stride=2, padding=1)
        return x.flatten(1) @ torch.zeros(5 * 16 * 16, 8)


def test_what_is_multiplied_counts_wherever_it_is_written():
    spent = capstone.cost(Costly())
    assert spent.parameters == 5 * 27 + 16
    assert spent.multiply_adds == 27 * 5 * 16 * 16 + 5 * 16 * 16 * 8
    assert spent.bytes == 4 * spent.parameters + 22


def test_counting_leaves_mode_and_statistics_alone():
    net = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Flatten(), nn.LazyLinear(8))
    net(torch.zeros(2, 3, 32, 32))
    before = net[1].running_mean.clone()
    capstone.cost(net)
    assert net.training and torch.equal(net[1].running_mean, before)


def test_what_is_over_is_told_in_words():
    over = capstone.Cost(50_000, 900_000, 200_000).over(capstone.variant("ben").budget)
    assert over == ["50,000 parameters, and 24,000 are allowed",
                    "200,000 bytes, and 120,000 are allowed"]  # fmt: skip
