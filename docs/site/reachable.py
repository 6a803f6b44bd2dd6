"""What the theme's pages lack for who uses a keyboard or a screen reader, put in once they are
made: text in, text out."""

from __future__ import annotations

import re

# What scrolls within itself has to be reached by Tab; a list's caption is a heading of some level.
CHANGES = (
    (re.compile(r'<p class="caption" role="heading">'),
     '<p class="caption" role="heading" aria-level="2">'),
    (re.compile(r'<div class="math '), '<div tabindex="0" class="math '),
    (re.compile(r"<pre>"), '<pre tabindex="0">'),
    (re.compile(r'<div class="table-wrapper(?P<more>[^"]*)">'),
     r'<div class="table-wrapper\g<more>" tabindex="0" role="region" aria-label="Table">'),
)  # fmt: skip


def reachable(page: str) -> str:
    """A page whose every part can be reached from the keyboard."""
    for pattern, instead in CHANGES:
        page = pattern.sub(instead, page)
    return page
