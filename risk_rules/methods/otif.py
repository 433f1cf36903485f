"""On time in full, by a rule that is stated: whose date, what window around it, which days count, what is full.

There is no one definition: suppliers count against the date they confirmed last, buyers against the one they asked for,
and a rate without its rule cannot be compared (McKinsey & Company and Trading Partner Alliance, Defining on-time, in-full
in the consumer sector, 2019). A line of an order counts once, when its window is over: were early successes counted
before late failures, the rate would be too good at all times.
"""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from enum import StrEnum
from typing import NamedTuple

import msgspec

from risk_rules.methods.bounds import checked
from risk_rules.methods.proportion import Proportion, proportion
from risk_rules.working_days import LONGEST_REST, Calendar


class Whose(StrEnum):
    """The date that a delivery is held against."""

    REQUESTED = "requested"
    FIRST_PROMISED = "first_promised"
    LAST_PROMISED = "last_promised"


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """`early_days` None: earlier is never wrong. `calendar`: days are working days of it; None: they are calendar days.

    `short_share`: the part of the quantity, 0 to 1, that may be missing. `split`: several deliveries may make it up
    together, else one alone must. Raises `ValueError` for what no rule can have.
    """

    whose: Whose = Whose.FIRST_PROMISED
    early_days: int | None = None
    late_days: int = 0
    calendar: Calendar | None = None
    short_share: float = 0.0
    split: bool = True

    def __post_init__(self) -> None:
        checked("early_days", self.early_days or 0, 0, LONGEST_REST)
        checked("late_days", self.late_days, 0, LONGEST_REST)
        checked("short_share", self.short_share, 0.0, 1.0)


class Delivery(NamedTuple):
    on: date
    qty: float


class OrderLine(NamedTuple):
    """A line of an order that was not cancelled. Quantities in one unit."""

    qty: float
    deliveries: Sequence[Delivery]
    requested: date | None = None
    first_promised: date | None = None
    last_promised: date | None = None


class Outcome(NamedTuple):
    """`due`: the date by the rule. `on_time`: something came, and nothing before or after the window. `in_full`: enough came
    so far. `otif`: enough came within the window.
    """

    due: date
    on_time: bool
    in_full: bool
    otif: bool


class Otif(NamedTuple):
    """Shares of the order lines whose window is over."""

    otif: Proportion
    on_time: Proportion
    in_full: Proportion


def window(due: date, rule: Rule) -> tuple[date, date]:
    """The first and the last day on which a delivery is on time.

    With a calendar, a due date without work moves to the next working day, and the days before and after are working days.
    """
    if rule.calendar is not None:
        due = _step(due - timedelta(days=1), 1, rule.calendar)
    first = date.min if rule.early_days is None else _step(due, -rule.early_days, rule.calendar)
    return first, _step(due, rule.late_days, rule.calendar)


def outcome(line: OrderLine, rule: Rule, today: date) -> Outcome | None:
    """What became of a line; None while its window is not over, and without the date that the rule asks for."""
    due: date | None = getattr(line, rule.whose.value)
    if due is None:
        return None
    first, last = window(due, rule)
    if last >= today:
        return None
    came = [delivery for delivery in line.deliveries if delivery.on < today]
    within = [delivery.qty for delivery in came if first <= delivery.on <= last]
    wanted = line.qty * (1 - rule.short_share)
    combined = sum if rule.split else max
    otif = bool(within) and combined(within) >= wanted
    on_time = bool(came) and len(within) == len(came)
    return Outcome(due, on_time, bool(came) and combined(delivery.qty for delivery in came) >= wanted, otif)


def otif(lines: Iterable[OrderLine], rule: Rule, today: date) -> Otif | None:
    """The rates of all lines whose window is over before `today`. None without any."""
    judged = [judged for line in lines if (judged := outcome(line, rule, today)) is not None]
    whole = proportion(outcome.otif for outcome in judged)
    on_time, in_full = (
        proportion(outcome.on_time for outcome in judged),
        proportion(outcome.in_full for outcome in judged),
    )
    if whole is None or on_time is None or in_full is None:
        return None
    return Otif(whole, on_time, in_full)


def _step(day: date, count: int, calendar: Calendar | None) -> date:
    """So many days on (below 0: back); with a calendar, working days. A rest longer than a year is no rest: it stops."""
    if calendar is None:
        return day + timedelta(days=count)
    way = timedelta(days=1 if count > 0 else -1)
    for _ in range(abs(count)):
        day += way
        rest = 0
        while not calendar.works(day) and rest < LONGEST_REST:
            day += way
            rest += 1
    return day
