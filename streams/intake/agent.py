"""The intake's agent: a batch of a partner's records in, canonical records and dead letters out, all acknowledged."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any, NamedTuple, Protocol, Self

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from aiokafka.partitioner import murmur2  # pyright: ignore[reportUnknownVariableType]

from streams.feeder import tick
from streams.intake.admission import Canonical, Feed
from streams.intake.arrivals import Arrivals
from streams.intake.canonical_batches import CanonicalBatches
from streams.intake.dead_letters import REPLAYED, DeadLetter, dead_letter
from streams.intake.gate import Stopped
from streams.intake.inbound import LARGEST, TICK, InboundRecord, partner_of
from streams.intake.profile import Profile
from streams.intake.reading import canonical_records, mapping_of
from streams.intake.refusal import Reason, Refusal
from streams.intake.turnstile import Passing, Turnstile
from streams.network.model import Network
from streams.topics import EVENTS_TOPIC, dead_letters

ACCEPTED = "accepted"
LARGEST_REQUEST = 2 * LARGEST
RECORDS_AT_A_TIME = 200
"""After so many records others get a turn: heartbeats must go out during a long batch."""
CLOSE_SECONDS = 5.0
CONTENT_TYPE = ("content-type", b"application/cloudevents+json; charset=UTF-8")

log: Any = structlog.get_logger(__name__)

Outcomes = Counter[tuple[str, str]]
"""By family of events (`unknown` for what was refused) and outcome: `accepted`, or the reason of the refusal."""


class Tally(Protocol):
    """Told once a batch, after it is acknowledged."""

    def __call__(self, partner: str, outcomes: Mapping[tuple[str, str], int]) -> None: ...


def producer(bootstrap: str, client: Mapping[str, Any], *, idempotent: bool = True) -> AIOKafkaProducer:
    """A producer as the intake needs it: everything acknowledged by all replicas, in order, and once.

    The embedded broker gives no producer ids: there `idempotent` must be False. A repeat that follows from that is dropped
    by the ledger.
    """
    return AIOKafkaProducer(
        bootstrap_servers=bootstrap,
        enable_idempotence=idempotent,
        acks="all",
        max_request_size=LARGEST_REQUEST,
        max_batch_size=128 * 1024,
        **client,
    )


class Intake:
    """A handler of transport batches.

    `network` and `profiles` are asked at each batch, since both may be loaded anew. `turnstile` stands still for a partner of
    whom too much is refused. `clock` is the time that `time` of an
    event may not be ahead of. With `stream_clock`, records of a replay may move the time of the stream (`inbound.TICK`):
    so ticks stay in order among the events without anybody waiting. After a failure the producer is made anew: an
    idempotent one cannot be trusted to go on.
    """

    def __init__(
        self,
        *,
        make_producer: Callable[[], AIOKafkaProducer],
        network: Callable[[], Network],
        profiles: Callable[[], Mapping[str, Profile]],
        clock: Callable[[], datetime],
        tally: Tally,
        turnstile: Turnstile,
        stream_clock: bool = False,
    ) -> None:
        self._make_producer = make_producer
        self._network = network
        self._profiles = profiles
        self._clock = clock
        self._tally = tally
        self._turnstile = turnstile
        self._stream_clock = stream_clock
        self._producer: AIOKafkaProducer | None = None
        self._starting = asyncio.Lock()

    async def __call__(self, batch: Arrivals) -> int | None:
        """Returns when the broker has all that the batch gives; None, or the offset from which on the records must wait.

        Raises `KafkaError`: hand the same batch over again. Raises what the database raises where it must be asked.
        """
        partner = partner_of(batch.topic)
        passing = await self._turnstile.enter(partner)
        if isinstance(passing, Stopped):
            return batch.records[0].offset
        outcomes: Outcomes = Counter()
        sent: list[Awaitable[Any]] = []
        out = await self._started()
        try:
            stop = await self._hand_on(batch, out, sent, outcomes, passing)
            await asyncio.gather(*sent)
        except KafkaError:
            await self._drop(out, sent)
            raise
        self._tally(partner, outcomes)
        if stop is None:
            await self._turnstile.leave(partner, passing)
            return None
        await self._turnstile.stop(partner, passing, stop.why)
        return stop.before

    def forget(self, partner: str) -> None:
        """The partner's topic is ours now, or anew: ask the database how its feed stands."""
        self._turnstile.forget(partner)

    async def _hand_on(
        self, batch: Arrivals, out: AIOKafkaProducer, sent: list[Awaitable[Any]], outcomes: Outcomes, passing: Passing
    ) -> "_Stop | None":
        partner = partner_of(batch.topic)
        feed = _feed(self._network(), partner)
        profiles, now = self._profiles(), self._clock()
        lanes, batches = await _Lanes.of(out), CanonicalBatches(out, sent)
        for position, record in enumerate(batch.records):
            if position % RECORDS_AT_A_TIME == 0:
                await asyncio.sleep(0)
            if self._stream_clock and (at := _tick_time(record)) is not None:
                await batches.flush()
                sent.extend([await _send_tick(out, at, lane) for lane in range(lanes.count)])
                continue
            mapping = mapping_of(record, profiles.get(partner))
            found = _read(record, feed, profiles, now)
            if isinstance(found, Refusal):
                letter = dead_letter(record, found, topic=batch.topic, partition=batch.partition,
                                     partner=partner, mapping=mapping)  # fmt: skip
                sent.append(await _send_letter(out, partner, letter))
                outcomes["unknown", found.reason] += 1
                if (why := passing.refused()) is not None:
                    await batches.flush()
                    return _Stop(record.offset + 1, why)
                continue
            origin = _origin(batch, record, mapping)
            for canonical in found:
                await batches.add(canonical, lanes.lane(canonical.key), origin)
                outcomes[canonical.family, ACCEPTED] += 1
            passing.accepted()
        await batches.flush()
        return None

    async def close(self) -> None:
        """Lets the producer finish what it has, for a few seconds."""
        if self._producer is not None:
            await self._drop(self._producer, ())

    async def _started(self) -> AIOKafkaProducer:
        async with self._starting:
            if self._producer is None:
                fresh = self._make_producer()
                try:
                    await fresh.start()
                except BaseException:
                    await _stop(fresh)
                    raise
                self._producer = fresh
            return self._producer

    async def _drop(self, used: AIOKafkaProducer, sent: Iterable[Awaitable[Any]]) -> None:
        if self._producer is used:
            self._producer = None
        await _stop(used)
        await asyncio.gather(*sent, return_exceptions=True)


class _Stop(NamedTuple):
    """The offset from which on nothing was looked at, and why."""

    before: int
    why: str


def _read(
    record: InboundRecord, feed: Feed, profiles: Mapping[str, Profile], now: datetime
) -> list[Canonical] | Refusal:
    try:
        return canonical_records(record, feed, profiles, now)
    except Refusal as refusal:
        return refusal
    except Exception as fault:
        # A record that we fail on must not stop the feed behind it. It is kept, and can be sent again once we are mended.
        log.exception("a record could not be read", partner=feed.partner, offset=record.offset)
        return Refusal(
            Reason.OUR_FAULT, f"The service failed on this record ({type(fault).__name__}); nothing is known against it"
        )


def _feed(network: Network, partner: str) -> Feed:
    return Feed(partner, frozenset(site.code for site in network.sites.values() if site.partner == partner))


def _origin(batch: Arrivals, record: InboundRecord, mapping: str) -> list[tuple[str, bytes]]:
    """Where a canonical record comes from: the raw bytes lie there, for as long as the inbound topic keeps them. Of one
    that was refused and put back: also where and when it came first."""
    place = f"{batch.topic}/{batch.partition}/{record.offset}"
    replayed = [(name, value) for name, value in record.headers if name == REPLAYED]
    return [
        CONTENT_TYPE,
        ("bellwether.origin", place.encode()),
        ("bellwether.mapping", mapping.encode()),
        *replayed[:1],
    ]


class _Lanes:
    """The partitions of sites: as every Kafka client chooses them, but worked out once a batch instead of once a record."""

    def __init__(self, count: int) -> None:
        self.count = count
        self._known: dict[bytes, int] = {}

    @classmethod
    async def of(cls, out: Any) -> Self:
        return cls(len(await out.partitions_for(EVENTS_TOPIC)))

    def lane(self, key: bytes) -> int:
        if key not in self._known:
            chosen: Any = murmur2(key)
            self._known[key] = (chosen & 0x7FFFFFFF) % self.count
        return self._known[key]


def _tick_time(record: InboundRecord) -> datetime | None:
    """The time that a record brings the stream to; None for every other record, and for one that says no time."""
    if ("content-type", TICK.encode()) not in record.headers or record.value is None:
        return None
    try:
        at = datetime.fromisoformat(record.value.decode())
    except ValueError:
        return None
    return at if at.tzinfo is not None else None


async def _send_tick(out: Any, at: datetime, lane: int) -> Awaitable[Any]:
    return await out.send(EVENTS_TOPIC, tick(at, lane), partition=lane)


async def _send_letter(out: Any, partner: str, letter: DeadLetter) -> Awaitable[Any]:
    return await out.send(dead_letters(partner), letter.value, key=letter.key, headers=list(letter.headers))


async def _stop(used: AIOKafkaProducer) -> None:
    with suppress(KafkaError, TimeoutError):
        await asyncio.wait_for(used.stop(), CLOSE_SECONDS)
