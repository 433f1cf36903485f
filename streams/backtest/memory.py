"""A database in memory for one ledger: the same tables and statements as in service, and nothing to wait for."""

from typing import Any, Final

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.pool import StaticPool

from alerting.tables import metadata as alerting_tables
from streams.intake.tables import metadata as intake_tables
from streams.ledger.judging_tables import metadata as judging_tables
from streams.ledger.tables import metadata as ledger_tables
from streams.ledger.trust.tables import metadata as trust_tables

PRAGMAS: Final = ("journal_mode=memory", "synchronous=off", "temp_store=memory", "foreign_keys=on")


def memory() -> Engine:
    """An empty database with all tables that a ledger reads and writes. It has one connection: one ledger, one thread at a time."""
    engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _: Any) -> None:
        connection.isolation_level = None  # the driver must not begin transactions of its own
        for pragma in PRAGMAS:
            connection.execute(f"pragma {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN")

    for tables in (ledger_tables, trust_tables, judging_tables, alerting_tables, intake_tables):
        tables.create_all(engine)
    return engine
