"""What gives a result away is folded in a learner's notebook, one click away: the prose below an
experiment that was predicted. The site, made from the teacher's notebook, has it open."""

from __future__ import annotations

import re

SUMMARY = "What came out: open it when you have predicted and run the cell above, or without"
COMPARES = re.compile(r"^\s*compare\(", re.MULTILINE)
HEADING = re.compile(r"^#{1,6} ", re.MULTILINE)
# A formula, a word in bold, which is explained there, a table or a picture may be needed by an
# exercise further down.
NEEDED = re.compile(r"\$\$|\$[^$]*=[^$]*\$|\*\*|^\s*\||!\[", re.MULTILINE)


def folded(notebook):
    """A notebook in which prose behind a compared prediction has to be opened; changed in place.

    Only what stands before the next heading, and before the first paragraph that is `NEEDED`.
    `<details>` works wherever Markdown is shown; where it does not, the text stands there open.
    """
    tells = False
    for cell in notebook.cells:
        if cell.cell_type == "code":
            tells = bool(COMPARES.search(cell.source))
            continue
        if tells and cell.cell_type == "markdown" and not cell.metadata.get("nbgrader"):
            cell.source = fold(cell.source)
        tells = False
    return notebook


def fold(text: str) -> str:
    """Markdown whose first paragraphs are folded; as it was where they are none or are needed."""
    heading = HEADING.search(text)
    result, rest = (text[: heading.start()], text[heading.start() :]) if heading else (text, "")
    paragraphs = result.strip().split("\n\n")
    kept = next((i for i, part in enumerate(paragraphs) if NEEDED.search(part)), len(paragraphs))
    told, after = "\n\n".join(paragraphs[:kept]), "\n\n".join(paragraphs[kept:])
    if not told:
        return text
    opened = f"<details>\n<summary>{SUMMARY}</summary>\n\n{told}\n\n</details>"
    return "\n\n".join(part for part in (opened, after, rest.strip()) if part)
