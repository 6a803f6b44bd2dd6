"""Tables in CSV files as other programs write them: read and written so that what is not changed
stays. What stands in them is nobody's business here."""

from __future__ import annotations

import csv
import io
import os
import re
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import click

# A cell may hold what somebody has written in a text box; beyond this a file is no table.
CELL_LIMIT = 2**24
# What Excel and LibreOffice take for the beginning of a formula (OWASP, "CSV Injection").
FORMULA = re.compile(r"\s*[=+\-@\t\r].")
# Canvas protects a name with =, so that a spreadsheet shows it as text.
PROTECTED = re.compile(r'="[^"]*"')


@dataclass
class Table:
    """Lines of cells, the first of which names the columns, and how they stand in a file.

    Attributes
    ----------
    bom : whether the file begins with the mark by which Excel knows UTF-8
    notes : sentences about how the file was read
    """

    lines: list[list[str]]
    delimiter: str = ","
    line_end: str = "\r\n"
    bom: bool = True
    notes: list[str] = field(default_factory=list)

    @property
    def header(self) -> list[str]:
        return self.lines[0]

    def column(self, *names: str) -> int | None:
        """The place of the first column that bears one of these names, in any case."""
        wanted = {name.casefold() for name in names}
        places = (i for i, name in enumerate(self.header) if name.strip().casefold() in wanted)
        return next(places, None)

    def cell(self, line: int, column: int | None) -> str:
        """A cell's text; empty where the line is too short, or there is no such column."""
        cells = self.lines[line]
        return cells[column].strip() if column is not None and column < len(cells) else ""

    def put(self, line: int, column: int, text: str) -> None:
        """Write a cell, in a line that may be too short for it."""
        cells = self.lines[line]
        cells.extend([""] * (column + 1 - len(cells)))
        cells[column] = text


def read(path: Path) -> Table:
    """Read a CSV file: UTF-8 or what Excel saves, parted by commas, semicolons or tabs.

    Raises ClickException where it is no table.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise click.ClickException(f"{path} cannot be read: {error.strerror}.") from None
    if raw[:4] == b"PK\x03\x04":
        raise click.ClickException(
            f"{path} is a spreadsheet (xlsx) and not CSV; download it as CSV, or save it as one."
        )
    text, notes = _text(raw, path)
    head = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(",;\t", key=head.count)
    csv.field_size_limit(CELL_LIMIT)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        lines = list(reader)
    except csv.Error as error:
        raise click.ClickException(
            f"{path}, line {reader.line_num} cannot be read as CSV ({error}). Download it again."
        ) from None
    while lines and not any(cell.strip() for cell in lines[0]):
        del lines[0]
    if not lines:
        raise click.ClickException(f"{path} is empty; download it again.")
    line_end = "\r\n" if "\r\n" in text else "\n"
    return Table(lines, delimiter, line_end, raw.startswith(b"\xef\xbb\xbf") or bool(notes), notes)


def _text(raw: bytes, path: Path) -> tuple[str, list[str]]:
    try:
        if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
            return raw.decode("utf-16"), [f"{path.name} is UTF-16; what is written is UTF-8."]
        return raw.decode("utf-8-sig"), []
    except UnicodeDecodeError:
        return raw.decode("cp1252", errors="replace"), [
            f"{path.name} is not UTF-8; it was read as Windows-1252. Look at the umlauts."
        ]


def write(table: Table, path: Path) -> None:
    """Write a table as UTF-8; what was there under this name stays until all is written."""
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=table.delimiter, lineterminator=table.line_end).writerows(
        table.lines
    )
    data = text.getvalue().encode("utf-8-sig" if table.bom else "utf-8")
    path = Path(os.path.abspath(path))
    # Marks are nobody's but the teacher's; mkstemp makes files that only their owner reads.
    opened, growing = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    try:
        with os.fdopen(opened, "wb") as file:
            file.write(data)
        os.replace(growing, path)
    except BaseException as error:
        os.unlink(growing)
        if isinstance(error, OSError) and error.filename is None:
            raise click.ClickException(f"{path} cannot be written: {error.strerror}.") from None
        raise


def as_text(cell: str) -> str:
    """A name that no spreadsheet takes for a formula: with an apostrophe in front where needed."""
    return f"'{cell}" if FORMULA.match(cell) and not PROTECTED.fullmatch(cell) else cell
