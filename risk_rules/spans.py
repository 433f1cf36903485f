"""Spans of time in rules: hours, days, working days of the site, or evaluations in a row."""

import math
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

import msgspec

from risk_rules.working_days import Calendar

LONGEST_DAYS: Final = 36_500
"""A hundred years: whatever takes longer is a slip of the pen."""


class Unit(StrEnum):
    HOURS = "hours"
    DAYS = "days"
    WORKING_DAYS = "working_days"
    EVALUATIONS = "evaluations"


LAST: Final = datetime(9999, 12, 30, tzinfo=UTC)
"""Beyond it the calendar ends, whatever the zone."""

MOST: Final = {
    Unit.HOURS: LONGEST_DAYS * 24,
    Unit.DAYS: LONGEST_DAYS,
    Unit.WORKING_DAYS: LONGEST_DAYS // 2,
    Unit.EVALUATIONS: 10_000,
}
"""The longest span in each unit."""


class Span(msgspec.Struct, frozen=True):
    """So many of a unit; working days and evaluations are whole numbers."""

    unit: Unit
    amount: float

    def over_at(self, since: datetime, calendar: Calendar) -> datetime:
        """When the span is over that began at `since`, in UTC. Evaluations take no time of their own."""
        if self.unit is Unit.EVALUATIONS:
            return since
        if self.unit is Unit.WORKING_DAYS:
            return calendar.after_working_days(since, math.ceil(self.amount))
        hours = self.amount * 24 if self.unit is Unit.DAYS else self.amount
        return since + min(timedelta(hours=hours), max(LAST - since, timedelta()))
