"""Whether a text that the learner reads gives the solution's code away. Looks at tokens only."""

from __future__ import annotations

import functools
import io
import re
import tokenize

from autograder.authoring.verify.mutants import BEGIN, END

# A right-hand side this long is an idea of its own; a shorter one (`x - mean`, `gamma * x_hat +
# beta`) is the formula that the notebook states anyway.
WHOLE = 6
# Any run this long is code, whatever statement it is cut from.
RUN = 8
_MARKS = str.maketrans({"·": "*", "×": "*", "−": "-", "–": "-", "÷": "/", "≥": " >= ", "≤": " <= ",
                        "γ": "gamma", "β": "beta", "α": "alpha", "ε": "eps", "μ": "mu",
                        "σ": "sigma", "λ": "lam", "²": "**2", "√": "sqrt "})  # fmt: skip
_TOKEN = re.compile(r"[A-Za-z_]\w*|\d+(?:\.\d*)?(?:[eE][-+]?\d+)?|\*\*|//|[<>=!]=|[-+*/%@<>&|^~=]")
_SILENT = {"np", "torch", "numpy", "self", "return", "`"}


def gives_away(source: str, text: str | None) -> str | None:
    """The piece of the solution that stands in `text`, or None.

    Parentheses, commas, dots, spaces and the names of libraries do not count, so that code in
    another dress is still found. It is given away when `text` contains the whole right side of a
    statement of at least WHOLE such tokens, or RUN of its tokens in a row.
    """
    said = _spaced(text or "")
    return next((run for run in _runs(source) if f" {run} " in said), None)


@functools.lru_cache(maxsize=1024)  # a kit's texts are held against every solution
def _spaced(text: str) -> str:
    return f" {' '.join(tokens(text))} "


@functools.lru_cache(maxsize=1024)
def _runs(source: str) -> tuple[str, ...]:
    """What must not stand in a text, each with a space between its tokens."""
    runs = []
    for statement in statements(source):
        right = re.split(r"(?<![=!<>])=(?!=)", statement, maxsplit=1)[-1]
        whole, all_of_it = tokens(right), tokens(statement)
        runs += [whole] if len(whole) >= WHOLE else []
        runs += [all_of_it[i : i + RUN] for i in range(len(all_of_it) - RUN + 1)]
    return tuple(map(" ".join, runs))


def tokens(text: str) -> list[str]:
    """Names, numbers and operators, in order."""
    return [t for t in _TOKEN.findall(text.translate(_MARKS)) if t not in _SILENT]


def statements(source: str) -> list[str]:
    """The statements that the learner has to write, each on one line, without comments."""
    if BEGIN in source and END in source:
        source = source.split(BEGIN, 1)[1].split(END, 1)[0]
    found, line = [], []
    for token in tokenize.generate_tokens(io.StringIO(_dedented(source)).readline):
        if token.type in (tokenize.NEWLINE, tokenize.ENDMARKER):
            found.append(" ".join(line))
            line = []
        elif token.type not in (tokenize.COMMENT, tokenize.NL, tokenize.INDENT, tokenize.DEDENT):
            line.append(token.string)
    return [statement for statement in found if statement]


def _dedented(source: str) -> str:
    """The lines under a `def` of their own, so that indented ones can be read alone."""
    return "if True:\n" + "\n".join("  " + line for line in source.splitlines()) + "\n"
