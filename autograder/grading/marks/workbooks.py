"""Excel's workbooks (.xlsx) as lines of text, and back with cells changed. CSV is `tables`'."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Sequence
from datetime import date, datetime

import click

LARGEST = 10**8  # bytes of all that is packed in a workbook; a table of 10,000 people has 2 MB


def read(raw: bytes, name: str) -> tuple[list[list[str]], str, list[str]]:
    """The cells of a workbook's sheet as text, the sheet's title, and sentences about it.

    Read is the sheet that was last looked at; where it is empty, the first that is not. Formulas
    are read as what they came to when the file was saved. `name` is what the file is called in
    sentences. Raises ClickException where it is no workbook.
    """
    book = _opened(raw, name, data_only=True)
    sheets = [book.active, *book.worksheets]
    for sheet in (s for s in sheets if s in book.worksheets):  # a sheet may be a chart
        lines = [[_text(cell) for cell in row] for row in sheet.iter_rows()]
        while lines and not any(cell.strip() for cell in lines[-1]):
            del lines[-1]
        if lines:
            break
    else:
        raise click.ClickException(f"{name} is empty; download it again.")
    many = len(book.worksheets)
    notes = [f"{name} has {many} sheets; read was {sheet.title}."] if many > 1 else []
    return lines, sheet.title, notes


def filled(raw: bytes, title: str, changes: Sequence[tuple[int, int, str]]) -> bytes:
    """A workbook with other values in some cells of the sheet `title`, formulas and formats kept.

    `changes` are (row, column, text), both counted from 1; a text that is a number becomes one.
    """
    book = _opened(raw, title, data_only=False)
    for row, column, text in changes:
        _put(book[title].cell(row, column), text)
    return _bytes(book)


def made(lines: Sequence[Sequence[str]]) -> bytes:
    """A new workbook with these lines; all that stands in them is text, but for numbers."""
    from openpyxl import Workbook

    book = Workbook()
    for row, line in enumerate(lines, 1):
        for column, text in enumerate(line, 1):
            # Zeros in front, as in 0012, are part of an id.
            _put(book.active.cell(row, column), text, number=not re.match(r"\s*0\d", text))
    return _bytes(book)


def _opened(raw: bytes, name: str, data_only: bool):
    from openpyxl import load_workbook

    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as packed:
            size = sum(member.file_size for member in packed.infolist())
        if size <= LARGEST:
            return load_workbook(io.BytesIO(raw), data_only=data_only)
        why = f"it unpacks to {size // 10**6} MB"
    except Exception as error:  # noqa: BLE001 - openpyxl passes on whatever a broken part raises
        why = str(error).partition("\n")[0] or type(error).__name__
    raise click.ClickException(
        f"{name} cannot be read as a workbook (.xlsx): {why}. Save it as CSV, and use that."
    )


def _text(cell) -> str:
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, (int, float)) and value == int(value):
        # A format such as 00000 shows zeros that the number does not have.
        shown = cell.number_format if re.fullmatch(r"0+", cell.number_format or "") else ""
        return f"{int(value):0{len(shown)}d}"
    if isinstance(value, (datetime, date)):
        return value.isoformat(" ") if isinstance(value, datetime) else value.isoformat()
    return str(value)


def _put(cell, text: str, number: bool = True) -> None:
    if number and re.fullmatch(r"-?\d+(\.\d+)?", text):
        cell.value = float(text)
        return
    cell.value = text or None
    if text.startswith("="):
        cell.data_type = "s"  # a name, and no formula


def _bytes(book) -> bytes:
    held = io.BytesIO()
    book.save(held)
    return held.getvalue()
