"""Raw records as they came, wherever they lie now: the newest on the partner's inbound topic, older ones in the archive."""

from collections.abc import Iterator
from datetime import datetime

from streams.archive import inbound_topic
from streams.archive.record import StoredRecord
from streams.settings import Settings

__all__ = ["StoredRecord", "last_records", "records_between"]


def last_records(settings: Settings, partner: str, n: int) -> list[StoredRecord]:
    """The last `n` records of a partner, oldest first; fewer where there are no more.

    Blocks. Raises `TopicsRefusedError` or `KafkaError` where Kafka does not answer.
    """
    return inbound_topic.last(settings, partner, n)


def records_between(settings: Settings, partner: str, begin: datetime, end: datetime) -> Iterator[StoredRecord]:
    """The partner's records that reached the broker from `begin` on and before `end`, each partition in its order.

    Raises as `last_records` does.
    """
    return (one for one in inbound_topic.all_of(settings, partner) if begin <= one.at < end)
