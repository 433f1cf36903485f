"""An agent that stands still: what it has not done is kept and comes again, and other topics go on."""

import asyncio
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from streams.lanes import Agent, Batch, Limits
from streams.topics import Topic
from streams.transport import BatchApp
from tests.integration.transport.members import Unwatched, given, until
from tests.servers import Kafka

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(300)]

TOPICS = (Topic("bad", 1, {}), Topic("good", 1, {}))


class Standing(Agent):
    """Stands still at an offset of the topic `bad`, until it may go on."""

    def __init__(self, stands_at: int | None) -> None:
        self.stands_at = stands_at
        self.done: dict[str, list[int]] = {"bad": [], "good": []}
        self.asked = 0

    async def handle(self, batch: Batch) -> int | None:
        stands_at = self.stands_at if batch.topic == "bad" else None
        self.asked += stands_at is not None
        self.done[batch.topic] += [
            record.offset for record in batch.records if stands_at is None or record.offset < stands_at
        ]
        return stands_at


def member(kafka: Kafka, agent: Agent) -> BatchApp:
    return BatchApp(
        "standing", agents={topic.name: agent for topic in TOPICS}, watch=Unwatched(), limits=Limits(),
        broker=[f"kafka://{kafka.bootstrap}"], broker_session_timeout=6.0, broker_heartbeat_interval=1.0,
    )  # fmt: skip


async def send(kafka: Kafka, topic: str, records: int) -> None:
    producer: Any = AIOKafkaProducer(bootstrap_servers=kafka.bootstrap)
    await producer.start()
    for number in range(records):
        await producer.send_and_wait(topic, str(number).encode())
    await producer.stop()


async def committed(kafka: Kafka, topic: str) -> int | None:
    consumer: Any = AIOKafkaConsumer(bootstrap_servers=kafka.bootstrap, group_id="standing", enable_auto_commit=False)
    await consumer.start()
    try:
        return await consumer.committed(TopicPartition(topic, 0))
    finally:
        await consumer.stop()


def test_what_an_agent_has_not_done_waits_on_the_topic_also_through_a_restart(kafka: Kafka) -> None:
    given(kafka, *TOPICS)

    async def main() -> None:
        await send(kafka, "bad", 10)
        first = Standing(stands_at=4)
        app = member(kafka, first)
        await app.start()
        await until(lambda: first.asked > 1, "it is asked again")
        assert first.done["bad"] == [0, 1, 2, 3]
        await send(kafka, "good", 10)
        await until(lambda: len(first.done["good"]) == 10, "the other topic goes on")
        await app.stop()
        assert await committed(kafka, "bad") == 4
        second = Standing(stands_at=4)
        app = member(kafka, second)
        await app.start()
        await until(lambda: second.asked > 1, "it is asked again")
        assert second.done["bad"] == []
        second.stands_at = None
        await until(lambda: len(second.done["bad"]) == 6, "the rest is done")
        await app.stop()
        assert second.done["bad"] == [4, 5, 6, 7, 8, 9]
        assert await committed(kafka, "bad") == 10

    asyncio.run(main())
