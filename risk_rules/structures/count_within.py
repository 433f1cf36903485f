"""Count within: something happened too often lately, "three rejected lots of one supplier in 90 days"."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

import msgspec

from risk_rules.expressions.types import Type
from risk_rules.structures.told import Told
from risk_rules.working_days import Calendar


class CountWithin(msgspec.Struct, frozen=True, kw_only=True):
    """`of` is a feature with counts by day; `at_least` of them lie in the last `days` days of the site, today included.

    `counted`: how many they are.
    """

    of: str
    days: int
    at_least: int

    @property
    def gives(self) -> Mapping[str, Type]:
        return {"counted": Type.INT}

    @property
    def features(self) -> tuple[str, ...]:
        return (self.of,)

    @property
    def possible(self) -> str:
        return f"has({self.of})"

    def told(self, features: Mapping[str, Any], now: datetime, calendar: Calendar) -> Told:
        by_day = _by_day(features[self.of])
        today = calendar.day_of(now)
        first = today - timedelta(days=self.days - 1)
        counted = sum(count for day, count in by_day.items() if first <= day <= today)
        # What the rule says may hang on the count itself, so that every change of it is a time to look again.
        leaving = [day + timedelta(days=self.days) for day in by_day if first <= day <= today]
        turns = [*leaving, *(day for day in by_day if day > today)]
        again = calendar.begin(min(turns)) if turns else None
        return Told(counted >= self.at_least, again, {"counted": counted})


def _by_day(counts: Mapping[date | str, int] | None) -> dict[date, int]:
    """Days may come as ISO text, as they are stored."""
    return {
        date.fromisoformat(day) if isinstance(day, str) else day: count
        for day, count in (counts or {}).items()
        if count
    }
