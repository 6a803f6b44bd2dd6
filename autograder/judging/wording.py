"""What a report of running a learner's code says, in words for the one who wrote it."""

from __future__ import annotations

import re

import numpy as np

from autograder.judging.plain_data import Strange, Tensor


def error_words(error: dict) -> str:
    message = f" ({error['message']})" if error.get("message") else ""
    return f"{error['type']}{message}{error_place(error)}"


def error_place(error: dict) -> str:
    if not error.get("frames"):
        return ""
    function, line, text = error["frames"][-1]
    place = f", in `{function}`" if function and function != "<module>" else ""
    return f" at line {line} of its cell{place}" + (f": `{text}`" if text else "")


def error_sentences(reports: list[dict]) -> list[str]:
    """A sentence for every place where a case stopped: its sizes may differ from case to case."""
    sentences, told = [], set()
    for report in reports:
        error, facts = report.get("raised"), report.get("unusable")
        if error:
            place = [error["type"], error.get("frames") or error.get("message")]
        elif facts:
            place = [facts["function"], facts["problem"]]
        else:
            continue
        if repr(place) in told:
            continue
        told.add(repr(place))
        if error:
            if error["type"] == "NotImplementedError" and raised_by_a_stub(error):
                where = error_place(error)
                sentences.append(f"Part of this is not written yet: NotImplementedError{where}")
                continue
            if not error.get("frames"):
                sentences.append(_outside(error))
                continue
            trail = [f"line {line}: {text}" for _, line, text in error.get("frames", ()) if text]
            came = ["\nYour lines that led there:", *trail] if trail[1:] else []
            stop = error_words(error)
            means = missing_import_words(error) or one_yes_or_no_words(error)
            stop += "" if stop.endswith("`") and not means else "."
            stop += means
            sentences.append(f"Your code stops with {stop}" + "\n  ".join(came))
        else:
            sentences.append(unusable_words(facts))
    return sentences


def raised_by_a_stub(error: dict) -> bool:
    """Whether it is a line of the learner's that says so, and no library."""
    code = error["frames"][-1][2] if error.get("frames") else None
    return not code or "NotImplementedError" in code


# What notebooks import in their first cells, by the names that they give it.
IMPORTED = frozenset("np numpy torch nn F plt math os time copy".split())


def missing_import_words(error: dict) -> str:
    """Where to find a name that is missing because no cell has imported it in this kernel."""
    found = re.fullmatch(r"name '(\w+)' is not defined.*", error.get("message", ""))
    if error["type"] != "NameError" or not found or found[1] not in IMPORTED:
        return ""
    return (
        f" `{found[1]}` is imported in the notebook's first cells: run them. After a restart of "
        "the kernel everything above has to be run again."
    )


def one_yes_or_no_words(error: dict) -> str:
    """What lies behind an array or a tensor where Python wants a single yes or no."""
    if not re.search("(?i)(truth|boolean) value of .* is ambiguous", error.get("message", "")):
        return ""
    code = error["frames"][-1][2] or "" if error.get("frames") else ""
    if made := re.search(r"\b(\w+Loss)\((?!\))", code):
        return (
            f" `{made[1]}` is a class: it is made first, and what is made is called with scores "
            "and labels. What stands in its brackets here is taken for its settings."
        )
    if not re.search(r"\b(if|elif|while|and|or|not|max|min)\b", code):
        return ""
    return " An `if`, `and` or `or` needs one yes or no, and there is one for each entry."


def _outside(error: dict) -> str:
    """The sentence for an error that is in no line of the learner's."""
    missing = " Is a return missing?" if "NoneType" in error.get("message", "") else ""
    return (
        f"The check cannot call your code, or not use what it gave back: {error_words(error)}."
        f"{missing}"
    )


def unusable_words(facts: dict) -> str:
    name, problem = facts["function"], facts["problem"]
    if problem == "missing":
        near = facts.get("near")
        if near:
            return (
                f"There is no `{name}`, but there is `{near[0]}`. If it is meant, call it `{name}`."
            )
        return f"There is no `{name}` yet. Run the cell that defines it, then check again."
    if problem == "not callable":
        return (
            f"`{name}` should be a function or a class; it is {facts['got']}. "
            "Was the name used again for something else?"
        )
    if problem == "arguments":
        wanted, got = ", ".join(facts["wanted"]), ", ".join(facts["got"])
        return (
            f"`{name}` is called as `{name}({wanted})`; yours takes "
            f"{f'`({got})`' if got else 'no arguments'}."
        )
    if problem == "no answer":
        return f"What `{name}` gives is no answer yet: {facts['got']}"
    wanted = ", ".join(facts["wanted"])
    return (
        f"`{name}` should return {len(facts['wanted'])} values (`{wanted}`); "
        f"yours returned {facts['got']}."
    )


# What numpy's warnings mean, for who has not met them.
MEANINGS = {
    "overflow encountered in exp": "An exponential overflows: its argument is a large positive "
    "number there, and the result is more than a float can hold.",
    "overflow encountered": "A result is larger than its type can hold.",
    "divide by zero encountered in log": "A logarithm is taken of 0.",
    "divide by zero encountered": "Something is divided by 0.",
    "invalid value encountered": "An operation has no result there, such as 0/0, inf - inf or the "
    "root of a negative number.",
}


def warning_words(text: str) -> str:
    """What a warning means, as a sentence that follows it; empty where that is not known."""
    means = next((words for part, words in MEANINGS.items() if part in text), "")
    if means and re.search(r"\bwhere\(.*,", text):
        means += " `where` computes both of its branches for every element, and then takes one."
    return f" {means}" if means else ""


def left_over_words(where: list) -> str:
    """What to say where the stub's last line still stands in a function that does more."""
    function, line = where
    return (
        f"`raise NotImplementedError` still stands in your `{function}`, at line {line} of its "
        "cell. Take it out, and the check looks at what you have written."
    )


def form(seen: dict) -> str:
    def words(value):
        if isinstance(value, Strange):
            return value.type_name
        if isinstance(value, (np.ndarray, Tensor)):
            array = value.array if isinstance(value, Tensor) else value
            return f"array of shape {array.shape}"
        return type(value).__name__

    return ", ".join(f"{name} is a {words(value)}" for name, value in seen.items())
