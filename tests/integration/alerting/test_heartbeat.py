"""The heartbeat goes the whole way: from the stream, through the ledger of each partition, to a receiver's chat."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine

from alerting.configuration.loading import parse
from alerting.database import reading
from alerting.delivery import heartbeat
from alerting.delivery.receiver import OK, ChatReceiver
from streams.heartbeats import due_at
from streams.service import Service
from streams.settings import Settings

AT = datetime(2026, 3, 1, 8, tzinfo=UTC)
NETWORK = "partners: {acme: {name: Acme, sites: {BSL: {name: Basel, zone: Europe/Zurich}}}}\n"


async def until(holds: Callable[[], bool]) -> None:
    while not holds():
        await asyncio.sleep(0.1)


def test_a_heartbeat_arrives_in_chat_and_the_database_knows_how_far_it_came(tmp_path: Path) -> None:
    network = tmp_path / "network.yaml"
    network.write_text(NETWORK)
    settings = Settings(
        database=f"sqlite:///{tmp_path / 'bellwether.db'}", network=network, http_port=0, partitions=3, kafka="embedded"
    )

    async def live(chat: ChatReceiver) -> tuple[datetime | None, datetime | None]:
        told = f"receivers: {{ops: {{address: '{chat.address}'}}}}\nroute: {{to: ops}}\nheartbeat: {{to: ops, every: 1h}}\n"
        service = Service(settings, alerting=parse(told))
        await service.start()
        try:
            await until(lambda: bool(chat.received))
            await until(lambda: far(service)[1] is not None)
            return far(service)
        finally:
            await service.stop()

    def far(service: Service) -> tuple[datetime | None, datetime | None]:
        with reading(service.engine) as connection:
            return heartbeat.reached(connection)

    with ChatReceiver(lambda _: OK) as chat:
        counted, delivered = asyncio.run(asyncio.wait_for(live(chat), 120))
    assert counted == delivered
    assert counted is not None
    assert counted.minute == counted.second == 0
    assert [told.title for told in chat.received] == ["Heartbeat"]


def test_a_heartbeat_has_come_through_when_all_partitions_have_counted_it(engine: Engine) -> None:
    with engine.begin() as connection:
        heartbeat.count(connection, 0, 2, AT, AT)
        assert heartbeat.reached(connection) == (None, None)
        heartbeat.count(connection, 1, 2, AT - timedelta(hours=1), AT)
        assert heartbeat.reached(connection) == (AT - timedelta(hours=1), None)
        heartbeat.count(connection, 1, 2, AT, AT)
        heartbeat.count(connection, 1, 2, AT - timedelta(hours=1), AT)
        assert heartbeat.reached(connection) == (AT, None)


def test_workers_agree_on_when_a_heartbeat_is_due() -> None:
    every = timedelta(minutes=5)
    dues = {due_at(AT + timedelta(seconds=second), every) for second in range(600)}
    assert dues == {AT, AT + every}
