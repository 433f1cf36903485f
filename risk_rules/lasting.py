"""What lasts: a rule that must hold for a while before it is raised, and that stands until something ends it.

One step of a small machine with three states: quiet, pending (the condition holds, but not yet for long enough) and
raised. Pure: the time is an argument, and the same steps always lead to the same state.
"""

from datetime import UTC, datetime, timedelta
from enum import Enum, auto
from typing import Final, NamedTuple

import msgspec

from risk_rules.spans import Span, Unit
from risk_rules.working_days import Calendar

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class State(Enum):
    QUIET = auto()
    PENDING = auto()
    RAISED = auto()


class Held(msgspec.Struct, frozen=True, array_like=True):
    """What is remembered of one rule and one subject. Times in microseconds since 1970.

    `since`: when the condition began to hold without a break. `runs`: for how many evaluations in a row, counted only as
    long as somebody waits for them. `raised`: when the rule was raised, None while it is pending. `severity`: the last
    that the rule gave while its condition held.
    """

    since: int
    runs: int = 0
    raised: int | None = None
    severity: int | None = None


class Lasting(msgspec.Struct, frozen=True, kw_only=True):
    """How long a rule must hold, and what ends it.

    `wait`: how long the condition must hold without a break. `dwell`: how long the rule stands at the least, once it is
    raised. `has_exit`: the rule has a condition that ends it; without one it ends as soon as its condition does.
    """

    wait: Span | None = None
    dwell: Span | None = None
    has_exit: bool = False

    @property
    def may_hold_on(self) -> bool:
        """Whether the rule may stand while its condition does not hold."""
        return self.has_exit or self.dwell is not None


class Step(NamedTuple):
    """The state now, what is to be remembered of it, and when time alone may change it."""

    state: State
    held: Held | None
    look_again: datetime | None


QUIET: Final = Step(State.QUIET, None, None)


def advance(lasting: Lasting, was: Held | None, now: datetime, calendar: Calendar, *, holds: bool, ends: bool) -> Step:
    """One evaluation at `now`. `holds`: the condition is surely true; `ends`: so is the exit.

    A raised rule ends when its condition does not hold, its exit (if it has one) does, and its dwell is over.
    """
    if was is not None and was.raised is not None:
        return Step(State.RAISED, was, None) if holds else _hold_on(lasting, was, now, calendar, ends=ends)
    return _wait(lasting, was or Held(micros(now)), now, calendar) if holds else QUIET


def _hold_on(lasting: Lasting, was: Held, now: datetime, calendar: Calendar, *, ends: bool) -> Step:
    if lasting.has_exit and not ends:
        return Step(State.RAISED, was, None)
    if lasting.dwell is not None and was.raised is not None:
        least = lasting.dwell.over_at(instant(was.raised), calendar)
        if now < least:
            return Step(State.RAISED, was, least)
    return QUIET


def _wait(lasting: Lasting, was: Held, now: datetime, calendar: Calendar) -> Step:
    wait = lasting.wait
    if wait is None:
        return Step(State.RAISED, Held(was.since, 0, micros(now)), None)
    if wait.unit is Unit.EVALUATIONS:
        if was.runs + 1 >= wait.amount:
            return Step(State.RAISED, Held(was.since, 0, micros(now)), None)
        return Step(State.PENDING, Held(was.since, was.runs + 1), None)
    over = wait.over_at(instant(was.since), calendar)
    if now >= over:
        return Step(State.RAISED, Held(was.since, 0, micros(now)), None)
    return Step(State.PENDING, was, over)


def micros(at: datetime) -> int:
    """Microseconds since 1970."""
    return (at - EPOCH) // timedelta(microseconds=1)


def instant(at: int) -> datetime:
    """The instant of microseconds since 1970."""
    return EPOCH + timedelta(microseconds=at)
