"""Faults in solutions of which something untrue was said once: what is said now is so."""

from __future__ import annotations

import functools

import pytest

from autograder.authoring.build import masters
from autograder.exercises import find
from autograder.learning import practice

SHEAR = "np.array([[1, np.tan(kappa)], [0, 1]])"
PATHS = "2 * (x - mean) * dvar / n + dmean / n"


@functools.cache
def master(notebook: str):
    return masters.load(masters.SOURCE / f"{notebook}.py")


@functools.cache
def solved(notebook: str) -> dict:
    return masters.namespace(master(notebook))


def verdict_with(exercise: str, right: str, wrong: str, seed: int | None = None):
    """The verdict on the solution in which one expression stands in another's place."""
    notebook = find(exercise).notebook
    source = masters.solutions(master(notebook))[exercise]
    assert right in source
    namespace = dict(solved(notebook))
    exec(source.replace(right, wrong), namespace)
    return practice.grade(exercise, namespace, seed=seed)


@pytest.mark.parametrize(
    "shear",
    [
        "np.array([[1, 3 * np.tan(kappa)], [0, 1]])",
        "np.array([[1, -np.sin(kappa)], [0, np.cos(kappa)]])",
        "np.array([[1, np.rad2deg(kappa)], [0, 1]])",
        "np.array([[1, 0], [np.sin(kappa), 1]])",
    ],
)
@pytest.mark.parametrize("seed", [None, 5, 77])
def test_a_wild_shear_is_told_nothing_of_turn_and_stretch(shear, seed):
    verdict = verdict_with("random_affine", SHEAR, shear, seed)
    named = ["shear_by_degrees"] if "rad2deg" in shear else []
    assert verdict.status == "failed" and verdict.mistakes == named
    assert "your angles of turning" not in str(verdict)
    assert "your factors of stretch" not in str(verdict)


def test_two_paths_of_batchnorm_are_both_named():
    verdict = verdict_with("batchnorm_backward", PATHS, "(x - mean) * dvar / n - dmean / n")
    stage, *likely = verdict.mistakes
    assert stage == "stage_dvar_and_dmean"
    assert len(likely) == 2 and {"sign_of_the_mean_path"} < set(likely)


def test_a_bias_that_is_there_and_does_nothing_is_not_called_missing():
    verdict = verdict_with("conv_fft", "b[:, None, None]", "0 * b[:, None, None]")
    assert verdict.mistakes == ["bias_forgotten"] and "missing" not in verdict.message


def test_a_net_that_is_kept_outside_of_its_arrays_is_told():
    both = "    return arrays\n    ### END SOLUTION\n\n\ndef restore(arrays, net):\n"
    aside = f"    restore.kept = arrays\n{both}    arrays = restore.kept\n"
    assert verdict_with("shrink", both, aside).mistakes == ["kept_aside"]


def test_who_copies_a_list_alone_is_told_of_what_is_in_it():
    verdict = verdict_with("ring_allreduce", "[list(worker) for worker in chunks]", "list(chunks)")
    assert verdict.mistakes[0] == "changed:chunks"
    assert "a copied list alone still holds the same things" in verdict.message


def test_what_one_builds_on_is_not_called_wrong_where_it_is_not_there():
    verdict = practice.grade("my_guess", {"my_guess": lambda: 0.8})
    assert verdict.mistakes[0] == "needs:build"
    assert verdict.message.startswith("This one builds on `build`, which is not there yet. Run the")
