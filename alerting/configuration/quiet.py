"""When a receiver wants to be left alone, and when it reads what was collected for it."""

from collections.abc import Container
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Final

from alerting.configuration.hours import instant

ALL_DAYS: Final = frozenset(range(7))
LONGEST_DAYS: Final = 400
"""Quiet hours that do not end within so many days never do; the file is refused then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietHours:
    """Quiet from `begin` to `end` of each day (past midnight where the end is not later), and all day on days off.

    `days_off` by number, Monday 0. None for `begin` and `end`: only the days off are quiet.
    """

    zone: tzinfo
    begin: time | None = None
    end: time | None = None
    days_off: frozenset[int] = frozenset[int]()
    holidays: Container[date] = frozenset[date]()

    def ends(self, at: datetime) -> datetime | None:
        """When the quiet that holds at this instant is over, in UTC; None when it is not quiet then."""
        reached = at
        while (end := self._end_of_one(reached)) is not None:
            reached = end
            if reached - at > timedelta(days=LONGEST_DAYS):
                break
        return None if reached == at else reached

    def _end_of_one(self, at: datetime) -> datetime | None:
        """The latest end among the spans that hold at this instant."""
        today = at.astimezone(self.zone).date()
        spans = [span for days in (-1, 0, 1) for span in self._spans(today + timedelta(days=days))]
        return max((end for begin, end in spans if begin <= at < end), default=None)

    def _spans(self, day: date) -> list[tuple[datetime, datetime]]:
        """What is quiet and begins on that day."""
        spans: list[tuple[datetime, datetime]] = []
        tomorrow = day + timedelta(days=1)
        if day.weekday() in self.days_off or day in self.holidays:
            spans.append((instant(day, time(), self.zone), instant(tomorrow, time(), self.zone)))
        if self.begin is not None and self.end is not None:
            last = tomorrow if self.end <= self.begin else day
            spans.append((instant(day, self.begin, self.zone), instant(last, self.end, self.zone)))
        return spans


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestTimes:
    """The times of day at which collected messages go out, on the days that are named (Monday is 0)."""

    zone: tzinfo
    times: tuple[time, ...] = (time(8),)
    days: frozenset[int] = ALL_DAYS

    def next(self, after: datetime) -> datetime:
        """The first of them later than `after`, in UTC."""
        today = after.astimezone(self.zone).date()
        moments = (
            instant(day, at, self.zone)
            for number in range(-1, 9)
            if (day := today + timedelta(days=number)).weekday() in self.days
            for at in self.times
        )
        return min(moment for moment in moments if moment > after)
