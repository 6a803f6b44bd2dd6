"""Memory of a submission in a control group of its own, on a hierarchy of ordinary files: which
groups are taken, what is written where, and what is told when the kernel has ended one."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from grading_sample import LIGHT, RIGHT, SHORT, points, submission

from autograder.grading.sandbox.processes import cgroup
from autograder.grading.sandbox.runner import Runner, availability

UNAVAILABLE = availability()


def make(folder, controllers="cpu memory pids", inside="memory pids"):
    """A group as the kernel shows it."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, words in (("cgroup.controllers", controllers), ("cgroup.subtree_control", inside),
                        ("cgroup.procs", "")):  # fmt: skip
        (folder / name).write_text(words)
    return folder


@pytest.fixture
def tree(tmp_path, monkeypatch):
    """A user's session: the system's groups, and below them those that are the user's own."""
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    root = make(tmp_path / "cgroup")
    for place in ("user.slice", "user.slice/user@1000.service",
                  "user.slice/user@1000.service/app.slice"):  # fmt: skip
        make(root / place)
    make(root / "user.slice/user@1000.service/app.slice/run-1.scope", inside="")
    own = tmp_path / "own"
    own.write_text("0::/user.slice/user@1000.service/app.slice/run-1.scope\n")
    return root, own


def test_groups_are_made_beside_the_own_one_where_memory_is_handed_on(tree):
    root, own = tree
    found, why = cgroup.place(root, own)
    assert (found, why) == (root / "user.slice/user@1000.service/app.slice", "")
    (found / "cgroup.subtree_control").write_text("pids\n")
    assert cgroup.place(root, own)[0] == found.parent


@pytest.mark.parametrize(
    ("lines", "why"),
    [("4:memory:/x\n1:cpu:/x\n", "version 2 alone"), ("0::/\n", "systemd-run --user --scope"),
     ("0::/gone/for/good\n", "systemd-run --user --scope")],
)  # fmt: skip
def test_elsewhere_it_is_said_why_not(tree, lines, why):
    root, own = tree
    (root / "cgroup.subtree_control").write_text("cpu")
    own.write_text(lines)
    found, said = cgroup.place(root, own)
    assert found is None and why in said


def test_no_control_groups_at_all(tmp_path):
    assert cgroup.place(tmp_path, tmp_path / "none") == (None, "this system has no control groups")
    (tmp_path / "own").write_text("0::/a\n")
    assert "version 2 alone" in cgroup.place(tmp_path, tmp_path / "own")[1]


def test_root_takes_none_that_is_not_delegated(tree, monkeypatch):
    root, own = tree
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    marked: list = []
    monkeypatch.setattr(os, "getxattr", lambda path, name: b"1" if path in marked else b"0")
    assert cgroup.place(root, own)[0] is None
    marked.append(root / "user.slice/user@1000.service")
    assert cgroup.place(root, own)[0] == root / "user.slice/user@1000.service/app.slice"


@pytest.fixture
def kernel(monkeypatch):
    """Groups get their files when they are made, and lose them when they are taken away."""
    made, gone, removed = os.mkdir, os.rmdir, []

    def mkdir(path, *rest):
        made(path, *rest)
        if "course-" in os.path.basename(path):
            for name in ("cgroup.procs", "cgroup.kill", "memory.max", "memory.oom.group",
                         "memory.swap.max"):  # fmt: skip
                (path / name).touch()
            (path / "memory.events").write_text("low 0\nhigh 0\nmax 3\noom 0\noom_kill 0\n")

    def rmdir(path, **where):
        if isinstance(path, Path) and path.name.startswith("course-"):
            removed.append({file.name: file.read_text() for file in path.iterdir()})
            for file in path.iterdir():
                file.unlink()
        gone(path, **where)

    monkeypatch.setattr(os, "mkdir", mkdir)
    monkeypatch.setattr(os, "rmdir", rmdir)
    return removed


def test_a_group_bounds_memory_and_goes_with_all_that_is_in_it(tmp_path, kernel):
    group = cgroup.Group(tmp_path, 12345)
    assert not group.overfull()
    (group.path / "memory.events").write_text("oom 1\noom_kill 2\n")
    assert group.overfull()
    group.close()
    (files,) = kernel
    assert (files["memory.max"], files["memory.oom.group"]) == ("12345", "1")
    assert (files["memory.swap.max"], files["cgroup.kill"]) == ("0", "1")
    assert not list(tmp_path.iterdir())


def test_where_the_files_are_missing_there_is_no_group(tmp_path):
    with pytest.raises(OSError, match="cgroup.procs"):
        cgroup.Group(tmp_path, 1)
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(UNAVAILABLE is not None, reason=str(UNAVAILABLE))
def test_a_submission_is_in_its_group_before_it_begins(tmp_path, kernel, monkeypatch):
    monkeypatch.setattr(cgroup, "place", lambda: (tmp_path, ""))
    with Runner(limits=SHORT, preload=LIGHT) as runner:
        result = runner.run(submission(RIGHT))
        assert (result.ended, points(result)) == ("finished", 3)
        (files,) = kernel
        assert files["cgroup.procs"] == "0"
        assert int(files["memory.max"]) > SHORT.memory
        # What the kernel would have said, had it ended the submission.
        monkeypatch.setattr(cgroup.Group, "overfull", lambda group: True)
        told = runner.run(submission("import os; os.kill(os.getpid(), 9)"))
        assert any("more memory" in note for note in told.notes)
        monkeypatch.undo()
        assert points(runner.run(submission(RIGHT))) == 3  # the group's place is gone: without


@pytest.mark.skipif(UNAVAILABLE is not None, reason=str(UNAVAILABLE))
def test_a_learners_process_does_not_hold_the_door(tmp_path, kernel, monkeypatch):
    monkeypatch.setattr(cgroup, "place", lambda: (tmp_path, ""))
    looks = "import os\nprint([os.readlink(f'/proc/self/fd/{n}') for n in range(3, 40) "
    looks += "if os.path.exists(f'/proc/self/fd/{n}')])"
    with Runner(limits=SHORT, preload=LIGHT) as runner:
        (cell, *_) = runner.run(submission(looks)).cells
    assert "cgroup" not in cell.outputs[0]["text"]


@pytest.mark.parametrize("place", [("/sys/fs/cgroup/x", ""), (None, "none is delegated")])
def test_doctor_says_which_bound_holds(monkeypatch, place):
    from autograder.commands.learners.doctor import memory_bound

    monkeypatch.setattr(cgroup, "place", lambda: place)
    assert (place[0] or place[1]) in memory_bound()
