"""What truly lies in the broker and the database after a run, read with plain clients."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from aiokafka import AIOKafkaConsumer, TopicPartition
from sqlalchemy import Engine, Table, select

from alerting.database import reading

READ_WITHIN_SECONDS = 120.0


class Record(NamedTuple):
    """One record of a partition. `timestamp` in milliseconds since 1970."""

    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]]


def records_of(bootstrap: str, topic: str, partitions: int) -> list[list[Record]]:
    """All records of a topic, by partition, in order."""
    return asyncio.run(asyncio.wait_for(_read(bootstrap, topic, partitions), READ_WITHIN_SECONDS))


async def _read(bootstrap: str, topic: str, partitions: int) -> list[list[Record]]:
    places = [TopicPartition(topic, number) for number in range(partitions)]
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, group_id=None, auto_offset_reset="earliest")
    await consumer.start()
    try:
        consumer.assign(places)
        ends = await consumer.end_offsets(places)
        found: dict[Any, list[Record]] = {place: [] for place in places}
        while any([await consumer.position(place) < ends[place] for place in places]):
            for place, records in (await consumer.getmany(timeout_ms=500)).items():
                found[place] += [Record(one.offset, one.timestamp, one.key, one.value, one.headers) for one in records]
    finally:
        await consumer.stop()
    return [found[place] for place in places]


def rows_of(
    engine: Engine, table: Table, without: frozenset[str] = frozenset(), key: Callable[[Any], Any] | None = None
) -> dict[Any, dict[str, Any]]:
    """The rows of a table by primary key, without some columns."""
    columns = [column for column in table.c if column.name not in without]
    with reading(engine) as connection:
        rows = [dict(row) for row in connection.execute(select(*columns)).mappings()]
    names = [column.name for column in table.primary_key.columns]
    by = key or (lambda row: tuple(row[name] for name in names) if len(names) > 1 else row[names[0]])
    return {by(row): row for row in rows}
