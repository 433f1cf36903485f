"""The trail for other eyes: a line of canonical JSON for each entry, or a table for a spreadsheet."""

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, Final

from alerting.audit.entry import FIELDS, Row, instant
from alerting.audit.stored import Pages
from alerting.canonical import canonical, read_canonical

COLUMNS: Final = (
    "chain", "sequence", "at", "zone", "actor", "authenticated", "on_behalf_of", "source", "action", "object", "version",
    "old", "new", "reason", "correlation", "rulebook", "inputs", "previous", "hash", "key_id",
)  # fmt: skip
"""Of the spreadsheet; the JSON has the same, sorted."""

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def entries(
    chains: Iterable[str], pages: Pages, since: datetime | None = None, before: datetime | None = None
) -> Iterator[Row]:
    """The entries of these chains, in order, as `digest` takes them; those of the half-open time from `since` to `before`.

    Raises UnreadableError.
    """
    first = "" if since is None else instant(since)
    last = "9999" if before is None else instant(before)
    for chain in chains:
        after: int | None = None
        while page := pages(chain, after):
            after = page[-1]["sequence"]
            yield from (row for row in page if first <= row["at"] < last)


def json_line(row: Row) -> bytes:
    """All that the hash covers, and the hash; whoever takes `hash` out again can count it anew."""
    values: dict[str, Any] = {name: row[name] for name in (*FIELDS, "hash")}
    for name in ("old", "new"):
        values[name] = None if row[name] is None else read_canonical(row[name])
    return canonical(values) + b"\n"


def csv_line(values: Iterable[Any]) -> bytes:
    """A line of a spreadsheet (RFC 4180). Text that a spreadsheet would take for a formula gets an apostrophe in front: the
    JSON is the exact one."""
    line = io.StringIO()
    csv.writer(line).writerow(
        f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value for value in values
    )
    return line.getvalue().encode()
