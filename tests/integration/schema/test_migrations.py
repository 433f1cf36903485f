"""The migrations lead from nothing to the tables of the code, on both databases."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Engine, inspect

from alerting.database import connect, reading
from streams import schema


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = connect(database_url)
    yield engine
    engine.dispose()


def test_an_upgrade_from_nothing_gives_the_tables_of_the_code(engine: Engine) -> None:
    assert schema.upgrade(engine) == (None, schema.latest())
    with engine.begin() as connection:
        assert schema.differences(connection) == []
        upgraded = {index["name"] for table in ("alert", "outbox") for index in inspect(connection).get_indexes(table)}
    assert {"alert_one_open", "outbox_by_contact"} <= upgraded


def test_a_second_upgrade_changes_nothing(engine: Engine) -> None:
    schema.upgrade(engine)
    assert schema.upgrade(engine) == (schema.latest(), schema.latest())


def test_workers_that_start_together_upgrade_once(engine: Engine, database_url: str) -> None:
    engines = [engine, connect(database_url), connect(database_url)]
    with ThreadPoolExecutor(3) as pool:
        befores = sorted(str(before) for before, _ in pool.map(schema.upgrade, engines))
    for other in engines[1:]:
        other.dispose()
    assert befores == sorted([schema.latest(), schema.latest(), "None"])


def test_a_database_that_was_never_upgraded_is_refused_with_the_command_to_run(engine: Engine) -> None:
    with reading(engine) as connection, pytest.raises(schema.SchemaOutdatedError, match="bellwether db upgrade"):
        schema.require_latest(connection)
