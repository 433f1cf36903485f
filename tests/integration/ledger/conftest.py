from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from tests.oracle.stream import Partition, database


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """A database with all tables, on each kind."""
    engine = database(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def partition(engine: Engine) -> Partition:
    """A partition that nothing has come to yet, on each kind of database."""
    return Partition(engine)


@pytest.fixture
def site(sqlite_url: str) -> Iterator[Partition]:
    """The same on SQLite alone, for what does not depend on the database."""
    engine = database(sqlite_url)
    yield Partition(engine)
    engine.dispose()
