"""How often a feed speaks: daily feeds have a rhythm, feeds at random none, and days off do not count as silence."""

from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest

from risk_rules.methods.rhythm import Rest, rests, rhythm, weighted_quantile, working_hours
from risk_rules.working_days import Calendar

FRIDAY = datetime(2026, 5, 1, 17, tzinfo=UTC)
MONDAY = FRIDAY + timedelta(days=3)
WEEKENDS = Rest(weekends=True, holidays=True)


def test_a_weekend_is_no_silence_of_a_feed_that_rests_on_it():
    assert working_hours(FRIDAY, MONDAY, Calendar(), WEEKENDS) == 24
    assert working_hours(FRIDAY, MONDAY, Calendar(), Rest(weekends=False, holidays=True)) == 72


def test_a_holiday_is_no_silence_either():
    tuesday = Calendar(closed=frozenset({date(2026, 5, 4)}))
    assert working_hours(FRIDAY, MONDAY + timedelta(days=1), tuesday, WEEKENDS) == 24


def test_a_saturday_that_makes_up_for_a_bridge_day_counts():
    assert working_hours(FRIDAY, MONDAY, Calendar(open=frozenset({date(2026, 5, 2)})), WEEKENDS) == 48


def test_time_does_not_run_backwards():
    assert working_hours(MONDAY, FRIDAY, Calendar(), WEEKENDS) == 0


def test_what_was_never_seen_is_taken_for_rest():
    assert rests(0, 0)
    assert rests(1, 4)
    assert not rests(2, 4)


def test_a_burst_says_nothing_of_the_pauses():
    assert weighted_quantile([0.1] * 1000 + [24.0] * 20, 0.5) == 24
    with pytest.raises(ValueError, match="no gap above 0"):
        weighted_quantile([0.0], 0.5)


def test_a_daily_feed_has_a_rhythm_of_a_day_however_often_it_speaks_in_the_morning():
    assert rhythm([1.0, 1.0, 2.0, 20.0] * 12) == 20


def test_a_feed_that_speaks_at_random_has_none():
    luck = Random(1)
    assert rhythm([luck.expovariate(1 / 48) for _ in range(90)]) is None


def test_a_few_gaps_are_no_rhythm():
    assert rhythm([24.0] * 11) is None
    assert rhythm([24.0] * 12) == 24
