"""Working days: the days on which a site works, and when so many of them are over."""

from collections.abc import Container
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Final

import msgspec

SATURDAY_AND_SUNDAY: Final = frozenset({5, 6})
LONGEST_REST: Final = 366
"""Days in a row without work; a calendar that knows no working day at all is a slip, not a place."""


class Calendar(msgspec.Struct, frozen=True, kw_only=True):
    """When a site works. `weekend` by number, Monday 0; `closed` are other days off, `open` working days of a weekend.

    `zone` says when a day of the site begins.
    """

    zone: tzinfo = UTC
    weekend: Container[int] = SATURDAY_AND_SUNDAY
    closed: Container[date] = frozenset[date]()
    open: Container[date] = frozenset[date]()

    def works(self, day: date) -> bool:
        """Whether the site works on that day."""
        return day in self.open or (day.weekday() not in self.weekend and day not in self.closed)

    def day_of(self, at: datetime) -> date:
        """The day of the site that an instant falls on."""
        return at.astimezone(self.zone).date()

    def begin(self, day: date) -> datetime:
        """The instant at which a day of the site begins, in UTC."""
        return datetime.combine(day, time(), self.zone).astimezone(UTC)

    def after_working_days(self, at: datetime, count: int) -> datetime:
        """The end of the `count`-th working day after the day of `at`, in UTC; the day of `at` itself does not count.

        With 0 it is the end of the day of `at`. Ends at the last day of the calendar, if it must.
        """
        day, rest = self.day_of(at), 0
        last = date.max - timedelta(days=2)
        while count > 0 and day < last and rest < LONGEST_REST:
            day += timedelta(days=1)
            if self.works(day):
                count, rest = count - 1, 0
            else:
                rest += 1
        return self.begin(day + timedelta(days=1))


EVERY_WEEKDAY: Final = Calendar()
"""Monday to Friday in UTC: for a site of which nothing is known."""
