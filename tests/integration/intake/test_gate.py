"""A partner of whom too much is refused stands still, and no other; people are told, and let it go on."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select

from alerting.audit import read_end
from alerting.database import connect, reading
from alerting.life.people import Person
from alerting.tables import alert, alert_news, audit
from streams import schema
from streams.intake.gate import CHAIN, resume, stopped_feeds
from streams.intake.profile_file import Limits
from tests.integration.intake.partner_topics import NOW, TOPICS, Batch, Record, Tallies, intake, lying_in, turnstile
from tests.servers import EmbeddedBroker
from tests.unit.intake.partner_events import STRUCTURED, stock_report, text

ADA = Person(name="Ada", authenticated="cli", zone="Europe/Zurich", source="console")


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = connect(database_url)
    schema.upgrade(engine)
    yield engine
    engine.dispose()


def records(good: str) -> list[Record]:
    """A record for each letter: `+` one that is taken, `-` one that is not."""
    said = {"+": text(stock_report()), "-": b"{"}
    return [Record(number, b"any", said[one], STRUCTURED) for number, one in enumerate(good)]


def batch(records: list[Record]) -> Batch:
    return Batch("cdmo.acme.inbound", 0, records)


def alerts(engine: Engine) -> list[Any]:
    with reading(engine) as connection:
        return list(connection.execute(select(alert).order_by(alert.c.opened_at)))


def test_after_a_hundred_refused_in_a_row_nothing_more_is_taken_or_refused(
    embedded: EmbeddedBroker, engine: Engine
) -> None:
    embedded.create(TOPICS)
    came = records("+" * 10 + "-" * 150 + "+" * 10)

    async def main() -> None:
        tallies = Tallies()
        agent = intake(embedded, tallies, gate=turnstile(engine, Limits()))
        assert await agent(batch(came)) == 110, "the place of the first record that nobody looked at"
        assert await agent(batch(came[110:])) == 110
        assert await agent(batch(came[110:])) == 110
        await agent.close()
        assert tallies == [("acme", {("raw_material", "accepted"): 10, ("unknown", "bad_json"): 100})]
        assert len(await lying_in(embedded, "cdmo.acme.dlq")) == 100

    asyncio.run(main())
    (opened,) = alerts(engine)
    assert (opened.kind, opened.partner, opened.state) == ("feed_stopped", "acme", "open")
    assert "100 records in a row were refused (limit 100)" in opened.summary
    with reading(engine) as connection:
        assert connection.execute(select(alert_news)).one()
        assert read_end(connection, CHAIN).sequence == 2, "that it stopped, and that an alert was opened"
        assert [one.partner for one in stopped_feeds(connection)] == ["acme"]


def test_every_worker_finds_the_feed_stopped_and_goes_on_once_a_person_says_so(
    embedded: EmbeddedBroker, engine: Engine
) -> None:
    embedded.create(TOPICS)
    came = records("-" * 130 + "+")

    async def main() -> None:
        first = intake(embedded, Tallies(), gate=turnstile(engine, Limits()))
        assert await first(batch(came)) == 100
        await first.close()
        second = intake(embedded, Tallies(), gate=turnstile(engine, Limits()))
        assert await second(batch(came[100:])) == 100, "it was stopped by another"
        stopped = resume(engine, "acme", ADA, "the profile is mended", NOW + timedelta(hours=1))
        assert stopped is not None
        assert stopped.why.startswith("100 records in a row")
        assert await second(batch(came[100:])) is None
        await second.close()
        assert len(await lying_in(embedded, "cdmo.acme.dlq")) == 130

    asyncio.run(main())
    (ended,) = alerts(engine)
    assert ended.state == "resolved"
    with reading(engine) as connection:
        wanted = select(audit).where(audit.c.chain == CHAIN, audit.c.action == "intake.resumed")
        entry = connection.execute(wanted).one()
    assert (entry.actor, entry.reason, entry.object) == ("Ada", "the profile is mended", "partner/acme")


def test_a_worker_goes_on_counting_where_another_left_off(embedded: EmbeddedBroker, engine: Engine) -> None:
    embedded.create(TOPICS)
    came = records("-" * 120)

    async def main() -> None:
        first = intake(embedded, Tallies(), gate=turnstile(engine, Limits()))
        assert await first(batch(came[:60])) is None
        await first.close()
        second = intake(embedded, Tallies(), gate=turnstile(engine, Limits()))
        assert await second(batch(came[60:])) == 100
        await second.close()

    asyncio.run(main())


def test_while_the_limits_are_lifted_all_that_is_refused_goes_to_the_dead_letters(
    embedded: EmbeddedBroker, engine: Engine
) -> None:
    embedded.create(TOPICS)
    assert resume(engine, "acme", ADA, "we know", NOW, lifted_until=NOW + timedelta(hours=2)) is None

    async def main() -> None:
        agent = intake(embedded, Tallies(), gate=turnstile(engine, Limits()))
        assert await agent(batch(records("-" * 300))) is None
        await agent.close()
        assert len(await lying_in(embedded, "cdmo.acme.dlq")) == 300

    asyncio.run(main())
    assert not alerts(engine)


def test_a_database_that_is_away_neither_lets_a_bad_feed_on_nor_repeats_its_letters(
    embedded: EmbeddedBroker, engine: Engine
) -> None:
    embedded.create(TOPICS)
    came = records("-" * 130)

    async def main() -> None:
        gate = turnstile(engine, Limits())
        agent = intake(embedded, Tallies(), gate=gate)
        assert await agent(batch(came[:50])) is None
        with engine.begin() as connection:
            connection.exec_driver_sql("alter table intake_gate rename to away")
        assert await agent(batch(came[50:])) == 100
        with pytest.raises(Exception, match="intake_gate"):
            await agent(batch(came[100:]))
        with engine.begin() as connection:
            connection.exec_driver_sql("alter table away rename to intake_gate")
        assert await agent(batch(came[100:])) == 100
        await agent.close()
        assert len(await lying_in(embedded, "cdmo.acme.dlq")) == 100

    asyncio.run(main())
    assert len(alerts(engine)) == 1
