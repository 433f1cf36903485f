"""How often a feed speaks: daily feeds have a rhythm, feeds at random none, and the time in which a site rests is no silence."""

from datetime import UTC, date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from risk_rules.methods.rhythm import (
    LONGEST,
    Rest,
    night,
    over_at,
    rests,
    rhythm,
    weighted_quantile,
    working_hours,
)
from risk_rules.working_days import Calendar

FRIDAY = datetime(2026, 5, 1, 17, tzinfo=UTC)
MONDAY = FRIDAY + timedelta(days=3)
ON_DAYS_OFF = Rest(weekends=True, holidays=True)
NEVER = Rest(weekends=False, holidays=False)
AT_NIGHT = Rest(weekends=True, holidays=True, night=(19, 6))
BASEL = Calendar(zone=ZoneInfo("Europe/Zurich"), closed=frozenset({date(2026, 5, 25)}))

moments = st.floats(0, 365).map(lambda days: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=days))
resting = st.builds(Rest, st.booleans(), st.booleans(), st.sampled_from([None, (19, 6), (0, 4), (2, 12)]))
gaps = st.lists(st.floats(0.01, 100), min_size=1, max_size=120)


def test_a_weekend_is_no_silence_of_a_feed_that_rests_on_it() -> None:
    assert working_hours(FRIDAY, MONDAY, Calendar(), ON_DAYS_OFF) == 24
    assert working_hours(FRIDAY, MONDAY, Calendar(), NEVER) == 72


def test_a_public_holiday_is_no_silence_either() -> None:
    monday_off = Calendar(closed=frozenset({MONDAY.date()}))
    assert working_hours(FRIDAY, MONDAY + timedelta(days=1), monday_off, ON_DAYS_OFF) == 24
    assert working_hours(FRIDAY, MONDAY + timedelta(days=1), monday_off, Rest(weekends=True, holidays=False)) == 48


def test_a_saturday_that_makes_up_for_a_bridge_day_counts() -> None:
    made_up = Calendar(open=frozenset({date(2026, 5, 2)}))
    assert working_hours(FRIDAY, MONDAY, made_up, ON_DAYS_OFF) == 48


def test_the_night_is_the_nights_of_the_site_not_ours() -> None:
    noon = datetime(2026, 5, 27, 10, tzinfo=UTC)  # in Basel
    assert working_hours(noon, noon + timedelta(days=1), BASEL, AT_NIGHT) == 13
    assert working_hours(noon + timedelta(hours=7), noon + timedelta(hours=18), BASEL, AT_NIGHT) == 0


def test_on_the_day_on_which_clocks_change_an_hour_is_missing() -> None:
    change = datetime(2026, 3, 28, 23, tzinfo=UTC)  # midnight in Basel
    assert working_hours(change, change + timedelta(hours=23), BASEL, NEVER) == 23
    assert BASEL.day_of(change + timedelta(hours=23)) == date(2026, 3, 30)


def test_time_does_not_run_backwards() -> None:
    assert working_hours(MONDAY, FRIDAY, Calendar(), ON_DAYS_OFF) == 0


@given(moments, moments, moments, resting)
def test_a_stretch_is_as_long_as_its_parts(one: datetime, two: datetime, three: datetime, rest: Rest) -> None:
    begin, middle, end = sorted((one, two, three))
    parts = working_hours(begin, middle, BASEL, rest) + working_hours(middle, end, BASEL, rest)
    assert working_hours(begin, end, BASEL, rest) == pytest.approx(parts)
    assert parts <= (end - begin) / timedelta(hours=1) + 1e-6


@given(moments, st.floats(0, 300), resting)
def test_so_many_hours_are_over_when_it_says(begin: datetime, hours: float, rest: Rest) -> None:
    assert working_hours(begin, over_at(begin, hours, BASEL, rest), BASEL, rest) == pytest.approx(hours, abs=1e-3)


def test_where_nobody_ever_works_the_search_ends() -> None:
    closed = Calendar(weekend=frozenset(range(7)))
    assert over_at(FRIDAY, 5000, closed, ON_DAYS_OFF) - FRIDAY > LONGEST


def test_what_was_never_seen_is_taken_for_rest() -> None:
    assert rests(0, 0)
    assert rests(1, 4)
    assert not rests(2, 4)


def test_a_night_goes_over_midnight_and_is_not_told_from_few_days() -> None:
    office = [0] * 6 + [10] * 13 + [0] * 5
    assert night(office, 10) == (19, 6)
    assert night(office, 9) is None


def test_who_works_late_once_in_a_hundred_days_still_has_a_night_and_once_in_ten_not() -> None:
    late = [1 if hour == 22 else 0 if hour < 6 or hour > 18 else 90 for hour in range(24)]
    assert night(late, 100) == (19, 6)
    assert night(late, 10) == (23, 6)


def test_a_feed_of_shifts_has_no_night_and_one_that_speaks_once_a_day_neither() -> None:
    assert night([10] * 24, 10) is None
    assert night([0] * 7 + [10] + [0] * 16, 10) is None


def test_a_burst_says_nothing_of_the_pauses() -> None:
    assert weighted_quantile([0.1] * 1000 + [24.0] * 20, 0.5) == 24
    with pytest.raises(ValueError, match="no gap above 0"):
        weighted_quantile([0.0], 0.5)


@given(gaps, st.floats(0, 1))
def test_a_quantile_is_a_gap_and_no_longer_gap_makes_up_the_part(some: list[float], part: float) -> None:
    found = weighted_quantile(some, part)
    assert found in some
    assert sum(gap for gap in some if gap <= found) >= part * sum(some) - 1e-6


def test_a_daily_feed_has_a_rhythm_of_a_day_however_often_it_speaks_in_the_morning() -> None:
    assert rhythm([1.0, 1.0, 2.0, 20.0] * 12) == 20


def test_two_accidents_do_not_stretch_the_rhythm_and_a_third_leaves_none() -> None:
    daily = [24.0] * 46
    assert rhythm([*daily, 200.0, 90.0]) == 24
    assert rhythm([*daily, 200.0, 90.0, 60.0]) is None


def test_a_feed_that_speaks_at_random_has_none() -> None:
    luck = Random(1)
    assert rhythm([luck.expovariate(1 / 48) for _ in range(90)]) is None


def test_half_a_day_of_quiet_is_no_news_unless_asked_for() -> None:
    assert rhythm([1.0] * 200) == 12
    assert rhythm([1.0] * 200, shortest=0.0) == 1


def test_a_few_gaps_or_a_few_days_are_no_rhythm() -> None:
    assert rhythm([24.0] * 11) is None
    assert rhythm([24.0] * 12) == 24
    assert rhythm([1.0] * 167) is None


@given(gaps)
def test_a_rhythm_hangs_on_no_order_and_on_no_gap_of_nothing(some: list[float]) -> None:
    assert rhythm([0.0, *sorted(some), 0.0]) == rhythm(some)
