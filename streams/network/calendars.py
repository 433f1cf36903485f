"""The working days of sites: weekends and public holidays of their countries, and days on which a site itself is closed."""

import warnings
from collections.abc import Iterable
from datetime import date
from functools import cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from risk_rules.working_days import SATURDAY_AND_SUNDAY, Calendar

if TYPE_CHECKING:
    from holidays import HolidayBase


class UnknownCountryError(ValueError):
    """No public holidays are known of the country, or of its region."""


@cache
def national(country: str, region: str | None) -> "HolidayBase":
    """The public holidays of an ISO 3166-1 country, or of its ISO 3166-2 region (`BY`). Raises `UnknownCountryError`."""
    from holidays import country_holidays  # a third of a second that a network without countries need not spend

    try:
        return country_holidays(country, subdiv=region)
    except NotImplementedError as error:
        where = country if region is None else f"{region} of {country}"
        raise UnknownCountryError(f"no public holidays are known of {where}") from error


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

    def __contains__(self, day: object) -> bool:
        return day in self._own or (isinstance(day, date) and _is_holiday(self._days, day))


class _Worked:
    """Days of a weekend on which the country works, to make up for a bridge day."""

    def __init__(self, days: "HolidayBase", own: frozenset[date]) -> None:
        self._days = days
        self._own = own

    def __contains__(self, day: object) -> bool:
        if not isinstance(day, date) or day in self._own or _is_holiday(self._days, day):
            return False
        return day in self._days.weekend_workdays


def _is_holiday(days: "HolidayBase", day: date) -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # beyond the years that the country has announced there are none, and no news
        return day in days
