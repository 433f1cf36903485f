"""The fast half of "have I met this before?": a filter that never overlooks what it was told, and is seldom wrong otherwise."""

from collections.abc import Collection, Iterable, Sized
from typing import Protocol, TypeVar

from rbloom import Bloom

T = TypeVar("T", int, str)


class _Batch(Iterable[int | str], Sized, Protocol):
    """What can be counted and gone through."""


class Met:
    """Bloom filters in a row, each twice as large as the one before, so that their memory grows with what they were told.

    About 1.8 bytes for each thing at an error of 1 in 1,000, 3.6 bytes at 1 in a million.
    """

    def __init__(self, error: float, capacity: int = 1 << 17) -> None:
        self._error = error
        self._capacity = capacity
        self._filters = [Bloom(capacity, error)]
        self._room = capacity

    def of(self, things: Collection[T]) -> list[T]:
        """Those that may have been met; all others surely have not."""
        first, *others = self._filters
        met = [thing for thing in things if thing in first]
        for known in others:
            met += [thing for thing in things if thing in known]
        return list(dict.fromkeys(met)) if others else met

    def add(self, things: _Batch) -> None:
        """Remember all of these."""
        if self._room < len(things):
            self._capacity = max(2 * self._capacity, len(things))
            self._filters.append(Bloom(self._capacity, self._error))
            self._room = self._capacity
        self._filters[-1].update(things)  # pyright: ignore[reportUnknownMemberType]
        self._room -= len(things)
