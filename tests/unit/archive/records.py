"""Records and batches as the broker's client would give them, and a keeper that stores them at once."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from streams.archive.entries import RAW, raw_entry
from streams.archive.keeping import Keeper, Patience
from streams.archive.place import Archive, Shelf
from streams.archive.reading import raw_records
from streams.archive.segment import SegmentName
from streams.lanes import Batch, Partition

TOPIC = "cdmo.acme.inbound"
PARTITION = Partition(TOPIC, 0)
SHELF = Shelf(RAW, TOPIC, "id-1", 0)
BEGIN = datetime(2026, 3, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)


class Sent(NamedTuple):
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]] = ()


def sent(offset: int, value: bytes | None = None) -> Sent:
    """A record of second `offset` after the begin."""
    at = round((BEGIN + offset * SECOND).timestamp() * 1000)
    return Sent(
        offset, at, b"key", b"record %d" % offset if value is None else value, [("content-type", b"text/plain")]
    )


def batch(offsets: Iterable[int], topic: str = TOPIC) -> Batch:
    records = [sent(offset) for offset in offsets]
    return Batch(topic, 0, records[0].offset, records)


class Segments(list[SegmentName]):
    """The names of what was stored."""

    def __call__(self, partition: Partition, name: SegmentName, entries: int, packed_bytes: int) -> None:
        assert entries > 0
        assert packed_bytes > 0
        self.append(name)


def keeper(
    archive: Archive,
    *,
    plain_bytes: int = 1,
    topic_id: str = "id-1",
    stored: Segments | None = None,
    clock: Callable[[], datetime] = lambda: BEGIN,
) -> Keeper:
    """By default each batch becomes a segment."""

    async def known(topic: str) -> str:
        return topic_id

    patience = Patience(plain_bytes, timedelta(hours=1))
    return Keeper(
        archive, RAW, raw_entry, patience=patience, topic_id=known, clock=clock,
        stored=Segments() if stored is None else stored,
    )  # fmt: skip


def keep(archive: Archive, *batches: Batch, topic_id: str = "id-1", plain_bytes: int = 1) -> None:
    """Stores batches by a worker of their own, which ends in good order."""

    async def main() -> None:
        worker = keeper(archive, topic_id=topic_id, plain_bytes=plain_bytes)
        partitions = {one.origin for one in batches}
        for partition in partitions:
            await worker.assigned(partition)
        for one in batches:
            await worker.handle(one)
        for partition in partitions:
            await worker.revoked(partition)

    asyncio.run(main())


def offsets(archive: Archive, partner: str = "acme") -> list[int]:
    return [record.offset for records in raw_records(archive, partner) for record in records]
