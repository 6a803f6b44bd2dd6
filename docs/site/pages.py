"""What makes a page of an executed notebook: cells for readers, pictures instead of widgets.
Data in, data out: nothing is executed and no file touched here."""

from __future__ import annotations

import copy
import re
from html import escape

# For a machine or for the learner's own file: nothing in them is for a reader.
LEFT_OUT = {"setup", "colab-badge", "progress"}
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
STILL = (
    "<p class='still'>A still picture: the controls need a running kernel. To move them yourself: "
    "<code>make lab NN={number}</code>{colab}.</p>"
)


def page(notebook, name: str, colab: str | None):
    """The notebook as the site shows it.

    Parameters
    ----------
    notebook : executed; not modified
    name : "06_batchnorm"
    colab : the address of the learner's notebook on Colab, where it is published
    """
    made = copy.deepcopy(notebook)
    number = name[:2]
    made.cells = [cell for cell in made.cells if cell.id not in LEFT_OUT]
    for cell in made.cells:
        cell.source = MARKER.sub("", cell.source)
        nbgrader = cell.metadata.pop("nbgrader", {})
        if cell.cell_type == "code":
            cell.outputs = [_output(one, number, colab) for one in cell.outputs]
        elif nbgrader.get("grade") and nbgrader.get("solution"):
            cell.source = f"**A model answer.** {cell.source}"
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


def _output(output, number: str, colab: str | None):
    """One output without anything that would need a kernel or a script from elsewhere."""
    data = output.get("data")
    if not data:
        return output
    is_explorer = WIDGET in data
    data.pop(WIDGET, None)
    if "image/png" in data and "text/html" not in data:
        alt = output.metadata.get("image/png", {}).get("alt") or data.get("text/plain", "")
        picture = "".join(data.pop("image/png").split())
        data["text/html"] = (
            f'<img alt="{escape(alt, quote=True)}" src="data:image/png;base64,{picture}">'
        )
    if is_explorer:
        link = f", or <a href='{escape(colab)}'>on Colab</a>" if colab else ""
        data["text/html"] = (
            f"<div class='explorer'>{data.get('text/html', '')}"
            f"{STILL.format(number=number, colab=link)}</div>"
        )
    return output
