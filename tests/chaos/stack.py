"""The servers under the workers: a broker and a database that can be killed and come back with what they held."""

import shutil
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from enum import StrEnum
from importlib.resources import files
from pathlib import Path

from alerting.database import connect
from streams import schema
from streams.network import load as network_file
from streams.network.model import Network
from streams.service import SHIPPED_RULEBOOK
from streams.topics import TopicAdmin, compare, wanted
from tests.servers import Broker, EmbeddedBroker, Kafka, Postgres

PARTITIONS = 4
BATCH_RECORDS = 100
"""Small, so that there are many transactions to be killed in."""

SESSION_SECONDS = 6
"""The shortest that Kafka allows: how long a worker's partitions lie still after it is gone for good."""

INSTANCE = "chaos"


NETWORK = Path(str(files("streams.simulation"))) / "network.yaml"


class Kind(StrEnum):
    """What a run stands on."""

    EMBEDDED_SQLITE = "embedded+sqlite"
    KAFKA_POSTGRES = "kafka+postgres"


@dataclass
class Stack:
    """A running broker and database, with topics and tables. `postgres` is None where the database is a SQLite file."""

    kind: Kind
    folder: Path
    broker: Broker
    postgres: Postgres | None
    database_url: str
    network: Network

    @property
    def kafka(self) -> str:
        """The setting that leads a worker to the broker."""
        return f"embedded@{self.broker.bootstrap}" if isinstance(self.broker, EmbeddedBroker) else self.broker.bootstrap

    @property
    def rulebook(self) -> Path:
        """The rules of this run: a copy, for the shipped ones may be edited meanwhile."""
        return self.folder / SHIPPED_RULEBOOK.name

    @property
    def alerting(self) -> Path:
        """Who is told: one receiver, of everything. Written with the settings."""
        return self.folder / "alerting.yaml"

    def settings(self, chat_address: str) -> Mapping[str, str]:
        """The environment of a worker whose messages go to `chat_address`."""
        self.alerting.write_text(
            f'receivers: {{planners: {{address: "{chat_address}"}}}}\n'
            "route: {to: planners, group_by: [], group_wait: 0s, digest: []}\n",
            encoding="utf-8",
        )
        said = {
            "instance": INSTANCE,
            "kafka": self.kafka,
            "session_seconds": SESSION_SECONDS,
            "database": self.database_url,
            "network": self.folder / NETWORK.name,
            "rulebooks": self.rulebook,
            "alerting": self.alerting,
            "partitions": PARTITIONS,
            "clock": "stream",
            "batch_records": BATCH_RECORDS,
        }
        return {f"BELLWETHER_{name.upper()}": str(value) for name, value in said.items()}


@contextmanager
def standing(kind: Kind, folder: Path) -> Iterator[Stack]:
    """A stack of its own, gone afterwards. `folder` must be open to other accounts: PostgreSQL runs under one."""
    for file in (NETWORK, SHIPPED_RULEBOOK):
        shutil.copy(file, folder)
    network = network_file.load(folder / NETWORK.name)
    with ExitStack() as ends:
        postgres = None
        if kind is Kind.KAFKA_POSTGRES:
            postgres = Postgres(_room(folder, "postgres"))
            ends.callback(postgres.stop)
            postgres.start()
        broker = (Kafka if kind is Kind.KAFKA_POSTGRES else EmbeddedBroker)(_room(folder, "broker"))
        ends.callback(broker.kill)
        broker.start()
        database_url = f"sqlite:///{folder / 'bellwether.db'}" if postgres is None else postgres.fresh_database()
        stack = Stack(kind, folder, broker, postgres, database_url, network)
        _prepare(stack)
        yield stack


def _prepare(stack: Stack) -> None:
    engine = connect(stack.database_url)
    schema.upgrade(engine)
    engine.dispose()
    topics = wanted(stack.network.partners, partitions=PARTITIONS)
    with TopicAdmin(stack.broker.bootstrap, {}) as admin:
        admin.apply(topics, compare(topics, admin.found(topics)))


def _room(folder: Path, name: str) -> Path:
    room = folder / name
    room.mkdir()
    room.chmod(0o755)
    return room
