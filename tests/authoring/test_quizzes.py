"""The tests before and after the course: their notebooks, a class's copy, what a class gained."""

from __future__ import annotations

import contextlib
import io
import json
import re
import shutil
import subprocess
import sys

import nbformat
import numpy as np
import pytest
from click.testing import CliRunner
from graded_class import INLINE, SETTINGS
from nbgrader.api import Gradebook
from rich.console import Console

from autograder.authoring.build import masters, notebooks, quizzes
from autograder.authoring.build.quizzes import GRADED, POST, PRE
from autograder.authoring.kits import student_kit
from autograder.commands.cli import cli
from autograder.exercise import Question
from autograder.exercises import find
from autograder.grading.classroom import configuration, new_class
from autograder.grading.pipeline import nbgrader_commands, released, run
from autograder.grading.pipeline.record import Record
from autograder.grading.reports.report import Tally, show
from autograder.judging import choices
from autograder.judging.keys import answer_key, build_cases, question_text
from autograder.learning import practice

TOPIC = "02_activations"
OWN = ["q02_centred", "q02_accumulate", "q02_bias_gradient", "q02_maxout_parameters"]
ALL = [name for named in quizzes.questions().values() for name in named]


def right_answer(name: str, seed: int):
    value = answer_key(find(name), seed).cases[0].right["answer"].value
    return value.item() if isinstance(value, np.generic | np.ndarray) else value


# The order of choices.


@pytest.mark.parametrize("name", ALL)
def test_every_question_can_be_asked_with_other_numbers(name):
    """Its choices differ from each other, and the right one says the same in any order."""
    question = find(name)()
    for seed in (PRE.seed, POST.seed, 1_234_567_890):
        (case,) = build_cases(question, seed)
        written = dict(choices.CHOICE.findall(question.text(**case.inputs)))
        shown = dict(choices.CHOICE.findall(question_text(find(name), seed)))
        assert sorted(shown.values()) == sorted(written.values())
        assert len(set(shown.values())) == len(shown)
        if shown:
            authors = question.reference(**case.inputs)["answer"]
            assert shown[right_answer(name, seed)] == written[authors]


def test_practice_draws_the_order_from_the_questions_name():
    """Whoever always writes the first letter, or any other, is right as often as by chance."""
    right = [letter for name in ALL if isinstance(letter := right_answer(name, 0), str)]
    shares = {letter: right.count(letter) / len(right) for letter in "pqrs"}
    assert set(right) == set("pqrs") and max(shares.values()) < 0.4, shares


@pytest.mark.parametrize("name", ALL)
def test_an_answer_of_an_earlier_notebook_means_what_it_meant(name):
    """There a, b, c and d stood before the choices in their author's order."""
    question = find(name)()
    (case,) = build_cases(question, 0)
    authors = question.reference(**case.inputs)["answer"]
    if isinstance(authors, str):
        assert practice.grade(name, {name: authors}).status == "passed"
        assert practice.grade(name, {name: (f" {authors.upper()}", "sure")}).status == "passed"
        others = {"a", "b", "c", "d"} - {authors}
        assert {practice.grade(name, {name: other}).status for other in others} == {"failed"}


def test_other_seeds_have_other_orders_under_the_first_letters():
    letters = {right_answer("q02_centred", seed) for seed in range(1, 30)}
    assert letters == set("abcd"), "a letter learned by heart helps nobody"


def test_mistakes_move_with_their_choices():
    for seed in range(1, 10):
        (case,) = answer_key(find("q02_accumulate"), seed).cases
        answers = [case.right["answer"].value, *(wrong["answer"] for wrong in case.wrong.values())]
        assert sorted(answers) == list("abcd")
        verdict = practice.grade("q02_accumulate", {"q02_accumulate": answers[1]}, seed)
        assert verdict.mistakes == [next(iter(case.wrong))]


class q99_one_choice(Question):
    """A question whose text is no list of choices from a on."""

    def text(self, **inputs):
        return "Which?\n\n- **b** this\n- **c** that"


def test_what_is_no_list_of_choices_is_left_as_it_is():
    assert choices.order(q99_one_choice(), 5, {}) == {}
    assert choices.text(q99_one_choice(), 5, {}) == q99_one_choice().text()


# The notebooks.


@pytest.mark.parametrize("quiz", quizzes.QUIZZES, ids=lambda quiz: quiz.name)
def test_each_question_is_shown_and_judged_with_the_same_numbers(quiz):
    master = masters.load(masters.SOURCE / f"{quiz.name}.py")
    assert [c.id for c in master.cells if c.id.startswith(GRADED)] == [GRADED + n for n in ALL]
    for name in ALL:
        shown, judged = master.cell(f"show_{name}"), master.cell(GRADED + name)
        assert shown.source == f'ask("{name}", seed={quiz.seed})'
        hidden = "\n".join(released.without_hidden(judged.source)[1])
        assert f'check("{name}", seed={quiz.seed})' in hidden
        assert judged.nbgrader["points"] == 1


@pytest.mark.parametrize("quiz", quizzes.QUIZZES, ids=lambda quiz: quiz.name)
def test_a_learners_test_holds_no_check(quiz):
    master = masters.load(masters.SOURCE / f"{quiz.name}.py")
    text = notebooks.text_of(notebooks.learners_notebook(notebooks.teachers_notebook(master)))
    assert "HIDDEN" not in text and "import check" not in text and "check(" not in text
    assert text.count("answered(") == len(ALL)


def test_a_new_question_makes_the_masters_out_of_date(tmp_path):
    for name in (TOPIC, "06_batchnorm"):
        source = (masters.SOURCE / f"{name}.py").read_text(encoding="utf-8")
        (tmp_path / f"{name}.py").write_text(source, encoding="utf-8")
    made = quizzes.outdated(tmp_path)
    assert {path.stem for path in made} == {PRE.name, POST.name}
    for path, text in made.items():
        path.write_text(text, encoding="utf-8")
    assert quizzes.outdated(tmp_path) == {}
    (tmp_path / "06_batchnorm.py").unlink()
    shorter = quizzes.outdated(tmp_path)
    assert len(shorter) == 2 and not any("q06_" in text for text in shorter.values())


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ("a", "Noted: q02_centred = 'a'"), ("b", "Noted: q02_centred = 'b'"),
        (0.01, "Noted: q02_centred = 0.01"), (np.float32(2), "Noted"), (np.array(2), "Noted"),
        (..., "has no answer yet"), (None, "has no answer yet"), ({"b"}, "is a set; an answer is"),
    ],
)  # fmt: skip
def test_answered_says_the_same_of_right_and_wrong(answer, says):
    q02_centred = answer  # noqa: F841 - found by its name
    with contextlib.redirect_stdout(io.StringIO()) as told:
        assert practice.answered("q02_centred") is None
    assert says in told.getvalue()


# A class.


def sources(folder):
    return {
        quiz.name: nbformat.read(
            folder / "source" / quiz.name / f"{quiz.name}.ipynb", as_version=4
        )
        for quiz in quizzes.QUIZZES
    }


def make(folder):
    chosen = [masters.load(masters.SOURCE / f"{n}.py") for n in (TOPIC, PRE.name, POST.name)]
    new_class.make_class(folder, chosen, [], "tests")
    return folder


def test_a_class_has_numbers_of_its_own_and_asks_about_its_own_notebooks(tmp_path):
    seeds = []
    for folder in (make(tmp_path / "one"), make(tmp_path / "two")):
        for notebook in sources(folder).values():
            graded = [c for c in notebook.cells if c.id.startswith(GRADED)]
            assert [c.id.removeprefix(GRADED) for c in graded] == OWN
            assert quizzes.takes(OWN) in notebook.cells[0].source
            code = "\n".join(c.source for c in notebook.cells if c.cell_type == "code")
            asked, judged = quizzes.ASKED.findall(code), re.findall(r'check\("(\w+)", seed=(\d+)\)',
                                                                    code)  # fmt: skip
            assert asked == judged and len({seed for _, seed in asked}) == 1
            seeds.append(asked[0][1])
    assert len(set(seeds)) == 4
    master = masters.load(masters.SOURCE / f"{PRE.name}.py")
    (alone,) = quizzes.for_class([master])
    own = [cell.id for cell in master.cells if cell.id not in quizzes.ALONE]
    assert [cell.id for cell in alone.cells] == own and len(own) == len(master.cells) - 2
    assert alone.cells[0] == master.cells[0]  # all questions take what all of them take


# How many of the four questions each student has right, before and after.
SCORES = {
    "ada": (0, 2), "ben": (1, 3), "cem": (1, 4), "dora": (2, 3), "emil": (2, 4), "fee": (0, 4),
    "gus": (3, None), "hal": (None, 1),
}  # fmt: skip


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """A class that took both tests; some took one only."""
    folder = make(tmp_path_factory.mktemp("tests") / "class")
    told = {}
    for place, quiz in enumerate(quizzes.QUIZZES):
        assert (outcome := nbgrader_commands.release(folder, quiz.name)).ok, outcome.log
        for student, scores in SCORES.items():
            if scores[place] is not None:
                hand_in(folder, quiz.name, student, scores[place])
        told[quiz.name] = grade(folder, quiz.name)
    return folder, told


def hand_in(folder, assignment, student, right):
    """The first so many questions right, the next wrong in one way, the last left as it is."""
    path = folder / "release" / assignment / f"{assignment}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    ((_, seed), *_) = quizzes.asked_in(notebook).items()
    for place, name in enumerate(OWN):
        (cell,) = [c for c in notebook.cells if c.id == name]
        if place < right:
            cell.source = f"{name} = {right_answer(name, *seed)!r}"
        elif place < len(OWN) - 1:
            cell.source = f"{name} = 'z'"
    target = folder / "submitted" / student / assignment / f"{assignment}.ipynb"
    target.parent.mkdir(parents=True)
    nbformat.write(notebook, target)


def grade(folder, assignment):
    tally = Tally(assignment)
    with Record(folder, assignment, say=print, wait=1.0) as record:
        found, released = run.submissions(record), record.assignment()
        for outcome, same in run.grade_class(record, released, found, SETTINGS, INLINE, False):
            tally.add(outcome, same)
        run.conclude(record, tally, whole=True)
    return tally


def test_each_right_answer_is_a_point(graded):
    folder, told = graded
    for place, quiz in enumerate(quizzes.QUIZZES):
        rows = {row["student"]: row for row in told[quiz.name].rows}
        wanted = {s: both[place] for s, both in SCORES.items() if both[place] is not None}
        assert {s: row["points"] for s, row in rows.items()} == wanted
        assert all(row["max_points"] == len(OWN) and not row["looks"] for row in rows.values())
    with Gradebook(configuration.database(folder)) as book:
        assert book.find_submission(POST.name, "cem").score == 4


def test_what_was_asked_stands_in_the_graded_notebook(graded):
    folder, _ = graded
    place = folder / "autograded" / "ada" / POST.name / f"{POST.name}.ipynb"
    notebook = nbformat.read(place, as_version=4)
    (cell,) = [c for c in notebook.cells if c.id == "show_q02_centred"]
    ((_, seed),) = quizzes.ASKED.findall(cell.source)[0:1]
    shown = cell.outputs[0]["data"]["text/markdown"]
    assert shown == question_text(find("q02_centred"), int(seed)).strip()


def test_the_class_is_told_what_it_gained(graded):
    _, told = graded
    assert "gain" not in told[PRE.name].as_json()["test"]
    gained = told[POST.name].as_json()["test"]["gain"]
    assert (gained["n"], gained["pre_only"], gained["post_only"]) == (6, 1, 1)
    pre, post = 6 / 24, 20 / 24  # of those who took both
    (topic, everything) = gained["topics"]
    assert topic["topic"] == TOPIC and everything["topic"] == "all" and topic["questions"] == 4
    assert topic["pre"] == pytest.approx(pre) and topic["post"] == pytest.approx(post)
    assert topic["gain"] == pytest.approx((post - pre) / (1 - pre))
    json.dumps(gained)


def test_each_question_is_told_with_its_discrimination(graded):
    asked = graded[1][POST.name].as_json()["test"]["questions"]
    assert asked["n"] == 7 and [item["question"] for item in asked["items"]] == OWN
    first, second, third, _ = asked["items"]
    assert first["discrimination"] is None and first["note"] == "all right"
    points = np.array([both[1] for both in SCORES.values() if both[1] is not None])
    item = (points > 2).astype(float)
    assert third["share_right"] == pytest.approx(item.mean())
    assert third["discrimination"] == pytest.approx(np.corrcoef(item, points - item)[0, 1])
    assert second["topic"] == TOPIC


def test_the_table_says_it_too(graded):
    console = Console(record=True, width=120, file=io.StringIO())
    show(graded[1][POST.name], console)
    text = console.export_text()
    assert re.search(rf"{TOPIC}\s+4\s+25%\s+83%\s+0\.78", text)
    assert "Of the 6 students who took both tests" in text and "Hake" in text
    assert re.search(r"q02_centred\s+02_activations\s+100%\s+all right", text)


def test_the_command_prints_it(graded):
    folder, _ = graded
    arguments = ["grade", POST.name, "--class", str(folder), "--json", "--student", "ada"]
    result = CliRunner().invoke(cli, arguments)
    told = json.loads(result.stdout)
    assert told["test"]["gain"]["n"] == 6 and told["submissions"][0]["student"] == "ada"


@pytest.mark.timeout(200)
def test_stock_nbgrader_gives_the_same_points(graded):
    folder, _ = graded
    with Gradebook(configuration.database(folder)) as book:
        book.remove_submission(POST.name, "ben")
    shutil.rmtree(folder / "autograded" / "ben" / POST.name)
    assert (outcome := nbgrader_commands.autograde(folder, POST.name, "ben")).ok, outcome.log
    with Gradebook(configuration.database(folder)) as book:
        grades = book.find_submission_notebook(POST.name, POST.name, "ben").grades
        scores = {g.name.removeprefix(GRADED): g.auto_score for g in grades}
    assert scores == dict(zip(OWN, (1, 1, 1, 0), strict=True))


# The numbers.


# A kit.


@pytest.fixture(scope="module")
def kit(tmp_path_factory):
    folder = tmp_path_factory.mktemp("kits") / "handout"
    student_kit.make(folder, [masters.SOURCE / f"{quiz.name}.py" for quiz in quizzes.QUIZZES])
    return folder


def test_a_kit_asks_and_holds_no_key_of_a_test(kit):
    assert list((kit / "autograder" / "answers").glob("*.key")) == []
    script = (
        "import sys; sys.path.insert(0, '.')\n"
        "from autograder import answered, ask, check, score\n"
        f"print(ask('q02_centred', seed={PRE.seed}).data)\n"
        "q02_centred = 'a'\nanswered('q02_centred')\n"
        f"print(check('q02_centred', seed={PRE.seed}).message)\n"
        f"print({PRE.score})\n"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-c", script], cwd=kit, capture_output=True, text=True, timeout=120,
        env={"PATH": "", "COURSE_PROGRESS": "off", "PYTHONDONTWRITEBYTECODE": "1"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert question_text(find("q02_centred"), PRE.seed).strip() in done.stdout
    assert "Noted: q02_centred = 'a'" in done.stdout
    assert "There is no exercise called q02_centred in this kit" in done.stdout
    assert done.stdout.endswith("Your teacher scores this test.\nNone\n")


def test_a_kit_with_the_notebook_cannot_judge_the_test(tmp_path):
    folder = tmp_path / "handout"
    student_kit.make(folder, [masters.SOURCE / f"{name}.py" for name in (TOPIC, POST.name)])
    from autograder.learning.kit import Kit, KitDamaged

    kit = Kit(folder / "autograder" / "answers")
    assert kit.text("q02_centred", POST.seed) == question_text(find("q02_centred"), POST.seed)
    assert kit.key("q02_centred", 0).seed == 0
    with pytest.raises(KitDamaged, match="practice numbers only"):
        kit.key("q02_centred", POST.seed)


def test_a_kit_of_a_class_asks_with_its_numbers(graded, tmp_path):
    folder, _ = graded
    target = tmp_path / "handout"
    student_kit.make(target, [masters.SOURCE / f"{PRE.name}.py"], released=folder)
    index = json.loads((target / "autograder" / "answers" / "index.json").read_text("utf-8"))
    ((_, seed), *_) = quizzes.ASKED.findall(
        "\n".join(c.source for c in sources(folder)[PRE.name].cells)
    )
    assert list(index["asked"]) == OWN
    assert index["asked"]["q02_centred"] == {seed: question_text(find("q02_centred"), int(seed))}
