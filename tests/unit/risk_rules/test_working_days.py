"""Working days are counted by the calendar of the site, from midnight to midnight there."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from risk_rules.public_holidays import UnknownCountryError
from risk_rules.spans import LAST, Span, Unit
from risk_rules.working_days import EVERY_WEEKDAY, Calendar
from streams.network.calendars import calendar

FRIDAY = datetime(2026, 1, 2, 16, tzinfo=UTC)
BASEL = calendar("Europe/Zurich", "CH", "BS")


def test_ten_working_days_after_a_friday_are_over_at_the_end_of_the_friday_in_two_weeks() -> None:
    assert EVERY_WEEKDAY.after_working_days(FRIDAY, 10) == datetime(2026, 1, 17, tzinfo=UTC)


def test_the_day_itself_does_not_count() -> None:
    assert EVERY_WEEKDAY.after_working_days(FRIDAY, 1) == datetime(2026, 1, 6, tzinfo=UTC)
    assert EVERY_WEEKDAY.after_working_days(FRIDAY, 0) == datetime(2026, 1, 3, tzinfo=UTC)


def test_a_holiday_of_the_region_is_no_working_day() -> None:
    assert not BASEL.works(date(2026, 5, 1))
    assert calendar("Europe/Zurich", "CH", "GE").works(date(2026, 5, 1))
    april = datetime(2026, 4, 30, 10, tzinfo=UTC)
    assert BASEL.after_working_days(april, 1) == datetime(2026, 5, 4, 22, tzinfo=UTC)


def test_a_day_ends_at_midnight_of_the_site_and_an_hour_earlier_in_summer() -> None:
    assert BASEL.begin(date(2026, 1, 5)) == datetime(2026, 1, 4, 23, tzinfo=UTC)
    assert BASEL.begin(date(2026, 7, 6)) == datetime(2026, 7, 5, 22, tzinfo=UTC)
    assert BASEL.day_of(datetime(2026, 1, 4, 23, 30, tzinfo=UTC)) == date(2026, 1, 5)


def test_the_weekend_is_that_of_the_country() -> None:
    riyadh = calendar("Asia/Riyadh", "SA")
    assert not riyadh.works(date(2026, 1, 2))
    assert riyadh.works(date(2026, 1, 4))


def test_a_saturday_that_makes_up_for_a_bridge_day_is_worked() -> None:
    assert calendar("Asia/Shanghai", "CN").works(date(2019, 9, 29))


def test_a_site_may_be_closed_when_its_country_works() -> None:
    shutdown = {date(2026, 8, 3) + timedelta(days=n) for n in range(12)}
    plant = calendar("Europe/Zurich", "CH", "BS", shutdown)
    july = datetime(2026, 7, 31, 10, tzinfo=UTC)
    assert plant.after_working_days(july, 1) == datetime(2026, 8, 17, 22, tzinfo=UTC)


def test_a_calendar_without_any_working_day_comes_to_an_end() -> None:
    never = Calendar(weekend=frozenset(range(7)))
    assert never.after_working_days(FRIDAY, 1) > FRIDAY
    assert Span(Unit.DAYS, 36_500).over_at(datetime(9999, 1, 1, tzinfo=UTC), EVERY_WEEKDAY) == LAST
    assert Span(Unit.WORKING_DAYS, 10_000).over_at(datetime(9999, 1, 1, tzinfo=UTC), BASEL).tzinfo is UTC


def test_a_country_that_is_not_known_is_named() -> None:
    with pytest.raises(UnknownCountryError, match="of Atlantis"):
        calendar("UTC", "Atlantis")
    with pytest.raises(UnknownCountryError, match="XX of CH"):
        calendar("UTC", "CH", "XX")


def test_hours_and_days_are_told_by_the_clock() -> None:
    zurich = Calendar(zone=ZoneInfo("Europe/Zurich"))
    before_summer = datetime(2026, 3, 28, 12, tzinfo=UTC)
    assert Span(Unit.DAYS, 1).over_at(before_summer, zurich) == before_summer + timedelta(hours=24)
    assert Span(Unit.HOURS, 1.5).over_at(before_summer, zurich) == before_summer + timedelta(minutes=90)
