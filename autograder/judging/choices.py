"""The order of a question's choices: drawn from the question's name for practice, and from the seed
for a test. What a question asks, and which answer is right, stand in its exercise."""

from __future__ import annotations

import re
import string
import zlib

import numpy as np

from autograder.exercise import PRACTICE_SEED, Expected, Question

# Practice has letters of its own: notebooks from before showed the author's order under a, b, c, d,
# and an answer that was given there goes on meaning what it meant.
PRACTICE_LETTERS = string.ascii_lowercase[string.ascii_lowercase.index("p") :]

# A choice's words may go on in further lines, indented by two blanks.
CHOICE = re.compile(r"^- \*\*([a-z])\*\* (.*(?:\n  .*)*)$", re.MULTILINE)


def order(question: Question, seed: int, inputs: dict) -> dict[str, str]:
    """Which letter each choice has under a seed: the author's letter → the one that is shown.

    Empty for a question whose text is no list of choices from **a** on.
    """
    letters = [letter for letter, _ in CHOICE.findall(question.text(**inputs))]
    listed = len(letters) > 1 and letters == list(string.ascii_lowercase[: len(letters)])
    names = PRACTICE_LETTERS if seed == PRACTICE_SEED else string.ascii_lowercase
    if not listed or len(letters) > len(names):
        return {}
    # Its own generator: the question's numbers are the same whether or not it has choices.
    rng = np.random.default_rng([abs(int(seed)), zlib.crc32(question.name.encode()), 1])
    drawn = rng.permutation(len(letters))
    return {letter: names[place] for letter, place in zip(letters, drawn, strict=True)}


def text(question: Question, seed: int, inputs: dict) -> str:
    """The question's Markdown with its choices in the order of a seed."""
    written = question.text(**inputs)
    if not (shown := order(question, seed, inputs)):
        return written
    said = {shown[letter]: words for letter, words in CHOICE.findall(written)}
    lines = iter(f"- **{letter}** {said[letter]}" for letter in sorted(said))
    return CHOICE.sub(lambda _: next(lines), written)


def relabelled(observed: dict, shown: dict[str, str]) -> dict:
    """Observations with the letter that is shown in place of the author's."""

    def renamed(value):
        if isinstance(value, Expected):
            return Expected(renamed(value.value), value.rtol, value.atol, value.margin)
        return shown.get(value, value) if isinstance(value, str) else value

    return {name: renamed(value) for name, value in observed.items()}
