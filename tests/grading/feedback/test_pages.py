"""`course feedback`: a page is made where something on it has changed, and nowhere else."""

from __future__ import annotations

import re
import shutil
from datetime import datetime, timedelta

import hostile_notebook
import nbformat
import pytest
from click.testing import CliRunner
from graded_class import NAME, make, released
from nbformat.v4 import new_markdown_cell
from nbgrader.api import Gradebook

from autograder.commands.cli import cli
from autograder.grading.classroom.configuration import database
from autograder.grading.feedback import pages
from autograder.grading.pipeline import nbgrader_commands

STUDENTS = ("ada", "bob", "eve[1]")


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    """A class that is graded, with all its pages made."""
    folder = make(tmp_path_factory.mktemp("pages") / "class", STUDENTS)
    for student in STUDENTS:
        hostile_notebook.graded(folder, released(folder), student)
    first = pages.make_pages(folder, NAME)
    assert sorted(first.made) == sorted(STUDENTS) and not first.failed
    return folder


@pytest.fixture
def folder(template, tmp_path):
    # Elsewhere, and with other times of its files: nothing has changed by that.
    return shutil.copytree(template, tmp_path / "class", copy_function=shutil.copyfile)


def page(folder, student):
    return folder / "feedback" / student / NAME / f"{NAME}.html"


def changed(folder, **settings) -> list[str]:
    """Whose pages are made now; those of the others have to be the files that they were."""
    before = {s: page(folder, s).stat() for s in STUDENTS if page(folder, s).exists()}
    told = pages.make_pages(folder, NAME, **settings)
    assert not told.failed
    for student in told.unchanged:
        now = page(folder, student).stat()
        assert (now.st_ino, now.st_mtime_ns) == (
            before[student].st_ino,
            before[student].st_mtime_ns,
        )
    return sorted(told.made)


def marked(folder, change) -> None:
    with Gradebook(database(folder)) as gradebook:
        change(gradebook)
        gradebook.db.commit()


def test_where_nothing_has_changed_nothing_is_made(folder):
    assert changed(folder) == []


def test_a_mark_given_by_hand_changes_that_page_alone(folder):
    def mark(gradebook):
        gradebook.find_grade("explain_relu", NAME, NAME, "bob").manual_score = 1.5

    marked(folder, mark)
    assert changed(folder) == ["bob"]
    assert "Score: 1.5 /" in page(folder, "bob").read_text(encoding="utf-8")
    assert changed(folder) == []


def test_answers_that_wait_to_be_marked_are_told_with_the_command(folder):
    def wait(gradebook):
        for student in ("ada", "bob"):
            gradebook.find_grade("explain_relu", NAME, NAME, student).needs_manual_grade = True

    def mark_all(gradebook):
        for student in STUDENTS:
            for grade in gradebook.find_submission_notebook(NAME, NAME, student).grades:
                grade.needs_manual_grade = False

    marked(folder, mark_all)
    done = CliRunner().invoke(cli, ["feedback", NAME[:2], "--class", str(folder)])
    assert done.exit_code == 0 and "nobody has marked" not in done.output
    marked(folder, wait)
    done = CliRunner().invoke(cli, ["feedback", NAME[:2], "--class", str(folder)])
    assert "2 of the pages have answers that nobody has marked" in done.output
    assert f"course mark {NAME} --class" in done.output


def test_a_comment_changes_that_page_and_is_clean_on_it(folder):
    def comment(gradebook):
        said = "Well **argued** <img src=x onerror=alert(1)>"
        gradebook.find_comment("explain_relu", NAME, NAME, "eve[1]").manual_comment = said

    marked(folder, comment)
    assert changed(folder) == ["eve[1]"]
    text = page(folder, "eve[1]").read_text(encoding="utf-8")
    assert "<strong>argued</strong>" in text and "onerror" not in text


def test_other_points_for_a_cell_change_everybodys(folder):
    def worth(gradebook):
        cell = gradebook.find_grade_cell("check_relu_forward", NAME, NAME)
        cell.max_score = 17

    marked(folder, worth)
    assert changed(folder) == sorted(STUDENTS)


def test_lateness_is_taken_off_by_the_rule_of_now(folder):
    config = folder / "nbgrader_config.py"
    rule = 'c.LateSubmissionPlugin.penalty_method = "zero"\n'
    config.write_text(config.read_text(encoding="utf-8") + rule, encoding="utf-8")
    assert changed(folder) == sorted(STUDENTS), "the configuration may say how a page looks"

    def late(gradebook):
        submission = gradebook.find_submission(NAME, "ada")
        gradebook.find_grade("explain_relu", NAME, NAME, "ada").manual_score = 1.0
        now = datetime(2026, 11, 28)
        submission.assignment.duedate = now
        submission.timestamp = now + timedelta(hours=3)

    marked(folder, late)
    assert changed(folder) == ["ada"]
    assert "Late submission penalty (Score: -1.0)" in page(folder, "ada").read_text("utf-8")


def test_who_has_left_the_class_has_no_page_and_is_named(folder):
    marked(folder, lambda gradebook: gradebook.remove_student("ada"))
    done = CliRunner().invoke(cli, ["feedback", NAME, "--class", str(folder), "--all"])
    assert done.exit_code == 0, done.output
    assert "2 made, 0 as they were." in done.output
    assert f"{folder / 'feedback' / 'STUDENT' / NAME}" in done.output
    assert "No page for who is not in the class's gradebook: ada." in done.output
    done = CliRunner().invoke(cli, ["feedback", NAME, "--class", str(folder), "-s", "ada"])
    assert done.exit_code == 1 and "ada: not in the class's gradebook" in done.output


@pytest.mark.parametrize("step", ["autograded", "feedback"])
def test_a_folder_that_bears_a_files_name_is_a_sentence(folder, step):
    ending = "ipynb" if step == "autograded" else "html"
    odd = folder / step / "ada" / NAME / f"{NAME}.{ending}"
    odd.unlink()
    odd.mkdir()
    done = CliRunner().invoke(cli, ["feedback", NAME, "--class", str(folder)])
    assert "Error" not in done.output.replace("Error: 1 students", ""), done.output
    if step == "autograded":
        assert done.exit_code == 1 and f"{odd} is a folder; move it away" in done.output
    else:  # nbgrader makes the folder of pages anew
        assert done.exit_code == 0 and page(folder, "ada").is_file()


def test_another_notebook_or_file_changes_that_page(folder):
    place = folder / "autograded" / "ada" / NAME
    notebook = nbformat.read(place / f"{NAME}.ipynb", as_version=4)
    notebook.cells.append(new_markdown_cell("A word more."))
    nbformat.write(notebook, place / f"{NAME}.ipynb")
    (folder / "autograded" / "bob" / NAME / "notes.txt").write_text("new")
    assert changed(folder) == ["ada", "bob"]
    assert "A word more." in page(folder, "ada").read_text(encoding="utf-8")


def test_a_page_that_is_gone_or_written_over_is_made_again(folder):
    page(folder, "ada").unlink()
    page(folder, "bob").write_text("something else")
    assert changed(folder) == ["ada", "bob"]
    assert "Test cell" in page(folder, "bob").read_text(encoding="utf-8")


def test_what_nbgrader_makes_is_the_same_page_and_stays(folder):
    before = page(folder, "ada").read_text(encoding="utf-8")
    assert (outcome := nbgrader_commands.feedback(folder, NAME)).ok, outcome.log
    assert page(folder, "ada").read_text(encoding="utf-8") == before
    assert changed(folder) == []


def test_notes_that_cannot_be_read_cost_time_only(folder):
    (folder / ".course" / "feedback" / f"{NAME}.json").write_text("{}}")
    assert changed(folder) == sorted(STUDENTS)
    (folder / ".course" / "feedback" / f"{NAME}.json").write_text('{"ada": [1]}')
    assert changed(folder) == sorted(STUDENTS)


def test_one_student_and_all_that_is_asked_for(folder):
    assert changed(folder, only=["bob"]) == []
    assert changed(folder, only=["bob"], everything=True) == ["bob"]
    assert changed(folder, everything=True, workers=1) == sorted(STUDENTS)


def called(folder, *words):
    return CliRunner().invoke(cli, ["feedback", *words, "--class", str(folder)])


def test_the_command_says_how_many_pages_it_made(folder):
    page(folder, "ada").unlink()
    done = called(folder, NAME)
    assert done.exit_code == 0 and f"{NAME}: 1 made, 2 as they were." in done.output
    assert page(folder, "ada").exists()


def test_a_notebook_of_which_no_page_can_be_made_costs_that_page_only(folder):
    (folder / "autograded" / "ada" / NAME / f"{NAME}.ipynb").write_text('{"cells": [')
    page(folder, "bob").unlink()
    done = called(folder, NAME)
    assert done.exit_code == 1 and page(folder, "bob").exists()
    assert re.search(rf"ada: no page: {NAME}\.ipynb: ", done.output), done.output
    assert "1 made, 1 as they were, 1 could not be made" in done.output
    assert "ada: no page" in called(folder, NAME).output, "and it is tried again"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["98_grade"], "Nothing of 98_grade is graded in .* Did you mean 98_graded?"),
        (["12_other"], "First: course grade 12_other --class "),
        ([NAME, "-s", "adda"], "Nothing of adda is graded for 98_graded. Did you mean ada?"),
    ],
)
def test_who_asks_for_what_is_not_there_is_told_what_to_do(folder, words, said):
    done = called(folder, *words)
    assert done.exit_code == 1 and re.search(said, " ".join(done.output.split())), done.output


def test_without_a_gradebook_no_page_is_touched_and_none_is_made(folder):
    before = page(folder, "ada").read_bytes()
    (folder / "gradebook.db").unlink()
    done = called(folder, NAME, "--all")
    assert done.exit_code == 1 and "There is no gradebook at" in done.output
    assert page(folder, "ada").read_bytes() == before
    assert not (folder / "gradebook.db").exists()


def test_a_run_that_is_stopped_goes_on_from_there(folder):
    def stopped(results, number):
        for result in results:
            yield result
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        pages.make_pages(folder, NAME, everything=True, workers=1, following=stopped)
    assert changed(folder) == []
    shutil.rmtree(folder / ".course" / "feedback")
    with pytest.raises(KeyboardInterrupt):
        pages.make_pages(folder, NAME, workers=1, following=stopped)
    assert len(changed(folder)) == len(STUDENTS) - 1


def test_ctrl_c_inside_of_nbgrader_stops_the_run(folder, monkeypatch):
    def interrupted(*args, **kwargs):
        raise KeyboardInterrupt

    page(folder, "ada").unlink()
    monkeypatch.setattr(pages.GenerateFeedback, "write_single_notebook", interrupted)
    with pytest.raises(KeyboardInterrupt):
        pages.make_pages(folder, NAME, workers=1)
    monkeypatch.undo()
    assert changed(folder) == ["ada"]


def test_a_page_that_takes_too_long_costs_that_page_only(folder, monkeypatch):
    def endless(self, *args, **kwargs):
        if self.coursedir.student_id == "ada":
            while True:
                pass

    monkeypatch.setattr(pages.GenerateFeedback, "write_single_notebook", endless)
    monkeypatch.setattr(pages, "SECONDS", 20)
    told = pages.make_pages(folder, NAME, only=["ada", "bob"], everything=True)
    assert told.made == ["bob"]
    assert told.failed == {"ada": f"{NAME}.ipynb: it takes too long"}
