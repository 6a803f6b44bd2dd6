"""What a learner answers to a question: what may be written, what of it can be no answer, and how
often somebody who was sure was right. Judging is the judge's; what is kept is `attempts`'."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from numbers import Number

from autograder.exercise import PRACTICE_SEED
from autograder.judging.choices import CHOICE
from autograder.judging.observing import SURE, split_answer
from autograder.judging.verdict import NOT_JUDGED, CaseResult, Verdict
from autograder.learning import on_screen
from autograder.learning.catalogue import shelf
from autograder.learning.kit import Kit

WHEN = dict(
    zip(SURE, ("when you were sure", "when you thought so", "when you guessed"), strict=True)
)
# No practice, no test, no class and no review draws its numbers from here.
OTHERS_START, OTHERS = 2_000_000, 30
NO_OTHER_WAY = (
    "{} is not right, and it comes from none of the usual ways to a wrong one that this check can "
    "name. Work it out on paper with the question's own numbers, and answer again."
)


def choices(name: str, seed: int = PRACTICE_SEED) -> dict[str, str]:
    """A question's choices by their letter; empty where a number is asked for."""
    return dict(CHOICE.findall(shelf().text(name, seed)))


def may_be_written(name: str, seed: int = PRACTICE_SEED) -> str:
    """What an answer may be, in words: '"p", "q" or "r"', or 'a number'."""
    quoted = [f'"{letter}"' for letter in choices(name, seed)]
    return f"{', '.join(quoted[:-1])} or {quoted[-1]}" if quoted else "a number"


def other_seeds(name: str) -> Iterator[int]:
    """Seeds that give a question other numbers than those of its notebook, each other ones; none
    where it has no numbers, and in a kit, which has those of the notebook alone."""
    if isinstance(shelf(), Kit):
        return
    met = set()
    for seed in (PRACTICE_SEED, *range(OTHERS_START, OTHERS_START + OTHERS)):
        numbers = repr(shelf().key(name, seed).cases[0].inputs)
        if numbers not in met and seed != PRACTICE_SEED:
            yield seed
        met.add(numbers)


def cannot_be_one(name: str, namespace: Mapping) -> str:
    """What to say of an answer that can be none; empty where it can be one or is not there yet."""
    if bare := bare_name(name, namespace):
        return (
            f"The cell with your answer says `{bare}` without quotes, and Python knows nothing by "
            f"that name: it stopped there, so no answer was taken. Write {quoted(name, bare)}, run "
            "the cell, and check again."
        )
    given, _ = split_answer(namespace.get(name, ...))
    if given is None or given is ...:
        return ""
    offered = choices(name)
    meant = shelf().program(name, PRACTICE_SEED).get("meant", {})
    if isinstance(given, str):
        word = given.strip().lower()
        if word in offered or word in meant or (not offered and is_number(word)):
            return ""
    elif not offered and isinstance(given, Number) and not isinstance(given, bool):
        return ""
    elif not offered and getattr(given, "ndim", None) == 0:  # of numpy or torch
        return ""
    if isinstance(given, tuple) and len(given) == 2 and (
        given[0] in offered if offered else isinstance(given[1], str)
    ):
        words = ", ".join(f'"{word}"' for word in SURE)
        return f"Behind an answer may stand how sure you are, {words}; not {given[1]!r:.40}."
    if isinstance(given, tuple) and given and not offered:
        return "A comma makes several values of one number: write it as 21600 or 0.5."
    what = f"A value of type {type(given).__name__}"
    if isinstance(given, (str, Number)):
        what = f"{given!r:.40}"
    return f"{what} is no answer to this question: it asks for {may_be_written(name)}."


def quoted(name: str, bare: str) -> str:
    """How a letter is written that stood there without quotes, or how sure one is."""
    if bare.lower() in choices(name):
        return f'`{name} = "{bare}"`'
    behind = f', and `"{bare}"` behind it, with its quotes' if bare.lower() in SURE else ""
    return may_be_written(name) + behind


def is_number(word: str) -> bool:
    try:
        float(word)
    except ValueError:
        return False
    return word[:1] in "+-.0123456789"


def bare_name(name: str, namespace: Mapping) -> str:
    """What the last cell that answers gives as a name that nothing has: `q = b`; else empty."""
    shell = on_screen.shell()
    for source in reversed(shell.user_ns.get("In", []) if shell else []):
        try:
            body = ast.parse(str(source)).body
        except (SyntaxError, ValueError, RecursionError):
            continue
        for node in reversed(body):
            if isinstance(node, ast.Assign) and name in map(ast.unparse, node.targets):
                values = node.value.elts if _is_pair(node.value) else [node.value]
                bare = [v.id if isinstance(v, ast.Name) else "" for v in values]
                bare = [word if word not in namespace else "" for word in bare]
                # Behind an answer only how sure one is can have been meant.
                return bare[0] or next((word for word in bare[1:] if word.lower() in SURE), "")
    return ""


def _is_pair(node: ast.expr) -> bool:
    return isinstance(node, ast.Tuple) and len(node.elts) == 2


def refused(name: str, said: str) -> Verdict:
    """The verdict on what can be no answer: it is not judged, and it is no attempt."""
    key = shelf().key(name, PRACTICE_SEED)
    cases = [CaseResult(case.name, 0.0, case.points, NOT_JUDGED) for case in key.cases]
    return Verdict(name, "failed", 0.0, key.max_points, said, cases=cases, extra=key.extra)


def told(verdict: Verdict, given: object) -> Verdict:
    """A question's verdict in words that fit an answer, where the judge's are about code."""
    answer, _ = split_answer(given)
    offered = choices(verdict.exercise)
    word = answer.strip().lower() if isinstance(answer, str) else answer
    if verdict.status == "not attempted":
        asked = may_be_written(verdict.exercise)
        return replace(verdict, message=f"There is no answer yet: write {asked} in its cell.")
    message = verdict.message
    if verdict.status == "passed":
        message = "Your answer is right."
    elif not verdict.mistakes:
        message = NO_OTHER_WAY.format(f"{answer!r:.40}")
    if offered and word not in offered and (now := meant(verdict.exercise, word)):
        message += (
            f' Your "{word}" is read as in an earlier copy of this notebook, where it stood before '
            f'"{offered[now]}"; now that is "{now}".'
        )
    return replace(verdict, message=message)


def meant(name: str, letter: object) -> str:
    """The letter that a choice has now which had another in an earlier notebook; else empty."""
    return shelf().program(name, PRACTICE_SEED).get("meant", {}).get(letter, "")


def as_kept(name: str, given: object, right: bool) -> dict | None:
    """An answer as the progress file keeps it: with the words of its choice, which go on meaning
    the same whatever letter they have. None where there is none."""
    answer, sure = split_answer(given)
    if hasattr(answer, "item") and getattr(answer, "ndim", None) == 0:
        answer = answer.item()
    if isinstance(answer, str):
        answer = answer.strip().lower()
        answer = meant(name, answer) or answer
    elif not isinstance(answer, Number) or isinstance(answer, complex):
        return None
    kept = {"answer": answer, "choice": choices(name).get(answer, ""), "right": right}
    return {**kept, "sure": sure} if sure else kept


def calibration(entries: Iterable[Mapping]) -> str:
    """How often first answers were right by how sure they were, in a line; empty without any.

    Parameters
    ----------
    entries : the progress file's "exercises", without their names
    """
    firsts = [entry["answers"][0] for entry in entries if entry.get("answers")]
    told = []
    for word, when in WHEN.items():
        own = [answer["right"] for answer in firsts if answer.get("sure") == word]
        if own:
            told.append(f"{sum(own)} of {len(own)} {when}")
    return f"First answers to questions that were right: {', '.join(told)}." if told else ""
