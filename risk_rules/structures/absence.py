"""Absence: something that should have followed has not, "no QC result within 10 working days of completion"."""

import math
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec

from risk_rules.expressions.types import Type
from risk_rules.spans import Span
from risk_rules.structures.told import Told, moment
from risk_rules.working_days import Calendar

DAY: Final = timedelta(days=1)
NOTHING: Final = {"due_on": None, "missing_days": None}


class Absence(msgspec.Struct, frozen=True, kw_only=True):
    """`of` should be known, at or after `after`, within a span of it. Both are features with a moment or a day.

    `due_on`: the last day on which it would have been in time; `missing_days`: since then, 0 as long as there is time,
    looked at anew every day.
    """

    of: str
    after: str
    within: Span

    @property
    def gives(self) -> Mapping[str, Type]:
        return {"due_on": Type.DATE, "missing_days": Type.DOUBLE}

    @property
    def features(self) -> tuple[str, ...]:
        return (self.of, self.after)

    @property
    def possible(self) -> str:
        return f"has({self.after}) && (!has({self.of}) || {self.of} < {self.after})"

    def told(self, features: Mapping[str, Any], now: datetime, calendar: Calendar) -> Told:
        after, came = (moment(features[name], calendar) for name in (self.after, self.of))
        if after is None or (came is not None and came >= after):
            return Told(False, None, NOTHING)
        due = self.within.over_at(after, calendar)
        last_day = calendar.day_of(due - timedelta(microseconds=1))
        missing = max(now - due, timedelta()) / DAY
        again = due if now < due else due + DAY * (math.floor(missing) + 1)
        return Told(now >= due, again, {"due_on": last_day, "missing_days": missing})
