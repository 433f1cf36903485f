"""The servers and databases that tests ask for by name.

`broker` runs a test on the embedded broker and on Apache Kafka, `database_url` on SQLite and on PostgreSQL. Where the
programs are missing such a test is skipped, or fails when BELLWETHER_REQUIRE_SERVICES=1.
"""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import pytest
from hypothesis import settings

from tests.servers import Broker, EmbeddedBroker, Kafka, Postgres, Server, ServiceMissingError

S = TypeVar("S", bound=Server)

settings.register_profile("bellwether", deadline=None)  # timing is never a test
settings.load_profile("bellwether")


@contextmanager
def serving(make: Callable[[Path], S]) -> Iterator[S]:
    """A running server with a folder of its own, gone afterwards."""
    # A folder outside pytest's own, which only root can enter: PostgreSQL runs under another account.
    folder = Path(tempfile.mkdtemp(prefix="bellwether-"))
    folder.chmod(0o755)
    server: S | None = None
    try:
        server = make(folder)
        server.start()
        yield server
    except ServiceMissingError as missing:
        if os.environ.get("BELLWETHER_REQUIRE_SERVICES") == "1":
            pytest.fail(str(missing), pytrace=False)
        pytest.skip(str(missing))
    finally:
        if server is not None:
            server.stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def kafka_server() -> Iterator[Kafka]:
    with serving(Kafka) as server:
        yield server


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Postgres]:
    with serving(Postgres) as server:
        yield server


@pytest.fixture
def kafka(kafka_server: Kafka) -> Kafka:
    """Apache Kafka without topics. A test may kill it."""
    kafka_server.start()
    kafka_server.clear()
    return kafka_server


@pytest.fixture
def embedded() -> Iterator[EmbeddedBroker]:
    """An embedded broker of the test's own."""
    with serving(EmbeddedBroker) as server:
        yield server


@pytest.fixture(params=["embedded", pytest.param("kafka", marks=pytest.mark.kafka)])
def broker(request: pytest.FixtureRequest) -> Broker:
    """A broker without topics, on each kind."""
    return request.getfixturevalue(request.param)


@pytest.fixture
def postgres(postgres_server: Postgres) -> Postgres:
    """PostgreSQL. A test may kill it."""
    postgres_server.start()
    return postgres_server


@pytest.fixture
def postgres_url(postgres: Postgres) -> Iterator[str]:
    """The URL of an empty PostgreSQL database."""
    url = postgres.fresh_database()
    yield url
    postgres.start()
    postgres.drop(url)


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The URL of a SQLite file that does not exist yet."""
    return f"sqlite:///{tmp_path / 'bellwether.db'}"


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest) -> str:
    """The URL of an empty database, on each kind."""
    return request.getfixturevalue(f"{request.param}_url")
