"""What a feed has shown of itself: its habits, its numbers, its clock, its order, its corrections.

All of it follows from the counted events in the order of the partition alone, however they were batched.
"""

from collections.abc import Iterable, Sequence
from itertools import groupby
from operator import sub
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

    def take(self, words: Sequence[Word], calendar: Calendar) -> None:
        """Take in what the feed said, in order. `calendar` is the site's."""
        hours = {word[0] // HOUR for word in words}
        if len(hours) == 1:  # most often
            self._take(hours.pop(), words, calendar)
            return
        for hour, said in groupby(words, _hour):
            self._take(hour, list(said), calendar)

    def _take(self, hour: int, words: Sequence[Word], calendar: Calendar) -> None:
        """By columns, of which most hold nothing to be noted: there are many words, and each costs."""
        arrived, recorded, families, sources, numbers, corrects = zip(*words, strict=True)
        older = 0
        steps = list(map(sub, recorded, (self.last, *recorded[:-1])))
        if min(steps) < -DISORDER:
            older = _bits([step < -DISORDER for step in steps])
        if not all(map(self._counts_not, set(sources))):
            for source, number in zip(sources, numbers, strict=True):
                if number >= 0:
                    self._number(source, number, hour)
        for family in sorted(set(families)):
            self.habits.note(family, hour, calendar)
        self.last = recorded[-1]
        self.lags.note(hour, min(map(sub, arrived, recorded)))
        self.disorder.note(len(words), older)
        self.corrected.note(len(words), _bits(corrects) if any(corrects) else 0)

    def _counts_not(self, source: str) -> bool:
        numbering = self.numberings.get(source)
        return numbering is not None and numbering.counts is False

    def _number(self, source: str, number: int, hour: int) -> None:
        numbering = self.numberings.get(source)
        if numbering is None:
            self._begin(source, number, hour)
        else:
            numbering.note(number, hour)

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


def _bits(bad: Iterable[bool]) -> int:
    """A bit for each, the last one lowest."""
    bits = 0
    for one in bad:
        bits = bits << 1 | one
    return bits
