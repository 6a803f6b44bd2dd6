"""Makes the archive that Gradescope wants for one assignment of a class, and reads it back.
What happens inside Gradescope is in `container`.

Gradescope's rules are those of its documentation, "Autograder Specifications": setup.sh runs once
as root to make an image; each submission is put into a container of that image, where
run_autograder reads /autograder/submission and writes /autograder/results/results.json.
"""

from __future__ import annotations

import base64
import io
import json
import zipfile
from dataclasses import asdict, dataclass
from pathlib import Path

import click

from autograder.grading.sandbox.job import SHIPPED

VISIBILITIES = ("visible", "after_due_date", "after_published", "hidden")
CONTENTS = "assignment.json"
COURSE = "course"
# Rooms of the authors, who are not there when a submission is graded.
LEFT_OUT = ("authoring", "authors", "answers", "__pycache__")
# What only authors use of the packages for teachers.
NOT_NEEDED = ("cosmic-ray", "jupytext")

SETUP = """\
#!/usr/bin/env bash
# Makes the image in which {assignment} is graded. Gradescope runs it once, as root.
set -euo pipefail
cd "${{COURSE_AUTOGRADER:-/autograder}}/source"
# Whoever is not root reads nothing here, for here are the checks with their hidden numbers.
chmod 700 .
apt-get update -qq
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq python3 python3-venv
python3 -c 'import sys; sys.exit(sys.version_info < (3, 10))' || {{
  echo "The course needs Python 3.10: choose the base image Ubuntu 22.04 or newer." >&2; exit 1; }}
python3 -m venv /opt/course-python
{index}/opt/course-python/bin/python -m pip install --quiet --disable-pip-version-check \\
  --no-cache-dir -c constraints.txt -r requirements.txt
# Every container starts from this image: what is compiled here is compiled for all of them.
/opt/course-python/bin/python -m compileall -q course
# What cannot be imported stops the building of the image, not the first submission.
/opt/course-python/bin/python -c 'import torch, nbgrader'
"""

RUN = """\
#!/usr/bin/env bash
# Grades one submission. Gradescope runs it as root, once in each container.
set -euo pipefail
root="${COURSE_AUTOGRADER:-/autograder}"
cd "$root/source/course"
export OMP_NUM_THREADS=1 PYTHONDONTWRITEBYTECODE=1
exec "${COURSE_PYTHON:-/opt/course-python/bin/python}" -m autograder.grading.gradescope.container \\
  --root "$root" "$@"
"""


@dataclass(frozen=True)
class Bundle:
    """What an archive says: assignment (`submitted.Assignment`), settings (`pipeline.Settings`),
    the most bytes that a file may have, and who sees the verdicts."""

    assignment: object
    settings: object
    size_limit: int
    visibility: str = "visible"


def of_class(folder: Path, assignment: str, visibility: str = "visible") -> Bundle:
    """The bundle of a class's released assignment. Raises ClickException."""
    from autograder.grading.classroom.configuration import load_config
    from autograder.grading.pipeline.gradebook import Book
    from autograder.grading.pipeline.one_submission import other_language
    from autograder.grading.pipeline.run import settings_for

    config = load_config(folder)
    book = Book(folder, config, assignment, lambda said: click.echo(said, err=True), 60.0)
    try:
        released = book.assignment()
        limit = book.coursedir.max_file_size * 1000
    finally:
        book.close()
    for source in released.sources:
        if language := other_language(source):
            raise click.ClickException(f"{source.name} is written in {language}, not in Python.")
    return Bundle(released, settings_for(config), limit, visibility)


def worth(bundle: Bundle) -> tuple[float, float]:
    """The points that are given by the autograder, and those given by hand."""
    machine = hand = 0.0
    for source in bundle.assignment.sources:
        for cell in source.cells:
            told = cell["metadata"]["nbgrader"]
            points = float(told.get("points") or 0)
            if told.get("task") or (told.get("grade") and told.get("solution")):
                hand += points
            elif told.get("grade"):
                machine += points
    return machine, hand


# The archive.


def archive(bundle: Bundle, extra_index_url: str | None = None) -> bytes:
    """The bytes of the zip: scripts, the assignment, and what is needed of the course."""
    from shlex import quote

    from autograder.paths import CHECKOUT

    index = f"export PIP_EXTRA_INDEX_URL={quote(extra_index_url)}\n" if extra_index_url else ""
    texts = {
        "setup.sh": SETUP.format(assignment=bundle.assignment.name, index=index),
        "run_autograder": RUN,
        CONTENTS: json.dumps(as_json(bundle), indent=1),
        "requirements.txt": "\n".join(requirements(CHECKOUT)) + "\n",
        "constraints.txt": (CHECKOUT / "constraints.txt").read_text(encoding="utf-8"),
    }
    contents = {name: text.encode() for name, text in texts.items()}
    for path in needed(CHECKOUT):
        contents[f"{COURSE}/{path.relative_to(CHECKOUT).as_posix()}"] = path.read_bytes()
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as file:
        for name in sorted(contents):
            # A fixed date: the same class and course make the same archive.
            entry = zipfile.ZipInfo(name, (2000, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            script = name in ("setup.sh", "run_autograder")
            entry.external_attr = (0o100755 if script else 0o100644) << 16
            file.writestr(entry, contents[name])
    return made.getvalue()


def needed(checkout: Path) -> list[Path]:
    """The files of the course without which a submission cannot be graded."""
    code = [*(checkout / "autograder").rglob("*"), *(checkout / "course_utils").rglob("*")]
    for shipped in ("README.md", *SHIPPED):
        code += (checkout / "data").glob(shipped)
    return sorted(
        path for path in code
        if path.is_file() and not set(path.relative_to(checkout).parts) & set(LEFT_OUT)
    )  # fmt: skip


def requirements(checkout: Path) -> list[str]:
    """What pip is to install, as pyproject.toml has it."""
    from autograder import toml_files  # where an image is at work, Python 3.10 has no reader

    project = toml_files.load(checkout / "pyproject.toml")["project"]
    teach = [
        line for line in project["optional-dependencies"]["teach"]
        if not line.startswith(NOT_NEEDED)
    ]  # fmt: skip
    kernel = [x for x in project["optional-dependencies"]["lab"] if x.startswith("ipykernel")]
    return [*project["dependencies"], *kernel, *teach]


# What it says, as JSON.


def as_json(bundle: Bundle) -> dict:
    """A bundle as JSON takes it; `from_json` gives it back."""
    assignment = bundle.assignment
    return {
        "name": assignment.name,
        "sources": [asdict(source) for source in assignment.sources],
        "files": {n: base64.b64encode(data).decode() for n, data in assignment.files.items()},
        "theirs": sorted(assignment.theirs),
        "settings": {**asdict(bundle.settings), "data_paths": []},
        "size_limit": bundle.size_limit,
        "visibility": bundle.visibility,
    }


def from_json(told: dict) -> Bundle:
    from autograder.grading.pipeline.handed_in.finding import Given
    from autograder.grading.pipeline.one_submission import Settings
    from autograder.grading.pipeline.sanitize import Source
    from autograder.grading.pipeline.submitted import Assignment
    from autograder.grading.sandbox.job import Limits

    sources = tuple(
        Source(s["name"], tuple(s["cells"]), s["kernelspec"], tuple(
            Given(**{**g, "tags": tuple(g.get("tags", ()))})  # a bundle of earlier tells none
            for g in s["given"]
        ))
        for s in told["sources"]
    )
    files = {name: base64.b64decode(text) for name, text in told["files"].items()}
    settings = {
        name: tuple(tuple(v) if isinstance(v, list) else v for v in value)
        if isinstance(value, list) else value
        for name, value in told["settings"].items()
    }  # fmt: skip
    settings["limits"] = Limits(**settings["limits"])
    return Bundle(
        Assignment(told["name"], sources, files, frozenset(told["theirs"])),
        Settings(**settings), told["size_limit"], told["visibility"],
    )  # fmt: skip
