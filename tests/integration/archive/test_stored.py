"""The last records of a partner, read back from where they lie."""

import asyncio
from datetime import UTC, datetime

from streams.archive.stored import last_records, records_between
from streams.intake.agent import producer
from streams.settings import Settings
from tests.servers import Broker

TOPIC = "cdmo.acme.inbound"
HEADERS = [("content-type", b"application/json; feed=stock"), ("bellwether.webhook_id", b"msg_1")]


def told(broker: Broker) -> Settings:
    return Settings(kafka=broker.bootstrap if broker.durable else f"embedded@{broker.bootstrap}")


def send(broker: Broker, *values: bytes) -> None:
    async def main() -> None:
        sender = producer(broker.bootstrap, {}, idempotent=broker.durable)
        await sender.start()
        for value in values:
            await sender.send_and_wait(TOPIC, value, key=b"k", headers=HEADERS)
        await sender.stop()

    asyncio.run(main())


def test_the_last_records_of_a_partner_are_read_back_as_they_came(broker: Broker) -> None:
    broker.create({TOPIC: 1})
    begin = datetime.now(UTC).replace(microsecond=0)
    send(broker, *(b"record %d" % number for number in range(30)))
    found = last_records(told(broker), "acme", 4)
    assert [one.value for one in found] == [b"record %d" % number for number in range(26, 30)]
    assert found[-1].origin == "cdmo.acme.inbound/0/29"
    assert (found[-1].partner, found[-1].key, list(found[-1].headers)) == ("acme", b"k", HEADERS)
    everything = list(records_between(told(broker), "acme", begin, datetime.now(UTC)))
    assert [one.offset for one in everything] == list(range(30))
    assert last_records(told(broker), "acme", 0) == []


def test_a_partner_that_never_sent_anything_has_no_last_records(broker: Broker) -> None:
    broker.create({"cdmo.other.inbound": 1})
    assert last_records(told(broker), "acme", 5) == []
