"""The topics of one partner on a real broker, and what lies in them."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple
from weakref import finalize

from aiokafka import AIOKafkaConsumer, TopicPartition
from sqlalchemy import Engine

from alerting.database import connect
from streams.intake.agent import Intake, producer
from streams.intake.gate import IntakeGate
from streams.intake.profile import Profile
from streams.intake.profile_file import Limits
from streams.intake.tables import metadata as tables
from streams.intake.turnstile import Turnstile
from streams.network.load import parse
from streams.topics import EVENTS_TOPIC
from tests.servers import Broker

NETWORK = parse("partners: {acme: {name: Acme, sites: {BSL: {name: Basel}, VIS: {name: Visp}}}}")
NOW = datetime(2026, 2, 1, tzinfo=UTC)
TOPICS = {"cdmo.acme.inbound": 1, "cdmo.acme.dlq": 1, EVENTS_TOPIC: 4}


class Record(NamedTuple):
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]] = ()
    timestamp: int = 1_769_817_600_123  # 2026-01-31


class Batch(NamedTuple):
    topic: str
    partition: int
    records: Sequence[Record]


class Tallies(list[tuple[str, dict[tuple[str, str], int]]]):
    """What the intake told of each batch."""

    def __call__(self, partner: str, outcomes: Mapping[tuple[str, str], int]) -> None:
        self.append((partner, dict(outcomes)))


@cache
def gates() -> Engine:
    """A database for the gates of partners that no test stops."""
    folder = TemporaryDirectory()
    engine = connect(f"sqlite:///{folder.name}/gates.db")
    tables.create_all(engine)
    finalize(engine, folder.cleanup)
    return engine


def turnstile(engine: Engine, limits: Limits | None) -> Turnstile:
    return Turnstile(IntakeGate(engine, limits=lambda partner: limits, clock=lambda: NOW))


def intake(
    broker: Broker,
    tallies: Tallies,
    profiles: Mapping[str, Profile] | None = None,
    *,
    stream_clock: bool = False,
    gate: Turnstile | None = None,
) -> Intake:
    return Intake(
        make_producer=lambda: producer(broker.bootstrap, {}, idempotent=broker.durable),
        network=lambda: NETWORK,
        profiles=lambda: profiles or {},
        clock=lambda: NOW,
        tally=tallies,
        turnstile=gate or turnstile(gates(), None),
        stream_clock=stream_clock,
    )


async def lying_in(broker: Broker, topic: str) -> list[Any]:
    """All records of a topic, partition by partition."""
    consumer: Any = AIOKafkaConsumer(bootstrap_servers=broker.bootstrap, auto_offset_reset="earliest")
    await consumer.start()
    try:
        partitions = [TopicPartition(topic, number) for number in range(TOPICS[topic])]
        consumer.assign(partitions)
        ends = await consumer.end_offsets(partitions)
        await consumer.seek_to_beginning(*partitions)
        found: dict[TopicPartition, list[Any]] = {partition: [] for partition in partitions}
        while any(len(found[partition]) < ends[partition] for partition in partitions):
            for partition, records in (await consumer.getmany(timeout_ms=500)).items():
                found[partition].extend(records)
        return [record for partition in partitions for record in found[partition]]
    finally:
        await consumer.stop()
