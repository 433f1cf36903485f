"""Parts of files as records on a partner's inbound topic: their own bytes, with what is needed to read them beside.

A row of a table is a record of its own: so it is refused like any other record, and lies in the dead letters as it came.
"""

from typing import NamedTuple, Self

from streams.intake.inbound import COLUMNS, LARGEST
from streams.intake.refusal import Reason, Refusal
from streams.intake.remembered import remembered

FILE, LINE, EVENT = "bellwether.file", "bellwether.line", "bellwether.event"
CUT = "bellwether.cut_from_bytes"
SHEET = "bellwether.sheet"
LARGEST_VALUE = LARGEST - 64 * 1024
"""Bytes of a value, and of a row with the names of its columns: what fits into a record beside the headers."""

Headers = list[tuple[str, bytes]]


class FeedRecord(NamedTuple):
    """Key, value and headers of a record for the inbound topic. One key for all of a feed: it stays in order."""

    key: bytes
    value: bytes
    headers: Headers

    def of_event(self, position: int) -> Self:
        """The same record for one of its events, the first being 0: for a replay in the order of time."""
        return self._replace(headers=[*self.headers, (EVENT, str(position).encode())])

    def on_sheet(self, name: str) -> Self:
        """The same record, which is a row of the sheet of that name."""
        return self._replace(headers=[*self.headers, (SHEET, name.encode())])


def whole(content: bytes, *, feed: str, media_type: str, file: str) -> FeedRecord:
    """The record of a whole file. Raises `Refusal` for one that no record can hold."""
    if len(content) > LARGEST_VALUE:
        message = f"The file has {len(content)} bytes; at most {LARGEST_VALUE} go into a record: split it"
        raise Refusal(Reason.TOO_LARGE, message)
    return FeedRecord(feed.encode(), content, [_content_type(media_type, feed), _file(file)])


def row(
    content: bytes, columns: bytes, line: int, *, feed: str, media_type: str, file: str
) -> FeedRecord:  # fmt: skip
    """The record of a row. One that no record can hold is cut, to be refused where it is read."""
    headers: Headers = [
        _content_type(media_type, feed),
        _file(file),
        (LINE, str(line).encode()),
        (COLUMNS, columns),
    ]
    if len(content) + len(columns) > LARGEST_VALUE:
        headers.append((CUT, str(len(content)).encode()))
        content, headers[3] = content[:LARGEST_VALUE], (COLUMNS, b"")
    return FeedRecord(feed.encode(), content, headers)


class ContentType(NamedTuple):
    """A content type, as the choice of a feed needs it: the media type in lower case, and the feed that it names."""

    media_type: str
    feed: str | None


@remembered(1024)
def content_type(text: str) -> ContentType:
    """The parts of a content type that say how a record is read."""
    essence, *parameters = text.split(";")
    for parameter in parameters:
        name, _, value = parameter.strip().partition("=")
        if name.lower() == "feed":
            return ContentType(essence.strip().lower(), value.strip('"') or None)
    return ContentType(essence.strip().lower(), None)


def _content_type(media_type: str, feed: str) -> tuple[str, bytes]:
    return "content-type", f"{media_type}; feed={feed}".encode()


def _file(name: str) -> tuple[str, bytes]:
    return FILE, name.encode("utf-8", "replace")
