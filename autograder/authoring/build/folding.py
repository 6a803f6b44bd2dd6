"""What is folded in a learner's notebook, one click away: prose that gives a result away, what was
left out of a worked example, and the code of long experiments. The site, made from the teacher's
notebook, has all of it open."""

from __future__ import annotations

import ast
import re

from autograder.authoring.build import seconds

SUMMARY = (
    "What came out: predict first, run the experiment above, then open this (or open it right away)"
)
# What was left out of a half-worked example, in the paragraph that begins so.
GAPS = re.compile(
    r"^\*\*(?:The missing numbers|What was missing)\.\*\* .*?(?=\n\n|\Z)", re.MULTILINE | re.DOTALL
)
FILL_IN = "Fill in the question marks first, then open this"
COMPARES = re.compile(r"^\s*compare\(", re.MULTILINE)
# The cells of a question that may stand between an experiment and what came out.
QUESTION = re.compile(r"(show_|check_)?q\d\d_\w+")
HEADING = re.compile(r"^#{1,6} ", re.MULTILINE)
# A formula, a word in bold, which is explained there, a table or a picture may be needed by an
# exercise further down.
NEEDED = re.compile(r"\$\$|\$[^$]*=[^$]*\$|\*\*|^\s*\||!\[", re.MULTILINE)


# From so many lines on an experiment's code fills a screen, and its picture is not to be seen.
LONG = 15
# Where each picture has its title among its arguments.
TITLE_AT = {"lines": 3, "bars_with_range": 2, "histograms_per_layer": 2, "image_grid": 3, "heat": 5,
            "scatter": 6}  # fmt: skip


def folded(notebook, name: str = ""):
    """A notebook in which prose behind a compared prediction, and the code of long experiments, has
    to be opened; changed in place. By its `name` it is known how long experiments took.

    Only what stands before the next heading, and before the first paragraph that is `NEEDED`.
    `<details>` works wherever Markdown is shown; where it does not, the text stands there open.
    """
    tells = False
    for cell in notebook.cells:
        if QUESTION.fullmatch(cell.get("id", "")):
            continue  # what stands below it still tells the result
        if cell.cell_type == "code":
            tells = bool(COMPARES.search(cell.source))
            hide_long(cell, seconds.said(name, cell.get("id", "")))
            continue
        if cell.cell_type == "markdown" and not cell.metadata.get("nbgrader"):
            cell.source = fold(cell.source) if tells else cell.source
            cell.source = GAPS.sub(lambda found: in_a_fold(FILL_IN, found[0]), cell.source)
        tells = False
    return notebook


def hide_long(cell, takes: str = "") -> None:
    """Fold the code of a long experiment that draws; what is left of it, in JupyterLab, on Colab
    and in VS Code, is its first line, which says what it does, and how long it `takes`."""
    count = len(cell.source.splitlines())
    experiment = "experiment" in cell.metadata.get("tags", ())
    if not experiment or count < LONG or "plots.show(" not in cell.source:
        return  # what draws nothing, such as a net that experiments share, is there to be read
    trains = "trains nets" if "training.fit(" in cell.source else ""
    facts = ", ".join(filter(None, (f"{count} lines", trains, takes)))
    about = title_in(cell.source) or cell.id.replace("_", " ")
    cell.source = f"# @title Draws: {about} ({facts})\n{cell.source}"
    cell.metadata["jupyter"] = {**cell.metadata.get("jupyter", {}), "source_hidden": True}
    cell.metadata["cellView"] = "form"  # Colab's


def title_in(source: str) -> str:
    """The title of the first picture that code draws, as far as it stands there as text."""
    try:
        calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    except SyntaxError:  # a line of IPython's own
        return ""
    for call in sorted(calls, key=lambda call: call.lineno):
        name = getattr(call.func, "attr", "")
        if name not in TITLE_AT or getattr(call.func.value, "id", "") != "plots":
            continue
        given = [word.value for word in call.keywords if word.arg == "title"]
        given += call.args[TITLE_AT[name] : TITLE_AT[name] + 1]
        return told_by(given[0]) if given else ""
    return ""


def told_by(title: ast.expr) -> str:
    """What a title says by itself: all of it, or what is a clause before its first value."""
    if isinstance(title, ast.JoinedStr):
        begin = title.values[0] if title.values else None
        clause = re.match(r"(.+)[,;:]", told_by(begin)) if isinstance(begin, ast.Constant) else None
        return clause[1] if clause else ""
    known = isinstance(title, ast.Constant) and isinstance(title.value, str)
    return title.value if known else ""


def fold(text: str) -> str:
    """Markdown whose first paragraphs are folded; as it was where they are none or are needed."""
    heading = HEADING.search(text)
    result, rest = (text[: heading.start()], text[heading.start() :]) if heading else (text, "")
    paragraphs = result.strip().split("\n\n")
    kept = next((i for i, part in enumerate(paragraphs) if NEEDED.search(part)), len(paragraphs))
    told, after = "\n\n".join(paragraphs[:kept]), "\n\n".join(paragraphs[kept:])
    if not told:
        return text
    parts = in_a_fold(SUMMARY, told), after, rest.strip()
    return "\n\n".join(part for part in parts if part)


def in_a_fold(summary: str, text: str) -> str:
    return f"<details>\n<summary>{summary}</summary>\n\n{text}\n\n</details>"
