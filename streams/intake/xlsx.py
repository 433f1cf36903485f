"""Tables as spreadsheets (.xlsx): the same fields and events as of CSV, by typed cells.

A dropped workbook goes on the topic row by row: a row is a JSON array of its cells, a time among them `{"at": "..."}`.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, cast

import msgspec
from openpyxl.utils import get_column_letter

from streams.intake import feed_record, json_text, workbook
from streams.intake.cell import Cell
from streams.intake.draft import Codes, Draft
from streams.intake.feed_file import Fault, Words
from streams.intake.feed_record import CUT, LARGEST_VALUE, LINE, SHEET, FeedRecord
from streams.intake.inbound import COLUMNS
from streams.intake.refusal import Reason, Refusal, quoted
from streams.intake.table_faults import table_faults
from streams.intake.table_file import TableFeed
from streams.intake.tabular import COLUMNS_KNOWN, Columns, TableReader

ROW = "application/vnd.bellwether.row+json"
MEDIA_TYPES = ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ROW)


class XlsxFeed(TableFeed, frozen=True, kw_only=True, tag="xlsx"):
    """A table in a workbook: in the sheet of that name, else in the first. Its first row that is not empty names the columns."""

    sheet: str | None = None


class XlsxReader:
    """Reads records of a feed: a row, or a whole workbook, which is taken with all its rows or not at all."""

    def __init__(self, said: XlsxFeed, codes: Codes) -> None:
        self._said = said
        self._table = TableReader(said, codes)
        self._columns: dict[str, Columns] = {}

    def __call__(self, value: bytes, texts: Mapping[str, str]) -> list[Draft]:
        """The events of a record. Raises `Refusal` with sheet, row and column."""
        sheet = texts.get(SHEET) or self._said.sheet
        line = texts.get(LINE)
        if line is None:
            return [draft for names, row in _table(value, sheet) for draft in self._of_row(row, names, sheet)]
        if not (line.isascii() and line.isdigit() and len(line) < 12):
            raise Refusal(Reason.BAD_HEADER, "The header must hold the row's number", f"header {LINE}")
        if CUT in texts:
            message = f"The row has {texts[CUT]} bytes; at most {LARGEST_VALUE} are taken"
            raise Refusal(Reason.TOO_LARGE, message, _place(sheet, int(line)))
        names = json_text.parse(texts.get(COLUMNS, "[]").encode("latin-1", "replace"))
        cells = json_text.parse(value)
        if not isinstance(names, list) or not isinstance(cells, list):
            raise Refusal(Reason.BAD_ROW, "A row is a JSON array of cells", _place(sheet, int(line)))
        read = [_read(one, _place(sheet, int(line))) for one in cast("list[Any]", cells)]
        row = workbook.SheetRow(int(line), read)
        return self._of_row(row, tuple(str(name) for name in cast("list[Any]", names)), sheet)

    def _of_row(self, row: workbook.SheetRow, names: tuple[str, ...], sheet: str | None) -> list[Draft]:
        place = _place(sheet, row.number)
        columns = self._known(names, sheet)
        # Empty cells at the end of a row are not stored; more cells than the table has columns are a fault.
        cells = [*row.cells, *([None] * (columns.width - len(row.cells)))]
        digest = hashlib.sha256(_written(row.cells)).hexdigest()[:32] if self._table.needs_digest else ""
        return self._table.drafts(cells, columns, place, row.number, digest)

    def _known(self, names: tuple[str, ...], sheet: str | None) -> Columns:
        key = msgspec.json.encode(names).decode()
        if key not in self._columns:
            if len(self._columns) >= COLUMNS_KNOWN:
                self._columns.clear()
            place = f"sheet {quoted(sheet)}" if sheet is not None else ""
            self._columns[key] = self._table.columns(names, place, _label)
        return self._columns[key]


def faults(said: XlsxFeed, words: Words) -> Iterator[Fault]:
    """All that is wrong with what a feed says."""
    return table_faults(said, words)


def records(content: bytes, said: XlsxFeed, *, feed: str, file: str) -> Iterator[FeedRecord]:
    """A workbook as records for the inbound topic, one a row. Raises `Refusal` when it cannot be read."""
    for names, row in _table(content, said.sheet):
        columns = msgspec.json.encode(names)
        record = feed_record.row(_written(row.cells), columns, row.number, feed=feed, media_type=ROW, file=file)
        yield record if said.sheet is None else record.on_sheet(said.sheet)


def _table(content: bytes, sheet: str | None) -> Iterator[tuple[tuple[str, ...], workbook.SheetRow]]:
    """The rows under the row of names, with these names."""
    names: tuple[str, ...] | None = None
    for row in workbook.rows(content, sheet):
        if names is None:
            names = tuple("" if cell is None else str(cell) for cell in row.cells)
        else:
            yield names, row


def _label(position: int, name: str) -> str:
    return f"column {get_column_letter(position + 1)} {quoted(name)}"


def _place(sheet: str | None, row: int) -> str:
    return f"row {row}" if sheet is None else f"sheet {quoted(sheet)}, row {row}"


def _written(cells: Sequence[Cell]) -> bytes:
    return json_text.encode([{"at": one.isoformat()} if isinstance(one, datetime) else one for one in cells])


def _read(cell: Any, place: str) -> Cell:
    if isinstance(cell, dict):
        at = cast("dict[str, Any]", cell).get("at")
        try:
            return datetime.fromisoformat(at)  # pyright: ignore[reportArgumentType] - refused below if it is no text
        except (TypeError, ValueError):
            raise Refusal(Reason.BAD_VALUE, f"{quoted(at)} is no time", place) from None
    if isinstance(cell, list):
        raise Refusal(Reason.BAD_ROW, "A cell holds a list", place)
    return cast("Cell", cell)
