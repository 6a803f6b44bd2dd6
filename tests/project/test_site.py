"""The site: what makes a page of a notebook, and what is executed again and what is not. How pages
look once they are made is `test_site_made`'s."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from autograder.authoring.build import masters

ROOT = Path(__file__).resolve().parents[2]
SITE = ROOT / "docs" / "site"
sys.path.insert(0, str(SITE))

import pages  # noqa: E402 - found through the line above
import solved  # noqa: E402 - likewise

COLAB = "https://colab.research.google.com/github/somebody/course/blob/main/notebooks/99_x.ipynb"
STILL = (
    '<figure id="course-explorer-1a2b" style="margin:0"><img alt="Two humps." src="data:,">'
    "<figcaption>To bring it to life, run this notebook.</figcaption></figure>"
)
WIDGET = {"model_id": "7", "version_major": 2, "version_minor": 0}


def display(**data):
    return new_output("display_data", {kind.replace("_", "/"): v for kind, v in data.items()})


@pytest.fixture
def notebook():
    """An executed notebook with one cell of each kind that the site treats in its own way."""
    graded = {"nbgrader": {"grade": True, "solution": True}}
    widget = new_output("display_data", {pages.WIDGET: WIDGET, "text/plain": ""})
    made = new_notebook(cells=[
        new_markdown_cell("# 99 · Example\n\nAfter this you can", id="title"),
        new_markdown_cell("[![badge](https://example.org/badge.svg)](x)", id="colab-badge"),
        new_code_cell("import sys", id="setup"),
        new_markdown_cell("# Go further\n\n```python\n# a comment\n```", id="further"),
        new_code_cell(
            "def f():\n    ### BEGIN SOLUTION\n    return 1\n    ### END SOLUTION", id="f"
        ),
        new_code_cell("explore()", id="e", outputs=[display(text_html=STILL), widget]),
        new_code_cell("show()", id="s", outputs=[
            new_output("display_data", {"image/png": "AA\nAA\n"},
                       metadata={"image/png": {"alt": 'a "curve"'}})]),
        new_markdown_cell("Because.", id="explain", metadata=graded),
        new_code_cell("progress()", id="progress"),
    ])  # fmt: skip
    made.metadata.widgets = {"state": {}}
    return made


def test_a_page_leaves_out_what_is_for_machines(notebook):
    made = pages.page(notebook, "99_x", None)
    assert [cell.id for cell in made.cells] == ["title", "further", "f", "e", "s", "explain"]
    assert "widgets" not in made.metadata and len(notebook.cells) == 9
    assert made.cells[2].source == "def f():\n    return 1\n"
    assert made.cells[5].source == (
        "<details><summary>A model answer</summary>\n\nBecause.\n\n</details>"
    )
    assert all("nbgrader" not in cell.metadata for cell in made.cells)


def test_a_page_folds_what_is_not_read_first(notebook):
    notebook.cells[4].metadata["nbgrader"] = {"solution": True}
    notebook.cells[6].metadata["tags"] = ["experiment"]
    notebook.cells.insert(6, new_code_cell('from autograder import check\n\ncheck("f")', id="c"))
    made = {cell.id: cell for cell in pages.page(notebook, "99_x", None).cells}
    assert made["c"].metadata["tags"] == ["remove-input"]
    for identity, what in (("f", "the function, solved"), ("s", "the code")):
        assert "hide-input" in made[identity].metadata["tags"]
        assert made[identity].metadata["mystnb"]["code_prompt_show"] == f"Show {what}"
    assert "tags" not in made["e"].metadata


def test_a_page_has_one_title(notebook):
    made = pages.page(notebook, "99_x", None)
    assert made.cells[0].source.startswith("# 99 · Example\n\n:::{note}")
    assert made.cells[1].source == "## Go further\n\n```python\n# a comment\n```"


@pytest.mark.parametrize("colab", [None, COLAB])
def test_an_explorer_is_a_picture_that_says_how_to_open_it(notebook, colab):
    made = pages.page(notebook, "99_x", colab)
    (output,) = made.cells[3].outputs
    html = output.data["text/html"]
    assert 'alt="Two humps."' in html and "make lab NN=99" in html
    assert "To bring it to life" not in html
    assert (COLAB in html) == (colab is not None)


def test_a_panel_leads_to_the_pages_that_there_are(notebook):
    here, absent = "<a href='06_batchnorm.ipynb'>06</a>", "<a href='07_optimizers.ipynb'>07</a>"
    notebook.cells[5].outputs = [
        display(text_html=f"<div class='course-progress'>{here}{absent}</div>"),
        display(text_html=here),
    ]
    others = frozenset({"99_x", "06_batchnorm"})
    panel, other = pages.page(notebook, "99_x", None, others).cells[3].outputs
    assert "<a href='06_batchnorm.html'>06</a>07<" in panel.data["text/html"]
    assert other.data["text/html"] == here


def test_a_picture_keeps_its_text_alternative(notebook):
    (output,) = pages.page(notebook, "99_x", None).cells[4].outputs
    assert output.data["text/html"] == (
        '<img alt="a &quot;curve&quot;" src="data:image/png;base64,AAAA">'
    )


# What is executed.


def test_questions_are_answered():
    notebook = solved.solved_notebook(masters.load(ROOT / "tests" / "masters" / "99_small.py"))
    (cell,) = (cell for cell in notebook.cells if cell.id == "q06_noise")
    assert re.fullmatch(r"q06_noise = '[p-s]'", cell.source.splitlines()[0])


@pytest.fixture
def course(tmp_path, monkeypatch):
    """A course of four files in the place of this one; gives its folder."""
    files = {
        "autograder/exercises/__init__.py": "",
        "autograder/exercises/near.py": 'import course_utils.deep\nNOTEBOOK = "77_x"\n',
        "autograder/exercises/far.py": 'NOTEBOOK = "78_y"\n',
        "course_utils/__init__.py": "",
        "course_utils/plots.py": "def draw():\n    from course_utils import late\n",
        "course_utils/late.py": "", "course_utils/deep.py": "", "course_utils/other.py": "",
        "data/net.pt": "1",
    }  # fmt: skip
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.setattr(solved, "CHECKOUT", tmp_path)
    monkeypatch.setattr(solved, "ROOMS", tmp_path / "autograder" / "exercises")
    return tmp_path


@pytest.fixture
def runs(monkeypatch):
    """The names of the notebooks that were run; nothing really is."""
    ran: list[str] = []
    monkeypatch.setattr(solved, "_run", lambda notebook, name, quick: ran.append(name))
    cells = [new_code_cell("%matplotlib inline\nfrom course_utils import plots", id="imports")]
    monkeypatch.setattr(solved, "solved_notebook", lambda master: new_notebook(cells=cells))
    return ran


MASTER = masters.Master("77_x", Path("77_x.py"), ())


def test_what_has_not_changed_is_not_run_again(course, runs):
    assert [solved.executed(MASTER, course / "store", True)[1] for _ in range(2)] == [True, False]
    assert runs == ["77_x"]
    solved.executed(MASTER, course / "store", False)  # at full length: another thing
    assert runs == ["77_x"] * 2


@pytest.mark.parametrize(
    ("changed", "again"),
    [
        ("autograder/exercises/near.py", True),  # its own exercises
        ("course_utils/deep.py", True),  # what they import
        ("course_utils/late.py", True),  # what a function imports when it is called
        ("data/net.pt", True),
        ("autograder/exercises/far.py", False),  # another notebook's
        ("course_utils/other.py", False),
    ],
)
def test_a_change_runs_what_rests_on_it(course, runs, changed, again):
    solved.executed(MASTER, course / "store", True)
    path = course / changed
    path.write_text(path.read_text() + "# changed\n")
    assert solved.executed(MASTER, course / "store", True)[1] is again
    assert len(list((course / "store").iterdir())) == 1


def test_a_notebook_that_fails_is_named_and_nothing_is_kept(course, monkeypatch):
    notebook = new_notebook(cells=[new_code_cell("1 / 0", id="broken")])
    monkeypatch.setattr(solved, "solved_notebook", lambda master: notebook)
    with pytest.raises(solved.NotebookFailed, match="77_x(.|\n)*ZeroDivisionError"):
        solved.executed(MASTER, course / "store", True)
    assert not (course / "store").exists()


def test_a_notebook_that_is_not_there_is_told_in_a_sentence(tmp_path):
    done = subprocess.run(
        [sys.executable, SITE / "build.py", "--into", tmp_path, "77"],
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 1 and "There is no master '77'" in done.stderr
    assert "Traceback" not in done.stderr
