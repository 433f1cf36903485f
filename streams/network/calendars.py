"""The working days of sites: weekends and public holidays of their countries, and days on which a site itself is closed."""

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from risk_rules.public_holidays import is_holiday, national
from risk_rules.working_days import SATURDAY_AND_SUNDAY, Calendar

if TYPE_CHECKING:
    from holidays import HolidayBase


def calendar(zone: str, country: str | None, region: str | None = None, closed: Iterable[date] = ()) -> Calendar:
    """The calendar of a site. Without a country it has Saturdays and Sundays off. Raises `UnknownCountryError`."""
    own = frozenset(closed)
    if country is None:
        return Calendar(zone=ZoneInfo(zone), weekend=SATURDAY_AND_SUNDAY, closed=own)
    days = national(country, region)
    return Calendar(
        zone=ZoneInfo(zone), weekend=frozenset(days.weekend), closed=_Closed(days, own), open=_Worked(days, own)
    )


class _Closed:
    """Holidays, and days on which the site is closed. A year is worked out when first asked for."""

    def __init__(self, days: "HolidayBase", own: frozenset[date]) -> None:
        self._days = days
        self._own = own
        self._known: dict[date, bool] = {}
        """What was asked: the same days are asked for over and over, and the library takes 30 microseconds."""

    def __contains__(self, day: object) -> bool:
        if not isinstance(day, date):
            return False
        known = self._known.get(day)
        if known is None:
            known = self._known[day] = day in self._own or is_holiday(self._days, day)
        return known


class _Worked:
    """Days of a weekend on which the country works, to make up for a bridge day."""

    def __init__(self, days: "HolidayBase", own: frozenset[date]) -> None:
        self._days = days
        self._own = own

    def __contains__(self, day: object) -> bool:
        if not isinstance(day, date) or day in self._own or is_holiday(self._days, day):
            return False
        return day in self._days.weekend_workdays
