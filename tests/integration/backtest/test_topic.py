"""The stored events of the topic as a history."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
from kafka import KafkaProducer

from streams.backtest.topic import copy
from streams.feeder import tick
from streams.topics import EVENTS_TOPIC, TopicAdmin, compare, wanted
from tests.servers import Broker

MONDAY = datetime(2026, 1, 5, tzinfo=UTC)


def event(hours: float) -> bytes:
    return msgspec.json.encode({"type": "cdmo.batch.started", "time": MONDAY + timedelta(hours=hours)})


def test_all_events_of_all_partitions_are_taken_in_the_order_of_time_without_ticks(
    broker: Broker, tmp_path: Path
) -> None:
    topics = wanted(["acme"], partitions=2)
    with TopicAdmin(broker.bootstrap, {}) as admin:
        admin.apply(topics, compare(topics, admin.found(topics)))
    producer = KafkaProducer(bootstrap_servers=broker.bootstrap, enable_idempotence=False)
    for partition, hours in ((0, 1.0), (1, 2.0), (0, 30.0), (1, 3.0), (1, 40.0)):
        producer.send(EVENTS_TOPIC, event(hours), partition=partition)
    producer.send(EVENTS_TOPIC, tick(MONDAY + timedelta(days=1), 0), partition=0)
    producer.flush()
    producer.close()
    assert copy(broker.bootstrap, {}, tmp_path / "history.jsonl") == 5
    assert (tmp_path / "history.jsonl").read_bytes().splitlines() == [
        event(hours) for hours in (1.0, 2.0, 3.0, 30.0, 40.0)
    ]
