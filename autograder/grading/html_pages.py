"""Pages that a teacher opens from the class's folder: made from a template in which every string is
escaped, and a policy by which a browser runs and fetches nothing besides, whatever got into it."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path


def render(
    template: Path, style: str, script: str = "", pictures: bool = False,
    filters: Mapping[str, Callable] | None = None, **values,
) -> str:  # fmt: skip
    """A page's text.

    Parameters
    ----------
    template : a Jinja file that has places for `policy`, `style` and, where there is one, `script`
    pictures : whether pictures that are in the page itself may be shown
    values : what else the template names
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    environment = Environment(
        loader=FileSystemLoader(template.parent), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    environment.filters |= dict(filters or {})
    policy = ["default-src 'none'", f"style-src '{_digest(style)}'"]
    if script:
        policy.append(f"script-src '{_digest(script)}'")
    if pictures:
        policy.append("img-src data:")
    return environment.get_template(template.name).render(
        policy="; ".join(policy), style=Markup(style), script=Markup(script), **values
    )


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
