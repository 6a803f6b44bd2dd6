"""Makes outputs that a stranger's process sent fit to keep and to show: valid, bounded, inert.

What goes into `autograded/` is later rendered to a feedback page, where nbconvert puts some kinds
of data into the page as they are. So each kind that is kept is checked or cleaned by what it is.
"""

from __future__ import annotations

import base64
import binascii
import functools
import html
import re

TEXT_KINDS = ("text/plain",)
MARKUP_KINDS = ("text/html", "text/markdown", "text/latex")
IMAGE_KINDS = ("image/png", "image/jpeg", "image/gif")
TAGS = set(
    "a abbr b blockquote br caption code col colgroup dd del details div dl dt em figcaption "
    "figure h1 h2 h3 h4 h5 h6 hr i img ins kbd li ol p pre q s samp small span strong sub summary "
    "sup table tbody td tfoot th thead tr u ul var".split()
)
# Their contents are no text, so they go with their tags.
SILENT = set("script style template iframe object svg math noscript textarea title".split())
ATTRIBUTES = {
    "*": {"class", "style", "title", "role", "lang", "dir", "aria-hidden", "aria-label"},
    "a": {"href"},
    "img": {"src", "alt", "width", "height"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
    "ol": {"start"},
    "details": {"open"},
}
STYLES = set(
    "background-color border border-bottom border-collapse border-color border-left border-radius "
    "border-right border-style border-top border-width color font-family font-size font-style "
    "font-weight height line-height margin margin-bottom margin-left margin-right margin-top "
    "max-width min-width opacity padding padding-bottom padding-left padding-right padding-top "
    "text-align text-decoration vertical-align white-space width".split()
)
# Characters of one display's markup: cleaning the worst of that length takes about a second.
MOST_MARKUP = 100_000


class NotAnOutput(ValueError):
    """It is not an output as nbformat 4 has them."""


def inert(output: object, text_limit: int, markup_limit: int = MOST_MARKUP) -> dict:
    """One output as nbformat 4 has them, with nothing in it that a browser would run.

    `text_limit` bounds streams, tracebacks and plain text, `markup_limit` each piece of HTML,
    Markdown or LaTeX, in characters; longer markup is left out. Raises NotAnOutput.
    """
    if not isinstance(output, dict):
        raise NotAnOutput("not a dict")
    kind = output.get("output_type")
    if kind == "stream":
        if output.get("name") not in ("stdout", "stderr"):
            raise NotAnOutput("a stream without a name")
        text = _text(output.get("text"), text_limit)
        return {"output_type": "stream", "name": output["name"], "text": text}
    if kind == "error":
        traceback = output.get("traceback")
        if not isinstance(traceback, list):
            raise NotAnOutput("an error without a traceback")
        return {
            "output_type": "error",
            "ename": _text(output.get("ename"), 200),
            "evalue": _text(output.get("evalue"), text_limit),
            "traceback": [_text(line, text_limit) for line in traceback[:200]],
        }
    if kind in ("display_data", "execute_result"):
        given = {"output_type": kind, "data": _bundle(output.get("data"), text_limit, markup_limit)}
        given["metadata"] = _metadata(output.get("metadata"), given["data"])
        if kind == "execute_result":
            count = output.get("execution_count")
            given["execution_count"] = count if is_count(count) else None
        return given
    raise NotAnOutput("an output of no known kind")


def is_count(value: object) -> bool:
    """Whether it is a whole number that anything counts up to; JSON has those of 4,000 digits."""
    return type(value) is int and 0 <= value < 2**31


def _text(value: object, limit: int) -> str:
    if not isinstance(value, str):
        raise NotAnOutput("text expected")
    # A lone surrogate cannot be written to a file.
    return value[:limit].encode("utf-8", "replace").decode("utf-8")


def scrubbed(value):
    """Plain data whose strings can be written: half a surrogate pair can be in JSON, in no file."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, list):
        return [scrubbed(item) for item in value]
    if isinstance(value, dict):
        return {scrubbed(key): scrubbed(item) for key, item in value.items()}
    return value


def markup_size(output: object) -> int:
    """Characters of markup in what may be an output."""
    data = output.get("data") if isinstance(output, dict) else None
    if not isinstance(data, dict):
        return 0
    return sum(len(data[kind]) for kind in MARKUP_KINDS if isinstance(data.get(kind), str))


def _bundle(data: object, text_limit: int, markup_limit: int) -> dict:
    if not isinstance(data, dict):
        raise NotAnOutput("a display without data")
    kept = {}
    for kind, value in data.items():
        if kind in TEXT_KINDS:
            kept[kind] = _text(value, text_limit)
        elif kind in MARKUP_KINDS:
            text = _text(value, 2**26)
            if len(text) > markup_limit:
                kept.setdefault("text/plain", f"[{len(text):,} characters of {kind} left out]")
            else:
                kept[kind] = clean(text)
        elif kind in IMAGE_KINDS:
            kept[kind] = picture(value)
        elif kind == "image/svg+xml" and "text/html" not in data and "image/png" not in data:
            # As an image's source it is drawn, and runs nothing.
            source = base64.b64encode(_text(value, 2**24).encode()).decode()
            kept["text/html"] = f'<img alt="figure" src="data:image/svg+xml;base64,{source}">'
    return kept


def picture(value: object) -> str:
    """Base64 and nothing else: nbconvert puts it between quotation marks as it is."""
    try:
        return base64.b64encode(base64.b64decode(_text(value, 2**26))).decode()
    except (binascii.Error, ValueError) as error:
        raise NotAnOutput("an image that is not base64") from error


def _metadata(metadata: object, data: dict) -> dict:
    """Sizes and alternative texts of images; the rest is of no use outside the notebook."""
    kept: dict = {}
    for kind, facts in metadata.items() if isinstance(metadata, dict) else ():
        if kind not in data or kind not in IMAGE_KINDS or not isinstance(facts, dict):
            continue
        kept[kind] = {n: facts[n] for n in ("width", "height") if is_count(facts.get(n))}
        if isinstance(facts.get("alt"), str):
            kept[kind]["alt"] = html.escape(_text(facts["alt"], 2000))
    return {kind: facts for kind, facts in kept.items() if facts}


@functools.lru_cache(maxsize=64)
def clean(markup: str) -> str:
    """HTML without scripts, frames, event handlers, forms or addresses that run or load things."""
    import nh3

    if "<" not in markup and "&" not in markup:
        return markup
    return nh3.clean(
        markup,
        tags=TAGS,
        clean_content_tags=SILENT,
        attributes=ATTRIBUTES,
        attribute_filter=allowed,
        url_schemes={"http", "https", "mailto", "data"},
        filter_style_properties=STYLES,
    )


def allowed(tag: str, name: str, value: str) -> str | None:
    """An attribute's value, or None where it may not stay. A picture is in the page: none is
    fetched."""
    if name == "src":
        return value if value.startswith("data:image/") else None
    if name == "href":
        return value if re.match(r"https?://|mailto:|#", value, re.IGNORECASE) else None
    if name == "style" and re.search(r"url|image|\\", value, re.IGNORECASE):
        return None
    return value
