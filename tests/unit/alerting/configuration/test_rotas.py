"""A rota covers each instant by exactly the people that it states, and reports exactly the instants that it leaves out."""

import itertools
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerting.configuration.rotas import OnHolidays, Override, Rota, Shift
from risk_rules.public_holidays import PublicHolidays

ZONES = [ZoneInfo(name) for name in ("Europe/Zurich", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata")]
HOLIDAYS = frozenset({date(2026, 3, 28), date(2026, 3, 30), date(2026, 10, 25), date(2026, 11, 2)})
CHANGES = [
    datetime(2026, month, day, tzinfo=UTC) for month, day in ((3, 8), (3, 29), (4, 5), (10, 4), (10, 25), (11, 1))
]

clock = st.builds(time, st.integers(0, 23), st.sampled_from((0, 15, 30)))
hours = st.none() | st.tuples(clock, clock).filter(lambda both: both[0] != both[1])
people = st.lists(st.sampled_from("abcdef"), min_size=1, max_size=2, unique=True).map(tuple)


@st.composite
def shifts(draw: st.DrawFn) -> Shift:
    begin, end = draw(hours) or (None, None)
    first, last = draw(st.sampled_from([(date.min, date.max), (date(2026, 3, 27), date(2026, 10, 26))]))
    return Shift(
        turns=tuple(draw(st.lists(people, min_size=1, max_size=3))), starts=date(2026, 1, 1) + timedelta(draw(st.integers(0, 400))),
        handover=draw(clock), every_days=draw(st.sampled_from((1, 2, 7))), begin=begin, end=end,
        days=frozenset(draw(st.sets(st.integers(0, 6), min_size=1))), on_holidays=draw(st.sampled_from(OnHolidays)),
        first_day=first, last_day=last,
    )  # fmt: skip


@st.composite
def rotas(draw: st.DrawFn, around: datetime) -> Rota:
    overrides: list[Override] = []
    for _ in range(draw(st.integers(0, 2))):
        begin = around + timedelta(hours=draw(st.integers(-60, 60)))
        end = begin + timedelta(hours=draw(st.integers(1, 40)))
        instead = draw(st.none() | st.sampled_from("abcdef"))
        overrides.append(Override(begin=begin, end=end, people=draw(people), instead_of=instead))
    return Rota(
        name="duty", zone=draw(st.sampled_from(ZONES)), shifts=tuple(draw(st.lists(shifts(), min_size=1, max_size=3))),
        overrides=tuple(overrides), holidays=HOLIDAYS, otherwise=draw(st.sampled_from(((), (), ("z",)))),
    )  # fmt: skip


@lru_cache(maxsize=100_000)
def reached(day: date, at: time, zone: ZoneInfo) -> datetime:
    """The first quarter of an hour at which the clock has reached that time, found by walking."""
    target = datetime.combine(day, at)
    moment = target.replace(tzinfo=UTC) - timedelta(hours=15)
    while moment.astimezone(zone).replace(tzinfo=None) < target:
        moment += timedelta(minutes=15)
    return moment


def stated(rota: Rota, at: datetime) -> frozenset[str]:
    """Who is on duty, by the words of docs/alerting.md and by trying all days around."""
    today = at.astimezone(rota.zone).date()
    found: set[str] = set()
    for shift in rota.shifts:
        for day in (today + timedelta(days=number) for number in range(-2, 3)):
            is_holiday = day in HOLIDAYS
            if shift.on_holidays is OnHolidays.OFF and is_holiday:
                continue
            if shift.on_holidays is OnHolidays.ONLY and not is_holiday:
                continue
            if day.weekday() not in shift.days or day < shift.first_day or day > shift.last_day:
                continue
            begin, end = shift.begin or time(), shift.end or time()
            last = day if begin < end else day + timedelta(days=1)
            if reached(day, begin, rota.zone) <= at < reached(last, end, rota.zone):
                found |= set(turn_at(shift, at, rota.zone))
    for override in rota.overrides:
        if override.begin <= at < override.end:
            if override.instead_of is None:
                found = set(override.people)
            elif override.instead_of in found:
                found = found - {override.instead_of} | set(override.people)
    return frozenset(found) or frozenset(rota.otherwise)


def turn_at(shift: Shift, at: datetime, zone: ZoneInfo) -> tuple[str, ...]:
    """Counts the hand-overs one by one, from some time before."""
    number = (at.date() - shift.starts).days // shift.every_days - 3
    while reached(shift.starts + timedelta(days=(number + 1) * shift.every_days), shift.handover, zone) <= at:
        number += 1
    return shift.turns[number % len(shift.turns)]


@st.composite
def a_rota_around_a_change(draw: st.DrawFn) -> tuple[Rota, datetime]:
    around = draw(st.sampled_from(CHANGES))
    return draw(rotas(around)), around


@given(a_rota_around_a_change())
@settings(max_examples=150, deadline=None)
def test_each_instant_is_covered_by_exactly_the_people_stated_and_gaps_are_what_is_left(
    drawn: tuple[Rota, datetime],
) -> None:
    rota, around = drawn
    begin, end = around - timedelta(days=2), around + timedelta(days=3)
    stretches = list(rota.stretches(begin, end))
    assert (stretches[0].begin, stretches[-1].end) == (begin, end)
    for before, after in itertools.pairwise(stretches):
        assert before.end == after.begin
        assert before.people != after.people
    gaps = rota.gaps(begin, end)
    for quarter in range(5 * 24 * 4):
        at = begin + timedelta(minutes=15 * quarter)
        expected = stated(rota, at)
        assert frozenset(rota.on_duty(at)) == expected
        (within,) = [one for one in stretches if one.begin <= at < one.end]
        assert frozenset(within.people) == expected
        assert any(gap.begin <= at < gap.end for gap in gaps) == (not expected)


@given(a_rota_around_a_change())
@settings(max_examples=100, deadline=None)
def test_a_rota_that_promises_never_to_be_empty_has_no_gap(drawn: tuple[Rota, datetime]) -> None:
    rota, around = drawn
    if rota.is_never_empty:
        assert not rota.gaps(around - timedelta(days=10), around + timedelta(days=10))


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


WORKDAYS = frozenset(range(5))
ZURICH = ZONES[0]


def office(**said: object) -> Rota:
    shift = Shift(turns=(("anna",), ("ben",)), starts=date(2026, 1, 5), begin=time(8), end=time(18), days=WORKDAYS,
                  on_holidays=OnHolidays.OFF)  # fmt: skip
    return Rota(name="office", zone=ZURICH, shifts=(shift,), holidays=PublicHolidays("CH", "BS"), **said)  # type: ignore[arg-type]


def test_nobody_of_an_office_is_on_duty_on_a_public_holiday() -> None:
    easter_monday = utc("2026-04-06 10:00")
    assert office().on_duty(easter_monday) == ()
    assert office(otherwise=("duty-phone",)).on_duty(easter_monday) == ("duty-phone",)
    assert office().on_duty(utc("2026-04-07 10:00")) == ("ben",)


def test_somebody_else_takes_a_shift_by_an_override() -> None:
    swap = Override(begin=utc("2026-01-06 00:00"), end=utc("2026-01-07 00:00"), people=("carla",), instead_of="anna")
    rota = office(overrides=(swap,))
    assert rota.on_duty(utc("2026-01-05 10:00")) == ("anna",)
    assert rota.on_duty(utc("2026-01-06 10:00")) == ("carla",)
    assert rota.on_duty(utc("2026-01-06 20:00")) == (), "an override instead of somebody adds no hours"


def test_an_override_of_the_whole_rota_adds_hours_and_the_later_one_wins() -> None:
    drill = Override(begin=utc("2026-01-10 06:00"), end=utc("2026-01-11 06:00"), people=("dora",))
    swap = Override(begin=utc("2026-01-10 12:00"), end=utc("2026-01-10 18:00"), people=("ben",), instead_of="dora")
    rota = office(overrides=(drill, swap))
    assert rota.on_duty(utc("2026-01-10 07:00")) == ("dora",)
    assert rota.on_duty(utc("2026-01-10 13:00")) == ("ben",)


def test_turns_go_round_also_before_the_day_on_which_they_are_said_to_start() -> None:
    shift = Shift(turns=(("a",), ("b",), ("c",)), starts=date(2026, 6, 1))
    rota = Rota(name="duty", zone=ZURICH, shifts=(shift,))
    mondays = [utc("2026-05-11 12:00") + timedelta(weeks=number) for number in range(6)]
    assert [rota.on_duty(at) for at in mondays] == [("a",), ("b",), ("c",), ("a",), ("b",), ("c",)]


def test_the_next_change_is_told_and_a_rota_of_one_person_has_none() -> None:
    rota = Rota(name="duty", zone=ZURICH, shifts=(Shift(turns=(("a",), ("b",)), starts=date(2026, 6, 1)),))
    assert rota.changes(utc("2026-06-03 12:00"), timedelta(days=31)) == utc("2026-06-07 22:00")
    alone = Rota(name="duty", zone=ZURICH, shifts=(Shift(turns=(("a",),), starts=date(2026, 6, 1)),))
    assert alone.changes(utc("2026-06-03 12:00"), timedelta(days=31)) is None


@pytest.mark.parametrize(
    ("spans", "never_empty"),
    [
        ([(time(8), time(20)), (time(20), time(8))], True),
        ([(time(8), time(20)), (time(20), time(7, 59))], False),
        ([(None, None)], True),
        ([(time(0, 1), time())], False),
    ],
)
def test_a_rota_is_never_empty_when_its_shifts_leave_no_minute_of_the_week_out(
    spans: list[tuple[time | None, time | None]], never_empty: bool
) -> None:
    shifts = tuple(Shift(turns=(("a",),), starts=date(2026, 1, 5), begin=begin, end=end) for begin, end in spans)
    assert Rota(name="duty", zone=ZURICH, shifts=shifts).is_never_empty is never_empty


def test_a_shift_that_is_off_on_holidays_or_ends_some_day_is_no_promise() -> None:
    off = Shift(turns=(("a",),), starts=date(2026, 1, 5), on_holidays=OnHolidays.OFF)
    ends = Shift(turns=(("a",),), starts=date(2026, 1, 5), last_day=date(2099, 1, 1))
    for shift in (off, ends):
        assert not Rota(name="duty", zone=ZURICH, shifts=(shift,)).is_never_empty
