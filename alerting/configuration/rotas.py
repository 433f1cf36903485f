"""Duty rotas: who is on duty at an instant, until when, and when nobody is.

A rota is made of shifts, all of which hold side by side, and of overrides, the later of which win. All its times are
local to its zone; `hours.instant` says what they mean on days on which the clocks change.
"""

from collections.abc import Container, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from typing import Final, NamedTuple

from alerting.configuration.hours import instant
from alerting.configuration.quiet import ALL_DAYS

ONE_DAY: Final = timedelta(days=1)


class OnHolidays(StrEnum):
    """What a shift does on public holidays: it works as ever, it is off, or it works on them only."""

    WORK = "work"
    OFF = "off"
    ONLY = "only"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """Hours of certain days, and who takes them in turn.

    `turns`: those who are on duty together, in the order of their turns. The first turn begins on the day `starts` at
    the time `handover`, the next `every_days` later, and so on round and round, also before that day.

    `begin` and `end`: hours of each day, past midnight where the end is not later; None: the whole day. A shift belongs
    to the day on which it begins: `days` (Monday is 0), `on_holidays`, `first_day` and `last_day` speak of that one.
    """

    turns: tuple[tuple[str, ...], ...]
    starts: date
    handover: time = time()
    every_days: int = 7
    begin: time | None = None
    end: time | None = None
    days: frozenset[int] = ALL_DAYS
    on_holidays: OnHolidays = OnHolidays.WORK
    first_day: date = date.min
    last_day: date = date.max

    def works(self, day: date, holidays: Container[date]) -> bool:
        """Whether the shift begins on that day."""
        if day.weekday() not in self.days or not self.first_day <= day <= self.last_day:
            return False
        return self.on_holidays is OnHolidays.WORK or (day in holidays) == (self.on_holidays is OnHolidays.ONLY)

    def span(self, day: date, zone: tzinfo) -> tuple[datetime, datetime]:
        """From when to when the shift of that day lasts, in UTC."""
        begin, end = self.begin or time(), self.end or time()
        return instant(day, begin, zone), instant(day if end > begin else day + ONE_DAY, end, zone)

    def turn(self, at: datetime, zone: tzinfo) -> tuple[str, ...]:
        """Whose turn it is, be the shift on or not."""
        number = (at.astimezone(zone).date() - self.starts).days // self.every_days
        if at < self.hands_over(number, zone):
            number -= 1
        elif at >= self.hands_over(number + 1, zone):  # clocks that go back over midnight let a date come back
            number += 1
        return self.turns[number % len(self.turns)]

    def hands_over(self, number: int, zone: tzinfo) -> datetime:
        """When the turn of that number begins, in UTC; turn 0 begins on the day `starts`."""
        return instant(self.starts + timedelta(days=number * self.every_days), self.handover, zone)

    def boundaries(self, day: date, zone: tzinfo, holidays: Container[date]) -> Iterator[datetime]:
        """The instants of that day at which it may change who is on duty; of a shift past midnight, its end too."""
        if self.works(day, holidays):
            yield from self.span(day, zone)
        if len(self.turns) > 1 and (day - self.starts).days % self.every_days == 0:
            yield instant(day, self.handover, zone)

    @property
    def has_no_end(self) -> bool:
        """Whether it takes place whatever the date."""
        ever = self.on_holidays is OnHolidays.WORK
        return ever and self.first_day == date.min and self.last_day == date.max


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """From `begin` to `end` (UTC) `people` are on duty: in place of one of those who would be, or of all (None)."""

    begin: datetime
    end: datetime
    people: tuple[str, ...]
    instead_of: str | None = None
    reason: str = ""

    def apply(self, on_duty: tuple[str, ...]) -> tuple[str, ...]:
        """Who is on duty when it is these by the rest of the rota."""
        if self.instead_of is None:
            return self.people
        if self.instead_of not in on_duty:
            return on_duty
        return tuple(
            dict.fromkeys(one for was in on_duty for one in (self.people if was == self.instead_of else (was,)))
        )


class Stretch(NamedTuple):
    """From `begin` to `end` the same `people` are on duty; nobody being ()."""

    begin: datetime
    end: datetime
    people: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rota:
    """`otherwise`: who is on duty when nobody else is. `team`: whose rota it is, for people."""

    name: str
    zone: tzinfo
    shifts: tuple[Shift, ...]
    overrides: tuple[Override, ...] = ()
    holidays: Container[date] = frozenset[date]()
    otherwise: tuple[str, ...] = ()
    team: str | None = None

    def on_duty(self, at: datetime) -> tuple[str, ...]:
        """Who is on duty at that instant; () is a gap."""
        today = at.astimezone(self.zone).date()
        found: dict[str, None] = {}
        for shift in self.shifts:
            for day in (today - ONE_DAY, today, today + ONE_DAY):
                if shift.works(day, self.holidays):
                    begin, end = shift.span(day, self.zone)
                    if begin <= at < end:
                        found |= dict.fromkeys(shift.turn(at, self.zone))
        people = tuple(found)
        for override in self.overrides:
            if override.begin <= at < override.end:
                people = override.apply(people)
        return people or self.otherwise

    def stretches(self, begin: datetime, end: datetime) -> Iterator[Stretch]:
        """Who is on duty from `begin` to `end`, without a hole: neighbours have different people."""
        since, people = begin, self.on_duty(begin)
        for moment in self._boundaries(begin, end):
            now = self.on_duty(moment)
            if now != people:
                yield Stretch(since, moment, people)
                since, people = moment, now
        if since < end:
            yield Stretch(since, end, people)

    def gaps(self, begin: datetime, end: datetime) -> tuple[Stretch, ...]:
        """When nobody is on duty between the two."""
        return tuple(stretch for stretch in self.stretches(begin, end) if not stretch.people)

    def changes(self, at: datetime, within: timedelta) -> datetime | None:
        """When somebody else is on duty than at that instant; None: not within that time."""
        first = next(self.stretches(at, at + within))
        return first.end if first.end < at + within else None

    @property
    def everybody(self) -> tuple[str, ...]:
        """All who are ever on duty."""
        turns = (turn for shift in self.shifts for turn in shift.turns)
        found = (
            name for people in (*turns, *(one.people for one in self.overrides), self.otherwise) for name in people
        )
        return tuple(dict.fromkeys(found))

    @property
    def is_never_empty(self) -> bool:
        """Whether somebody is on duty at any time whatever: by `otherwise`, or by shifts that leave no hour out."""
        return bool(self.otherwise) or _covers_the_week([shift for shift in self.shifts if shift.has_no_end])

    def _boundaries(self, begin: datetime, end: datetime) -> Iterator[datetime]:
        """The instants between the two at which it may change who is on duty, in their order.

        Day by day: what belongs to a day lies within it and the next; so what comes up to its end is in order when
        the day before it has been looked at, too.
        """
        moments = {edge for override in self.overrides for edge in (override.begin, override.end)}
        day = begin.astimezone(self.zone).date() - 2 * ONE_DAY
        reached = begin
        while reached < end:
            for shift in self.shifts:
                moments.update(shift.boundaries(day, self.zone, self.holidays))
            day += ONE_DAY
            until = min(max(instant(day, time(), self.zone), reached), end)
            yield from sorted(moment for moment in moments if begin < moment and reached <= moment < until)
            moments = {moment for moment in moments if moment >= until}
            reached = until


def _covers_the_week(shifts: list[Shift]) -> bool:
    """Whether each local time of a week lies in one of the shifts."""
    minutes_of_day = 24 * 60
    spans: list[tuple[int, int]] = []
    for shift in shifts:
        begin, end = _minute(shift.begin or time()), _minute(shift.end or time())
        for day in shift.days:
            first = day * minutes_of_day + begin
            length = end - begin if end > begin else end - begin + minutes_of_day
            spans += [(first, first + length), (first - 7 * minutes_of_day, first - 7 * minutes_of_day + length)]
    reached = 0
    for first, last in sorted(spans):
        if first > reached:
            break
        reached = max(reached, last)
    return reached >= 7 * minutes_of_day


def _minute(at: time) -> int:
    return at.hour * 60 + at.minute
