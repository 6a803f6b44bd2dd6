"""`course mark`: what it says before a page opens, and how the browser gets the address."""

from __future__ import annotations

import re
import stat
import threading
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from click.testing import CliRunner
from marking_class import NAME

from autograder.commands.cli import cli

ADDRESS = "http://127.0.0.1:1/?token=secret"


def mark(folder: Path, *arguments: str):
    done = CliRunner().invoke(cli, ["mark", *arguments, "--class", str(folder)])
    assert "Traceback" not in done.output
    return done


def test_the_browser_gets_the_address_through_a_file_of_ones_own(folder, monkeypatch):
    """What stands on a command line everybody on the machine can read."""
    seen, done = [], threading.Event()

    def shown(address: str) -> bool:
        path = Path(urlsplit(address).path)
        seen.extend((path, path.read_text(), stat.S_IMODE(path.stat().st_mode)))
        done.set()
        return True

    def serve(desk, port, ready):
        ready(ADDRESS)
        assert done.wait(30)
        raise KeyboardInterrupt

    monkeypatch.setattr("webbrowser.open", shown)
    monkeypatch.setattr("autograder.grading.marking.server.serve", serve)
    told = mark(folder, NAME)
    path, text, mode = seen
    assert ADDRESS in text and mode == 0o600 and not path.exists()
    assert told.exit_code == 0 and ADDRESS in told.output
    assert "All that you gave is in the gradebook." in told.output


@pytest.mark.parametrize(
    "arguments, says",
    [
        (["06_batchnorn"], "Did you mean 06_batchnorm?"),
        ([NAME, "zzz"], "It has: explain_pairs, explain_gamma."),
        ([NAME, "--port", "70000"], "70000 is not in the range"),
    ],
)
def test_what_there_is_not_is_told(folder, arguments, says):
    done = mark(folder, *arguments, "--no-browser")
    assert done.exit_code and says in done.output


def test_a_folder_that_is_no_class_is_told(tmp_path):
    assert "is not a class" in mark(tmp_path, NAME, "--no-browser").output


def test_a_gradebook_that_is_gone_is_told(folder):
    (folder / "gradebook.db").unlink()
    assert "There is no gradebook at" in mark(folder, NAME, "--no-browser").output


def test_the_help_teaches(folder):
    told = CliRunner().invoke(cli, ["mark", "--help"]).output
    for word in (
        "course mark 06_batchnorm --class ml-2026",
        "Ctrl+Z",
        "formgrader",
        "without names",
    ):
        assert re.search(re.escape(word), " ".join(told.split())), word
