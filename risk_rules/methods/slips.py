"""How much later than told things come true: learned from what was told and what then was.

A history of one kind of promise (orders of a supplier that are due in four weeks, batches of a line in release) is a count by
whole days; those of the more special kinds are drawn towards the more general ones (`shrinkage`). Counts do not depend on
the order in which outcomes become known, and one that was wrong can be taken back. The result feeds `stockout_simulation`.
"""

from collections.abc import Sequence

import msgspec

from risk_rules.methods.shrinkage import shrunk
from risk_rules.methods.spread import Spread

EARLIEST, LATEST = -60, 365
"""Days beyond these count as of these: dates that are wrong by a year shall not pull on any mean."""

NEVER = 100_000
"""The slip of what never comes: a rejected batch, a cancelled order. Beyond any horizon."""

PARENT_COUNTS_FOR = 20.0


class Slips(msgspec.Struct, array_like=True):
    """How often a kind of promise came true so many days late (below zero: early); `NEVER` for what did not."""

    counts: dict[int, int] = {}

    def learn(self, days: int | None, times: int = 1) -> None:
        """One outcome more: days after the day told, None for never. `times` -1 takes one back.

        Raises `ValueError` when more is taken back than was learned.
        """
        slip = NEVER if days is None else min(max(days, EARLIEST), LATEST)
        count = self.counts.get(slip, 0) + times
        if count < 0:
            raise ValueError(f"a slip of {days} days was not learned, so it cannot be taken back")
        self.counts[slip] = count
        if not count:
            del self.counts[slip]


def expected(levels: Sequence[Slips]) -> Spread | None:
    """The slip to expect, with the levels from the most general to the most special; None: nothing was ever learned."""
    chances = shrunk([level.counts for level in levels], [PARENT_COUNTS_FOR] * (len(levels) - 1))
    return Spread.of(chances) if chances else None
