"""A graded class in the browser: formgrader lists it, a feedback page names the mistake. The class
is made of `course demo`'s samples."""

from __future__ import annotations

import io
import re

import pytest
from conftest import Windows
from lab_server import lab
from playwright.sync_api import expect
from rich.console import Console

from autograder.exercises import find
from autograder.grading.demo import demo
from autograder.grading.demo.samples import ASSIGNMENT, SAMPLES
from autograder.grading.sandbox.runner import availability

# Everything right, momentum the other way round, untouched.
STUDENTS = ("ada", "rosa", "karl")
MISTAKE = find("batchnorm_forward").mistakes()["momentum_is_share_of_new"]

pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def graded_class(tmp_path_factory):
    """The class's folder, and each student's line of the gradebook."""
    folder = tmp_path_factory.mktemp("demo") / "class"
    samples = [sample for sample in SAMPLES if sample.id in STUDENTS]
    # Where the platform allows no sandbox, nbgrader's own autograde does it.
    by_stock = availability() is not None
    console = Console(file=io.StringIO())
    lines = demo.demonstrate(folder, ASSIGNMENT, samples, console, by_stock)
    return folder, {line.student: line for line in lines}


@pytest.fixture(scope="module")
def formgrader(graded_class, tmp_path_factory):
    """The formgrader's address."""
    folder, _ = graded_class
    with lab(folder, tmp_path_factory.mktemp("jupyter")) as address:
        yield f"{address}/formgrader"


def test_formgrader_lists_the_assignment(formgrader, windows: Windows):
    page = windows.open()
    page.goto(f"{formgrader}/manage_assignments")
    row = page.locator("tr").filter(has=page.locator("td.name", has_text=ASSIGNMENT))
    expect(row.locator("td.num-submissions")).to_have_text(str(len(STUDENTS)))


def test_formgrader_lists_every_student_with_the_points(
    formgrader, graded_class, windows: Windows
):
    _, lines = graded_class
    page = windows.open()
    page.goto(f"{formgrader}/manage_submissions/{ASSIGNMENT}")
    expect(page.locator("td.student-id")).to_have_count(len(STUDENTS))
    for student in STUDENTS:
        row = page.locator("tr").filter(has=page.locator("td.student-id", has_text=student))
        expect(row.locator("td.score")).to_have_text(re.compile(rf"^{lines[student].score:g} / "))


def test_the_feedback_page_names_the_mistake(graded_class, windows: Windows):
    folder, _ = graded_class
    page = windows.open()
    page.goto((folder / "feedback" / "rosa" / ASSIGNMENT / f"{ASSIGNMENT}.html").as_uri())
    told = page.locator(".course-verdict").filter(has_text="batchnorm_forward").first
    expect(told).to_contain_text("✗ Not yet")
    expect(told.get_by_text(" ".join(MISTAKE.__doc__.split()))).to_be_visible()


def test_a_right_submission_is_told_of_no_mistake(graded_class, windows: Windows):
    folder, _ = graded_class
    page = windows.open()
    page.goto((folder / "feedback" / "ada" / ASSIGNMENT / f"{ASSIGNMENT}.html").as_uri())
    told = page.locator(".course-verdict").filter(has_text="batchnorm_forward").first
    expect(told).to_contain_text("✓ Right")
    expect(page.locator(".course-verdict", has_text="✗ Not yet")).to_have_count(0)
