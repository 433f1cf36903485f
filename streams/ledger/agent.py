"""The ledger as an agent of the stream: one `PartitionLedger` for each partition that is ours, worked on in threads."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from time import monotonic
from typing import Protocol, TypeVar, TypeVarTuple

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from streams.lanes import Agent, Batch, Partition
from streams.ledger.partition import Outcome, PartitionLedger, PositionMoved
from streams.ledger.standing import Guides, Place

MOST_PASSED_OVER = 10
"""Records in a row that may be refused because counting them failed. More is no fault of theirs: then we wait and say so."""

T = TypeVar("T")
Arguments = TypeVarTuple("Arguments")

log = structlog.get_logger(__name__)


class Tally(Protocol):
    """Told after each commit."""

    def __call__(self, partition: Partition, outcome: Outcome, records: int, seconds: float) -> None: ...


class LedgerAgent(Agent):
    """Counts batches into the ledger. `topic_id` gives the broker's UUID of a topic; `committed` is told of each commit."""

    keeps_positions = True

    def __init__(
        self,
        engine: Engine,
        guides: Guides,
        topic_id: Callable[[str], Awaitable[str]],
        committed: Tally,
        threads: int = 2,
    ) -> None:
        self._engine = engine
        self._guides = guides
        self._topic_id = topic_id
        self._committed = committed
        self._ledgers: dict[Partition, PartitionLedger] = {}
        self._passed_over: dict[Partition, int] = {}  # records in a row
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="ledger")

    async def assigned(self, partition: Partition) -> int | None:
        place = Place(partition.topic, await self._topic_id(partition.topic), partition.number)
        ledger = PartitionLedger(self._engine, place, self._guides)
        position = await self._in_thread(ledger.load)
        self._ledgers[partition] = ledger
        return position

    async def handle(self, batch: Batch) -> None:
        """Count it. A record that the database cannot take is found by halving the batch, and refused."""
        began = monotonic()
        ledger = self._ledgers[batch.origin]
        try:
            outcome = await self._in_thread(ledger.apply, batch.begins_at, batch.records, datetime.now(UTC))
        except (PositionMoved, OperationalError, InterfaceError):
            raise
        except Exception as error:
            if isinstance(error, DBAPIError) and error.connection_invalidated:
                raise
            await self._handle_in_halves(batch, error)
            return
        self._passed_over[batch.origin] = 0
        self._committed(batch.origin, outcome, len(batch.records), monotonic() - began)

    async def idle(self, partition: Partition) -> None:
        began = monotonic()
        outcome = await self._in_thread(self._ledgers[partition].pass_time, datetime.now(UTC))
        if outcome is not None:
            self._committed(partition, outcome, 0, monotonic() - began)

    async def revoked(self, partition: Partition) -> None:
        self._ledgers.pop(partition, None)

    @property
    def open_alerts(self) -> Mapping[tuple[str, str], int]:
        """How many alerts are open in the partitions that are ours, by kind and severity."""
        counts: dict[tuple[str, str], int] = {}
        for ledger in self._ledgers.values():
            for label, n in ledger.open_alerts.items():
                counts[label] = counts.get(label, 0) + n
        return counts

    async def _handle_in_halves(self, batch: Batch, error: Exception) -> None:
        position = await self.assigned(batch.origin)
        records = [record for record in batch.records if position is None or record.offset >= position]
        if len(records) > 1:
            middle = len(records) // 2
            await self.handle(Batch(batch.topic, batch.partition, batch.begins_at, records[:middle]))
            await self.handle(Batch(batch.topic, batch.partition, records[middle].offset, records[middle:]))
        elif records:
            if self._passed_over.get(batch.origin, 0) >= MOST_PASSED_OVER:
                raise error
            self._passed_over[batch.origin] = self._passed_over.get(batch.origin, 0) + 1
            log.error("a record cannot be counted", topic=batch.topic, partition=batch.partition,
                      offset=records[0].offset, error=str(error)[:500])  # fmt: skip
            refuse = self._ledgers[batch.origin].refuse
            outcome = await self._in_thread(refuse, batch.begins_at, records[0], str(error), datetime.now(UTC))
            self._committed(batch.origin, outcome, 1, 0.0)

    async def _in_thread(self, call: Callable[[*Arguments], T], *args: *Arguments) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, call, *args)
