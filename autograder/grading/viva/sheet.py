"""A viva's sheet as one HTML page that prints: no script, no network, and nothing that a student
wrote acts in it. Which folder it lies in is `of_class`'s."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from autograder.grading.html_pages import render
from autograder.grading.viva.drawing import Sheet

HERE = Path(__file__).parent


def page(
    sheet: Sheet, who: str, course: str, assignments: Sequence[str], number: int,
    problems: Sequence[str] = (),
) -> str:
    """The page's text.

    Parameters
    ----------
    number : which draw this is
    problems : what could not be read, in sentences
    """
    from markupsafe import Markup

    from autograder.grading.marking import showing
    from autograder.grading.reports.page.render import code

    written = sheet.written
    shown = showing.code if written and written.question.is_code else showing.prose
    return render(
        HERE / "sheet.html", (HERE / "sheet.css").read_text(encoding="utf-8"), pictures=True,
        filters={"code": code}, sheet=sheet, who=who, course=course,
        assignments=list(assignments), number=number, problems=list(problems),
        asked=Markup(showing.prose(written.question.statement)) if written else "",
        answer=Markup(shown(written.text)) if written else "",
    )  # fmt: skip
