"""The ledger as an agent of the stream: one `PartitionLedger` for each partition that is ours, in processes beside this one."""

from collections.abc import Awaitable, Callable
from concurrent.futures.process import BrokenProcessPool
from datetime import UTC, datetime
from time import monotonic
from typing import Protocol

import structlog
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from streams.lanes import Agent, Batch, Partition
from streams.ledger.partition import Outcome, PositionMoved
from streams.ledger.processes import Process, Told, end_all
from streams.ledger.standing import Clock, Place

MOST_PASSED_OVER = 10
"""Records in a row that may be refused because counting them failed. More is no fault of theirs: then we wait and say so."""

ENDS_WITHIN = 3.0
"""Seconds that a batch under way has to be committed when the worker stops."""

log = structlog.get_logger(__name__)


class Tally(Protocol):
    """Told after each commit."""

    def __call__(self, partition: Partition, outcome: Outcome, records: int, seconds: float) -> None: ...


class LedgerAgent(Agent):
    """Counts batches into the ledger, by the rulebooks in force in the database, and by what it is told now.

    `topic_id` gives the broker's UUID of a topic; `committed` is told of each commit.
    """

    keeps_positions = True

    def __init__(
        self,
        database_url: str,
        tell: Callable[[], Told],
        clock: Clock,
        topic_id: Callable[[str], Awaitable[str]],
        committed: Tally,
        processes: int = 1,
    ) -> None:
        self._topic_id = topic_id
        self._committed = committed
        self._processes = [Process(database_url, tell, clock) for _ in range(processes)]
        self._passed_over: dict[Partition, int] = {}  # records in a row

    def close(self) -> None:
        """End the processes, once what is under way is done."""
        for process in self._processes:
            process.close()
        end_all(ENDS_WITHIN)

    async def assigned(self, partition: Partition) -> int | None:
        place = Place(partition.topic, await self._topic_id(partition.topic), partition.number)
        return await self._process(partition).load(partition, place)

    async def handle(self, batch: Batch) -> None:
        """Count it. A record that the database cannot take is found by halving the batch, and refused."""
        began = monotonic()
        try:
            outcome = await self._process(batch.origin).apply(batch, datetime.now(UTC))
        except (PositionMoved, OperationalError, InterfaceError, BrokenProcessPool):
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
        outcome = await self._process(partition).pass_time(partition, datetime.now(UTC))
        if outcome is not None:
            self._committed(partition, outcome, 0, monotonic() - began)

    async def revoked(self, partition: Partition) -> None:
        await self._process(partition).drop(partition)

    def _process(self, partition: Partition) -> Process:
        return self._processes[partition.number % len(self._processes)]

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
            last = Batch(batch.topic, batch.partition, batch.begins_at, records)
            outcome = await self._process(batch.origin).refuse(last, str(error), datetime.now(UTC))
            self._committed(batch.origin, outcome, 1, 0.0)
