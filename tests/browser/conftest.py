"""The browser, JupyterLab, the window that a test looks at, and what is kept when it fails."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from lab_server import lab
from playwright.sync_api import Browser, Error, Page, expect, sync_playwright

ROOT = Path(__file__).resolve().parent.parent.parent
LEARNERS = sorted((ROOT / "notebooks").glob("[0-9][0-9]_*.ipynb"))
# Kept out of git by .gitignore, and emptied by each run.
ARTIFACTS = ROOT / "build" / "browser-failures"
# What Debian, Ubuntu and Google call it; `make test-browser` looks for the same names.
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
# The sandbox needs privileges that root in a container lacks; /dev/shm is small there.
ARGUMENTS = ["--no-sandbox", "--disable-dev-shm-usage"]
# A laptop's window.
WINDOW = {"width": 1280, "height": 900}
# Seconds that an assertion about the page waits for it to become true.
PATIENCE = 30


@dataclass
class Windows:
    """The one window that is open, and what its console said."""

    browser: Browser
    page: Page | None = None
    console: list[str] = field(default_factory=list)

    def open(self) -> Page:
        """A fresh window, with nothing kept from the one before, which is closed."""
        self.close()
        self.console = []
        self.page = self.browser.new_context(viewport=WINDOW).new_page()
        self.page.set_default_timeout(PATIENCE * 1000)
        self.page.on("console", lambda said: self.console.append(f"{said.type}: {said.text}"))
        self.page.on("pageerror", lambda error: self.console.append(f"uncaught: {error}"))
        return self.page

    def close(self) -> None:
        if self.page is not None:
            self.page.context.close()
            self.page = None

    def keep(self, name: str) -> str:
        """Save what there is to see; a sentence that says where."""
        if self.page is None:
            return "No window was open."
        ARTIFACTS.mkdir(parents=True, exist_ok=True)
        picture, console = (ARTIFACTS / f"{name}.{kind}" for kind in ("png", "console.txt"))
        console.write_text("\n".join(self.console) + "\n", encoding="utf-8")
        try:
            self.page.screenshot(path=picture, full_page=True)
        except Error as error:
            return f"The console is in {console}. There is no screenshot: {error}"
        return f"Screenshot: {picture}\nConsole: {console}"


OPEN = pytest.StashKey[Windows]()


@pytest.fixture(scope="session")
def windows(pytestconfig) -> Iterator[Windows]:
    executable = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if executable is None:
        pytest.fail(
            f"None of {', '.join(CHROMIUM)} is on PATH. Run 'make test-browser', which installs "
            "one for root; otherwise install it yourself: sudo apt install chromium"
        )
    shutil.rmtree(ARTIFACTS, ignore_errors=True)
    expect.set_options(timeout=PATIENCE * 1000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=ARGUMENTS)
        pytestconfig.stash[OPEN] = opened = Windows(browser)
        yield opened
        opened.close()
        browser.close()


@pytest.fixture(scope="session")
def server(tmp_path_factory) -> Iterator[tuple[str, Path]]:
    """JupyterLab on an empty folder; gives its address and the folder."""
    notebooks, own = tmp_path_factory.mktemp("notebooks"), tmp_path_factory.mktemp("jupyter")
    progress = str(notebooks / ".progress.json")
    with lab(notebooks, own, COURSE_QUICK="1", COURSE_PROGRESS=progress) as address:
        yield address, notebooks


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """A failure says where its screenshot and its console are."""
    report = yield
    if report.failed and call.when != "teardown" and (opened := item.config.stash.get(OPEN, None)):
        name = "".join(c if c.isalnum() or c in "-_" else "-" for c in item.name).strip("-")
        report.longrepr.addsection("What the browser showed", opened.keep(name))
    return report
