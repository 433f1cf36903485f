"""The tables of the database: brought up to date by `deploy/migrations`, and compared with those of the code."""

from collections.abc import Generator
from contextlib import contextmanager
from importlib.resources import files
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, MetaData, text

from alerting.database import reading
from alerting.tables import metadata as alerting_tables
from streams.intake.tables import metadata as intake_tables
from streams.ledger.judging_tables import metadata as judging_tables
from streams.ledger.tables import metadata as ledger_tables
from streams.ledger.trust.tables import metadata as trust_tables
from streams.rulebooks.tables import metadata as rulebook_tables

METADATA: tuple[MetaData, ...] = (
    alerting_tables,
    ledger_tables,
    trust_tables,
    judging_tables,
    intake_tables,
    rulebook_tables,
)
"""The tables of all packages: what the migrations must lead to."""

_LOCK = 0x62656C6C  # "bell": workers that start together upgrade one after the other on PostgreSQL


class SchemaOutdatedError(RuntimeError):
    """The database's tables are not those of this program; the message says what to run."""


def latest() -> str:
    """The last migration that this program knows."""
    return str(ScriptDirectory.from_config(config(None)).get_current_head())


def current(connection: Connection) -> str | None:
    """The last migration that the database went through; None for an empty one."""
    return MigrationContext.configure(connection).get_current_revision()


def upgrade(engine: Engine) -> tuple[str | None, str]:
    """Bring the database up to date, all or nothing; returns the migration before and after. Twice does no harm."""
    with _alone(engine) as connection:
        before = current(connection)
        if before != latest():
            command.upgrade(config(connection), "head")
        return before, latest()


def prepare(engine: Engine) -> None:
    """SQLite is our own file and is brought up to date; PostgreSQL is others' too: raises SchemaOutdatedError unless it is."""
    if engine.dialect.name == "sqlite":
        upgrade(engine)
    else:
        with reading(engine) as connection:
            require_latest(connection)


def require_latest(connection: Connection) -> None:
    """Raise SchemaOutdatedError unless the database went through all migrations."""
    if (found := current(connection)) != latest():
        raise SchemaOutdatedError(
            f"the database is at migration {found or 'none'}, the program needs {latest()}: run `bellwether db upgrade`"
        )


def differences(connection: Connection) -> list[Any]:
    """What Alembic would still change to get from the database to the tables of the code."""
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    return list(compare_metadata(context, list(METADATA)))  # pyright: ignore[reportArgumentType] - a list is documented


def config(connection: Connection | None) -> Config:
    """Alembic's own configuration, for commands on this connection."""
    settings = Config(attributes={"connection": connection})
    settings.set_main_option("script_location", str(files("deploy.migrations")))
    settings.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    settings.set_main_option("path_separator", "os")
    return settings


@contextmanager
def _alone(engine: Engine) -> Generator[Connection]:
    with engine.begin() as connection:  # on SQLite it begins as a writer and is alone by that
        if connection.dialect.name == "postgresql":
            connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        yield connection
