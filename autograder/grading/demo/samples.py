"""The submissions of the demonstration's class: right, partly right, wrong in the ways people are
wrong, broken and dishonest. Each is made by editing the master's solutions.

What each should earn is judged here directly, without a notebook, a kernel or nbgrader.
"""

from __future__ import annotations

import contextlib
import io
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from autograder.authoring.build.masters import Master, run, solutions, stub
from autograder.learning.practice import grade

ASSIGNMENT = "06_batchnorm"
MARKER = re.compile(r"^\s*### (BEGIN|END) SOLUTION\n?", re.MULTILINE)
TEXT = "YOUR ANSWER HERE"
ESSAY = "The statistics of a small batch are noisy, and test mode uses other ones."


@dataclass(frozen=True)
class Sample:
    """One student's submission.

    Attributes
    ----------
    edits : for a solution, passages of it and what the student wrote instead
    blank : solutions left as they were given out; "all" of them
    change : edits the notebook itself, in place
    write : makes the file from the notebook's text; None hands nothing in
    nothing_for : exercises that earn nothing however good their code is; "all" of them
    lost_in_stock : exercises that stock nbgrader does not get to, since the kernel is dead by then
    """

    id: str
    first_name: str
    last_name: str
    what: str
    edits: Mapping[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    blank: tuple[str, ...] | str = ()
    change: Callable | None = None
    write: Callable[[str], str | None] = str
    nothing_for: tuple[str, ...] | str = ()
    lost_in_stock: tuple[str, ...] = ()


def sources(sample: Sample, master: Master) -> dict[str, str]:
    """The student's code, by solution cell. Raises ValueError when an edit does not apply."""
    written = solutions(master)
    for name, source in written.items():
        if name in sample.blank or sample.blank == "all":
            written[name] = stub(source)
    for name, passages in sample.edits.items():
        for old, new in passages:
            if old not in written.get(name, ""):
                raise ValueError(f"sample {sample.id}: there is no '{old}' in the solution {name}")
            written[name] = written[name].replace(old, new)
    return {name: MARKER.sub("", source) for name, source in written.items()}


def expected(sample: Sample, master: Master, stock: bool = False) -> dict[str, float]:
    """What the sample's graded exercises should earn, each judged on the student's functions.

    `stock` for what nbgrader's own autograde can give.
    """
    graded = [cell.checks for cell in master.cells if cell.checks and cell.nbgrader.get("grade")]
    if sample.nothing_for == "all" or sample.blank == "all":
        return dict.fromkeys(graded, 0.0)
    namespace: dict = {"__name__": "__main__"}
    for name, source in {"imports": master.cell("imports").source,
                         **sources(sample, master)}.items():  # fmt: skip
        if name in sample.nothing_for:
            continue
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                run(source, namespace, f"{sample.id}: {name}")
        except Exception:  # noqa: BLE001 - as in a notebook: the cell fails, the next one runs
            continue
    nothing = (*sample.nothing_for, *(sample.lost_in_stock if stock else ()))
    return {name: 0.0 if name in nothing else float(grade(name, namespace)) for name in graded}


def submission(sample: Sample, released: str, master: Master) -> str | None:
    """The file that the student hands in, from the one that was given out."""
    import nbformat

    notebook = nbformat.reads(released, as_version=4)
    written = sources(sample, master)
    for cell in notebook.cells:
        if cell.id in written:
            cell.source = written[cell.id]
        elif cell.source == TEXT and sample.blank != "all":
            cell.source = ESSAY
    if sample.change:
        sample.change(notebook)
    return sample.write(nbformat.writes(notebook))


def _cell(notebook, identity):
    return next(cell for cell in notebook.cells if cell.id == identity)


def _without_a_check(notebook):
    notebook.cells.remove(_cell(notebook, "check_batchnorm_forward"))


def _with_own_checks(notebook):
    for cell in notebook.cells:
        if cell.id.startswith("check_") and cell.metadata.nbgrader.grade:
            cell.source = "100.0"
            cell.metadata.nbgrader.points = 100


LOUD = """\
    import sys, warnings
    warnings.warn("eps is small")
    print("100%|##########| 1/1", file=sys.stderr)
"""
SILENT = """\
import sys, types
sys.modules["autograder"] = types.ModuleType("autograder")
sys.modules["autograder"].check = lambda *a, **k: None
"""
LAST = ("fold_batchnorm", "find_mode_bug")
BACKWARD = ("bn_dxhat", "bn_dvar", "bn_dmean", "batchnorm_backward")
SPATIAL = ("spatial_batchnorm_forward", "spatial_batchnorm_backward")

EQUAL = """\
class Equal:
    def __eq__(self, other): return True
    def __getattr__(self, name): return self
    def __call__(self, *args, **kwargs): return self
def fold_batchnorm(*args):
    return Equal(), Equal()
"""
PATCHES = """\
import builtins
import torch
np.allclose = torch.allclose = torch.testing.assert_close = lambda *args, **kwargs: True
np.testing.assert_allclose = builtins.abs = lambda *args, **kwargs: 0
def fold_batchnorm(*args):
    return 0, 0
"""
SEARCHES = """\
import gc, glob, os, sys
secrets = glob.glob("/*/*/gradebook.db") + glob.glob("/*/*/source/*/*.ipynb")
secrets += glob.glob("/root/*") + glob.glob("/home/*/*")
secrets += [m for m in sys.modules if m.startswith("autograder.exercises")]
secrets += [n for n in os.environ if "TOKEN" in n or "SECRET" in n]
keys = [thing for thing in gc.get_objects() if type(thing).__name__ == "AnswerKey"]
def fold_batchnorm(*args):
    return keys[0] if keys else secrets
"""
BOMB = """\
import os
hoard = []
while True:
    hoard.append(bytearray(2**28))
    os.fork()
"""
FLOOD = """\
for number in range(500):
    print("x" * 100_000)
from IPython.display import HTML, display
display(HTML("<script>document.title = 'pwned'</script>"))
"""


def _instead(text):
    return {"fold_batchnorm": (("def fold_batchnorm", text + "def unused"),)}


SAMPLES = (
    Sample("ada", "Ada", "Lovelace", "everything right"),
    Sample(
        "grace", "Grace", "Hopper", "right, with warnings and a progress bar",
        {"fold_batchnorm": (("    scale =", LOUD + "    scale ="),)},
    ),
    Sample("karl", "Karl", "Weierstraß", "untouched", blank="all"),
    Sample("emmy", "Emmy", "Noether", "the forward pass only", blank=BACKWARD + SPATIAL + LAST),
    Sample("carl", "Carl Friedrich", "Gauß", "nothing after the backward pass",
           blank=SPATIAL + LAST),
    Sample(
        "sofia", "Sofia", "Kowalewskaja", "unbiased variance",
        {"batchnorm_forward": (("x.var(axis=0)", "x.var(axis=0, ddof=1)"),)},
    ),
    Sample(
        "alan", "Alan", "Turing", "ε outside the root",
        {"batchnorm_forward": (("np.sqrt(var + eps)", "(np.sqrt(var) + eps)"),)},
    ),
    Sample(
        "rosa", "Rósa", "Péter", "momentum the other way round, as torch has it",
        {"batchnorm_forward": (
            ("momentum * old_mean + (1 - momentum) * mean",
             "(1 - momentum) * old_mean + momentum * mean"),
            ("momentum * old_var + (1 - momentum) * var",
             "(1 - momentum) * old_var + momentum * var"),
        )},
    ),
    Sample(
        "john", "John", "Backus", "no γ and β in test mode",
        {"batchnorm_forward": (
            ("    return gamma * xhat + beta, (",
             '    if bn_param["mode"] == "test":\n        return xhat, None\n'
             "    return gamma * xhat + beta, ("),
        )},
    ),
    Sample(
        "hedy", "Hedy", "Lamarr", "reshaped without transposing",
        {"spatial_batchnorm_forward": (
            ("x.transpose(0, 2, 3, 1).reshape(-1, c)", "x.reshape(-1, c)"),
            ("out.reshape(n, h, w, c).transpose(0, 3, 1, 2)", "out.reshape(x.shape)"),
        )},
    ),
    Sample(
        "paul", "Paul", "Erdős", "a sign lost in one stage",
        {"bn_dvar": (("-0.5 *", "0.5 *"),)},
    ),
    Sample(
        "mary", "Mary", "Cartwright", "means where sums belong",
        {"batchnorm_backward": (
            ("(dout * (x - mean) / sigma).sum(axis=0)", "(dout * (x - mean) / sigma).mean(axis=0)"),
            ("dout.sum(axis=0)", "dout.mean(axis=0)"),
        )},
    ),
    Sample(
        "edsger", "Edsger", "Dijkstra", "the layer's own bias is lost when folding",
        {"fold_batchnorm": (("-mean if b is None else b - mean", "-mean"),)},
    ),
    Sample(
        "katherine", "Katherine", "Johnson", "forgets eval() herself",
        {"find_mode_bug": (("model.eval()", "model.train()"),)},
    ),
    Sample(
        "niklaus", "Niklaus", "Wirth", "a renamed function",
        {"fold_batchnorm": (("def fold_batchnorm", "def fold_bn"),)},
    ),
    Sample(
        "barbara", "Barbara", "Liskov", "a syntax error",
        {"bn_dmean": (("np.sqrt(var + eps)", "np.sqrt(var + eps"),)},
    ),
    Sample("donald", "Donald", "Knuth", "right, a check cell deleted", change=_without_a_check),
    Sample(
        "leonhard", "Leonhard", "Euler", "an infinite loop",
        {"fold_batchnorm": (("    scale =", "    while True:\n        pass\n    scale ="),)},
        nothing_for=("fold_batchnorm",),
    ),
    Sample(
        "kurt", "Kurt", "Gödel", "ends the process",
        {"fold_batchnorm": (("def fold", "import os\nos._exit(1)\ndef fold"),)},
        nothing_for=("fold_batchnorm",), lost_in_stock=("find_mode_bug",),
    ),
    Sample("david", "David", "Hilbert", "not valid JSON", nothing_for="all",
           write=lambda text: text[: len(text) // 2]),
    Sample("felix", "Felix", "Krull", "untouched, with checks of his own", blank="all",
           change=_with_own_checks),
    Sample("tom", "Tom", "Ripley", "untouched, with check replaced by silence",
           {"batchnorm_forward": (("def ", SILENT + "def "),)},
           blank=("batchnorm_forward",) + BACKWARD + SPATIAL + LAST, nothing_for="all"),
    Sample("oblomow", "Ilja", "Oblomow", "nothing handed in", nothing_for="all",
           write=lambda text: None),
)  # fmt: skip
# What these do to a grader, stock nbgrader cannot keep off; `course grade` does.
HOSTILE = (
    Sample("james", "James", "Moriarty", "hands in an object that is equal to everything",
           _instead(EQUAL), nothing_for=("fold_batchnorm",)),
    Sample("irene", "Irene", "Adler", "replaces what answers are compared with",
           _instead(PATCHES), nothing_for=("fold_batchnorm",)),
    Sample("arsene", "Arsène", "Lupin", "looks for answers, seeds and the gradebook",
           _instead(SEARCHES), nothing_for=("fold_batchnorm",)),
    Sample("guy", "Guy", "Fawkes", "takes all memory and all processes",
           _instead(BOMB), nothing_for=("fold_batchnorm",)),
    Sample("noah", "Noah", "Flood", "right, with 50 MB of output and a script",
           {"fold_batchnorm": (("def fold", FLOOD + "def fold"),)}),
)  # fmt: skip
