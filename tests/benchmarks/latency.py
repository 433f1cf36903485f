"""From a partner's event to the chat: python -m tests.benchmarks.latency --rate 2000 --seconds 60.

Events go in at a steady rate on the partners' topics; some of them are critical deviations, each of another subject, whose
messages a chat receiver on loopback waits for. Both ends are this process, so one clock measures the way.
"""

import asyncio
import json
import re
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from aiokafka import AIOKafkaConsumer
from rich.console import Console
from rich.table import Table
from sqlalchemy import select

from alerting.database import connect, reading
from alerting.delivery.receiver import OK, Answer, ChatReceiver, Received
from alerting.tables import outbox
from streams.intake.agent import producer
from streams.topics import EVENTS_TOPIC, inbound
from tests.benchmarks.stack import Kind, Stack, standing
from tests.benchmarks.worker import Worker, quantile

NETWORK = Path(__file__).with_name("small_network.yaml")
SITES = (("acme", "S01"), ("brightwell", "S05"), ("cordis", "S02"), ("dunmore", "S10"))
LOTS = 20_000
BURST_SECONDS = 0.005
WARM_UP_SECONDS = 5.0
LAST_MESSAGES_SECONDS = 30.0
HEADERS = [("content-type", b"application/cloudevents+json; charset=UTF-8")]
ALERTING = """\
receivers: {{planners: {{address: "{address}", per_second: 1000}}, list: {{address: "{address}"}}}}
route:
  to: list
  digest: [watch, warning]
  routes: [{{match: "kind=critical_deviation", to: planners, group_by: [], group_wait: 0s, digest: []}}]
"""

_alarm = re.compile(r"DEV-(\d+)")


@dataclass
class Alarms:
    """When each alarm was sent and when its message came, in nanoseconds since 1970. The name of an alarm is its time."""

    sent: list[int] = field(default_factory=list[int])
    came: dict[int, int] = field(default_factory=dict[int, int])
    repeated: int = 0

    def arrived(self, message: Received) -> Answer:
        at = time.time_ns()
        for name in set(_alarm.findall(message.text)):
            self.repeated += int(name) in self.came
            self.came.setdefault(int(name), at)
        return OK

    @property
    def missing(self) -> int:
        return len(self.sent) - len(self.came)


def stock_report(number: int, partner: str, site: str) -> bytes:
    """One of the many events that raise no alarm."""
    lot = number * 7919 % LOTS
    now = datetime.now(UTC).isoformat()
    return (
        f'{{"specversion":"1.0","id":"stk-{number}","source":"//{partner}/erp","type":"cdmo.raw_material.stock_reported",'
        f'"time":"{now}","siteid":"{site}","sequence":"{number}","data":{{"material_code":"RM-{lot % 97}",'
        f'"internal_lot":"L-{lot}","qty_on_hand":{number % 1000},"uom":"KGM","status":"released"}}}}'
    ).encode()


def critical_deviation(sent: int, partner: str, site: str) -> bytes:
    """An event that raises an alarm at once."""
    now = datetime.now(UTC).isoformat()
    return (
        f'{{"specversion":"1.0","id":"dev-{sent}","source":"//{partner}/qms","type":"cdmo.deviation.opened",'
        f'"time":"{now}","siteid":"{site}","data":{{"deviation_id":"DEV-{sent}","class":"critical","opened_at":"{now}"}}}}'
    ).encode()


async def feed(stack: Stack, alarms: Alarms, rate: float, alarm_rate: float, seconds: float) -> int:
    """Send at a steady pace; returns how many events. One that cannot be sent in time is sent late, and counts from then."""
    out = producer(stack.broker.bootstrap, {}, idempotent=stack.broker.durable)
    await out.start()
    began, number = time.monotonic(), 0
    try:
        while (now := time.monotonic() - began) < seconds:
            while number < now * rate:
                partner, site = SITES[number % len(SITES)]
                number += 1
                if now > WARM_UP_SECONDS and len(alarms.sent) < (now - WARM_UP_SECONDS) * alarm_rate:
                    alarms.sent.append(time.time_ns())
                    value = critical_deviation(alarms.sent[-1], partner, site)
                else:
                    value = stock_report(number, partner, site)
                await out.send(inbound(partner), value, headers=HEADERS)
            await asyncio.sleep(BURST_SECONDS)
    finally:
        await out.stop()
    return number


async def on_the_stream(stack: Stack) -> dict[int, int]:
    """When the intake handed each alarm on, by the timestamps of the canonical records."""
    consumer = AIOKafkaConsumer(
        EVENTS_TOPIC, bootstrap_servers=stack.broker.bootstrap, auto_offset_reset="earliest", enable_auto_commit=False
    )
    found: dict[int, int] = {}
    await consumer.start()
    try:
        while batches := await consumer.getmany(timeout_ms=2000):
            for record in (record for records in batches.values() for record in records):
                if (alarm := _alarm.search((record.value or b"")[-300:].decode(errors="replace"))) is not None:
                    found[int(alarm[1])] = record.timestamp * 1_000_000
    finally:
        await consumer.stop()
    return found


def in_the_outbox(stack: Stack) -> dict[int, int]:
    """When the ledger began the batch of each alarm."""
    engine = connect(stack.database_url)
    with reading(engine) as connection:
        rows = connection.execute(select(outbox.c.body, outbox.c.created_at)).all()
    engine.dispose()
    return {int(alarm[1]): int(at.timestamp() * 1e9) for body, at in rows if (alarm := _alarm.search(body)) is not None}


def figures(nanoseconds: Sequence[int]) -> dict[str, float]:
    """Seconds: median, tails and the worst."""
    if not nanoseconds:
        return {}
    ordered = sorted(nanoseconds)
    places = {"p50": 0.5, "p90": 0.9, "p99": 0.99, "max": 1.0}
    return {
        name: round(ordered[min(len(ordered) - 1, int(part * len(ordered)))] / 1e9, 3) for name, part in places.items()
    }


def hops(alarms: Alarms, handed_on: Mapping[int, int], begun: Mapping[int, int]) -> dict[str, dict[str, float]]:
    """Where the time went, in the order of the way."""
    told = [alarm for alarm in alarms.came if alarm in handed_on and alarm in begun]
    return {
        "event to chat": figures([alarms.came[alarm] - alarm for alarm in alarms.came]),
        "partner's topic and intake": figures([handed_on[alarm] - alarm for alarm in told]),
        "event stream until the ledger begins": figures([begun[alarm] - handed_on[alarm] for alarm in told]),
        "ledger, commit, dispatch, sending": figures([alarms.came[alarm] - begun[alarm] for alarm in told]),
    }


async def measure(kind: Kind, rate: float, alarm_rate: float, seconds: float) -> dict[str, Any]:
    """One run."""
    alarms = Alarms()
    with standing(kind, NETWORK) as stack, ChatReceiver(alarms.arrived) as chat:
        alerting = stack.folder / "alerting.yaml"
        alerting.write_text(ALERTING.format(address=chat.address))
        with Worker({**stack.settings(), "alerting": alerting}, stack.folder) as worker:
            began = time.monotonic()
            sent = await feed(stack, alarms, rate, alarm_rate, seconds)
            took = time.monotonic() - began
            give_up_at = time.monotonic() + LAST_MESSAGES_SECONDS
            while alarms.missing and time.monotonic() < give_up_at:
                worker.check()
                await asyncio.sleep(0.1)
            metrics = worker.metrics()
        return {
            "stack": kind.value,
            "events": sent,
            "events_per_second": round(sent / took),
            "alarms": len(alarms.sent),
            "missing": alarms.missing,
            "repeated": alarms.repeated,
            "seconds": hops(alarms, await on_the_stream(stack), in_the_outbox(stack)),
            "intake_to_verdict_p99_at_most": quantile(metrics, "bellwether_intake_to_verdict_seconds", 0.99),
        }


def show(found: Mapping[str, Any], console: Console) -> None:
    """A table for people."""
    table = Table(title=f"{found['events']:,} events at {found['events_per_second']:,}/s on {found['stack']}, "
                        f"{found['alarms']} of them alarms")  # fmt: skip
    for name in ("seconds", "p50", "p90", "p99", "max"):
        table.add_column(name, justify="left" if name == "seconds" else "right")
    for hop, of_hop in found["seconds"].items():
        table.add_row(hop, *(f"{of_hop[name]:.3f}" if of_hop else "-" for name in ("p50", "p90", "p99", "max")))
    console.print(table)
    console.print(f"intake to verdict, p99: at most {found['intake_to_verdict_p99_at_most']} s (/metrics)")
    console.print(f"messages that never came: {found['missing']}; that came twice: {found['repeated']}")


def main(
    *,
    rate: Annotated[float, typer.Option(min=1, help="Events a second.")] = 2000,
    alarm_rate: Annotated[float, typer.Option(min=0.1, help="How many of them raise an alarm.")] = 2,
    seconds: Annotated[float, typer.Option(min=10, help="How long; the first 5 s raise no alarm.")] = 60,
    stack: Annotated[Kind, typer.Option(help="Broker and database.")] = Kind.KAFKA_POSTGRES,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object instead of a table.")] = False,
) -> None:
    """Measure the way from a partner's event to the chat. Fails when a message never came."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))  # so that worker and servers are stopped too
    found = asyncio.run(measure(stack, rate, alarm_rate, seconds))
    if as_json:
        print(json.dumps(found))
    else:
        show(found, Console())
    if found["missing"]:
        raise typer.Exit(1)


if __name__ == "__main__":
    typer.run(main)
