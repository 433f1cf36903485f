"""How old a quality record is, and whether it is late.

Thirty days to close is convention, not law, so the limit is an argument.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from statistics import median
from typing import NamedTuple

SECONDS_PER_DAY = 86_400.0


class Age(NamedTuple):
    """In calendar days. `days_to_due`: below 0 when overdue, None without a due time; `overdue_days`: never below 0."""

    age_days: float
    days_to_due: float | None
    overdue_days: float


def age(opened_at: datetime, due_at: datetime | None, now: datetime) -> Age:
    """The age at `now` of something that was opened and is not closed. Times are aware of their zone."""
    to_due = None if due_at is None else (due_at - now).total_seconds() / SECONDS_PER_DAY
    old = max((now - opened_at).total_seconds() / SECONDS_PER_DAY, 0.0)
    return Age(old, to_due, 0.0 if to_due is None else max(-to_due, 0.0))


def conventional_due(opened_at: datetime, limit_days: float) -> datetime:
    """When a record without a due date of its own must be closed, `limit_days` calendar days after it was opened."""
    return opened_at + timedelta(days=limit_days)


class Backlog(NamedTuple):
    """What is open: how many, how many of them overdue, as a share 0 to 1, and how old in calendar days."""

    open: int
    overdue: int
    overdue_share: float
    median_age_days: float
    oldest_days: float


def backlog(ages: Iterable[Age]) -> Backlog | None:
    """The backlog of open records (CAPAs of a site, say) from the age of each. None without any."""
    ages = list(ages)
    if not ages:
        return None
    days = [age.age_days for age in ages]
    overdue = sum(age.overdue_days > 0 for age in ages)
    return Backlog(len(ages), overdue, overdue / len(ages), median(days), max(days))
