"""How the members of a group share the partitions of Apache Kafka."""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer

from streams.lanes import Agent, Batch, Limits, Partition
from streams.topics import Topic, TopicAdmin, compare
from streams.transport import BatchApp
from tests.servers import Kafka

pytestmark = pytest.mark.kafka

WITHIN_SECONDS = 120.0
EVENTS = Topic("events", 4, {})
INBOUND = tuple(Topic(f"cdmo.{partner}.inbound", 1, {}) for partner in ("acme", "brightwell", "corona", "delta"))


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


def shares(*members: Member) -> list[int]:
    """How many partitions each holds, most first; empty while one has not heard or two hold the same."""
    held = [member.held for member in members if member.held is not None]
    ours = [partition for share in held for partition in share]
    return [] if len(held) < len(members) or len(ours) > len(set(ours)) else sorted(map(len, held), reverse=True)


def test_three_workers_share_four_partitions_so_that_none_goes_without(kafka: Kafka) -> None:
    given(kafka, EVENTS)

    async def course() -> None:
        async with working(kafka, "a", [EVENTS]) as a:
            await until(lambda: shares(a) == [4], "the first has all")
            async with working(kafka, "b", [EVENTS]) as b:
                await until(lambda: shares(a, b) == [2, 2], "two have half each")
                async with working(kafka, "c", [EVENTS]) as c:
                    await until(lambda: shares(a, b, c) == [2, 1, 1], "three have some each")
                    await send(kafka, b"to all")
                    seen = [a.agent.seen, b.agent.seen, c.agent.seen]
                    await until(lambda: sum(map(len, seen)) == 4, "each record is seen")
                    assert {partition for part in seen for partition, _ in part} == {
                        Partition(EVENTS.name, number) for number in range(4)
                    }

    asyncio.run(course())


def test_a_worker_to_spare_is_told_that_it_has_no_partition_and_takes_over_when_another_goes(kafka: Kafka) -> None:
    given(kafka, EVENTS)

    async def course() -> None:
        async with AsyncExitStack() as all_of_them:
            a, b, c, d = [await all_of_them.enter_async_context(working(kafka, name, [EVENTS])) for name in "abcd"]
            await until(lambda: shares(a, b, c, d) == [1, 1, 1, 1], "four have one each")
            spare = await all_of_them.enter_async_context(working(kafka, "e", [EVENTS]))
            await until(lambda: shares(a, b, c, d, spare) == [1, 1, 1, 1, 0], "a fifth has none")
            assert spare.held == set()
            await b.app.stop()
            await until(lambda: shares(a, c, d, spare) == [1, 1, 1, 1], "the spare one has what the other had")
            await send(kafka, b"after")
            await until(lambda: b"after" in [value for _, value in spare.agent.seen], "and works on it")

    asyncio.run(course())


def test_a_worker_that_loses_all_its_partitions_is_told_so(kafka: Kafka) -> None:
    given(kafka, INBOUND[0])

    async def course() -> None:
        async with working(kafka, "z", INBOUND[:1]) as late:
            await until(lambda: shares(late) == [1], "it has the partition")
            async with working(kafka, "a", INBOUND[:1]) as early:  # goes first in the order of names
                await until(lambda: shares(early, late) == [1, 0], "another has it")
                assert late.held == set()
                assert late.app.lanes.partitions == []

    asyncio.run(course())


def test_the_inbound_topics_of_several_partners_are_shared_among_the_intake_workers(kafka: Kafka) -> None:
    given(kafka, *INBOUND)

    async def course() -> None:
        async with working(kafka, "a", INBOUND) as a, working(kafka, "b", INBOUND) as b:
            await until(lambda: shares(a, b) == [2, 2], "each has the topics of two partners")

    asyncio.run(course())
