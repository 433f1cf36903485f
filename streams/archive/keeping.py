"""Writes the archive: an agent that goes on where the segments end, whatever happened to it before.

What it has not stored yet it holds in memory and reads from the broker again after a kill, so a segment has each record
once and none is missing. The consumer group only shares out the partitions; its offsets are not asked.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock
from typing import NamedTuple, Protocol

from streams.archive.entries import BrokerRecord
from streams.archive.place import Archive, Shelf
from streams.archive.segment import Heading, Segment, SegmentName, SegmentWriter
from streams.lanes import Agent, Batch, Partition


class Patience(NamedTuple):
    """When a segment is finished: at so many bytes before compression, or so long after its first record was read."""

    plain_bytes: int
    time: timedelta


class Stored(Protocol):
    """Told of each segment, once it lies on its shelf."""

    def __call__(self, partition: Partition, name: SegmentName, entries: int, packed_bytes: int) -> None: ...


@dataclass
class _Shelving:
    """What is known of a partition that is ours. `begun` is when the open segment got its first entry.

    Whoever fills or ends the writer holds `at_work`: a call that was cancelled goes on in its thread for a while.
    """

    shelf: Shelf
    next_offset: int
    writer: SegmentWriter | None = None
    begun: datetime | None = None
    at_work: Lock = field(default_factory=Lock)


class Keeper(Agent):
    """Stores what `entry` gives of each record (None: nothing), under `holds`.

    `topic_id` asks the broker. `clock` only says how long a segment has been open.
    """

    keeps_positions = True

    def __init__(
        self,
        archive: Archive,
        holds: str,
        entry: Callable[[BrokerRecord], bytes | None],
        *,
        patience: Patience,
        topic_id: Callable[[str], Awaitable[str]],
        clock: Callable[[], datetime],
        stored: Stored,
    ) -> None:
        self._archive = archive
        self._holds = holds
        self._entry = entry
        self._patience = patience
        self._topic_id = topic_id
        self._clock = clock
        self._stored = stored
        self._ours: dict[Partition, _Shelving] = {}

    async def assigned(self, partition: Partition) -> int | None:
        """Goes on after the last segment; from the oldest record where there is none."""
        shelf = Shelf(self._holds, partition.topic, await self._topic_id(partition.topic), partition.number)
        there = await asyncio.to_thread(self._begin, shelf)
        self._ours[partition] = _Shelving(shelf, there or 0)
        return there

    async def handle(self, batch: Batch) -> None:
        """Takes the records in; they are kept for good once their segment is finished."""
        await asyncio.to_thread(self._take, self._ours[batch.origin], batch)
        await self._maybe_finish(batch.origin)

    async def idle(self, partition: Partition) -> None:
        await self._maybe_finish(partition)

    async def revoked(self, partition: Partition) -> None:
        """Stores what is there, so that the next worker, or the next start, need not read it again."""
        shelving = self._ours.pop(partition, None)
        if shelving is not None and shelving.writer is not None and shelving.writer.entries:
            await self._finish(partition, shelving, shelving.writer)

    def waiting(self, partition: Partition) -> int:
        """Records that were read and would be read again after a kill."""
        shelving = self._ours.get(partition)
        return 0 if shelving is None or shelving.writer is None else shelving.next_offset - shelving.writer.first

    def _begin(self, shelf: Shelf) -> int | None:
        self._archive.sweep(shelf)
        return self._archive.next_offset(shelf)

    def _take(self, shelving: _Shelving, batch: Batch) -> None:
        with shelving.at_work:
            writer = shelving.writer = shelving.writer or self._opened(shelving, batch)
            for record in batch.records:
                if record.offset >= shelving.next_offset and (entry := self._entry(record)) is not None:
                    writer.add(entry, record.timestamp)
            shelving.next_offset = batch.ends_before
            writer.covers(batch.ends_before)
        if shelving.begun is None and writer.entries:
            shelving.begun = self._clock()

    def _opened(self, shelving: _Shelving, batch: Batch) -> SegmentWriter:
        heading = Heading(
            holds=self._holds, topic=batch.topic, topic_id=shelving.shelf.topic_id, partition=batch.partition
        )
        return SegmentWriter(heading, max(batch.begins_at, shelving.next_offset))

    async def _maybe_finish(self, partition: Partition) -> None:
        shelving = self._ours[partition]
        if shelving.writer is None or shelving.begun is None:
            return
        waited = self._clock() - shelving.begun >= self._patience.time
        if waited or shelving.writer.plain_bytes >= self._patience.plain_bytes:
            await self._finish(partition, shelving, shelving.writer)

    async def _finish(self, partition: Partition, shelving: _Shelving, writer: SegmentWriter) -> None:
        segment = await asyncio.to_thread(self._store, shelving, writer)
        shelving.writer = shelving.begun = None
        self._stored(partition, segment.name, writer.entries, len(segment.content))

    def _store(self, shelving: _Shelving, writer: SegmentWriter) -> Segment:
        with shelving.at_work:
            segment = writer.finished()
        self._archive.store(shelving.shelf, segment)
        return segment
