"""A database with audit entries of before they were chained keeps them, sealed as they stand."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from alembic import command
from sqlalchemy import Engine, select, text

from alerting.audit.chain import chains
from alerting.audit.stored import pages
from alerting.audit.walk import Walk
from alerting.database import connect, reading
from alerting.tables import audit
from streams import schema

AT = datetime(2026, 10, 1, 6, 30, 0, 250, tzinfo=UTC)
OLD_ENTRY = text(
    """insert into audit (chain, sequence, at, actor, action, object, old, new, reason, rulebook)
       values (:chain, :sequence, :at, 'bellwether', 'alert.opened', 'alert/1', null,
               '{"state": "open", "severity": 2, "score": 71.50}', 'short of API-7: „28 d“', '1f2e')"""
)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = connect(database_url)
    yield engine
    engine.dispose()


def at_migration(engine: Engine, revision: str, *, down: bool = False) -> None:
    with engine.begin() as connection:
        (command.downgrade if down else command.upgrade)(schema.config(connection), revision)


def test_entries_of_before_are_kept_and_chained(engine: Engine) -> None:
    at_migration(engine, "0006")
    at = AT if engine.dialect.name == "postgresql" else "2026-10-01 06:30:00.000250"
    with engine.begin() as connection:
        for sequence in range(1, 1202):
            connection.execute(OLD_ENTRY, {"chain": "scrm.events.v1/0", "sequence": sequence, "at": at})
        connection.execute(OLD_ENTRY, {"chain": "rulebook", "sequence": 1, "at": at})
    schema.upgrade(engine)
    with reading(engine) as connection:
        walks = [Walk(chain, pages(engine)) for chain in chains(connection)]
        row = connection.execute(select(audit).where(audit.c.chain == "rulebook")).mappings().one()
    assert [(walk.chain, walk.advance(), walk.fault) for walk in walks] == [
        ("rulebook", 1, None),
        ("scrm.events.v1/0", 1201, None),
    ]
    assert (row["at"], row["old"], row["new"]) == (AT, None, {"state": "open", "severity": 2, "score": 71.5})
    assert (row["authenticated"], row["source"], row["reason"]) == ("service", "system", "short of API-7: „28 d“")


def test_the_way_back_keeps_the_entries_and_the_way_forth_seals_them_again(engine: Engine) -> None:
    at_migration(engine, "0006")
    at = AT if engine.dialect.name == "postgresql" else "2026-10-01 06:30:00.000250"
    with engine.begin() as connection:
        connection.execute(OLD_ENTRY, {"chain": "rulebook", "sequence": 1, "at": at})
    at_migration(engine, "0007")
    at_migration(engine, "0006", down=True)
    at_migration(engine, "head")
    walk = Walk("rulebook", pages(engine))
    assert (walk.advance(), walk.fault) == (1, None)
