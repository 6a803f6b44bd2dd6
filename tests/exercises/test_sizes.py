"""Where two sizes of an input may differ, a case has them differ: else code that takes one for the
other is right everywhere."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from autograder.exercise import PRACTICE_SEED, Case, Question
from autograder.exercises import find
from autograder.judging.keys import build_cases
from autograder.learning.catalogue import exercises

# Works element by element: no size is read.
BY_ELEMENT = {
    "numerical_gradient", "leaky_relu_forward", "leaky_relu_backward", "elu_forward",
    "elu_backward", "sgd", "sgd_momentum", "nesterov", "rmsprop", "adagrad", "adam", "l1_penalty",
    "l2_penalty", "bias_is_redundant",
}  # fmt: skip
# Inputs that are square by what they are: rotations, curvatures, square pictures and kernels.
SQUARE = {
    "multi_crop_predict": {"filters"}, "pca_color": {"eigvec"}, "vgg": {"x"},
    "ThreeLayerConvNet": {"weights.W1"}, "winograd_f23": {"d", "g"}, "winograd_conv3x3": {"w"},
    "async_sgd": {"curvatures"}, "hand_in": {"images"}, "my_guess": {"images"},
    "shrink": {"arrays.0.weight", "arrays.4.weight", "arrays.8.weight"},
}  # fmt: skip


def arrays(value, name: str):
    """Every array in an input, with a name that is the same for all entries of a list."""
    if isinstance(value, np.ndarray):
        yield name, value
    elif isinstance(value, dict):
        for key, part in value.items():
            yield from arrays(part, f"{name}.{key}")
    elif isinstance(value, (list, tuple)):
        for part in value:
            yield from arrays(part, f"{name}[]")


def always_equal(cases) -> set[str]:
    """The pairs of axes, as "x 0, 1 of 2", that have the same size, above 1, in every case."""
    equal: dict[str, bool] = {}
    for case in cases:
        for key, value in case.inputs.items():
            for name, array in arrays(value, key):
                for one, other in combinations(range(array.ndim), 2):
                    pair = f"{name} {one}, {other} of {array.ndim}"
                    same = array.shape[one] == array.shape[other] > 1
                    equal[pair] = equal.get(pair, True) and same
    return {pair for pair, same in equal.items() if same}


@pytest.mark.parametrize(
    "name",
    [e.name for e in exercises()
     if not issubclass(find(e.name), Question) and e.name not in BY_ELEMENT],
)  # fmt: skip
def test_sizes_differ_somewhere(name):
    found = always_equal(build_cases(find(name)(), PRACTICE_SEED))
    found = {pair for pair in found if pair.split()[0] not in SQUARE.get(name, ())}
    assert not found, f"in every case of {name}: {', '.join(sorted(found))}"


def test_a_square_that_hides_something_is_found():
    square = [Case("one", 1, x=np.zeros((3, 3))), Case("two", 1, x=np.zeros((4, 4)))]
    assert always_equal(square) == {"x 0, 1 of 2"}
    assert not always_equal([*square, Case("three", 1, x=np.zeros((4, 5)))])
