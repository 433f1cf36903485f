"""Memory of a worker with a large ledger under load: python -m tests.benchmarks.memory --lots 1000000 --minutes 10.

The worker itself fills the ledger from the event stream. It is started anew then, so that what it takes over from the
database counts too, and gets a steady load of reports on all of these lots while its memory is looked at.
"""

import asyncio
import json
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from itertools import count, islice
from pathlib import Path
from typing import Annotated, Any

import typer
from aiokafka import AIOKafkaProducer
from rich.console import Console
from sqlalchemy import func, select

from alerting.database import connect, reading
from streams.intake.agent import producer
from streams.ledger.tables import lot, stream_position
from streams.topics import EVENTS_TOPIC
from tests.benchmarks.stack import Kind, Stack, standing
from tests.benchmarks.worker import Worker
from tests.benchmarks.workload import records

NETWORK = Path(__file__).with_name("one_partner.yaml")
LIMIT_MB = 600
GROWTH_LIMIT_MB_PER_MINUTE = 1.0
SAMPLE_SECONDS = 5.0
FILL_SECONDS = 1800.0
SENT_AT_A_TIME = 5_000
BURST_SECONDS = 0.02
SETTLED_SECONDS = 20.0
"""After the start: caches fill, and that is no growth."""


def growth_per_minute(samples: Sequence[tuple[float, float]]) -> float:
    """MB a minute by least squares over (seconds, MB); 0 for fewer than two samples."""
    if len(samples) < 2:
        return 0.0
    mean_at = sum(at for at, _ in samples) / len(samples)
    mean_mb = sum(mb for _, mb in samples) / len(samples)
    spread = sum((at - mean_at) ** 2 for at, _ in samples)
    return 60 * sum((at - mean_at) * (mb - mean_mb) for at, mb in samples) / spread


def counted(stack: Stack) -> int:
    """Records that the ledger is through with."""
    engine = connect(stack.database_url)
    with reading(engine) as connection:
        found = connection.execute(select(func.coalesce(func.sum(stream_position.c.next_offset), 0))).scalar_one()
    engine.dispose()
    return int(found)


def lots_held(stack: Stack) -> int:
    """Lots in the ledger."""
    engine = connect(stack.database_url)
    with reading(engine) as connection:
        found = connection.execute(select(func.count()).select_from(lot)).scalar_one()
    engine.dispose()
    return found


async def fill(stack: Stack, out: AIOKafkaProducer, lots: int, peaks: list[float]) -> None:
    """A report on each lot, through a worker that is gone afterwards."""
    with Worker(stack.settings(), stack.folder) as worker:
        source = records(lots, lots)
        sent = 0
        while some := list(islice(source, SENT_AT_A_TIME)):
            await asyncio.gather(*[await out.send(EVENTS_TOPIC, value, key=key) for key, value in some])
            sent += len(some)
        give_up_at = time.monotonic() + FILL_SECONDS
        while counted(stack) < sent:
            worker.check()
            peaks.append(worker.resident_mb)
            if time.monotonic() > give_up_at:
                raise RuntimeError(f"the ledger was not filled within {FILL_SECONDS:.0f} s:\n{worker.said()}")
            await asyncio.sleep(1)


def later_reports(lots: int) -> Iterator[tuple[bytes, bytes]]:
    """Reports on lots of the ledger without end, each lot as likely as another, under new ids."""
    for turn in count(1):
        for key, value in records(200_000, lots if lots != 200_000 else lots + 1):
            yield key, value.replace(b'"id":"stk-', b'"id":"again-%d-' % turn, 1)


async def load(out: AIOKafkaProducer, lots: int, rate: float, seconds: float) -> int:
    """Steady reports; returns how many."""
    source, began, sent = later_reports(lots), time.monotonic(), 0
    while (now := time.monotonic() - began) < seconds:
        while sent < now * rate:
            key, value = next(source)
            await out.send(EVENTS_TOPIC, value, key=key)
            sent += 1
        await asyncio.sleep(BURST_SECONDS)
    await out.flush()
    return sent


async def sample(worker: Worker, samples: list[tuple[float, float]]) -> None:
    """Look at the memory until cancelled."""
    began = time.monotonic()
    while True:
        worker.check()
        samples.append((time.monotonic() - began, worker.resident_mb))
        await asyncio.sleep(SAMPLE_SECONDS)


async def measure(kind: Kind, lots: int, minutes: float, rate: float) -> dict[str, Any]:
    """One run."""
    filling: list[float] = []
    samples: list[tuple[float, float]] = []
    with standing(kind, NETWORK) as stack:
        out = producer(stack.broker.bootstrap, {}, idempotent=stack.broker.durable)
        await out.start()
        try:
            await fill(stack, out, lots, filling)
            held = lots_held(stack)
            with Worker(stack.settings(), stack.folder) as worker:
                at_start = worker.resident_mb
                looking = asyncio.create_task(sample(worker, samples))
                sent = await load(out, lots, rate, 60 * minutes)
                looking.cancel()
                behind = lots + sent - counted(stack)
        finally:
            await out.stop()
    settled = [(at, mb) for at, mb in samples if at >= SETTLED_SECONDS]
    return {
        "stack": kind.value, "lots": held, "load_events_per_second": round(sent / (60 * minutes)), "behind_at_end": behind,
        "filling_peak_mb": round(max(filling, default=0.0)), "start_mb": round(at_start),
        "peak_mb": round(max(mb for _, mb in samples)), "growth_mb_per_minute": round(growth_per_minute(settled), 2),
        "limit_mb": LIMIT_MB, "samples": [(round(at), round(mb, 1)) for at, mb in samples],
    }  # fmt: skip


def main(
    *,
    lots: Annotated[int, typer.Option(min=1, help="Lots in the ledger.")] = 1_000_000,
    minutes: Annotated[float, typer.Option(min=0.5, help="How long the load lasts.")] = 10,
    rate: Annotated[float, typer.Option(min=1, help="Events a second of the load.")] = 2000,
    stack: Annotated[Kind, typer.Option(help="Broker and database.")] = Kind.KAFKA_POSTGRES,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object instead of lines.")] = False,
) -> None:
    """Measure the worker's memory. Fails above the limit, or when it grows on."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))  # so that worker and servers are stopped too
    found = asyncio.run(measure(stack, lots, minutes, rate))
    if as_json:
        print(json.dumps(found))
    else:
        for name, value in found.items():
            if name != "samples":
                Console().print(f"{name.replace('_', ' '):24} {value}")
    peak = max(found["peak_mb"], found["filling_peak_mb"])
    if peak > LIMIT_MB or found["growth_mb_per_minute"] > GROWTH_LIMIT_MB_PER_MINUTE:
        raise typer.Exit(1)


if __name__ == "__main__":
    typer.run(main)
