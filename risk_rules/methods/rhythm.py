"""How often a feed speaks: its usual quiet, learned from its own past and counted in the time in which its site works.

A feed speaks in bursts, so a mean of the gaps between two events says nothing of its pauses. What counts is the quiet that
a moment picked at random lies in: the gaps weighted by their own lengths (length-biased sampling; D. R. Cox, Renewal
Theory, 1962, section 5.4). The 0.99 quantile of that is the longest usual quiet, the rhythm. If it is more than twice the
median, the feed has none: for events that come at random it is 4 times (6.64 and 1.68 mean gaps), for a daily feed
about 1. Quiet of less than half a day is no news: nobody is asked by night. Hours throughout.
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

REGULAR: Final = 2.0
"""A longest usual quiet of more than so many medians is no rhythm."""

SHORTEST: Final = 12.0
"""Rhythms are not told apart below."""

QUIET_PART: Final = 0.25
"""A feed rests on days off if it spoke on at most this part of those seen."""


class Rest(NamedTuple):
    """On which days off a feed is usually quiet, so that they do not count as silence."""

    weekends: bool
    holidays: bool

    def rests(self, day: date, calendar: Calendar) -> bool:
        """Whether nothing is expected on a day."""
        if day in calendar.open:
            return False
        return (self.weekends and day.weekday() in calendar.weekend) or (self.holidays and day in calendar.closed)


def rests(spoken: int, seen: int) -> bool:
    """Whether a feed that spoke on so many of the days off seen rests on them. Of what was never seen it is taken so."""
    return spoken <= QUIET_PART * seen


def working_hours(begin: datetime, end: datetime, calendar: Calendar, rest: Rest) -> float:
    """The hours from `begin` to `end` without the days on which the feed rests. 0 if the end comes first."""
    hours, at = 0.0, begin
    day, last = calendar.day_of(begin), calendar.day_of(end)
    while day < last:
        day, before = day + timedelta(days=1), day
        midnight = calendar.begin(day)
        if not rest.rests(before, calendar):
            hours += (midnight - at).total_seconds() / 3600
        at = midnight
    if end > at and not rest.rests(day, calendar):
        hours += (end - at).total_seconds() / 3600
    return hours


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


def rhythm(gaps: Sequence[float], *, shortest: float = SHORTEST, regular: float = REGULAR) -> float | None:
    """The longest usual quiet. None where too little is known, or where the feed has no rhythm."""
    known = [gap for gap in gaps if gap > 0]
    if len(known) < LEAST_GAPS or sum(known) < LEAST_HOURS:
        return None
    longest = max(shortest, weighted_quantile(known, USUAL))
    return longest if longest <= regular * max(shortest, weighted_quantile(known, 0.5)) else None
