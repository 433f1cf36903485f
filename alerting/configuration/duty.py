"""Reads the rotas of the file."""

from collections.abc import Container, Mapping
from datetime import UTC, date, datetime, time
from functools import partial
from zoneinfo import ZoneInfo

from alerting.configuration import notation
from alerting.configuration.file import OverrideEntry, RotaEntry, ShiftEntry
from alerting.configuration.quiet import ALL_DAYS
from alerting.configuration.reading import LEAVES, Reading
from alerting.configuration.rotas import OnHolidays, Override, Rota, Shift
from risk_rules.documents import Steps

MONDAY = date(2024, 1, 1)
"""Where the turns of a shift begin that is always the same people's."""

NEVER = datetime(2000, 1, 1, tzinfo=UTC)


def rotas(reading: Reading, zones: Mapping[str, ZoneInfo], zone: ZoneInfo) -> Mapping[str, Rota]:
    """The rotas; `zones` of teams, `zone` for a rota that has neither a team nor one of its own."""
    return {
        name: _rota(reading, name, entry, zones, zone) for name, entry in reading.entries("rotas", RotaEntry).items()
    }


def _rota(reading: Reading, name: str, entry: RotaEntry, zones: Mapping[str, ZoneInfo], zone: ZoneInfo) -> Rota:
    path: Steps = ("rotas", name)
    if entry.team is not None:
        reading.refer(entry.team, (*path, "team"), ("teams",))
        zone = zones.get(entry.team, zone)
    if entry.zone is not None:
        zone = reading.take(notation.zone, entry.zone, (*path, "zone"), zone)
    holidays: Container[date] = frozenset[date]()
    if entry.holidays is not None:
        holidays = reading.take(notation.holidays, entry.holidays, (*path, "holidays"), holidays)
    elif any(shift.holidays != "work" for shift in entry.shifts):
        reading.say(
            path, "a shift speaks of holidays, and the rota does not say whose", "add holidays: CH", of_key=True
        )
    return Rota(
        name=name, zone=zone, team=entry.team, holidays=holidays,
        shifts=tuple(_shift(reading, (*path, "shifts", number), one) for number, one in enumerate(entry.shifts)),
        overrides=tuple(_override(reading, (*path, "overrides", number), one, zone)
                        for number, one in enumerate(entry.overrides)),
        otherwise=reading.refer(entry.otherwise, (*path, "otherwise"), LEAVES),
    )  # fmt: skip


def _shift(reading: Reading, path: Steps, entry: ShiftEntry) -> Shift:
    turns = tuple(reading.refer(one, (*path, "people", number), LEAVES) for number, one in enumerate(entry.people))
    if len(turns) > 1 and entry.starts is None:
        message = "it is not said when the first of them begins"
        reading.say((*path, "people"), message, "add starts: 2026-01-05, the first day of the first one's turn")
    begin, end = (
        (None, None)
        if entry.hours is None
        else reading.take(notation.hours, entry.hours, (*path, "hours"), (time(), time()))
    )
    first_day = _day(reading, entry.first_day, (*path, "first_day"), date.min)
    last_day = _day(reading, entry.last_day, (*path, "last_day"), date.max)
    if last_day < first_day:
        reading.say((*path, "last_day"), f"the last day {last_day} is before the first {first_day}", "swap them?")
    handover = begin or time()
    if entry.handover is not None:
        handover = reading.take(notation.clock, entry.handover, (*path, "handover"), time())
    return Shift(
        turns=turns, starts=_day(reading, entry.starts, (*path, "starts"), MONDAY), handover=handover,
        every_days=reading.take(notation.period, entry.every, (*path, "every"), 7), begin=begin, end=end,
        days=ALL_DAYS if entry.days is None else notation.weekdays(entry.days),
        on_holidays=OnHolidays(entry.holidays), first_day=first_day, last_day=last_day,
    )  # fmt: skip


def _override(reading: Reading, path: Steps, entry: OverrideEntry, zone: ZoneInfo) -> Override:
    moment = partial(notation.moment, zone=zone)
    problems = len(reading.problems)
    begin = reading.take(moment, entry.begin, (*path, "from"), NEVER)
    end = reading.take(moment, entry.until, (*path, "until"), NEVER)
    if end <= begin and problems == len(reading.problems):
        reading.say((*path, "until"), f"the end {entry.until} is not after the begin {entry.begin}", "swap them?")
    if entry.instead_of is not None:
        reading.refer(entry.instead_of, (*path, "instead_of"), LEAVES)
    people = reading.refer(entry.people, (*path, "people"), LEAVES)
    return Override(begin=begin, end=end, people=people, instead_of=entry.instead_of, reason=entry.reason)


def _day(reading: Reading, text: str | None, path: Steps, default: date) -> date:
    return default if text is None else reading.take(notation.day, text, path, default)
