"""Public holidays of countries and their regions, by ISO 3166."""

import warnings
from datetime import date
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from holidays import HolidayBase


class UnknownCountryError(ValueError):
    """No public holidays are known of the country, or of its region."""


@cache
def national(country: str, region: str | None) -> "HolidayBase":
    """The public holidays of an ISO 3166-1 country, or of its ISO 3166-2 region (`BY`). Raises `UnknownCountryError`."""
    from holidays import country_holidays  # a third of a second that whoever names no country need not spend

    try:
        return country_holidays(country, subdiv=region)
    except NotImplementedError as error:
        where = country if region is None else f"{region} of {country}"
        raise UnknownCountryError(f"no public holidays are known of {where}") from error


def is_holiday(days: "HolidayBase", day: date) -> bool:
    """Whether the day is one of them."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # beyond the years that the country has announced there are none, and no news
        return day in days


class PublicHolidays:
    """The holidays as a container of dates. A year is worked out when first asked for."""

    def __init__(self, country: str, region: str | None = None) -> None:
        """Raises `UnknownCountryError`."""
        self.name = country if region is None else f"{country}-{region}"
        self._days = national(country, region)

    def __contains__(self, day: object) -> bool:
        return isinstance(day, date) and is_holiday(self._days, day)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PublicHolidays) and other.name == self.name

    def __hash__(self) -> int:
        return hash(self.name)

    def __repr__(self) -> str:
        return f"PublicHolidays({self.name})"
