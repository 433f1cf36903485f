"""The topics of dead letters on Kafka: read by kafka-python without a group, so that nothing is moved."""

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from datetime import timedelta
from time import monotonic
from typing import Any, NamedTuple

from kafka import KafkaConsumer
from kafka.structs import TopicPartition

from streams.dead_letters.letter import StoredLetter
from streams.settings import Settings
from streams.topics import Topic, TopicAdmin, TopicsRefusedError, dead_letters

POLL_MS = 500
GIVE_UP_SECONDS = 30.0
"""So long nothing came, though something is there."""


NO_END = 2**63 - 1


class Extent(NamedTuple):
    """A partner's dead letters on the broker. `begin` and `end`: offsets of the oldest and after the newest. Where `end` is not
    `exact` (the embedded broker names too small a one), more may follow. `retention` is None where the broker keeps them for
    ever, or does not say."""

    topic: str
    topic_id: str
    begin: int
    end: int
    exact: bool
    retention: timedelta | None


class LetterTopic:
    """One partner's dead letters. Blocks. Raises `TopicsRefusedError` or `KafkaError` where Kafka does not answer."""

    def __init__(self, consumer: Any, extent: Extent) -> None:
        self._consumer = consumer
        self._place = TopicPartition(extent.topic, 0)
        self.extent = extent

    def records(self, begin: int = 0, end: int | None = None) -> Iterator[StoredLetter]:
        """In order, from offset `begin` to before `end`; None: all that there were when it was opened."""
        extent, consumer, place = self.extent, self._consumer, self._place
        last = extent.end if end is None else min(end, extent.end)
        if not extent.exact:
            last = NO_END if end is None else end
        begin = max(begin, extent.begin)
        if begin >= last:
            return
        consumer.assign([place])
        consumer.seek(place, begin)
        heard = monotonic()
        while (position := int(consumer.position(place))) < last:
            records: list[Any] = consumer.poll(timeout_ms=POLL_MS).get(place, [])
            if records:
                heard = monotonic()
            elif position >= extent.end:
                return
            elif monotonic() - heard > GIVE_UP_SECONDS:
                raise TopicsRefusedError(
                    f"{place.topic}: nothing came for {GIVE_UP_SECONDS:.0f} s, though there are letters up to {extent.end}"
                )
            for record in records:
                if record.offset >= last:
                    return
                yield record


@contextmanager
def opened(settings: Settings, partner: str) -> Generator[LetterTopic]:
    """The partner's dead letters as they are now. Raises as `LetterTopic` does, also where there is no such topic."""
    name = dead_letters(partner)
    with TopicAdmin(settings.kafka_servers, settings.kafka_client()) as admin:
        found = admin.found([Topic(name, 1, {})])
        if name not in found:
            raise TopicsRefusedError(
                f"{name} does not exist: is {partner!r} a partner? Then run `bellwether topics apply`"
            )
        topic_id = admin.topic_id(name)
    consumer: Any = KafkaConsumer(
        bootstrap_servers=settings.kafka_servers.split(","), enable_auto_commit=False, auto_offset_reset="earliest",
        **settings.kafka_client(),
    )  # fmt: skip
    try:
        place = TopicPartition(name, 0)
        begin, end = int(consumer.beginning_offsets([place])[place]), int(consumer.end_offsets([place])[place])
        kept = found[name].config.get("retention.ms", "")
        retention = timedelta(milliseconds=int(kept)) if kept.isdigit() else None
        yield LetterTopic(consumer, Extent(name, topic_id, begin, end, not settings.kafka_is_embedded, retention))
    finally:
        consumer.close()
