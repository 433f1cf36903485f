"""Sends heartbeats into the stream, one to each partition: the proof of the whole way from event to chat.

`alerting.delivery.heartbeat` has the other end of that way.
All workers send those of the same instants with the same identities: however many there are, one heartbeat is counted.
"""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import structlog
from aiokafka.errors import KafkaError

from alerting.configuration.configuration import Configuration
from streams.events.control import Heartbeat, HeartbeatData
from streams.topics import EVENTS_TOPIC

LOOK_EVERY_SECONDS = 10.0

log: Any = structlog.get_logger(__name__)


async def keep_beating(producer: Any, configuration: Callable[[], Configuration]) -> None:
    """Send by a started producer, as often as the configuration in force says, until cancelled."""
    sent: datetime | None = None
    while True:
        wanted = configuration().heartbeat
        if wanted is not None and (due := due_at(datetime.now(UTC), wanted.every)) != sent:
            try:
                await _beat(producer, due)
                sent = due
            except KafkaError as away:
                log.warning("a heartbeat could not be sent", reason=type(away).__name__)
        await asyncio.sleep(LOOK_EVERY_SECONDS)


def due_at(now: datetime, every: timedelta) -> datetime:
    """The last instant at which a heartbeat was due; all who ask agree on it."""
    seconds = every.total_seconds()
    return datetime.fromtimestamp(now.timestamp() // seconds * seconds, UTC)


async def _beat(producer: Any, at: datetime) -> None:
    partitions = len(await producer.partitions_for(EVENTS_TOPIC))
    for number in range(partitions):
        event = Heartbeat(
            id=f"{at.isoformat()}/{number}", source="/bellwether/heartbeat", time=at, partnerid="bellwether",
            siteid="heartbeat", data=HeartbeatData(partitions=partitions),
        )  # fmt: skip
        await producer.send_and_wait(EVENTS_TOPIC, msgspec.json.encode(event), partition=number)
