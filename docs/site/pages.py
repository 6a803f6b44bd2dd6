"""What makes a page of an executed notebook: cells for readers, pictures instead of widgets.
Data in, data out: nothing is executed and no file touched here."""

from __future__ import annotations

import copy
import re
from html import escape

# For a machine or for the learner's own file: nothing in them is for a reader.
LEFT_OUT = {"setup", "colab-badge", "progress"}
PREPARING = {"imports", "device"}
MARKER = re.compile(r"^[ \t]*### (BEGIN|END) (SOLUTION|HIDDEN TESTS).*\n?", re.MULTILINE)
FENCED = re.compile(r"^(```.*?^```)", re.MULTILINE | re.DOTALL)
SECOND_TITLE = re.compile(r"^# (?=\S)", re.MULTILINE)
WIDGET = "application/vnd.jupyter.widget-view+json"

ABOUT = (
    ":::{{note}}\n"
    "This is the **solved** notebook with its outputs. To work on it yourself, with checks that "
    "answer: `make lab NN={number}`{colab}.\n"
    ":::"
)
# Empty lines around it, so that what is inside is still Markdown.
MODEL = "<details><summary>A model answer</summary>\n\n{text}\n\n</details>"
# A cell that does nothing but check: what the check says is all that a reader wants.
CHECK = re.compile(r"\s*(from autograder import check\s+)?check\([^()]*\)\s*")
STILL = (
    "<figcaption>A still picture: the controls need a running kernel. To move them yourself: "
    "<code>make lab NN={number}</code>{colab}.</figcaption>"
)
# An explorer's still picture; its own caption speaks to somebody who has the notebook open.
EXPLORER = '<figure id="course-explorer-'
CAPTION = re.compile(r"<figcaption>.*?</figcaption>", re.DOTALL)
# A panel's links lead from notebook to notebook; here, from page to page.
PANEL = "class='course-progress'"
NEIGHBOUR = re.compile(r"<a href='(\d\d_\w+)\.ipynb'>(.*?)</a>")


def page(notebook, name: str, colab: str | None, others: frozenset[str] = frozenset()):
    """The notebook as the site shows it.

    Parameters
    ----------
    notebook : executed; not modified
    name : "06_batchnorm"
    colab : the address of the learner's notebook on Colab, where it is published
    others : the notebooks that have a page beside this one; a panel links to these only
    """
    made = copy.deepcopy(notebook)
    number = name[:2]
    made.cells = [cell for cell in made.cells if cell.id not in LEFT_OUT]
    for cell in made.cells:
        cell.source = MARKER.sub("", cell.source)
        nbgrader = cell.metadata.pop("nbgrader", {})
        if cell.cell_type == "code":
            _fold(cell, nbgrader)
            cell.outputs = [
                _output(one, number, colab, others)
                for one in cell.outputs if not _is_widget(one)
            ]  # fmt: skip
        elif nbgrader.get("grade") and nbgrader.get("solution"):
            cell.source = MODEL.format(text=cell.source)
    for cell in made.cells[1:]:
        if cell.cell_type == "markdown":
            # A second title would be a second page in the site's table of contents.
            cell.source = "".join(
                part if part.startswith("```") else SECOND_TITLE.sub("## ", part)
                for part in FENCED.split(cell.source)
            )
    made.metadata.pop("widgets", None)
    link = f", or [on Colab]({colab})" if colab else ""
    # In the title's own cell, so that the page still begins with its title.
    title = made.cells[0]
    head, _, rest = title.source.partition("\n")
    title.source = f"{head}\n\n{ABOUT.format(number=number, colab=link)}\n{rest}"
    return made


def _fold(cell, nbgrader: dict) -> None:
    """Fold a cell's code where a reader of the page comes for something else."""
    tags = list(cell.metadata.get("tags", ()))
    if CHECK.fullmatch(cell.source):
        tags.append("remove-input")
    elif nbgrader.get("solution") or "experiment" in tags or cell.id in PREPARING:
        what = "the function, solved" if nbgrader.get("solution") else "the code"
        tags.append("hide-input")
        cell.metadata["mystnb"] = {
            "code_prompt_show": f"Show {what}", "code_prompt_hide": f"Hide {what}",
        }  # fmt: skip
    if tags:
        cell.metadata["tags"] = tags


def _is_widget(output) -> bool:
    return WIDGET in output.get("data", {})


def picture(output) -> str:
    """An output's picture as HTML with its text alternative; "" where it has none."""
    data = output.get("data", {})
    if "image/png" in data and "text/html" not in data:
        alt = output.metadata.get("image/png", {}).get("alt") or data.get("text/plain", "")
        png = "".join(data["image/png"].split())
        return f'<img alt="{escape(alt, quote=True)}" src="data:image/png;base64,{png}">'
    drawn = data.get("text/html", "")
    if drawn.startswith(EXPLORER):
        return CAPTION.sub("", drawn)
    return drawn if "<img " in drawn and "<script" not in drawn else ""


def _output(output, number: str, colab: str | None, others: frozenset[str]):
    """One output as HTML with its text alternative, where it is a picture."""
    data = output.get("data", {})
    if "image/png" in data and "text/html" not in data:
        data["text/html"] = picture(output)
    if data.get("text/html", "").startswith(EXPLORER):
        link = f", or <a href='{escape(colab)}'>on Colab</a>" if colab else ""
        caption = STILL.format(number=number, colab=link)
        data["text/html"] = CAPTION.sub(lambda _: caption, data["text/html"])
    if PANEL in data.get("text/html", ""):
        data["text/html"] = NEIGHBOUR.sub(
            lambda to: f"<a href='{to[1]}.html'>{to[2]}</a>" if to[1] in others else to[2],
            data["text/html"],
        )
    return output
