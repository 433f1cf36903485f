"""Goes along one chain from its start, checks each entry, and stops at the first that is not what was written.

Pure but for the pages that it is given; it holds one of them at a time.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import msgspec

from alerting.audit.entry import START, End, Row, digest
from alerting.audit.stored import Pages, UnreadableError
from alerting.canonical import NotCanonicalError


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """What verification found wrong. Of a chain: its first bad entry, as `sequence`."""

    chain: str | None = None
    sequence: int | None = None
    what: str

    def __str__(self) -> str:
        where = "" if self.chain is None else f"chain {self.chain}, entry {self.sequence}: "
        return where + self.what


@dataclass(slots=True)
class Walk:
    """One chain, checked from after `end` on."""

    chain: str
    pages: Pages
    end: End = START
    fault: Fault | None = None
    keys: set[str] = field(default_factory=set[str])
    """The ids of keys that entries name."""
    _ahead: Iterator[Row] = field(default_factory=lambda: iter(()))
    _after: int | None = None
    _next: Row | None = None

    def __post_init__(self) -> None:
        self._after = None if self.end == START else self.end.sequence

    def advance(self, to: int | None = None) -> int:
        """Go on to this entry, or to the last one, and say how many were good. Sets `fault` and stops there for good."""
        checked = 0
        while self.fault is None and (to is None or self.end.sequence < to):
            try:
                row = self._peek()
            except UnreadableError as error:
                self._blame(min(error.sequence, self.end.sequence + 1), f"it cannot be read: {error}")
                break
            if row is None:
                break
            self._take(row)
            checked += self.fault is None
        return checked

    def _peek(self) -> Row | None:
        if self._next is None:
            self._next = next(self._ahead, None)
        if self._next is None:
            self._ahead = iter(self.pages(self.chain, self._after))
            self._next = next(self._ahead, None)
        return self._next

    def _take(self, row: Row) -> None:
        number, before = row["sequence"], self.end
        if number > before.sequence + 1:
            self._blame(before.sequence + 1, f"it is missing; entry {number} is the next one there")
        elif number <= before.sequence:
            self._blame(number, "it is there once too often: a chain has one entry of each number, from 1")
        elif (wrong := _spoilt(row)) is not None:
            self._blame(number, wrong)
        elif row["previous"] != before.hash:
            self._blame(number, f"it does not follow on {f'entry {before.sequence}' if before.sequence else 'the start'}: "
                                "one of the two is not what was written")  # fmt: skip
        else:
            self.end, self._after, self._next = End(number, row["hash"]), number, None
            if row["key_id"] is not None:
                self.keys.add(row["key_id"])

    def _blame(self, sequence: int, what: str) -> None:
        self.fault = Fault(chain=self.chain, sequence=sequence, what=what)


def _spoilt(row: Row) -> str | None:
    try:
        same = digest(row) == row["hash"]
    except (NotCanonicalError, ValueError) as error:
        return f"it was changed: {error}"
    return None if same else "it was changed: its hash is not that of what it says"
