"""Experiments on photographs where there are some, on shapes elsewhere, and what is stored."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from benchmark_file import loaded

from autograder.authoring.build import masters
from autograder.authoring.claims.experiments import claims_of
from course_utils import datasets, results, training
from course_utils.data import photographs

ROOT = Path(__file__).resolve().parents[2]
STORED = json.loads((ROOT / "data" / "results" / "photographs.json").read_text(encoding="utf-8"))


def master(number):
    return masters.load(next(masters.SOURCE.glob(f"{number}_*.py")))


def made_file(folder, train=200, test=10):
    """A `cifar10*.npz` of noise, in the right form."""
    rng = np.random.default_rng(0)
    x = rng.integers(0, 256, (train + test, 32, 32, 3), dtype=np.uint8)
    y = np.arange(train + test) % 10
    path = folder / "cifar10_made.npz"
    np.savez(path, train_x=x[:train], train_y=y[:train], test_x=x[train:], test_y=y[train:])
    return path


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_DATA", str(tmp_path))
    return tmp_path


def test_shapes_stand_in_where_no_photographs_are(folder):
    pictures = datasets.photographs_or_shapes(60, 40)
    assert not pictures.photographs and "course data cifar10" in pictures.about
    assert len(pictures.train[0]) == 60 and len(pictures.held_out[1]) == 40
    assert pictures.train[0].dtype == np.float32 and pictures.train[0].shape[1:] == (3, 32, 32)


def test_photographs_are_taken_where_they_are(folder):
    made_file(folder)
    pictures = datasets.photographs_or_shapes(100, 50)
    assert pictures.photographs and pictures.classes == datasets.CIFAR10_CLASSES
    assert "100 photographs of CIFAR-10" in pictures.about
    assert np.bincount(pictures.train[1]).tolist() == [10] * 10
    assert np.bincount(pictures.held_out[1]).tolist() == [5] * 10
    np.testing.assert_allclose(pictures.train[0].mean((0, 2, 3)), 0, atol=1e-4)
    np.testing.assert_allclose(pictures.train[0].std((0, 2, 3)), 1, atol=1e-4)


def test_both_parts_share_no_photograph_and_leave_the_test_images_alone(folder):
    with np.load(made_file(folder, train=200, test=30)) as data:
        x = data["train_x"].reshape(200, -1).astype(np.float64)
        y = data["train_y"]
    pictures = datasets.photographs_or_shapes(150, 50)
    taken = np.concatenate([pictures.train[0], pictures.held_out[0]])
    # Standardising keeps a channel's correlation: each picture is found again among the 200.
    red = taken[:, 0].reshape(200, -1)
    matched = np.corrcoef(red, x[:, ::3])[:200, 200:].argmax(1)
    assert sorted(matched) == list(range(200))
    assert (np.concatenate([pictures.train[1], pictures.held_out[1]]) == y[matched]).all()


def test_a_small_file_is_shared_out_in_proportion(folder):
    made_file(folder, train=30)
    pictures = datasets.photographs_or_shapes(1000, 500)
    assert (len(pictures.train[0]), len(pictures.held_out[0])) == (20, 10)
    assert "20 photographs" in pictures.about


def test_a_damaged_file_is_named_and_shapes_stand_in(folder):
    path = made_file(folder)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    pictures = datasets.photographs_or_shapes(20, 10)
    assert not pictures.photographs
    assert "cifar10_made.npz is damaged" in pictures.about and "copy it again" in pictures.about


def test_the_same_seed_gives_the_same_pictures(folder):
    made_file(folder)
    one, same, other = (datasets.photographs_or_shapes(40, 20, seed) for seed in (0, 0, 1))
    np.testing.assert_array_equal(one.train[0], same.train[0])
    assert not np.array_equal(one.train[0], other.train[0])


def test_nothing_stored_is_told_with_the_command(folder, monkeypatch, capsys):
    monkeypatch.setattr(results, "FOLDER", folder)
    monkeypatch.setattr(results, "INSTALLED", folder / "nothing")
    pictures = datasets.photographs_or_shapes(20, 10)
    assert [*datasets.beside_stored("06", pictures, {"a": 1}).values()] == [{"a": 1}]
    assert "benchmarks/photographs.py makes it" in capsys.readouterr().out


def test_a_stored_run_is_labelled_as_such(folder, capsys):
    pictures = datasets.photographs_or_shapes(20, 10)
    here, there = datasets.beside_stored("06", pictures, {})
    assert here == "drawn shapes, made here" and there.endswith("stored run")
    said = capsys.readouterr().out
    assert "out of 4,000 of its training images" in said and "benchmarks/photographs.py" in said


def test_every_experiment_has_a_stored_run_of_its_own():
    assert list(STORED) == list(loaded("photographs").RUNS)
    assert photographs.stored("00") is None


@pytest.mark.parametrize("number", STORED)
def test_a_stored_run_is_that_of_the_notebook(number):
    """Made with the function that learners see, on what the benchmark says, in little time."""
    run, script = STORED[number], loaded("photographs")
    assert run["written as"] == script.written_as(master(number).cell(script.CELL).source)
    *pictures, options = script.RUNS[number]
    assert run["pictures"] == pictures and run["options"] == json.loads(json.dumps(options))
    assert run["training images at hand"] == 4000 >= sum(pictures)
    assert run["made by"].endswith(f"photographs.py FOLDER {number}")
    assert 0 < run["processor seconds"] < 90 and run["with"].startswith("torch ")


@pytest.mark.parametrize("number", STORED)
def test_what_the_text_says_of_a_stored_run_is_in_it(number):
    """Claims about the run that is made in the notebook, `found`, are tried with the notebook."""
    claims = [
        ast.unparse(node)
        for node in ast.parse(master(number).cell("on_photographs").claims).body
        if not any(getattr(part, "id", None) == "found" for part in ast.walk(node))
    ]
    names = {"np": np, "training": training, "run": STORED[number]["found"]}
    tried = claims_of("on_photographs", "\n".join(claims), names)
    assert tried and not [f"{claim.says}: {claim.seen}" for claim in tried if not claim.holds]


def executed(number, monkeypatch):
    """The notebook's names after its experiment, in quick mode; how many plots it showed."""
    monkeypatch.setenv("COURSE_QUICK", "1")
    notebook = master(number)
    names, shown = masters.namespace(notebook), []
    names["plots"] = SimpleNamespace(**vars(names["plots"]) | {"show": shown.append})
    masters.run(notebook.cell("on_photographs").source, names, number)
    return names, len(shown)


@pytest.mark.parametrize("number", STORED)
@pytest.mark.parametrize("there", ["nothing", "photographs", "damaged"])
def test_the_experiment_runs_with_and_without_photographs(
    number, there, folder, monkeypatch, capsys
):
    if there != "nothing":
        path = made_file(folder)
        if there == "damaged":
            path.write_bytes(path.read_bytes()[:1000])
    names, plots_shown = executed(number, monkeypatch)
    assert names["pictures"].photographs == (there == "photographs")
    assert set(names["found"]) == set(STORED[number]["found"]), "both runs are of one form"
    assert plots_shown == 2
    said = capsys.readouterr().out
    assert "Here: " in said and "Stored: " in said
    assert ("is damaged" in said) == (there == "damaged")
