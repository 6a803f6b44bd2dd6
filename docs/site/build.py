"""`make site`: the solved course and its guides as pages that need no network and no server.

    make site                    all notebooks at full length
    make site QUICK=1            experiments shortened
    make site NN=06              one notebook, beside the guides
    python docs/site/build.py --slides 06     its slides alone, build/site/slides/06_batchnorm.html

Executing is `solved`'s, a notebook's page is `pages`'; this puts them together and calls Sphinx.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import time
from pathlib import Path

import click
import front
import mathjax
import pages
import slides
import solved
import teaching
from reachable import reachable

from autograder.authoring.build.masters import SOURCE, load
from autograder.authoring.build.notebooks import chosen
from autograder.authoring.build.publishing import published
from autograder.authoring.build.quizzes import quiz_called
from autograder.paths import CHECKOUT

HERE = Path(__file__).resolve().parent
DOCS = HERE.parent
GLOSSARY = "glossary.md"  # beside the notebooks, which lead to it
# In the order in which a reader meets them; guides that are not named here follow.
FIRST = ("learners", "adopting", "evidence", "instructors", "marks", "grading-at-scale", "it",
         "pilot", "authors", "architecture")  # fmt: skip


def main(arguments: list[str] | None = None) -> int:
    """Make the site; 0 when it is there, 1 with a sentence when something stands in its way."""
    asked = _parser().parse_args(arguments)
    root = asked.into.resolve()
    if asked.slides:
        return _slides_alone(asked, root)
    try:
        import sphinx.cmd.build

        # A page of a test before or after the course would be an answer sheet.
        found = [p for p in chosen(SOURCE, tuple(asked.notebooks)) if not quiz_called(p.stem)]
        script = mathjax.fetch(root)
        source = _source(root, script)
        for path in found:
            _page(load(path), root, source, asked.quick, frozenset(p.stem for p in found))
    except ModuleNotFoundError as missing:
        print(f"make site needs {missing.name}: pip install -c constraints.txt -e '.[site]'",
              file=sys.stderr)  # fmt: skip
        return 1
    except click.ClickException as reason:  # no such notebook, or a master that cannot be read
        print(reason.format_message(), file=sys.stderr)
        return 1
    except (solved.NotebookFailed, mathjax.MathJaxMissing, slides.NoSuchSection) as reason:
        print(reason, file=sys.stderr)
        return 1
    _index(source, asked.quick)
    html = root / "html"
    shutil.rmtree(html, ignore_errors=True)
    # A link that leads nowhere is a failure, not a line in a log.
    failed = sphinx.cmd.build.main(
        ["-q", "-W", "--keep-going", "-d", str(root / "doctrees"), str(source), str(html)]
    )  # fmt: skip
    for page in html.rglob("*.html"):
        page.write_text(reachable(page.read_text(encoding="utf-8")), encoding="utf-8")
    if not failed:
        print(f"The site is in {html}; open {html / 'index.html'}")
    return int(bool(failed))


def _slides_alone(asked, root: Path) -> int:
    """Make slides without the site; 0 when they are there, 1 with a sentence."""
    try:
        found = [p for p in chosen(SOURCE, tuple(asked.notebooks)) if teaching.wanted(p.stem)]
        for path in found:
            notebook, _ = solved.executed(load(path), root / "executed", asked.quick)
            made = root / "slides" / f"{path.stem}.html"
            made.parent.mkdir(parents=True, exist_ok=True)
            made.write_text(slides.deck(notebook, path.stem, teaching.wanted(path.stem)), "utf-8")
            print(made, flush=True)
    except click.ClickException as reason:
        print(reason.format_message(), file=sys.stderr)
        return 1
    except (solved.NotebookFailed, slides.NoSuchSection) as reason:
        print(reason, file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="make site", description=__doc__.splitlines()[0])
    parser.add_argument("notebooks", nargs="*", metavar="NN", help="all of them by default")
    parser.add_argument("--quick", action="store_true", help="shorten experiments")
    parser.add_argument("--slides", action="store_true", help="only the slides, without the site")
    parser.add_argument("--into", type=Path, default=CHECKOUT / "build" / "site",
                        help="where it is made and what has run is kept")  # fmt: skip
    return parser


def _source(root: Path, script: Path) -> Path:
    """A fresh folder of what Sphinx reads: the guides, their pictures, the style."""
    source = root / "source"
    shutil.rmtree(source, ignore_errors=True)
    (source / "_static").mkdir(parents=True)
    (source / "notebooks").mkdir()
    (source / "_extra").mkdir()
    shutil.copyfile(script, source / "_static" / "mathjax.js")
    shutil.copyfile(HERE / "site.css", source / "_static" / "site.css")
    shutil.copyfile(HERE / "conf.py", source / "conf.py")
    shutil.copyfile(CHECKOUT / "notebooks" / GLOSSARY, source / "notebooks" / GLOSSARY)
    shutil.copytree(
        DOCS, source / "docs",
        ignore=shutil.ignore_patterns("site", "drafts", "*.py", "__pycache__"),
    )
    return source


def _page(master, root: Path, source: Path, quick: bool, all_pages: frozenset[str]) -> None:
    import nbformat

    begun = time.monotonic()
    notebook, has_run = solved.executed(master, root / "executed", quick)
    took = f"executed in {time.monotonic() - begun:.0f} s" if has_run else "unchanged"
    print(f"{master.name}: {took}", flush=True)
    where = published()
    colab = None
    if where["slug"]:
        colab = (
            f"https://colab.research.google.com/{where['slug']}/blob/{where['branch']}"
            f"/notebooks/{master.name}.ipynb"
        )
    made = pages.page(notebook, master.name, colab, all_pages)
    nbformat.write(made, source / "notebooks" / f"{master.name}.ipynb")
    teaching.put(notebook, master.name, source)


def _index(source: Path, quick: bool) -> None:
    names = {path.stem for path in (source / "docs").glob("*.md")}
    guides = [name for name in FIRST if name in names] + sorted(names - set(FIRST))
    about = (
        ":::{warning}\nThis copy was made quickly: experiments are shortened, and their numbers "
        "are not the course's. `make site` makes the whole of it.\n:::"
        if quick
        else ""
    )
    text = (HERE / "index.md").read_text(encoding="utf-8")
    text = text.format(
        front=front.front(), about=about, guides="\n".join(f"docs/{name}" for name in guides)
    )
    (source / "index.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
