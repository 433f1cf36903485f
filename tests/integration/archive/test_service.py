"""The service with an archive: everything that came lies there, and every canonical event leads back to its bytes."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from streams.archive.entries import LINKS, RAW
from streams.archive.place import Archive
from streams.archive.reading import at_origin, faults, links, raw_records
from streams.archive.record import EPOCH
from streams.archive.stored import last_records, records_between
from streams.intake.agent import producer
from streams.service import Role, Service
from streams.settings import Settings
from streams.topics import EVENTS_TOPIC, wanted
from tests.servers import Broker
from tests.unit.intake.partner_events import STRUCTURED, stock_report, text

NETWORK = "partners: {acme: {name: Acme, sites: {BSL: {name: Basel}, VIS: {name: Visp}}}}"
TOPIC = "cdmo.acme.inbound"


def settings(broker: Broker, folder: Path) -> Settings:
    (folder / "network.yaml").write_text(NETWORK)
    return Settings(
        kafka=broker.bootstrap if broker.durable else f"embedded@{broker.bootstrap}",
        network=folder / "network.yaml", database=f"sqlite:///{folder / 'db'}", http_port=0,
        archive=str(folder / "archive"), archive_minutes=1 / 600,
    )  # fmt: skip


async def send(broker: Broker, values: list[bytes]) -> None:
    sender = producer(broker.bootstrap, {}, idempotent=broker.durable)
    await sender.start()
    await asyncio.gather(*[await sender.send(TOPIC, value, headers=STRUCTURED) for value in values])
    await sender.stop()


async def until(found: Callable[[], bool]) -> None:
    while not await asyncio.to_thread(found):
        await asyncio.sleep(0.1)


def stored(archive: Archive, partner: str = "acme") -> list[int]:
    return [record.offset for records in raw_records(archive, partner) for record in records]


def linked(archive: Archive) -> int:
    return sum((archive.next_offset(shelf) or 0) for shelf in archive.shelves(LINKS, EVENTS_TOPIC))


def test_every_canonical_event_leads_back_to_its_bytes_across_restarts(broker: Broker, tmp_path: Path) -> None:
    broker.create({topic.name: topic.partitions for topic in wanted(["acme"], partitions=4)})
    told = settings(broker, tmp_path)
    archive = Archive(str(tmp_path / "archive"))
    events = [text(stock_report(id=f"evt-{n}", siteid="BSL" if n % 2 else "VIS")) for n in range(40)]

    async def main() -> None:
        for begin in (0, 20):
            service = Service(told, frozenset({Role.INTAKE, Role.ARCHIVE}))
            await service.start()
            await send(broker, [*events[begin : begin + 20], b"{refused"])
            sent = begin + 20
            await until(lambda sent=sent: len(stored(archive)) >= sent + sent // 20 and linked(archive) >= sent)
            await service.stop()

    asyncio.run(main())
    assert stored(archive) == list(range(42))
    assert not list(faults(archive))
    for number in (0, 7, 39):
        source = msgspec.json.decode(events[number])["source"]
        (link,) = links(archive, source, f"evt-{number}")
        assert link.mapping == "cloudevents@1.0"
        record = at_origin(archive, link.origin, link.instant)
        assert record is not None
        assert (record.value, list(record.headers)) == (events[number], list(STRUCTURED))
    assert not list(links(archive, "/nobody", "evt-7"))
    assert {shelf.topic for shelf in archive.shelves(RAW)} == {TOPIC}


def test_the_archive_gives_what_the_topic_has_no_more(broker: Broker, tmp_path: Path) -> None:
    broker.create({topic.name: topic.partitions for topic in wanted(["acme"], partitions=4)})
    told = settings(broker, tmp_path)
    archive = Archive(str(tmp_path / "archive"))

    async def main() -> None:
        service = Service(told, frozenset({Role.ARCHIVE}))
        await service.start()
        await send(broker, [b"record %d" % number for number in range(10)])
        await until(lambda: len(stored(archive)) >= 10)
        await service.stop()

    asyncio.run(main())
    broker.clear()
    broker.create({topic.name: topic.partitions for topic in wanted(["acme"], partitions=4)})
    assert [one.value for one in last_records(told, "acme", 3)] == [b"record 7", b"record 8", b"record 9"]
    asyncio.run(send(broker, [b"record 10"]))
    everything = [b"record %d" % number for number in range(11)]
    assert [one.value for one in last_records(told, "acme", 50)] == everything
    now = datetime.now(UTC) + timedelta(seconds=1)
    assert [one.value for one in records_between(told, "acme", EPOCH, now)] == everything
    (newest,) = last_records(told, "acme", 1)
    assert [one.value for one in records_between(told, "acme", newest.at, now)] == [b"record 10"]
