"""Canonical records on their way to the broker: gathered by partition, and acknowledged a batch at a time.

aiokafka keeps a future and several checks for each record that it is handed; for a batch that is filled here it keeps one.
Within a partition the order is that in which records were added.
"""

from collections.abc import Awaitable, Sequence
from typing import Any

from aiokafka import AIOKafkaProducer

from streams.intake.admission import Canonical
from streams.topics import EVENTS_TOPIC


class CanonicalBatches:
    """Fills batches of a started producer. `sent` gets what is done when the broker has acknowledged a batch."""

    def __init__(self, out: AIOKafkaProducer, sent: list[Awaitable[Any]]) -> None:
        self._out: Any = out
        self._sent = sent
        self._filling: dict[int, Any] = {}

    async def add(self, canonical: Canonical, lane: int, headers: Sequence[tuple[str, bytes]]) -> None:
        """Adds a record for a partition of the events. Raises `KafkaError`."""
        batch = self._filling.get(lane)
        if batch is not None and _fits(batch, canonical, headers):
            return
        if batch is not None:
            await self._send(lane)
        fresh = self._filling[lane] = self._out.create_batch()
        if not _fits(fresh, canonical, headers):
            raise ValueError(f"no batch holds a record of {len(canonical.value)} bytes")

    async def flush(self) -> None:
        """Hands over all that was added. What is sent after that comes behind it."""
        for lane in list(self._filling):
            await self._send(lane)

    async def _send(self, lane: int) -> None:
        batch = self._filling.pop(lane)
        self._sent.append(await self._out.send_batch(batch, EVENTS_TOPIC, partition=lane))


def _fits(batch: Any, canonical: Canonical, headers: Sequence[tuple[str, bytes]]) -> bool:
    """Whether the batch had room for the record; it is in it then."""
    added = batch.append(timestamp=None, key=canonical.key, value=canonical.value, headers=headers)
    return added is not None
