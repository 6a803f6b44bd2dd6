"""Looking pictures up, the net that ships, and the explorer of notebook 03."""

import numpy as np
import pytest
import torch

from course_utils import shipped
from course_utils.datasets import colour_shapes, to_nchw
from course_utils.explorers import data
from course_utils.images import resize, sample_at
from course_utils.training import evaluate

NONE = {"degrees": 0, "shift": 0, "shear": 0, "stretch": 1, "zoom": 1, "contrast": 0, "colour": 0,
        "lens": 0, "mirror": False}  # fmt: skip


def picture(height=5, width=7, dtype=np.float64):
    return (np.random.default_rng(0).uniform(0, 255, (height, width, 3))).astype(dtype)


@pytest.mark.parametrize("dtype", [np.uint8, np.float32, np.float64])
def test_resizing_to_the_same_size_changes_nothing(dtype):
    img = picture(dtype=dtype)
    out = resize(img, 5, 7)
    assert out.dtype == dtype
    np.testing.assert_allclose(out, img, rtol=1e-6)


def test_resizing_keeps_a_ramp_a_ramp():
    ramp = np.repeat((np.arange(8) + 0.5)[:, None, None] / 8, 6, axis=1)
    out = resize(ramp, 24, 6)
    np.testing.assert_allclose(np.diff(out[3:-3, 0, 0]), 1 / 24, rtol=1e-6)


@pytest.mark.parametrize("dtype", [np.uint8, np.float64])
def test_sampling_at_the_pixels_gives_the_picture(dtype):
    img = picture(dtype=dtype)
    x, y = np.meshgrid(np.arange(7), np.arange(5))
    np.testing.assert_allclose(sample_at(img, x, y), img, rtol=1e-9)


def test_sampling_lies_between_neighbours_and_is_zero_outside():
    img = picture()
    out = sample_at(img, np.array([[1.25, -5.0]]), np.array([[2.0, 2.0]]))
    np.testing.assert_allclose(out[0, 0], 0.75 * img[2, 1] + 0.25 * img[2, 2])
    assert not out[0, 1].any()


@pytest.mark.parametrize(
    "call",
    [
        lambda: resize(picture()[0], 3, 3),
        lambda: resize(picture(), 0, 3),
        lambda: sample_at(picture(), np.zeros((2, 3)), np.zeros((3, 2))),
        lambda: sample_at(picture(), np.zeros(3), np.zeros(3)),
    ],
)
def test_what_does_not_fit_is_said_in_a_sentence(call):
    with pytest.raises(ValueError, match=r"picture|shape"):
        call()


def test_the_net_that_ships_is_as_good_as_its_card_says():
    x, y = colour_shapes(300, seed=1001, difficulty=0.5)
    net = shipped.trained_small_shapes_net()
    assert not net.training
    _, accuracy = evaluate(net, (to_nchw(x)[:, :, 2:30, 2:30], y))
    assert accuracy == pytest.approx(0.761, abs=0.1)  # four standard errors of 300 pictures


def test_a_net_that_is_not_there_names_the_way_out(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"benchmarks/small_shapes\.py"):
        shipped.trained_small_shapes_net(tmp_path / "nothing.pt")


def test_without_any_strength_each_version_is_the_picture():
    img = data.picture("arrow")
    np.testing.assert_allclose(data.versions(img, **NONE), np.stack([img] * 16), atol=1e-9)


def test_mirrored_versions_are_mirror_images_and_about_half():
    img = data.picture("arrow")
    copies = data.versions(img, **{**NONE, "mirror": True})
    mirrored = [np.allclose(copy, img[:, ::-1]) for copy in copies]
    assert 3 <= sum(mirrored) <= 13
    assert all(m or np.allclose(copy, img) for m, copy in zip(mirrored, copies, strict=True))


def test_the_explorer_says_what_it_shows():
    explorer = data.augmentation_explorer()
    explorer.widget()
    explorer.set(degrees=30.0, mirror=False, name="handwritten 6")
    assert "turned by up to 30 degrees" in explorer.sentence
    assert "mirrored" not in explorer.sentence
    explorer.set(mirror=True)
    assert "mirrored half of the time" in explorer.sentence


def test_the_net_takes_pictures_of_any_size():
    net = shipped.trained_small_shapes_net()
    assert net(torch.zeros(2, 3, 40, 31)).shape == (2, 10)
