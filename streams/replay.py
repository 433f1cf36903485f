"""A file lived through again: each of its events at its own time, by the same way as a partner's feed.

The rows go to the partner's inbound topic once for each event that they give, in one order of time, and a tick for each
day follows when the day's events have gone through the intake. Identities come from the file, so that a second replay
repeats the first and changes nothing.
"""

from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import NamedTuple, Protocol

from streams.events import decode
from streams.intake import row_record, tabular
from streams.intake.admission import Feed, admit
from streams.intake.profile import Profile
from streams.intake.publishing import Publish
from streams.intake.refusal import Refusal
from streams.intake.row_record import RowRecord
from streams.intake.tabular import Row

DAY = timedelta(days=1)


class Scheduled(NamedTuple):
    """One event of a row, by the profile's name for it, and when it happened."""

    at: datetime
    line: int
    position: int
    row: Row
    event: str


class RefusedRow(NamedTuple):
    """A row that gives no event, and why."""

    row: Row
    refusal: Refusal


class Plan(NamedTuple):
    """All rows of a file: what they give, in the order of time, and those that are refused."""

    rows: int
    schedule: tuple[Scheduled, ...]
    refused: tuple[RefusedRow, ...]

    @property
    def accepted(self) -> int:
        """Rows that give events."""
        return self.rows - len(self.refused)

    @property
    def refused_by_reason(self) -> dict[str, int]:
        """Refused rows by reason, the most frequent first."""
        return {
            str(reason): count for reason, count in Counter(one.refusal.reason for one in self.refused).most_common()
        }


class Progress(Protocol):
    """Told after each day: how many events of how many have gone, and to what time the stream has come."""

    def __call__(self, done: int, total: int, at: datetime) -> None: ...


def plan(content: bytes, profile: Profile, feed: Feed, now: datetime) -> Plan:
    """What the rows of a file give, judged by the very code that judges them in the intake. Pure."""
    schedule: list[Scheduled] = []
    refused: list[RefusedRow] = []
    count = 0
    for row in row_record.rows(content, profile.said.delimiter):
        count += 1
        try:
            schedule.extend(_scheduled(row, profile, feed, now))
        except Refusal as refusal:
            refused.append(RefusedRow(row, refusal))
    schedule.sort(key=lambda one: (one.at, one.line, one.position))
    return Plan(count, tuple(schedule), tuple(refused))


async def replay(
    file: Path,
    planned: Plan,
    profile: Profile,
    *,
    publish: Publish,
    flush_intake: Callable[[], Awaitable[None]],
    tick: Callable[[datetime], Awaitable[None]],
    progress: Progress,
) -> None:
    """Sends what is planned, day by day of UTC.

    `flush_intake` returns when all that was published has gone through the intake. `tick` tells every partition that the
    stream has come to a time: the midnight after each day from the first to the last, days without events too.
    Refused rows go first, since nobody knows their time: they belong in the dead letters.
    """
    partner = profile.said.partner

    def records(rows: Iterable[tuple[Row, str | None]]) -> list[RowRecord]:
        return [row_record.record(row, profile=profile.said.profile, file=file.name, event=name) for row, name in rows]

    if planned.refused:
        await publish(partner, records((one.row, None) for one in planned.refused))
        await flush_intake()
    done, midnight = 0, None
    for day, events in groupby(planned.schedule, key=lambda one: _midnight_of(one.at)):
        for quiet in _days(midnight, day):
            await tick(quiet)
        today = list(events)
        await publish(partner, records((one.row, one.event) for one in today))
        await flush_intake()
        midnight = day + DAY
        await tick(midnight)
        done += len(today)
        progress(done, len(planned.schedule), midnight)


def _scheduled(row: Row, profile: Profile, feed: Feed, now: datetime) -> Iterator[Scheduled]:
    found: list[Scheduled] = []
    for position, mapped in enumerate(tabular.events(row, profile)):
        event = decode(admit(mapped.event, feed, now).value)
        found.append(Scheduled(event.time, row.line, position, row, mapped.name))
    yield from found


def _midnight_of(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def _days(ticked: datetime | None, until: datetime) -> Iterator[datetime]:
    """The midnights after the one already ticked, up to that at which the next events' day begins."""
    while ticked is not None and ticked < until:
        ticked += DAY
        yield ticked
