"""A share of cases, and how sure one can be of it: one good lot of one is not the same as a hundred of a hundred."""

import math
from collections.abc import Iterable
from statistics import NormalDist
from typing import NamedTuple


class Proportion(NamedTuple):
    """`good` of `all` cases. `share`: 0 to 1. `lower`, `upper`: where the true share lies, at the asked confidence."""

    good: int
    all: int
    share: float
    lower: float
    upper: float


def proportion(cases: Iterable[bool], confidence: float = 0.95) -> Proportion | None:
    """The share of true cases with Wilson's score interval (NIST/SEMATECH e-Handbook 7.2.4.1). None without cases.

    (p + z²/2n ± z sqrt(p(1 - p)/n + z²/4n²)) / (1 + z²/n), z the normal quantile of (1 + confidence) / 2. Unlike p ± z s it
    stays within 0 to 1 and is of use for few cases. Raises `ValueError` unless the confidence lies between 0 and 1.
    """
    if not 0 < confidence < 1:
        raise ValueError(f"the confidence is {confidence}: it must lie between 0 and 1")
    good = number = 0
    for case in cases:
        good += case
        number += 1
    if not number:
        return None
    share = good / number
    square = NormalDist().inv_cdf((1 + confidence) / 2) ** 2 / number
    middle = share + square / 2
    reach = math.sqrt(square * (share * (1 - share) + square / 4))
    lower, upper = max(0.0, middle - reach) / (1 + square), min(1.0, (middle + reach) / (1 + square))
    return Proportion(good, number, share, lower if good else 0.0, upper if good < number else 1.0)
