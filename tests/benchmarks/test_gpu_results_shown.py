"""What `make gpu` stores is shown by notebooks 07, 12 and 13 as soon as it is there."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest
import torch

from autograder.authoring.build import masters
from course_utils import results

GPU = "Made-up GPU"


def store(folder, name, **found):
    place = folder / results.slug(GPU)
    place.mkdir(exist_ok=True)
    text = json.dumps({"gpu": GPU, "shown": True, "outcome": "passed", **found})
    (place / f"{name}.json").write_text(text)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(results, "FOLDER", tmp_path)
    monkeypatch.setattr(results, "INSTALLED", tmp_path / "nothing")
    return tmp_path


def notebook(name: str, pictures: list) -> tuple[masters.Master, dict]:
    """A solved notebook's names, its plots caught, as on a machine without a GPU."""
    master = masters.load(masters.SOURCE / f"{name}.py")
    names = masters.namespace(master)
    names["plots"] = SimpleNamespace(lines=lambda series, *a, **k: series, show=pictures.append)
    names["DEVICE"] = torch.device("cpu")
    return master, names


def run(master, names, cell, capsys) -> str:
    capsys.readouterr()
    masters.run(master.cell(cell).source, names, cell)
    return capsys.readouterr().out


def test_nothing_is_shown_where_nothing_was_measured(folder):
    assert results.on_gpus("device_speeds") == []
    # A run on a CPU, to try the script, and one that failed.
    store(folder, "device_speeds", gpu=None)
    store(folder, "fused_kernel", shown=False)
    assert results.on_gpus("device_speeds") == results.on_gpus("fused_kernel") == []


def test_a_damaged_file_is_named(folder):
    store(folder, "device_speeds")
    (path,) = folder.glob("*/*.json")
    path.write_text("{")
    with pytest.raises(ValueError, match="delete it, and run make gpu again"):
        results.on_gpus("device_speeds")


def test_notebook_12_without_a_gpu_has_no_hole(folder, capsys):
    pictures: list = []
    master, names = notebook("12_gpu", pictures)
    names["passes"] = lambda *wanted: False
    assert run(master, names, "speeds", capsys) == "" and pictures == []
    text = "\n".join(cell.source for cell in master.cells)
    assert "nobody has run" not in text and "still to come" not in text


def test_notebook_12_shows_a_gpu(folder, capsys):
    conv = [{"forward_tflops": speed} for speed in (20.0, 40.0)]
    products = [{"n": n, "tflops": n / 64} for n in (128, 256, 512, 1024, 8192)]
    link = {"megabytes": 256, "pageable_gb_per_s": 7.0, "pinned_gb_per_s": 25.0,
            "pageable_back_gb_per_s": 6.0, "pinned_back_gb_per_s": 24.0}  # fmt: skip
    gpu = {"device": GPU, "matmul_float32": products, "conv_float32": conv, "transfer": [link],
           "memory_gb_per_s": 900.0, "alexnet": {"batch": 256, "peak_gb": 3.5}}  # fmt: skip
    store(folder, "device_speeds", measured=[gpu, {"device": "CPU"}])
    store(folder, "fused_kernel", rows=[{"rows": 9, "features": 3, "fused_gb_per_s": 800.0,
                                         "torch_gb_per_s": 300.0}])  # fmt: skip
    pictures: list = []
    master, names = notebook("12_gpu", pictures)
    names["passes"] = lambda *wanted: False
    said = run(master, names, "speeds", capsys)
    assert f"{GPU} (stored): VGG's 3×3 convolutions, float32: 20.0 to 40.0 TFLOP/s" in said
    assert pictures == [{f"{GPU} (stored)": [2.0, 4.0, 8.0, 16.0]}]
    names["passes"] = lambda *wanted: True
    said = run(master, names, "four_speeds", capsys)
    assert f"{GPU} (stored): link to it 7.0 GB/s pageable, 25.0 pinned" in said
    assert f"{GPU} (stored): link back 6.0 GB/s pageable, 24.0 pinned" in said
    assert "inside the device 900 GB/s" in said
    assert "batch of 256 holds 3.50 GB" in run(master, names, "alexnet", capsys)
    said = run(master, names, "triton_kernel", capsys)
    assert f"{GPU} (stored): 9×3 values, 800 GB/s fused, 300 in torch's steps" in said


def test_notebook_12_shows_what_a_stopped_part_had(folder, capsys):
    store(folder, "device_speeds", outcome="stopped", measured=[
        {"device": GPU, "matmul_float32": [{"n": 128, "tflops": 2.0}]}])  # fmt: skip
    pictures: list = []
    master, names = notebook("12_gpu", pictures)
    names["passes"] = lambda *wanted: False
    run(master, names, "speeds", capsys)
    assert pictures == []


def test_notebook_07_draws_a_gpus_run_before_the_reduced_one(folder, capsys):
    run_of = {"optimizer": "adam", "dropout": False, "learning_rate": 3e-4,
              "epoch_cost": [[2.0, 1.0]] * 2, "first_costs": [[2.0] * 16] * 2}  # fmt: skip
    figure = {"net": "conv64", "data": "pictures", "device": "CUDA GPU", "torch": "2.13",
              "seconds": 60, "command": "make gpu", "epochs": 2, "updates_per_epoch": 8,
              "runs": [run_of]}  # fmt: skip
    store(folder, "optimizers_figure", **figure)
    reduced = {**figure, "net": "conv16", "device": "CPU"}
    (folder / "optimizers_figure.json").write_text(json.dumps(reduced))
    pictures: list = []
    master, names = notebook("07_optimizers", pictures)
    said = run(master, names, "stored_figure", capsys)
    assert said.index("conv64") < said.index("conv16") and len(pictures) == 4


def test_notebook_13_says_what_a_gpu_did_by_type(folder, capsys):
    rows = [{"name": name, "images_per_s": rate}
            for name, rate in (("float32", 1000.0), ("float16", 4000.0))]  # fmt: skip
    store(folder, "mixed_precision", net="a net", batch=512, rows=rows)
    master, names = notebook("13_precision", [])
    names["QUICK"] = True
    said = run(master, names, "autocast", capsys)
    assert f"{GPU} (stored), a training step of a net, batch 512:" in said
    assert "4,000 images a second" in said


def test_a_gpus_folder_goes_into_a_kit_and_makes_pages_anew(folder, monkeypatch):
    monkeypatch.syspath_prepend(masters.CHECKOUT / "docs" / "site")
    import solved

    from autograder.authoring.kits import student_kit

    data = folder / "data" / "results"
    data.mkdir(parents=True)
    store(data, "device_speeds")
    (path,) = data.glob("*/*.json")
    copied = [found for pattern in student_kit.DATA for found in data.parent.glob(pattern)]
    monkeypatch.setattr(solved, "CHECKOUT", folder)
    assert copied == solved._shipped() == [path]
