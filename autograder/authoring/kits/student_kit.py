"""Makes what students get: notebooks, `course_utils` and checks from answer keys. No exercise,
solution, reference or hidden seed is in it. What reads a kit is `learning.kit`."""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from dataclasses import asdict
from pathlib import Path
from urllib.parse import quote

import click

from autograder.paths import CHECKOUT

# Of the package, only what practice needs.
ROOMS = (
    "__init__", "__main__", "earlier_addresses", "exercise", "paths", "judging/*", "learning/*",
    *(f"commands/{name}" for name in ("__init__", "cli")),
    "commands/learners/*",
)  # fmt: skip
BUTTONS = "autograder/learning/answer_buttons"  # of questions, for JupyterLab and Notebook 7
COPIED = ("LICENSE", "LICENSE-TEXT", "constraints.txt", "notebooks/glossary.md")
DATA = ("*.pt", "*.md", "results/*.json", "results/*/*.json")
MARK = ".course-kit"
PYTHON = "3.11"  # what constraints.txt was tested with; for Binder and the devcontainer

README = """\
# Training CNNs: the finer details

Your notebooks are in `notebooks/`. You write functions; each has a check that says what is
right, what is off and why. The numbers a check uses here are for practice: your work is marked with
others.

## On your own machine

You need Python 3.10 or newer and about 2.5 GB of disk. In this folder:

```
python3 autograder/learning/install.py
.venv/bin/course lab
```

On Windows it is `py autograder\\learning\\install.py` and `.venv\\Scripts\\course lab`. With conda:
`conda env create -f environment.yml`, `conda activate training-cnns`, `course lab`.

On Linux without an NVIDIA card that takes PyTorch's small build, if PyTorch's own index answers;
`TORCH=cuda` before the command takes the usual one.

`course doctor` says what works and how to mend what does not. `course progress` shows where you
stand.
{online}
## What is in it

{listing}
"""

ONLINE = """
## Without installing anything

{links}
"""


def make(
    target: Path,
    masters: list[Path],
    *,
    hints: bool = True,
    released: Path | None = None,
    published: dict | None = None,
    hub: str | None = None,
) -> list[Path]:
    """Make a kit; gives the notebooks that were left alone because somebody worked in them.

    Parameters
    ----------
    target : the folder; made when it is missing
    masters : the notebooks' masters
    hints : whether `hint` has any
    released : a class whose released notebooks are taken instead
    published : `repository` and `branch` where the kit will lie
    hub : a JupyterHub, for a link

    Raises ClickException when something that belongs into it cannot be made.
    """
    from autograder.authoring.build.notebooks import state_of
    from autograder.learning.kit import FORMAT, INDEX

    texts = {path.stem: notebook_text(path, released, published) for path in masters}
    entries, keys = answers(set(texts), hints)
    target.mkdir(parents=True, exist_ok=True)
    (target / MARK).write_text("Made by course kit; it may be made again.\n", encoding="utf-8")
    for old in (target / "autograder", target / "course_utils"):
        shutil.rmtree(old, ignore_errors=True)
    for room in ROOMS:
        for path in (CHECKOUT / "autograder").glob(f"{room}.py"):
            if path.name != "solutions.py":  # which cuts them out of masters; a kit has none
                copy(path, target / path.relative_to(CHECKOUT))
    for whole in ("course_utils", BUTTONS):
        shutil.copytree(CHECKOUT / whole, target / whole,
                        ignore=shutil.ignore_patterns("__pycache__"))  # fmt: skip
    (target / ".gitignore").write_text(IGNORED, encoding="utf-8")
    place = target / "autograder" / "answers"
    place.mkdir()
    for name, content in keys.items():
        (place / f"{name}.key").write_bytes(content)
    index = {"format": FORMAT, "hints": hints, "exercises": entries, "asked": asked(texts)}
    (place / INDEX).write_text(json.dumps(index, ensure_ascii=False, indent=1), "utf-8")
    for pattern in DATA:
        for path in sorted((CHECKOUT / "data").glob(pattern)):
            copy(path, target / path.relative_to(CHECKOUT))
    for name in COPIED:
        copy(CHECKOUT / name, target / name)
    (target / "pyproject.toml").write_text(project(), encoding="utf-8")
    (target / "environment.yml").write_text(environment(), encoding="utf-8")
    devcontainer = target / ".devcontainer" / "devcontainer.json"
    devcontainer.parent.mkdir(exist_ok=True)
    devcontainer.write_text(json.dumps(DEVCONTAINER, indent=1) + "\n", encoding="utf-8")
    (target / "README.md").write_text(readme(texts, published, hub), encoding="utf-8")
    kept = []
    for name, text in texts.items():
        path = target / "notebooks" / f"{name}.ipynb"
        path.parent.mkdir(exist_ok=True)
        if state_of(path, text) == "worked in":
            kept.append(path)
        else:
            path.write_text(text, encoding="utf-8", newline="\n")
    return kept


def copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)


def released_notebook(folder: Path, master: Path) -> Path:
    """Where a class keeps the notebook of a master that it has released."""
    return folder / "release" / master.stem / f"{master.stem}.ipynb"


def notebook_text(path: Path, folder: Path | None, published: dict | None) -> str:
    """A learner's notebook: the one that the class in `folder` has released, or as the course
    builds it."""
    from autograder.authoring.build import notebooks
    from autograder.authoring.build.masters import load

    if folder:
        found = released_notebook(folder, path)
        if not found.is_file():
            raise click.ClickException(
                f"{folder.resolve()} has not released {path.stem} yet. In that folder run "
                f"nbgrader generate_assignment {path.stem}, or leave --class out."
            )
        return found.read_text(encoding="utf-8")
    return notebooks.text_of(notebooks.practised(load(path), published and slugged(published)))


def slugged(published: dict) -> dict:
    """With `slug`, which Colab's links have; only GitHub has one."""
    address = re.compile(r"https://github\.com/([^/\s]+/[^/\s]+?)(\.git)?/?")
    found = address.fullmatch(published["repository"])
    return {**published, "slug": f"github/{found[1]}" if found else ""}


# Checks.


def answers(notebooks: set[str], hints: bool) -> tuple[list[dict], dict[str, bytes]]:
    """The index's entries and the keys of these notebooks' exercises and of what they need."""
    from autograder.authoring.kits import slicing
    from autograder.exercise import PRACTICE_SEED, Question, oracle_on
    from autograder.exercises import find
    from autograder.judging.keys import answer_key, program
    from autograder.judging.keys_as_data import to_data
    from autograder.learning import catalogue
    from autograder.learning.kit import packed

    course = catalogue.Course()
    listed = course.exercises()
    own = {e.name for e in listed if e.notebook in notebooks}
    wanted = own | {need for name in own for need in course.needs(name)}
    entries, keys = [], {}
    with oracle_on("cpu"):
        for line in listed:
            if line.name not in wanted:
                continue
            kind = find(line.name)
            asks = issubclass(kind, Question)
            entries.append({
                **asdict(line),
                "needs": list(course.needs(line.name)),
                "hints": list(kind.hints) if hints else [],
                "text": course.text(line.name, PRACTICE_SEED) if asks else None,
            })  # fmt: skip
            keys[line.name] = packed(
                to_data(answer_key(find(line.name))), program(find(line.name)), slicing.reader(kind)
            )
    return entries, keys


def asked(texts: dict[str, str]) -> dict[str, dict[str, str]]:
    """The words of the questions that notebooks ask with numbers of their own, by name and seed."""
    from autograder.authoring.build.quizzes import asked_in
    from autograder.exercises import find
    from autograder.judging.keys import question_text

    found: dict[str, dict[str, str]] = {}
    for text in texts.values():
        for name, seeds in asked_in(json.loads(text)).items():
            own = found.setdefault(name, {})
            own.update({str(seed): question_text(find(name), seed) for seed in sorted(seeds)})
    return found


# The files around it.


def project() -> str:
    """pyproject.toml with what a learner needs, from the course's own."""
    text = (CHECKOUT / "pyproject.toml").read_text(encoding="utf-8")
    head, extras = text.split("[project.optional-dependencies]\n", 1)
    lab = re.search(r"lab = \[\n.*?\n\]\n", extras, re.DOTALL)
    scripts = "[project.scripts]\ncourse = \"autograder.commands.cli:main\"\n"
    packages = '[tool.hatch.build.targets.wheel]\npackages = ["autograder", "course_utils"]\n'
    dev = '[tool.hatch.build]\ndev-mode-dirs = ["."]\n'
    shared = re.search(r"\[tool\.hatch\.\S+\.shared-data\]\n.*?\n(?=\n)", text, re.DOTALL)
    return (
        f"{head}[project.optional-dependencies]\n{lab[0]}\n{scripts}\n{dev}\n{packages}\n"
        f"{shared[0]}"
    )


def environment() -> str:
    """environment.yml without what only teachers and tests need; Binder and conda read it."""
    lines = (CHECKOUT / "environment.yml").read_text(encoding="utf-8").splitlines()
    needed = [line for line in lines[: lines.index("  # teach")] if not line.startswith("#")]
    # Binder would take its own oldest Python where none is named.
    named = {"  - python>=3.10": f"  - python={PYTHON}"}
    body = [named.get(line, line).replace("- pytorch>", "- pytorch-cpu>") for line in needed]
    return "\n".join([*body, "  - pip:", "      - -e .", ""])


IGNORED = """\
.venv/
__pycache__/
.ipynb_checkpoints/
.progress.json*
/data/*
!/data/README.md
!/data/results/
!/data/*.pt
"""
DEVCONTAINER = {
    "name": "Training CNNs",
    "image": f"python:{PYTHON}",
    "postCreateCommand": "pip install -c constraints.txt -e .[lab]",
    "customizations": {"vscode": {"extensions": ["ms-toolsai.jupyter", "ms-python.python"]}},
}


def readme(texts: dict[str, str], published: dict | None, hub: str | None) -> str:
    lines = [f"- `notebooks/{name}.ipynb`: {title(text)}" for name, text in texts.items()]
    listing = "\n".join(lines)
    links = []
    first = next(iter(texts))
    if published:
        where = slugged(published)
        if where["slug"]:
            account = where["slug"].removeprefix("github/")
            links += [
                "- Colab: the link at the top of each notebook, for instance [the first one]"
                f"(https://colab.research.google.com/{where['slug']}/blob/{where['branch']}"
                f"/notebooks/{first}.ipynb)",
                f"- Binder: <https://mybinder.org/v2/gh/{account}/{where['branch']}"
                "?urlpath=lab/tree/notebooks>",
            ]
        if hub:
            name = where["repository"].rstrip("/").removesuffix(".git").rpartition("/")[2]
            path = quote(f"lab/tree/{name}/notebooks/{first}.ipynb", safe="")
            links.append(
                f"- Your university's hub (nbgitpuller): <{hub.rstrip('/')}/hub/user-redirect/"
                f"git-pull?repo={quote(where['repository'], safe='')}"
                f"&branch={where['branch']}&urlpath={path}>"
            )
    online = ONLINE.format(links="\n".join(links)) if links else ""
    return README.format(online=online, listing=listing)


def title(text: str) -> str:
    """The title in a notebook's first Markdown cell that has one."""
    for cell in json.loads(text)["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown" and (found := re.search(r"^# (.+)$", source, re.M)):
            return found[1]
    return ""


def files(folder: Path):
    return (path for path in sorted(folder.rglob("*")) if path.is_file())


def archive(folder: Path) -> Path:
    """A zip of the folder beside it, in one step."""
    with tempfile.TemporaryDirectory(dir=folder.parent) as place:
        made = shutil.make_archive(
            str(Path(place) / folder.name), "zip", folder.parent.resolve(), folder.name
        )
        return Path(shutil.move(made, folder.with_name(f"{folder.name}.zip")))
