"""Putting a figure into a notebook with its text alternative. No figure is drawn here."""

from __future__ import annotations

import base64
import io
from html import escape
from typing import TYPE_CHECKING

from course_utils.plotting import describe

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_DPI = 110
# Pixels: GitHub's column for a notebook's outputs is a little wider.
_PAGE = 800
# Of its width, how narrow a picture may become before its letters are too small, about 10 pixels.
_LEAST = 0.72


def show(figure: Figure, alt: str | None = None) -> None:
    """Display a figure with its text alternative: `alt`, else words made from its data.

    JupyterLab's own picture output has no text alternative, so the figure goes out as HTML with
    an `alt` attribute; a PNG goes with it for printing and export.
    """
    from IPython.display import display

    data, metadata = mimebundle(figure, alt)
    display(data, raw=True, metadata=metadata)


def mimebundle(figure: Figure, alt: str | None = None) -> tuple[dict, dict]:
    """The figure as a notebook stores it, (data, metadata): HTML with alt text, PNG, words."""
    alt = words(figure) if alt is None else alt
    encoded = base64.b64encode(png(figure)).decode("ascii")
    width = round(figure.get_size_inches()[0] * _DPI * 0.9)
    # The attribute is for GitHub, which takes styles out; elsewhere the style has the last word.
    attribute = width if width <= _PAGE else "100%"
    html = (
        f'<img alt="{escape(alt, quote=True)}" src="data:image/png;base64,{encoded}" '
        f'width="{attribute}" style="max-width:100%;width:{width}px;{least(width)};'
        'background:white">'
    )
    data = {"text/html": legible(html), "image/png": encoded, "text/plain": alt}
    return data, {"image/png": {"alt": alt, "width": width}}


def least(width: int) -> str:
    """The style by which a picture of so many pixels does not shrink beyond reading."""
    return f"min-width:{round(_LEAST * width)}px"


def legible(images: str) -> str:
    """Pictures, as HTML, that are moved aside in a window narrower than they may become; with the
    keyboard too."""
    how = 'role="group" aria-label="Picture" tabindex="0" style="overflow-x:auto"'
    return f"<div {how}>{images}</div>"


def png(figure: Figure, dpi: int = _DPI) -> bytes:
    """The figure as a PNG, drawn without a display."""
    buffer = io.BytesIO()
    # No software name or date, so that the same figure gives the same bytes; fast compression.
    figure.savefig(
        buffer, format="png", dpi=dpi, metadata={"Software": None},
        pil_kwargs={"compress_level": 1},
    )  # fmt: skip
    return buffer.getvalue()


def words(figure: Figure) -> str:
    """What a figure shows, as text: said when it was drawn here, else read off its axes."""
    return getattr(figure, "course_alt", None) or describe.axes(figure)
