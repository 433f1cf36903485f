"""How a member of a group stops while Kafka is away."""

import asyncio
import os
import signal
import threading

import pytest

from tests.integration.transport.members import EVENTS, Member, given, send, until, working
from tests.servers import Kafka

pytestmark = pytest.mark.kafka


def consumer_threads() -> set[threading.Thread]:
    return {thread for thread in threading.enumerate() if type(thread).__name__ == "BoundedThread"}


async def at_work(kafka: Kafka, member: Member) -> None:
    await send(kafka, b"before")
    await until(lambda: len(member.agent.seen) == EVENTS.partitions, "it works")


@pytest.mark.parametrize("seconds", [0.0, 3.0])
def test_a_member_stops_while_the_broker_is_gone(kafka: Kafka, seconds: float) -> None:
    given(kafka, EVENTS)

    async def course() -> None:
        async with working(kafka, "a", [EVENTS]) as member:
            await at_work(kafka, member)
            kafka.kill()
            await asyncio.sleep(seconds)  # the longer it is gone, the more is under way that waits for it

    before = consumer_threads()
    asyncio.run(course())
    assert consumer_threads() <= before


def test_a_member_stops_while_the_broker_stands_still(kafka: Kafka) -> None:
    given(kafka, EVENTS)
    assert kafka.process is not None

    async def course(broker: int) -> None:
        async with working(kafka, "a", [EVENTS]) as member:
            await at_work(kafka, member)
            os.kill(broker, signal.SIGSTOP)

    before = consumer_threads()
    try:
        asyncio.run(course(kafka.process.pid))
    finally:
        os.kill(kafka.process.pid, signal.SIGCONT)
    assert consumer_threads() <= before
