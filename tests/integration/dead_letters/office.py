"""A partner's topics with dead letters in them, and the commands that deal with them."""

import asyncio
import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Engine, select
from typer.testing import CliRunner

from alerting.database import connect, reading
from alerting.tables import audit
from streams import schema
from streams.cli.program import app
from streams.dead_letters.fates import chain_of
from tests.integration.intake.partner_topics import TOPICS, Batch, Record, Tallies, intake, lying_in
from tests.servers import Broker, EmbeddedBroker
from tests.unit.intake.partner_events import STRUCTURED, stock_report, text

BAD = [
    (text(stock_report(id="evt-1", siteid="nowhere")), "unknown_site"),
    (b'{"no', "bad_json"),
    (text(stock_report(id="evt-3", type="cdmo.batch.baked")), "unknown_type"),
    (text(stock_report(id="evt-4", siteid="elsewhere")), "unknown_site"),
]


class Office:
    """The topics of `acme` and a database; `bellwether` runs a command on them."""

    def __init__(self, broker: Broker, database_url: str) -> None:
        self.broker = broker
        self.engine: Engine = connect(database_url)
        schema.upgrade(self.engine)
        broker.create(TOPICS)
        prefix = "embedded@" if isinstance(broker, EmbeddedBroker) else ""
        self._settings = {
            "BELLWETHER_KAFKA": prefix + broker.bootstrap,
            "BELLWETHER_DATABASE": database_url,
            "COLUMNS": "200",
        }

    def refuse(self, values: Sequence[bytes] = tuple(value for value, _ in BAD), **more: Any) -> None:
        """Let the intake refuse these."""
        headers = [*STRUCTURED, ("traceparent", b"00-\xff")]
        records = [Record(number, b"key", value, headers, **more) for number, value in enumerate(values)]
        self.take(records)

    def take(self, records: Sequence[Record]) -> Tallies:
        """Give the intake these records of the inbound topic."""

        async def main() -> Tallies:
            tallies = Tallies()
            agent = intake(self.broker, tallies)
            await agent(Batch("cdmo.acme.inbound", 0, records))
            await agent.close()
            return tallies

        return asyncio.run(main())

    def lying_in(self, topic: str) -> list[Any]:
        return asyncio.run(lying_in(self.broker, topic))

    def bellwether(self, *arguments: str, code: int = 0) -> bytes:
        """What the command prints; it must end with the code."""
        ended = CliRunner().invoke(app, list(arguments), env=self._settings)
        assert ended.exit_code == code, f"{ended.stdout}\n{ended.stderr}\n{ended.exception!r}"
        return ended.stdout_bytes

    def json(self, *arguments: str) -> Any:
        return json.loads(self.bellwether(*arguments, "--json"))

    def trail(self) -> list[Any]:
        """The audit entries about letters, oldest first."""
        wanted = select(audit).where(audit.c.chain == chain_of("acme")).order_by(audit.c.sequence)
        with reading(self.engine) as connection:
            return list(connection.execute(wanted))
