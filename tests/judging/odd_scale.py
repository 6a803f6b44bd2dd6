"""Small exercises with a mistake or two, and a learner's code for them, for tests of the judge."""

import linecache
import textwrap

import numpy as np

from autograder import grade
from autograder.exercise import Case, Exercise, Question, mistake, near, raises


class odd_scale(Exercise):
    """Rows scaled by a weight each, and their total."""

    signature = "odd_scale(x, w) -> out, total"

    def cases(self, rng):
        yield Case("a batch", 2, x=rng.normal(size=(4, 3)), w=rng.uniform(1.5, 3, 3))
        yield Case("one row", 1, x=rng.normal(size=(1, 5)), w=rng.uniform(1.5, 3, 5))
        yield Case("all negative", 1, x=-rng.uniform(1, 2, (3, 2)), w=rng.uniform(1.5, 3, 2))

    def observe(self, code, x, w):
        out, total = code.odd_scale(x, w)
        return {"out": out, "total": total}

    def reference(self, x, w):
        return {"out": np.einsum("nd,d->nd", x, w), "total": near((x @ w).sum(), rtol=1e-6, atol=0)}

    @mistake
    def weight_left_out(self, right, x, w):
        """Every column has its own weight; yours leaves the columns as they are."""
        return {"out": x}

    @mistake
    def total_of_positives(self, right, x, w):
        """The total is over all values, the negative ones too."""
        return {"total": np.maximum(right["out"], 0).sum()}

    @mistake
    def one_row_indexed_away(self, right, x, w):
        """A batch may have a single row: yours asks for a second one."""
        return {"out": raises("IndexError"), "total": raises("IndexError")} if len(x) == 1 else {}


class odd_scale_backward(Exercise):
    """The gradient of odd_scale's out."""

    signature = "odd_scale_backward(dout, w) -> dx, dw"
    needs = ("odd_scale",)

    def cases(self, rng):
        yield Case("a batch", 1, x=rng.normal(size=(4, 3)), w=rng.uniform(1, 2, 3))

    def observe(self, code, x, w):
        out, _ = code.odd_scale(x, w)
        dx, dw = code.odd_scale_backward(np.ones_like(out), w)
        return {"dx": dx}

    def reference(self, x, w):
        return {"dx": np.broadcast_to(w, x.shape)}


class odd_draw(Exercise):
    """A value drawn from the generator that is passed in."""

    signature = "odd_draw(seed)"

    def cases(self, rng):
        yield Case("a draw", 1, seed=3)

    def observe(self, code, seed):
        return {"out": code.odd_draw(seed)}

    def reference(self, seed):
        return {"out": 3.0}


class odd_quiet(odd_draw):
    """The same, where a warning is a finding."""

    signature = "odd_quiet(seed)"
    warning_free = True

    def observe(self, code, seed):
        return {"out": code.odd_quiet(seed)}


class q_odd_share(Question):
    """A number asked for."""

    def cases(self, rng):
        yield Case("answer", 1, n=8)

    def text(self, n):
        return f"What share of {n} is 2?"

    def reference(self, n):
        return {"answer": near(2 / n, rtol=1e-3, atol=0)}

    @mistake
    def upside_down(self, right, n):
        """That is how often 2 fits into it."""
        return {"answer": n / 2}


RIGHT = """
import numpy as np

def odd_scale(x, w):
    out = x * w
    return out, out.sum()
"""


def learner(source):
    """The namespace that a notebook with this code in a cell would have."""
    source = textwrap.dedent(source)
    file = f"<cell {abs(hash(source))}>"
    linecache.cache[file] = len(source), None, source.splitlines(keepends=True), file
    scope = {"__name__": "__main__"}
    exec(compile(source, file, "exec"), scope)
    return scope


def verdict_on(body, name="odd_scale"):
    """The verdict where the learner's function has this body after right code for the rest."""
    parameters = {"odd_scale": "x, w", "odd_draw": "seed", "odd_quiet": "seed"}[name]
    body = textwrap.indent(textwrap.dedent(body).strip(), "    ")
    return grade(name, learner(f"import numpy as np\n\ndef {name}({parameters}):\n{body}\n"))
