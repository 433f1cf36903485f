"""The stored events of the topic as a history: its partitions put together in the order in which things became known.

Each partition keeps its own order, as the ledger would read it. Between partitions the one goes first whose clock (the
greatest time so far at which one of its events was written down) is behind.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from heapq import merge
from pathlib import Path
from typing import Any

from kafka import KafkaConsumer
from kafka.structs import TopicPartition

from streams.backtest.history import EPOCH, TICK_MARK, known_at
from streams.topics import EVENTS_TOPIC, TopicAdmin

POLL_MS = 1000


def copy(bootstrap: str, client: Mapping[str, Any], to: Path) -> int:
    """Write all that the topic holds now into a file, one event a line; returns how many. Ticks are left out."""
    until = round(datetime.now(UTC).timestamp() * 1000)
    with TopicAdmin(bootstrap, client) as admin:
        ends = {partition: end for (_, partition), end in admin.end_offsets(EVENTS_TOPIC).items()}
    lanes = [_partition(bootstrap, client, number, end, until) for number, end in sorted(ends.items()) if end]
    written = 0
    with to.open("wb") as file:
        for value in merged(lanes):
            file.write(value.replace(b"\n", b" ") + b"\n")
            written += 1
    return written


def merged(lanes: Iterable[Iterable[bytes]]) -> Iterator[bytes]:
    """The events of several partitions in one order; pure."""
    return (value for _, _, value in merge(*(_timed(number, lane) for number, lane in enumerate(lanes))))


def _timed(number: int, lane: Iterable[bytes]) -> Iterator[tuple[float, int, bytes]]:
    clock = EPOCH
    for value in lane:
        clock = max(clock, known_at(value) or clock)
        yield clock.timestamp(), number, value


def _partition(bootstrap: str, client: Mapping[str, Any], number: int, end: int, until: int) -> Iterator[bytes]:
    """The values of a partition from its beginning to its end, or to what came in after `until` (ms since 1970).

    `end` is at least how far to read: the embedded broker names too small an offset as the end of a partition.
    """
    place = TopicPartition(EVENTS_TOPIC, number)
    options: dict[str, Any] = {"bootstrap_servers": bootstrap.split(","), "enable_auto_commit": False, **client}
    consumer: Any = KafkaConsumer(**options)
    try:
        consumer.assign([place])
        consumer.seek_to_beginning(place)
        while True:
            records: list[Any] = consumer.poll(timeout_ms=POLL_MS).get(place, [])
            for record in records:
                if record.timestamp > until:
                    return
                if record.value and TICK_MARK not in record.value:
                    yield record.value
            if not records and consumer.position(place) >= end:
                return
    finally:
        consumer.close()
