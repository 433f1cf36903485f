"""Faust with whole batches, in order, nothing lost.

The stock consumer hands over one record at a time, acks what an agent's exception lost, and commits past what is still
under way. Here a message is all records of one fetch of a partition; each goes through the partition's lane, and an
offset is committed when all before it is done.
"""

# pyright: basic, reportIncompatibleVariableOverride=false, reportIncompatibleMethodOverride=false, reportArgumentType=false
# Faust's own annotations end where its internals begin.

import asyncio
from collections import defaultdict, deque
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

import faust
import structlog
from faust.transport.drivers.aiokafka import AIOKafkaConsumerThread
from faust.transport.drivers.aiokafka import Consumer as KafkaConsumer
from faust.transport.drivers.aiokafka import Transport as KafkaTransport
from faust.types.tuples import TP, ConsumerMessage
from mode.threads import WorkerThread

from streams import plain_records
from streams.assignment import Lanes
from streams.lanes import Agent, Batch, Limits, Partition, Watch

log = structlog.get_logger(__name__)

COMMIT_SECONDS = 1.0
"""How often offsets are committed. What was done since is done again after a kill: a repeat, for agents at least once."""

FETCH_SECONDS = 0.2
"""How long a fetch waits for the partitions that have room, before those that got room meanwhile are asked too."""

BROKER_WAIT_MS = 50
"""How long the broker holds a fetch that finds nothing. Partitions whose records wait here are no part of that fetch, so
what comes in on them meanwhile is seen only after it: Faust's 1,500 ms would be their delay."""


LEAVE_WITHIN = 2.0
"""Seconds for the last commit, and for leaving the group. Both are courtesies: positions are in the database or done again
at least once, and the group notices by itself. A broker that is away would be waited for without end."""


class BoundedThread(WorkerThread):
    """A thread whose end neither the service nor the program waits for without bound."""

    def __init__(self, service: Any, **options: Any) -> None:
        super().__init__(service, **options)
        self.daemon = True

    def stop(self) -> None:
        self.is_stopped.wait(LEAVE_WITHIN)


class QuickThread(AIOKafkaConsumerThread):
    """The consumer's thread, with shorter waits than Faust has."""

    Worker = BoundedThread

    async def on_thread_stop(self) -> None:
        """As a task: aiokafka lets out the cancelling of a fetch that waits for the broker, which would end this thread
        without word, and whoever stops it would wait for ever."""
        leaving = asyncio.ensure_future(super().on_thread_stop())
        await asyncio.wait([leaving], timeout=LEAVE_WITHIN)
        if not leaving.done() or leaving.cancelled() or leaving.exception() is not None:
            log.warning("left without a word to the group: the broker does not answer")
            leaving.cancel()

    def _create_worker_consumer(self, transport: Any) -> Any:
        consumer = super()._create_worker_consumer(transport)
        consumer._fetch_max_wait_ms = BROKER_WAIT_MS  # pyright: ignore[reportPrivateUsage] - Faust fixes it
        plain_records.asked_for_by(consumer)
        return consumer


class BatchConsumer(KafkaConsumer):
    """The consumer of a `BatchApp`. Partitions whose lanes are full are not read from."""

    app: "BatchApp"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._delivered: defaultdict[TP, deque[int]] = defaultdict(deque)  # ends of batches handed over, oldest first
        self._finished: defaultdict[TP, set[int]] = defaultdict(set)
        self._expected: dict[TP, int] = {}  # the next offset to hand over
        # Sought with no fetch under way: what is missing at their next fetch does not exist.
        self._sought: set[TP] = set()
        self._room = asyncio.Event()

    def _new_consumer_thread(self) -> QuickThread:
        beacon: Any = self.beacon
        return QuickThread(self, loop=self.loop, beacon=beacon)

    # --- where reading goes on ---

    async def perform_seek(self) -> None:
        """After each rebalance: from the committed offsets, or the oldest records where none is committed."""
        await super().perform_seek()
        self._forget(list(self._expected))
        assigned = self.assignment()
        uncommitted = [tp for tp in assigned if self._read_offset[tp] is None]
        for tp, offset in (await self.earliest_offsets(*uncommitted)).items() if uncommitted else ():
            await self._seek(tp, offset)
            self._read_offset[TP(tp.topic, tp.partition)] = offset
        for tp in assigned:
            self._expected[tp] = self._read_offset[tp] or 0
        ours = assigned & self.assignment()  # another rebalance may have begun meanwhile
        await self.app.lanes.begin({Partition(tp.topic, tp.partition): self._expected[tp] for tp in ours})

    async def on_partitions_assigned(self, assigned: set[TP], generation_id: int = 0) -> None:
        await super().on_partitions_assigned(assigned, generation_id)
        if not assigned:  # a worker to spare: Faust seeks only where there is something to read
            self._forget(list(self._expected))
            await self.app.lanes.begin({})

    async def on_partitions_revoked(self, revoked: set[TP]) -> None:
        await self.app.lanes.end(Partition(tp.topic, tp.partition) for tp in revoked)
        await super().on_partitions_revoked(revoked)
        self._forget(revoked)

    async def go_to(self, partition: Partition, offset: int | None) -> int:
        tp = TP(*partition)
        oldest = (await self.earliest_offsets(tp))[tp]
        if offset is None:
            offset = oldest
        elif offset < oldest:
            log.error("records were deleted before they were read", topic=tp.topic, partition=tp.partition,
                      first_lost=offset, next=oldest, advice="raise the topic's retention")  # fmt: skip
            offset = oldest
        self._forget([tp])
        self._expected[tp] = offset
        await self._seek(tp, offset)
        return offset

    def _forget(self, partitions: Iterable[TP]) -> None:
        for tp in partitions:
            self._expected.pop(tp, None)
            self._delivered.pop(tp, None)
            self._finished.pop(tp, None)
            self._sought.discard(tp)

    # --- handing over ---

    async def _drain_messages(self, fetcher: Any) -> None:
        while not (self._stopped.is_set() or fetcher._stopped.is_set()):
            if not self.flow_active:
                await self.wait(self.can_resume_flow)
                continue
            ready = {
                tp for tp in self._get_active_partitions() if self.app.lanes.has_room(Partition(tp.topic, tp.partition))
            }
            if not ready:
                await self._wait_for_room()
                continue
            generation = self.app.consumer_generation_id
            self.not_waiting_next_records.clear()
            try:
                fetched = await self._getmany(active_partitions=ready, timeout=FETCH_SECONDS)
            finally:
                self.not_waiting_next_records.set()
            for kafka_tp, records in fetched.items():
                # What is dropped here is read again: the gap that it leaves is seen below.
                if not self.flow_active or generation != self.app.consumer_generation_id:
                    self._sought.clear()
                    break
                await self._deliver(TP(kafka_tp.topic, kafka_tp.partition), records, generation)
            await asyncio.sleep(0)

    async def _wait_for_room(self) -> None:
        self._room.clear()
        try:
            await asyncio.wait_for(self._room.wait(), FETCH_SECONDS)
        except TimeoutError:
            return

    def room(self) -> None:
        """A lane has room again."""
        self._room.set()

    async def _deliver(self, tp: TP, records: list[Any], generation: int) -> None:
        expected = self._expected.get(tp)
        if expected is None:
            return
        if records[0].offset < expected:
            records = [record for record in records if record.offset >= expected]
            if not records:
                return
        if records[0].offset > expected and tp not in self._sought:
            # Compaction and transaction markers leave gaps, and so do records dropped at a rebalance: look again.
            await self._seek(tp, expected)
            self._sought.add(tp)
            return
        self._sought.discard(tp)
        batch = Batch(tp.topic, tp.partition, expected, records)
        last = records[-1]
        message = ConsumerMessage(
            tp.topic, tp.partition, last.offset, last.timestamp / 1000.0, 0, None, None, batch, None, 0, 0, tp,
            generation_id=generation,
        )  # fmt: skip
        self._expected[tp] = batch.ends_before
        self._delivered[tp].append(batch.ends_before)
        await self.callback(message)

    # --- committing ---

    async def commit_and_end_transactions(self) -> None:
        """The last commit, when the consumer stops."""
        with suppress(TimeoutError):
            await asyncio.wait_for(super().commit_and_end_transactions(), LEAVE_WITHIN)

    def done(self, partition: Partition, ends_before: int) -> None:
        tp = TP(*partition)
        if tp in self._expected:
            self._finished[tp].add(ends_before)

    def lag(self, partition: Partition, next_offset: int) -> int:
        return max(0, (self.highwater(TP(*partition)) or 0) - next_offset)

    def _filter_tps_with_pending_acks(self, topics: Any = None) -> Iterable[TP]:
        return [tp for tp in self._finished if topics is None or tp in topics or tp.topic in topics]

    def _new_offset(self, tp: TP) -> int | None:
        """Where the last that is done ends, with all before it done too. Stock Faust commits past gaps here."""
        self._acked.pop(tp, None)  # what Faust notes for its own way to an offset, and would keep for good
        self._acked_index.pop(tp, None)
        delivered, finished = self._delivered[tp], self._finished[tp]
        if not finished:
            return None
        newest = max(finished)
        committed = None
        while delivered and delivered[0] <= newest and self._is_done(delivered[0], finished):
            committed = delivered.popleft()
        if delivered and (committed is None or committed < newest):
            committed = newest  # within the next batch, where an agent stands still
        finished.difference_update([end for end in finished if committed is not None and end <= committed])
        return committed

    @staticmethod
    def _is_done(end: int, finished: set[int]) -> bool:
        """A lane works in order and joins batches, so a later end stands for those before it."""
        return any(end <= other for other in finished)


class BatchTransport(KafkaTransport):
    Consumer = BatchConsumer


class BatchApp(faust.App):
    """A Faust app whose agents get whole batches. `agents` by topic."""

    def __init__(self, name: str, *, agents: dict[str, Agent], watch: Watch, limits: Limits, **options: Any) -> None:
        super().__init__(
            name,
            store="memory://",
            web_enabled=False,
            topic_allow_declare=False,
            topic_disable_leader=True,
            table_standby_replicas=0,  # else Faust's assignor keeps partitions for replicas of tables that we do not have
            stream_wait_empty=False,
            consumer_auto_offset_reset="earliest",
            broker_max_poll_records=limits.batch_records,
            broker_commit_interval=COMMIT_SECONDS,
            **options,
        )
        self.lanes = Lanes(lambda: self.batch_consumer, agents, watch, limits)
        for topic in agents:
            self._listen(topic)

    def _new_transport(self) -> BatchTransport:
        return BatchTransport(self.conf.broker_consumer, self)

    @property
    def batch_consumer(self) -> BatchConsumer:
        consumer = self.consumer
        assert isinstance(consumer, BatchConsumer)
        return consumer

    def _listen(self, name: str) -> None:
        topic = self.topic(name, value_type=None, key_serializer="raw", value_serializer="raw", internal=True)

        async def into_lanes(stream: Any) -> None:
            async for batch in stream:
                self.lanes.put(batch)

        self.agent(topic, name=f"lanes of {name}")(into_lanes)

    async def on_stop(self) -> None:
        await self.lanes.end(self.lanes.partitions)
        await super().on_stop()
