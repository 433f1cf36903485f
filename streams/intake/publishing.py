"""Records that are put on a partner's inbound topic on the partner's behalf: rows of dropped files and of replays."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from streams.intake.feed_record import FeedRecord
from streams.topics import inbound

Publish = Callable[[str, Iterable[FeedRecord]], Awaitable[None]]
"""Puts records on the inbound topic of a partner (its code comes first), in order. Returns when all are acknowledged."""


def publishing(producer: Any) -> Publish:
    """By a started aiokafka producer."""

    async def publish(partner: str, records: Iterable[FeedRecord]) -> None:
        topic = inbound(partner)
        # One key for all records of a feed: however many partitions the topic has, they stay in order.
        sent: list[Awaitable[Any]] = [
            await producer.send(topic, record.value, key=record.key, headers=record.headers) for record in records
        ]
        await asyncio.gather(*sent)

    return publish
