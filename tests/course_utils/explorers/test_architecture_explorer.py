"""The explorer of notebook 09: what grows back through the layers is what a gradient shows."""

import pytest
import torch

from course_utils.explorers import architectures
from course_utils.explorers.architectures import Layer


def by_gradient(layers, place):
    """All sizes, and the pixels that the output at `place` depends on."""
    x = torch.ones(1, 1, architectures.SIDE, dtype=torch.float64, requires_grad=True)
    h, sizes = x, [architectures.SIDE]
    for layer in layers:
        w = torch.ones(1, 1, layer.kernel, dtype=torch.float64)
        h = torch.conv1d(h, w, stride=layer.stride, padding=layer.pad, dilation=layer.dilation)
        sizes.append(h.shape[-1])
    (gradient,) = torch.autograd.grad(h[0, 0, round(place * (sizes[-1] - 1))], x)
    return sizes, set(gradient[0, 0].nonzero().flatten().tolist())


@pytest.mark.parametrize("place", [0, 0.35, 1])
@pytest.mark.parametrize(
    "setting",
    [(3, 3, 1, "1", False), (4, 3, 2, "1", True), (3, 5, 3, "2", True),
     (4, 2, 1, "doubled at each layer", False), (5, 7, 3, "doubled at each layer", True)],
)  # fmt: skip
def test_used_pixels_are_those_with_a_gradient(setting, place):
    layers = architectures.stack(*setting)
    sizes, used = architectures.grown_back(layers, place)
    right_sizes, right = by_gradient(layers, place)
    assert sizes == right_sizes
    # A path that leads through a padded value of a later layer ends there.
    assert right <= used[0]
    if not any(min(u) < 0 or max(u) >= n for u, n in zip(used[1:], sizes[1:], strict=True)):
        assert {pixel for pixel in used[0] if 0 <= pixel < architectures.SIDE} == right


def test_a_pool_is_not_padded_and_halves():
    assert Layer("pool", 2, 2).leaves(9) == 4


def test_what_the_learner_says_is_in_the_sentence():
    explorer = architectures.receptive_field_explorer(lambda layers: (7, len(layers)))
    explorer.widget()
    explorer.set(pool=True)
    assert "sees 12×12 pixels" in explorer.sentence
    assert explorer.sentence.endswith("Your receptive_field says: size 7, jump 4.")


def test_a_function_that_fails_does_not_stop_the_explorer():
    def receptive_field(layers):
        raise ZeroDivisionError("oh")

    explorer = architectures.receptive_field_explorer(receptive_field)
    explorer.widget()
    assert "ZeroDivisionError: oh" in explorer.sentence
