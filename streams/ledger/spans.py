"""The fast half of the register: for each span of its rows, a filter that knows what is surely in none of them."""

from collections.abc import Iterable, Iterator, Sequence, Sized
from datetime import datetime
from typing import Final, Protocol

from rbloom import Bloom

ERROR: Final = 1e-6
"""How often a filter takes for known what is not. It costs 3.6 bytes an identity."""

SMALLEST: Final = 1 << 17
LARGEST: Final = 1 << 20
"""Identities that a span has room for. Few large spans are asked sooner, small ones are looked through sooner."""


class _Batch(Iterable[int], Sized, Protocol):
    """What can be counted and gone through."""


class Span:
    """Rows that follow one another: from number `first` to before `end`, the newest arrived at `newest_at`."""

    def __init__(self, first: int, room: int, newest_at: datetime) -> None:
        self.first = self.end = first
        self.newest_at = newest_at
        self.room = self.capacity = room
        self.filter = Bloom(room, ERROR)


class Spans:
    """The spans of all rows that are remembered, oldest first: what is forgotten gives its memory back.

    A new span has room for a quarter of what there is already, so that memory grows in small steps.
    """

    def __init__(self) -> None:
        self._spans: list[Span] = []

    def add(self, number: int, identities: _Batch, arrived_at: datetime) -> None:
        """Remember the next row."""
        span = self._spans[-1] if self._spans else None
        if span is None or span.room < len(identities):
            known = sum(span.capacity for span in self._spans)
            room = max(SMALLEST, min(LARGEST, known // 4), len(identities))
            span = Span(number, room, arrived_at)
            self._spans.append(span)
        span.filter.update(identities)  # pyright: ignore[reportUnknownMemberType]
        span.room -= len(identities)
        span.end, span.newest_at = number + 1, max(span.newest_at, arrived_at)

    def suspects(self, identities: Sequence[int]) -> list[int]:
        """Those that may be in some row; all others surely are not."""
        if len(self._spans) == 1:
            known = self._spans[0].filter
            return [one for one in identities if one in known]
        return [one for _, some in self.suspecting(identities) for one in some]

    def suspecting(self, identities: Sequence[int]) -> Iterator[tuple[Span, list[int]]]:
        """The spans that may hold some of these, newest first, with those that each may hold."""
        for span in reversed(self._spans):
            known = span.filter
            some = [one for one in identities if one in known]
            if some:
                yield span, some

    def forget(self, before: datetime) -> None:
        """Let go of what arrived before."""
        self._spans = [span for span in self._spans if span.newest_at >= before]
