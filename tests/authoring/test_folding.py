"""What gives a result away has to be opened; what an exercise needs stands open."""

from __future__ import annotations

import re

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from autograder.authoring.build import masters, notebooks, seconds
from autograder.authoring.build.folding import FILL_IN, LONG, SUMMARY, fold, folded, title_in

RESULT = "It guesses.\n\nThat was its slope."


def test_the_result_is_folded_up_to_the_next_heading():
    told = fold(f"{RESULT}\n\n## The idea\n\nIt is this.")
    assert told == (
        f"<details>\n<summary>{SUMMARY}</summary>\n\n{RESULT}\n\n</details>\n\n"
        "## The idea\n\nIt is this."
    )


@pytest.mark.parametrize("needed", [
    "$$x = 1$$", "With $a = 3$ it is so.", "That is a **field**.", "| a | b |\n|---|---|",
    "![a](b.png)", "**Predict.** What then?",
])  # fmt: skip
def test_what_is_needed_further_down_stands_open(needed):
    assert fold(needed) == needed
    assert fold(f"It guesses.\n\n{needed}").endswith(f"</details>\n\n{needed}")
    assert fold(f"{needed}\n\nIt guesses.") == f"{needed}\n\nIt guesses."


def test_only_what_stands_right_below_a_comparison_is_folded():
    made = folded(new_notebook(cells=[
        new_markdown_cell(RESULT), new_code_cell("x = 1"), new_markdown_cell(RESULT),
        new_code_cell('plot()\ncompare("x", 1)'), new_markdown_cell(RESULT),
        new_markdown_cell(RESULT), new_code_cell('compare("x", 1)'), new_code_cell("y"),
        new_markdown_cell(RESULT),
    ]))  # fmt: skip
    assert ["details" in cell.source for cell in made.cells] == [False] * 4 + [True] + [False] * 4


def test_a_question_between_the_comparison_and_its_result_leaves_the_result_folded():
    asked = [new_markdown_cell("Which rate?", id="show_q01_rate")]
    asked += [new_code_cell("...", id=f"{which}q01_rate") for which in ("", "check_")]
    made = folded(new_notebook(cells=[
        new_code_cell('compare("x", 1)'), *asked, new_markdown_cell(RESULT),
        new_markdown_cell("Why?", id="show_q01_float32"), new_markdown_cell(RESULT),
    ]))  # fmt: skip
    assert ["details" in cell.source for cell in made.cells] == [False] * 4 + [True] + [False] * 2


def test_what_was_left_out_of_a_worked_example_is_folded_alone():
    text = "Find it.\n\n**The missing numbers.** One is 2,\nthe other 3.\n\n### Exercise: more"
    made = folded(new_notebook(cells=[new_markdown_cell(text)]))
    assert made.cells[0].source == (
        f"Find it.\n\n<details>\n<summary>{FILL_IN}</summary>\n\n"
        "**The missing numbers.** One is 2,\nthe other 3.\n\n</details>\n\n### Exercise: more"
    )


# Code.

DRAWN = 'plots.show(plots.lines(found,\n    "epoch", "loss",\n    "Ten layers", accent="a"))'


def long_cell(tags=("experiment",), more=LONG):
    source = "\n".join([*(f"x{i} = {i}" for i in range(more)), DRAWN])
    return new_code_cell(source, metadata={"tags": list(tags)})


def test_a_long_experiment_is_folded_to_a_line_that_says_what_it_does():
    cell = long_cell()
    before = cell.source
    folded(new_notebook(cells=[cell]))
    head, _, rest = cell.source.partition("\n")
    assert head == f"# @title Draws: Ten layers ({LONG + 3} lines)" and rest == before
    assert cell.metadata["jupyter"]["source_hidden"] and cell.metadata["cellView"] == "form"


def test_one_that_trains_says_so():
    cell = long_cell()
    cell.source += "\ntraining.fit(net)"
    folded(new_notebook(cells=[cell]))
    assert cell.source.startswith(f"# @title Draws: Ten layers ({LONG + 4} lines, trains nets)\n")


@pytest.mark.parametrize("cell", [
    long_cell(tags=()), long_cell(more=LONG - 4),
    new_code_cell("x = 1\n" * 2 * LONG, metadata={"tags": ["experiment"]}),
])  # fmt: skip
def test_what_is_short_or_no_experiment_stays_open(cell):
    before = cell.source
    folded(new_notebook(cells=[cell]))
    assert cell.source == before and "jupyter" not in cell.metadata


@pytest.mark.parametrize("source, title", [
    (DRAWN, "Ten layers"), ('plots.bars_with_range(b, "ms", title="Cost")', "Cost"),
    ('plots.lines(a, "x", "y", f"{n} layers")', ""), ("%time f()", ""), ("lines(1, 2, 3, 'a')", ""),
    ('plots.lines(a, "x", "y")', ""), ('plots.lines(a, "x", "y", f"Cost; {n} seeds")', "Cost"),
    ('plots.lines(a, "x", "y", f"First {n} epochs; {m}")', ""),
    ('plots.lines(a, "x", "y", "")\nplots.lines(a, "x", "y", "Second")', ""),
])  # fmt: skip
def test_the_title_is_that_of_the_first_picture(source, title):
    assert title_in(source) == title


@pytest.mark.parametrize("path", masters.masters(), ids=lambda path: path.stem)
def test_a_learners_notebook_folds_and_the_sites_does_not_and_both_have_every_word(path):
    master = masters.load(path)
    site, learners = notebooks.teachers_notebook(master), notebooks.practised(master)
    text = {cell.id: cell.source for cell in site.cells}
    assert not any(cell.id != "setup" and "jupyter" in cell.metadata for cell in site.cells)
    assert not any("<details>" in source for source in text.values())
    for cell in learners.cells:
        if cell.cell_type == "markdown" and "<details>" in cell.source:
            opened = re.sub(f"<summary>({re.escape(SUMMARY)}|{FILL_IN})</summary>", "", cell.source)
            opened = re.sub("</?details>", "", opened)
            assert opened.split() == text[cell.id].split()
            assert cell.source.count("<details>") == cell.source.count("</details>") <= 2


# Time.


@pytest.mark.parametrize("value, words", [
    (3, "a few seconds"), (12.4, "about 10 s"), (53, "about 55 s"), (56, "about a minute"),
    (80, "about 1.5 minutes"), (125, "about 2 minutes"),
])  # fmt: skip
def test_a_time_is_said_roughly(value, words):
    assert seconds.in_words(value) == words


def test_what_was_measured_is_in_the_folded_line(tmp_path, monkeypatch):
    monkeypatch.setattr(seconds, "MEASURED", tmp_path / "seconds.json")
    seconds.measured.cache_clear()
    seconds.keep("07_optimizers", {"figure": 41.0, "short": 0.4})
    seconds.keep("08_tuning", {"figure": 5.0})
    try:
        slow, short, other = long_cell(), long_cell(), long_cell()
        slow["id"], short["id"], other["id"] = "figure", "short", "figure"
        folded(new_notebook(cells=[slow, short]), "07_optimizers")
        folded(new_notebook(cells=[other]), "06_batchnorm")
        heads = [cell.source.split("\n")[0] for cell in (slow, short, other)]
        cores = seconds.measured()["07_optimizers"]["cores"]
        assert heads[0].endswith(f"({LONG + 3} lines, about 40 s on {cores} cores)")
        assert heads[1].endswith(" lines)") and heads[2].endswith(" lines)")
    finally:
        seconds.measured.cache_clear()


def test_what_was_measured_is_still_an_experiment():
    for path in masters.masters():
        found = seconds.measured().get(path.stem, {"seconds": {}})["seconds"]
        names = {cell.id for cell in masters.load(path).cells
                 if "experiment" in cell.metadata.get("tags", ())}  # fmt: skip
        assert set(found) <= names | {"progress"}, f"python benchmarks/cells.py {path.stem[:2]}"
