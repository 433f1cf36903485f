"""How often a feed speaks: its usual quiet, learned from its own past and counted in the time in which its site works.

A feed speaks in bursts, so a mean of the gaps between two events says nothing of its pauses. What counts is the quiet that
a moment picked at random lies in: the gaps weighted by their own lengths (length-biased sampling; D. R. Cox, Renewal
Theory, 1962, section 5.4). The 0.99 quantile of that is the longest usual quiet, the rhythm. If it is more than twice the
median, the feed has none: for events that come at random it is 4 times (6.64 and 1.68 mean gaps), for a daily feed
about 1. Hours throughout.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Final, NamedTuple

from risk_rules.methods.bounds import checked
from risk_rules.working_days import Calendar

USUAL: Final = 0.99
LEAST_GAPS: Final = 12
LEAST_HOURS: Final = 168.0
"""A rhythm rests on so many gaps, and on so long a time, at the least."""

ACCIDENTS: Final = 2
AMONG: Final = 48
"""Of so many gaps the longest two are left out: an outage that is over says nothing of the rhythm."""

REGULAR: Final = 2.0
"""A longest usual quiet of more than so many medians is no rhythm."""

SHORTEST: Final = 12.0
"""Rhythms are not told apart below: half a day of quiet is no news to anybody."""

QUIET_PART: Final = 0.25
"""A feed rests on days off if it spoke on at most this part of those seen."""

NIGHT_PART: Final = 0.02
LEAST_DAYS: Final = 10
SHORTEST_NIGHT: Final = 4
LONGEST_NIGHT: Final = 14
"""A night is so many hours in a row in which a feed spoke on at most 2 % of ten days or more. A longer one is no night:
the feed speaks once or twice a day, and all the hours between are its rhythm."""

LONGEST: Final = timedelta(days=3660)
"""Working time is not looked for beyond: a calendar may know no working day at all."""

Night = tuple[int, int]
"""From one hour of the site's day until before another: (19, 6)."""


class Rest(NamedTuple):
    """When a feed is usually quiet, so that it does not count as silence: days off, and the night."""

    weekends: bool
    holidays: bool
    night: Night | None = None

    def rests(self, day: date, calendar: Calendar) -> bool:
        """Whether nothing is expected on a day."""
        if day.weekday() in calendar.weekend and day in calendar.open:
            return False
        return (self.weekends and day.weekday() in calendar.weekend) or (self.holidays and day in calendar.closed)


UNKNOWN_REST: Final = Rest(weekends=True, holidays=True)
"""Of a feed that was not seen on any day off."""


def rests(spoken: int, seen: int) -> bool:
    """Whether a feed that spoke on so many of the days off seen rests on them. Of what was never seen it is taken so."""
    return spoken <= QUIET_PART * seen


def night(spoken: Sequence[int], days: int) -> Night | None:
    """The night of a feed that spoke in the 24 hours of its day on so many of `days` days. None: it has none."""
    if days < LEAST_DAYS:
        return None
    quiet = [number <= NIGHT_PART * days for number in spoken]
    longest = begin = run = 0
    for hour in range(48):  # twice round, since a night goes over midnight
        run = run + 1 if quiet[hour % 24] else 0
        if longest < run <= 24:
            longest, begin = run, (hour - run + 1) % 24
    return (begin, (begin + longest) % 24) if SHORTEST_NIGHT <= longest <= LONGEST_NIGHT else None


def working_hours(begin: datetime, end: datetime, calendar: Calendar, rest: Rest) -> float:
    """The hours from `begin` to `end` without those in which the feed rests. 0 if the end comes first."""
    seconds, day, last = 0.0, calendar.day_of(begin), calendar.day_of(end)
    midnight = calendar.begin(day)
    while day <= last:
        today, day = day, day + timedelta(days=1)
        opens, midnight = midnight, calendar.begin(day)
        if rest.rests(today, calendar):
            continue
        for opening, closing in _awake(opens, midnight, rest.night):
            seconds += max(0.0, (min(end, closing) - max(begin, opening)).total_seconds())
    return seconds / 3600


def _awake(opens: datetime, closes: datetime, night: Night | None) -> Sequence[tuple[datetime, datetime]]:
    """The parts of a day that are not night."""
    if night is None:
        return ((opens, closes),)
    falls, ends = (opens + timedelta(hours=hour) for hour in night)
    return ((ends, falls),) if ends < falls else ((opens, falls), (ends, closes))


def over_at(begin: datetime, hours: float, calendar: Calendar, rest: Rest) -> datetime:
    """When so many working hours from `begin` on are over."""
    at, lacking = begin, hours
    while lacking > 1e-6:
        at += timedelta(hours=lacking)
        lacking = hours - working_hours(begin, at, calendar, rest)
        if at - begin > LONGEST:
            break
    return at


def weighted_quantile(gaps: Sequence[float], part: float) -> float:
    """The length that gaps making up `part` of all the time do not exceed. Raises `ValueError` without a gap above 0."""
    checked("part", part, 0.0, 1.0)
    total, run = sum(gaps), 0.0
    if not total > 0:
        raise ValueError("there is no gap above 0")
    for gap in sorted(gaps):
        run += gap
        if run >= part * total - 1e-9:
            return gap
    return max(gaps)


def rhythm(
    gaps: Sequence[float], *, shortest: float = SHORTEST, regular: float = REGULAR, accidents: int = ACCIDENTS
) -> float | None:
    """The longest usual quiet. None where too little is known, or where the feed has no rhythm."""
    known = [gap for gap in gaps if gap > 0]
    if len(known) < LEAST_GAPS or sum(known) < LEAST_HOURS:
        return None
    if len(known) >= AMONG:
        known = sorted(known)[: len(known) - accidents]
    longest = max(shortest, weighted_quantile(known, USUAL))
    return longest if longest <= regular * max(shortest, weighted_quantile(known, 0.5)) else None
