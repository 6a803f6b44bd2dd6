"""The `course` command: help without heavy imports, failures told in sentences."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import click
import numpy as np
import pytest
from click.testing import CliRunner

from autograder.commands import cli
from autograder.commands.learners import doctor, lab
from autograder.grading.sandbox import runner
from autograder.learning import machine


def course(*arguments: str, cwd: Path | None = None, **environ: str):
    """Run `course` as a person does, in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "autograder", *arguments],
        cwd=cwd, capture_output=True, text=True, timeout=120, env={**os.environ, **environ},
    )  # fmt: skip


def test_help_lists_every_command():
    shown = course("--help")
    assert shown.returncode == 0
    for name, (_, line) in cli.COMMANDS.items():
        assert name in shown.stdout and line in shown.stdout


def test_help_imports_nothing_heavy():
    script = (
        "import sys; from autograder import cli\n"
        "sys.argv = ['course', '--help']\n"
        "try: cli.main()\n"
        "except SystemExit: pass\n"
        "print('loaded:', *sorted({name.partition('.')[0] for name in sys.modules}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    loaded = set(done.stdout.rpartition("loaded:")[2].split())
    assert "click" in loaded
    assert not loaded & {"torch", "numpy", "nbgrader", "nbconvert", "nbformat", "IPython", "rich"}


def test_every_command_teaches_with_an_example():
    for name, (_, line) in cli.COMMANDS.items():
        assert f"course {name}" in line


@pytest.mark.parametrize("name", ["lab", "progress", "data", "doctor"])
def test_help_of_a_command_has_examples(name):
    shown = course(name, "--help")
    assert shown.returncode == 0
    assert f"course {name} " in shown.stdout.partition("Examples:")[2]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("doctr", "doctor"), ("verfy", "verify"), ("labs", "lab"), ("pogress", "progress")],
)
def test_misspelt_command_suggests_the_nearest(typed, meant):
    done = course(typed)
    assert done.returncode == 2
    assert f"did you mean 'course {meant}'" in done.stderr


@pytest.mark.parametrize("typed", ["release", "relase"])
def test_what_nbgrader_does_is_not_taken_for_another_command(typed):
    done = course(typed)
    assert done.returncode == 2
    assert "nbgrader generate_assignment" in done.stderr and "did you mean" not in done.stderr


def test_unknown_command_far_from_all_points_to_help():
    done = course("xyzzy")
    assert done.returncode == 2 and "course --help" in done.stderr


def run_main(monkeypatch, capsys, failure: BaseException) -> tuple[int, str]:
    """`course lab`, its work replaced by a failure: exit status and what is said."""

    def fail(*_):
        raise failure

    monkeypatch.setattr(lab, "lab_arguments", fail)
    monkeypatch.setattr(sys, "argv", ["course", "lab"])
    with pytest.raises(SystemExit) as left:
        cli.main()
    return left.value.code, capsys.readouterr().err


def test_refusal_of_the_system_is_a_sentence(monkeypatch, capsys):
    refusal = PermissionError(13, "Permission denied", "/somewhere/locked")
    assert run_main(monkeypatch, capsys, refusal) == (
        1, "Error: Permission denied: /somewhere/locked\n"
    )  # fmt: skip


def test_missing_package_says_how_to_install_it(monkeypatch, capsys):
    status, said = run_main(monkeypatch, capsys, ModuleNotFoundError("x", name="nbgrader.api"))
    assert status == 1
    assert "'nbgrader.api' is not installed" in said and "make setup" in said


def test_own_missing_module_is_not_hidden(monkeypatch):
    def fail(*_):
        raise ModuleNotFoundError("x", name="autograder.gone")

    monkeypatch.setattr(lab, "lab_arguments", fail)
    monkeypatch.setattr(sys, "argv", ["course", "lab"])
    with pytest.raises(ModuleNotFoundError):
        cli.main()


def test_interrupt_is_quiet(monkeypatch, capsys):
    assert run_main(monkeypatch, capsys, KeyboardInterrupt()) == (130, "")


@pytest.mark.skipif(os.name != "posix", reason="a signal of POSIX systems")
def test_interrupt_of_a_running_command_is_quiet(tmp_path):
    # A pipe that nobody writes to keeps the command waiting until the signal comes.
    pipe = tmp_path / "progress.json"
    os.mkfifo(pipe)
    running = subprocess.Popen(
        [sys.executable, "-m", "autograder", "progress"],
        env={**os.environ, "COURSE_PROGRESS": str(pipe)},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    writer = os.open(pipe, os.O_WRONLY)  # returns once the command has opened it for reading
    running.send_signal(signal.SIGINT)
    _, said = running.communicate(timeout=60)
    os.close(writer)
    assert running.returncode == 130
    assert said.strip() == ""


def test_reader_that_leaves_is_no_error():
    done = subprocess.run(
        f"{sys.executable} -m autograder doctor --json | head -c 1",
        shell=True, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.stdout == "[" and done.stderr == ""


# course lab


@pytest.fixture
def notebooks(tmp_path, monkeypatch) -> Path:
    folder = tmp_path / "notebooks"
    folder.mkdir()
    for name in ("02_activations", "06_batchnorm"):
        (folder / f"{name}.ipynb").write_text("{}")
    (folder / "notes.ipynb").write_text("{}")
    monkeypatch.chdir(tmp_path)
    return folder


@pytest.mark.parametrize("wanted", ["02", "2", "02_activations", "notebooks/02_activations.ipynb"])
def test_lab_opens_a_notebook_by_number_or_name(notebooks, wanted):
    arguments = lab.lab_arguments(wanted, no_browser=True, port=9000)
    assert f"--ServerApp.root_dir={notebooks}" in arguments
    assert "--LabApp.default_url=/lab/tree/02_activations.ipynb" in arguments
    assert "--no-browser" in arguments and "--port=9000" in arguments


def test_lab_finds_the_course_from_inside_the_notebooks_folder(notebooks, monkeypatch):
    monkeypatch.chdir(notebooks)
    assert f"--ServerApp.root_dir={notebooks}" in lab.lab_arguments(None, False, None)


def test_lab_does_not_list_the_folder_in_which_a_checkout_has_the_solutions(
    notebooks, tmp_path, monkeypatch
):
    hidden = "--ContentsManager.hide_globs=source"
    assert hidden not in lab.lab_arguments(None, False, None)  # a class has another `source`
    monkeypatch.setattr(lab, "CHECKOUT", tmp_path)
    assert hidden in lab.lab_arguments(None, False, None)


def test_lab_begins_with_the_first_notebook_until_something_was_done(notebooks):
    def opened():
        return [word for word in lab.lab_arguments(None, False, None) if "default_url" in word]

    assert opened() == []  # there is none here
    (notebooks / "00_start.ipynb").write_text("{}")
    assert opened() == ["--LabApp.default_url=/lab/tree/00_start.ipynb"]
    (notebooks / ".progress.json").write_text("{}")
    assert opened() == []


def test_lab_lists_the_notebooks_that_exist(notebooks):
    with pytest.raises(click.ClickException) as refused:
        lab.lab_arguments("07", False, None)
    assert "02_activations" in refused.value.message and "06_batchnorm" in refused.value.message
    assert "notes" not in refused.value.message


def test_lab_starts_jupyterlab_with_this_python(notebooks, monkeypatch):
    called = []
    monkeypatch.setattr(os, "execv", lambda path, call: called.append((path, call)))
    monkeypatch.setattr(subprocess, "call", lambda call: 0)
    CliRunner().invoke(lab.command, ["06"])
    ((path, call),) = called
    assert path == sys.executable and call[:3] == [sys.executable, "-m", "jupyterlab"]


# course doctor


def test_doctor_finds_this_machine_sound():
    done = course("doctor", "--teach", "--json")
    findings = json.loads(done.stdout)
    broken = [finding for finding in findings if finding["state"] == "broken"]
    assert done.returncode == 0 and broken == []
    topics = {finding["subject"] for finding in findings}
    assert {"Python", "torch", "torchvision loads", "device", "kernel python3", "sandbox"} <= topics
    for finding in findings:
        assert finding["found"]
        assert finding["state"] == "ok" or finding["mend"]


def test_doctor_table_ends_with_a_verdict():
    done = course("doctor")
    assert "promise" not in done.stdout and "nbgrader" not in done.stdout
    assert done.stdout.rstrip().endswith("Everything that the course needs works here.")


def test_doctor_survives_a_missing_package_and_fails(monkeypatch):
    # What Python does for a module that is None in sys.modules: it raises ModuleNotFoundError.
    monkeypatch.setitem(sys.modules, "psutil", None)
    done = CliRunner().invoke(doctor.command, ["--teach", "--json"])
    states = {finding["subject"]: finding["state"] for finding in json.loads(done.stdout)}
    assert done.exit_code == 1
    assert states["cores and memory"] == "broken" and states["sandbox"] in ("ok", "note")


@pytest.mark.parametrize(
    ("asked", "purpose", "state"),
    [
        ("numpy>=1.0", "needed", "ok"),
        ("numpy>=1000", "needed", "broken"),
        ("no-such-package-here>=1", "needed", "broken"),
        ("no-such-package-here>=1", "to teach", "note"),
    ],
)
def test_doctor_judges_a_package(asked, purpose, state):
    from packaging.requirements import Requirement

    finding = machine.package(Requirement(asked), purpose, pin=None)
    assert finding.state == state
    assert finding.state == "ok" or "pip install" in finding.mend


def test_doctor_names_the_tested_version_when_another_is_here():
    from packaging.requirements import Requirement

    finding = machine.package(Requirement("numpy>=1.0"), "needed", pin="0.1")
    assert finding.state == "ok" and "tested with 0.1" in finding.found


def test_doctor_takes_a_local_build_for_the_tested_version(monkeypatch):
    from packaging.requirements import Requirement

    monkeypatch.setattr(machine.importlib.metadata, "version", lambda name: "2.13.0+cpu")
    finding = machine.package(Requirement("torch>=2.4"), "needed", pin="2.13.0")
    assert finding.found == "2.13.0+cpu"


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="where not even root may write")
def test_doctor_tries_what_it_claims(monkeypatch):
    monkeypatch.setenv("COURSE_DATA", "/proc/data")
    finding = next(machine.data())
    assert finding.state == "note" and "/proc/data" in finding.found
    monkeypatch.setenv("COURSE_PROGRESS", "/proc/progress.json")
    assert machine.progress().state == "note" and "/proc" in machine.progress().found


def test_doctor_takes_a_subset_of_a_data_set_for_ready(tmp_path, monkeypatch):
    images, labels = np.zeros((4, 32, 32, 3), np.uint8), np.zeros(4, np.uint8)
    np.savez(
        tmp_path / "cifar10_small.npz",
        train_x=images, train_y=labels, test_x=images, test_y=labels,
    )  # fmt: skip
    monkeypatch.setenv("COURSE_DATA", str(tmp_path))
    found = {finding.subject: finding for finding in machine.data()}
    assert found["cifar10"].state == "ok" and "4 training" in found["cifar10"].found
    assert found["mnist"].state == "note" and "course data mnist" in found["mnist"].mend


@pytest.mark.skipif(sys.platform != "linux", reason="namespaces are Linux's")
def test_doctor_says_why_there_is_no_sandbox(monkeypatch):
    monkeypatch.setattr(runner, "availability", lambda: "Namespaces are not permitted here.")
    (finding,) = doctor.sandbox()
    assert finding.state == "note" and "not permitted" in finding.found


# course data


def test_data_lists_what_needs_no_download(tmp_path):
    done = course("data", COURSE_DATA=str(tmp_path))
    lines = done.stdout.splitlines()
    assert done.returncode == 0
    assert any(line.startswith("digits") and "ready" in line for line in lines)
    assert any(line.startswith("cifar10") and "not here" in line for line in lines)


def test_data_refuses_an_unknown_name(tmp_path):
    done = course("data", "cifar11", COURSE_DATA=str(tmp_path))
    assert done.returncode == 2 and "cifar10" in done.stderr
