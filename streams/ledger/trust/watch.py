"""What a feed has shown of itself: its habits, its numbers, its clock, its order, its corrections.

All of it follows from the counted events in the order of the partition alone, however they were batched.
"""

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any, Final

import msgspec

from risk_rules.working_days import Calendar
from streams.ledger.trust.habits import Habits
from streams.ledger.trust.lags import HOUR, Lags
from streams.ledger.trust.marks import Marks
from streams.ledger.trust.numbering import Numbering

MOST_SOURCES: Final = 16
"""Of which the numbers are watched; the one that was heard of first is forgotten for a new one."""

DISORDER: Final = HOUR
"""What was written down so much before what came last is out of order. It is not compared with the newest of all, behind which
a whole backlog would be late if a single event overtook it."""

_encode, _decode = msgspec.msgpack.Encoder().encode, msgspec.msgpack.Decoder().decode


Word = tuple[int, int, str, str, int, bool]
"""An event of a feed: when it arrived and was written down (microseconds since 1970), its family, its source and its number
there (below zero: none), and whether it corrects or withdraws another. A bare tuple: there is one for each event."""


class Watch:
    """All of one feed. `last`: when its last event was written down, microseconds since 1970. `since`: by
    quality, the hour since which it is poor."""

    __slots__ = ("corrected", "disorder", "habits", "lags", "last", "numberings", "since")

    def __init__(self) -> None:
        self.habits = Habits()
        self.numberings: dict[str, Numbering] = {}
        self.lags = Lags()
        self.disorder = Marks()
        self.corrected = Marks()
        self.last = 0
        self.since: dict[str, int] = {}

    def take(self, words: Iterable[Word], calendar: Calendar) -> None:
        """Take in what the feed said, in order. `calendar` is the site's."""
        for hour, said in groupby(words, _hour):
            self._take(hour, list(said), calendar)

    def _take(self, hour: int, words: Sequence[Word], calendar: Calendar) -> None:
        older = corrected = 0
        last, families, least = self.last, set[str](), 1 << 62
        numberings = self.numberings
        for arrived, recorded, family, source, number, corrects in words:
            families.add(family)
            if arrived - recorded < least:
                least = arrived - recorded
            older, corrected = older << 1 | (recorded < last - DISORDER), corrected << 1 | corrects
            last = recorded
            if number >= 0:
                numbering = numberings.get(source)
                if numbering is None:
                    self._begin(source, number, hour)
                else:
                    numbering.note(number, hour)
        for family in sorted(families):
            self.habits.note(family, hour, calendar)
        self.last = last
        self.lags.note(hour, least)
        self.disorder.note(len(words), older)
        self.corrected.note(len(words), corrected)

    def _begin(self, source: str, number: int, hour: int) -> None:
        if len(self.numberings) >= MOST_SOURCES:
            del self.numberings[next(iter(self.numberings))]
        self.numberings[source] = Numbering(number, hour)

    def packed(self) -> bytes:
        """As it is stored."""
        numberings = {source: numbering.told() for source, numbering in self.numberings.items()}
        return _encode(
            (
                self.habits.told(), numberings, self.lags.told(), self.disorder.told(), self.corrected.told(), self.last,
                self.since,
            )
        )  # fmt: skip

    @classmethod
    def of(cls, packed: bytes) -> "Watch":
        """What was stored."""
        made = cls()
        told: Any = _decode(packed)
        habits, numberings, lags, disorder, corrected, made.last, made.since = told
        made.habits, made.lags = Habits.of(habits), Lags.of(lags)
        made.disorder, made.corrected = Marks.of(disorder), Marks.of(corrected)
        made.numberings = {source: Numbering.of(one) for source, one in numberings.items()}
        return made


def _hour(word: Word) -> int:
    return word[0] // HOUR
