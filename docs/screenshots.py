"""`make screenshots`: takes the pictures of docs/images from the running course, light and small.

Each is what a reader would see: JupyterLab on notebook 06 with one mistake in it, and the class of
`course demo`. None shows the code of a solution. The server and the window are those of the
browser tests.
"""

from __future__ import annotations

import io
import shutil
import sys
import tempfile
from pathlib import Path

from autograder.authoring.build import masters

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tests" / "browser")]

IMAGES = ROOT / "docs" / "images"
LARGEST = 150_000  # bytes of one picture
WINDOW = {"width": 1000, "height": 760}
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")

NOTEBOOK = "06_batchnorm"
WRONG = "batchnorm_forward"
SOLVED = ("bn_dxhat", "bn_dvar")
MISTAKEN = "rosa"  # of the demonstration's samples: momentum the other way round
STUDENTS = ("ada", "emmy", "sofia", "alan", MISTAKEN, "john", "hedy")


def main() -> int:
    """Take all pictures; 1 with a sentence where there is no browser."""
    from playwright.sync_api import sync_playwright

    browser = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if browser is None:
        print(f"make screenshots needs a browser, one of: {', '.join(CHROMIUM)}.", file=sys.stderr)
        return 1
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="course-pictures-") as folder, sync_playwright() as p:
        chromium = p.chromium.launch(
            executable_path=browser, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        window = chromium.new_context(
            viewport=WINDOW, color_scheme="light", device_scale_factor=1.25
        )
        of_the_notebook(window.new_page(), Path(folder) / "learner")
        of_the_class(window.new_page(), Path(folder) / "class")
        chromium.close()
    return 0


# A learner's notebook.


def of_the_notebook(page, folder: Path) -> None:
    """verdict.png, explorer.png and progress.png."""
    from lab_server import lab
    from notebook_page import Notebook

    notebooks, own = folder / "notebooks", folder / "own"
    notebooks.mkdir(parents=True)
    own.mkdir()
    path = _worked_in(notebooks)
    progress = str(notebooks / ".progress.json")
    with lab(notebooks, own, COURSE_QUICK="1", COURSE_PROGRESS=progress) as address:
        opened = Notebook(page, address, path)
        page.evaluate("() => jupyterapp.commands.execute('application:toggle-left-area')")
        verdict = opened.cell(f"check_{WRONG}").locator(".course-verdict")
        verdict.wait_for()
        page.wait_for_timeout(500)  # its side bar slides away
        _shoot(page, "verdict", _bottom_at(page, verdict, above=84))
        box = opened.explorers().first
        opened.pictures(box)
        _shoot(page, "explorer", _bottom_at(page, box, above=0))
        panel = page.locator(".course-progress").last
        _shoot(page, "progress", _top_at(page, panel, height=480))
        opened.shut_down()


def _worked_in(folder: Path) -> Path:
    """A copy of the notebook in which somebody has made one mistake and done two exercises."""
    import nbformat

    from autograder.authoring.build.notebooks import learners_notebook, teachers_notebook
    from autograder.grading.demo.samples import SAMPLES, sources

    (sample,) = (sample for sample in SAMPLES if sample.id == MISTAKEN)
    master = masters.load(NOTEBOOK)
    written = sources(sample, master)
    notebook = learners_notebook(teachers_notebook(master))
    for cell in notebook.cells:
        if cell.id in (WRONG, *SOLVED):
            cell.source = written[cell.id]
    path = folder / f"{NOTEBOOK}.ipynb"
    nbformat.write(notebook, path)
    return path


# A class.


def of_the_class(page, folder: Path) -> None:
    """formgrader.png and feedback.png, of the class that `course demo` makes."""
    from lab_server import lab
    from rich.console import Console

    from autograder.grading.demo.demo import demonstrate
    from autograder.grading.demo.samples import SAMPLES

    samples = [sample for sample in SAMPLES if sample.id in STUDENTS]
    lines = demonstrate(folder, NOTEBOOK, samples, Console(quiet=True), by_stock=False)
    own = folder.parent / "own"
    own.mkdir()
    with lab(folder, own) as address:
        page.goto(f"{address}/formgrader/manage_submissions/{NOTEBOOK}")
        page.locator("table tbody tr").nth(len(lines) - 1).wait_for()
        _shoot(page, "formgrader", _top_at(page, page.locator("body"), height=620))
    feedback = folder / "feedback" / MISTAKEN / NOTEBOOK / f"{NOTEBOOK}.html"
    page.goto(feedback.as_uri())
    told = page.locator(".course-verdict", has_text="✗ Not yet").first
    told.wait_for()
    _shoot(page, "feedback", _bottom_at(page, told, above=182))


# Pictures.


def _bottom_at(page, element, above: int) -> dict:
    """The part of the window with an element at its foot and `above` pixels over it."""
    element.evaluate("e => e.scrollIntoView({block: 'end'})")
    box = element.bounding_box()
    top = max(0, box["y"] - above)
    bottom = min(WINDOW["height"], box["y"] + box["height"] + 2)
    return {**_column(page), "y": top, "height": bottom - top}


def _top_at(page, element, height: int) -> dict:
    """The part of the window with an element at its top, `height` pixels of it."""
    element.evaluate("e => e.scrollIntoView({block: 'start'})")
    top = max(0, element.bounding_box()["y"] - 8)
    return {**_column(page), "y": top, "height": min(height, WINDOW["height"] - top)}


def _column(page) -> dict:
    """The notebook's own column of the window, without JupyterLab's bars; else all of it."""
    column = page.locator(".jp-Notebook")
    box = column.bounding_box() if column.count() else {"x": 0, "width": WINDOW["width"]}
    return {"x": box["x"], "width": box["width"]}


def _shoot(page, name: str, clip: dict) -> None:
    """Save a part of the window as a small PNG. Raises ValueError when it is too large a file."""
    from PIL import Image

    page.mouse.move(0, 0)
    taken = Image.open(io.BytesIO(page.screenshot(clip=clip))).convert("RGB")
    out = io.BytesIO()
    # 128 colours are enough for text and plots, and a third of the size.
    taken.quantize(128, dither=Image.Dither.NONE).save(out, format="png", optimize=True)
    if len(out.getvalue()) > LARGEST:
        raise ValueError(f"{name}.png has {len(out.getvalue())} bytes; show less of the window.")
    (IMAGES / f"{name}.png").write_bytes(out.getvalue())
    print(f"docs/images/{name}.png: {taken.width} × {taken.height}, {len(out.getvalue())} bytes")


if __name__ == "__main__":
    sys.exit(main())
