from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from tests.oracle.stream import Partition, database, emptied
from tests.servers import Postgres


@pytest.fixture(scope="session")
def sqlite_tables(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """A SQLite file with all tables, made once: to empty it is quicker than to make another."""
    engine = database(f"sqlite:///{tmp_path_factory.mktemp('ledger') / 'bellwether.db'}")
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def postgres_tables(postgres_server: Postgres) -> Iterator[Engine]:
    """The same on PostgreSQL."""
    url = postgres_server.fresh_database()
    engine = database(url)
    yield engine
    engine.dispose()
    postgres_server.drop(url)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def engine(request: pytest.FixtureRequest) -> Engine:
    """A database with all tables, and nothing in them, on each kind."""
    engine: Engine = request.getfixturevalue(f"{request.param}_tables")
    emptied(engine)
    return engine


@pytest.fixture
def partition(engine: Engine) -> Partition:
    """A partition that nothing has come to yet, on each kind of database."""
    return Partition(engine)


@pytest.fixture
def site(sqlite_tables: Engine) -> Partition:
    """The same on SQLite alone, for what does not depend on the database."""
    emptied(sqlite_tables)
    return Partition(sqlite_tables)
