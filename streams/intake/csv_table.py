"""Tables as CSV (RFC 4180, with the delimiter and encoding of the partner): from bytes to rows, and to their events."""

import csv
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Literal, NamedTuple

from streams.intake import feed_record
from streams.intake.draft import Codes, Draft
from streams.intake.feed_file import Fault, Words
from streams.intake.feed_record import CUT, LARGEST_VALUE, LINE, FeedRecord
from streams.intake.inbound import COLUMNS
from streams.intake.refusal import Reason, Refusal, quoted
from streams.intake.table_faults import table_faults
from streams.intake.table_file import TableFeed
from streams.intake.tabular import COLUMNS_KNOWN, Columns, TableReader

MEDIA_TYPES = ("text/csv",)
MOST_LINES_OF_FILE = 4_000_000
"""Held at once; an empty line takes many times its one byte."""

MOST_LINES = 200
"""Lines that one row may have. A quote that is never closed must not swallow the rest of the file."""

Encoding = Literal["utf-8", "ascii", "latin-1", "iso-8859-15", "cp1250", "cp1252"]
"""Only encodings that write a line feed and a quote as ASCII does: files are cut before they are read."""


class CsvFeed(TableFeed, frozen=True, kw_only=True, tag="csv"):
    """A table as CSV; its first row names the columns."""

    encoding: Encoding = "utf-8"
    delimiter: str = ","


class Row(NamedTuple):
    """A row as it stands in a file: its bytes, those of the row of names at the top, and its line (the first is 1)."""

    content: bytes
    columns: bytes
    line: int


def faults(said: CsvFeed, words: Words) -> Iterator[Fault]:
    """All that is wrong with what a feed says."""
    if len(said.delimiter) != 1 or said.delimiter in '"\r\n' or not said.delimiter.isascii():
        yield Fault(("delimiter",), "must be one ASCII character", 'such as ; or a tab, written as "\\t"')
    yield from table_faults(said, words)


class CsvReader:
    """Reads records of a feed: a row (`feed_record.row`), or a whole table, which is taken with all its rows or not at all."""

    def __init__(self, said: CsvFeed, codes: Codes) -> None:
        self._said = said
        self._table = TableReader(said, codes)
        self._columns: dict[bytes, Columns] = {}

    def __call__(self, value: bytes, texts: Mapping[str, str]) -> list[Draft]:
        """The events of a record. Raises `Refusal` with the line and column."""
        line = texts.get(LINE)
        if line is None:
            return [draft for row in rows(value, self._said.delimiter) for draft in self.of_row(row)]
        if not (line.isascii() and line.isdigit() and len(line) < 12):
            raise Refusal(Reason.BAD_HEADER, "The header must hold the row's line", f"header {LINE}")
        if CUT in texts:
            message = f"The row has {texts[CUT]} bytes; at most {LARGEST_VALUE} are taken"
            raise Refusal(Reason.TOO_LARGE, message, f"line {line}")
        columns = texts.get(COLUMNS)
        if columns is None:
            raise Refusal(Reason.BAD_HEADER, "The header must hold the names of the columns", f"header {COLUMNS}")
        return self.of_row(Row(value, columns.encode("latin-1", "replace"), int(line)))

    def of_row(self, row: Row) -> list[Draft]:
        """The events of a row."""
        place = f"line {row.line}"
        cells = _cells(row.content, self._said.encoding, self._said.delimiter, place)
        columns = self._columns.get(row.columns) or self._known(row.columns)
        digest = hashlib.sha256(row.content.strip()).hexdigest()[:32] if self._table.needs_digest else ""
        return self._table.drafts(cells, columns, place, row.line, digest)

    def _known(self, content: bytes) -> Columns:
        plain = content.removeprefix(b"\xef\xbb\xbf")
        names = _cells(plain, self._said.encoding, self._said.delimiter, "line 1")
        found = self._table.columns(names, "line 1", lambda position, name: f"column {quoted(name)}")
        if len(self._columns) >= COLUMNS_KNOWN:
            self._columns.clear()
        self._columns[content] = found
        return found


def rows(content: bytes, delimiter: str) -> Iterator[Row]:
    """The rows of a file, each with its bytes and line. Blank lines are no rows; the first row names the columns.

    Works on bytes, so that a row with a broken encoding harms no other. Raises `Refusal` for a file of too many lines.
    """
    if content.count(b"\n") + content.count(b"\r") > MOST_LINES_OF_FILE:
        raise Refusal(Reason.TOO_LARGE, f"The file has more than {MOST_LINES_OF_FILE} lines: split it")
    lines = content.removeprefix(b"\xef\xbb\xbf").splitlines(keepends=True)
    columns: bytes | None = None
    position = 0
    while position < len(lines):
        row = lines[position]
        length = 1
        if b'"' in row:
            length = _length(lines, position, delimiter)
            row = b"".join(lines[position : position + length])
        if row.strip():
            if columns is None:
                columns = row
            else:
                yield Row(row, columns, position + 1)
        position += length


def records(content: bytes, said: CsvFeed, *, feed: str, file: str) -> Iterable[FeedRecord]:
    """A file as records for the inbound topic, one a row."""
    return (
        feed_record.row(row.content, row.columns, row.line, feed=feed, media_type=MEDIA_TYPES[0], file=file)
        for row in rows(content, said.delimiter)
    )


def _length(lines: list[bytes], position: int, delimiter: str) -> int:
    """How many lines the row at a position has. A row whose quotes do not close has one, and is refused later."""
    upcoming = (line.decode("latin-1") for line in lines[position : position + MOST_LINES])
    reader = csv.reader(upcoming, delimiter=delimiter, strict=True)
    try:
        next(reader)
    except csv.Error:
        return 1
    return reader.line_num


def _cells(content: bytes, encoding: str, delimiter: str, place: str) -> list[str]:
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as fault:
        message = f"The row is not {encoding}"
        raise Refusal(Reason.BAD_ENCODING, message, f"{place}, byte {fault.start + 1}") from None
    line = text.rstrip("\r\n")
    if '"' not in line and "\n" not in line and "\r" not in line and line:
        return line.split(delimiter)
    try:
        lines = text.splitlines(keepends=True) if "\n" in text[:-1] else (text,)
        found = list(csv.reader(lines, delimiter=delimiter, strict=True))
    except csv.Error as fault:
        raise Refusal(Reason.BAD_ROW, f"The row is no CSV: {fault}", place) from None
    if len(found) != 1:
        raise Refusal(Reason.BAD_ROW, f"The record holds {len(found)} rows instead of one", place)
    return found[0]
