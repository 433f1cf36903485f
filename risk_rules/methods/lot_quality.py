"""How well lots are made: right first time, first pass yield, lot acceptance, deviations per lot.

Lot acceptance and right first time are the quality metrics of the FDA's draft guidance of 2016 (Submission of Quality
Metrics Data) and of ISPE; the rolled yield of several stages is the product of theirs.
"""

import math
from collections.abc import Iterable
from typing import NamedTuple

from scipy.special import gammaincinv

from risk_rules.methods.proportion import Proportion, proportion


class Lot(NamedTuple):
    """A lot that was attempted: its making is over. `accepted`: by quality; None while that is not decided."""

    deviations: int
    failed_tests: int
    reworked: bool
    accepted: bool | None


class Rate(NamedTuple):
    """Cases per hundred lots, and where the true rate lies at the asked confidence."""

    per_hundred: float
    lower: float
    upper: float


def right_first_time(lots: Iterable[Lot]) -> Proportion | None:
    """1 - lots with a deviation / lots attempted. None without lots."""
    return proportion(lot.deviations == 0 for lot in lots)


def first_pass_yield(lots: Iterable[Lot]) -> Proportion | None:
    """Of the lots that are decided, those accepted with no deviation, no failed test and no rework. None without any."""
    return proportion(
        lot.accepted and not (lot.deviations or lot.failed_tests or lot.reworked)
        for lot in lots
        if lot.accepted is not None
    )


def lot_acceptance(lots: Iterable[Lot]) -> Proportion | None:
    """Of the lots that are decided, those accepted. None without any."""
    return proportion(lot.accepted for lot in lots if lot.accepted is not None)


def rolled_yield(yields: Iterable[float]) -> float:
    """The share of lots that pass every one of several stages, from the shares, 0 to 1, that pass each."""
    return math.prod(yields)


def deviation_rate(deviations: int, lots: int, confidence: float = 0.95) -> Rate | None:
    """Deviations per hundred lots, with the exact interval of a Poisson count (Garwood 1936). None without lots.

    lower = G(alpha/2; n), upper = G(1 - alpha/2; n + 1), G the quantile of the gamma distribution of that shape and scale 1.
    Raises `ValueError` for a count below 0 or a confidence that does not lie between 0 and 1.
    """
    if min(deviations, lots) < 0 or not 0 < confidence < 1:
        raise ValueError(f"{deviations} deviations in {lots} lots at a confidence of {confidence}")
    if not lots:
        return None
    tail = (1 - confidence) / 2
    lower = float(gammaincinv(deviations, tail)) if deviations else 0.0
    upper = float(gammaincinv(deviations + 1, 1 - tail))
    return Rate(100 * deviations / lots, 100 * lower / lots, 100 * upper / lots)
