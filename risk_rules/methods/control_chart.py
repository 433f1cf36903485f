"""What control charts share: the sides of a drift, and what a series is like while nothing is wrong with it."""

from collections.abc import Sequence
from enum import StrEnum
from itertools import pairwise
from statistics import median
from typing import Final

import msgspec

from risk_rules.methods.bounds import finite

MEDIAN_MOVING_RANGE: Final = 0.9538725524
"""The median of |a - b| for two independent normal values of standard deviation 1: sqrt(2) times the upper quartile."""


class Side(StrEnum):
    """Where a series has drifted to. Longer cycle times lie above, lower yields below."""

    ABOVE = "above"
    BELOW = "below"


class Reference(msgspec.Struct, frozen=True, array_like=True):
    """A series in its usual state, in the unit of its values; learned from `count` of them."""

    target: float
    sigma: float
    count: int


def reference(values: Sequence[float], least_sigma: float = 0.0) -> Reference | None:
    """The usual state of a series, from values in order of time. None with fewer than two.

    Target: the median. Sigma: the median moving range over 0.9539 (individuals chart, NIST/SEMATECH e-Handbook 6.3.2.2,
    with medians in place of means, so that one dirty value moves neither), but no less than `least_sigma`: a series that
    is reported in whole days may stand still without being free of noise.
    """
    if len(values) < 2:
        return None
    moving_range = median(abs(finite(after) - finite(before)) for before, after in pairwise(values))
    return Reference(median(values), max(moving_range / MEDIAN_MOVING_RANGE, least_sigma), len(values))
