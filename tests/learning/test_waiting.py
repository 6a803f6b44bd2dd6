"""Below a folded cell something moves while it runs, and nothing is left of it afterwards."""

import nbformat
import pytest
from nbclient import NotebookClient

from autograder.authoring.build import masters
from autograder.learning import waiting
from autograder.paths import CHECKOUT

FOLDED = "# @title Draws: a curve (20 lines, trains nets, about 15 s on 2 cores)"


class Listening(NotebookClient):
    """Keeps what a kernel says of each cell, also what is cleared later."""

    said: list = []

    def process_message(self, message, cell, cell_index):
        self.said.append((cell_index, message["msg_type"], message["content"]))
        return super().process_message(message, cell, cell_index)


def run(*sources, monkeypatch):
    monkeypatch.delenv("NBGRADER_EXECUTION", raising=False)
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    client = Listening(nbformat.v4.new_notebook(cells=cells), kernel_name="python3")
    client.said = []
    client.execute()
    return client


def test_a_bar_moves_until_the_first_output(monkeypatch):
    imports = "from autograder import check"
    client = run(imports, f"{FOLDED}\nprint('drawn')", "print('else')", monkeypatch=monkeypatch)
    shown = [
        (index, content["data"]["text/plain"])
        for index, kind, content in client.said if kind == "display_data"
    ]  # fmt: skip
    assert shown == [(1, "Running: about 15 s on 2 cores.")]
    assert [output["text"] for output in client.nb.cells[1].outputs] == ["drawn\n"]


def test_it_is_told_once_however_often_the_course_is_imported(monkeypatch):
    again = "import importlib, autograder.learning.practice as p; importlib.reload(p)"
    client = run("from autograder import check", again, f"{FOLDED}\nprint(1)",
                 monkeypatch=monkeypatch)  # fmt: skip
    assert sum(kind == "display_data" for _, kind, _ in client.said) == 1


@pytest.mark.parametrize("name", [path.stem for path in masters.masters()])
def test_every_folded_cell_that_takes_a_while_says_so(name):
    notebook = nbformat.read(CHECKOUT / "notebooks" / f"{name}.ipynb", 4)
    for cell in notebook.cells:
        first = cell.source.partition("\n")[0]
        lasting = first.startswith("# @title Draws") and " lines, " in first
        assert bool(waiting.said(cell.source)) == lasting, first
