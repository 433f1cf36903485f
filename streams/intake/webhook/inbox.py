"""Puts what came on the partner's inbound topic, and says so only when all replicas have it.

Who sends the same message again while it is known (the specification's idempotency by `webhook-id`) is answered without
writing it twice. That is a courtesy of this process's memory: what is written twice all the same, the ledger counts once.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from hashlib import blake2b
from time import monotonic
from typing import Any, Final

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from streams.intake.agent import LARGEST_REQUEST
from streams.intake.feed_record import FeedRecord
from streams.intake.webhook.signature import TOLERANCE
from streams.topics import inbound

WAIT_SECONDS: Final = 5.0
"""A sender waits 15 s or more for an answer (specification, "Request timeouts")."""

KNOWN_SECONDS: Final = 2 * TOLERANCE.total_seconds()
"""A signature is good for so long, if its clock is ahead."""

REST_SECONDS: Final = 1.0
"""After a wait in vain nobody else waits for so long, unless the broker answers meanwhile."""

MOST_KNOWN: Final = 200_000
MOST_PENDING_BYTES: Final = 64 * 1024 * 1024
EXPIRY_MS: Final = 10_000


class Away(Exception):
    """The broker has not taken the records in time. It may have them all the same, or take them yet."""


class Full(Exception):
    """So much waits for the broker that no more is taken in."""


def webhook_producer(bootstrap: str, client: Mapping[str, Any]) -> AIOKafkaProducer:
    """A producer whose records all replicas have when it says so.

    Not an idempotent one: that would retry for ever, and cannot be trusted to go on after it failed.
    """
    return AIOKafkaProducer(
        bootstrap_servers=bootstrap, acks="all", enable_idempotence=False, request_timeout_ms=EXPIRY_MS,
        max_request_size=LARGEST_REQUEST, max_batch_size=128 * 1024, **client,
    )  # fmt: skip


class Inbox:
    """`make_producer` is called by `open`. Seconds are of `clock`."""

    def __init__(
        self,
        make_producer: Callable[[], AIOKafkaProducer],
        *,
        clock: Callable[[], float] = monotonic,
        wait_seconds: float = WAIT_SECONDS,
    ) -> None:
        self._make_producer = make_producer
        self._clock = clock
        self._wait_seconds = wait_seconds
        self._producer: Any = None
        self._known: OrderedDict[bytes, float] = OrderedDict()
        self._pending: dict[bytes, asyncio.Task[None]] = {}
        self._pending_bytes = 0
        self._rests_until = 0.0

    async def open(self) -> None:
        """Raises `KafkaError` when the broker does not answer."""
        self._producer = self._make_producer()
        await self._producer.start()

    async def close(self) -> None:
        """What is under way comes to its end."""
        used, self._producer = self._producer, None
        if used is not None:
            await used.stop()

    async def keep(self, partner: str, message_id: str, body: bytes, records: Sequence[FeedRecord]) -> bool:
        """Returns when the broker has all records; False where it had them from an earlier request.

        Raises `Away` after a bounded wait, and `Full`. The same message sent again then waits for the first writing.
        """
        # With the body: who gives one id to two messages by mistake loses none of them.
        identity = blake2b(f"{partner}\0{message_id}\0".encode() + body, digest_size=16).digest()
        if self._is_known(identity):
            return False
        if self._producer is None or self._clock() < self._rests_until:
            raise Away
        writing = self._pending.get(identity)
        first = writing is None
        if writing is None:
            size = sum(len(record.value) + 200 for record in records)
            if self._pending_bytes + size > MOST_PENDING_BYTES and self._pending:
                raise Full
            writing = asyncio.create_task(self._write(identity, inbound(partner), records, size))
            writing.add_done_callback(_heeded)
            self._pending[identity] = writing
        await asyncio.wait([writing], timeout=self._wait_seconds)
        if not writing.done() or writing.exception() is not None:
            self._rests_until = self._clock() + REST_SECONDS
            raise Away
        return first

    async def _write(self, identity: bytes, topic: str, records: Sequence[FeedRecord], size: int) -> None:
        self._pending_bytes += size
        try:
            sent = [
                await self._producer.send(topic, record.value, key=record.key, headers=record.headers)
                for record in records
            ]
            await asyncio.gather(*sent)
        except KafkaError as error:
            raise Away from error
        finally:
            self._pending_bytes -= size
            del self._pending[identity]
        self._rests_until = 0.0
        self._known[identity] = self._clock() + KNOWN_SECONDS
        if len(self._known) > MOST_KNOWN:
            self._known.popitem(last=False)

    def _is_known(self, identity: bytes) -> bool:
        now = self._clock()
        while self._known and next(iter(self._known.values())) < now:
            self._known.popitem(last=False)
        return identity in self._known


def _heeded(writing: asyncio.Task[None]) -> None:
    """Whoever asked may have been answered long before the writing failed."""
    if not writing.cancelled():
        writing.exception()
