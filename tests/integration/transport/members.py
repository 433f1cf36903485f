"""Workers of one group, in this process, on a real broker."""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import asynccontextmanager
from typing import Any

from aiokafka import AIOKafkaProducer

from streams.lanes import Agent, Batch, Limits, Partition
from streams.topics import Topic, TopicAdmin, compare
from streams.transport import BatchApp
from tests.servers import Kafka

WITHIN_SECONDS = 120.0
EVENTS = Topic("events", 4, {})


class Listening(Agent):
    """Keeps what it was given, and by which partition."""

    def __init__(self) -> None:
        self.seen: list[tuple[Partition, bytes | None]] = []

    async def handle(self, batch: Batch) -> None:
        self.seen += [(batch.origin, record.value) for record in batch.records]


class Unwatched:
    """Nobody asks how this worker gets on."""

    def moved(self, partition: Partition, next_offset: int, lag: int) -> None: ...
    def failed(self, partition: Partition, error: Exception) -> None: ...


class Member:
    """One worker of the group. `held` is None until Kafka has given it its share, which may be none."""

    def __init__(self, kafka: Kafka, name: str, topics: Iterable[Topic]) -> None:
        self.agent = Listening()
        self.held: set[Partition] | None = None
        self.app = BatchApp(
            "sharing", agents={topic.name: self.agent for topic in topics}, watch=Unwatched(), limits=Limits(),
            broker=[f"kafka://{kafka.bootstrap}"], consumer_group_instance_id=name,
            broker_session_timeout=6.0, broker_heartbeat_interval=1.0,
        )  # fmt: skip
        self.app.lanes.tell(self._hears)

    def _hears(self, partitions: list[Partition]) -> None:
        self.held = set(partitions)


@asynccontextmanager
async def working(kafka: Kafka, name: str, topics: Iterable[Topic]) -> AsyncGenerator[Member]:
    member = Member(kafka, name, topics)
    await member.app.start()
    try:
        yield member
    finally:
        await member.app.stop()


def given(kafka: Kafka, *topics: Topic) -> None:
    with TopicAdmin(kafka.bootstrap, {}) as admin:
        admin.apply(topics, compare(topics, admin.found(topics)))


async def send(kafka: Kafka, value: bytes) -> None:
    """One record to each partition of the events."""
    producer: Any = AIOKafkaProducer(bootstrap_servers=kafka.bootstrap)
    await producer.start()
    try:
        for number in range(EVENTS.partitions):
            await producer.send_and_wait(EVENTS.name, value, partition=number)
    finally:
        await producer.stop()


async def until(holds: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + WITHIN_SECONDS
    while not holds():
        assert time.monotonic() < deadline, f"it did not come to that: {what}"
        await asyncio.sleep(0.05)
