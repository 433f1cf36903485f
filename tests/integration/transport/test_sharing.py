"""How the members of a group share the partitions of Apache Kafka."""

import asyncio
from contextlib import AsyncExitStack

import pytest

from streams.lanes import Partition
from streams.topics import Topic
from tests.integration.transport.members import EVENTS, Member, given, send, until, working
from tests.servers import Kafka

pytestmark = pytest.mark.kafka

INBOUND = tuple(Topic(f"cdmo.{partner}.inbound", 1, {}) for partner in ("acme", "brightwell", "corona", "delta"))


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
