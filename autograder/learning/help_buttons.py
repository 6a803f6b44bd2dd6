"""Buttons under a verdict that is not right yet: the next hint, and the worked solution when it is
due; under a question's, the question with other numbers. Words that say the same stand in the
verdict; where there are no widgets they are enough."""

from __future__ import annotations

import contextlib
import importlib.util
import io

from autograder.judging.verdict import marked_up
from autograder.learning import attempts, on_screen
from autograder.learning.catalogue import shelf
from autograder.learning.kit import Kit

AGAIN = "All hints again"
_TOLD = "margin:.2em 0 .4em 1em;max-width:60em;line-height:1.5"


def after_this_cell(name: str, hint, solution) -> None:
    """Show the buttons for an exercise when the cell that runs is done, below what it shows.

    They call `hint(name)`, which prints, and `solution(name)`, which prints or gives what to show.
    """
    shell = on_screen.shell_with_cells()
    if shell is None:
        return
    if importlib.util.find_spec("ipywidgets") is None:
        return

    def once(*_):
        shell.events.unregister("post_run_cell", once)
        show(name, hint, solution)

    shell.events.register("post_run_cell", once)


def show(name: str, hint, solution) -> None:
    """Display the buttons. As text they are nothing: a page without widgets shows no empty box."""
    from IPython.display import display

    view = {"version_major": 2, "version_minor": 0, "model_id": row(name, hint, solution).model_id}
    display({"application/vnd.jupyter.widget-view+json": view, "text/plain": ""}, raw=True)


def row(name: str, hint, solution):
    """The buttons of an exercise, with a place below for what they tell; an ipywidgets box."""
    import ipywidgets as widgets

    if shelf().is_question(name):
        return question_again(name)
    nudge = widgets.Button(description=_next(name), layout={"width": "auto"})
    worked = widgets.Button(description="Show a solution", layout={"width": "auto"})
    told, shown = widgets.HTML(), widgets.Output()
    lines: list[str] = []  # the hints so far: each one builds on those before

    def due() -> None:
        nudge.description = _next(name)
        worked.layout.display = "" if _is_due(name) else "none"

    def tell(_):
        if nudge.description == AGAIN:
            lines.clear()
        with contextlib.redirect_stdout(io.StringIO()) as said:
            hint(name)
        lines.extend(f"<div>{marked_up(line)}</div>" for line in said.getvalue().splitlines())
        told.value = f"<div role='status' style='{_TOLD}'>{''.join(lines)}</div>"
        due()

    def solve(_):
        shown.clear_output()
        with shown:
            found = solution(name)
            if found is not None:
                from IPython.display import display

                display(found)

    nudge.on_click(tell)
    worked.on_click(solve)
    due()
    return widgets.VBox([widgets.HBox([nudge, worked]), told, shown]).add_class("course-help")


def question_again(name: str):
    """A button that asks a question with other numbers in its own place; an ipywidgets box."""
    import ipywidgets as widgets

    from autograder.learning import review

    ask = widgets.Button(
        description="Ask a second version",
        layout={"width": "auto", "align_self": "flex-start"},
    )
    box = widgets.VBox([ask]).add_class("course-help")

    def show(_):
        box.children = [review.asked_on(review.others(name))]

    ask.on_click(show)
    return box


def _next(name: str) -> str:
    """What the button for a hint says."""
    hints, seen = len(shelf().hints(name)), attempts.known(name).get("hints", 0)
    return f"Hint {seen + 1} of {hints}" if seen < hints else AGAIN


def _is_due(name: str) -> bool:
    if isinstance(shelf(), Kit):
        return False
    from autograder.learning import solutions

    return solutions.is_ready(name, attempts.known(name))
