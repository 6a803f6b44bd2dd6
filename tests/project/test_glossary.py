"""The glossary: each term once, in one sentence, and really used in the notebooks that it names."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"
ROW = re.compile(r"^\| (?P<term>[^|]+) \| (?P<sentence>[^|]+) \| (?P<where>[\d, ]+) \|$")
# Words of a term that say what kind of thing it is; the notebooks may say it otherwise.
KIND = {"net", "block", "algorithm", "initialisation", "loss", "front", "and", "random"}


def rows() -> list[re.Match]:
    lines = (NOTEBOOKS / "glossary.md").read_text(encoding="utf-8").splitlines()
    table = [line for line in lines if line.startswith("|")][2:]
    found = [ROW.match(line) for line in table]
    assert all(found), [line for line, row in zip(table, found, strict=True) if not row]
    return found


def text(number: str) -> str:
    """What a learner reads in a notebook."""
    (path,) = NOTEBOOKS.glob(f"{number}_*.ipynb")
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return plain(" ".join("".join(cell["source"]) for cell in cells))


def plain(words: str) -> str:
    return re.sub(r"[\s\-_*]+", " ", words.replace("'s", "")).casefold()


def stems(term: str) -> list[str]:
    """The parts of a term that a text must hold, without endings."""
    words = [word for word in plain(term).split() if word not in KIND]
    return [re.sub(r"(?<=\w{4})(ting|ing|ed|s|ism)$", "", word) for word in words]


@pytest.fixture(scope="module")
def texts() -> dict[str, str]:
    numbers = {path.name[:2] for path in NOTEBOOKS.glob("[0-9][0-9]_*.ipynb")}
    return {number: text(number) for number in numbers}


def test_there_are_as_many_terms_as_one_can_read():
    terms = [row["term"] for row in rows()]
    assert 60 <= len(terms) <= 130
    assert len({plain(term) for term in terms}) == len(terms)
    assert terms == sorted(terms, key=lambda term: plain(term).replace(" ", ""))


def test_each_is_one_sentence():
    for row in rows():
        said = row["sentence"]
        assert said.endswith(".") and not re.search(r"[.!?] [A-Z]", said), row["term"]
        assert len(said) < 220, row["term"]


def test_each_term_is_used_where_it_says(texts):
    gone = [
        f"{row['term']} in {number}"
        for row in rows() for number in row["where"].split(", ")
        if not all(re.search(rf"\b{re.escape(stem)}", texts.get(number, ""))
                   for stem in stems(row["term"]))
    ]  # fmt: skip
    assert gone == []


def test_a_term_that_is_not_used_would_be_found(texts):
    assert not re.search(r"\bharmonium", texts["06"]) and re.search(r"\bbatch", texts["06"])


def test_every_notebook_has_terms_and_the_first_leads_here(texts):
    named = {number for row in rows() for number in row["where"].split(", ")}
    learning = {number for number in texts if number < "90"}
    assert learning <= named
    assert "(glossary.md)" in texts["00"]
