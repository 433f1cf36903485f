"""A history: canonical events one a line, in the order in which they came in, with the ticks of the stream's clock.

A history that has no ticks (events of a service on the wall clock) gets them here: one at each whole step of time, before
the first event that was written down after it. An event's time here is its `recordedtime`, else its `time`: what
nobody had written down could not be known. The order of the file stays, so nothing is seen before what came in ahead of it.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from risk_rules.problems import DocumentError, Problem
from streams.feeder import tick

DAY: Final = timedelta(days=1)
TICK_MARK: Final = b'"bellwether.tick"'
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Stamp(msgspec.Struct, frozen=True, gc=False):
    """All of an event that the clock looks at."""

    type: str
    time: datetime
    recordedtime: datetime | None = None


class Step(NamedTuple):
    """A record of the history. `at`: the time that a tick brings the stream to; None for an event."""

    value: bytes
    at: datetime | None


_stamp = msgspec.json.Decoder(Stamp).decode


def lines(path: Path) -> Iterator[bytes]:
    """The lines of a file that are not empty. Raises `DocumentError` when it cannot be read."""
    try:
        with path.open("rb") as file:
            yield from filter(None, (line.strip() for line in file))
    except OSError as error:
        hint = "a history has one canonical event a line; see docs/rules.md"
        raise DocumentError([Problem(str(path), 1, 1, f"cannot be read: {error.strerror}", hint)]) from error


class Survey(NamedTuple):
    """How many records a history has, and whether it brings its own clock."""

    records: int
    own_ticks: bool


def survey(path: Path) -> Survey:
    """Look through a history once. Raises `DocumentError` when it cannot be read."""
    records, own_ticks = 0, False
    for line in lines(path):
        records += 1
        own_ticks = own_ticks or TICK_MARK in line
    return Survey(records, own_ticks)


def steps(events: Iterable[bytes], *, own_ticks: bool, every: timedelta = DAY) -> Iterator[Step]:
    """The records in order with their ticks: those of the history (`own_ticks`), else one each `every`.

    A line that is no event goes through as it is, for the ledger to refuse. The last tick closes the last step.
    """
    if own_ticks:
        for value in events:
            yield Step(value, _stamp(value).time.astimezone(UTC) if TICK_MARK in value else None)
        return
    due: datetime | None = None
    for value in events:
        at = known_at(value)
        if due is None and at is not None:
            due = _next(at, every)
        while due is not None and at is not None and at >= due:
            yield _tick(due)
            due += every
        yield Step(value, None)
    if due is not None:
        yield _tick(due)


def known_at(value: bytes) -> datetime | None:
    """When the event was written down; None for a line from which no time can be read."""
    try:
        stamp = _stamp(value)
    except msgspec.DecodeError:
        return None
    at = stamp.time if stamp.recordedtime is None else stamp.recordedtime
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at


def _next(at: datetime, every: timedelta) -> datetime:
    """The first whole step after an instant, counted from midnight UTC."""
    return EPOCH + every * ((at - EPOCH) // every + 1)


def _tick(at: datetime) -> Step:
    return Step(tick(at, 0), at)
