"""What nbgrader's own commands need to grade the course fairly: the steps that a class's
`nbgrader_config.py` puts between nbgrader's. They decide nothing about what is right.

A check's verdict is made in the learner's own process here, so a learner who forges one is
not found out; `course grade` judges outside of it.
"""

from __future__ import annotations

import html
import json
import os
import re
import sys
from pathlib import Path
from queue import Empty

from jupyter_client.kernelspec import NoSuchKernel
from jupyter_core.utils import ensure_async
from nbclient.exceptions import DeadKernelError
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell, new_output
from nbgrader import utils
from nbgrader.api import Gradebook
from nbgrader.preprocessors import Execute, NbGraderPreprocessor
from nbgrader.preprocessors.execute import UnresponsiveKernelError
from traitlets import List, Unicode

from autograder.grading.feedback import inert
from autograder.grading.pipeline import weights
from autograder.grading.pipeline.handed_in.skipped import run_all_the_same
from autograder.grading.pipeline.handed_in.times import usable_time, zone_of
from autograder.grading.pipeline.late_penalties import LatePenalties
from autograder.grading.pipeline.released import known_cells, place_for, without_hidden
from autograder.paths import CHECKOUT

NO_VERDICT = "NoVerdict"
INTERRUPTS, PATIENCE = 5, 2.0  # how often a cell is interrupted, and seconds between
ANSI = re.compile(r"\x1b\[[0-9;]*m")
IS_CHECK = re.compile(r"^from autograder import check\b", re.MULTILINE)


def prepare_environment(config=None) -> None:
    """Let kernels that nbgrader starts import the course, also when it is not installed beside
    them, and let nbgrader find the `alembic` it calls, also when its folder is not on PATH.

    `config` is the class's; pages of notebooks, formgrader's too, show nothing active by it. A
    class made earlier hands in none: it is then the configuration that is being read.
    """
    if config is None:
        reading = sys._getframe(1).f_globals.get("get_config")  # traitlets puts it there
        config = reading() if callable(reading) else None
    if config is not None:
        inert.configure(config)
    for variable, folder in (
        ("PYTHONPATH", str(CHECKOUT)),
        ("PATH", str(Path(sys.executable).parent)),
    ):
        places = os.environ.get(variable, "").split(os.pathsep)
        if folder not in places:
            os.environ[variable] = os.pathsep.join(filter(None, [*places, folder]))


def is_check(cell) -> bool:
    """Whether this cell is graded by the course's `check`; others follow nbgrader's rules."""
    return cell.cell_type == "code" and utils.is_grade(cell) and bool(IS_CHECK.search(cell.source))


class RestoreCells(NbGraderPreprocessor):
    """Before nbgrader's OverwriteCells: what a learner changed about cells that are not theirs.

    The flags, points and type of every cell of the assignment are set back, missing checks and
    graded answers are put back in their place, and a cell that claims to be graded and is not in
    the assignment is an ordinary cell again. Each repair is logged.
    """

    source = Unicode(
        "", help="The class's source folder: where a missing cell belongs is read there."
    ).tag(config=True)

    def preprocess(self, nb, resources):
        mine = resources["nbgrader"]
        # Colab keeps widgets in a form that stops every HTML export, so also feedback and
        # formgrader's page; a kernel that has ended makes nothing of them anyway.
        nb.metadata.pop("widgets", None)
        with Gradebook(mine["db_url"]) as gradebook:
            known = known_cells(gradebook.find_notebook(mine["notebook"], mine["assignment"]))
            # Here, for every class has this step, and nbgrader asks who was late at its end.
            self._take_times(gradebook, mine["assignment"], mine["student"])
        for cell in nb.cells:
            identity = cell.metadata.get("nbgrader", {}).get("grade_id")
            if identity is None:
                cell.metadata.pop("nbgrader", None)
                continue
            if identity not in known:
                self.log.warning("Cell '%s' is not part of the assignment", identity)
                del cell.metadata["nbgrader"]
                continue
            self._restore(cell, known[identity])
        self._only_one_of_each(nb.cells)
        here = {c.metadata.nbgrader.grade_id for c in nb.cells if "nbgrader" in c.metadata}
        order = self._order(mine["assignment"], mine["notebook"], known)
        for identity in order:
            right = known[identity]
            flags = right.metadata.nbgrader
            if identity in here or not (flags.grade or flags.locked):
                continue
            self.log.warning("Cell '%s' was missing and is put back", identity)
            nb.cells.insert(place_for(identity, nb.cells, order), right)
            here.add(identity)
        given = {
            "".join(c["source"]): tuple(c["metadata"].get("tags") or ())
            for c in self._cells(mine["assignment"], mine["notebook"])
        }
        tag = self.config.Execute.get("skip_cells_with_tag", "skip-execution")
        for said in run_all_the_same(nb.cells, given, (tag,)) if given else ():
            self.log.warning("%s", said)
        return nb, resources

    def _take_times(self, gradebook, assignment: str, student: str) -> None:
        """Until when this student may hand in, and when they did: nbgrader knows no extension that
        was given before there was a submission, and takes +0100 for a hundred seconds."""
        coursedir = getattr(getattr(self.parent, "parent", None), "coursedir", None)
        if coursedir is None:
            return
        submission = gradebook.find_submission(assignment, student)
        LatePenalties(Path(coursedir.root), self.config).extend(submission)
        folder = coursedir.format_path(coursedir.submitted_directory, student, assignment)
        told = Path(folder, "timestamp.txt")
        stamp = told.read_bytes() if told.is_file() else None
        submission.timestamp = usable_time(stamp, zone_of(self.config))
        gradebook.db.commit()

    def _restore(self, cell, right) -> None:
        identity = right.metadata.nbgrader.grade_id
        if cell.cell_type != right.cell_type:
            self.log.warning("Cell '%s' was made %s; it is %s", identity, cell.cell_type,
                             right.cell_type)  # fmt: skip
            source = cell.source
            cell.clear()
            cell.update(right)
            cell.source = source
        given, flags = cell.metadata.nbgrader, ("grade", "locked", "points", "solution", "task")
        if any(given.get(flag) != right.metadata.nbgrader.get(flag) for flag in flags):
            self.log.warning("Cell '%s': its settings are set back", identity)
        cell.metadata.nbgrader = NotebookNode(right.metadata.nbgrader)
        if cell.metadata.nbgrader.locked or cell.metadata.nbgrader.grade:
            cell.metadata.pop("tags", None)  # a tag can keep a cell from being run

    def _only_one_of_each(self, cells) -> None:
        """Of copies the last one counts, as for nbgrader; the others become ordinary cells."""
        seen = set()
        for cell in reversed(cells):
            identity = cell.metadata.get("nbgrader", {}).get("grade_id")
            if identity in seen:
                self.log.warning("Cell '%s' is there again; its last copy counts", identity)
                del cell.metadata["nbgrader"]
            elif identity:
                seen.add(identity)

    def _order(self, assignment, notebook, known) -> list[str]:
        """The assignment's cells in their order; those that the source does not tell come last."""
        cells = self._cells(assignment, notebook)
        names = [cell["metadata"].get("nbgrader", {}).get("grade_id") for cell in cells]
        told = [name for name in names if name in known]
        return told + sorted(set(known) - set(told))

    def _cells(self, assignment, notebook) -> list[dict]:
        """The cells of the class's source; none where it cannot be read."""
        path = Path(self.source, assignment, f"{notebook}.ipynb")
        try:
            cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
            return [cell for cell in cells if cell["metadata"] is not None and "source" in cell]
        except (OSError, ValueError, KeyError, TypeError):
            return []


class ExecuteToTheEnd(Execute):
    """nbgrader's Execute, but a kernel that dies or hangs costs only the cells that it does not
    reach, and a cell that runs out of time only itself.

    It takes its settings from `c.Execute` as that does.
    """

    async def _async_handle_timeout(self, timeout, cell=None):
        """Interrupt until the cell has really ended.

        nbclient interrupts once. A cell with two checks goes on with its second, and the next
        cell, or the whole notebook, is lost to waiting for it.
        """
        for _ in range(INTERRUPTS):
            await ensure_async(self.km.interrupt_kernel())
            try:
                while True:
                    reply = await ensure_async(self.kc.shell_channel.get_msg(timeout=PATIENCE))
                    if reply["msg_type"] == "execute_reply":
                        return {"content": {**self.error_on_timeout, "status": "error"}}
            except Empty:
                continue
        raise DeadKernelError(f"after {timeout} s a cell could not be interrupted")

    def preprocess(self, nb, resources, **kwargs):
        try:
            return super().preprocess(nb, resources, **kwargs)
        except (DeadKernelError, UnresponsiveKernelError) as error:
            self.log.warning("The kernel died: %s", error)
            nb.cells.insert(0, new_markdown_cell(
                "**This notebook could not be run to its end**: its Python process died or could "
                "not be interrupted, so checks behind that place have no result. Look for code "
                "that ends the process, takes all memory or catches every exception in a loop."
            ))  # fmt: skip
            return nb, resources
        except NoSuchKernel as error:
            raise RuntimeError(
                f"Jupyter has no kernel '{error.name}' here; install ipykernel beside nbgrader."
            ) from error


class OnlyVerdicts(NbGraderPreprocessor):
    """Between Execute and SaveAutoGrades: a check's cell earns what its verdict says, else nothing.

    nbgrader takes silence for full marks and any word on stderr for none. Here, in cells that
    call the course's `check`, a warning or a progress bar costs nothing, and only one verdict,
    on this cell's exercise and within its points, earns anything.
    """

    def preprocess_cell(self, cell, resources, index):
        if weights.is_given(cell):
            _give(cell)
            return cell, resources
        if not is_check(cell):
            return cell, resources
        for output in cell.outputs:
            if output.output_type == "stream":
                output.name = "stdout"
        results = [o for o in cell.outputs if o.output_type == "execute_result"]
        failed = any(o.output_type == "error" for o in cell.outputs)
        flags = cell.metadata.nbgrader
        available, most = weights.worth(cell, _exercise(flags)), float(flags.points)
        problem = why_no_verdict(results, flags, available)
        if problem and not failed:
            cell.outputs = [o for o in cell.outputs if o.output_type != "execute_result"]
            cell.outputs.append(new_output(
                "error", ename=NO_VERDICT, evalue=problem, traceback=[f"{NO_VERDICT}: {problem}"]
            ))  # fmt: skip
        elif not problem:
            data = results[0].data
            points = float(_text(data, "text/plain"))
            data["text/plain"] = str(weights.weighed(points, available, most))
            words = weights.in_words(points, available, most, everybody=False)
            data["text/html"] = _text(data, "text/html") + words
        return cell, resources


def _give(cell) -> None:
    """Let a cell earn all its points by nbgrader's rules, whatever came of it."""
    most, told, shown = float(cell.metadata.nbgrader.points), [], ""
    for output in cell.outputs:
        if output.output_type == "error":  # its words stay, and cost nothing
            told.append(new_output("stream", name="stdout", text="\n".join(output.traceback)))
        elif output.output_type == "execute_result":
            shown = shown or _text(output.data, "text/html")
        else:
            if output.output_type == "stream":
                output.name = "stdout"
            told.append(output)
    html = shown + weights.in_words(most, most, most, everybody=True)
    data = {"text/plain": str(most), "text/html": html}
    cell.outputs = [*told, new_output("execute_result", data, execution_count=cell.execution_count)]


def _exercise(nbgrader) -> str:
    return nbgrader["grade_id"].removeprefix("check_").removeprefix("quiz_")


def _text(data, kind: str) -> str:
    text = data.get(kind, "")
    return "".join(text) if isinstance(text, list) else str(text)


def why_no_verdict(results: list, nbgrader, available: float | None = None) -> str | None:
    """Why these results of a check's cell earn nothing, or None when they are one verdict.

    `available` are the points that the verdict can give, the cell's own where it is not said.
    """
    nothing = "This check gave no verdict, so it earns no points"
    if not results:
        return f"{nothing}. Did the notebook stop before it, or was `check` replaced?"
    if len(results) > 1:
        return f"{nothing}: it showed {len(results)} results where one belongs."
    data = results[0].get("data", {})
    text, shown = _text(data, "text/plain"), _text(data, "text/html")
    exercise = _exercise(nbgrader)
    if "class='course-verdict'" not in shown or f"<code>{exercise}</code>" not in shown:
        return f"{nothing}: what it showed is not a verdict on {exercise}."
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    most = float(nbgrader["points"]) if available is None else available
    # Written so that NaN is out of range.
    if not 0 <= value <= most:
        return f"{nothing}: {text[:40]} is not between 0 and {most:g} points."
    return None


class HideHiddenTests(NbGraderPreprocessor):
    """For feedback: takes the hidden tests and their seeds out of what a learner gets to read.

    Out of the cells' source, out of tracebacks that quote it, and out of anything that a
    learner's code has printed or shown.
    """

    # Every step of an HTML export is configured with it; without this line nbgrader warns.
    display_data_priority = List(Unicode()).tag(config=True)

    def preprocess(self, nb, resources):
        hidden = []
        for cell in nb.cells:
            if cell.cell_type == "code":
                cell.source, lines = without_hidden(cell.source)
                # Shorter lines, a bracket perhaps, stand in other code too and tell nothing.
                hidden += [line.strip() for line in lines if len(line.strip()) >= 8]
        if hidden:
            seeds = {n for line in hidden for n in re.findall(r"\bseed=(\d+)", line)}
            for cell in nb.cells:
                if cell.cell_type == "code":
                    cell.outputs = [_redact(output, hidden, seeds) for output in cell.outputs]
        return nb, resources


def _redact(value, hidden: list[str], seeds: set[str]):
    """The same output, with nothing of the hidden lines and seeds in its texts."""
    if isinstance(value, dict):
        for key in value:
            # A picture's letters spell no seed, and would not survive a change.
            if not str(key).startswith(("image/png", "image/jpeg")):
                value[key] = _redact(value[key], hidden, seeds)
        return value
    if isinstance(value, list):
        return [_redact(item, hidden, seeds) for item in value]
    if not isinstance(value, str):
        return value
    # Tracebacks colour the words they quote, so that a line is only found without its colours.
    lines = [
        line for line in value.split("\n")
        if "\x1b" not in line or not any(h in ANSI.sub("", line) for h in hidden)
    ]  # fmt: skip
    value = "\n".join(lines)
    for line in hidden:
        for form in (line, html.escape(line), html.escape(line, quote=False), repr(line)[1:-1]):
            value = value.replace(form, "(a hidden test)")
    for seed in seeds:
        value = value.replace(seed, "...")
    return value
