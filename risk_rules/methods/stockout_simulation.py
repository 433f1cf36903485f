"""How likely a stock is out by each day, with uncertain arrivals, yields and needs: thousands of futures at once.

The projected balance of `projected_balance`, drawn many times (Monte Carlo): each flow comes so many days later than told,
and so much of it, as its spreads say. Flows of one driver (a supplier, a line, a market) may go together: a one-factor
Gaussian copula, as in the NORTA method (Cario & Nelson, 1997). Draws come in pairs of opposites (antithetic variates).
Same flows and seed, same result, in whatever order the flows are told; and what changes at one driver leaves the draws
of the others as they are.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from risk_rules.methods.shapley import shapley_shares
from risk_rules.methods.spread import Spread

Array = NDArray[np.float64]

PATHS = 4096
"""The standard error of a chance p is at most sqrt(p(1 - p)/PATHS): 0.8 points at one half."""

TOLERANCE = 1e-9
"""Of all that moves: a balance so little below zero is a rounding error."""


class UncertainFlow(NamedTuple):
    """`qty` (receipts above zero, requirements below) on `day`, in days from today; what is overdue is due today.

    `slips`: days later than told (below zero: earlier). `part`: the part of `qty` that it turns out to be, e.g. the yield, 0
    for a batch that is lost. None: certain. `driver`: what makes it uncertain.
    """

    day: int
    qty: float
    driver: str = ""
    slips: Spread | None = None
    part: Spread | None = None


@dataclass(frozen=True, slots=True)
class Futures:
    """Drawn futures. Balances are cumulated, one row a path and one column a day from today to the horizon.

    `plan`: the balance if all comes as told, by day. `drawn`: by driver, how the balance of each path departs from it.
    """

    plan: Array
    drawn: Mapping[str, Array]
    tolerance: float

    def balances(self, drivers: Iterable[str] | None = None) -> Array:
        """The balance by path and day, with only these drivers uncertain (None: all)."""
        chosen = sorted(self.drawn if drivers is None else drivers)
        return self.plan + sum((self.drawn[driver] for driver in chosen), np.zeros((1, self.plan.size)))

    def chance_by_day(self) -> Array:
        """The chance that the stock was out on some day up to and with each day, never falling."""
        return np.maximum.accumulate(self.balances() < -self.tolerance, axis=1).mean(axis=0)

    def chance(self, drivers: Iterable[str] | None = None) -> float:
        """The chance that the stock is out on some day of the horizon, with only these drivers uncertain (None: all)."""
        return float((self.balances(drivers).min(axis=1) < -self.tolerance).mean())

    def day_passing(self, chance: float) -> int | None:
        """The first day, from today, on which the chance by day is at least `chance`; None: it never is."""
        passed = np.flatnonzero(self.chance_by_day() >= chance)
        return int(passed[0]) if passed.size else None

    def mean_shortage(self) -> float:
        """How far below zero the balance falls at the most, on average over all futures, in the unit of the flows."""
        return float(np.maximum(-self.balances().min(axis=1), 0).mean())

    def shares(self) -> dict[str, float]:
        """Each driver's share of the chance: Shapley values of the chance with only some drivers uncertain.

        They sum to the chance less that of the plan, which is 0 or 1. A driver that tends to help has one below zero.
        """
        return shapley_shares(sorted(self.drawn), self.chance)


def simulate(
    opening: float,
    flows: Iterable[UncertainFlow],
    horizon_days: int,
    *,
    seed: int,
    paths: int = PATHS,
    together: Mapping[str, float] | None = None,
) -> Futures:
    """Draws the futures of a stock of `opening` over `horizon_days` from today (day 0), both included.

    `together`: by driver, how much its flows go together, from 0 (each for itself) to 1 (all are late, or all are not).
    Raises `ValueError` for an odd or no number of paths, a horizon below zero, or a `together` outside of 0 to 1.
    """
    if paths < 2 or paths % 2 or horizon_days < 0:
        raise ValueError(f"futures come in pairs and have a horizon, not {paths} over {horizon_days} days")
    told = list(flows)
    plan = np.zeros(horizon_days + 1)
    for flow in told:
        if flow.day <= horizon_days:
            plan[max(flow.day, 0)] += flow.qty
    plan[0] += opening
    uncertain: defaultdict[str, list[UncertainFlow]] = defaultdict(list)
    for flow in told:
        if flow.slips is not None or flow.part is not None:
            uncertain[flow.driver].append(flow)
    drawn: dict[str, Array] = {}
    for driver, own in uncertain.items():
        rho = (together or {}).get(driver, 0.0)
        if not 0 <= rho <= 1:
            raise ValueError(f"{driver}: flows go together from 0 to 1, not {rho}")
        drawn[driver] = _departures(sorted(own, key=_order), rho, horizon_days, paths, seed)
    moving = abs(opening) + sum(abs(flow.qty) for flow in told)
    return Futures(plan.cumsum(), drawn, TOLERANCE * moving)


def surely_enough(opening: float, flows: Iterable[UncertainFlow], horizon_days: int) -> bool:
    """Whether even the worst future has enough: all receipts at their latest and least, all needs at their earliest and most."""
    worst: list[tuple[int, float]] = []
    for flow in flows:
        parts = flow.part.values if flow.part else (1.0,)
        slips = flow.slips.values if flow.slips else (0.0,)
        qty = min(flow.qty * parts[0], flow.qty * parts[-1])
        day = max(flow.day + int(slips[-1] if qty > 0 else slips[0]), 0)
        if day <= horizon_days:
            worst.append((day, qty))
    balance = opening
    for _, qty in sorted(worst, key=lambda one: (one[0], -one[1])):
        balance += qty
        if balance < 0:
            return False
    return opening >= 0


def _order(flow: UncertainFlow) -> tuple[Any, ...]:
    """An order of flows that does not depend on how they were told."""
    spreads = ((spread.values, spread.weights) if spread else () for spread in (flow.slips, flow.part))
    return flow.day, flow.qty, *spreads


def _departures(flows: list[UncertainFlow], rho: float, horizon: int, paths: int, seed: int) -> Array:
    """How the cumulated flows of one driver depart from what was told: (paths, days)."""
    luck = np.random.default_rng([seed, crc32(flows[0].driver.encode())])
    common = luck.standard_normal((2, paths // 2)) * rho**0.5

    def drawn(spread: Spread, shared: Array) -> Array:
        own = shared + luck.standard_normal(paths // 2) * (1 - rho) ** 0.5
        normal = np.concatenate([own, -own])
        return np.asarray(spread.values)[np.searchsorted(spread.normal_thresholds(), normal, side="right")]

    net, told = np.zeros((paths, horizon + 2)), np.zeros(horizon + 2)
    rows = np.arange(paths)
    for flow in flows:
        days = flow.day + (drawn(flow.slips, common[0]) if flow.slips else np.zeros(paths))
        parts = drawn(flow.part, common[1]) if flow.part else 1.0
        net[rows, np.clip(days, 0, horizon + 1).astype(np.int64)] += flow.qty * parts
        told[min(max(flow.day, 0), horizon + 1)] += flow.qty
    return (net - told)[:, : horizon + 1].cumsum(axis=1)
