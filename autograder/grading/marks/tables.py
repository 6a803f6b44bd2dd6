"""Tables as other programs write them, in CSV files and workbooks: read and written so that what is
not changed stays. What stands in them is nobody's business here."""

from __future__ import annotations

import csv
import io
import os
import re
import tempfile
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

import click

from autograder.grading.marks import workbooks

# A cell may hold what somebody has written in a text box; beyond this a file is no table.
CELL_LIMIT = 2**24
# What Excel and LibreOffice take for the beginning of a formula (OWASP, "CSV Injection").
FORMULA = re.compile(r"\s*[=+\-@\t\r].")
# Canvas protects a name with =, so that a spreadsheet shows it as text.
PROTECTED = re.compile(r'="([^"]*)"')
# The first line by which Excel knows what parts the cells.
SEPARATOR = re.compile(r'"?sep=(.)"?', re.IGNORECASE)
DECIMAL = re.compile(r"-?\d+([.,])\d+")


@dataclass(frozen=True)
class Book:
    """The workbook that a table was read from: its bytes, the sheet's title, its cells as read."""

    raw: bytes
    sheet: str
    lines: tuple[tuple[str, ...], ...]


@dataclass
class Table:
    """Lines of cells, the first of which names the columns, and how they stand in a file.

    Attributes
    ----------
    bom : whether the file begins with the mark by which Excel knows UTF-8
    notes : sentences about how the file was read
    encoding : "utf-8" or "utf-16", in which the table is written
    separator : the line "sep=;" with which the file begins; empty where it does not
    starts : the line of the file on which each of `lines` begins, counted from 1
    book : where it was read from, if that is no CSV file
    """

    lines: list[list[str]]
    delimiter: str = ","
    line_end: str = "\r\n"
    bom: bool = True
    notes: list[str] = field(default_factory=list)
    encoding: str = "utf-8"
    separator: str = ""
    starts: list[int] = field(default_factory=list)
    book: Book | None = None

    @property
    def header(self) -> list[str]:
        return self.lines[0]

    def at(self, line: int) -> int:
        """The line of the file on which one of `lines` begins, as an editor counts."""
        return self.starts[line] if self.starts else line + 1

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

    def add_column(self, title: str, before: int | None = None) -> int:
        """Make a column, the last or before another one; its place."""
        place = len(self.header) if before is None or self.book else before
        for line in self.lines:
            if len(line) >= place:
                line.insert(place, "")
        self.put(0, place, title)
        return place

    def decimal_sign(self, columns: Collection[int]) -> str | None:
        """What parts a number's whole part from the rest in these columns: "," or "."; None where
        no number there shows it."""
        found = [
            match[1]
            for number in range(1, len(self.lines))
            for column in columns
            if (match := DECIMAL.fullmatch(self.cell(number, column)))
        ]
        return max(".,", key=found.count) if found else None


def read(path: Path) -> Table:
    """Read a table: a workbook (.xlsx), or CSV in UTF-8 or what Excel saves, parted by commas,
    semicolons or tabs, or by what its first line names ("sep=;").

    Raises ClickException where it is no table.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise click.ClickException(f"{path} cannot be read: {error.strerror}.") from None
    if raw.startswith(b"PK\x03\x04"):
        cells, sheet, notes = workbooks.read(raw, str(path))
        table = Table(cells, notes=notes, book=Book(raw, sheet, tuple(map(tuple, cells))))
        table.starts = list(range(1, len(cells) + 1))
    elif raw.startswith(b"\xd0\xcf\x11\xe0"):
        raise click.ClickException(
            f"{path} is an old Excel file (.xls), or one with a password. Save it in Excel as "
            "a workbook (.xlsx) without one, or as CSV UTF-8."
        )
    else:
        table = _csv(raw, path)
    while table.lines and not any(cell.strip() for cell in table.lines[0]):
        del table.lines[0], table.starts[0]
    if not table.lines:
        raise click.ClickException(f"{path} is empty; download it again.")
    return table


def _csv(raw: bytes, path: Path) -> Table:
    text, encoding, notes = _text(raw, path)
    first = next((line for line in text.splitlines() if line.strip()), "")
    told = SEPARATOR.fullmatch(first.strip(" \r\n"))
    skipped = 0
    if told:
        before, _, text = text.partition(first)
        skipped = len(before.splitlines()) + 1
        text = re.sub(r"^\r?\n", "", text)
    head = next((line for line in text.splitlines() if line.strip()), "")
    # A name such as "Week 6, 7; 8" is no separator.
    plain = re.sub(r'"[^"]*"', "", head)
    delimiter = told[1] if told else max(",;\t", key=plain.count)
    csv.field_size_limit(CELL_LIMIT)
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        lines, starts, ended = [], [], 0
        for line in reader:
            lines.append(line)
            starts.append(skipped + ended + 1)
            ended = reader.line_num
    except (csv.Error, TypeError, ValueError) as error:
        where = f", line {skipped + ended + 1}," if isinstance(error, csv.Error) else ""
        raise click.ClickException(
            f"{path}{where} cannot be read as CSV ({error}). Download it again."
        ) from None
    line_end = "\r\n" if "\r\n" in text else "\n"
    bom = raw.startswith(b"\xef\xbb\xbf") or encoding != "utf-8" or bool(notes)
    return Table(lines, delimiter, line_end, bom, notes, encoding, first.strip() if told else "",
                 starts)  # fmt: skip


def _text(raw: bytes, path: Path) -> tuple[str, str, list[str]]:
    """A file's text, the encoding to write it in again, and sentences about it."""
    try:
        if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
            return raw.decode("utf-16"), "utf-16", []
        if b"\0" in raw[:2]:  # the mark is missing; a title begins with a letter of Latin
            return raw.decode("utf-16-be" if raw[:1] == b"\0" else "utf-16-le"), "utf-16", []
    except UnicodeDecodeError:
        raise click.ClickException(f"{path} is cut off (UTF-16); download it again.") from None
    try:
        return raw.decode("utf-8-sig"), "utf-8", []
    except UnicodeDecodeError:
        return (
            raw.decode("cp1252", errors="replace"),
            "utf-8",
            [f"{path.name} is not UTF-8; it was read as Windows-1252. Look at the umlauts."],
        )


def write(table: Table, path: Path) -> None:
    """Write a table, as a workbook where `path` ends in .xlsx, else as CSV; what was there under
    this name stays until all is written."""
    path = Path(os.path.abspath(path))
    data = _workbook(table) if path.suffix.lower() == ".xlsx" else _as_csv(table)
    # Marks are nobody's but the teacher's; mkstemp makes files that only their owner reads.
    try:
        opened, growing = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    except OSError as error:
        raise click.ClickException(f"{path} cannot be written: {error.strerror}.") from None
    try:
        with os.fdopen(opened, "wb") as file:
            file.write(data)
        os.replace(growing, path)
    except BaseException as error:
        os.unlink(growing)
        if isinstance(error, OSError):
            raise click.ClickException(f"{path} cannot be written: {error.strerror}.") from None
        raise


def _as_csv(table: Table) -> bytes:
    text = io.StringIO(newline="")
    if table.separator:
        text.write(table.separator + table.line_end)
    csv.writer(text, delimiter=table.delimiter, lineterminator=table.line_end).writerows(
        table.lines
    )
    bom = "utf-8-sig" if table.bom else "utf-8"
    return text.getvalue().encode("utf-16" if table.encoding == "utf-16" else bom)


def _workbook(table: Table) -> bytes:
    if table.book is None:
        return workbooks.made(table.lines)
    changes = []
    for line, cells in enumerate(table.lines):
        row = table.at(line)
        before = table.book.lines[row - 1]
        changes += [
            (row, column + 1, text)
            for column, text in enumerate(cells)
            if text != (before[column] if column < len(before) else "")
        ]
    return workbooks.filled(table.book.raw, table.book.sheet, changes)


def as_text(cell: str) -> str:
    """A name that no spreadsheet takes for a formula: with an apostrophe in front where needed."""
    return f"'{cell}" if FORMULA.match(cell) and not PROTECTED.fullmatch(cell) else cell


def unprotected(cell: str) -> str:
    """What a cell says that is protected from spreadsheets: ="0012" says 0012."""
    match = PROTECTED.fullmatch(cell.strip())
    return (match[1] if match else cell).strip()
