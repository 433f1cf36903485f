"""How long a feed's events take from when they were written down until they reach us, and what that says of its clock."""

from statistics import median
from typing import Any, Final

HOUR: Final = 3_600_000_000
"""In microseconds."""

LOOKED_AT: Final = 3
"""Hours with word."""

LEAST_KNOWN: Final = 40
MOST_KNOWN: Final = 120
AHEAD: Final = HOUR // 4
"""A clock may be so far ahead."""

SLOWER: Final = 4 * HOUR
"""More than so much later than ever before is no delay any more."""


class Lags:
    """By hour with word, how long the quickest event took, in microseconds.

    `usual`: the least of each three such hours in the past, as far as it was nothing out of the usual.
    """

    __slots__ = ("last", "usual")

    def __init__(self) -> None:
        self.last: list[tuple[int, int]] = []
        self.usual: list[int] = []

    def note(self, hour: int, least: int) -> None:
        """The quickest of an hour, as far as it has come."""
        last = self.last
        if not last or hour > last[-1][0]:
            self._learn()
            last.append((hour, least))
            del last[:-LOOKED_AT]
        elif hour == last[-1][0] and least < last[-1][1]:
            last[-1] = (hour, least)

    def _learn(self) -> None:
        if len(self.last) == LOOKED_AT:
            least = min(lag for _, lag in self.last)
            if len(self.usual) < LEAST_KNOWN or least <= max(self.usual) + SLOWER:
                self.usual.append(least)
                del self.usual[:-MOST_KNOWN]

    def ahead(self) -> int | None:
        """How far the feed's clock is ahead of ours, in microseconds (below zero: behind). None: not known.

        Events recorded after they came prove a clock that is ahead. If all take longer than ever before, the clock is behind
        or the way has become slow: either way their times mislead.
        """
        if len(self.last) < LOOKED_AT:
            return None
        lags = [lag for _, lag in self.last]
        if (ahead := -int(median(lags))) > AHEAD:
            return ahead
        if len(self.usual) >= LEAST_KNOWN and (slower := min(lags) - max(self.usual)) > SLOWER:
            return -slower
        return 0

    def told(self) -> tuple[Any, ...]:
        """As it is stored."""
        return (self.last, self.usual)

    @classmethod
    def of(cls, told: Any) -> "Lags":
        """What was stored."""
        made = cls()
        made.last = [(hour, lag) for hour, lag in told[0]]
        made.usual = list(told[1])
        return made
