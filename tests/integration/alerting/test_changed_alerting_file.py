"""A running service takes a changed alerting file, refuses a wrong one, and keeps each version that it decided by."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import select

from alerting.configuration.loading import parse, stored
from alerting.database import reading
from alerting.tables import alerting_version
from streams import metrics
from streams.service import Role, Service
from streams.settings import Settings

ONE = "receivers:\n  a: {address: 'json://localhost/'}\nroute: {to: a}\n"
TWO = ONE.replace("a:", "b:").replace("to: a", "to: b")


def kept(service: Service) -> dict[str, str]:
    columns = alerting_version.c.version, alerting_version.c.text
    with reading(service.engine) as connection:
        return {str(version): str(text) for version, text in connection.execute(select(*columns))}


async def until(holds: Callable[[], bool]) -> None:
    while not holds():
        await asyncio.sleep(0.1)


def test_a_changed_file_comes_into_force_and_a_wrong_one_shows_in_the_metrics(tmp_path: Path) -> None:
    path = tmp_path / "alerting.yaml"
    path.write_text(ONE)
    database = f"sqlite:///{tmp_path / 'bellwether.db'}"
    service = Service(Settings(database=database, alerting=path, http_port=0), frozenset({Role.DISPATCH}))

    async def live() -> None:
        await service.start()
        try:
            assert "a" in service.alerting.receivers
            await until(lambda: parse(ONE).version in kept(service))
            path.write_text("route: nowhere\n")
            await until(lambda: metrics.alerting_reload_successful._value.get() == 0)  # type: ignore[attr-defined]
            assert "a" in service.alerting.receivers
            path.write_text(TWO)
            await until(lambda: "b" in service.alerting.receivers)
            await until(lambda: parse(TWO).version in kept(service))
            assert metrics.alerting_reload_successful._value.get() == 1  # type: ignore[attr-defined]
        finally:
            await service.stop()

    asyncio.run(asyncio.wait_for(live(), 120))
    assert {version: stored(text).version for version, text in kept_after(database).items()} == {
        parse(text).version: parse(text).version for text in (ONE, TWO)
    }


def kept_after(database: str) -> dict[str, str]:
    service = Service(Settings(database=database))
    try:
        return kept(service)
    finally:
        service.engine.dispose()
