"""Changes of the rulebook under load: python -m tests.acceptance.reloads --reloads 100 --json.

Good and bad texts are written into the file that real workers follow, while events come in. No event may be lost, each
verdict must name a version that is stored, and no batch may be judged by two.
"""

import asyncio
import json
import random
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from sqlalchemy import Engine, func, select

from alerting.database import connect, reading
from alerting.tables import alert
from risk_rules import rulebook
from streams.intake.agent import producer
from streams.ledger.judging_tables import judged_by
from streams.ledger.tables import stream_position
from streams.rulebooks.store import CHAIN, in_force
from streams.topics import EVENTS_TOPIC
from tests.acceptance.reload_evidence import Evidence, gather
from tests.benchmarks.latency import NETWORK
from tests.benchmarks.stack import PARTITIONS, Kind, Stack, standing
from tests.benchmarks.worker import Worker

LOTS = 40
"""Of each site; they are counted again and again, now more, now less."""

SETTLE_WITHIN_SECONDS = 240.0
SESSION_SECONDS = 6
"""The shortest that Kafka allows, so that several workers share the partitions soon."""

RULES = """rulebook: 1
change: {{by: tester {number}, reason: change {number}}}
rules:
  - id: large
    subject: lot
    kind: large
    when: qty > {least}
    severity: "qty > 900 ? critical : warning"
    score: 30
    summary: "{{qty}} in one lot"
"""
TESTS = """tests: 1
cases:
  - name: a ton in one lot is too much
    subject: lot
    features: {qty: 1000}
    expect: [{rule: large, severity: critical}]
"""


def good(number: int) -> str:
    """Each finds other lots."""
    return RULES.format(number=number, least=100 + 7 * number)


def bad(number: int) -> str:
    """Faults of each kind: of YAML, of names, of types, of structure, and rules that fail their tests."""
    faults = (
        lambda text: text.replace("rules:", "rules: ["),
        lambda text: text.replace("qty >", "quantity >", 1),
        lambda text: text.replace("score: 30", 'score: "material"'),
        lambda text: text.replace("subject: lot", "subject: heap"),
        lambda text: text.replace("when: qty > ", "when: qty > 100000 + "),
    )
    return faults[number % len(faults)](good(number))


class Load:
    """Sends events at an even rate until told to stop."""

    def __init__(self, stack: Stack, rate: int, seed: int) -> None:
        self.sent = 0
        self._stack = stack
        self._rate = rate
        self._random = random.Random(seed)
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        self._stopping.set()

    async def run(self) -> None:
        out = producer(self._stack.broker.bootstrap, {}, idempotent=self._stack.broker.durable)
        await out.start()
        began = time.monotonic()
        try:
            while not self._stopping.is_set():
                missing = int(self._rate * (time.monotonic() - began)) - self.sent
                sending = [
                    await out.send(EVENTS_TOPIC, value, partition=partition)
                    for partition, value in self._events(min(missing, 1000))
                ]
                await asyncio.gather(*sending)
                await asyncio.sleep(0.02)
        finally:
            await out.stop()

    def _events(self, number: int) -> Iterator[tuple[int, bytes]]:
        sites = sorted((site.code, site.partner) for site in self._stack.network.sites.values())
        for _ in range(number):
            self.sent += 1
            place = self.sent % len(sites)
            code, partner = sites[place]
            event = {
                "specversion": "1.0", "type": "cdmo.raw_material.stock_reported", "id": f"event-{self.sent}",
                "source": "erp", "time": datetime.now(UTC), "partnerid": partner, "siteid": code,
                "data": {
                    "material_code": "API-1", "internal_lot": f"L-{self._random.randrange(LOTS)}", "uom": "KGM",
                    "qty_on_hand": self._random.randrange(1000), "status": "released",
                },
            }  # fmt: skip
            yield place % PARTITIONS, msgspec.json.encode(event)


async def change_often(engine: Engine, file: Path, reloads: int, chance: random.Random, evidence: Evidence) -> None:
    """Write one text after the other, each once the one before was taken or refused."""
    for number in range(1, reloads + 1):
        is_good = chance.random() < 0.6
        text = good(number) if is_good else bad(number)
        await asyncio.to_thread(file.write_text, text)
        if is_good:
            evidence.good += 1
            version = rulebook.parse(text).version
            await until(lambda wanted=version: _live(engine) == wanted, f"good change {number} is in force")
        else:
            evidence.bad += 1
            await until(lambda: _told(engine) == evidence.bad, f"bad change {number} is refused")
        await asyncio.sleep(chance.uniform(0.0, 0.5))


async def until(holds: Callable[[], bool], what: str) -> None:
    """Raises TimeoutError when it does not come to that."""
    deadline = time.monotonic() + SETTLE_WITHIN_SECONDS
    while not await asyncio.to_thread(holds):
        if time.monotonic() > deadline:
            raise TimeoutError(f"after {SETTLE_WITHIN_SECONDS:.0f} s it is not so that {what}")
        await asyncio.sleep(0.05)


def _live(engine: Engine) -> str | None:
    with reading(engine) as connection:
        return in_force(connection).live


def _told(engine: Engine) -> int:
    with reading(engine) as connection:
        return connection.execute(select(func.count()).where(alert.c.partition == CHAIN)).scalar_one()


def _at_rest(engine: Engine, sent: int) -> bool:
    """Everything is counted, and the last version has judged everything."""
    with reading(engine) as connection:
        position = connection.execute(select(func.coalesce(func.sum(stream_position.c.next_offset), 0))).scalar_one()
        newest = select(judged_by.c.partition, func.max(judged_by.c.number).label("number"))
        newest_of = newest.group_by(judged_by.c.partition).subquery()
        joined = judged_by.join(
            newest_of,
            (judged_by.c.partition == newest_of.c.partition) & (judged_by.c.number == newest_of.c.number),
        )
        rows = connection.execute(select(judged_by.c.version, judged_by.c.done_at).select_from(joined)).all()
        live = in_force(connection).live
    return position == sent and all(version == live and done is not None for version, done in rows)


async def run(kind: Kind, reloads: int, workers: int, rate: int, seed: int) -> Evidence:
    """One run on a stack of its own."""
    evidence = Evidence(workers=workers)
    with standing(kind, NETWORK) as stack, ExitStack() as running:
        file = stack.folder / "rules.yaml"
        file.write_text(good(0))
        file.with_suffix(".tests.yaml").write_text(TESTS)
        settings = stack.settings() | {"rulebooks": file, "session_seconds": SESSION_SECONDS}
        rooms = [stack.folder / f"worker-{number}" for number in range(workers)]
        for room in rooms:
            room.mkdir()
        started = [running.enter_context(Worker(settings, room, ["ledger"])) for room in rooms]
        engine = connect(stack.database_url)
        running.callback(engine.dispose)
        began = time.monotonic()
        load = Load(stack, rate, seed)
        sending = asyncio.create_task(load.run())
        await change_often(engine, file, reloads, random.Random(seed), evidence)
        load.stop()
        await sending
        evidence.sent = load.sent
        await until(lambda: _at_rest(engine, load.sent), "all is counted and judged by the last version")
        evidence.seconds = round(time.monotonic() - began, 1)
        for worker in started:
            worker.check()
            if failures := worker.total("bellwether_batch_failures_total"):
                evidence.faults.append(f"{failures:.0f} batches failed: {worker.said()[-1500:]}")
        with reading(engine) as connection:
            gather(connection, evidence)
    return evidence


def main(
    *,
    reloads: Annotated[int, typer.Option(min=1, help="How many, good and bad.")] = 100,
    kind: Annotated[Kind, typer.Option(help="What the workers stand on.")] = Kind.EMBEDDED_SQLITE,
    workers: Annotated[int | None, typer.Option(help="How many; else 3 on Kafka and 1 on the embedded broker.")] = None,
    rate: Annotated[int, typer.Option(help="Events a second.")] = 200,
    seed: Annotated[int, typer.Option(help="Another seed, other changes and events.")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Change the rulebook under load, and account for every event, version and batch. Exit code 1 if one is amiss."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))  # so that workers and servers are stopped too
    several = workers or (3 if kind is Kind.KAFKA_POSTGRES else 1)
    evidence = asyncio.run(run(kind, reloads, several, rate, seed))
    print(json.dumps(evidence.told(), indent=None if as_json else 2))
    if evidence.faults:
        raise typer.Exit(1)


if __name__ == "__main__":
    typer.run(main)
