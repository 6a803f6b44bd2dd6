"""A name in a table is a name, whatever a spreadsheet would make of it."""

from __future__ import annotations

import pytest

from autograder.grading.marks import tables


@pytest.mark.parametrize(
    "name, shown",
    [
        ("=HYPERLINK(1)", "'=HYPERLINK(1)"), ("+49", "'+49"), ("-x", "'-x"), ("@a", "'@a"),
        (" =a", "' =a"), ('="safe"', '="safe"'), ("O'Neil", "O'Neil"), ("-", "-"), ("", ""),
        ('="x"&cmd&""', "'=\"x\"&cmd&\"\""),
    ],
)  # fmt: skip
def test_name_is_data(name, shown):
    assert tables.as_text(name) == shown
