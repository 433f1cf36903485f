"""What is done with each partition: one lane a partition, one batch at a time, in order, until it is done.

A lane never gives a batch up: while its agent fails, the batch is tried again with growing pauses, nothing after it is
touched, and its offset is not committed.
"""

import asyncio
import random
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from time import monotonic
from typing import Final, NamedTuple, Protocol, TypeVar

import structlog

log = structlog.get_logger(__name__)

T = TypeVar("T")

FIRST_PAUSE: Final = 0.1
LONGEST_PAUSE: Final = 5.0
"""Seconds between two tries."""

STOP_WITHIN: Final = 4.0
"""Seconds that a batch under way has to come to its end when its partition is taken away."""

LOOK_AGAIN: Final = 1.0
"""Seconds until an agent that stands still is asked again."""

FORGET_WITHIN: Final = 1.0
"""Seconds that are waited for an agent to forget a partition; it goes on with it, but nobody waits longer."""


class Record(Protocol):
    """One record, as the Kafka client gives it. `timestamp` in milliseconds since 1970."""

    @property
    def offset(self) -> int: ...
    @property
    def timestamp(self) -> int: ...
    @property
    def key(self) -> bytes | None: ...
    @property
    def value(self) -> bytes | None: ...
    @property
    def headers(self) -> Sequence[tuple[str, bytes]]: ...


class Partition(NamedTuple):
    """A partition of a topic."""

    topic: str
    number: int


class Batch(NamedTuple):
    """Records of one partition in order. `begins_at` is at or before the first: nothing that exists lies between."""

    topic: str
    partition: int
    begins_at: int
    records: Sequence[Record]

    @property
    def origin(self) -> Partition:
        """Where it is from."""
        return Partition(self.topic, self.partition)

    @property
    def ends_before(self) -> int:
        """The offset after the last record."""
        return self.records[-1].offset + 1

    def split(self, at: int | None) -> "tuple[Batch | None, Batch | None]":
        """The batches before this offset, and from it on; None for one without records. None as offset: after the last."""
        if at is None or at >= self.ends_before:
            return self, None
        count = sum(record.offset < at for record in self.records)
        done = self._replace(records=self.records[:count]) if count else None
        return done, self._replace(begins_at=at if count else self.begins_at, records=self.records[count:])


class Agent:
    """What works on batches. Each method may be called for many partitions at once, and for one partition one at a time.

    `keeps_positions`: whether it says itself where a partition goes on (None: from the start), or the committed offset does.
    """

    keeps_positions: bool = False

    async def assigned(self, partition: Partition) -> int | None:
        """The partition is ours now. Called again after any failure, so it must begin from what is stored."""
        return None

    async def handle(self, batch: Batch) -> int | None:
        """Do all that follows from the batch. Once it returns, the batch is never seen again; if it raises, it comes again.

        An agent that must stand still gives the offset from which on it has done nothing: what begins there is kept, comes
        again in a while, and nothing after it is touched.
        """
        raise NotImplementedError

    async def idle(self, partition: Partition) -> None:
        """Time has passed and the partition is caught up."""

    async def revoked(self, partition: Partition) -> None:
        """The partition is no longer ours: forget it. Not called while another call for it is under way."""


class Stream(Protocol):
    """What a lane needs of the consumer."""

    async def go_to(self, partition: Partition, offset: int | None) -> int:
        """Read on from `offset` (None: the oldest that there is); gives where that really is."""
        ...

    def done(self, partition: Partition, ends_before: int) -> None:
        """The batch that ended there is done with."""
        ...

    def lag(self, partition: Partition, next_offset: int) -> int:
        """How many records lie at `next_offset` and after, as far as known."""
        ...


class Watch(Protocol):
    """What is told of progress, for health and metrics."""

    def moved(self, partition: Partition, next_offset: int, lag: int) -> None:
        """The lane is at `next_offset`, with so many records before it; told also when it has not moved."""
        ...

    def failed(self, partition: Partition, error: Exception) -> None:
        """A try failed; it will be tried again."""
        ...


@dataclass
class Limits:
    """`batch_records`: at most in one call of the agent. `held_records`: at most in memory for one partition."""

    batch_records: int = 5_000
    held_records: int = 20_000
    idle_seconds: float = 1.0


@dataclass
class Lane:
    """One partition on its way through an agent. `expected` is the next offset, at first where reading begins."""

    partition: Partition
    agent: Agent
    stream: Stream
    watch: Watch
    limits: Limits
    freed: Callable[[], None]
    expected: int
    held: int = 0
    _queue: deque[Batch] = field(default_factory=deque[Batch])
    _filled: asyncio.Event = field(default_factory=asyncio.Event)
    _at_rest: asyncio.Event = field(default_factory=asyncio.Event)
    _sought: bool = False
    _idle_at: float = 0.0
    _task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to work."""
        self._at_rest.set()
        self._task = asyncio.create_task(self._run(), name=f"lane {self.partition.topic}/{self.partition.number}")

    @property
    def has_room(self) -> bool:
        """Whether more may be read from the broker."""
        return self.held < self.limits.held_records

    def put(self, batch: Batch) -> None:
        """A batch has been read."""
        self.held += len(batch.records)
        self._queue.append(batch)
        self._filled.set()

    async def stop(self) -> None:
        """End; a call under way is given time to come to its end, what waits is dropped and will be read again."""
        task = self._task
        if task is None:
            return
        with suppress(TimeoutError):
            await asyncio.wait_for(self._at_rest.wait(), STOP_WITHIN)
        task.cancel()
        await asyncio.wait([task])
        forgetting = asyncio.ensure_future(self.agent.revoked(self.partition))
        forgetting.add_done_callback(_unheeded)
        await asyncio.wait([forgetting], timeout=FORGET_WITHIN)

    async def _run(self) -> None:
        pending: Batch | None = None
        pause = FIRST_PAUSE
        while True:
            try:
                await self._begin()
                while True:
                    pending = pending or await self._next()
                    if pending is not None:
                        pending = await self._work(pending)
                    pause = FIRST_PAUSE
                    if pending is not None:
                        await asyncio.sleep(LOOK_AGAIN)
                        continue
                    await self._maybe_idle()
            except asyncio.CancelledError:
                raise
            except Exception as error:
                self.watch.failed(self.partition, error)
                log.warning(
                    "will try again", topic=self.partition.topic, partition=self.partition.number,
                    error=f"{type(error).__name__}: {error}"[:500], seconds=round(pause, 1),
                )  # fmt: skip
                await asyncio.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311 - jitter
                pause = min(2 * pause, LONGEST_PAUSE)

    async def _begin(self) -> None:
        """Ask the agent where to go on."""
        position = await self._call(self.agent.assigned(self.partition))
        if self.agent.keeps_positions and not (self._sought and position == self.expected):
            self.expected = await self.stream.go_to(self.partition, position)
            self._sought = True

    async def _next(self) -> Batch | None:
        """What is next, joined with what follows it in the queue; None when nothing came for a while."""
        queue = self._queue
        if not queue:
            self._filled.clear()
            try:
                await asyncio.wait_for(self._filled.wait(), self.limits.idle_seconds)
            except TimeoutError:
                return None
        batch = queue.popleft()
        records = list(batch.records)
        while queue and len(records) < self.limits.batch_records and queue[0].begins_at == records[-1].offset + 1:
            records += queue.popleft().records
        return Batch(batch.topic, batch.partition, batch.begins_at, records)

    async def _work(self, batch: Batch) -> Batch | None:
        """Gives what is left of the batch, where the agent stands still."""
        expected = self.expected
        if self.agent.keeps_positions:
            if batch.begins_at > expected:  # read ahead of a seek; what lies between comes first
                self.expected = await self.stream.go_to(self.partition, expected)
                return self._free(batch)
            if batch.ends_before <= expected:
                self.stream.done(self.partition, batch.ends_before)
                return self._free(batch)
        stands_at = await self._call(self.agent.handle(batch))
        done, left = batch.split(stands_at)
        if done is not None:
            self.expected = done.ends_before if left is None else left.begins_at
            self.stream.done(self.partition, self.expected)
            self._free(done)
        self.watch.moved(self.partition, self.expected, self.stream.lag(self.partition, self.expected))
        return left

    async def _call(self, call: Awaitable[T]) -> T:
        self._at_rest.clear()
        try:
            return await call
        finally:
            self._at_rest.set()

    def _free(self, batch: Batch) -> None:
        self.held -= len(batch.records)
        self.freed()

    async def _maybe_idle(self) -> None:
        """Let time pass, when what is known is up to date."""
        now = monotonic()
        if now - self._idle_at < self.limits.idle_seconds or self._queue:
            return
        lag = self.stream.lag(self.partition, self.expected)
        if lag <= 0:
            self._idle_at = now
            await self._call(self.agent.idle(self.partition))
        self.watch.moved(self.partition, self.expected, lag)


def _unheeded(forgetting: asyncio.Future[None]) -> None:
    """Whether an agent could forget a partition matters no more: it begins anew when it gets it again."""
    if not forgetting.cancelled():
        forgetting.exception()
