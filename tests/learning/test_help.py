"""What helps when a check fails: the offer, hints, and the worked solution after honest tries."""

from __future__ import annotations

import html
import json
import re

import pytest

import autograder
from autograder.authoring.build import masters
from autograder.authoring.kits import student_kit
from autograder.exercise import Question
from autograder.exercises import find
from autograder.learning import help_buttons, practice, progress_file, solutions
from autograder.learning.kit import Kit

HINTS = find("standardize").hints


@pytest.fixture(autouse=True)
def file(tmp_path, monkeypatch):
    path = tmp_path / ".progress.json"
    monkeypatch.setenv("COURSE_PROGRESS", str(path))
    monkeypatch.setattr(progress_file, "_told", set())
    monkeypatch.setattr(progress_file, "_unkept", {})
    return path


def wrong(number):
    """Wrong code that shows something else for each number."""

    def standardize(x):
        return x * number + number

    return standardize


def right(x):
    spread = x.std(0)
    spread[spread == 0] = 1
    return (x - x.mean(0)) / spread


right.__name__ = "standardize"


def kept(file) -> dict:
    return json.loads(file.read_text())["exercises"]["standardize"]


# The offer.

OFFER = 'Stuck? hint("standardize") gives a nudge.'


def test_a_failed_check_offers_a_hint_outside_its_message():
    verdict = practice.check(wrong(3))
    assert verdict.offer == OFFER and OFFER not in verdict.message
    assert str(verdict).endswith(OFFER) and "hint(&quot;standardize&quot;)" in verdict.to_html()
    assert verdict._repr_mimebundle_()["text/plain"] == str(float(verdict.points))


def standardize(x):
    raise NotImplementedError()


@pytest.mark.parametrize("code", [standardize, right], ids=["untouched", "right"])
def test_none_is_offered_where_nothing_is_wrong(code):
    assert practice.check(code).offer == ""


def test_none_is_offered_for_a_name_that_is_not_there_yet():
    assert practice.check("accuracy").offer == practice.RESTARTED


def test_the_next_hint_is_a_bigger_one(capsys):
    autograder.hint("standardize")
    assert practice.check(wrong(3)).offer == 'Stuck? hint("standardize") gives a bigger nudge.'


def test_when_all_hints_are_seen_and_enough_was_tried_the_solution_is_offered(capsys):
    for _ in HINTS:
        autograder.hint("standardize")
    offers = [practice.check(wrong(number)).offer for number in range(3, 3 + solutions.TRIES)]
    assert offers[:-1] == [""] * (solutions.TRIES - 1)
    assert 'Still stuck? solution("standardize") shows' in offers[-1]


def test_a_kit_offers_no_solution(tmp_path, monkeypatch):
    kit = a_kit(tmp_path, hints=False)
    monkeypatch.setattr(practice, "shelf", lambda: kit)
    assert {practice.check(wrong(number)).offer for number in range(3, 8)} == {""}


@pytest.mark.parametrize("path", masters.masters(), ids=lambda path: path.stem)
def test_what_a_check_offers_can_be_called_in_its_notebook(path):
    master = masters.load(path)
    code = "\n".join(cell.source for cell in master.cells if cell.kind == "code")
    called = re.findall(r"^from autograder import (.+)$", code, re.MULTILINE)
    if master.checked():
        assert {"check", "hint", "solution"} <= set(", ".join(called).split(", "))


def test_none_is_offered_while_a_notebook_is_graded(monkeypatch):
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    assert practice.check(wrong(3)).offer == ""
    assert practice.grade("standardize", {"standardize": wrong(3)}).offer == ""


def test_none_is_offered_in_a_kit_without_hints(tmp_path, monkeypatch):
    kit = a_kit(tmp_path, hints=False)
    monkeypatch.setattr(practice, "shelf", lambda: kit)
    assert practice.check(wrong(3)).offer == ""


def test_waiting_for_another_exercise_is_no_try(file):
    def relu_backward(dout, cache):
        return dout

    assert practice.check(relu_backward).mistakes[0].startswith(("needs:", "missing:"))
    assert not file.exists(), "nor is it an attempt"


def test_a_name_that_nothing_defines_is_no_attempt(file):
    assert practice.check("accuracy").mistakes == ["missing:accuracy"]
    assert not file.exists()


# Hints.


def test_hints_go_on_where_they_stopped_before_the_kernel_was_restarted(capsys, file):
    autograder.hint("standardize")
    first = capsys.readouterr().out
    assert first.startswith(f"Hint 1 of {len(HINTS)}") and kept(file)["hints"] == 1
    progress_file._told.clear()  # all that a process holds
    autograder.hint(right)
    assert capsys.readouterr().out.startswith(f"Hint 2 of {len(HINTS)}")


def test_when_all_are_seen_all_are_printed_again(capsys):
    for _ in HINTS:
        autograder.hint("standardize")
    capsys.readouterr()
    autograder.hint("standardize")
    assert capsys.readouterr().out.count("Hint ") == len(HINTS)


@pytest.mark.parametrize("help_", [autograder.hint, autograder.solution, autograder.passes])
def test_an_unknown_name_gets_a_sentence_with_the_nearest(capsys, help_):
    assert not help_("standardise")
    said = capsys.readouterr().out
    assert said.count("\n") == 1 and "There is no exercise called standardise" in said
    assert "standardize" in said
    help_("relu")
    assert "Did you mean relu_backward or relu_forward?" in capsys.readouterr().out
    help_("nothing")
    assert "There is no exercise called nothing" in capsys.readouterr().out


# Solutions.


def tried(times):
    for number in range(2, 2 + times):
        practice.check(wrong(number))


def test_it_says_what_is_still_missing(capsys):
    assert autograder.solution("standardize") is None
    said = capsys.readouterr().out
    assert "3 more different attempts" in said and f"{len(HINTS)} more hints" in said
    tried(2)
    for _ in HINTS[1:]:
        autograder.hint("standardize")
    capsys.readouterr()
    autograder.solution("standardize")
    said = capsys.readouterr().out
    assert "1 more different attempt that" in said and "1 more hint, by" in said
    assert "np.where" not in said


def test_the_same_code_checked_three_times_is_one_try(capsys):
    for _ in range(3):
        practice.check(wrong(2))
    for _ in HINTS:
        autograder.hint("standardize")
    assert autograder.solution("standardize") is None
    assert "2 more different attempts" in capsys.readouterr().out


def test_after_three_tries_and_all_hints_it_is_shown():
    tried(3)
    for _ in HINTS:
        autograder.hint("standardize")
    shown = autograder.solution("standardize")
    code = masters.solutions(masters.load("00_start"))["standardize"]
    body = code.split("### BEGIN SOLUTION\n")[1].split("    ### END")[0].rstrip()
    markdown = shown.to_markdown()
    assert body in markdown and "SOLUTION" not in markdown and "````python\ndef stand" in markdown
    places = [markdown.index(hint) for hint in HINTS]
    assert places == sorted(places) and places[-1] < markdown.index("def standardize")
    assert "Where people go wrong here" in markdown[markdown.index("<details>") :]
    assert markdown.count("<li>") == len(find("standardize").mistakes())
    assert body in str(shown) and set(shown._repr_mimebundle_()) == {"text/plain", "text/markdown"}


def test_whoever_has_passed_may_compare(capsys):
    practice.check(right)
    assert "np.where" in str(autograder.solution(right))


def test_where_no_progress_is_kept_tries_count_until_the_process_ends(monkeypatch):
    monkeypatch.setenv("COURSE_PROGRESS", "off")
    tried(3)
    for _ in HINTS:
        autograder.hint("standardize")
    assert "np.where" in str(autograder.solution("standardize"))


def test_none_is_shown_while_a_notebook_is_graded(monkeypatch, capsys):
    practice.check(right)
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    assert autograder.solution("standardize") is None
    assert "while grading" in capsys.readouterr().out


@pytest.mark.parametrize("help_", [autograder.solution, autograder.hint])
def test_a_question_promises_only_what_its_check_does(help_, capsys):
    assert help_("q06_noise") is None
    said = capsys.readouterr().out
    assert "is a question" in said and "says of a wrong choice why" in said
    help_("q02_bias_gradient")
    said = capsys.readouterr().out
    assert "docstring" not in said and "says so where yours is one of them" in said


def test_the_last_hint_says_that_it_is_the_last(capsys):
    for _ in HINTS:
        autograder.hint("standardize")
    *others, last = capsys.readouterr().out.splitlines()
    assert last.startswith("That was the last hint for standardize. The solution of standardize is")
    assert not any("last hint" in line for line in others)


def a_kit(tmp_path, hints=True):
    """The kit of the start page alone."""
    student_kit.make(tmp_path / "kit", [masters.SOURCE / "00_start.py"], hints=hints)
    return Kit(tmp_path / "kit" / "autograder" / "answers")


def test_a_kit_has_none(tmp_path, monkeypatch, capsys):
    kit = a_kit(tmp_path)
    monkeypatch.setattr(practice, "shelf", lambda: kit)
    practice.check(right)
    capsys.readouterr()
    assert autograder.solution("standardize") is None
    assert "kit has no worked solutions" in capsys.readouterr().out


def test_masters_that_are_not_there_cost_one_sentence(monkeypatch, capsys):
    practice.check(right)
    monkeypatch.setattr(solutions, "masters_folder", lambda: None)
    assert autograder.solution("standardize") is None
    assert "get the course's files again" in capsys.readouterr().out


@pytest.mark.parametrize("path", masters.masters(), ids=lambda path: path.stem)
def test_solutions_are_cut_as_jupytext_reads_them(path):
    """Every solution cell of the course, read without jupytext."""
    master = masters.load(path)
    text = path.read_text(encoding="utf-8")
    for name, source in masters.solutions(master).items():
        lines = [line for line in source.splitlines() if not solutions.MARKER.fullmatch(line)]
        assert solutions.cut(text, name) == "\n".join(lines).strip(), name
    written = set(masters.solutions(master))
    for name in master.checked():
        if not issubclass(find(name), Question):
            assert name in written, f"{name} has no solution cell of its own"
    assert solutions.cut(text, "no_such_exercise") is None


def test_an_experiment_asks_which_exercises_pass(capsys, monkeypatch):
    monkeypatch.setenv("COURSE_PROGRESS", "off")

    def relu_forward(x):
        return (x + abs(x)) / 2, x

    def leaky_relu_forward(x, alpha):
        return x, x

    assert autograder.passes("relu_forward")
    assert capsys.readouterr().out == ""
    assert not autograder.passes("relu_forward", "leaky_relu_forward")
    assert "This uses your leaky_relu_forward. Come back" in capsys.readouterr().out
    assert relu_forward and leaky_relu_forward


def test_a_question_is_read_where_there_is_no_markdown():
    from IPython.core.formatters import DisplayFormatter

    shown, _ = DisplayFormatter().format(practice.ask("q06_init"))
    assert shown["text/plain"] == shown["text/markdown"].strip()
    assert "- **p** " in shown["text/plain"]


# The buttons.


class Shell:
    """As much of a notebook's shell as buttons need."""

    kernel, user_ns = True, {}

    def __init__(self):
        from IPython.core.events import EventManager, available_events

        self.events = EventManager(self, available_events)


def buttons(box) -> list:
    return [one for one in box.children[0].children if one.layout.display != "none"]


def test_the_hint_s_button_tells_what_hint_tells(capsys):
    box = help_buttons.row("standardize", practice.hint, practice.solution)
    (hint,) = buttons(box)
    for number, text in enumerate(HINTS, 1):
        assert hint.description == f"Hint {number} of {len(HINTS)}"
        hint.click()
        assert f"Hint {number} of {len(HINTS)} for standardize: " in box.children[1].value
        assert text.split("`")[0][:30] in html.unescape(box.children[1].value)
        assert box.children[1].value.count(" for standardize: ") == number  # those before stay
    assert hint.description == "All hints again" and capsys.readouterr().out == ""
    hint.click()
    assert box.children[1].value.count(" for standardize: ") == len(HINTS)


def test_the_solution_s_button_comes_when_it_is_due(capsys):
    box = help_buttons.row("standardize", practice.hint, practice.solution)
    for number in range(solutions.TRIES):
        assert len(buttons(box)) == 1
        practice.check(wrong(number + 3))
    for _ in HINTS:
        buttons(box)[0].click()
    hint, worked = buttons(box)
    assert worked.description == "Show a solution"
    worked.click()
    assert "A worked solution of standardize" in capsys.readouterr().out


def test_a_kit_has_no_button_for_a_solution(monkeypatch):
    monkeypatch.setattr(help_buttons, "_is_due", lambda name: False)
    (hint,) = buttons(help_buttons.row("standardize", practice.hint, practice.solution))
    assert hint.description == f"Hint 1 of {len(HINTS)}"


def test_buttons_come_once_below_what_the_cell_shows(monkeypatch):
    shown, shell = [], Shell()
    monkeypatch.setattr("IPython.get_ipython", lambda: shell)
    monkeypatch.setattr(help_buttons, "show", lambda name, *_: shown.append(name))
    verdict = practice.check(wrong(3))
    assert verdict.offer and shown == []
    shell.events.trigger("post_run_cell", None)
    shell.events.trigger("post_run_cell", None)
    assert shown == ["standardize"]
    practice.check(right)
    shell.events.trigger("post_run_cell", None)
    assert shown == ["standardize"], "what is right needs no help"


def test_no_buttons_without_a_notebook_or_widgets(monkeypatch):
    shown, shell = [], Shell()
    monkeypatch.setattr(help_buttons, "show", lambda name, *_: shown.append(name))
    practice.check(wrong(3))  # no shell at all
    monkeypatch.setattr("IPython.get_ipython", lambda: shell)
    monkeypatch.setattr(help_buttons.importlib.util, "find_spec", lambda name: None)
    practice.check(wrong(4))
    shell.events.trigger("post_run_cell", None)
    assert shown == []


def test_without_widgets_the_buttons_are_empty_and_the_words_remain(monkeypatch):
    shown = []
    monkeypatch.setattr("IPython.display.display", lambda data, raw: shown.append(data))
    help_buttons.show("standardize", practice.hint, practice.solution)
    assert shown[0]["text/plain"] == "" and len(shown[0]) == 2
