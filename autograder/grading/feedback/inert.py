"""A student's notebook as a page that does nothing on a click, for feedback and for formgrader:
filters and one step for nbconvert's HTMLExporter. What is handed in is `sanitize`'s, and stays.

What is cleaned is the HTML that a browser would get, after Markdown, its entities and its reference
definitions have become elements: by a list of what may stay.
"""

from __future__ import annotations

import html
import re

import nh3
from jinja2 import pass_context
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbformat import NotebookNode, from_dict
from nbgrader.preprocessors import NbGraderPreprocessor
from pygments.token import STANDARD_TYPES
from traitlets import List, Unicode

from autograder.grading.sandbox import outputs
from autograder.grading.sandbox.outputs import MOST_MARKUP, NotAnOutput

# What every text on a page goes through; as names, for nbconvert imports them where it needs them.
FILTERS = {"clean_html": f"{__name__}.clean", "markdown2html": f"{__name__}.markdown"}
STEP = f"{__name__}.NothingActive"

TEXTS = ("text/plain", "text/html", "text/markdown", "text/latex", "image/svg+xml")
ATTRIBUTES = {kind: set(names) for kind, names in outputs.ATTRIBUTES.items()}
for _heading in ("h1", "h2", "h3", "h4", "h5", "h6"):
    ATTRIBUTES[_heading] = {"id"}
# Of a page's own classes some act (formgrader's buttons) or lie over all else (Bootstrap's bars).
CLASSES = {name for name in STANDARD_TYPES.values() if name} | {
    "highlight", "anchor-link", "dataframe", "course-verdict", "course-score", "course-progress",
}  # fmt: skip
# Characters of one text in Markdown: parsing the worst of that length takes a second or two.
MOST_PROSE = 30_000
# In front of a text's own anchors, so that none has the name of a mark's field.
ANCHOR = "text-"
EMBEDDED = re.compile(r"data:image/[\w.+-]+;base64,[A-Za-z0-9+/=\s]*")


def configure(config) -> None:
    """Let HTMLExporter, as this configuration (of traitlets) has it, show nothing active."""
    exporter = config.HTMLExporter
    exporter.sanitize_html = True  # scripts and widgets are left out by nbconvert itself
    exporter.filters = {**FILTERS, **dict(exporter.get("filters") or {})}
    if "preprocessors" not in exporter:
        exporter.preprocessors = [STEP]
    elif isinstance(exporter.preprocessors, list) and STEP not in exporter.preprocessors:
        exporter.preprocessors = [STEP, *exporter.preprocessors]


def clean(markup: object) -> str:
    """HTML of which no browser runs or fetches anything, whoever wrote it.

    Pictures that are in the page, links to the web, tables and the course's verdicts stay.
    """
    text = markup.decode("utf-8", "replace") if isinstance(markup, bytes) else str(markup)
    if "<" not in text and "&" not in text:
        return text
    length = len(text) - sum(len(found.group()) for found in EMBEDDED.finditer(text))
    if length > MOST_MARKUP:  # cleaning takes the square of it where somebody wants it to
        return f"<p>[{length:,} characters of HTML are not shown]</p>"
    return nh3.clean(
        text,
        tags=outputs.TAGS,
        clean_content_tags=outputs.SILENT,
        attributes=ATTRIBUTES,
        attribute_filter=_allowed,
        url_schemes={"http", "https", "mailto", "data"},
        filter_style_properties=outputs.STYLES,
    )


def _allowed(tag: str, name: str, value: str) -> str | None:
    """An attribute's value as it may stay; None where it may not."""
    if name == "class":
        return " ".join(word for word in value.split() if word in CLASSES) or None
    if name == "id":
        return _anchor(value)
    kept = outputs.allowed(tag, name, value)
    if name == "href" and kept and kept.startswith("#"):
        return "#" + _anchor(kept[1:])
    return kept


def _anchor(name: str) -> str:
    return name if name.startswith(ANCHOR) else ANCHOR + name


@pass_context
def markdown(context, source: str) -> str:
    """Markdown as clean HTML, with the formulas and the attached pictures of its cell.

    What nobody can render is shown as it was written, so that a page comes of every notebook.
    """
    cell = context.get("cell") or {}
    if len(source) > MOST_PROSE:
        return _as_written(source)
    try:
        renderer = Renderer(escape=False, attachments=pictures(cell.get("attachments")))
        return clean(MarkdownWithMath(renderer=renderer).render(source))
    except Exception:  # noqa: BLE001 - prose can be strange in more ways than a parser foresees
        return _as_written(source)


def _as_written(source: str) -> str:
    return f"<pre>{html.escape(source, quote=False)}</pre>"


class Renderer(IPythonRenderer):
    """nbconvert's, with a line in place of a picture that the notebook does not hold."""

    def image(self, text: str, url: str, title: str | None = None) -> str:
        name = url.removeprefix("attachment:")
        if name != url and name not in self.attachments:
            what = html.escape(f"{text}: " if text else "")
            return f"<em>[{what}the picture {html.escape(name)} is not in the notebook]</em>"
        return super().image(text, url, title)


def pictures(attachments: object) -> dict[str, dict[str, str]]:
    """Those of a cell's attachments that are pictures."""
    found = {}
    for name, bundle in attachments.items() if isinstance(attachments, dict) else ():
        for kind in outputs.IMAGE_KINDS if isinstance(bundle, dict) else ():
            if kind in bundle and (data := _picture(bundle[kind])):
                found[name] = {kind: data}
                break
    return found


def _picture(data: object) -> str:
    """A picture's base64 and nothing else; nothing where it is none."""
    try:
        return outputs.picture(data)
    except NotAnOutput:
        return ""


class NothingActive(NbGraderPreprocessor):
    """Leaves of a notebook's outputs what a page can show without doing anything.

    nbconvert puts a picture's data and its sizes into the page as they are, draws one output as a
    frame and runs another; `clean` meets HTML only.
    """

    # Every step of an HTML export is configured with it; without this line nbgrader warns.
    display_data_priority = List(Unicode()).tag(config=True)

    def preprocess(self, nb, resources):
        nb = from_dict(outputs.scrubbed(nb))
        nb.metadata.pop("widgets", None)  # Colab keeps them in a form that stops nbconvert
        if not _is_words(nb.metadata.get("language_info", {})):
            del nb.metadata["language_info"]
        for cell in nb.cells:
            flags = cell.metadata.get("nbgrader")
            if flags is not None and not _is_named(flags):
                del cell.metadata["nbgrader"]
            if cell.cell_type == "code":
                cell.outputs = [shown(output) for output in cell.outputs]
        return nb, resources


def _is_words(facts: object) -> bool:
    """Whether they can name a language: nbconvert looks its words up."""
    names = ("name", "pygments_lexer")
    return isinstance(facts, dict) and all(isinstance(facts.get(n, ""), str) for n in names)


def _is_named(flags: object) -> bool:
    """Whether a graded cell's name, which stands in a page's attributes, is one."""
    name = flags.get("grade_id") if isinstance(flags, dict) else None
    return isinstance(name, str) and not re.search(r"[<>\"'&]", name)


def shown(output: NotebookNode) -> NotebookNode:
    """One output with only those kinds of data that a page shows as they are, or cleaned."""
    kind = output.get("output_type")
    if kind not in ("display_data", "execute_result"):
        return output  # text, which nbconvert escapes
    given = output.get("data")
    given = given if isinstance(given, dict) else {}
    data = {name: given[name] for name in TEXTS if isinstance(given.get(name), str)}
    for name in outputs.IMAGE_KINDS:
        if name in given and (picture := _picture(given[name])):
            data[name] = picture
    if given and not data:
        kinds = html.escape(", ".join(map(str, given))[:100], quote=False)
        data["text/plain"] = f"[not shown on a page: {kinds}]"
    kept = NotebookNode(output_type=kind, data=NotebookNode(data), metadata=NotebookNode())
    facts = output.get("metadata")
    for name in (name for name in data if isinstance(facts, dict) and name in outputs.IMAGE_KINDS):
        kept.metadata[name] = _sizes(facts.get(name))
    if kind == "execute_result":
        count = output.get("execution_count")
        kept.execution_count = count if outputs.is_count(count) else None
    return kept


def _sizes(facts: object) -> NotebookNode:
    """A picture's width, height and alternative text, which nbconvert escapes."""
    facts = facts if isinstance(facts, dict) else {}
    kept = {name: facts[name] for name in ("width", "height") if outputs.is_count(facts.get(name))}
    if isinstance(facts.get("alt"), str):
        kept["alt"] = html.unescape(facts["alt"])  # as `course grade` keeps it, it is escaped
    return NotebookNode(kept)
