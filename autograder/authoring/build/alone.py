"""What a notebook has for who learns alone, beside what a class is given: a review before the
warm-up, and the way to a model answer."""

from __future__ import annotations

from autograder.authoring.build.quizzes import quiz_called

ALONE = (
    "*Learning alone? Write at least two sentences of your own and save the notebook. Then "
    '`solution("{name}")`, in a cell of your own, shows a model answer and says what earns a '
    "point, so that you can mark yours.*"
)

REVIEW = """\
# Questions that you have answered in other notebooks may come back here, to keep them fresh.
# They earn no points, and you may go on whenever you like.
from autograder import review

review("{name}")"""


def for_who_learns_alone(notebook, name: str):
    """A learner's notebook that begins its warm-up with what is due for review, and says below a
    question for a teacher where a model answer is."""
    from nbformat.v4 import new_code_cell, new_markdown_cell

    if quiz_called(name):
        return notebook
    cells = []
    for cell in notebook.cells:
        if cell.id.startswith("show_") and not any(c.id == "review" for c in cells):
            tags = {"tags": ["experiment"]}
            cells.append(new_code_cell(REVIEW.format(name=name), id="review", metadata=tags))
        cells.append(cell)
        given = cell.metadata.get("nbgrader", {})
        if cell.cell_type == "markdown" and given.get("grade") and given.get("solution"):
            cells.append(new_markdown_cell(ALONE.format(name=cell.id), id=f"alone-{cell.id}"))
    notebook.cells = cells
    return notebook
