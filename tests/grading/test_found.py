"""The table in README.md beside this file: every kind has its line, and every test it names is
there."""

from __future__ import annotations

import re
from pathlib import Path

HERE = Path(__file__).parent
LINES = [line for line in (HERE / "README.md").read_text(encoding="utf-8").splitlines()
         if re.match(r"\| \d+ \|", line)]  # fmt: skip
KINDS = 31


def test_every_kind_has_its_line():
    assert [int(line.split("|")[1]) for line in LINES] == list(range(1, KINDS + 1))


def test_every_test_that_the_table_names_is_there():
    missing = []
    for line in LINES:
        named = re.findall(r"`(\S+\.py)(?:::(\w+))?`", line)
        assert any("test_" in path for path, _ in named), line
        for path, test in named:
            if path.startswith("benchmarks/"):
                continue
            file = HERE / path
            text = file.read_text(encoding="utf-8") if file.is_file() else ""
            if not text or (test and not re.search(rf"^def {test}\(", text, re.MULTILINE)):
                missing.append(f"{path}::{test}")
    assert not missing
