"""What learners' processes have imported before they begin, by what an assignment's cells say: what
is left out costs a submission that wants it a second, what is taken in costs the whole run one."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path

from autograder.grading.sandbox.runner import PRELOAD

OURS = r"\bautograder\b|\bcourse_utils\b"
# Module of PRELOAD → what in a cell, or beside an exercise that it checks, asks for it; the others
# are always there. torch imports torch._dynamo when an optimizer steps or products are counted.
ASKED = {
    "torch": rf"\btorch|{OURS}",
    "torch.nn.functional": rf"\btorch|{OURS}",
    "torch._dynamo": r"\boptim\b|\bfit\(",
    "torch.utils.flop_counter": r"\bcapstone\.cost\(",
    # What torch imports to compare a gradient's shape with that of the output it belongs to.
    "torch.fx.experimental.symbolic_shapes": r"\bcourse_utils import\b.*\blayers\b",
    "course_utils": OURS,
    "ipywidgets": r"\bipywidgets\b",
    "sklearn.datasets": r"\bsklearn\b|\bdigits\(|\bsmall_pictures\b",
    "pandas": r"\bpandas\b",
}


def wanted(notebooks: Iterable[Path], skip: Iterable[str] = ()) -> tuple[str, ...]:
    """The modules of PRELOAD that the code cells of notebooks' files ask for, those with one of the
    tags `skip` left out. All of them where a file cannot be read."""
    from autograder.exercises import rooms_of

    try:
        cells = [cell for path in notebooks for cell in _code(path, {"experiment", *skip})]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return PRELOAD
    text = "\n".join(cells)
    named = set(re.findall(r"""\bcheck\(\s*["']?(\w+)""", text))
    rooms = {room for name in named for room in rooms_of(name)}
    return asked_for("\n".join([text, *rooms]))


def asked_for(text: str) -> tuple[str, ...]:
    """The modules of PRELOAD that a text of code asks for."""
    return tuple(n for n in PRELOAD if n not in ASKED or re.search(ASKED[n], text))


def of_both(sources) -> tuple[str, ...]:
    """What judging will import too: references step optimizers where the cells speak of them."""
    text = "\n".join(cell["source"] for source in sources for cell in source.cells)
    return ("torch._dynamo",) if re.search(r"\boptim\b", text) else ()


def _code(path: Path, skip: set[str]) -> list[str]:
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return [
        "".join(cell["source"])
        for cell in cells
        if cell["cell_type"] == "code" and skip.isdisjoint(cell["metadata"].get("tags", ()))
    ]
