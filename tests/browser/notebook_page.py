"""One notebook in JupyterLab's window, and what a reader does with it. Nothing is asserted here."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

from playwright.sync_api import Locator, Page

# Seconds. A notebook's cells take up to a minute on a quiet machine, and a test may not have one.
OPEN, RUN, DRAW = 120, 400, 60
TIMEOUT = OPEN + RUN + 2 * DRAW  # of a test that opens a notebook

READY = """() => {
  const panel = window.jupyterapp?.shell?.currentWidget;
  return Boolean(panel?.context?.isReady && panel.sessionContext?.isReady
    && panel.sessionContext.session?.kernel?.status === 'idle');
}"""
# Resolves when the last cell has run, or one has failed; then what the cells are is read off.
_RUN = """() => {
  window.ran = false;
  jupyterapp.commands.execute('notebook:run-all-cells').finally(() => { window.ran = true; });
}"""
_CELLS = """() => jupyterapp.shell.currentWidget.content.widgets.map(widget => {
  const cell = widget.model.toJSON();
  return {
    id: cell.id, kind: cell.cell_type, source: cell.source, ran: cell.execution_count != null,
    errors: (cell.outputs || []).filter(output => output.output_type === 'error')
      .map(output => `${output.ename}: ${output.evalue}`),
  };
})"""
# What its pictures hold, as text: another picture is another text.
_PICTURES = """box => [...box.querySelectorAll('img:not([hidden]), canvas')]
  .map(drawn => drawn.src || drawn.toDataURL()).join()"""
_CHANGED = f"([box, before]) => {{ const now = ({_PICTURES})(box); return now && now !== before; }}"

# Gives whether the file is trusted, once it is drawn.
_WITHOUT_KERNEL = """async name => {
  const opened = await jupyterapp.commands.execute('docmanager:open', {
    path: name, factory: 'Notebook', kernel: {shouldStart: false, autoStartDefault: false},
  });
  await opened.context.ready;
  await opened.revealed;
  if (opened.sessionContext.session?.kernel) throw new Error('A kernel was started.');
  return [...opened.content.model.cells].filter(cell => cell.type === 'code')
    .every(cell => cell.trusted);
}"""


def open_without_kernel(page: Page, address: str, path: Path) -> bool:
    """Open a file in the served folder as it was saved; whether JupyterLab trusts it."""
    page.goto(f"{address}/lab/workspaces/{path.stem}")
    page.wait_for_function("() => window.jupyterapp?.commands.hasCommand('docmanager:open')")
    return page.evaluate(_WITHOUT_KERNEL, path.name)


class Notebook:
    """A notebook that has been opened and run from top to bottom."""

    def __init__(self, page: Page, address: str, path: Path):
        """Open `path`, a file in the served folder, and run all its cells.

        Raises playwright's TimeoutError when it is not ready, or not done, in time.
        """
        self.page = page
        # A workspace of its own: JupyterLab opens again what was open when it was left.
        page.goto(f"{address}/lab/workspaces/{path.stem}/tree/{quote(path.name)}")
        page.wait_for_function(READY, timeout=OPEN * 1000)
        page.evaluate(_RUN)
        page.wait_for_function("() => window.ran", timeout=RUN * 1000)
        self.cells: list[dict] = page.evaluate(_CELLS)

    def errors(self) -> dict[str, list[str]]:
        """What failed, by cell."""
        return {cell["id"]: cell["errors"] for cell in self.cells if cell["errors"]}

    def not_run(self) -> list[str]:
        """The code cells that were not reached."""
        code = (cell for cell in self.cells if cell["kind"] == "code" and cell["source"].strip())
        return [cell["id"] for cell in code if not cell["ran"]]

    def cell(self, identity: str) -> Locator:
        """A cell in the page, by its id. Raises StopIteration when there is none."""
        return self.page.locator(".jp-Notebook .jp-Cell").nth(
            next(i for i, cell in enumerate(self.cells) if cell["id"] == identity)
        )

    def explorers(self) -> Locator:
        return self.page.locator(".jp-Notebook .course-explorer")

    def pictures(self, box: Locator) -> str:
        """What is drawn in an explorer, once something is."""
        self.page.wait_for_function(
            _CHANGED, arg=[box.element_handle(), ""], timeout=DRAW * 1000
        )
        return box.evaluate(_PICTURES)

    def wait_for_another_picture(self, box: Locator, before: str) -> None:
        """Raises playwright's TimeoutError when it stays the same."""
        self.page.wait_for_function(
            _CHANGED, arg=[box.element_handle(), before], timeout=DRAW * 1000
        )

    def save(self) -> None:
        self.page.evaluate("() => jupyterapp.shell.currentWidget.context.save()")

    def shut_down(self) -> None:
        """End its kernel: the next notebook needs the memory."""
        self.page.evaluate("() => jupyterapp.shell.currentWidget?.sessionContext?.shutdown()")
