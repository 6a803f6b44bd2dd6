"""`course publish`: an address goes in everywhere, is tried, and can be taken back."""

from __future__ import annotations

import shutil
import subprocess

import click
import pytest
from click.testing import CliRunner

from autograder.authoring.build import publishing
from autograder.authoring.build.publishing import looked_at, published, put_in, understood
from autograder.commands.authors import build


@pytest.fixture
def project(tmp_path):
    return shutil.copy(publishing.PROJECT, tmp_path / "pyproject.toml")


@pytest.mark.parametrize("given", [
    "ada/cnns", "https://github.com/ada/cnns", "https://github.com/ada/cnns.git",
    "https://github.com/ada/cnns/", "github.com/ada/cnns", "git@github.com:ada/cnns.git",
])  # fmt: skip
def test_an_address_is_understood_as_people_give_it(given):
    assert understood(given) == "https://github.com/ada/cnns"


@pytest.mark.parametrize("given", ["https://gitlab.com/ada/cnns", "ada", "a b/c", "", "a/b/c"])
def test_what_colab_cannot_open_is_refused(given):
    with pytest.raises(ValueError, match="NAME/REPOSITORY"):
        understood(given)


def test_only_the_address_changes_in_the_file(project):
    before = project.read_text().splitlines()
    put_in("https://github.com/ada/cnns", "autumn", project)
    after = project.read_text().splitlines()
    assert len(before) == len(after)
    assert [line for line in after if line not in before] == [
        'repository = "https://github.com/ada/cnns"', 'branch = "autumn"',
    ]  # fmt: skip
    assert published(project) == {
        "repository": "https://github.com/ada/cnns", "branch": "autumn", "slug": "github/ada/cnns",
    }  # fmt: skip


def test_as_long_as_nobody_is_named_there_is_no_link(project):
    put_in("https://github.com/YOUR_ACCOUNT/cnns", "main", project)
    assert published(project)["slug"] == ""


def test_a_repository_is_looked_at(tmp_path):
    there = tmp_path / "cnns"
    git = ["git", "-C", str(there), "-c", "user.name=a", "-c", "user.email=a@b.c"]
    subprocess.run(["git", "init", "-q", "-b", "main", str(there)], check=True)
    subprocess.run([*git, "commit", "-q", "--allow-empty", "-m", "first"], check=True)
    assert looked_at(str(there), "main") == (True, f"{there} answers, and has the branch main.")
    found, said = looked_at(str(there), "autumn")
    assert not found and "no branch autumn yet" in said
    found, said = looked_at(str(tmp_path / "nowhere"), "main")
    assert not found and "cannot be fetched" in said


def test_the_command_makes_the_notebooks_anew_and_says_what_is_left(monkeypatch):
    given, built = [], []
    monkeypatch.setattr(build, "put_in", lambda *what: given.append(what))
    monkeypatch.setattr(build, "looked_at", lambda *what: (True, "It answers."))
    monkeypatch.setattr(build.command, "callback", lambda **how: built.append(how))
    done = CliRunner().invoke(build.publish, ["ada/cnns", "--branch", "autumn"])
    assert done.exit_code == 0, done.output
    assert given == [("https://github.com/ada/cnns", "autumn")] and len(built) == 1
    assert "It answers." in done.output and "git push" in done.output


def test_what_cannot_be_built_leaves_the_address(monkeypatch):
    given = []

    def refuse(**how):
        raise click.ClickException("somebody has worked in it")

    monkeypatch.setattr(build, "put_in", lambda *what: given.append(what))
    monkeypatch.setattr(build.command, "callback", refuse)
    before = published()
    done = CliRunner().invoke(build.publish, ["ada/cnns"])
    assert done.exit_code == 1 and "stays as it was" in done.output
    assert given[-1] == (before["repository"], before["branch"])
    assert CliRunner().invoke(build.publish, ["https://gitlab.com/a/b"]).exit_code == 2
