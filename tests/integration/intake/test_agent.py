"""Whole batches through the intake, on real brokers."""

import asyncio
import json

import pytest
from aiokafka.errors import KafkaError

from streams.events import decode
from streams.events.control import Tick
from streams.intake.inbound import TICK
from streams.topics import EVENTS_TOPIC
from tests.integration.intake.partner_topics import TOPICS, Batch, Record, Tallies, intake, lying_in
from tests.servers import Broker, EmbeddedBroker
from tests.unit.intake.partner_events import STRUCTURED, stock_report, text
from tests.unit.intake.stock_profile import GOOD, PROFILE, profile, table
from tests.unit.intake.stock_profile import records as stock_records


def event(number: int, site: str = "BSL") -> Record:
    return Record(number, b"any", text(stock_report(id=f"evt-{number}", siteid=site)), STRUCTURED)


def batch(*records: Record) -> Batch:
    return Batch("cdmo.acme.inbound", 0, records)


async def handled(broker: Broker, *batches: Batch, **options: object) -> Tallies:
    tallies = Tallies()
    agent = intake(broker, tallies, **options)  # type: ignore[arg-type]
    try:
        for one in batches:
            await agent(one)
    finally:
        await agent.close()
    return tallies


def test_events_of_a_site_stay_in_order_on_its_partition(broker: Broker) -> None:
    broker.create(TOPICS)

    async def main() -> None:
        await handled(broker, batch(*(event(number, "BSL" if number % 3 else "VIS") for number in range(900))))
        records = await lying_in(broker, EVENTS_TOPIC)
        for site in ("BSL", "VIS"):
            of_site = [record for record in records if record.key == site.encode()]
            assert len({record.partition for record in of_site}) == 1
            numbers = [int(decode(record.value).id.removeprefix("evt-")) for record in of_site]
            assert numbers == [number for number in range(900) if ("BSL" if number % 3 else "VIS") == site]

    asyncio.run(main())


def test_a_refused_record_lies_in_the_dead_letters_as_it_came_and_the_rest_goes_on(broker: Broker) -> None:
    broker.create(TOPICS)
    bad = Record(7, b"key", b'{"no', [*STRUCTURED, ("traceparent", b"00-\xff"), ("bellwether.reason", b"an older one")])

    async def main() -> None:
        (tally,) = await handled(broker, batch(event(6), bad, event(8)))
        assert tally == ("acme", {("raw_material", "accepted"): 2, ("unknown", "bad_json"): 1})
        (letter,) = await lying_in(broker, "cdmo.acme.dlq")
        assert (letter.key, letter.value) == (bad.key, bad.value)
        assert letter.headers[:2] == (*STRUCTURED, ("traceparent", b"00-\xff"))
        assert dict(letter.headers[2:]) == {
            "__connect.errors.topic": b"cdmo.acme.inbound",
            "__connect.errors.partition": b"0",
            "__connect.errors.offset": b"7",
            "__connect.errors.stage": b"intake",
            "__connect.errors.exception.class.name": b"streams.intake.refusal.Refusal",
            "__connect.errors.exception.message": b"The JSON ends too early (line 1, column 5)",
            "bellwether.partner": b"acme",
            "bellwether.mapping": b"cloudevents@1.0",
            "bellwether.reason": b"bad_json",
            "bellwether.place": b"line 1, column 5",
            "bellwether.arrived_at": b"2026-01-31T00:00:00.123+00:00",
        }
        accepted = await lying_in(broker, EVENTS_TOPIC)
        assert [dict(record.headers)["bellwether.origin"] for record in accepted] == [
            b"cdmo.acme.inbound/0/6", b"cdmo.acme.inbound/0/8",
        ]  # fmt: skip

    asyncio.run(main())


@pytest.mark.parametrize(
    "record",
    [
        Record(0, None, None),
        Record(0, b"tombstone", None, STRUCTURED),
        Record(0, None, b"", STRUCTURED),
        Record(0, None, b"x" * 3_000_000, STRUCTURED),
        Record(0, None, b"{}", [("", b""), ("ce_id", None)]),  # type: ignore[list-item]
    ],
    ids=["nothing", "tombstone", "empty", "huge", "odd headers"],
)
def test_no_record_is_so_odd_that_it_stops_the_feed(embedded: EmbeddedBroker, record: Record) -> None:
    embedded.create(TOPICS)

    async def main() -> None:
        (tally,) = await handled(embedded, batch(record, event(1)))
        assert tally[1]["raw_material", "accepted"] == 1
        assert len(await lying_in(embedded, "cdmo.acme.dlq")) == 1

    asyncio.run(main())


def test_a_row_is_mapped_by_its_profile_and_refused_with_line_column_and_its_own_bytes(
    embedded: EmbeddedBroker,
) -> None:
    embedded.create(TOPICS)
    said = profile()
    rows = stock_records(table(GOOD, GOOD.replace("Basel", "Genf")), said.feeds["lager"])
    records = [Record(number, row.key, row.value, row.headers) for number, row in enumerate(rows)]

    async def main() -> None:
        await handled(embedded, batch(*records), profiles={"acme": said})
        (taken,) = await lying_in(embedded, EVENTS_TOPIC)
        assert decode(taken.value).id == "BSL/L-1/2026-01-05T07:00:00Z"
        (letter,) = await lying_in(embedded, "cdmo.acme.dlq")
        assert letter.value == GOOD.replace("Basel", "Genf").encode("cp1252") + b"\r\n"
        headers = dict(letter.headers)
        assert headers["bellwether.place"] == b"line 3, column 'Werk'"
        assert headers["bellwether.mapping"] == said.feeds["lager"].mapping.encode()

    asyncio.run(main())


def clock(at: bytes) -> Record:
    return Record(0, None, at, [("content-type", TICK.encode())])


def test_a_replay_moves_the_clock_of_every_partition_in_order_among_its_events(embedded: EmbeddedBroker) -> None:
    embedded.create(TOPICS)

    async def main() -> None:
        days = (
            event(1),
            clock(b"2026-01-06T00:00:00+00:00"),
            event(2, "VIS"),
            event(3),
            clock(b"2026-01-07T00:00:00Z"),
        )
        await handled(embedded, batch(*days), stream_clock=True)
        seen: dict[int, list[str]] = {number: [] for number in range(4)}
        for record in await lying_in(embedded, EVENTS_TOPIC):
            found = decode(record.value)
            seen[record.partition].append(f"{found.time:%d}" if isinstance(found, Tick) else found.id)
        for happened in seen.values():
            assert [what for what in happened if what.isdigit()] == ["06", "07"]
        (of_basel,) = (happened for happened in seen.values() if "evt-1" in happened)
        assert [what for what in of_basel if what != "evt-2"] == ["evt-1", "06", "evt-3", "07"]

    asyncio.run(main())


def test_nobody_moves_the_clock_of_a_service_on_the_wall_clock(embedded: EmbeddedBroker) -> None:
    embedded.create(TOPICS)

    async def main() -> None:
        (tally,) = await handled(embedded, batch(clock(b"2026-01-06T00:00:00Z")))
        assert tally[1] == {("unknown", "reserved_type"): 1}
        (soon,) = await handled(embedded, batch(clock(b"soon")), stream_clock=True)
        assert soon[1] == {("unknown", "reserved_type"): 1}

    asyncio.run(main())


def test_another_partners_profile_does_not_read_a_row(embedded: EmbeddedBroker) -> None:
    embedded.create(TOPICS)
    theirs = profile(PROFILE.replace("partner: acme", "partner: rival"))
    (record,) = stock_records(table(GOOD), theirs.feeds["lager"])

    async def main() -> None:
        (tally,) = await handled(
            embedded, batch(Record(0, record.key, record.value, record.headers)), profiles={"rival": theirs}
        )
        assert tally[1] == {("unknown", "unknown_feed"): 1}

    asyncio.run(main())


def test_a_batch_that_the_broker_did_not_take_can_be_handed_over_again(embedded: EmbeddedBroker) -> None:
    embedded.create(TOPICS)

    async def main() -> None:
        tallies = Tallies()
        agent = intake(embedded, tallies)
        await agent(batch(event(1)))
        embedded.kill()
        handing = asyncio.create_task(agent(batch(event(2))))
        await asyncio.sleep(0.2)
        embedded.start()
        embedded.create(TOPICS)  # it comes back empty
        try:
            await asyncio.wait_for(handing, 60)
        except KafkaError:
            await agent(batch(event(2)))
        await agent.close()
        assert [decode(record.value).id for record in await lying_in(embedded, EVENTS_TOPIC)] == ["evt-2"]
        assert len(tallies) == 2

    asyncio.run(main())


def test_records_of_all_sizes_go_out_in_order_however_they_fill_batches(broker: Broker) -> None:
    broker.create(TOPICS)
    sizes = [10, 990_000, 10, 120_000, 130_000, 10, 500_000]
    notes = [str(number).rjust(size, "x") for number, size in enumerate(sizes)]
    records = [
        Record(number, b"any", text(stock_report(id=f"evt-{number}", siteid="BSL", note=note)), STRUCTURED)
        for number, note in enumerate(notes)
    ]

    async def main() -> None:
        (tally,) = await handled(broker, batch(*records))
        assert tally[1] == {("raw_material", "accepted"): len(sizes)}
        lying = await lying_in(broker, EVENTS_TOPIC)
        assert [json.loads(record.value)["note"] for record in lying] == notes

    asyncio.run(main())
