"""The servers keep their word: what was acknowledged is there after a SIGKILL, at the same address."""

import psycopg
import pytest
from kafka import KafkaConsumer, KafkaProducer

from tests.servers import Broker, EmbeddedBroker, Kafka, Postgres


def write(broker: Broker, topic: str, values: list[bytes]) -> None:
    producer = KafkaProducer(bootstrap_servers=broker.bootstrap, acks="all")
    for value in values:
        producer.send(topic, value, partition=0)
    producer.flush()
    producer.close()


def read(broker: Broker, topic: str) -> list[bytes]:
    consumer = KafkaConsumer(
        topic, bootstrap_servers=broker.bootstrap, auto_offset_reset="earliest", consumer_timeout_ms=3000
    )
    values = [record.value for record in consumer]
    consumer.close()
    return values


def test_a_broker_gives_back_what_was_sent(broker: Broker) -> None:
    topic = broker.topic(partitions=1)
    write(broker, topic, [b"one", b"two"])
    assert read(broker, topic) == [b"one", b"two"]


@pytest.mark.kafka
def test_kafka_keeps_its_records_through_a_kill(kafka: Kafka) -> None:
    topic = kafka.topic(partitions=1)
    write(kafka, topic, [b"one", b"two"])
    kafka.kill()
    kafka.start()
    assert read(kafka, topic) == [b"one", b"two"]


def test_the_embedded_broker_comes_back_empty(embedded: EmbeddedBroker) -> None:
    topic = embedded.topic(partitions=1)
    write(embedded, topic, [b"one"])
    embedded.kill()
    embedded.start()
    embedded.create({topic: 1})
    assert read(embedded, topic) == []


@pytest.mark.postgres
def test_postgres_keeps_what_was_committed_through_a_kill(postgres: Postgres, postgres_url: str) -> None:
    with psycopg.connect(postgres_url) as connection:
        connection.execute("create table lot (number text)")
        connection.execute("insert into lot values ('L-1')")
    postgres.kill()
    postgres.start()
    with psycopg.connect(postgres_url) as connection:
        assert connection.execute("select number from lot").fetchall() == [("L-1",)]
