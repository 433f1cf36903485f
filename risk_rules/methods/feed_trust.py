"""How far a feed can be trusted, 0 to 100: a product of qualities, and how many points each costs.

Each quality is 1 where nothing is wrong and 0 at the worst that is told apart. A product, since one thing alone is enough
to make a feed worthless. The points that are lost are shared by Shapley's value, as those of other scores are.
"""

import math
from collections.abc import Mapping, Sequence
from statistics import NormalDist
from typing import Final, NamedTuple

from risk_rules.methods.bounds import checked
from risk_rules.methods.shapley import shapley_shares

WORTHLESS_AFTER: Final = 3.0
"""Times what is allowed of quiet."""

HALVED_BY_HOURS: Final = 2.0
"""Of a clock."""

CONFIDENCE: Final = 0.98
"""A share of few events counts with the lower end of its interval (Wilson): two bad ones of ten are no habit."""

_SQUARE: Final = NormalDist().inv_cdf((1 + CONFIDENCE) / 2) ** 2


class Trust(NamedTuple):
    """`score` 0 to 100; `lost`: the points that each quality costs, of those that cost any."""

    score: float
    lost: Mapping[str, float]


def sure_share(bad: int, all: int) -> float:
    """The share that surely is bad: the lower end of Wilson's interval (`proportion` has the formula). 0 without any."""
    if not bad:
        return 0.0
    share, square = bad / all, _SQUARE / all
    reach = math.sqrt(square * (share * (1 - share) + square / 4))
    return max(0.0, share + square / 2 - reach) / (1 + square)


def freshness(overdue: float) -> float:
    """By quiet in parts of what is allowed: 1 up to all of it, 0 from three times that."""
    checked("overdue", overdue, 0.0)
    return min(1.0, max(0.0, (WORTHLESS_AFTER - overdue) / (WORTHLESS_AFTER - 1)))


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
