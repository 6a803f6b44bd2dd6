"""Who needs a look: one definition, and so one number in the terminal, on the page, in the table
and where answers are marked."""

from __future__ import annotations

import csv
import io
import json
import re

import pytest
from click.testing import CliRunner
from graded_class import NAME, grade, hand_in, make, right

from autograder.commands.cli import cli
from autograder.grading.marking import answers
from autograder.grading.pipeline.outcome import FAILED, Outcome
from autograder.grading.pipeline.record import Record, kept_outcomes
from autograder.grading.reports.class_report import gather
from autograder.grading.reports.report import Tally
from autograder.grading.reports.tally import row

MISSING = {"relu_forward": "import no_such_module_here\ndef relu_forward(x):\n    return x, x"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """ada has all right; bea's file is cut; cy's time is none; dan imports what is not here."""
    folder = make(tmp_path_factory.mktemp("looks") / "class", ("ada", "bea", "cy", "dan"))
    hand_in(folder, "ada", right())
    hand_in(folder, "bea", change=lambda _: "{ this is cut")
    place = hand_in(folder, "cy", right())
    (place / "timestamp.txt").write_text("tomorrow")
    hand_in(folder, "dan", right() | MISSING)
    return folder


def test_it_is_one_number_everywhere(folder):
    done = CliRunner().invoke(cli, ["grade", NAME, "--class", str(folder), "--workers", "1"])
    assert done.exit_code == 0, done.output
    needing = ["bea", "cy", "dan"]
    assert re.search(r"needs a look +3\b", done.output), done.output
    page = (folder / "reports" / f"{NAME}.html").read_text(encoding="utf-8")
    assert "<dt>need a look</dt><dd>3</dd>" in page
    table = (folder / "reports" / f"{NAME}.csv").read_text(encoding="utf-8-sig")
    rows = csv.DictReader(io.StringIO(table))
    assert sorted(line["student"] for line in rows if line["needs a look"]) == needing
    told = CliRunner().invoke(cli, ["grade", NAME, "--class", str(folder), "--json"])
    assert json.loads(told.stdout)["needs_a_look"] == needing
    with Record(folder, NAME) as record:
        assert sorted(answers.looks(kept_outcomes(record.coursedir, NAME))) == needing


def test_what_came_to_nothing_now_is_told_and_not_what_came_of_it_before(tmp_path):
    folder = make(tmp_path / "class", ("ada",))
    hand_in(folder, "ada", right())
    grade(folder)
    run = Tally(NAME)
    run.rows.append(row(Outcome("ada", FAILED, "the worker died, twice"), unchanged=False))
    (mine,) = gather(folder, NAME, run, similar=False).rows
    assert mine.state == FAILED and mine.looks == [f"{FAILED}: the worker died, twice"]
    assert run.looks() == {"ada": mine.looks}
