"""What `make test-oldest` and `make test-colab` are made of; nothing is installed here."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import make
import pytest
import solved_notebooks
from declared import PROJECT, ranges
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("name", make.ENVIRONMENTS)
def test_its_tests_and_extras_are_there(name):
    environment = make.ENVIRONMENTS[name]
    assert all((ROOT / place).exists() for place in environment.tests)
    assert set(environment.extras) <= set(PROJECT["optional-dependencies"])
    file, _, test = make.SPEAKS_ELSEWHERE.partition("::")
    assert f"def {test}(" in (ROOT / file).read_text(encoding="utf-8")
    masters = ROOT / "notebooks" / "source"
    assert all((masters / f"{notebook}.py").exists() for notebook in solved_notebooks.NOTEBOOKS)


def test_the_ranges_admit_what_colab_has():
    allowed = ranges(PROJECT["dependencies"])
    pins = [Requirement(line) for line in make.ENVIRONMENTS["colab"].constraints.read_text()
            .splitlines() if not line.startswith("#")]  # fmt: skip
    assert {"ipython", "ipykernel", "ipywidgets", "numpy"} <= {pin.name for pin in pins}
    for pin in pins:
        (version,) = pin.specifier
        assert pin.name not in allowed or allowed[pin.name].contains(version.version), pin


def test_the_lowest_torch_at_hand_is_taken(tmp_path, monkeypatch):
    tag = f"cp{sys.version_info[0]}{sys.version_info[1]}"
    for version in ("2.13.0+cpu", "2.6.0+cpu", "2.10.1"):
        (tmp_path / f"torch-{version}-{tag}-{tag}-linux_x86_64.whl").touch()
    (tmp_path / "torch-2.4.0-cp38-cp38-linux_x86_64.whl").touch()  # another Python's
    monkeypatch.setenv("PIP_FIND_LINKS", f"{tmp_path} {tmp_path / 'nothing'}")
    assert make.at_hand(Path(sys.executable)) == "2.6.0+cpu"
    monkeypatch.delenv("PIP_FIND_LINKS")
    assert make.at_hand(Path(sys.executable)) == ""


def asked_of_uv(monkeypatch, folder: Path, name: str, torch: str) -> tuple[list[str], str]:
    """What uv is asked for, and what is wanted besides the course's own list."""
    asked: list[str] = []

    def uv(where, *arguments):
        asked.extend(map(str, arguments))
        Path(asked[-1]).write_text("numpy==1.26.0\nnvidia-cublas==1\ntriton==3\n")
        return subprocess.CompletedProcess(arguments, 0, "", "")

    monkeypatch.setattr(make, "uv", uv)
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    found = make.resolve(make.ENVIRONMENTS[name], folder, Path(sys.executable), torch)
    assert found.exists()
    return asked, (folder / "wanted.txt").read_text()


def test_oldest_asks_for_the_lowest_of_the_courses_own_list(monkeypatch, tmp_path):
    asked, _ = asked_of_uv(monkeypatch, tmp_path, "oldest", "")
    assert asked[asked.index("--resolution") + 1] == "lowest-direct"
    assert str(ROOT / "pyproject.toml") in asked
    # No gigabytes of CUDA where nobody has named a torch.
    assert asked[asked.index("--torch-backend") + 1] == "cpu"


def test_a_named_torch_is_asked_for(monkeypatch, tmp_path):
    asked, wanted = asked_of_uv(monkeypatch, tmp_path, "colab", "2.6.0+cpu")
    assert "torch==2.6.0+cpu" in wanted and "--torch-backend" not in asked
    assert str(make.ENVIRONMENTS["colab"].constraints) in asked


def test_without_torch_nothing_of_cuda_is_installed(monkeypatch, tmp_path):
    asked, _ = asked_of_uv(monkeypatch, tmp_path, "oldest", "none")
    assert asked.count("--no-emit-package") == 2
    assert (tmp_path / "requirements.txt").read_text() == "numpy==1.26.0\n"


def test_what_fits_nothing_is_one_sentence_and_a_reason(monkeypatch, tmp_path, capsys):
    def uv(*arguments):
        return subprocess.CompletedProcess(arguments, 1, "", "numpy>=9 is nowhere")

    monkeypatch.setattr(make, "uv", uv)
    monkeypatch.setattr(make, "create", lambda folder, python: Path(sys.executable))
    (tmp_path / "new").mkdir()
    assert make.main(["oldest", "--into", str(tmp_path / "new"), "--torch", "none"]) == 1
    said = capsys.readouterr().err
    assert said.startswith("make test-oldest: no versions fit") and "numpy>=9 is nowhere" in said


def test_without_torch_only_what_needs_it_is_skipped(tmp_path):
    (tmp_path / "test_needs.py").write_text(
        "def test_here():\n    raise ImportError(\"No module named 'torch'\")\n"
        "def test_elsewhere():\n    print(\"No module named 'torch'\")\n    assert False\n"
        "def test_wrong():\n    assert 1 == 2\n"
        "def test_right():\n    pass\n"
    )
    (tmp_path / "test_collected.py").write_text(
        "raise ModuleNotFoundError(\"No module named 'torch'\", name='torch')\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "without_torch",
         "--rootdir", tmp_path, "-c", os.devnull, tmp_path],
        capture_output=True, text=True, cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(Path(make.__file__).parent)},
    )  # fmt: skip
    assert "1 failed, 1 passed, 3 skipped" in done.stdout, done.stdout
    assert "test_wrong" in done.stdout
