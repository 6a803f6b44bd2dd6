"""The site's first screen: what the course is, wrong programs with what the check really says of
them, and three ways in. The verdicts are made anew each time the site is; the theme is Sphinx's."""

from __future__ import annotations

import html
from dataclasses import dataclass

import numpy as np

from autograder import grade
from autograder.exercise import Question
from autograder.exercises import find
from autograder.learning.catalogue import exercises


@dataclass(frozen=True)
class Example:
    """A wrong program, and the mistake that the check names."""

    title: str
    exercise: str
    mistake: str
    code: str


EXAMPLES = (
    Example(
        "How far does an output see?", "receptive_field", "strides_added",
        """\
def receptive_field(layers):
    size = jump = 1
    for kernel, stride, *rest in layers:
        dilation = rest[0] if rest else 1
        size += dilation * (kernel - 1) * jump
        jump += stride - 1
    return size, jump
""",
    ),
    Example(
        "Batch normalization, as torch has it", "batchnorm_forward", "momentum_is_share_of_new",
        """\
def batchnorm_forward(x, gamma, beta, bn_param):
    eps, momentum = bn_param.get("eps", 1e-5), bn_param.get("momentum", 0.9)
    zeros = np.zeros(x.shape[1], dtype=x.dtype)
    mean = bn_param.get("running_mean", zeros)
    var = bn_param.get("running_var", zeros)
    if bn_param["mode"] == "train":
        old_mean, old_var = mean, var
        mean, var = x.mean(axis=0), x.var(axis=0)
        bn_param["running_mean"] = (1 - momentum) * old_mean + momentum * mean
        bn_param["running_var"] = (1 - momentum) * old_var + momentum * var
    xhat = (x - mean) / np.sqrt(var + eps)
    return gamma * xhat + beta, None
""",
    ),
    Example(
        "How much of a ReLU layer is dead?", "dead_fraction", "share_of_zeros",
        """\
def dead_fraction(activations):
    outputs = np.concatenate(activations)
    return np.mean(outputs == 0)
""",
    ),
)  # fmt: skip

PATHS = (
    ("Learn", "docs/learners.html", "make lab",
     "Work on the notebooks on your own machine, on Colab or on your school's hub."),
    ("Teach", "docs/adopting.html", "make demo",
     "Take one notebook or all: a class graded in a sandbox, slides, rubrics, your IT."),
    ("Work on it", "docs/authors.html", "make test",
     "Add an exercise, or a name for a mistake that your students make."),
)  # fmt: skip


def verdict(example: Example):
    """What the check says of an example."""
    namespace = {"np": np}
    exec(example.code, namespace)
    return grade(example.exercise, namespace)


def front() -> str:
    """The first screen as HTML."""
    return "\n".join([
        '<div class="front">', _what(), _examples(), "</div>", _paths(), SEARCH,
    ])  # fmt: skip


def _what() -> str:
    kinds = [find(listed.name) for listed in exercises()]
    asked = sum(issubclass(kind, Question) for kind in kinds)
    mistakes = sum(len(kind.mistakes()) for kind in kinds)
    notebooks = len({kind.notebook for kind in kinds} - {None})
    return f"""\
<div class="front-what">
<p class="front-lead">You write the pieces of a convolutional network yourself, in numpy and
PyTorch. A check runs each of them, and where one is wrong it says <strong>which mistake was
made</strong>.</p>
<ul>
<li>{notebooks} notebooks with {len(kinds) - asked} exercises and {asked} questions</li>
<li>{mistakes // 100 * 100:,} mistakes that have a name</li>
<li>No GPU, and after the set-up no network</li>
<li>The same checks grade a whole class in a sandbox</li>
</ul>
</div>"""


def _examples() -> str:
    shown = []
    for number, example in enumerate(EXAMPLES):
        said = verdict(example)._repr_mimebundle_()["text/html"]
        shown.append(
            f'<details name="front-example"{" open" if number == 0 else ""}>'
            f"<summary>{html.escape(example.title)}</summary>"
            f'<pre tabindex="0">{html.escape(example.code)}</pre>{said}</details>'
        )
    return (
        '<div class="front-examples"><p class="front-caption">Wrong programs, and what the check '
        f"says of each:</p>{''.join(shown)}</div>"
    )


def _paths() -> str:
    cards = "".join(
        f'<a class="front-path" href="{page}"><strong>{html.escape(name)}</strong>'
        f"<span>{html.escape(text)}</span><code>{command}</code></a>"
        for name, page, command, text in PATHS
    )
    return f'<nav class="front-paths" aria-label="Ways in">{cards}</nav>'


SEARCH = """\
<form class="front-search" action="search.html" role="search">
<label for="front-q">Search notebooks and guides</label>
<input type="search" id="front-q" name="q" autocomplete="off"> <button type="submit">Search</button>
</form>"""
