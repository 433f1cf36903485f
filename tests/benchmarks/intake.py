"""How fast the intake takes records in, beside what aiokafka alone does with the same records.

    python -m tests.benchmarks.intake --records 100000 --turns 3

Apache Kafka holds the records of one partner, CloudEvents in JSON of about 450 bytes. By turns: aiokafka alone reads them and
writes them to a topic with as many partitions as that of events, with the intake's own settings of producer and consumer, in
a process of its own; then one worker (`bellwether up --role intake`) takes them in, in a group of its own. A rate counts from
the first record seen in the outgoing topic to the last; the second one is of the process's own CPU time, which other work on
the machine does not slow. The formats are read in this process, without a broker: from the
bytes of files to events (and for CloudEvents and rows to canonical records), the best of the turns in CPU time.
"""

import argparse
import asyncio
import json
import multiprocessing
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import psutil
from aiokafka import AIOKafkaConsumer
from kafka import KafkaConsumer
from kafka.structs import TopicPartition

from streams.intake.agent import producer
from streams.topics import EVENTS_TOPIC, Topic, TopicAdmin, compare, inbound
from tests.benchmarks.formats_read import Rate, rates
from tests.benchmarks.stack import PARTITIONS, Kind, Stack, standing
from tests.benchmarks.worker import Worker

NETWORK = Path(__file__).with_name("one_partner.yaml")
PARTNER, SITES = "acme", ("BSL", "VIS")
COPY = "benchmark.copy"
HEADERS = [("content-type", b"application/cloudevents+json; charset=UTF-8")]
RECORDS_AT_A_TIME = 1000
POLL_SECONDS = 0.02
STALLED_SECONDS = 120.0
BEGAN = datetime(2026, 1, 5, tzinfo=UTC)


def value(number: int, sites: Sequence[str]) -> bytes:
    """A stock report, as a warehouse system writes it."""
    at = BEGAN + timedelta(seconds=number)
    event = {
        "specversion": "1.0", "id": f"stock-{number}", "source": "//acme.example/erp", "type": "cdmo.raw_material.stock_reported",
        "time": at.isoformat(), "recordedtime": (at + timedelta(minutes=5)).isoformat(), "siteid": sites[number % len(sites)],
        "sequence": str(number), "datacontenttype": "application/json",
        "data": {
            "material_code": f"RM-{number % 40}", "internal_lot": f"L-{number % 997}", "qty_on_hand": number % 1000 + 0.5,
            "uom": "KGM", "status": "released", "expiry_date": "2027-12-31",
        },
    }  # fmt: skip
    return json.dumps(event).encode()


async def fill(bootstrap: str, topic: str, records: int, sites: Sequence[str]) -> None:
    """Let records wait on the partner's topic."""
    out = producer(bootstrap, {})
    await out.start()
    try:
        for begin in range(0, records, RECORDS_AT_A_TIME):
            numbers = range(begin, min(records, begin + RECORDS_AT_A_TIME))
            sent = [await out.send(topic, value(number, sites), key=b"any", headers=HEADERS) for number in numbers]
            await asyncio.gather(*sent)
    finally:
        await out.stop()


async def copied(bootstrap: str, topic: str, records: int) -> None:
    """aiokafka alone: read, and write with what the canonical records have for headers."""
    source: Any = AIOKafkaConsumer(bootstrap_servers=bootstrap, auto_offset_reset="earliest", enable_auto_commit=False)
    out = producer(bootstrap, {})
    await out.start()
    await source.start()
    try:
        source.assign([TopicPartition(topic, 0)])
        done = 0
        while done < records:
            for batch in (await source.getmany(timeout_ms=500, max_records=RECORDS_AT_A_TIME)).values():
                sent = [
                    await out.send(
                        COPY, one.value, key=one.key, partition=one.offset % PARTITIONS, headers=list(one.headers)
                    )
                    for one in batch
                ]
                await asyncio.gather(*sent)
                done += len(batch)
    finally:
        await source.stop()
        await out.stop()


def copy(bootstrap: str, topic: str, records: int) -> None:
    asyncio.run(copied(bootstrap, topic, records))


class Pace(NamedTuple):
    """Records in a second of the clock, and in a second of the writing process's own time."""

    per_second: float
    per_cpu_second: float


def _worked(pid: int | None) -> float:
    """Seconds of CPU that a process has used. Raises `psutil.NoSuchProcess` when it is gone."""
    times = psutil.Process(pid).cpu_times()
    return times.user + times.system


class Arrivals:
    """Counts what lies in a topic."""

    def __init__(self, bootstrap: str, topic: str) -> None:
        self._consumer: Any = KafkaConsumer(bootstrap_servers=bootstrap)
        self._partitions = [TopicPartition(topic, number) for number in range(PARTITIONS)]
        self._before = self._total()

    def _total(self) -> int:
        return sum(self._consumer.end_offsets(self._partitions).values())

    def pace(self, records: int, writer: Callable[[], int | None]) -> Pace:
        """From the first record seen to the last. `writer`: the process that writes them. Raises when no more come."""
        first, began, worked = 0, 0.0, 0.0
        before, moved = -1, time.perf_counter()
        while True:
            seen, now = self._total() - self._before, time.perf_counter()
            if seen != before:
                before, moved = seen, now
            if now - moved > STALLED_SECONDS:
                raise RuntimeError(f"{seen} of {records} records, and none more for {STALLED_SECONDS} s")
            if seen and not first:
                first, began, worked = seen, now, _worked(writer())
            if seen >= records:
                self._consumer.close()
                counted = records - first
                return Pace(counted / max(now - began, 1e-9), counted / max(_worked(writer()) - worked, 1e-9))
            time.sleep(POLL_SECONDS)


def alone(stack: Stack, topic: str, records: int) -> Pace:
    """aiokafka alone."""
    arrivals = Arrivals(stack.broker.bootstrap, COPY)
    process = multiprocessing.get_context("spawn").Process(target=copy, args=(stack.broker.bootstrap, topic, records))
    process.start()
    try:
        return arrivals.pace(records, lambda: process.pid)
    finally:
        process.join(30)
        process.kill()


def taken_in(stack: Stack, records: int, turn: int) -> Pace:
    """One worker with the role of the intake."""
    arrivals = Arrivals(stack.broker.bootstrap, EVENTS_TOPIC)
    with tempfile.TemporaryDirectory() as folder:
        settings = {**stack.settings(), "instance": f"turn-{turn}"}
        with ThreadPoolExecutor(1) as watching:
            # It is watched from before it starts: it may be done by the time that it says it is ready.
            worker = Worker(settings, Path(folder), roles=["intake"])
            pace = watching.submit(arrivals.pace, records, lambda: worker.pid)
            with worker:
                while not pace.done():
                    worker.check()
                    time.sleep(POLL_SECONDS)
                return pace.result()


def by_turns(records: int, turns: int) -> dict[str, Any]:
    """Both rates of each turn, and their ratio."""
    with standing(Kind.KAFKA_POSTGRES, NETWORK) as stack:
        partner = next(iter(stack.network.partners))
        sites = [site.code for site in stack.network.sites.values() if site.partner == partner]
        topic = inbound(partner)
        copies = [Topic(COPY, PARTITIONS, {})]
        with TopicAdmin(stack.broker.bootstrap, {}) as admin:
            admin.apply(copies, compare(copies, admin.found(copies)))
        asyncio.run(fill(stack.broker.bootstrap, topic, records, sites))
        found: list[tuple[Pace, Pace]] = []
        for turn in range(turns):
            found.append((alone(stack, topic, records), taken_in(stack, records, turn)))
            print(f"turn {turn + 1}: {found[-1]}, load {os.getloadavg()[0]:.1f}", file=sys.stderr)
    return {
        "records": records,
        "aiokafka_alone": [[round(number) for number in plain] for plain, _ in found],
        "intake": [[round(number) for number in ours] for _, ours in found],
        "ratio": round(statistics.median(ours.per_second / plain.per_second for plain, ours in found), 3),
        "ratio_of_cpu_time": round(
            statistics.median(ours.per_cpu_second / plain.per_cpu_second for plain, ours in found), 3
        ),
    }


def main() -> None:
    told = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    told.add_argument("--records", type=int, default=100_000)
    told.add_argument("--turns", type=int, default=3)
    told.add_argument("--quick", action="store_true", help="a check that all of it runs: 5,000 records, one turn")
    told.add_argument("--formats-only", action="store_true", help="without a broker")
    options = told.parse_args()
    records, turns = (5_000, 1) if options.quick else (options.records, options.turns)
    result: dict[str, Any] = {} if options.formats_only else {"kafka": by_turns(records, turns)}
    read: Sequence[Rate] = rates(min(records, 50_000), turns)
    result["formats"] = {rate.what: round(rate.per_second) for rate in read}
    result["load"] = os.getloadavg()
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
