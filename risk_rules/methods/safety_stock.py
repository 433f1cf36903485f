"""How much stock to keep against uncertain demand, and what is missing on average with so much.

Normal demand throughout (Snyder & Shen, Fundamentals of Supply Chain Theory, 2nd ed., chapter 4 and appendix C). Quantities
are in the unit of the stock, costs in any one money.
"""

from math import erfc, exp, pi, sqrt
from statistics import NormalDist
from typing import NamedTuple

STANDARD = NormalDist()


class Newsvendor(NamedTuple):
    """The order of least expected cost, and that cost."""

    order: float
    cost: float


def safety_stock(service: float, sd: float) -> float:
    """z·σ: what to keep beyond mean demand over the lead time, so that stock lasts with the chance `service`.

    `sd`: standard deviation of demand over the lead time. Raises `ValueError` unless 0 < service < 1 and sd ≥ 0.
    """
    if not 0 < service < 1 or sd < 0:
        raise ValueError(f"no safety stock for a service of {service} and a standard deviation of {sd}")
    return STANDARD.inv_cdf(service) * sd


def standard_normal_loss(z: float) -> float:
    """G(z) = E[(Z - z)⁺] = φ(z) - z·(1 - Φ(z)): mean excess of a standard normal variable over z, never below zero."""
    return max(0.0, exp(-z * z / 2) / sqrt(2 * pi) - z * erfc(z / sqrt(2)) / 2)


def complementary_normal_loss(z: float) -> float:
    """E[(z - Z)⁺] = z + G(z): how far a standard normal variable stays below z on average."""
    return z + standard_normal_loss(z)


def expected_shortage(stock: float, mean: float, sd: float) -> float:
    """σ·G((stock - μ)/σ): demand over the lead time that the stock does not meet, on average. Raises `ValueError` for sd < 0."""
    if sd < 0:
        raise ValueError(f"a standard deviation is not below zero, as {sd} is")
    return max(0.0, mean - stock) if sd == 0 else sd * standard_normal_loss((stock - mean) / sd)


def newsvendor(holding: float, penalty: float, mean: float, sd: float) -> Newsvendor:
    """The order for one period of normal demand: `holding` is the cost of a unit left over, `penalty` of one missing.

    Order μ + σ·Φ⁻¹(p/(p + h)), cost (h + p)·σ·φ(z). Raises `ValueError` unless both costs are above zero and sd ≥ 0.
    """
    if holding <= 0 or penalty <= 0 or sd < 0:
        raise ValueError(f"no least cost for holding {holding}, penalty {penalty}, standard deviation {sd}")
    z = STANDARD.inv_cdf(penalty / (penalty + holding))
    return Newsvendor(mean + z * sd, (holding + penalty) * sd * STANDARD.pdf(z))
