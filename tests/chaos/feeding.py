"""Lets a simulated network report to the workers under attack: days of records, and ticks of the stream's clock after them."""

import asyncio
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time
from typing import NamedTuple

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from streams.feeder import tick
from streams.intake.agent import producer
from streams.network.model import Network
from streams.simulation.envelope import Record
from streams.simulation.world import Day, World
from streams.topics import EVENTS_TOPIC, inbound
from tests.chaos.stack import PARTITIONS, Stack

START = date(2015, 1, 5)
"""Long ago: events from the future are refused, and a long run lives through years."""

WEEKS = 500
RECORDS_AT_A_TIME = 50
RETRY_SECONDS = 0.5


def days(network: Network, seed: int) -> Iterator[Day]:
    """The history: the same seed gives the same bytes."""
    return World(network, seed, START, WEEKS).days()


class Stretch(NamedTuple):
    """A day that has been sent: it is through the intake when each topic has been read up to `ends`."""

    midnight: datetime
    ends: Mapping[str, int]


class Feeding(threading.Thread):
    """Sends day after day, `rate` records a second, until told to stop; ticks each day once it is through the intake.

    `backlog` is how many records lie unhandled; nothing is sent while there are more than `most_waiting`.
    `through` is how far the intake has come in each inbound topic.
    """

    def __init__(
        self,
        stack: Stack,
        seed: int,
        *,
        rate: float,
        most_waiting: int,
        backlog: Callable[[], int],
        through: Callable[[], Mapping[str, int]],
    ) -> None:
        super().__init__(name="feeding", daemon=True)
        self.days = 0
        self.records = 0
        self.ends: dict[str, int] = {}
        """Where the inbound topics end, by what the broker has acknowledged."""
        self.fault: BaseException | None = None
        self._stack = stack
        self._seed = seed
        self._rate = rate
        self._most_waiting = most_waiting
        self._backlog = backlog
        self._through = through
        self._ending = threading.Event()
        self._all_sent = False
        self._unticked: deque[Stretch] = deque()
        self._producer: AIOKafkaProducer | None = None

    def finish(self) -> None:
        """Send no more days."""
        self._ending.set()

    def run(self) -> None:
        try:
            asyncio.run(self._feed())
        except BaseException as fault:  # the run must hear of it, not this thread alone
            self.fault = fault

    async def _feed(self) -> None:
        history = days(self._stack.network, self._seed)
        ticking = asyncio.create_task(self._tick())
        began = time.monotonic()
        while not self._ending.is_set():
            day = await asyncio.to_thread(next, history)
            ends: dict[str, int] = {}
            for first in range(0, len(day.records), RECORDS_AT_A_TIME):
                while not self._ending.is_set() and (
                    self._backlog() > self._most_waiting or self.records > self._rate * (time.monotonic() - began)
                ):
                    await asyncio.sleep(0.02)
                part = day.records[first : first + RECORDS_AT_A_TIME]
                ends.update(await self._until_acknowledged(part))
                self.ends.update(ends)
                self.records += len(part)
            self.days += 1
            midnight = datetime.combine(day.date + timedelta(days=1), clock_time(), UTC)
            self._unticked.append(Stretch(midnight, ends))
        self._all_sent = True
        await ticking
        if self._producer is not None:
            await self._producer.stop()

    async def _until_acknowledged(self, records: Sequence[Record]) -> dict[str, int]:
        """Where the records ended in their topics. What may or may not have arrived is sent again."""

        async def send(out: AIOKafkaProducer) -> dict[str, int]:
            sent = [
                await out.send(inbound(one.partner), one.value, key=one.key, headers=list(one.headers))
                for one in records
            ]
            return {metadata.topic: metadata.offset + 1 for metadata in await asyncio.gather(*sent)}

        while True:
            try:
                return await send(await self._connected())
            except KafkaError:
                await self._drop()

    async def _tick(self) -> None:
        while self._unticked or not self._all_sent:
            await asyncio.sleep(0.05)
            through = self._through()
            while self._unticked and all(through.get(topic, 0) >= end for topic, end in self._unticked[0].ends.items()):
                midnight = self._unticked[0].midnight
                try:
                    out = await self._connected()
                    sent = [await out.send(EVENTS_TOPIC, tick(midnight, n), partition=n) for n in range(PARTITIONS)]
                    await asyncio.gather(*sent)
                except KafkaError:
                    await self._drop()
                    break
                self._unticked.popleft()

    async def _connected(self) -> AIOKafkaProducer:
        while self._producer is None:
            fresh = producer(self._stack.broker.bootstrap, {}, idempotent=self._stack.broker.durable)
            try:
                await fresh.start()
                self._producer = fresh
            except KafkaError:
                await fresh.stop()
                await asyncio.sleep(RETRY_SECONDS)
        return self._producer

    async def _drop(self) -> None:
        used, self._producer = self._producer, None
        if used is not None:
            with suppress(KafkaError, TimeoutError):
                await asyncio.wait_for(used.stop(), 5)
        await asyncio.sleep(RETRY_SECONDS)
