from collections.abc import Iterator
from pathlib import Path

import pytest

from alerting.database import connect
from streams import schema
from tests.integration.alerting.audit.trail import Trail


@pytest.fixture
def trail(database_url: str, tmp_path: Path) -> Iterator[Trail]:
    """A trail of three chains with checkpoints, on each kind of database, protected as the migration has it."""
    engine = connect(database_url)
    schema.upgrade(engine)
    yield Trail(engine, tmp_path / "checkpoints.jsonl").grown()
    engine.dispose()


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def grown(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trail]:
    """Such a trail for the tests of a module."""
    folder = tmp_path_factory.mktemp("trail")
    server = request.getfixturevalue("postgres_server") if request.param == "postgres" else None
    url = f"sqlite:///{folder / 'bellwether.db'}" if server is None else server.fresh_database()
    engine = connect(url)
    schema.upgrade(engine)
    yield Trail(engine, folder / "checkpoints.jsonl").grown()
    engine.dispose()
    if server is not None:
        server.drop(url)


@pytest.fixture
def open_trail(grown: Trail) -> Iterator[Trail]:
    """The trail of the module, without triggers; whatever a test does to it is undone."""
    rows, checkpoints, key, keys = grown.rows(), grown.path.read_bytes(), grown.key, dict(grown.keys)
    grown.unprotect()
    yield grown
    grown.replace(rows)
    grown.path.write_bytes(checkpoints)
    grown.key, grown.keys = key, keys
