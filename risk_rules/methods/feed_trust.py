"""How far a feed can be trusted, 0 to 100: a product of five qualities, and how many points each costs.

Each quality is 1 where nothing is wrong and 0 at the worst that is told apart: freshness falls from one rhythm of quiet to
four; of completeness, correctness and order the share of what is missing, corrected or out of order counts; the clock is
halved by two hours. A product, since one thing alone is enough to make a feed worthless. The points that are lost are
shared by Shapley's value, as other scores are.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from risk_rules.methods.bounds import checked
from risk_rules.methods.proportion import proportion
from risk_rules.methods.shapley import shapley_shares

WORTHLESS_AFTER: Final = 4.0
"""Rhythms of quiet."""

WORST_MISSING: Final = 0.5
WORST_CORRECTED: Final = 0.5
WORST_DISORDER: Final = 1.0
HALVED_BY_HOURS: Final = 2.0

CONFIDENCE: Final = 0.98
"""A share of few events counts with the lower end of its interval (Wilson): two bad ones of ten are no habit."""


class Trust(NamedTuple):
    """`score` 0 to 100; `lost`: the points that each quality costs, of those that cost any."""

    score: float
    lost: Mapping[str, float]


def sure_share(bad: int, all: int) -> float:
    """The share that surely is bad: the lower end of Wilson's interval. 0 without any."""
    if not bad:
        return 0.0
    found = proportion((index < bad for index in range(all)), CONFIDENCE)
    return 0.0 if found is None else found.lower


def freshness(quiet: float, rhythm: float) -> float:
    """1 up to one rhythm of quiet, 0 from four."""
    checked("rhythm", rhythm, 0.0, above=True)
    return min(1.0, max(0.0, (WORTHLESS_AFTER - quiet / rhythm) / (WORTHLESS_AFTER - 1)))


def share_quality(share: float, worst: float) -> float:
    """1 at a share of 0, 0 from the worst."""
    return max(0.0, 1 - share / worst)


def clock_quality(hours: float) -> float:
    """1 for a clock that is right, a half for one that is two hours off either way."""
    return 1 / (1 + abs(hours) / HALVED_BY_HOURS)


def trust(qualities: Mapping[str, float]) -> Trust:
    """The score of a feed with these qualities (0 to 1, by name)."""
    poor = {name: quality for name, quality in qualities.items() if quality < 1}
    if not poor:
        return Trust(100.0, {})

    def worth(some: Sequence[str]) -> float:
        return 100 * math.prod(poor[name] for name in some)

    lost = shapley_shares(sorted(poor), worth)
    return Trust(round(worth(list(poor)), 6), {name: round(-points, 6) for name, points in lost.items()})
