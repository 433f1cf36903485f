"""An outbox with messages as the desk writes them, and dispatchers over it."""

import asyncio
import functools
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Engine, insert, select, update

from alerting.alerts import identity
from alerting.configuration.configuration import Configuration
from alerting.configuration.loading import parse
from alerting.delivery.dispatch import Dispatcher
from alerting.delivery.outbox import Kind
from alerting.delivery.pace import Pace
from alerting.tables import alert, alert_handling, message_alert, outbox
from risk_rules.findings import Severity

QUICK = Pace(
    send_seconds=2, lease_seconds=30, poll_seconds=0.05, first_wait_seconds=0.02, longest_wait_seconds=0.5,
    stop_seconds=2, tidy_seconds=0.05, homeless_seconds=0.2, attempts_before_fallback=3,
)  # fmt: skip
PATIENCE_SECONDS = 60
SETTLED = {"sent", "cancelled", "dead"}


def in_loop(test: Callable[..., Any]) -> Callable[..., None]:
    """Run an async test to its end in an event loop of its own."""

    @functools.wraps(test)
    def run(**fixtures: Any) -> None:
        asyncio.run(test(**fixtures))

    return run


def receivers(**entries: str) -> str:
    """`alerting.yaml` with these receivers: the rest of the entry of each, the address first."""
    lines = [f"  {name}: {{address: {entry}}}" for name, entry in entries.items()]
    return "\n".join(["receivers:", *lines, f"route: {{to: {next(iter(entries))}}}"])


class Mailroom:
    """`put` writes a message, `dispatcher` makes one that sends what waits."""

    def __init__(self, engine: Engine, **entries: str) -> None:
        self.engine = engine
        self.configure(receivers(**entries))

    def configure(self, text: str) -> None:
        """Another file holds from now on."""
        self.configuration: Configuration = parse(text)

    def raise_alert(self, name: str, state: str = "open") -> str:
        """An alert, as the ledger writes it and the desk handles it. Gives its id."""
        identifier = identity(name)
        now = datetime.now(UTC)
        row = {
            "id": identifier, "partition": "0", "subject_kind": "lot", "subject_key": name, "kind": "material_shortage",
            "rule": "r", "severity": 2, "score": 74.0, "summary": f"{name} runs out", "advice": "", "site": "BSL",
            "partner": "acme", "state": "open", "opened_at": now, "changed_at": now, "transitions": 1, "evidence": [],
            "factors": [], "rulebook": "1",
        }  # fmt: skip
        with self.engine.begin() as connection:
            connection.execute(insert(alert).values(row))
            connection.execute(
                insert(alert_handling).values(alert_id=identifier, version=1, state=state, seen=1, step=0, course={})
            )
        return identifier

    def handle(self, alert_id: str, state: str) -> None:
        """Somebody took the alert, or it ended."""
        with self.engine.begin() as connection:
            of = alert_handling.c
            connection.execute(update(alert_handling).where(of.alert_id == alert_id).values(state=state))

    def put(self, name: str, number: int = 1, receiver: str = "planner", **changes: Any) -> str:
        """A message to a receiver. Gives its id."""
        known = self.configuration.receivers.get(receiver)
        first, *others = (receiver,) if known is None else known.contacts
        now = datetime.now(UTC)
        row = {
            "id": identity("message", name, number, receiver), "kind": Kind.ALERT.value, "thread": name,
            "alert_id": None, "number": number, "transition": "opened" if number == 1 else "worse", "receiver": receiver,
            "contact": first, "fallbacks": others, "severity": Severity.WARNING.value,
            "title": f"Warning: {name} runs out", "body": f"message {number} of {name}", "state": "pending",
            "created_at": now, "event_at": now, "next_attempt_at": now,
        } | changes  # fmt: skip
        with self.engine.begin() as connection:
            connection.execute(insert(outbox).values(row))
        return str(row["id"])

    def about(self, alert_id: str, number: int = 1, **changes: Any) -> str:
        """A message about one alert."""
        identifier = self.put(alert_id, number, alert_id=alert_id, **changes)
        self.contains(identifier, alert_id)
        return identifier

    def contains(self, message: str, *alerts: str) -> None:
        """The message tells of these alerts."""
        with self.engine.begin() as connection:
            rows = [{"message_id": message, "alert_id": one, "number": 1} for one in alerts]
            connection.execute(insert(message_alert), rows)

    def dispatcher(self, pace: Pace = QUICK, **more: Any) -> Dispatcher:
        return Dispatcher(self.engine, lambda: self.configuration, {}, pace=pace, **more)

    def outbox(self, *columns: Any) -> list[Any]:
        """The columns of all messages (their states if none is named), by thread and number."""
        with self.engine.begin() as connection:
            of = outbox.c
            statement = select(*(columns or (of.state,))).order_by(of.number, of.receiver, of.created_at, of.id)
            return [row[0] if len(row) == 1 else tuple(row) for row in connection.execute(statement)]

    async def until(self, *states: str) -> None:
        """Wait until the messages have these states."""
        await self._wait(lambda: Counter(self.outbox()) == Counter(states))

    async def until_settled(self) -> None:
        await self._wait(lambda: set(self.outbox()) <= SETTLED)

    async def _wait(self, done: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not done():
            assert time.monotonic() < deadline, f"still {self.outbox(outbox.c.state, outbox.c.result)}"
            await asyncio.sleep(0.02)


@asynccontextmanager
async def running(*dispatchers: Dispatcher) -> AsyncIterator[None]:
    """The dispatchers at work, ended in order."""
    tasks = [asyncio.create_task(one.run()) for one in dispatchers]
    try:
        yield
    finally:
        for one in dispatchers:
            one.stop()
        await asyncio.wait_for(asyncio.gather(*tasks), PATIENCE_SECONDS)
