"""What the notebooks cite, with links: the list at each notebook's end, and the page of all of it.
What is cited stands in sources.toml; where a notebook says it is the notebook's."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path

from autograder import toml_files
from autograder.paths import CHECKOUT

LISTED = Path(__file__).with_name("sources.toml")
PAGE = CHECKOUT / "docs" / "bibliography.md"
PREFIXES = {"arXiv:": "https://arxiv.org/abs/", "doi:": "https://doi.org/"}
HEAD = """\
# Bibliography

What the notebooks cite, by first author, with the notebooks that do. Years are those by which the
notebooks name a work, of its first appearance or of its conference.
"""


@dataclass(frozen=True)
class Source:
    """A paper, book, report or page; `at` is arXiv:..., doi:... or an address."""

    by: str
    year: int
    title: str
    at: str
    notebooks: tuple[str, ...]  # "03", "09": their numbers

    @property
    def link(self) -> str:
        """The address where it can be read."""
        for prefix, address in PREFIXES.items():
            if self.at.startswith(prefix):
                return address + self.at.removeprefix(prefix)
        return self.at

    def line(self) -> str:
        """One item of a list in Markdown."""
        # Parentheses in an address would end the link.
        link = self.link.replace("(", "%28").replace(")", "%29")
        return f"- {self.by} {self.year}: [{self.title}]({link})"


@functools.cache
def sources(path: Path = LISTED) -> tuple[Source, ...]:
    """All that is cited, by first author."""
    rows = toml_files.load(path)["sources"]
    return tuple(Source(**row | {"notebooks": tuple(row["notebooks"])}) for row in rows)


def cited_in(notebook: str) -> str:
    """The list at the end of the notebook of this name; empty where it cites nothing."""
    lines = [source.line() for source in sources() if notebook[:2] in source.notebooks]
    return "\n".join(["## What is cited here", "", *lines]) if lines else ""


def page() -> str:
    """The page of all sources."""
    lines = [f"{source.line()} ({', '.join(source.notebooks)})" for source in sources()]
    return "\n".join([HEAD, *lines, ""])


if __name__ == "__main__":  # `python -m autograder.authoring.build.sources` writes the page anew
    PAGE.write_text(page(), encoding="utf-8")
