"""Names that strangers gave (files, people, cells of a table) on their way to a terminal."""

from __future__ import annotations

LONGEST = 400  # characters of a sentence's one name; a path may have 4096


def printable(text: str) -> str:
    """A text in which nothing acts: control sequences, marks that turn the writing direction and
    bytes that are no text are written out, as \\x1b or \\u202e. Line ends stay."""
    return "".join(
        c if c.isprintable() or c == "\n" else c.encode("unicode_escape").decode() for c in text
    )


def shown(name: str) -> str:
    """A name of a file or a person for a sentence: one line, the middle left out of a long one."""
    text = printable(name).replace("\n", "\\n")
    if len(text) <= LONGEST:
        return text
    return f"{text[: LONGEST // 2]}…{text[-LONGEST // 2 :]}"
