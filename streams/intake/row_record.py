"""Rows of files as records on a partner's inbound topic: the row's own bytes, with what is needed to read them beside.

So a row is refused like any other record, and lies in the dead letters as it came.
"""

import csv
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple

from streams.intake.inbound import LARGEST
from streams.intake.refusal import Reason, Refusal, quoted
from streams.intake.tabular import Row

CSV = "text/csv"
FILE, LINE, COLUMNS, EVENT = "bellwether.file", "bellwether.line", "bellwether.columns", "bellwether.event"
CUT = "bellwether.cut_from_bytes"
LARGEST_ROW = LARGEST - 64 * 1024
"""Bytes of a row and the names of its columns: what fits into a record. A longer one is cut, to be refused."""
MOST_LINES = 200
"""Lines that one row may have. A quote that is never closed must not swallow the rest of the file."""

Headers = list[tuple[str, bytes]]


class RowRecord(NamedTuple):
    """Key, value and headers of a record for the inbound topic."""

    key: bytes
    value: bytes
    headers: Headers


class ReadRow(NamedTuple):
    """A row record as the intake meets it. `event` names the one event of the row that is meant; None means all."""

    row: Row
    profile: str
    event: str | None


def rows(content: bytes, delimiter: str) -> Iterator[Row]:
    """The rows of a file, each with its bytes and line. Blank lines are no rows; the first row names the columns.

    Works on bytes, so that a row with a broken encoding harms no other.
    """
    lines = content.removeprefix(b"\xef\xbb\xbf").splitlines(keepends=True)
    columns: bytes | None = None
    position = 0
    while position < len(lines):
        length = _length(lines, position, delimiter)
        row = b"".join(lines[position : position + length])
        if row.strip():
            if columns is None:
                columns = row
            else:
                yield Row(row, columns, position + 1)
        position += length


def _length(lines: list[bytes], position: int, delimiter: str) -> int:
    """How many lines the row at a position has. A row whose quotes do not close has one, and is refused later."""
    first = lines[position]
    if b'"' not in first:
        return 1
    upcoming = (line.decode("latin-1") for line in lines[position : position + MOST_LINES])
    reader = csv.reader(upcoming, delimiter=delimiter, strict=True)
    try:
        next(reader)
    except csv.Error:
        return 1
    return reader.line_num


def record(row: Row, *, profile: str, file: str, event: str | None = None) -> RowRecord:
    """The record of a row. `event` restricts it to one of the row's events, for a replay in the order of time."""
    headers: Headers = [
        ("content-type", f"{CSV}; profile={profile}".encode()),
        (FILE, file.encode("utf-8", "replace")),
        (LINE, str(row.line).encode()),
        (COLUMNS, row.columns),
    ]
    if event is not None:
        headers.append((EVENT, event.encode()))
    content = row.content
    if len(content) + len(row.columns) > LARGEST_ROW:
        headers.append((CUT, str(len(content)).encode()))
        content, headers[3] = content[:LARGEST_ROW], (COLUMNS, b"")
    return RowRecord(profile.encode(), content, headers)


def is_row(headers: Mapping[str, str]) -> bool:
    """Whether the content type says that the record is a row."""
    return headers.get("content-type", "").partition(";")[0].strip().lower() == CSV


def read(texts: Mapping[str, str], columns: bytes | None, value: bytes | None) -> ReadRow:
    """The row in a record. `columns` is the header of that name as it came, since it is not always UTF-8."""
    content_type = texts["content-type"]
    profile = profile_of(content_type)
    if profile is None:
        raise Refusal(Reason.BAD_HEADER, f"{quoted(content_type)} names no profile", "header content-type")
    line = texts.get(LINE, "")
    if not (line.isascii() and line.isdigit() and len(line) < 12):
        raise Refusal(Reason.BAD_HEADER, "The header must hold the row's line", f"header {LINE}")
    if CUT in texts:
        message = f"The row has {texts[CUT]} bytes; at most {LARGEST_ROW} are taken"
        raise Refusal(Reason.TOO_LARGE, message, f"line {line}")
    if columns is None:
        raise Refusal(Reason.BAD_HEADER, "The header must hold the names of the columns", f"header {COLUMNS}")
    if not value:
        raise Refusal(Reason.EMPTY, "The record has no value", f"line {line}")
    return ReadRow(Row(value, columns, int(line)), profile, texts.get(EVENT))


@lru_cache(maxsize=256)
def profile_of(content_type: str) -> str | None:
    """The profile that the content type of a row names; None for any other record."""
    essence, *parameters = content_type.split(";")
    if essence.strip().lower() != CSV:
        return None
    for parameter in parameters:
        name, _, value = parameter.strip().partition("=")
        if name.lower() == "profile":
            return value.strip('"') or None
    return None
