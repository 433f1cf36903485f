"""Lives days through the real topics, one after the other: its records, their way through the intake, then the tick.

In stream mode time passes by `bellwether.tick` alone. A tick is sent when the intake has handled all of its stretch of
time, so that no event comes after the tick that closes it. The ledger meanwhile works on what came before.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

import msgspec

from streams.events.control import Tick
from streams.topics import EVENTS_TOPIC, inbound

POLL_SECONDS = 0.003
STALLED_AFTER_SECONDS = 60.0

Sent = tuple[str, Sequence[tuple[str, bytes]], bytes | None, bytes | None]
"""A record as a partner sends it: partner, headers, key, value."""


Positions = Callable[[], Mapping[str, int | None]]
"""The next offset that the service has handled, by `topic/partition`."""


class Producer(Protocol):
    """What is used of aiokafka's producer: `send` gives what becomes the place of the record in its topic."""

    async def send(
        self,
        topic: str,
        value: bytes | None = None,
        key: bytes | None = None,
        partition: int | None = None,
        *,
        headers: list[tuple[str, bytes]] | None = None,
    ) -> Awaitable[Any]: ...


class StalledError(RuntimeError):
    """Nothing moved for a minute: the message says what was waited for."""


class Feeder:
    """Sends for all partners. `partitions` is how many the topic of events has."""

    def __init__(self, producer: Producer, positions: Positions, *, partitions: int) -> None:
        self._producer = producer
        self._positions = positions
        self._partitions = partitions
        self._awaited: dict[str, int] = {}
        self._ticks: dict[str, int] = {}

    async def send(self, records: Iterable[Sent]) -> int:
        """Send the records to their partners' topics, in order; returns how many, once the broker has them."""
        sent = [
            await self._producer.send(inbound(partner), value, key=key, headers=list(headers))
            for partner, headers, key, value in records
        ]
        for metadata in await asyncio.gather(*sent):
            place = f"{metadata.topic}/{metadata.partition}"
            self._awaited[place] = max(self._awaited.get(place, 0), metadata.offset + 1)
        return len(sent)

    def expect(self, ends: Mapping[str, int]) -> None:
        """Let the intake come to these offsets too, by `topic/partition`: others have sent what lies before them."""
        for place, end in ends.items():
            self._awaited[place] = max(self._awaited.get(place, 0), end)

    async def through_intake(self) -> None:
        """Wait until the intake has handled what was sent."""
        await self._until_handled(self._awaited)
        self._awaited.clear()

    async def tick(self, at: datetime) -> None:
        """Let the stream's clock come to `at` in every partition; what was sent must have gone through the intake."""
        sent = [
            await self._producer.send(EVENTS_TOPIC, tick(at, number), partition=number)
            for number in range(self._partitions)
        ]
        self._ticks = {f"{EVENTS_TOPIC}/{m.partition}": m.offset + 1 for m in await asyncio.gather(*sent)}

    async def until_counted(self) -> None:
        """Wait until the ledger has come to the last tick."""
        await self._until_handled(self._ticks)

    async def _until_handled(self, wanted: Mapping[str, int]) -> None:
        before, quiet = dict[str, int | None](), 0.0
        while missing := {place: offset for place, offset in wanted.items() if (self._at(place) or 0) < offset}:
            now = {place: self._at(place) for place in missing}
            quiet = quiet + POLL_SECONDS if now == before else 0.0
            if quiet > STALLED_AFTER_SECONDS:
                raise StalledError(f"nothing moved for a minute; awaited {missing}, handled up to {now}; see the log")
            before = now
            await asyncio.sleep(POLL_SECONDS)

    def _at(self, place: str) -> int | None:
        return self._positions().get(place)


def tick(at: datetime, partition: int) -> bytes:
    """The record that brings a partition's clock to `at`. The same instant gives the same bytes."""
    event = Tick(
        id=f"{at.isoformat()}/{partition}", source="/bellwether/clock", time=at, partnerid="bellwether", siteid="clock"
    )
    return msgspec.json.encode(event)
