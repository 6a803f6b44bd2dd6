"""Every reference gives on the stand-in what it gives on the CPU, and solutions pass there."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from standin import queue

import autograder
from autograder.authoring.build import masters
from autograder.exercise import Expected, oracle_on, raises
from autograder.exercises import find
from autograder.judging import keys
from autograder.judging.compare import difference
from autograder.judging.keys import answer_key

NOTEBOOKS = sorted({exercise.notebook for exercise in autograder.exercises()})
# What mistakes show that is drawn: from each device's own chance, and judged with a standard error.
DRAWN = {("std_by_depth", "with_biases")}
# Solutions that are not run on tensors of the device, and why not.
HELD_BY_THE_CPU = {
    "symmetry_after": "it is handed a model and batches that begin as numpy arrays",
    "critical_point_report": "it is handed a model and batches that begin as numpy arrays",
    "lsuv": "it is handed batches that begin as numpy arrays",
    "bias_is_redundant": "its picture begins as a numpy array",
    "split_exactly": "its kernels are numpy arrays, and the layers are made from them",
    "log_run": "its batches begin as numpy arrays",
    "multi_crop_predict": "its views are numpy arrays",
    "FullyConnectedNet": "its layers are numpy's; course_utils.layers takes them to torch and back",
    "ThreeLayerConvNet": "its layers are numpy's; course_utils.layers takes them to torch and back",
    "find_mode_bug": "its models are made anew from the CPU's chance",
    "population_statistics": "its models are made anew from the CPU's chance",
    "get_activation": "its net is looked at in numpy; test_training_there runs it on the device",
    "extract_features": "its batches note where they are sent; test_training_there runs it on the "
    "device",
    "transfer_table": "its labels are counted in numpy",
    "linear_probe_by_depth": "its batches note where they are sent",
}


def exercises_of(notebook: str) -> list[str]:
    return [e.name for e in autograder.exercises() if e.notebook == notebook]


def apart(values: dict, key: dict) -> list[str]:
    """The names under which two answers differ beyond the tolerance of the first key's."""
    found = [name for name in key if name not in values]
    for name, value in values.items():
        right = key[name]
        if isinstance(value, raises) or isinstance(right, raises):
            found += [name] if value != right else []
        elif (value is None) != (right.value is None):
            found.append(name)
        elif value is not None and difference(value, right) is not None:
            found.append(name)
    return found


@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_references_and_mistakes_give_what_they_give_on_the_cpu(notebook):
    for name in exercises_of(notebook):
        kind = find(name)
        with oracle_on("cpu"):
            here = answer_key(kind)
        there = answer_key(kind)
        assert here is not there
        for mine, its in zip(here.cases, there.cases, strict=True):
            values = {n: e.value for n, e in its.right.items()}
            assert not apart(values, mine.right), (name, mine.name)
            for mistake, shown in mine.wrong.items():
                if (name, mistake) in DRAWN:
                    continue
                key = {
                    n: v if isinstance(v, raises) else _as(mine.right[n], v)
                    for n, v in shown.items()
                }
                assert not apart(its.wrong[mistake], key), (name, mine.name, mistake)


def _as(right: Expected, value) -> Expected:
    return Expected(value, right.rtol, right.atol, right.margin, right.any_width)


@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_solutions_pass_where_references_are_on_the_device(notebook):
    namespace = masters.namespace(masters.load(notebook))
    for name in exercises_of(notebook):
        verdict = autograder.grade(name, dict(namespace))
        assert verdict.status == "passed", (name, verdict.message)
        assert verdict.points == verdict.max_points, (name, verdict.message)


@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_solutions_in_torch_run_on_tensors_of_the_device(notebook):
    """What `observe` makes without saying where is made there, and the solutions go along."""
    namespace = masters.namespace(masters.load(notebook))
    for name in exercises_of(notebook):
        if name in HELD_BY_THE_CPU or find(name).library == "numpy":
            continue
        answer_key(find(name))
        torch.set_default_device("standin")
        try:
            verdict = autograder.grade(name, dict(namespace))
        finally:
            torch.set_default_device("cpu")
        assert verdict.points == verdict.max_points, (name, verdict.message)


def test_references_in_torch_do_run_there():
    """Most of an answer key is made by the device, or these tests would compare the CPU with
    itself."""
    made = 0
    for name in ("batchnorm_forward", "conv_forward_naive", "adam", "softmax_loss", "train_step"):
        before = queue.DEVICE.launches
        keys._answer_key.__wrapped__(find(name), 0, "standin")
        made += queue.DEVICE.launches > before
    assert made == 5


# `check` in a notebook whose references are on the device.


def test_check_finds_the_learners_function(capsys):
    namespace = masters.namespace(masters.load("06_batchnorm"))
    masters.run("verdict = check('batchnorm_forward')", namespace, "a check cell")
    verdict = namespace["verdict"]
    assert (verdict.status, verdict.points) == ("passed", verdict.max_points)


def test_a_wrong_answer_is_told_the_same_as_on_the_cpu():
    def swapped(x, gamma, beta, bn_param):
        mode = bn_param["mode"]
        D = x.shape[1]
        mean = bn_param.get("running_mean", np.zeros(D, x.dtype))
        var = bn_param.get("running_var", np.zeros(D, x.dtype))
        momentum, eps = bn_param.get("momentum", 0.9), bn_param.get("eps", 1e-5)
        if mode == "train":
            mu, sigma = x.mean(0), x.var(0)
            bn_param["running_mean"] = (1 - momentum) * mean + momentum * mu
            bn_param["running_var"] = (1 - momentum) * var + momentum * sigma
        else:
            mu, sigma = mean, var
        xhat = (x - mu) / np.sqrt(sigma + eps)
        return gamma * xhat + beta, None

    there = autograder.grade("batchnorm_forward", {"batchnorm_forward": swapped})
    with oracle_on("cpu"):
        here = autograder.grade("batchnorm_forward", {"batchnorm_forward": swapped})
    assert (there.mistakes, there.points, there.message) == (
        here.mistakes, here.points, here.message
    )  # fmt: skip
    assert there.mistakes
