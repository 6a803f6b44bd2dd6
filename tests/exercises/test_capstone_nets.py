"""Nets that misbehave while they are asked about sealed pictures, each told in its own words."""

import functools
import re

import numpy as np
import pytest
import torch
from torch import nn

from autograder import grade
from autograder.authoring.build import masters
from autograder.exercises import find
from autograder.judging.keys import answer_key, program
from course_utils import capstone, weights

CLASS_SEED = 10**38 + 17


@functools.cache
def solved():
    return masters.namespace(masters.load(masters.SOURCE / "17_capstone.py"))


class Asked(nn.Sequential):
    """The solution's net, with something done to what it gives."""

    def __init__(self, budget, change):
        super().__init__(*solved()["build"](budget))
        self.change = change

    def forward(self, x):
        out = super().forward(x)
        return self.change(self, out) if not self.training else out


def verdict_on(change, name="hand_in", seed=0):
    def build(budget):
        return Asked(budget, change)

    return grade(name, {**solved(), "build": build}, seed)


def moves_a_buffer(net, out):
    net.get_submodule("1").running_var.mul_(1.1)
    return out


def counts(net, out):
    net.get_submodule("1").num_batches_tracked.add_(1)
    return out


@pytest.mark.parametrize(
    ("change", "name"),
    [
        (lambda net, out: out.softmax(1), "probabilities"),
        (lambda net, out: out.argmax(1), "labels"),
        (lambda net, out: nn.functional.one_hot(out.argmax(1), 8).float(), "labels"),
        (lambda net, out: nn.functional.pad(out, (0, 2)), "ten_outputs"),
        (lambda net, out: out / 0, "not_finite"),
        (lambda net, out: out - out.mean(0), "looks_around"),
        (moves_a_buffer, "learns_while_asked"),
        (counts, "counts_while_asked"),
        (lambda net, out: out + (torch.zeros(3000, 3000) @ torch.zeros(3000, 1)).sum(),
         "over_the_products"),
    ],
)  # fmt: skip
def test_what_a_net_does_is_named(change, name):
    verdict = verdict_on(change)
    # A net like this is no right build either, which is told first.
    assert [m for m in verdict.mistakes if m != "needs:build"] == [name], str(verdict)
    assert verdict.points < verdict.max_points


def test_a_net_that_knows_some_earns_a_part():
    def forgets(net, out):
        # Of 100 pictures so many are answered by chance, by what is in them.
        lost = (out.abs().sum(1) * 1e4).long() % 100 < 40
        return torch.where(lost[:, None], out.roll(1, 1), out)

    verdict = verdict_on(forgets, seed=CLASS_SEED)
    assert verdict.status == "failed"
    assert 2 + 8 * 0.3 < verdict.points < 2 + 8 * 0.8
    assert "your accuracy on the sealed pictures is 0." in verdict.message
    assert "at least 0.8 earns all points" in verdict.message


def test_a_net_that_knows_nothing_earns_its_form_alone():
    verdict = verdict_on(lambda net, out: out.roll(1, 1), seed=CLASS_SEED)
    assert verdict.points == 2 and verdict.mistakes == ["untrained"]
    assert "your accuracy on the sealed pictures is 0" in verdict.cases[1].problem


def test_practice_does_not_tell_how_good_a_net_is():
    def half(net, out):
        lost = (out.abs().sum(1) * 1e4).long() % 100 < 30
        return torch.where(lost[:, None], out.roll(1, 1), out)

    assert verdict_on(half).status == "passed"
    little = verdict_on(lambda net, out: out.roll(1, 1))
    assert "untrained" in little.mistakes and little.status == "failed"
    assert "accuracy" not in str(little) and not re.search(r"0\.\d", str(little)), str(little)
    assert verdict_on(half, seed=CLASS_SEED).status == "failed"


@pytest.mark.parametrize("name", ["hand_in", "my_guess"])
def test_labels_never_cross(name):
    for case in program(find(name), CLASS_SEED)["cases"]:
        assert set(case["inputs"]) == {"images", "batches"}
    assert all("labels" in case.inputs for case in answer_key(find(name), CLASS_SEED).cases)


@pytest.mark.parametrize(
    ("low", "high", "share"),
    [(0.93, 0.98, 1.0), (0.5, 0.98, 0.6), (0.0, 1.0, 0.0), (0.2, 0.5, 0.0)],
)
def test_an_interval_earns_by_its_score(low, high, share):
    """Narrow and right is best; wide earns less, and what the truth is far from nothing."""
    verdict = grade("my_guess", {**solved(), "my_guess": lambda: (low, high)}, CLASS_SEED)
    assert verdict.points == pytest.approx(share * verdict.max_points, abs=0.5)


def test_an_interval_is_too_narrow_only_where_chance_is_wider_and_it_misses():
    def verdict_on_interval(low, high):
        return grade("my_guess", {**solved(), "my_guess": lambda: (low, high)}, CLASS_SEED)

    narrow = verdict_on_interval(0.92, 0.9213)
    assert narrow.mistakes == ["too_narrow"] and 0 < narrow.points < narrow.max_points
    for low, high, name in ((0.93, 0.945, "rather_narrow"), (0.75, 0.9, "far_off"),
                            (0.7, 0.8, "far_off"), (0.2, 0.2013, "far_off"),
                            (0.88, 0.93, "elsewhere"), (0.8, 1.0, "too_wide")):  # fmt: skip
        verdict = verdict_on_interval(low, high)
        assert verdict.mistakes == [name], (low, high, str(verdict))
        assert verdict.points < verdict.max_points
    assert verdict_on_interval(0.93, 0.98).status == "passed"


@pytest.mark.parametrize(("blind", "mistakes"), [(2, ["in_percent"]), (7, ["needs:hand_in"])])
def test_a_net_that_is_merely_short_of_all_points_hides_no_word_on_the_interval(blind, mistakes):
    name, arrays = solved()["hand_in"]()
    last = [key for key in arrays if key.endswith("bias")][-1]
    arrays = {**arrays, last: arrays[last] - 1000 * (np.arange(8) < blind).astype(np.float32)}
    given = {**solved(), "hand_in": lambda: (name, arrays), "my_guess": lambda: (93.0, 97.0)}
    net = grade("hand_in", given, CLASS_SEED)
    assert 2 < net.points < net.max_points if blind == 2 else net.points == 2
    assert grade("my_guess", given, CLASS_SEED).mistakes[: len(mistakes)] == mistakes


def test_shrinking_costs_hardly_any_accuracy_on_5000_pictures():
    """A quarter of the bytes, at most 0.01 of the accuracy: the same pictures before and after."""
    made = solved()
    name, arrays = made["hand_in"]()
    task = capstone.variant(name)
    net, fresh = (made["build"](task.budget) for _ in range(2))
    weights.load(net, arrays)
    small = made["shrink"](net.eval())
    restored = made["restore"](small, fresh).eval()
    x, labels = capstone.drawn(task.shapes, 5000, seed=1702)
    with torch.no_grad():
        whole, quarter = (
            (torch.cat([each(part) for part in torch.from_numpy(x).split(500)]).argmax(1).numpy()
             == labels).mean()
            for each in (net, restored)
        )  # fmt: skip
    assert whole > 0.8 and whole - quarter <= 0.01
    assert sum(array.nbytes for array in small.values()) <= 0.25 * capstone.cost(net).bytes
