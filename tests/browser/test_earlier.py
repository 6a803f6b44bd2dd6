"""A class made before the folders were put in order, graded by the course of today, in formgrader:
its own configuration opens, its marks and pages are there."""

from __future__ import annotations

import re

import earlier_class
import pytest
from conftest import Windows
from earlier_class import MARKS
from lab_server import lab
from nbgrader.api import Gradebook
from playwright.sync_api import expect

from autograder.grading.classroom.configuration import database

ASSIGNMENT = "06_batchnorm"

pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = earlier_class.unpacked("class", tmp_path_factory.mktemp("earlier"))
    earlier_class.graded(folder)
    return folder


@pytest.fixture(scope="module")
def formgrader(folder, tmp_path_factory):
    with lab(folder, tmp_path_factory.mktemp("jupyter")) as address:
        yield f"{address}/formgrader"


def test_every_student_has_the_points_of_the_gradebook(formgrader, folder, windows: Windows):
    page = windows.open()
    page.goto(f"{formgrader}/manage_submissions/{ASSIGNMENT}")
    expect(page.locator("td.student-id")).to_have_count(len(MARKS[ASSIGNMENT]))
    with Gradebook(database(folder)) as book:
        points = {s: book.find_submission(ASSIGNMENT, s).score for s in MARKS[ASSIGNMENT]}
    for student, score in points.items():
        row = page.locator("tr").filter(has=page.locator("td.student-id", has_text=student))
        expect(row.locator("td.score")).to_have_text(re.compile(rf"^{score:g} / "))


def test_a_submission_is_there_to_be_marked(formgrader, folder, windows: Windows):
    with Gradebook(database(folder)) as book:
        (notebook,) = book.find_submission(ASSIGNMENT, "bob").notebooks
        exercise = next(g for g in notebook.grades if g.name == "check_batchnorm_forward")
        points = exercise.score
    page = windows.open()
    page.goto(f"{formgrader}/submissions/{notebook.id}")
    score = page.locator(f"input#{exercise.name}")
    expect(score).to_have_attribute("placeholder", re.compile(rf"^{points:g}"))
    expect(page.get_by_text("momentum").first).to_be_attached()
