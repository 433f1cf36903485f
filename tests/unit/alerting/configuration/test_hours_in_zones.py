"""Local times on the days on which clocks change: in three zones that change them, and one that is half an hour apart."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerting.configuration.hours import instant
from alerting.configuration.quiet import DigestTimes, QuietHours
from alerting.configuration.rotas import Rota, Shift

ZURICH, NEW_YORK = ZoneInfo("Europe/Zurich"), ZoneInfo("America/New_York")
LORD_HOWE, KOLKATA = ZoneInfo("Australia/Lord_Howe"), ZoneInfo("Asia/Kolkata")
ZONES = (ZURICH, NEW_YORK, LORD_HOWE, KOLKATA)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "local", "expected"),
    [
        (ZURICH, "2026-03-29 02:30", "2026-03-29 01:00"),  # does not exist: the moment of the change
        (ZURICH, "2026-03-29 03:00", "2026-03-29 01:00"),
        (ZURICH, "2026-10-25 02:30", "2026-10-25 00:30"),  # comes twice: the first
        (ZURICH, "2026-10-25 03:00", "2026-10-25 02:00"),
        (NEW_YORK, "2026-03-08 02:30", "2026-03-08 07:00"),
        (NEW_YORK, "2026-11-01 01:30", "2026-11-01 05:30"),
        (LORD_HOWE, "2026-10-04 02:15", "2026-10-03 15:30"),  # half an hour goes missing there
        (LORD_HOWE, "2026-10-04 02:30", "2026-10-03 15:30"),
        (LORD_HOWE, "2026-04-05 01:45", "2026-04-04 14:45"),
        (LORD_HOWE, "2026-04-05 02:00", "2026-04-04 15:30"),
        (KOLKATA, "2026-03-29 02:30", "2026-03-28 21:00"),
        (ZoneInfo("Pacific/Apia"), "2011-12-30 12:00", "2011-12-30 10:00"),  # a day that never was
    ],
)
def test_a_local_time_has_one_meaning(zone: ZoneInfo, local: str, expected: str) -> None:
    at = datetime.fromisoformat(local)
    assert instant(at.date(), at.time(), zone) == utc(expected)


def first_past(day: date, at: time, zone: ZoneInfo) -> datetime:
    """The first minute whose local time is that one or later, found by walking."""
    target = datetime.combine(day, at)
    moment = target.replace(tzinfo=UTC) - timedelta(hours=15)
    while moment.astimezone(zone).replace(tzinfo=None) < target:
        moment += timedelta(minutes=1)
    return moment


CHANGES = [
    date(2026, 3, 8),
    date(2026, 3, 29),
    date(2026, 4, 5),
    date(2026, 10, 4),
    date(2026, 10, 25),
    date(2026, 11, 1),
]


@given(
    st.sampled_from(ZONES),
    st.sampled_from(CHANGES) | st.dates(date(2025, 1, 1), date(2027, 12, 31)),
    st.times().map(lambda at: at.replace(second=0, microsecond=0)),
)
def test_a_local_time_is_the_first_moment_at_which_the_clock_has_reached_it(
    zone: ZoneInfo, day: date, at: time
) -> None:
    assert instant(day, at, zone) == first_past(day, at, zone)


NIGHT = {zone: QuietHours(zone=zone, begin=time(22), end=time(7)) for zone in ZONES}


@pytest.mark.parametrize(
    ("zone", "at", "ends", "hours"),
    [
        (ZURICH, "2026-03-28 21:00", "2026-03-29 05:00", 8),  # 22:00 CET to 07:00 CEST
        (ZURICH, "2026-10-24 20:00", "2026-10-25 06:00", 10),
        (NEW_YORK, "2026-03-08 03:00", "2026-03-08 11:00", 8),
        (NEW_YORK, "2026-11-01 02:00", "2026-11-01 12:00", 10),
        (LORD_HOWE, "2026-10-03 11:30", "2026-10-03 20:00", 8.5),
        (LORD_HOWE, "2026-04-04 11:00", "2026-04-04 20:30", 9.5),
        (KOLKATA, "2026-03-28 16:30", "2026-03-29 01:30", 9),
    ],
)
def test_a_quiet_night_ends_at_seven_by_the_receivers_clock(zone: ZoneInfo, at: str, ends: str, hours: float) -> None:
    quiet, begin = NIGHT[zone], utc(at)
    assert quiet.ends(begin) == utc(ends)
    assert utc(ends) - begin == timedelta(hours=hours)
    assert quiet.ends(begin - timedelta(minutes=1)) is None
    assert quiet.ends(utc(ends)) is None
    assert quiet.ends(utc(ends) - timedelta(minutes=1)) == utc(ends)


def test_quiet_hours_that_end_in_the_hour_that_is_left_out_end_when_the_clocks_change() -> None:
    quiet = QuietHours(zone=ZURICH, begin=time(22), end=time(2, 30))
    assert quiet.ends(utc("2026-03-29 00:59")) == utc("2026-03-29 01:00")
    assert quiet.ends(utc("2026-03-29 01:00")) is None


def test_quiet_hours_that_end_in_the_hour_that_comes_twice_end_once() -> None:
    quiet = QuietHours(zone=ZURICH, begin=time(22), end=time(2, 30))
    assert quiet.ends(utc("2026-10-25 00:29")) == utc("2026-10-25 00:30")
    assert quiet.ends(utc("2026-10-25 01:15")) is None, "02:15 for the second time"


def test_quiet_weekends_run_on_into_quiet_nights_and_holidays() -> None:
    holidays = frozenset({date(2026, 4, 6)})  # Easter Monday
    quiet = QuietHours(zone=ZURICH, begin=time(22), end=time(7), days_off=frozenset({5, 6}), holidays=holidays)
    assert quiet.ends(utc("2026-04-03 20:30")) == utc("2026-04-07 05:00"), "from Friday night to Tuesday morning"
    assert quiet.ends(utc("2026-04-03 19:59")) is None


@pytest.mark.parametrize(
    ("zone", "after", "expected"),
    [
        (ZURICH, "2026-03-28 07:00", "2026-03-29 06:00"),
        (ZURICH, "2026-10-24 06:00", "2026-10-25 07:00"),
        (NEW_YORK, "2026-03-07 13:00", "2026-03-08 12:00"),
        (NEW_YORK, "2026-10-31 12:00", "2026-11-01 13:00"),
        (LORD_HOWE, "2026-10-02 21:30", "2026-10-03 21:00"),
        (LORD_HOWE, "2026-04-03 21:00", "2026-04-04 21:30"),
        (KOLKATA, "2026-03-29 02:29", "2026-03-29 02:30"),
        (KOLKATA, "2026-03-29 02:30", "2026-03-30 02:30"),
    ],
)
def test_a_digest_goes_out_at_eight_by_the_receivers_clock(zone: ZoneInfo, after: str, expected: str) -> None:
    assert DigestTimes(zone=zone).next(utc(after)) == utc(expected)


def test_a_digest_at_a_time_that_comes_twice_goes_out_once_and_one_at_a_time_left_out_goes_out_too() -> None:
    digest = DigestTimes(zone=ZURICH, times=(time(2, 30),))
    assert digest.next(utc("2026-10-25 00:30")) == utc("2026-10-26 01:30")
    assert digest.next(utc("2026-03-28 02:00")) == utc("2026-03-29 01:00")


def test_a_digest_of_some_days_waits_for_the_next_of_them() -> None:
    digest = DigestTimes(zone=KOLKATA, times=(time(8), time(17)), days=frozenset({0}))
    assert digest.next(utc("2026-03-23 02:30")) == utc("2026-03-23 11:30")
    assert digest.next(utc("2026-03-23 11:30")) == utc("2026-03-30 02:30")


@pytest.mark.parametrize(
    ("zone", "sunday", "hands_over"),
    [
        (ZURICH, date(2026, 3, 29), "2026-03-29 07:00"),
        (ZURICH, date(2026, 10, 25), "2026-10-25 08:00"),
        (NEW_YORK, date(2026, 3, 8), "2026-03-08 13:00"),
        (NEW_YORK, date(2026, 11, 1), "2026-11-01 14:00"),
        (LORD_HOWE, date(2026, 10, 4), "2026-10-03 22:00"),
        (LORD_HOWE, date(2026, 4, 5), "2026-04-04 22:30"),
        (KOLKATA, date(2026, 3, 29), "2026-03-29 03:30"),
    ],
)
def test_a_weekly_rota_hands_over_at_nine_by_the_teams_clock(zone: ZoneInfo, sunday: date, hands_over: str) -> None:
    shift = Shift(turns=(("anna",), ("ben",)), starts=sunday - timedelta(days=7), handover=time(9))
    rota = Rota(name="duty", zone=zone, shifts=(shift,))
    at = utc(hands_over)
    assert (rota.on_duty(at - timedelta(minutes=1)), rota.on_duty(at)) == (("anna",), ("ben",))
    (one, other, back) = rota.stretches(at - timedelta(days=1), at + timedelta(days=8))
    assert [one.people, other.people, back.people] == [("anna",), ("ben",), ("anna",)]
    assert one.end == at


@pytest.mark.parametrize("zone", ZONES, ids=str)
def test_day_and_night_shifts_leave_no_minute_of_a_change_to_nobody_and_none_to_two(zone: ZoneInfo) -> None:
    day = Shift(turns=(("day",),), starts=date(2026, 1, 5), begin=time(2, 15), end=time(14, 15))
    night = Shift(turns=(("night",),), starts=date(2026, 1, 5), begin=time(14, 15), end=time(2, 15))
    rota = Rota(name="duty", zone=zone, shifts=(day, night))
    assert rota.is_never_empty
    for change in CHANGES:
        moment = datetime.combine(change, time(), UTC) - timedelta(days=1)
        for minutes in range(0, 3 * 24 * 60, 5):
            assert len(rota.on_duty(moment + timedelta(minutes=minutes))) == 1
