"""The pre-test and the post-test: masters made from the list of questions, and what a class gets of
them. What a class gained between the two is `grading.gain`'s."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from autograder.authoring.build import masters
from autograder.authoring.build.masters import Master
from autograder.exercise import Question
from autograder.exercises import find

# The graded cell of a question: not `check_`, for it says nothing while the test is taken.
GRADED = "quiz_"
TOPIC = "topic_"
# What only somebody without a teacher needs.
ALONE = ("your_score", "score")
ASKED = re.compile(r"\bask\(\"(\w+)\", seed=(\d+)\)")
SEED = re.compile(r"\bseed=\d+")
TIME = re.compile(r"\*\*Time:\*\* about \d+ minutes")


@dataclass(frozen=True)
class Quiz:
    """One of the two tests. `seed` draws its numbers where no class has drawn a seed of its own."""

    name: str
    title: str
    when: str
    seed: int
    before: str | None = None  # the test that its score is compared with

    @property
    def score(self) -> str:
        """The call that counts for somebody who learns alone."""
        compared = f', before="{self.before}"' if self.before else ""
        return f'score("{self.name}", seed={self.seed}{compared})'


PRE = Quiz("98_pretest", "Before the course", "before the first notebook", 98)
POST = Quiz("99_posttest", "After the course", "after the last notebook", 99, PRE.name)
QUIZZES = (PRE, POST)

TITLE = """\
# {number} · {title}

A test of the questions of all notebooks, to be taken {when}. Each question is one point.

- Answer with a letter in quotes, `"b"`, or with a number, in the cell below the question.
- The cell after it notes your answer. Nothing here tells whether that one is right.
- Leave the dots where you do not know. A guess tells your teacher nothing about the course.

{hours}

<!-- Made by `course build` from the questions of the notebooks; changes go there. -->"""

SCORE = """\
## Your score

For those who learn without a teacher: run all cells. The last one counts how many of your answers
are right, topic by topic, and does not say which. It compares them with the test before the course,
where you have taken both."""


def quiz_called(name: str) -> Quiz | None:
    """The test whose notebook, or assignment, has this name."""
    return next((quiz for quiz in QUIZZES if quiz.name == name), None)


def questions(folder: Path = masters.SOURCE) -> dict[str, list[str]]:
    """The questions that the masters in a folder check, in their order, by notebook."""
    found: dict[str, list[str]] = {}
    for path in masters.masters(folder):
        if quiz_called(path.stem):
            continue
        named = [n for n in masters.load(path).checked() if issubclass(find(n), Question)]
        if named:
            found[path.stem] = named
    return found


def text(quiz: Quiz, asked: dict[str, list[str]], titles: dict[str, str]) -> str:
    """A test's master.

    Parameters
    ----------
    asked : the questions by notebook
    titles : what each notebook is called
    """
    hours = takes(name for named in asked.values() for name in named)
    hours += ", in as many sittings as you like."
    head = TITLE.format(number=quiz.name[:2], title=quiz.title, when=quiz.when, hours=hours)
    cells = [
        _prose(head, "title"),
        '# %% name="imports"\nfrom autograder import answered, ask',
    ]
    for notebook, named in asked.items():
        cells.append(_prose(f"## {titles.get(notebook) or notebook}", f"{TOPIC}{notebook}"))
        for name in named:
            cells += [
                f'# %% name="show_{name}"\nask("{name}", seed={quiz.seed})',
                f'# %% name="{name}"\n{name} = ...',
                f'# %% nbgrader={{"grade_id": "{GRADED}{name}", "grade": true, "points": 1}}\n'
                f'answered("{name}")\n'
                "### BEGIN HIDDEN TESTS\n"
                "from autograder import check\n\n"
                f'check("{name}", seed={quiz.seed})\n'
                "### END HIDDEN TESTS",
            ]
    cells += [
        _prose(SCORE, ALONE[0]),
        f'# %% name="{ALONE[1]}" tags=["experiment"]\nfrom autograder import score\n\n{quiz.score}',
    ]
    return "\n\n".join(cells) + "\n"


def takes(names: Iterable[str]) -> str:
    """How long these questions take, rounded to five minutes."""
    return f"**Time:** about {round(sum(find(name).minutes for name in names) / 5) * 5} minutes"


def _prose(markdown: str, name: str) -> str:
    lines = "\n".join(f"# {line}".rstrip() for line in markdown.splitlines())
    return f'# %% [markdown] name="{name}"\n{lines}'


def title(master: Master) -> str:
    """A notebook's title without its hash: "06 · Batch normalization"."""
    return master.cells[0].source.splitlines()[0].removeprefix("# ")


def outdated(folder: Path = masters.SOURCE) -> dict[Path, str]:
    """The tests' masters that are not what the questions make, with what belongs in them."""
    asked = questions(folder)
    titles = {notebook: title(masters.load(folder / f"{notebook}.py")) for notebook in asked}
    wanted = {folder / f"{quiz.name}.py": text(quiz, asked, titles) for quiz in QUIZZES}
    return {
        path: made
        for path, made in wanted.items()
        if not path.is_file() or path.read_text(encoding="utf-8") != made
    }


# For a class.


def restricted(master: Master, notebooks: set[str]) -> Master:
    """A class's test: with the questions of these notebooks only, or all of them where there are
    none. Its score is the teacher's."""
    kept = []
    for cell in master.cells:
        name = cell.id.removeprefix(GRADED).removeprefix("show_")
        if cell.id in ALONE:
            wanted = False
        elif cell.id.startswith(TOPIC):
            wanted = not notebooks or cell.id.removeprefix(TOPIC) in notebooks
        else:
            wanted = (
                cell.id in ("title", "imports")
                or not notebooks
                or find(name).notebook in notebooks
            )
        if wanted:
            kept.append(cell)
    left = [c.id.removeprefix(GRADED) for c in kept if c.id.startswith(GRADED)]
    head = replace(kept[0], source=TIME.sub(takes(left), kept[0].source))
    return replace(master, cells=(head, *kept[1:]))


def for_class(chosen: list[Master]) -> list[Master]:
    """A class's masters: its tests ask about its own notebooks, where it has any."""
    own = {master.name for master in chosen if quiz_called(master.name) is None}
    return [
        restricted(master, own) if quiz_called(master.name) else master
        for master in chosen
    ]


def reseed(notebook) -> None:
    """Give a test's notebook numbers of its own: the same where it asks and where it judges."""
    seed = 10**9 + secrets.randbelow(10**9)
    for cell in notebook.cells:
        if cell.id.startswith((GRADED, "show_")):
            cell.source = SEED.sub(f"seed={seed}", cell.source)


def asked_in(notebook: dict) -> dict[str, set[int]]:
    """The questions that a notebook (its JSON) asks with a seed of their own: name → seeds."""
    found: dict[str, set[int]] = {}
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            for name, seed in ASKED.findall("".join(cell["source"])):
                found.setdefault(name, set()).add(int(seed))
    return found
