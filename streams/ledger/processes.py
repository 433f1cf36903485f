"""The processes in which a worker's ledgers count, beside the one that talks to the broker.

Python runs one thread at a time. With the ledgers in processes of their own neither they nor the broker's heartbeats,
the intake and the dispatcher wait for one another. A ledger stays where it was loaded; a process that dies takes down only
what was under way, which was not committed or will be seen as counted, and is begun anew.
"""

import asyncio
import gc
import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from datetime import datetime, timedelta
from multiprocessing import active_children, connection, get_context, parent_process
from multiprocessing.context import ForkServerContext
from time import monotonic
from typing import Any, ClassVar, NamedTuple

import msgspec
from sqlalchemy import Engine

from alerting.database import connect
from streams.lanes import Batch, Partition
from streams.lanes import Record as StreamRecord
from streams.ledger.partition import Outcome, PartitionLedger
from streams.ledger.standing import Clock, Guides, Place
from streams.ledger.trust.watches import NOTHING_AGREED, Agreed
from streams.network.model import Network
from streams.rulebooks.following import Followed


class Record(msgspec.Struct, frozen=True, gc=False):
    """What a ledger needs of a record."""

    offset: int
    timestamp: int
    value: bytes | None


class Told(NamedTuple):
    """What a worker tells its processes with a call; it goes over only when it has changed.

    The rulebooks they read in the database themselves, before each batch: all workers change to another at once.
    """

    network: Network
    reopen_within: timedelta
    agreed: Agreed = NOTHING_AGREED


class Process:
    """One process with the ledgers of some partitions. Its calls are worked off one after the other."""

    def __init__(self, database_url: str, tell: Callable[[], Told], clock: Clock) -> None:
        self._database_url = database_url
        self._tell = tell
        self._clock = clock
        self._told: Told | None = None
        self._executor: ProcessPoolExecutor | None = None
        self._closed = False

    async def load(self, partition: Partition, place: Place) -> int | None:
        """Take a partition over. Gives the next offset to count."""
        return await self._call(_load, partition, place)

    async def apply(self, batch: Batch, now: datetime) -> Outcome:
        """Count a batch. Raises what `PartitionLedger.apply` does."""
        return await self._call(_apply, batch.origin, batch.begins_at, *_packed(batch.records), now)

    async def refuse(self, batch: Batch, reason: str, now: datetime) -> Outcome:
        """Pass over the one record of a batch."""
        return await self._call(_refuse, batch.origin, batch.begins_at, *_packed(batch.records), reason, now)

    async def pass_time(self, partition: Partition, now: datetime) -> Outcome | None:
        """Look at what is due by the wall clock."""
        return await self._call(_pass_time, partition, now)

    async def drop(self, partition: Partition) -> None:
        """Forget a partition."""
        if self._executor is not None and not self._closed:
            await self._call(_drop, partition)

    def close(self) -> None:
        """Take no more calls; the process ends once what is under way is done."""
        self._closed = True
        if self._executor is not None:
            self._executor.shutdown(wait=False, cancel_futures=True)

    async def _call(self, function: Any, *arguments: Any) -> Any:
        if self._closed:
            raise RuntimeError("the worker is stopping")
        if self._executor is None:
            begin = _begin, (self._database_url, self._clock)
            self._executor = ProcessPoolExecutor(1, _forks(), *begin)
        now = self._tell()
        changed = self._told is None or any(one is not other for one, other in zip(now, self._told, strict=True))
        loop, executor = asyncio.get_running_loop(), self._executor
        try:
            if changed:
                self._told = now
                await loop.run_in_executor(executor, _follow, now)
            return await loop.run_in_executor(executor, function, *arguments)
        except BrokenProcessPool:
            if self._executor is executor:
                self._executor = self._told = None
            raise


def end_all(within_seconds: float) -> None:
    """Wait for the closed processes to end. One that does not is killed: what it did not commit comes again."""
    deadline = monotonic() + within_seconds
    for process in active_children():
        process.join(max(0.0, deadline - monotonic()))
        if process.is_alive():
            process.kill()


def _forks() -> ForkServerContext:
    """Ledger processes are forked from one that has done the imports: they start at once and share its memory.

    Each runs the program's own first lines again, so it is all that these import that has to be there.
    """
    context = get_context("forkserver")
    context.set_forkserver_preload([__name__, *sorted(name for name in sys.modules if name.startswith("streams."))])
    return context


def _packed(records: Sequence[StreamRecord]) -> tuple[list[int], list[int], list[bytes | None]]:
    """Three lists go over far faster than many records."""
    return [r.offset for r in records], [r.timestamp for r in records], [r.value for r in records]


# --- in the process itself ---


class _Here:
    """What this process holds."""

    engine: ClassVar[Engine]
    clock: ClassVar[Clock]
    rulebooks: ClassVar[Followed]
    told: ClassVar[Told]
    ledgers: ClassVar[dict[Partition, PartitionLedger]] = {}


def _begin(database_url: str, clock: Clock) -> None:
    """The worker decides when this process ends; it ends with the worker even if that was killed."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _Here.engine, _Here.clock = connect(database_url), clock
    _Here.rulebooks = Followed(_Here.engine)
    gc.collect()
    gc.freeze()  # what is loaded now stays; the collector need not look at it again
    gc.set_threshold(50_000, 20, 50)


def _end_with_parent() -> None:
    parent = parent_process()
    assert parent is not None
    connection.wait([parent.sentinel])
    os._exit(1)


def _follow(told: Told) -> None:
    _Here.told = told


def _load(partition: Partition, place: Place) -> int | None:
    books = _Here.rulebooks
    guides = Guides(lambda: _Here.told.network, books.live, _Here.clock, books.shadow, lambda: _Here.told.reopen_within,
                    lambda: _Here.told.agreed)  # fmt: skip
    ledger = PartitionLedger(_Here.engine, place, guides)
    position = ledger.load()
    _Here.ledgers[partition] = ledger
    return position


def _apply(
    partition: Partition,
    begins_at: int,
    offsets: list[int],
    timestamps: list[int],
    values: list[bytes | None],
    now: datetime,
) -> Outcome:
    records = list(map(Record, offsets, timestamps, values))
    return _Here.ledgers[partition].apply(begins_at, records, now)


def _refuse(
    partition: Partition, begins_at: int, offsets: list[int], timestamps: list[int], values: list[bytes | None], reason: str,
    now: datetime,
) -> Outcome:  # fmt: skip
    (record,) = map(Record, offsets, timestamps, values)
    return _Here.ledgers[partition].refuse(begins_at, record, reason, now)


def _pass_time(partition: Partition, now: datetime) -> Outcome | None:
    return _Here.ledgers[partition].pass_time(now)


def _drop(partition: Partition) -> None:
    _Here.ledgers.pop(partition, None)
