"""The set-up survives mishaps, brings no gigabytes that nobody needs, and says what it does."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.learning import install, kernel

ROOT = Path(__file__).resolve().parents[2]
LAB = {"lab"}

# A Python of an environment that is made of stand-ins: it notes what pip is asked for.
PYTHON = f"""#!{sys.executable} -S
import pathlib, sys
root = pathlib.Path({{root!r}})
words = sys.argv[1:]
if words[:2] == ["-m", "pip"]:
    with (root / "calls").open("a") as calls:
        print(*words[2:], file=calls)
    print("Collecting numpy<3,>=1.26\\n  Downloading numpy-2.4.6-cp311.whl (16.8 MB)")
    if (root / "no-network").exists():
        print("ERROR: Could not find a version that satisfies numpy")
        sys.exit(1)
elif words and words[0] == "-c" and "torch" in words[1]:
    sys.exit(not (root / "has-torch").exists())
"""


@pytest.fixture
def clone(tmp_path, monkeypatch) -> Path:
    for name in install.LISTS:
        shutil.copy(ROOT / name, tmp_path)
    for name in ("PIP_EXTRA_INDEX_URL", "PIP_NO_INDEX"):
        monkeypatch.delenv(name, raising=False)

    def make(venv):
        place = install.interpreter(venv).parent
        shutil.rmtree(venv, ignore_errors=True)
        place.mkdir(parents=True)
        for name in (install.interpreter(venv).name, "pip"):
            (place / name).write_text(PYTHON.format(root=str(tmp_path)))
            (place / name).chmod(0o755)
        with (tmp_path / "calls").open("a") as calls:
            print("venv", file=calls)

    monkeypatch.setattr(install, "make", make)
    monkeypatch.setattr(install, "has_nvidia", lambda: False)
    monkeypatch.setattr(install, "answers", lambda address: False)
    return tmp_path


def done(clone: Path, extras: set[str] = LAB, torch: str = "") -> list[str]:
    """What was done, one word each: venv, install."""
    (clone / "calls").write_text("")
    try:
        install.setup(clone, extras, torch)
    finally:
        did = [line.split()[0] for line in (clone / "calls").read_text().splitlines()]
    return did


def asked(clone: Path) -> str:
    return (clone / "calls").read_text()


def test_setup_twice_is_quick_and_quiet(clone, capsys):
    assert done(clone) == ["venv", "install"]
    capsys.readouterr()
    assert done(clone) == [] and capsys.readouterr().out == ""


def test_an_interrupted_setup_goes_on(clone, capsys):
    (clone / "no-network").touch()
    with pytest.raises(install.CannotInstall, match="run make setup again"):
        done(clone)
    assert "satisfies numpy" in capsys.readouterr().err
    (clone / "no-network").unlink()
    assert done(clone) == ["install"] and done(clone) == []


@pytest.mark.parametrize("lost", ["bin/python", "bin/pip", "bin"])
def test_a_damaged_environment_is_made_again(clone, lost):
    done(clone)
    path = clone / ".venv" / lost
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    assert done(clone) == ["venv", "install"]


@pytest.mark.parametrize("changed", install.LISTS)
def test_changed_requirements_are_installed(clone, changed):
    done(clone)
    with (clone / changed).open("a") as file:
        file.write("# changed\n")
    assert done(clone) == ["install"]


def test_a_failed_update_is_not_taken_for_done(clone):
    done(clone)
    (clone / "constraints.txt").write_text("numpy==2.4.7\n")
    (clone / "no-network").touch()
    with pytest.raises(install.CannotInstall):
        done(clone)
    shutil.copy(ROOT / "constraints.txt", clone)
    (clone / "no-network").unlink()
    # Half of the update may be installed, so the old list alone does not make it sound.
    assert done(clone) == ["install"]


def test_a_learner_after_a_teacher_installs_nothing_and_loses_nothing(clone):
    done(clone, {"lab", "teach"})
    assert done(clone) == []
    with (clone / "constraints.txt").open("a") as file:
        file.write("# changed\n")
    assert done(clone) == ["install"] and ".[lab,teach]" in asked(clone)


def test_an_environment_of_the_course_before_this_is_kept(clone):
    done(clone)
    (clone / ".venv" / install.STAMP).write_text("1234 56\n")
    assert done(clone) == ["install"]


@pytest.mark.parametrize("has_gpu, answers, has_torch, decided, theirs, cpu", [
    (False, True, False, "", "", True),
    (False, False, False, "", "", False),  # the index does not answer: nothing waits
    (True, True, False, "", "", False),
    (True, True, False, "cpu", "", True),
    (False, True, False, "cuda", "", False),
    (False, True, True, "", "", False),  # what is installed is left alone
    (False, True, False, "", "https://mirror.example.org", False),  # somebody has decided
])  # fmt: skip
def test_which_build_of_torch(
    clone, monkeypatch, has_gpu, answers, has_torch, decided, theirs, cpu
):
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(install, "has_nvidia", lambda: has_gpu)
    monkeypatch.setattr(install, "answers", lambda address: answers)
    if theirs:
        monkeypatch.setenv("PIP_EXTRA_INDEX_URL", theirs)
    if has_torch:
        (clone / "has-torch").touch()
    done(clone, torch=decided)
    assert (f"--extra-index-url {install.CPU_BUILDS}" in asked(clone)) == cpu


def test_a_build_that_cannot_be_had_is_said(clone):
    with pytest.raises(install.CannotInstall, match="does not answer"):
        done(clone, torch="cpu")
    with pytest.raises(install.CannotInstall, match="neither cpu nor cuda"):
        done(clone, torch="rocm")


def test_an_index_that_never_answers_is_not_waited_for():
    import socket

    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen()
        assert not install.answers(f"http://127.0.0.1:{deaf.getsockname()[1]}", seconds=0.05)


@pytest.mark.parametrize("spoken, told", [
    ("Collecting numpy<3,>=1.26 (from training-cnns==0.1.0)", "looking for numpy"),
    ("  Downloading torch-2.13.0-cp311-cp311-manylinux.whl (190.2 MB)",
     "fetching torch, 190.2 MB"),
    ("  Downloading https://files.example.org/a/b/rich-15.0.0-py3-none-any.whl (243 kB)",
     "fetching rich, 243 kB"),
    ("Installing collected packages: a, b, c", "unpacking 3 packages, the longest part"),
    ("Requirement already satisfied: pip", ""),
])  # fmt: skip
def test_what_pip_does_is_told_in_a_line(spoken, told):
    assert install.under_way(spoken) == told


def test_jupyterlab_asks_for_nothing_and_what_was_set_stays(clone):
    done(clone)
    settings = clone / ".venv/share/jupyter/lab/settings/overrides.json"
    held = json.loads(settings.read_text())
    assert held["@jupyterlab/apputils-extension:notification"]["fetchNews"] == "false"
    settings.write_text('{"a": 1}')
    install.keep_news_away(clone / ".venv")
    assert json.loads(settings.read_text())["a"] == 1


# A Python that lacks what the course needs.


def test_the_list_of_what_is_needed_is_pyproject_s():
    from declared import PROJECT, ranges

    assert set(kernel.NEEDED) == set(ranges(PROJECT["dependencies"]))
    assert kernel.lacking() == []


@pytest.mark.parametrize("call", [["-m", "autograder", "doctor"], ["-m", "autograder", "--help"]])
def test_the_command_on_a_bare_python_says_what_to_do(call, tmp_path):
    ran = subprocess.run([sys.executable, "-S", *call], cwd=ROOT, capture_output=True, text=True,
                         env={"PATH": os.defpath})  # fmt: skip
    assert ran.returncode == 1 and "Traceback" not in ran.stderr
    assert "lacks click, cloudpickle, filelock and 12 more" in ran.stderr
    assert "make lab" in ran.stderr


@pytest.mark.parametrize("where, words", [
    ("Colab", "Run the first cell again"),
    ("Binder", "Start it anew"),
    ("VS Code", "Select Another Kernel"),
    ("Jupyter", "menu Kernel"),
    ("a terminal", ".venv/bin/course"),
])  # fmt: skip
def test_each_place_has_a_sentence_of_its_own(monkeypatch, where, words):
    for name in ("BINDER_SERVICE_HOST", "BINDER_LAUNCH_HOST", "VSCODE_PID"):
        monkeypatch.delenv(name, raising=False)
    for name in ("google.colab", "ipykernel"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    if where != "a terminal":
        monkeypatch.setitem(sys.modules, "ipykernel", sys)
    if where == "Colab":
        monkeypatch.setitem(sys.modules, "google.colab", sys)
    if where == "Binder":
        monkeypatch.setenv("BINDER_SERVICE_HOST", "10.0.0.1")
    if where == "VS Code":
        monkeypatch.setenv("VSCODE_PID", "1")
    assert kernel.place() == where and words in kernel.advice(["numpy"])
