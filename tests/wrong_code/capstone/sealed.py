"""Notebook 17: nets and intervals that cannot be taken as they are handed in."""

import functools
import tempfile
from pathlib import Path

import numpy as np
import torch
from torch import nn
from wrong_code import wrong

from autograder.authoring.build import masters
from course_utils import capstone, weights


@functools.cache
def solved():
    return masters.namespace(masters.load(masters.SOURCE / "17_capstone.py"))


def right():
    """The solution's name and weights, to be changed."""
    name, arrays = solved()["hand_in"]()
    return name, {key: array.copy() for key, array in arrays.items()}


@wrong("hand_in", "arrays_of_a_module")
def hand_in():
    name, arrays = right()
    net = solved()["build"](capstone.variant(name).budget)
    weights.load(net, arrays)
    return name, net


@wrong("hand_in", "tensors")
def hand_in():
    name, arrays = right()
    return name, {key: torch.from_numpy(array) for key, array in arrays.items()}


@wrong("hand_in", "other_names")
def hand_in():
    name, arrays = right()
    return name, {f"net.{key}": array for key, array in arrays.items()}


@wrong("hand_in", "other_names")
def hand_in():
    # What shrink returns has names of its own.
    name, arrays = right()
    net = solved()["build"](capstone.variant(name).budget)
    weights.load(net, arrays)
    return name, solved()["shrink"](net.eval())


@wrong("hand_in", "more_than_the_net_has")
def hand_in():
    name, arrays = right()
    return name, {**arrays, "accuracy": np.array(0.95)}


@wrong("hand_in", "no_name")
def hand_in():
    name, arrays = right()
    return capstone.variant(name), arrays


@wrong("hand_in", "of_another_net")
def hand_in():
    # Trained for a budget of another corner.
    return "grader", right()[1]


@wrong("hand_in", "gone_astray")
def hand_in():
    name, arrays = right()
    arrays["0.weight"][0, 0, 0, 0] = np.nan
    return name, arrays


@wrong("hand_in", "too_large")
def hand_in():
    name, arrays = right()
    return name, {**arrays, "moments": np.zeros(10**6, np.float32)}


@wrong("hand_in", "no_file")
def hand_in():
    return "solution", weights.from_file("somewhere_else.npz")


@wrong("hand_in", "unreadable")
def hand_in():
    name, arrays = right()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "my_net.pt"
        torch.save(arrays, path)
        return name, weights.from_file(path)


@wrong("hand_in", "unreadable")
def hand_in():
    name, arrays = right()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "my_net.npz"
        np.savez(path, **arrays, net=np.array([nn.Identity()], dtype=object))
        return name, weights.from_file(path)


@wrong("my_guess", "in_percent")
def my_guess():
    return 93.0, 97.0


@wrong("my_guess", "higher_first")
def my_guess():
    return 0.97, 0.93


@wrong("my_guess", "one_point")
def my_guess():
    return 0.95, 0.95


@wrong("my_guess", "lucky")
def my_guess():
    return 0.94, 0.955


@wrong("my_guess", "beyond_possible")
def my_guess():
    return 0.93, 1.02


@wrong("my_guess", "everything")
def my_guess():
    return 0, 1


@wrong("my_guess", "not_numbers")
def my_guess():
    return "0.93", "about 0.97"


@wrong("hand_in", "text_for_weights")
def hand_in():
    name, arrays = right()
    return arrays, name


@wrong("hand_in", "nothing_for_weights")
def hand_in():
    name, arrays = right()
    return name, arrays.clear()


@wrong("hand_in", "arrays_without_names")
def hand_in():
    name, arrays = right()
    return name, list(arrays.values())


@wrong("hand_in", "not_complete")
def hand_in():
    name, arrays = right()
    net = solved()["build"](capstone.variant(name).budget)
    return name, {key: arrays[key] for key, _ in net.named_parameters()}


@wrong("hand_in", "untrained")
def hand_in():
    name, _ = right()
    return name, weights.arrays_of(solved()["build"](capstone.variant(name).budget).eval())


@wrong("hand_in", "untrained")
def hand_in():
    # The last layer's rows in another order than the labels count.
    name, arrays = right()
    last = max(int(key.split(".")[0]) for key in arrays)
    turned = {key: arrays[key][::-1].copy() for key in (f"{last}.weight", f"{last}.bias")}
    return name, {**arrays, **turned}
