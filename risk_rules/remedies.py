"""What a buyer can do about a coming shortage: what to order, how much, by when and from whom, and what to bring forward.

Works on the same dated flows as the projected balance that found the shortage, so that both say the same.
"""

import math
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Final, NamedTuple

import msgspec

from risk_rules.methods.dated_cover import balances, first_lasting
from risk_rules.methods.projected_balance import WINDOW_DAYS
from risk_rules.working_days import Calendar

MOST_RECEIPTS: Final = 3
MOST_WEEKS: Final = 6
FIGURES: Final = 3
"""Significant figures of a quantity to order, rounded up: nobody orders 1,234.567 kg."""


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """`quantity` to order of a supplier by `order_by`, the last working day on which it comes in time; usable on `usable_on`.

    Not `in_time`: even ordered today it comes too late, and nobody is faster. `share` of the volume by contract, 0 to 1.
    """

    supplier: str
    quantity: float
    order_by: date
    usable_on: date
    lead_time_days: float
    share: float
    in_time: bool


class PullIn(msgspec.Struct, frozen=True, kw_only=True):
    """A receipt of `quantity` that comes on `due_on` and would be in time on `needed_on`.

    `of`: whose it is: suppliers (an order or a shipment), batches (made at the site) or quality (waits for release).
    """

    quantity: float
    due_on: date
    needed_on: date
    of: str


class Week(msgspec.Struct, frozen=True, kw_only=True):
    """The requirements of the week from Monday `begins_on` that nothing covers on their day."""

    begins_on: date
    quantity: float


class Remedy(msgspec.Struct, frozen=True, kw_only=True):
    """What helps against a shortage of a material, in its unit. `short_on`: its first day; `missing`: how much at the most
    within the four weeks from then."""

    material: str
    name: str
    unit: str
    short_on: date
    missing: float
    orders: tuple[Order, ...] = ()
    pull_ins: tuple[PullIn, ...] = ()
    at_stake: tuple[Week, ...] = ()


class Supply(NamedTuple):
    """A supplier that may be asked: `lead_time_days` in calendar days, `share` 0 to 1, `moq` the least it sells, in the unit."""

    supplier: str
    lead_time_days: float
    share: float
    moq: float


class Expected(NamedTuple):
    """A receipt: usable on `day` (ordinal), of `amount` in fixed point. `of` as in `PullIn`."""

    day: int
    amount: int
    of: str


class Plan(NamedTuple):
    """A material's dated plan from `today` (ordinal) on. Amounts are whole numbers, `scale` of them one unit.

    `outflows` are (day, amount) with amounts below zero; `release_days`: from receipt to release.
    """

    material: str
    name: str
    unit: str
    today: int
    horizon_days: int
    opening: int
    safety: int
    receipts: Sequence[Expected]
    outflows: Sequence[tuple[int, int]]
    release_days: int
    scale: int


def remedy(plan: Plan, supplies: Iterable[Supply], calendar: Calendar) -> Remedy | None:
    """What helps against the first shortage of the plan; None when there is none within the horizon."""
    flows = [(one.day, one.amount) for one in plan.receipts] + list(plan.outflows)
    balance = balances(plan.opening, flows, plan.today, plan.horizon_days)
    short = first_lasting(balance, 0, 1)
    if short is None:
        return None
    lowest = min(balance[short : short + WINDOW_DAYS + 1])
    return Remedy(
        material=plan.material,
        name=plan.name,
        unit=plan.unit,
        short_on=date.fromordinal(plan.today + short),
        missing=-lowest / plan.scale,
        orders=tuple(_orders(plan, supplies, plan.today + short, (plan.safety - lowest) / plan.scale, calendar)),
        pull_ins=tuple(_pull_ins(plan, plan.today + short, -lowest)),
        at_stake=tuple(_at_stake(plan, balance)),
    )


def rounded_up(quantity: float) -> float:
    """The next quantity of three significant figures."""
    if quantity <= 0:
        return 0.0
    digits = FIGURES - 1 - math.floor(math.log10(quantity))
    # Two steps, since 10.0**digits is not exact for what lies beyond; first the noise of the division goes.
    return round(math.ceil(round(quantity * 10.0**digits, 6)) / 10.0**digits, max(digits, 0))


def _orders(plan: Plan, supplies: Iterable[Supply], short: int, wanted: float, calendar: Calendar) -> Iterable[Order]:
    """Among those who can be in time the shares decide; where nobody can, the fastest gets it all."""
    known = sorted(supplies, key=lambda one: (-one.share, one.lead_time_days, one.supplier))
    asked = [one for one in known if plan.today + _days(plan, one) <= short]
    if not asked and known:
        asked = [min(known, key=lambda one: (one.lead_time_days, -one.share, one.supplier))]
    total, left = sum(one.share for one in asked), wanted
    for one in asked:
        if left <= 0:
            return
        part = wanted * one.share / total if total else wanted
        quantity = rounded_up(max(min(part, left), one.moq))
        if quantity <= 0:
            continue
        left -= quantity
        latest = short - _days(plan, one)
        order_by = _last_working_day(calendar, latest, plan.today) if latest >= plan.today else plan.today
        yield Order(
            supplier=one.supplier,
            quantity=quantity,
            order_by=date.fromordinal(order_by),
            usable_on=date.fromordinal(order_by + _days(plan, one)),
            lead_time_days=one.lead_time_days,
            share=one.share,
            in_time=latest >= plan.today,
        )


def _days(plan: Plan, supply: Supply) -> int:
    return math.ceil(supply.lead_time_days) + plan.release_days


def _last_working_day(calendar: Calendar, latest: int, today: int) -> int:
    """The last working day up to `latest`; today where there is none left."""
    day = latest
    while day > today and not calendar.works(date.fromordinal(day)):
        day -= 1
    return day


def _pull_ins(plan: Plan, short: int, missing: int) -> Iterable[PullIn]:
    """The receipts that come next after the shortage, until they cover it."""
    later = sorted(one for one in plan.receipts if short < one.day <= plan.today + plan.horizon_days)
    for one in later[:MOST_RECEIPTS]:
        if missing <= 0:
            return
        missing -= one.amount
        yield PullIn(
            quantity=one.amount / plan.scale,
            due_on=date.fromordinal(one.day),
            needed_on=date.fromordinal(short),
            of=one.of,
        )


def _at_stake(plan: Plan, balance: Sequence[int]) -> Iterable[Week]:
    needs = [0] * len(balance)
    for day, amount in plan.outflows:
        ahead = max(day - plan.today, 0)
        if ahead < len(needs):
            needs[ahead] -= amount
    weeks: dict[date, int] = {}
    for ahead, (need, left) in enumerate(zip(needs, balance, strict=True)):
        unmet = max(0, min(need, -left))
        if unmet:
            day = date.fromordinal(plan.today + ahead)
            monday = day - timedelta(days=day.weekday())
            weeks[monday] = weeks.get(monday, 0) + unmet
    for monday in sorted(weeks)[:MOST_WEEKS]:
        yield Week(begins_on=monday, quantity=weeks[monday] / plan.scale)
