"""A partition of the event stream in front of a real ledger: events go in as records, tables come out as rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import Engine, Table, select

import risk_rules
from alerting.database import connect, reading
from risk_rules import rulebook
from risk_rules.rulebook import Rulebook
from streams.ledger.partition import Outcome, PartitionLedger
from streams.ledger.standing import Clock, Guides, Place
from streams.network.model import Network
from streams.schema import METADATA as TABLES
from tests.oracle.network import NETWORK, PARTNER, SITE

MONDAY = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)

DEFAULT_RULES = rulebook.load([Path(risk_rules.__file__).parent / "rulebooks" / "default.yaml"])

Json = dict[str, Any]
Row = dict[str, Any]


@dataclass(frozen=True)
class Record:
    """One record as the broker gives it."""

    offset: int
    value: bytes | None
    timestamp: int
    key: bytes | None = SITE.encode()
    headers: Sequence[tuple[str, bytes]] = ()


def canonical(event_type: str, event_id: str, data: Json, at: datetime = MONDAY, **attributes: Any) -> Json:
    """A canonical event of the one site, as the intake would send it. Attributes that are None are left out."""
    event = {
        "specversion": "1.0", "type": event_type, "id": event_id, "source": "erp", "time": at.isoformat(),
        "partnerid": PARTNER, "siteid": SITE, "data": data,
    } | attributes  # fmt: skip
    return {name: value for name, value in event.items() if value is not None}


def database(url: str) -> Engine:
    """An engine on a database with all tables."""
    engine = connect(url)
    for tables in TABLES:
        tables.create_all(engine)
    return engine


def emptied(engine: Engine) -> None:
    """Away with all rows."""
    with engine.begin() as connection:
        for tables in TABLES:
            for table in reversed(tables.sorted_tables):
                connection.execute(table.delete())


class Partition:
    """One partition with the ledger that works on it. `send` appends to the partition and lets the ledger count."""

    def __init__(
        self,
        engine: Engine,
        *,
        rules: Rulebook = DEFAULT_RULES,
        network: Network = NETWORK,
        clock: Clock = Clock.WALL,
        topic_id: str = "one",
        number: int = 0,
    ) -> None:
        self.engine = engine
        self.network = network
        self._place = Place("scrm.events.v1", topic_id, number)
        self.rules = rules
        self.shadow: Rulebook | None = None
        self._guides = Guides(lambda: self.network, lambda: self.rules, clock, lambda: self.shadow)
        self.now = MONDAY
        self.next_offset = 0
        self.restart()

    def restart(self) -> None:
        """Another worker takes the partition over."""
        self.ledger = PartitionLedger(self.engine, self._place, self._guides)
        position = self.ledger.load()
        self.next_offset = position or 0

    def records(self, events: Sequence[Json | bytes | None]) -> list[Record]:
        """The events as the records that come next."""
        stamp = int(self.now.timestamp() * 1000)
        values = [msgspec.json.encode(event) if isinstance(event, dict) else event for event in events]
        return [Record(self.next_offset + n, value, stamp) for n, value in enumerate(values)]

    def send(self, *events: Json | bytes | None) -> Outcome:
        """One batch of these events, or of raw values."""
        outcome = self.ledger.apply(self.next_offset, self.records(events), self.now)
        self.next_offset = outcome.next_offset
        return outcome

    def rows(self, table: Table) -> list[Row]:
        """All rows of a table, by key."""
        with reading(self.engine) as connection:
            statement = select(table).order_by(*table.primary_key.columns)
            return [dict(row) for row in connection.execute(statement).mappings()]

    def row(self, table: Table, key: str) -> Row | None:
        """The row of one entity of the site, by its own code or codes."""
        found = [row for row in self.rows(table) if row["key"] == f"{SITE}/{key}"]
        return found[0] if found else None


def tick(number: int, at: datetime) -> Json:
    """The stream's clock comes to `at`."""
    return canonical("bellwether.tick", f"tick-{number}", {}, at, source="clock")
