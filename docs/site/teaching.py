"""What helps to teach a notebook: its page in docs/teaching, at whose head stands which sections
have a slide, and the slides beside the site's pages. What a slide looks like is `slides`'."""

from __future__ import annotations

from pathlib import Path

import slides

PAGES = Path(__file__).resolve().parents[1] / "teaching"
# Between the page's title and its text, in the site only: elsewhere there are no slides beside it.
LINK = (
    '<p><a href="../../slides/{name}.html">Slides for ten minutes</a>, made from the notebook.</p>'
)


def wanted(name: str) -> list[str] | None:
    """The headings whose sections have a slide; None where the notebook has no teaching page."""
    import yaml

    path = PAGES / f"{name}.md"
    if not path.exists():
        return None
    _, head, _ = path.read_text(encoding="utf-8").split("---\n", 2)
    return [str(heading) for heading in yaml.safe_load(head)["slides"]]


def put(notebook, name: str, source: Path) -> Path | None:
    """Make a notebook's slides below `source`, from which Sphinx makes the site, and link them from
    its teaching page there; where they are, or None where it has no such page.

    Raises `slides.NoSuchSection`.
    """
    headings = wanted(name)
    if headings is None:
        return None
    path = source / "_extra" / "slides" / f"{name}.html"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(slides.deck(notebook, name, headings), encoding="utf-8")
    page = source / "docs" / "teaching" / f"{name}.md"
    if page.exists():
        title, _, rest = page.read_text(encoding="utf-8").partition("\n\n")
        page.write_text(f"{title}\n\n{LINK.format(name=name)}\n\n{rest}", encoding="utf-8")
    return path
