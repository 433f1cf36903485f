"""Thousands of alerts from one cause: how many messages does each receiver get, and does each hear of all of them?

    python -m tests.acceptance.storm --alerts 5000 --database both

A site goes down. Within ten minutes the rules find something of each of its materials, half an hour later a third of them
becomes critical, and after two hours all is well again within ten minutes. Ledger's book, desk and dispatcher are the real
ones, on a clock of the run's own; messages go over HTTP to receivers on loopback.
"""

import argparse
import asyncio
import json
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import timedelta

from sqlalchemy import Engine, select

from alerting.delivery.dispatch import Dispatcher
from alerting.delivery.outbox import WAITING
from alerting.delivery.pace import Pace
from alerting.delivery.receiver import ChatReceiver
from alerting.tables import message_alert, outbox
from risk_rules.findings import Severity, Subject, Verdict
from tests.acceptance.deliveries import databases
from tests.integration.alerting.office import Office, stocks
from tests.oracle.stream import database
from tests.unit.alerting.findings import shortage, verdict

MOST_MESSAGES = 20
PACE = Pace(poll_seconds=0.01)
MINUTE = timedelta(minutes=1)
MINUTES = 200
RISE, WORSE, END = range(10), range(40, 45), range(120, 130)
"""Minutes in which alerts open, become critical, and end."""

FILE = """
receivers:
  all: {{address: "{address}/all"}}
  at-most-6: {{address: "{address}/at-most-6", most_per_hour: 6}}
route: {{to: {receivers}{groups}}}
"""

PROTECTIONS = {
    "groups": {"receivers": "[all, at-most-6]", "groups": ""},
    "no groups": {"receivers": "at-most-6", "groups": ", group_by: []"},
    "a group for each material": {"receivers": "at-most-6", "groups": ", group_by: [material]"},
}
"""What holds the storm: the groups where nothing else is said, or the limit alone."""


@dataclass(slots=True)
class Storm:
    """What came of it. `unheard`: alerts, by receiver, of which no message that arrived told."""

    alerts: int
    messages: dict[str, int] = field(default_factory=dict[str, int])
    unheard: dict[str, int] = field(default_factory=dict[str, int])
    ends_unheard: dict[str, int] = field(default_factory=dict[str, int])

    @property
    def is_good(self) -> bool:
        few = all(count <= MOST_MESSAGES for count in self.messages.values())
        return few and bool(self.messages) and not any((*self.unheard.values(), *self.ends_unheard.values()))


def run(engine: Engine, alerts: int, protection: str) -> Storm:
    """One storm, on an empty database."""
    with ChatReceiver() as chat:
        office = Office(engine, FILE.format(address=chat.address, **PROTECTIONS[protection]))
        subjects = list(stocks(alerts))
        asyncio.run(_live(office, subjects))
        arrived = Counter(one.key for one in chat.received)
    return _judge(office, arrived, alerts)


async def _live(office: Office, subjects: Sequence[Subject]) -> None:
    for minute in range(MINUTES):
        office.hear(*_found(minute, subjects))
        office.wait(MINUTE)
        await _deliver(office)


def _found(minute: int, subjects: Sequence[Subject]) -> Iterable[Verdict]:
    """What the rules say in a minute."""
    if minute in RISE:
        return [verdict(shortage(Severity.WARNING), subject=one) for one in _share(subjects, RISE, minute)]
    if minute in WORSE:
        return [verdict(shortage(Severity.CRITICAL), subject=one) for one in _share(subjects[::3], WORSE, minute)]
    if minute in END:
        return [verdict(subject=one) for one in _share(subjects, END, minute)]
    return ()


def _share(subjects: Sequence[Subject], minutes: range, minute: int) -> Sequence[Subject]:
    """Those whose turn comes in one of some minutes."""
    return subjects[minutes.index(minute) :: len(minutes)]


async def _deliver(office: Office) -> None:
    """A dispatcher at work until nothing waits."""
    waits = select(outbox.c.id).where(outbox.c.state.in_(WAITING)).limit(1)
    if not office.rows(waits):
        return
    dispatcher = Dispatcher(office.engine, lambda: office.configuration, {}, pace=PACE)
    running = asyncio.create_task(dispatcher.run())
    while office.rows(waits):
        await asyncio.sleep(0.01)
    dispatcher.stop()
    await running


def _judge(office: Office, arrived: Counter[str], alerts: int) -> Storm:
    """From what arrived alone; the database tells only which alerts a message is about."""
    rows = office.rows(select(outbox.c.id, outbox.c.receiver, outbox.c.created_at))
    told = office.rows(select(message_alert.c.message_id, message_alert.c.alert_id))
    alerts_of: dict[str, set[str]] = {}
    for row in told:
        alerts_of.setdefault(row["message_id"], set()).add(row["alert_id"])
    over_at = office.now - (MINUTES - END.start) * MINUTE
    storm = Storm(alerts)
    for receiver in sorted({row["receiver"] for row in rows}):
        mine = [row for row in rows if row["receiver"] == receiver and row["id"] in arrived]
        heard = {one for row in mine for one in alerts_of.get(row["id"], ()) if row["created_at"] < over_at}
        ends = {one for row in mine for one in alerts_of.get(row["id"], ()) if row["created_at"] >= over_at}
        storm.messages[receiver] = sum(arrived[row["id"]] for row in mine)
        storm.unheard[receiver] = alerts - len(heard)
        storm.ends_unheard[receiver] = alerts - len(ends)
    return storm


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--alerts", type=int, default=5000)
    parser.add_argument("--database", choices=["sqlite", "postgres", "both"], default="both")
    chosen = parser.parse_args()
    found: dict[str, Storm] = {}
    for protection in PROTECTIONS:
        with databases(chosen.database) as urls:
            for name, url in urls.items():
                engine = database(url)
                found[f"{name}, {protection}"] = run(engine, chosen.alerts, protection)
                engine.dispose()
    print(json.dumps({name: asdict(storm) for name, storm in found.items()}, indent=1))
    return 0 if all(storm.is_good for storm in found.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
