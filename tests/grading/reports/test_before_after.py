"""What a class gained between two tests: numbers that can be reckoned by hand, intervals that cover
what they should, and a page without names."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest
from click.testing import CliRunner
from marking_class import CONFIG
from nbgrader.api import Gradebook

from autograder.commands.cli import cli
from autograder.grading.classroom.configuration import transaction
from autograder.grading.pipeline import nbgrader_steps
from autograder.grading.reports.before_after import analysis, page

OWN = ["q02_centred", "q02_accumulate", "q06_noise", "q06_border"]


def shares(table):
    return {f"s{n:03}": dict(zip(OWN, map(float, row), strict=True)) for n, row in enumerate(table)}


def drawn(n: int, p: float, seed: int):
    return np.random.default_rng(seed).random((n, len(OWN))) < p


def analysed(pre, post, roster=50):
    return analysis.analyse(pre, post, roster, "98_pretest", "99_posttest")


def test_gains_are_those_of_the_formula_and_by_topic():
    pre = shares([(0, 1, 0, 0)] * 4 + [(1, 1, 0, 0)] * 4)
    post = shares([(1, 1, 1, 0)] * 8)
    told = analysed(pre, post)
    topics = {t.title: t for t in told.topics}
    assert set(topics) == {"02_activations", "06_batchnorm", "all questions"}
    assert topics["02_activations"].before.value == pytest.approx(0.75)
    assert topics["02_activations"].gain.value == pytest.approx(1.0)
    assert topics["06_batchnorm"].gain.value == pytest.approx(0.5)
    assert topics["all questions"].questions == 4
    assert topics["all questions"].gain.value == pytest.approx((0.75 - 0.375) / 0.625)


def test_students_of_both_tests_and_questions_of_both_count():
    pre, post = shares(drawn(20, 0.3, 1)), shares(drawn(20, 0.7, 2))
    del post["s000"], pre["s001"]
    pre = {s: {q: p for q, p in points.items() if q != OWN[3]} for s, points in pre.items()}
    told = analysed(pre, post, 22)
    assert (told.roster, told.took_before, told.took_after, told.both) == (22, 19, 19, 18)
    assert told.left_out == [OWN[3]] and [i.question for i in told.items] == OWN[:3]


def test_the_same_marks_give_the_same_report():
    pre, post = shares(drawn(30, 0.4, 3)), shares(drawn(30, 0.6, 4))
    assert analysed(pre, post) == analysed(pre, post)


def test_an_interval_covers_the_truth_about_as_often_as_it_says(monkeypatch):
    """Of classes drawn with known chances, 95 % should lie inside; few resamples, to be quick."""
    monkeypatch.setattr(analysis, "RESAMPLES", 600)
    true, inside = (0.7 - 0.3) / (1 - 0.3), 0
    for seed in range(100):
        told = analysed(shares(drawn(40, 0.3, 2 * seed)), shares(drawn(40, 0.7, 2 * seed + 1)))
        gain = told.topics[-1].gain
        inside += gain.low <= true <= gain.high
    assert 86 <= inside <= 100


def test_more_students_make_a_narrower_interval():
    def width(n):
        gain = analysed(shares(drawn(n, 0.3, 5)), shares(drawn(n, 0.7, 6))).topics[-1].gain
        return gain.high - gain.low

    assert width(200) < 0.6 * width(20)


def test_with_too_few_students_there_is_a_sentence_and_no_number():
    told = analysed(shares(drawn(4, 0.3, 1)), shares(drawn(4, 0.7, 1)))
    assert "too few to tell" in told.note and told.topics == [] and told.items == []


def test_tests_without_a_common_question_are_told():
    other = {s: {"q99_other": 1.0} for s in shares(drawn(6, 0.5, 1))}
    assert "no question in common" in analysed(shares(drawn(6, 0.5, 1)), other).note


def test_all_right_before_leaves_nothing_to_gain():
    full = shares(np.ones((6, 4)))
    told = analysed(full, full)
    assert told.topics[-1].gain.value is None and "nothing was left" in told.topics[-1].note
    assert told.effect.value is None and told.alpha_before is None


def test_who_left_is_compared_with_who_stayed():
    pre = shares([(1, 1, 1, 0)] * 10 + [(0, 0, 0, 0)] * 6)
    post = shares([(1, 1, 1, 1)] * 10)
    told = analysed(pre, post)
    assert told.stayed.value == pytest.approx(0.75) and told.left.value == 0


def test_items_are_described_and_weak_ones_remarked():
    n = 40
    knows = np.arange(n) < 20
    post = np.stack([knows, knows, ~knows, np.ones(n)], axis=1)
    pre = np.stack([np.zeros(n), knows, np.ones(n), np.ones(n)], axis=1)
    items = {i.question: i for i in analysed(shares(pre), shares(post)).items}
    assert items[OWN[0]].wrong_to_right == 20 and items[OWN[0]].right_to_wrong == 0
    assert items[OWN[2]].right_to_wrong == 20
    assert items[OWN[2]].discrimination.value < 0
    assert any("fewer are right after" in r for r in items[OWN[2]].remarks)
    assert any("cannot show a gain" in r for r in items[OWN[3]].remarks)
    assert items[OWN[3]].discrimination.value is None


@pytest.mark.parametrize("right, n", [(0, 10), (10, 10), (5, 10), (1, 400)])
def test_a_fractions_interval_holds_it_and_stays_possible(right, n):
    told = analysis.wilson(right, n)
    assert 0 <= told.low <= told.value <= told.high <= 1 and told.high > told.low


def test_wilsons_interval_and_alpha_as_in_the_literature():
    # Newcombe (1998), Stat. Med. 17, table I: 15 of 148.
    told = analysis.wilson(15, 148)
    assert (round(told.low, 4), round(told.high, 4)) == (0.0624, 0.1605)
    same = np.array([[1, 1, 1], [0, 0, 0], [1, 1, 1], [0, 0, 0]], float)
    assert analysis.alpha(same) == pytest.approx(1.0)


# The command.


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A class whose two tests are marked through nbgrader's API, without grading."""
    folder = tmp_path_factory.mktemp("gain") / "class"
    folder.mkdir()
    (folder / "nbgrader_config.py").write_text(CONFIG, encoding="utf-8")
    nbgrader_steps.prepare_environment()
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}", "ml-2026") as book:
        for name, p, seed in (("98_pretest", 0.3, 7), ("99_posttest", 0.8, 8)):
            book.add_assignment(name)
            book.add_notebook(name, name)
            for question in OWN:
                book.add_grade_cell(f"quiz_{question}", name, name, max_score=1, cell_type="code")
            with transaction(book), book.db.no_autoflush:
                for student, points in shares(drawn(12, p, seed)).items():
                    book.update_or_create_student(student, first_name="Ada", last_name="Lovelace")
                    book.add_submission(name, student)
                    for question, given in points.items():
                        grade = book.find_grade(f"quiz_{question}", name, name, student)
                        grade.auto_score, grade.needs_manual_grade = given, False
        book.add_assignment("06_batchnorm")
        book.add_notebook("06_batchnorm", "06_batchnorm")
    return folder


def report(folder, *arguments):
    done = CliRunner().invoke(cli, ["report", *arguments, "--class", str(folder)])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done


def test_the_page_can_be_published(folder):
    done = report(folder, "--before", "98_pretest", "--after", "99_posttest")
    assert done.exit_code == 0, done.output
    assert re.search(r"12 took both tests\. Gained of what was left: 0\.\d\d \(", done.output)
    text = (folder / "reports" / "98_pretest-99_posttest.html").read_text("utf-8")
    data = (folder / "reports" / "98_pretest-99_posttest.json").read_text("utf-8")
    for written in (text, data):
        assert "s00" not in written and "Lovelace" not in written
    assert "<script" not in text and "06_batchnorm" in text and "There is no comparison" in text
    assert json.loads(data)["both"] == 12


@pytest.mark.parametrize(
    "arguments, says",
    [
        ([], "Name an assignment"),
        (["--before", "98_pretest"], "name both tests and nothing else"),
        (["06_batchnorm", "--before", "98_pretest", "--after", "99_posttest"], "nothing else"),
        (["--before", "98_pretest", "--after", "98_pretest"], "is named twice"),
        (["--before", "98_pretest", "--after", "99_postest"], "Did you mean 99_posttest?"),
        (["--before", "98_pretest", "--after", "06_batchnorm"], "it is no test of questions"),
    ],
)
def test_what_cannot_be_told_is_said(folder, arguments, says):
    done = report(folder, *arguments)
    assert done.exit_code and says in done.output


def test_an_estimate_reads_as_a_number_with_its_interval():
    assert page.estimate(analysis.Estimate(0.5, 0.25, 0.751)) == "0.50 (0.25 to 0.75)"
    assert page.estimate(analysis.Estimate(0.5)) == "0.50"
    assert page.estimate(analysis.Estimate(None)) == "–"
