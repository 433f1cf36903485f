"""How likely stock does not last until goods that are ordered now have come: closed forms over the lead time.

Demand over the lead time has mean d·L and variance L·σ_d² + d²·σ_L² (Snyder & Shen, Fundamentals of Supply Chain Theory,
2nd ed., chapter 5). It is taken as normal, or as gamma, which is never below zero and leans to the right. Where receipts
are already under way, or requirements are dated and uneven, simulate instead: `stockout_simulation`.
"""

from math import erfc, sqrt
from typing import NamedTuple

from scipy.special import gammaincc


class LeadTimeDemand(NamedTuple):
    """Demand from now until goods ordered now can be used; both in the unit of the stock."""

    mean: float
    sd: float


def lead_time_demand(
    per_period: float, sd_per_period: float, lead_time: float, lead_time_sd: float = 0.0
) -> LeadTimeDemand:
    """Mean and standard deviation of demand over a lead time.

    `per_period` and `sd_per_period` are of one period, with periods independent of each other; `lead_time` and
    `lead_time_sd` are in such periods. Raises `ValueError` where one of the four is below zero.
    """
    if min(per_period, sd_per_period, lead_time, lead_time_sd) < 0:
        raise ValueError(f"below zero: demand {per_period} ± {sd_per_period}, lead time {lead_time} ± {lead_time_sd}")
    variance = lead_time * sd_per_period**2 + per_period**2 * lead_time_sd**2
    return LeadTimeDemand(per_period * lead_time, sqrt(variance))


def normal_stockout(stock: float, demand: LeadTimeDemand) -> float:
    """P(D > stock) = 1 - Φ((stock - μ)/σ). A demand without spread is a certainty: 1 where it is above the stock."""
    if demand.sd == 0:
        return float(demand.mean > stock)
    return erfc((stock - demand.mean) / demand.sd / sqrt(2)) / 2


def gamma_stockout(stock: float, demand: LeadTimeDemand) -> float:
    """P(D > stock) for gamma demand with shape k = μ²/σ² and scale θ = σ²/μ.

    Below a stock of zero it is 1. Raises `ValueError` for a demand that spreads around zero: no gamma does.
    """
    if demand.sd == 0:
        return float(demand.mean > stock)
    if demand.mean <= 0:
        raise ValueError(f"a gamma demand has a mean above zero, not {demand.mean}")
    if stock <= 0:
        return 1.0
    shape = (demand.mean / demand.sd) ** 2
    return float(gammaincc(shape, stock * demand.mean / demand.sd**2))
