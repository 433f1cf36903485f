"""Whether reports come in the order in which they were recorded, thing by thing."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Final

from streams.ledger.entity import Entity
from streams.ledger.fact import Fact
from streams.ledger.feeds import Feeds
from streams.ledger.kinds import KINDS

_DERIVING: Final = frozenset(name for name, kind in KINDS.items() if kind.derived is not None)
"""Kinds whose entities enter facts of their own with others: these are no reports."""


class Order:
    """Of some reports that are about to be entered. `look` at the facts of each thing, then `tell` the feeds."""

    def __init__(self) -> None:
        self._came: dict[tuple[str, str], list[int]] = defaultdict(list)
        self._older: set[int] = set()

    def look(self, entity: Entity, facts: Sequence[Fact], came: Sequence[int]) -> None:
        """`came`: as the how manieth each came. A report is older than what is known if it was recorded before it."""
        self._came[entity.partner, entity.site] += came
        newest = _newest(entity.journal.facts)
        for fact, place in zip(facts, came, strict=True):
            if fact.recorded < newest:
                self._older.add(place)
            else:
                newest = fact.recorded

    def tell(self, feeds: Feeds) -> None:
        """The feeds that the reports came by."""
        for (partner, site), came in self._came.items():
            bits = 0
            if self._older:
                for place in sorted(came):
                    bits = bits << 1 | (place in self._older)
            feeds.ordered(partner, site, len(came), bits)


def _newest(facts: Sequence[Fact]) -> int:
    """When the newest report of a thing was recorded; long ago where there is none."""
    for fact in reversed(facts):
        if fact.sequence >= 0 or fact.source not in _DERIVING:
            return fact.recorded
    return -(1 << 62)
