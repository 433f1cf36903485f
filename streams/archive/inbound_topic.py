"""What still lies on a partner's inbound topic. Reads without a consumer group: nothing is moved and nobody is disturbed."""

from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from kafka import KafkaConsumer
from kafka.structs import TopicPartition

from streams.archive.record import StoredRecord, instant
from streams.settings import Settings
from streams.topics import TopicAdmin, inbound

POLL_MS = 1000


def last(settings: Settings, partner: str, n: int) -> list[StoredRecord]:
    """The last `n` records that the broker still has, oldest first."""
    topic = inbound(partner)
    found: list[StoredRecord] = []
    with _consumer(settings) as consumer:
        for (_, number), end in _ends(settings, topic).items():
            place = TopicPartition(topic, number)
            # Transaction markers and the like have offsets too: fewer than n records may lie there, and then more is read.
            oldest, begins_at = int(consumer.beginning_offsets([place])[place]), end
            some: list[StoredRecord] = []
            while len(some) < n and begins_at > oldest:
                begins_at = max(end - max(n, 2 * (end - begins_at)), oldest)
                some = list(_read(consumer, place, partner, begins_at, end))
            found += some
    found.sort(key=lambda one: (one.at, one.partition, one.offset))
    return found[-n:] if n else []


def all_of(
    settings: Settings, partner: str, begins_at: Mapping[tuple[str, int], int] | None = None
) -> Iterator[StoredRecord]:
    """All records that the broker has now, partition by partition; from the offsets in `begins_at`, by topic id and partition."""
    topic = inbound(partner)
    with _consumer(settings) as consumer:
        for (topic_id, number), end in _ends(settings, topic).items():
            first = (begins_at or {}).get((topic_id, number), 0)
            yield from _read(consumer, TopicPartition(topic, number), partner, first, end)


def _ends(settings: Settings, topic: str) -> dict[tuple[str, int], int]:
    """By topic id and partition, the offset after the last record. Nothing for a topic that does not exist."""
    with TopicAdmin(settings.kafka_servers, settings.kafka_client()) as admin:
        return dict(sorted(admin.end_offsets(topic).items()))


@contextmanager
def _consumer(settings: Settings) -> Generator[Any]:
    options: dict[str, Any] = {
        "bootstrap_servers": settings.kafka_servers.split(","),
        "enable_auto_commit": False,
        "auto_offset_reset": "earliest",
        **settings.kafka_client(),
    }
    consumer: Any = KafkaConsumer(**options)
    try:
        yield consumer
    finally:
        consumer.close()


def _read(consumer: Any, place: TopicPartition, partner: str, begins_at: int, end: int) -> Iterator[StoredRecord]:
    """From an offset, or the oldest that there is, up to `end` at least: the embedded broker names too small an end."""
    consumer.assign([place])
    consumer.seek(place, begins_at)
    while True:
        records: list[Any] = consumer.poll(timeout_ms=POLL_MS).get(place, [])
        for record in records:
            yield StoredRecord(
                partner, place.topic, place.partition, record.offset, instant(record.timestamp), record.key, record.value,
                tuple(record.headers),
            )  # fmt: skip
        if not records and consumer.position(place) >= end:
            return
