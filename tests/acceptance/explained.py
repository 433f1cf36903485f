"""A simulated quarter of alerts, people and messages: does each explanation agree with what was delivered?

`python -m tests.acceptance.explained --pairs 500` lets rules find things, people act, silences and quiet hours pass, and a
channel break down, over 90 days in steps of an hour. Messages go over real HTTP to receivers on loopback. Then it draws
pairs of an alert and a receiver, asks for the explanation of each, and compares it with what that receiver got.
"""

import asyncio
import random
import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated

import typer
from sqlalchemy import Engine, select

from alerting.database import connect, reading
from alerting.delivery.dispatch import Dispatcher
from alerting.delivery.outbox import WAITING
from alerting.delivery.pace import Pace
from alerting.delivery.receiver import OK, Answer, ChatReceiver, Received
from alerting.desk.explaining import Explanation, explained
from alerting.life.people import Acknowledge, NotPossibleError, Person, Resolve, Snooze, Wake
from alerting.tables import alert, alert_handling, message_alert, metadata, outbox
from alerting.versions import stored
from risk_rules.findings import Severity, Subject
from tests.integration.alerting.office import Office
from tests.unit.alerting.findings import shortage, verdict

DAYS = 90
HOURS_A_STEP = 1
PACE = Pace(poll_seconds=0.01, first_wait_seconds=0.01, longest_wait_seconds=0.02, most_attempts=3)

FILE = """
zone: Europe/Zurich
contacts:
  spare: {{address: "{address}/spare"}}
people:
  mia: {{address: "{address}/mia", quiet: {{hours: "20:00-07:00", days: [sat, sun]}}, most_per_hour: 6}}
  tom: {{address: "{address}/tom", zone: America/New_York, digest: {{at: "08:00"}}}}
  eva: {{address: "{address}/eva", zone: Asia/Kolkata, fallbacks: [spare]}}
receivers:
  planners: {{address: "{address}/planners"}}
  quality: {{address: "{address}/quality", audience: quality}}
  ops: {{address: "{address}/ops", audience: sre}}
  nowhere: {{address: "{address}/nowhere"}}
teams:
  buyers: {{members: [mia, eva]}}
rotas:
  on-call:
    team: buyers
    shifts:
      - {{people: [mia, eva], starts: 2026-01-05, hours: "07:00-19:00"}}
owners:
  sites: {{BSL: tom}}
policies:
  urgent: {{steps: [{{wait: 1h, to: on-call}}, {{wait: 3h, to: owner}}], repeat: 1, every: 6h, last: planners}}
inhibitions:
  - {{name: silent-feed, source: kind=feed_silent, target: kind=material_shortage, equal: [site]}}
route:
  to: planners
  group_by: [site]
  group_wait: 0s
  group_interval: 3h
  routes:
    - {{name: feeds, match: kind=feed_silent, to: [ops, nowhere]}}
    - {{name: quality, match: kind=excursion, to: [quality, eva], policy: urgent, group_by: []}}
    - {{name: watch, match: severity=watch, to: tom, digest: [watch]}}
    - {{name: critical, match: severity=critical, to: [on-call, planners], policy: urgent, group_by: []}}
"""

PEOPLE = tuple(
    Person(name=name, authenticated="cli", zone="Europe/Zurich", source="console") for name in ("mia", "tom", "eva")
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it. `wrong` says in words where an explanation and the deliveries differ."""

    pairs: int
    told: int
    alerts: int
    messages: int
    wrong: tuple[str, ...]
    words: Counter[str]


def subjects() -> list[tuple[Subject, str]]:
    """What the rules find things of, with the kind of risk."""
    found: list[tuple[Subject, str]] = []
    for site in ("BSL", "ROM", "DUB"):
        found.append((Subject(kind="feed", key=f"acme/{site}", partner="acme", site=site), "feed_silent"))
        for number in range(8):
            code = f"M-{number}"
            key = f"{site}/{code}"
            found.append(
                (Subject(kind="material", key=key, partner="acme", site=site, material=code), "material_shortage")
            )
        for number in range(3):
            key = f"{site}/S-{number}"
            found.append((Subject(kind="shipment", key=key, partner="acme", site=site), "excursion"))
    return found


class Quarter:
    """The quarter, step by step."""

    def __init__(self, engine: Engine, chat: ChatReceiver, seed: int) -> None:
        self.chance = random.Random(seed)
        self.office = Office(engine, FILE.format(address=chat.address))
        self.subjects = subjects()
        self.engine = engine

    async def live(self, days: int) -> None:
        """Let it pass."""
        for step in range(days * 24 // HOURS_A_STEP):
            self.office.hear(*(verdict(*found, subject=subject) for subject, found in self._found()))
            self.office.wait(timedelta(hours=HOURS_A_STEP))
            self._people_act()
            self.office.work()
            await self._deliver()
            if step % 240 == 0:
                print(f"day {step * HOURS_A_STEP // 24:3} of {days}", file=sys.stderr, flush=True)

    def _found(self) -> Iterable[tuple[Subject, tuple]]:
        for subject, kind in self.chance.sample(self.subjects, 2):
            if self.chance.random() < 0.3:
                yield subject, ()
            elif self.chance.random() < 0.5:
                severity = self.chance.choice(list(Severity))
                yield subject, (shortage(severity, kind=kind, owner=self.chance.choice(["quality", None])),)

    def _people_act(self) -> None:
        office, chance = self.office, self.chance
        if chance.random() < 0.03:
            site = chance.choice(("BSL", "ROM", "DUB"))
            office.silence(f"site={site}", hours=chance.randint(1, 30), person=chance.choice(PEOPLE))
        if chance.random() > 0.25:
            return
        rows = office.rows(select(alert_handling.c.alert_id).where(alert_handling.c.state != "resolved"))
        if not rows:
            return
        until = office.now + timedelta(hours=chance.randint(1, 48))
        act = chance.choice((Acknowledge(until, "on it"), Snooze(until, "later"), Resolve("done"), Wake("again")))
        try:
            office.act(chance.choice(rows)["alert_id"], act, chance.choice(PEOPLE))
        except NotPossibleError:
            return

    async def _deliver(self) -> None:
        """A dispatcher at work until nothing waits."""
        waits = select(outbox.c.id).where(outbox.c.state.in_(WAITING)).limit(1)
        if not self.office.rows(waits):
            return
        dispatcher = Dispatcher(self.engine, lambda: self.office.configuration, {}, pace=PACE)
        running = asyncio.create_task(dispatcher.run())
        while self.office.rows(waits):
            await asyncio.sleep(0.01)
        dispatcher.stop()
        await running


def answer(received: Received) -> Answer:
    """Two that do not work: one never, one never on Tuesdays by its own reckoning."""
    if received.path.endswith("/nowhere"):
        return Answer(status=404)
    if received.path.endswith("/eva") and int(received.key[:2], 16) % 4 == 0:
        return Answer(status=410)
    return OK


def compare(quarter: Quarter, chat: ChatReceiver, pairs: int) -> Outcome:
    """Draw pairs, and hold each explanation against what came in at the receiver."""
    office = quarter.office
    accepted = {one.key for one in chat.received if answer(one) == OK}
    told = _told(office, accepted)
    ids = [row["id"] for row in office.rows(select(alert.c.id))]
    receivers = sorted(office.configuration.receivers)
    wrong: list[str] = []
    words: Counter[str] = Counter()
    drawn = quarter.chance.sample([(one, who) for one in ids for who in receivers], pairs)
    with reading(quarter.engine) as connection:
        version = stored(connection)
        for alert_id, receiver in drawn:
            found = explained(connection, alert_id, receiver, version)
            words.update(one.words.split(":")[0].split(";")[0][:40] for one in found.answers)
            wrong += _differences(found, (alert_id, receiver) in told)
    return Outcome(
        pairs=pairs, told=sum(pair in told for pair in drawn), alerts=len(ids), messages=len(accepted),
        wrong=tuple(wrong), words=words,
    )  # fmt: skip


def _told(office: Office, accepted: set[str]) -> set[tuple[str, str]]:
    own = message_alert.c
    rows = office.rows(select(own.alert_id, outbox.c.receiver, outbox.c.id).join(outbox, outbox.c.id == own.message_id))
    return {(row["alert_id"], row["receiver"]) for row in rows if row["id"] in accepted}


def _differences(found: Explanation, told: bool) -> Iterable[str]:
    where = f"alert {found.alert[:8]}, {found.receiver}"
    if found.told is not told:
        yield f"{where}: {'told' if found.told else 'not told'} by the explanation, {'told' if told else 'not told'} in fact"
    if not found.answers or any(not one.words.strip() for one in found.answers):
        yield f"{where}: an answer without words"


def run(engine: Engine, *, pairs: int, days: int = DAYS, seed: int = 1) -> Outcome:
    """The whole of it on one database with the tables of alerts."""
    with ChatReceiver(answer) as chat:
        quarter = Quarter(engine, chat, seed)
        asyncio.run(quarter.live(days))
        return compare(quarter, chat, pairs)


def main(
    pairs: Annotated[int, typer.Option(help="Pairs of an alert and a receiver.")] = 500,
    days: Annotated[int, typer.Option(help="Days that pass.")] = DAYS,
    seed: Annotated[int, typer.Option()] = 1,
    database: Annotated[str, typer.Option(help="An empty database.")] = "sqlite:////tmp/bellwether-explained.db",
) -> None:
    """Run it and say what came of it; exit code 1 when an explanation is wrong."""
    engine = connect(database)
    metadata.drop_all(engine)
    metadata.create_all(engine)
    outcome = run(engine, pairs=pairs, days=days, seed=seed)
    engine.dispose()
    print(f"{outcome.pairs} pairs of {outcome.alerts} alerts; {outcome.told} were told, in {outcome.messages} messages")
    for words, count in outcome.words.most_common(20):
        print(f"  {count:5} {words}")
    for one in outcome.wrong:
        print(f"WRONG {one}")
    print(f"{len(outcome.wrong)} wrong")
    raise typer.Exit(1 if outcome.wrong else 0)


if __name__ == "__main__":
    typer.run(main)
