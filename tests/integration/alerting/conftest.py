from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from alerting.database import connect
from alerting.tables import metadata


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """A database with the tables of alerts, on each kind."""
    engine = connect(database_url)
    metadata.create_all(engine)
    yield engine
    engine.dispose()
