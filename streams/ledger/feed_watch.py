"""What a feed has shown of itself, event by event: its pauses, its numbers, its clock, its order, its corrections.

All of it follows from the counted events in the order of the partition alone, however they were batched. Hours are whole
hours since 1970 of the broker's clock, or of the stream's.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from statistics import median
from typing import Final

import msgspec

from risk_rules.methods.rhythm import Rest, rests
from risk_rules.working_days import Calendar

HOUR: Final = 3_600_000_000
"""In microseconds."""

MOST_GAPS: Final = 96
MOST_SOURCES: Final = 16
WINDOW: Final = 256
"""Numbers of a source that are looked at; one is missing once so many newer ones are there, or its hour is over."""
AWAITED: Final = 64
LATELY: Final = 64
"""Of what was lost lately the whole window would tell too late."""
LEAP: Final = 1000
"""A number so far ahead, or so many in a row that were there before, is a new numbering."""
RENUMBERED: Final = 20
LATEST: Final = 128
"""Events that the shares of corrections and of disorder are about."""
LEAST_NUMBERED: Final = 128
LEARNED_WITHIN: Final = 24
"""Hours. A source whose history comes in as it begins is not judged by that."""
DENSE: Final = 0.75
"""A source whose numbers came to a lesser part does not number without gaps: nothing can be missing in it."""
LAGS: Final = 3
LEAST_LAGS: Final = 40
MOST_LAGS: Final = 120
SLOWER: Final = 4 * HOUR
"""More than so much later than ever before is no delay any more."""


class Beat(msgspec.Struct, array_like=True):
    """The hour of the newest word, and the last gaps (from, to) between hours with word."""

    hour: int
    gaps: list[tuple[int, int]] = []

    def note(self, hour: int) -> None:
        """Something came in an hour."""
        if hour > self.hour:
            self.gaps = [*self.gaps[1 - MOST_GAPS :], (self.hour, hour)]
            self.hour = hour


class Numbering(msgspec.Struct, array_like=True):
    """The numbers of one source. Bit n of `missing` (big-endian): the number `top` - n is not there.

    `settled`: the top at the end of the last hour but this. `expected`, `came`: since the
    numbering began, in the hour `since`.
    """

    top: int
    hour: int
    settled: int
    missing: bytes = b""
    expected: int = 1
    came: int = 1
    again: int = 0
    since: int = 0

    def note(self, numbers: Sequence[int], hour: int) -> None:
        """These came in an hour, in this order."""
        if hour > self.hour:
            self.settled, self.hour = self.top, hour
        many, top = len(numbers), self.top
        if (
            numbers[0] == top + 1
            and numbers[-1] == top + many
            and list(numbers) == list(range(top + 1, top + many + 1))
        ):
            self._shift(many, int.from_bytes(self.missing) << many)
            self.came += many
            return
        for number in numbers:
            self._note(number)

    def _note(self, number: int) -> None:
        step = number - self.top
        if 0 < step <= LEAP:
            self._shift(step, (int.from_bytes(self.missing) << step) | ((1 << step) - 2))
            self.came += 1
            return
        bit = 1 << min(-step, WINDOW) if step <= 0 else 0
        missing = int.from_bytes(self.missing)
        if missing & bit:
            self._keep(missing ^ bit)
            self.came, self.again = self.came + 1, 0
            return
        self.again += 1
        if step > 0 or self.again >= RENUMBERED:
            self.top = self.settled = number
            self.missing, self.expected, self.came, self.again, self.since = b"", 1, 1, 0, self.hour

    def _shift(self, step: int, missing: int) -> None:
        self.top += step
        self.expected += step
        self.again = 0
        self._keep(missing)

    def _keep(self, missing: int) -> None:
        self.missing = (missing & ((1 << WINDOW) - 1)).to_bytes(WINDOW // 8).lstrip(b"\0") if missing else b""

    def lost(self) -> list[tuple[int, int]]:
        """How many of the last numbers are missing, and of how many: lately, and in the whole window. [] where none can be."""
        begun = self.hour - self.since < LEARNED_WITHIN
        if begun or self.expected < LEAST_NUMBERED or self.came < DENSE * self.expected:
            return []
        awaited = min(self.top - self.settled, AWAITED)
        missing, many = int.from_bytes(self.missing) >> awaited, min(self.expected, WINDOW) - awaited
        return [((missing & ((1 << LATELY) - 1)).bit_count(), min(LATELY, many)), (missing.bit_count(), many)]


class Marks(msgspec.Struct, array_like=True):
    """Which of the last events were bad: a bit each, the newest lowest (big-endian). `all`: of so many, up to `LATEST`."""

    bits: bytes = b""
    all: int = 0

    def note(self, many: int, bad: int = 0) -> None:
        """So many more came; `bad` has a bit for each, the last one lowest."""
        if bad or self.bits:
            bits = ((int.from_bytes(self.bits) << min(many, LATEST)) | bad) & ((1 << LATEST) - 1)
            self.bits = bits.to_bytes(LATEST // 8).lstrip(b"\0")
        self.all = min(LATEST, self.all + many)

    @property
    def bad(self) -> int:
        """How many of them were bad."""
        return int.from_bytes(self.bits).bit_count()


class Lags(msgspec.Struct, array_like=True):
    """How long the quickest event of each of the last hours with word took from its recording to us, in microseconds.

    `usual`: the least of each three such hours, as far as it was nothing out of the usual.
    """

    last: list[tuple[int, int]] = []
    usual: list[int] = []

    def note(self, hour: int, least: int) -> None:
        """The quickest of an hour, as far as it has come."""
        if not self.last or hour > self.last[-1][0]:
            self._learn()
            self.last = [*self.last[1 - LAGS :], (hour, least)]
        elif hour == self.last[-1][0] and least < self.last[-1][1]:
            self.last = [*self.last[:-1], (hour, least)]

    def _learn(self) -> None:
        if len(self.last) == LAGS:
            least = min(lag for _, lag in self.last)
            if len(self.usual) < LEAST_LAGS or least <= max(self.usual) + SLOWER:
                self.usual = [*self.usual[1 - MOST_LAGS :], least]

    def skew(self, allowed: int) -> int | None:
        """How far the feed's clock is ahead of ours (below zero: behind). None: not known; `allowed` counts as none.

        Events recorded after they came prove a clock that is ahead. Those that all take longer than ever before come from a
        clock that is behind, or by a way that has become slow: either way their times mislead.
        """
        if len(self.last) < LAGS:
            return None
        lags = [lag for _, lag in self.last]
        if (ahead := -int(median(lags))) > allowed:
            return ahead
        if len(self.usual) >= LEAST_LAGS and (slower := min(lags) - max(self.usual)) > max(SLOWER, allowed):
            return -slower
        return 0


class Watch(msgspec.Struct, array_like=True):
    """All of one feed. `beats` by family, "" for any; `day`: the last with word, of the site (proleptic ordinal)."""

    beats: dict[str, Beat] = {}
    numberings: dict[str, Numbering] = {}
    lags: Lags = msgspec.field(default_factory=Lags)
    disorder: Marks = msgspec.field(default_factory=Marks)
    corrected: Marks = msgspec.field(default_factory=Marks)
    day: int = 0
    weekends: tuple[int, int] = (0, 0)
    """Days of weekends on which it spoke, and all that it has seen."""
    holidays: tuple[int, int] = (0, 0)

    def spoke(self, family: str, hour: int, calendar: Calendar) -> None:
        """Something of a family came in an hour."""
        whole = self.beats.get("")
        if whole is None or hour > whole.hour:
            self._days_off(hour, calendar)
        for name in ("", family):
            beat = self.beats.get(name)
            if beat is None:
                self.beats[name] = Beat(hour)
            else:
                beat.note(hour)

    def numbered(self, source: str, numbers: Sequence[int], hour: int) -> None:
        """A source gave these numbers, in this order."""
        numbering = self.numberings.get(source)
        if numbering is None:
            if len(self.numberings) >= MOST_SOURCES:
                del self.numberings[next(iter(self.numberings))]
            numbering = self.numberings[source] = Numbering(numbers[0], hour, numbers[0], since=hour)
            numbers = numbers[1:]
        if numbers:
            numbering.note(numbers, hour)

    @property
    def rest(self) -> Rest:
        """On which days off nothing is expected."""
        return Rest(rests(*self.weekends), rests(*self.holidays))

    def _days_off(self, hour: int, calendar: Calendar) -> None:
        today = calendar.day_of(moment(hour)).toordinal()
        if today <= self.day:
            return
        first = today if not self.day else max(self.day + 1, today - 60)
        for number in range(first, today + 1):
            day, spoke = date.fromordinal(number), int(number == today)
            if day in calendar.open:
                continue
            if day in calendar.closed:
                self.holidays = (self.holidays[0] + spoke, self.holidays[1] + 1)
            elif day.weekday() in calendar.weekend:
                self.weekends = (self.weekends[0] + spoke, self.weekends[1] + 1)
        self.day = today


def moment(hour: int) -> datetime:
    """The beginning of an hour."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(hours=hour)
