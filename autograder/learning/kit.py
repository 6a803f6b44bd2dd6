"""A student's kit: the same checks from answer keys, where no exercise, reference or solution
exists. `course kit` makes one (`authoring.kits`); here it is only read.

The folder `answers/` holds `index.json`

    {"format": 3, "hints": true,
     "exercises": [{"name": ..., "notebook": ..., "points": ..., "title": ..., "extra": ...,
                    "minutes": ..., "difficulty": ..., "needs": [...], "hints": [...],
                    "text": a question's Markdown, or null}],
     "asked": {a question in a test: {its seed: its Markdown}}}

and for each exercise `NAME.key`: the packed answer key, program and reader, compressed. They are
for the practice numbers only; marks are given on others.
"""

from __future__ import annotations

import functools
import json
import zlib
from collections.abc import Callable
from pathlib import Path

from autograder.exercise import PRACTICE_SEED, Listed, did_you_mean
from autograder.judging.keys import AnswerKey
from autograder.judging.keys_as_data import from_data
from autograder.judging.plain_data import NotPlain, unpack

FORMAT = 3
INDEX = "index.json"
MEND = "Unpack the kit again over this folder; your notebooks stay as they are if you move them."


class KitDamaged(Exception):
    """A kit without something that it needs; the message says what to do."""


class Kit:
    """The exercises of a kit; see `catalogue.Shelf`."""

    def __init__(self, folder: Path):
        self.folder = folder
        try:
            index = json.loads((folder / INDEX).read_text(encoding="utf-8"))
            version, entries = index["format"], index["exercises"]
            self._entries = {entry["name"]: entry for entry in entries}
            self._asked = dict(index.get("asked", {}))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise KitDamaged(
                f"This kit's list of exercises, {folder / INDEX}, cannot be read "
                f"({type(error).__name__}). {MEND}"
            ) from None
        if version != FORMAT:
            raise KitDamaged(
                f"This kit's answer keys are of format {version}, and its checks understand "
                f"{FORMAT}: two kits were mixed. {MEND}"
            )

    def exercises(self) -> list[Listed]:
        names = Listed.__dataclass_fields__
        return [Listed(**{n: entry[n] for n in names}) for entry in self._entries.values()]

    def notebook(self, name: str) -> str | None:
        return self._entry(name)["notebook"]

    def needs(self, name: str) -> tuple[str, ...]:
        return tuple(self._entry(name)["needs"])

    def hints(self, name: str) -> tuple[str, ...]:
        return tuple(self._entry(name)["hints"])

    def is_question(self, name: str) -> bool:
        return self._entry(name)["text"] is not None

    def text(self, name: str, seed: int) -> str:
        # A test's questions come with their words alone: no key is here for their numbers.
        if str(seed) in self._asked.get(name, {}):
            return self._asked[name][str(seed)]
        _is_practice(name, seed)
        return self._entry(name)["text"]

    def program(self, name: str, seed: int) -> dict:
        _is_practice(name, seed)
        return self._opened(name)[0]

    def key(self, name: str, seed: int) -> AnswerKey:
        _is_practice(name, seed)
        return self._opened(name)[1]

    def read(self, name: str) -> Callable[..., dict]:
        return self._opened(name)[2]

    def _entry(self, name: str) -> dict:
        if name not in self._entries:
            near = did_you_mean(name, self._entries)
            raise KeyError(f"There is no exercise called {name} in this kit.{near}")
        return self._entries[name]

    @functools.lru_cache(maxsize=64)  # noqa: B019 - there is one kit in a process
    def _opened(self, name: str) -> tuple[dict, AnswerKey, Callable[..., dict]]:
        self._entry(name)
        path = self.folder / f"{name}.key"
        try:
            held = unpack(zlib.decompress(path.read_bytes()))
            key = from_data(held["key"])
            program = held["program"]
            kept = held.get("kept_back", ())
            program["cases"] = [
                {"name": c.name, "inputs": {n: v for n, v in c.inputs.items() if n not in kept}}
                for c in key.cases
            ]
            source = held["read"]
        except FileNotFoundError:
            raise KitDamaged(f"This kit has lost its answer key {path.name}. {MEND}") from None
        except (OSError, zlib.error, NotPlain, KeyError, TypeError, ValueError) as error:
            raise KitDamaged(
                f"This kit's answer key {path.name} cannot be read ({type(error).__name__}). {MEND}"
            ) from None
        return program, key, reader(name, source)


def packed(key: dict, program: dict, source: str | None) -> bytes:
    """The content of a `.key` file; the case inputs stand in the key only, those that stay with
    the judge under their names."""
    from autograder.judging.plain_data import pack

    told = {name for case in program["cases"] for name in case["inputs"]}
    kept = sorted({name for case in key["cases"] for name in case["inputs"]} - told)
    program = {name: value for name, value in program.items() if name != "cases"}
    held = {"key": key, "program": program, "read": source, "kept_back": kept}
    return zlib.compress(pack(held), 9)


def reader(name: str, source: str | None) -> Callable[..., dict]:
    """The `read` that a slice of source defines, or one that leaves everything as it is."""
    if source is None:
        return lambda seen, **inputs: seen
    # A dataclass in it looks for the module that it is in: one that is there.
    scope: dict = {"__name__": __name__}
    exec(compile(source, f"<read {name}>", "exec"), scope)
    return scope["read"]


def _is_practice(name: str, seed: int) -> None:
    if seed != PRACTICE_SEED:
        raise KitDamaged(
            f"A kit can check {name} with the practice numbers only; other numbers are drawn when "
            "it is marked."
        )
