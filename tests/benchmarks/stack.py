"""What a worker stands on while it is measured: a broker with topics and a database with tables, gone afterwards."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from alerting.database import connect
from streams import schema
from streams.network import load as network_file
from streams.network.model import Network
from streams.topics import TopicAdmin, compare, wanted
from tests.servers import Broker, EmbeddedBroker, Kafka, Postgres, Server

PARTITIONS = 4
S = TypeVar("S", bound=Server)


class Kind(StrEnum):
    """Which broker and which database."""

    KAFKA_POSTGRES = "kafka+postgres"
    EMBEDDED_SQLITE = "embedded+sqlite"


@dataclass(frozen=True)
class Stack:
    """A running broker and database, and a folder for the files of a worker."""

    folder: Path
    broker: Broker
    database_url: str
    network_path: Path
    network: Network

    def settings(self) -> dict[str, object]:
        """What a worker must be told, by the names of the settings."""
        bootstrap = self.broker.bootstrap
        return {
            "kafka": f"embedded@{bootstrap}" if isinstance(self.broker, EmbeddedBroker) else bootstrap,
            "database": self.database_url,
            "network": self.network_path,
            "partitions": PARTITIONS,
            "clock": "wall",
        }


@contextmanager
def standing(kind: Kind, network_path: Path) -> Iterator[Stack]:
    """A stack of its own for the partners of a network."""
    network = network_file.load(network_path)
    folder = Path(tempfile.mkdtemp(prefix="bellwether-stack-"))
    folder.chmod(0o755)  # PostgreSQL runs under another account
    with ExitStack() as ends:
        ends.callback(shutil.rmtree, folder, ignore_errors=True)
        if kind is Kind.KAFKA_POSTGRES:
            database_url = _started(ends, Postgres(_room(folder, "postgres"))).fresh_database()
            broker: Broker = _started(ends, Kafka(_room(folder, "kafka")))
        else:
            database_url = f"sqlite:///{folder / 'bellwether.db'}"
            broker = _started(ends, EmbeddedBroker(_room(folder, "broker")))
        engine = connect(database_url)
        schema.upgrade(engine)
        engine.dispose()
        topics = wanted(network.partners, partitions=PARTITIONS)
        with TopicAdmin(broker.bootstrap, {}) as admin:
            admin.apply(topics, compare(topics, admin.found(topics)))
        yield Stack(folder, broker, database_url, network_path.absolute(), network)


def _started(ends: ExitStack, server: S) -> S:
    ends.callback(server.stop)
    server.start()
    return server


def _room(folder: Path, name: str) -> Path:
    room = folder / name
    room.mkdir()
    room.chmod(0o755)
    return room
