"""A file lived through again: each of its events at its own time, by the same way as a partner's feed.

The rows go to the partner's inbound topic once for each event that they give, in one order of time, and after each day
goes a record that brings the stream's clock to its end. Identities come from the file, so that a second replay repeats
the first and changes nothing.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import NamedTuple, Protocol

from streams.events import decode
from streams.intake.admission import Feed
from streams.intake.feed_record import FeedRecord
from streams.intake.inbound import TICK, header_texts
from streams.intake.profile import PartnerFeed
from streams.intake.publishing import Publish
from streams.intake.reading import admitted
from streams.intake.refusal import Refusal

DAY = timedelta(days=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
RECORDS_AT_A_TIME = 1000


class Scheduled(NamedTuple):
    """One event of a record, by its position there, and when it happened. `number`: that of the record in the file."""

    at: datetime
    number: int
    position: int
    record: FeedRecord


class RefusedRecord(NamedTuple):
    """A record (a row of a table) that gives no event, and why."""

    record: FeedRecord
    refusal: Refusal


class Plan(NamedTuple):
    """All rows of a file: what they give, in the order of time, and those that are refused."""

    rows: int
    schedule: tuple[Scheduled, ...]
    refused: tuple[RefusedRecord, ...]

    @property
    def accepted(self) -> int:
        """Rows that give events."""
        return self.rows - len(self.refused)

    @property
    def ends_at(self) -> datetime | None:
        """The midnight after the last event, to which the last tick brings the stream; None without events."""
        return _midnight_of(self.schedule[-1].at) + DAY if self.schedule else None

    @property
    def refused_by_reason(self) -> dict[str, int]:
        """Refused rows by reason, the most frequent first."""
        return {
            str(reason): count for reason, count in Counter(one.refusal.reason for one in self.refused).most_common()
        }


class Progress(Protocol):
    """Told as records go out: how many of how many, and the time that the replay has come to."""

    def __call__(self, done: int, total: int, at: datetime) -> None: ...


def plan(content: bytes, feed: PartnerFeed, own: Feed, now: datetime, file: str) -> Plan:
    """What the records of a file give, judged by the very code that judges them in the intake. Pure.

    Raises `Refusal` when the file cannot be read at all.
    """
    schedule: list[Scheduled] = []
    refused: list[RefusedRecord] = []
    count = 0
    for record in feed.format.records(content, feed.said, feed=feed.name, file=file):
        try:
            schedule.extend(_scheduled(count, record, feed, own, now))
        except Refusal as refusal:
            refused.append(RefusedRecord(record, refusal))
        count += 1
    schedule.sort(key=lambda one: (one.at, one.number, one.position))
    return Plan(count, tuple(schedule), tuple(refused))


def records(planned: Plan, feed: PartnerFeed) -> Iterator[tuple[datetime, FeedRecord]]:
    """All records of a replay in order, each with the time of its event or tick.

    A tick follows each day of UTC from the first to the last, days without events too. Refused rows go first and whole:
    nobody knows their time (that of the first event stands for it), and they belong in the dead letters.
    """
    begins_at = planned.schedule[0].at if planned.schedule else EPOCH
    for refused in planned.refused:
        yield begins_at, refused.record
    midnight: datetime | None = None
    for day, events in groupby(planned.schedule, key=lambda one: _midnight_of(one.at)):
        for quiet in _days(midnight, day):
            yield quiet, _tick(feed.name, quiet)
        for one in events:
            yield one.at, one.record.of_event(one.position)
        midnight = day + DAY
        yield midnight, _tick(feed.name, midnight)


async def replay(planned: Plan, feed: PartnerFeed, *, publish: Publish, progress: Progress) -> None:
    """Puts on the partner's topic what is planned. Returns when the broker has it all.

    The intake must be that of a service on the stream's clock: it keeps the ticks in order among the events, so that
    nobody waits for anybody between two days. `progress` hears how many of how many records have gone out.
    """
    every = list(records(planned, feed))
    for begin in range(0, len(every), RECORDS_AT_A_TIME):
        some = every[begin : begin + RECORDS_AT_A_TIME]
        await publish(feed.partner, [record for _, record in some])
        progress(begin + len(some), len(every), some[-1][0])


def _tick(feed: str, at: datetime) -> FeedRecord:
    return FeedRecord(feed.encode(), at.isoformat().encode(), [("content-type", TICK.encode())])


def _scheduled(number: int, record: FeedRecord, feed: PartnerFeed, own: Feed, now: datetime) -> list[Scheduled]:
    drafts = feed.read(record.value, header_texts(record.headers, record.value))
    events = [decode(admitted(draft, own, now).value) for draft in drafts]
    return [Scheduled(event.time, number, position, record) for position, event in enumerate(events)]


def _midnight_of(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def _days(ticked: datetime | None, until: datetime) -> Iterator[datetime]:
    """The midnights after the one already ticked, up to that at which the next events' day begins."""
    while ticked is not None and ticked < until:
        ticked += DAY
        yield ticked
