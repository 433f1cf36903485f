"""When a feed speaks: its last hours with word, by family, and on which days and in which hours it usually rests."""

from datetime import UTC, date, datetime, timedelta
from itertools import repeat
from typing import Any, Final

from risk_rules.methods.rhythm import ACCIDENTS, AMONG, UNKNOWN_REST, Rest, night, rests, rhythm, working_hours
from risk_rules.working_days import Calendar

MOST_PAUSES: Final = 96
PAUSE: Final = 2
"""Hours. A family that spoke an hour ago does not pause."""

DAILY: Final = 36.0
LEAST_PAUSES: Final = 40
"""Hours, and pauses. A family is late by what was learned only if it surely comes daily."""

LOOKED_BACK: Final = 60
"""Days. A feed that comes back after longer has not rested all the time."""

HALVED_AFTER: Final = 60
"""Working days after which those before count half: habits change."""


def moment(hour: int) -> datetime:
    """The beginning of an hour, which counts from 1970."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(hours=hour)


class Spoken:
    """When a family spoke, in hours since 1970: the `first` hour that is known of, the `last`, and the pauses between."""

    __slots__ = ("first", "last", "pauses")

    def __init__(self, first: int, last: int, pauses: list[tuple[int, int]]) -> None:
        self.first = first
        self.last = last
        self.pauses = pauses

    def note(self, hour: int) -> None:
        """It spoke in an hour."""
        if hour >= self.last + PAUSE:
            self.pauses.append((self.last, hour))
            if len(self.pauses) > MOST_PAUSES:
                del self.pauses[0]
                self.first = self.pauses[0][0]
        self.last = max(hour, self.last)

    def gaps(self, calendar: Calendar, rest: Rest) -> list[float]:
        """All its gaps in working hours, those that were no pauses as well."""
        pauses = [working_hours(moment(begin), moment(end), calendar, rest) for begin, end in self.pauses]
        known = working_hours(moment(self.first), moment(self.last), calendar, rest)
        return [*pauses, *repeat(1.0, round(known - sum(pauses)))]


class Habits:
    """`words`: when it spoke, by family; "" for any. `day`: the last of the site's days with word.

    `weekends`, `holidays`: the days off on which it spoke, and all that it has seen. `spoken`: on how many working days it
    spoke in each hour of the site's day, of `days`. `rest`: when nothing is expected, and `rhythms`: the longest usual quiet
    of each family that has one, in the hours that are left; both as known when the day began.
    """

    __slots__ = ("day", "days", "holidays", "rest", "rhythms", "spoken", "weekends", "words")

    def __init__(self) -> None:
        self.words: dict[str, Spoken] = {}
        self.day = self.days = 0
        self.weekends = self.holidays = (0, 0)
        self.spoken = [0] * 24
        self.rest = UNKNOWN_REST
        self.rhythms: dict[str, float] = {}

    def note(self, family: str, hour: int, calendar: Calendar) -> None:
        """Something of a family came in an hour."""
        whole = self.words.get("")
        if whole is None or hour > whole.last:
            self._day(hour, calendar)
        for name in ("", family):
            spoken = self.words.get(name)
            if spoken is None:
                self.words[name] = Spoken(hour, hour, [])
            else:
                spoken.note(hour)

    def _day(self, hour: int, calendar: Calendar) -> None:
        local = moment(hour).astimezone(calendar.zone)
        today = local.date().toordinal()
        if today > self.day:
            self._learn(calendar)
            self._days_off(today, calendar)
        if calendar.works(local.date()):
            self.spoken[local.hour] += 1

    def _learn(self, calendar: Calendar) -> None:
        """Once a day with word. The night counts for the whole feed alone: a family that comes daily is not late before a
        day is over. Others come as business goes: nothing can be learned of them."""
        self.rest = Rest(rests(*self.weekends), rests(*self.holidays), night(self.spoken, self.days))
        self.rhythms = {}
        for name, spoken in self.words.items():
            if name and len(spoken.pauses) < LEAST_PAUSES:
                continue
            if name:
                gaps = spoken.gaps(calendar, self.rest._replace(night=None))
                accidents = ACCIDENTS if len(spoken.pauses) >= AMONG else 0  # its hours with word are no pauses
                found = rhythm(gaps, shortest=0.0, accidents=accidents)
                if found is not None and found <= DAILY:
                    self.rhythms[name] = DAILY
            elif (found := rhythm(spoken.gaps(calendar, self.rest))) is not None:
                self.rhythms[name] = found

    def _days_off(self, today: int, calendar: Calendar) -> None:
        for number in range(max(self.day + 1, today - LOOKED_BACK) if self.day else today, today + 1):
            day, spoke = date.fromordinal(number), int(number == today)
            if calendar.works(day):
                self.days += spoke
            elif day in calendar.closed:
                self.holidays = (self.holidays[0] + spoke, self.holidays[1] + 1)
            else:
                self.weekends = (self.weekends[0] + spoke, self.weekends[1] + 1)
        self.day = today
        if self.days >= 2 * HALVED_AFTER:
            self.days //= 2
            self.spoken = [number // 2 for number in self.spoken]

    def told(self) -> tuple[Any, ...]:
        """As it is stored: in an order that does not hang on batches."""
        words = {name: (one.first, one.last, one.pauses) for name, one in sorted(self.words.items())}
        rhythms = dict(sorted(self.rhythms.items()))
        return (words, self.day, self.days, self.weekends, self.holidays, self.spoken, self.rest, rhythms)

    @classmethod
    def of(cls, told: Any) -> "Habits":
        """What was stored."""
        made = cls()
        words, made.day, made.days, weekends, holidays, made.spoken, rest, made.rhythms = told
        made.words = {
            name: Spoken(first, last, [(begin, end) for begin, end in pauses])
            for name, (first, last, pauses) in words.items()
        }
        made.weekends, made.holidays = tuple(weekends), tuple(holidays)
        made.rest = Rest(rest[0], rest[1], None if rest[2] is None else (rest[2][0], rest[2][1]))
        return made
