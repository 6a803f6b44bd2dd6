"""Every solution passes on the stand-in: judged by references that run there, and those in torch
run there themselves. And what is told of wrong answers."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import turns

import autograder
from autograder.authoring.build import masters
from autograder.authoring.verify import proofs
from autograder.exercise import oracle_on
from autograder.exercises import find
from autograder.judging.keys import Misfit, answer_key

NOTEBOOKS = turns.due(
    sorted({exercise.notebook for exercise in autograder.exercises()}), 3, lambda notebook: "all"
)
# Solutions that are not run on tensors of the device, and why not.
HELD_BY_THE_CPU = {
    "symmetry_after": "it is handed a model and batches that begin as numpy arrays",
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
    "build": "its pictures are drawn by a generator of the CPU",
    "run": "the order of its batches is drawn by a generator of the CPU",
    "shrink": "its weights become numpy arrays, to be handed in",
    "hand_in": "its net is made from numpy arrays that were handed in",
    "my_guess": "its net is made from numpy arrays that were handed in",
    **dict.fromkeys(
        ("first_loss_is_plausible", "gradients_reach_everything", "memorises_one_batch",
         "steps_in_proportion", "patch_1", "patch_2", "patch_3"),
        "its programs hold their data and their generators on the CPU, as programs do",
    ),
}


def exercises_of(notebook: str) -> list[str]:
    return [e.name for e in autograder.exercises() if e.notebook == notebook]


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
    otherwise = {}
    for name in exercises_of(notebook):
        if find(name).library == "numpy":
            continue
        verdict = graded_there(name, namespace)
        whole = verdict is not None and verdict.points == verdict.max_points
        if whole != (name not in HELD_BY_THE_CPU):
            otherwise[name] = verdict and verdict.message
    assert not otherwise


def graded_there(name: str, namespace: dict):
    """A verdict on what is made on the device by default; None where a case cannot be made."""
    answer_key(find(name))
    torch.set_default_device("standin")
    try:
        return autograder.grade(name, dict(namespace))
    except Misfit:
        return None
    finally:
        torch.set_default_device("cpu")


# `check` in a notebook whose references are on the device.


def test_verify_proves_on_both():
    assert proofs.devices() == ("cpu", "standin")
    proof = proofs.prove(str(masters.SOURCE / "06_batchnorm.py"), "bn_dxhat")
    assert proof.solved and not proof.failures and proof.devices == ("cpu", "standin")


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
