"""Questions with other numbers: `review` asks those that were answered again, after longer and
longer; `another` asks one again at once, for who has read why an answer was wrong.

Nothing here is marked, and no attempt is counted. When one is due again stands in its entry in the
progress file, beside what `attempts` keeps there:

    "review": {"step": 2, "times": 3, "due": "2026-03-09"}     the place in DAYS, how often it was
                                                               reviewed, and the day, in UTC

An entry from before that, or without a review so far, is due a day after its last check.
"""

from __future__ import annotations

import functools
import html
import itertools
import os
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone

from autograder.judging.choices import CHOICE
from autograder.judging.verdict import Verdict, marked_up
from autograder.learning import attempts, progress_file, questions
from autograder.learning.catalogue import shelf
from autograder.learning.judged import grade
from autograder.learning.kit import Kit

# Each interval about twice the one before, as expanding rehearsal has it (Landauer & Bjork 1978).
DAYS = (1, 3, 7, 16, 35, 80)
AT_ONCE = 3  # items of about two minutes
# No practice, no test and no class draws its numbers from here.
SEEDS_START = 1_000_000

IN_A_KIT = "A kit has the practice numbers only, and a review takes others: there is none in it."
NOT_KEPT = "No progress is kept here, so nothing says what is due for review."


@dataclass(frozen=True)
class Variant:
    """A question with the numbers that a seed draws."""

    name: str
    seed: int

    @property
    def text(self) -> str:
        return shelf().text(self.name, self.seed)

    def judged(self, answer: object) -> Verdict:
        return grade(self.name, {self.name: answer}, self.seed)


@dataclass(frozen=True)
class Item(Variant):
    """A question that is to be answered again, with numbers that this learner has not had."""

    notebook: str
    due: date
    times: int  # it was reviewed before


def today() -> date:
    return datetime.now(timezone.utc).date()


def coming(entries: dict, besides: str | None = None) -> list[Item]:
    """All questions that were answered, what is due first before the rest.

    Parameters
    ----------
    entries : the progress file's "exercises"
    besides : a notebook whose own questions are left out: they are in front of the learner
    """
    found = []
    for listed in shelf().exercises():
        entry = entries.get(listed.name, {})
        if not entry.get("attempts") or listed.notebook == besides:
            continue
        if (when := due(entry)) and shelf().is_question(listed.name):
            times = kept_review(entry).get("times", 0)
            seed = SEEDS_START + times
            found.append(Item(listed.name, seed, listed.notebook, when, times))
    return sorted(found, key=lambda item: item.due)


def due(entry: dict) -> date | None:
    """The day on which a question is due; None where its entry does not tell."""
    try:
        if "review" in entry:
            return date.fromisoformat(entry["review"]["due"])
        return datetime.fromisoformat(entry["last"]).date() + timedelta(DAYS[0])
    except (ValueError, KeyError, TypeError):
        return None


def kept_review(entry: dict) -> dict[str, int]:
    """The place and the count of an entry's review, whatever else somebody has written there."""
    kept = entry.get("review")
    kept = kept if isinstance(kept, dict) else {}
    return {key: kept[key] for key in ("step", "times") if type(kept.get(key)) is int}


def record(item: Item, right: bool, now: date) -> date:
    """Keep that an item was answered; gives the day on which it is due again."""
    told: list[date] = []

    def add(entries: dict) -> None:
        entry = entries.get(item.name)
        if entry is None:
            return
        step = kept_review(entry).get("step", 0)
        step = min(step + 1, len(DAYS) - 1) if right else 0
        told.append(now + timedelta(DAYS[step]))
        entry["review"] = {"step": step, "times": item.times + 1, "due": told[-1].isoformat()}

    progress_file.change(add)
    return told[-1] if told else now


def answered(item: Item, answer: object, now: date) -> str:
    """Judge and keep an answer; the sentences that are said of it."""
    verdict = item.judged(answer)
    again = record(item, bool(verdict), now)
    return f"{said_of(verdict)} It comes again on {again.isoformat()}."


def said_of(verdict: Verdict) -> str:
    if verdict:
        return "✓ Right."
    return f"✗ Not yet. {verdict.message if verdict.mistakes else ''}".rstrip()


def can_be_one(item: Variant, answer: str) -> bool:
    """Whether a text can be an answer: one of the letters, or a number."""
    offered = questions.choices(item.name, item.seed)
    word = answer.strip().lower()
    return word in offered if offered else questions.is_number(word)


# In a notebook.


def review(notebook: str | None = None) -> None:
    """Show what is due for review, three questions at most; in a notebook's warm-up, or any time.

    Parameters
    ----------
    notebook : whose own questions are left out

    Nothing is marked. Where no progress is kept there is nothing to see.
    """
    if "NBGRADER_EXECUTION" in os.environ or isinstance(shelf(), Kit):
        return
    now = today()
    entries, _ = progress_file.entries_known()
    known = coming(entries, notebook)
    items = [item for item in known if item.due <= now][:AT_ONCE]
    if not items:
        if known:
            print(f"Nothing is due for review today; the next is due on {known[0].due}.")
        return
    shell = sys.modules.get("IPython") and sys.modules["IPython"].get_ipython()
    if shell is None or not hasattr(shell, "kernel"):
        print("These questions are due for review: course review asks them in a terminal.")
        return
    from IPython.display import display

    display(panel(items, now))


def panel(items: list[Item], now: date):
    """The questions with a place to answer each; an ipywidgets box."""
    import ipywidgets as widgets

    head = widgets.HTML(
        "<strong>Questions that you have answered before</strong>, in another version. They earn "
        "no points, and you may go on whenever you like."
    )
    boxes = [asked(item, functools.partial(answered, item, now=now)) for item in items]
    return widgets.VBox([head, *boxes]).add_class("course-review")


def asked(item: Variant, said: Callable[[str], str]):
    """One question: its words, a button for each choice or a field for a number, and what is
    `said` of the answer that it is called with."""
    import ipywidgets as widgets

    words = widgets.HTMLMath(as_html(item.text))
    told = widgets.HTML("<div role='status'></div>")
    letters = list(questions.choices(item.name, item.seed))
    field = widgets.Text(
        description="Your answer:", placeholder="a number", continuous_update=False,
        style={"description_width": "initial"},
    )  # fmt: skip
    buttons = [
        widgets.Button(description=text, tooltip=f"Answer {text}", layout={"width": "auto"})
        for text in letters or ["Answer"]
    ]

    def take(answer: str) -> None:
        if field.disabled:  # the button that is pressed after Enter
            return
        if not can_be_one(item, answer):
            refused = "Write one number, such as 0.5; nothing is computed here."
            told.value = f"<div role='status'>{refused}</div>"
            return
        line = f"<b>{html.escape(answer)}</b>: {marked_up(said(answer))}"
        told.value = f"<div role='status'>{line}</div>"
        for control in (field, *buttons):
            control.disabled = True

    # Enter hands a number in, as the button does, and so does leaving the field.
    field.observe(lambda change: take(change.new), "value")
    for button in buttons:
        button.on_click(lambda one: take(one.description if letters else field.value))
    row = widgets.HBox(buttons if letters else [field, *buttons])
    return widgets.VBox([words, row, told])


# At once.


def another(name: str) -> None:
    """Ask a question once more, with other numbers. The answer that was given first stays."""
    try:
        ours = others(name)
    except KeyError as unknown:
        print(unknown.args[0])
        return
    if not shelf().is_question(name):
        print(f'{name} is no question: check("{name}", seed=7) tries your code on other inputs.')
        return
    if not ours:
        print(IN_A_KIT if isinstance(shelf(), Kit) else f"{name} has no numbers that could change.")
        return
    shell = sys.modules.get("IPython") and sys.modules["IPython"].get_ipython()
    if shell is None or not hasattr(shell, "kernel"):
        one = ours[0]
        print(f'{one.text}\n\nSet {name} to your answer, then check("{name}", seed={one.seed}).')
        return
    from IPython.display import display

    display(asked_on(ours))


def others(name: str) -> list[Variant]:
    """A question with other numbers than those of its notebook, after many attempts with later
    ones; none where it has no numbers.

    Raises KeyError, with the nearest names, where there is no such question.
    """
    if not shelf().is_question(name):
        return []
    drawn = [Variant(name, seed) for seed in questions.other_seeds(name)]
    first = attempts.known(name).get("attempts", 0) % max(len(drawn), 1)
    return drawn[first:] + drawn[:first]


def asked_on(variants: list[Variant]):
    """A question with other numbers, and a button for others again; an ipywidgets box."""
    import ipywidgets as widgets

    ours = itertools.cycle(variants)
    box = widgets.VBox().add_class("course-review")
    on = widgets.Button(
        description="Another version",
        layout={"width": "auto", "align_self": "flex-start"},
    )

    def show(*_):
        one = next(ours)
        box.children = [asked(one, lambda answer: said_of(one.judged(answer))), on]

    on.on_click(show)
    show()
    return box


def as_html(markdown: str) -> str:
    """A question's Markdown as HTML: its paragraphs, its code, and its choices as a list."""
    before = CHOICE.split(markdown, maxsplit=1)[0]
    parts = [f"<p>{marked_up(' '.join(part.split()))}</p>" for part in before.split("\n\n")
             if part.strip()]  # fmt: skip
    items = "".join(
        f"<li><strong>{html.escape(letter)}</strong> {marked_up(words)}</li>"
        for letter, words in CHOICE.findall(markdown)
    )
    text = "".join(parts) + (f"<ul style='list-style:none'>{items}</ul>" if items else "")
    return re.sub(r"\*\*([^*<>]+)\*\*", r"<strong>\1</strong>", text)
