"""Raw records as they came, wherever they lie now: the newest on the partner's inbound topic, older ones in the archive."""

from collections.abc import Iterator
from datetime import datetime

from streams.archive import inbound_topic, reading
from streams.archive.entries import RAW
from streams.archive.keepers import archive_of
from streams.archive.place import Archive
from streams.archive.record import StoredRecord
from streams.settings import Settings
from streams.topics import inbound

__all__ = ["StoredRecord", "last_records", "records_between"]


def last_records(settings: Settings, partner: str, n: int) -> list[StoredRecord]:
    """The last `n` records of a partner, oldest first; fewer where there are no more.

    Blocks. Raises `TopicsRefusedError` or `KafkaError` where Kafka does not answer, `Damaged` and OSError where the archive
    cannot be read.
    """
    found = inbound_topic.last(settings, partner, n)
    if settings.archive is None or len(found) >= n:
        return found
    there = {_identity(record) for record in found}
    # Of the archive's newest, as many as the topic gave may be those very records.
    older = [one for one in reading.newest(archive_of(settings), partner, n) if _identity(one) not in there]
    return [*older, *found][-n:]


def records_between(settings: Settings, partner: str, begin: datetime, end: datetime) -> Iterator[StoredRecord]:
    """The partner's records that reached the broker from `begin` on and before `end`, each partition in its order.

    Raises as `last_records` does.
    """
    reached: dict[tuple[str, int], int] = {}
    if settings.archive is not None:
        archive = archive_of(settings)
        reached = _reached(archive, partner)
        for records in reading.raw_records(archive, partner, begin, end):
            yield from records
    for record in inbound_topic.all_of(settings, partner, reached):
        if begin <= record.at < end:
            yield record


def _reached(archive: Archive, partner: str) -> dict[tuple[str, int], int]:
    """By topic id and partition, the first offset that is not in the archive."""
    return {
        (shelf.topic_id, shelf.partition): archive.next_offset(shelf) or 0
        for shelf in archive.shelves(RAW, inbound(partner))
    }


def _identity(record: StoredRecord) -> tuple[int, int, datetime]:
    return record.partition, record.offset, record.at
