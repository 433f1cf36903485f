"""Spreadsheets as Office Open XML (ECMA-376): bounded before they are read, then row by row.

What is read of a workbook is XML in a ZIP archive, and a few kilobytes can stand for gigabytes of either. So sizes, tags and
declarations are looked at first; a sheet is then gone through without ever being held as a whole.
"""

import io
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple, cast

from openpyxl import load_workbook  # pyright: ignore[reportUnknownVariableType]

from streams.intake.cell import Cell
from streams.intake.refusal import Reason, Refusal, quoted

MOST_PARTS = 500
LARGEST = 128 * 1024 * 1024
"""Bytes of all parts together when unpacked."""

LARGEST_PART = 4 * 1024 * 1024
"""Of parts other than sheets and the table of texts: those are held as a whole."""

HIGHEST_RATIO = 200
"""Unpacked to packed. Sheets of real partners pack ten to forty times."""

MOST_TAGS = 6_000_000
MOST_ROWS, MOST_COLUMNS = 1_048_576, 1000
_CHUNK = 1024 * 1024
_LONG_PARTS = ("xl/worksheets/", "xl/sharedStrings.xml")


class SheetRow(NamedTuple):
    """A row of a sheet by its number there (the first is 1). Trailing empty cells are left out."""

    number: int
    cells: Sequence[Cell]


def rows(content: bytes, sheet: str | None) -> Iterator[SheetRow]:
    """The rows of a sheet that have anything in them; of the first sheet if none is named.

    Raises `Refusal`: `too_large` for what is beyond the bounds, `bad_row` for what is no workbook, `unknown_feed` for a sheet
    that is not there.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _check(archive)
        book: Any = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        with closing(book):
            yield from _rows(_sheet(book, sheet))
    except Refusal:
        raise
    except Exception as fault:  # the readers of ZIP, XML and sheets each have their own for what is not as it should be
        raise Refusal(Reason.BAD_ROW, f"The file is no workbook (.xlsx) in order: {type(fault).__name__}") from None


def _rows(sheet: Any) -> Iterator[SheetRow]:
    sheet.reset_dimensions()  # what a sheet says of its own size need not be so
    for number, found in enumerate(sheet.iter_rows(values_only=True), start=1):
        if number > MOST_ROWS or len(found) > MOST_COLUMNS:
            message = f"The sheet goes beyond {MOST_ROWS} rows or {MOST_COLUMNS} columns"
            raise Refusal(Reason.TOO_LARGE, message, f"row {number}")
        cells = [_cell(value) for value in found]
        while cells and (cells[-1] is None or cells[-1] == ""):
            cells.pop()
        if cells:
            yield SheetRow(number, cells)


def _sheet(book: Any, name: str | None) -> Any:
    names = cast("list[str]", [one.title for one in book.worksheets])
    if name is None and names:
        return book.worksheets[0]
    if name not in names:
        message = f"The workbook has no sheet {quoted(name)}; it has {', '.join(map(quoted, names[:10])) or 'none'}"
        raise Refusal(Reason.UNKNOWN_FEED, message)
    return book.worksheets[names.index(name)]


def _cell(value: object) -> Cell:
    if value is None or isinstance(value, str | int | float | bool | datetime):
        return value
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)  # noqa: DTZ001 - a cell has no zone
    return str(value) if isinstance(value, time | timedelta) else quoted(value)


def _check(archive: zipfile.ZipFile) -> None:
    parts = archive.infolist()
    if len(parts) > MOST_PARTS:
        raise _too_large(f"has {len(parts)} parts; at most {MOST_PARTS} are taken")
    unpacked = sum(part.file_size for part in parts)
    if unpacked > LARGEST:
        raise _too_large(f"has {unpacked} bytes when unpacked; at most {LARGEST} are taken: split it")
    if unpacked > HIGHEST_RATIO * max(1, sum(part.compress_size for part in parts)):
        raise _too_large(f"unpacks to more than {HIGHEST_RATIO} times its size")
    tags = 0
    for part in parts:
        if part.flag_bits & 1:
            raise Refusal(Reason.BAD_ROW, "The workbook is encrypted; send it without a password")
        if not part.filename.endswith((".xml", ".rels")):
            continue
        if part.file_size > LARGEST_PART and not part.filename.startswith(_LONG_PARTS):
            raise _too_large(f"has a part {quoted(part.filename)} of {part.file_size} bytes")
        tags += _tags(archive, part)
        if tags > MOST_TAGS:
            raise _too_large(f"has more than {MOST_TAGS} tags: split it")


def _tags(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> int:
    """How many tags a part may have. Raises `Refusal` for declarations of entities, and for encodings that could hide them."""
    tags = 0
    before = b""
    try:
        with archive.open(part) as content:
            while chunk := content.read(_CHUNK):
                tags += chunk.count(b"<")
                seen = before + chunk
                if b"<!DOCTYPE" in seen or b"<!ENTITY" in seen or b"\0" in chunk:
                    message = f"The part {quoted(part.filename)} declares entities, or is not UTF-8"
                    raise Refusal(Reason.BAD_ROW, message)
                before = chunk[-16:]
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError):
        raise Refusal(Reason.BAD_ROW, f"The part {quoted(part.filename)} cannot be unpacked") from None
    return tags


def _too_large(what: str) -> Refusal:
    return Refusal(Reason.TOO_LARGE, f"The workbook {what}")
