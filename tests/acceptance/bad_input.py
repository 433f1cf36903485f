"""A service under bad records: python -m tests.acceptance.bad_input --records 100000.

Each record that was sent must be found again, once: counted as an event, or refused with a reason. The worker must not
fail on any of them, nor on what it took when time passes over it.
"""

import asyncio
import json
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import chain, islice
from typing import Annotated, Any

import typer
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from sqlalchemy import func, select

from alerting.database import connect, reading
from alerting.life.people import Person
from risk_rules import rulebook
from streams.intake.agent import producer
from streams.intake.gate import resume
from streams.intake.refusal import Reason
from streams.ledger.partition import PartitionLedger
from streams.ledger.standing import Clock, Guides, Place
from streams.ledger.tables import refused_event, stream_position
from streams.service import SHIPPED_RULEBOOK
from streams.topics import EVENTS_TOPIC, dead_letters
from tests.acceptance.spoilt_records import NETWORK, Sent, spoilt
from tests.benchmarks.stack import Kind, Stack, standing
from tests.benchmarks.worker import Worker

SENT_AT_A_TIME = 200
MOST_UNDER_WAY = 20_000
NOTHING_MOVES_SECONDS = 60.0
LATER = (timedelta(hours=7), timedelta(days=40), timedelta(days=400), timedelta(days=365 * 30))
"""When time passes over what was taken."""


@dataclass
class Account:
    """Where the records went. `faults` says what is wrong; an honest run has none."""

    sent_to_partners_topics: int = 0
    sent_to_the_stream: int = 0
    taken: int = 0
    refused_at_intake: Counter[str] = field(default_factory=Counter[str])
    on_the_stream: int = 0
    counted: int = 0
    repeated: int = 0
    refused_by_ledger: Counter[str] = field(default_factory=Counter[str])
    not_storable: Counter[str] = field(default_factory=Counter[str])
    """What the ledger found only when it worked with the record, by the beginning of its message."""
    seconds: float = 0.0
    faults: list[str] = field(default_factory=list[str])

    def told(self) -> dict[str, Any]:
        """For JSON."""
        return {
            **vars(self),
            "refused_at_intake": dict(self.refused_at_intake.most_common()),
            "refused_by_ledger": dict(self.refused_by_ledger.most_common()),
            "not_storable": dict(self.not_storable.most_common(10)),
        }


@dataclass
class Traces:
    """What is found on the topics: places of partners' records by where they came from, and how many records there are."""

    taken: set[str] = field(default_factory=set[str])
    letters: Counter[str] = field(default_factory=Counter[str])
    reasons: Counter[str] = field(default_factory=Counter[str])
    unexplained: list[str] = field(default_factory=list[str])
    stream_ends: dict[int, int] = field(default_factory=dict[int, int])

    def note(self, record: Any) -> None:
        headers = {name: (content or b"").decode("utf-8", "replace") for name, content in record.headers}
        if record.topic == EVENTS_TOPIC:
            self.stream_ends[record.partition] = record.offset + 1
            if "bellwether.origin" in headers:
                self.taken.add(headers["bellwether.origin"])
            return
        told = "__connect.errors."
        place = f"{headers[f'{told}topic']}/{headers[f'{told}partition']}/{headers[f'{told}offset']}"
        reason = headers.get("bellwether.reason", "")
        self.letters[place] += 1
        self.reasons[reason] += 1
        explained = headers.get("bellwether.place") or headers.get(f"{told}exception.message")
        if reason not in set(Reason) or not explained:
            self.unexplained.append(place)

    @property
    def settled(self) -> int:
        return len(self.taken) + len(self.letters)


async def send(out: AIOKafkaProducer, records: Iterable[Sent]) -> tuple[set[str], int]:
    """The places of what went to partners' topics, and how many records went to the stream itself."""
    acknowledged = await asyncio.gather(
        *[await out.send(one.topic, one.said.value, key=one.key, headers=list(one.said.headers)) for one in records]
    )
    places = {f"{one.topic}/{one.partition}/{one.offset}" for one in acknowledged if one.topic != EVENTS_TOPIC}
    return places, len(acknowledged) - len(places)


async def feed_and_trace(stack: Stack, worker: Worker, records: Iterator[Sent]) -> tuple[set[str], int, Traces]:
    """Send everything, and follow the traces until every record of the partners has left one."""
    topics = [EVENTS_TOPIC, *(dead_letters(partner) for partner in stack.network.partners)]
    consumer = AIOKafkaConsumer(
        *topics, bootstrap_servers=stack.broker.bootstrap, auto_offset_reset="earliest", enable_auto_commit=False,
        max_partition_fetch_bytes=8 * 1024 * 1024,
    )  # fmt: skip
    out = producer(stack.broker.bootstrap, {}, idempotent=stack.broker.durable)
    await out.start()
    await consumer.start()
    places, direct, traces, moved_at, more = set[str](), 0, Traces(), time.monotonic(), True
    try:
        while more or traces.settled < len(places):
            if more and len(places) - traces.settled < MOST_UNDER_WAY:
                some = list(islice(records, SENT_AT_A_TIME))
                found, past_the_intake = await send(out, some)
                places |= found
                direct += past_the_intake
                more = len(some) == SENT_AT_A_TIME
                moved_at = time.monotonic()
            before = traces.settled
            for batch in (await consumer.getmany(timeout_ms=0 if more else 200)).values():
                for record in batch:
                    traces.note(record)
            worker.check()
            if traces.settled != before:
                moved_at = time.monotonic()
            elif time.monotonic() - moved_at > NOTHING_MOVES_SECONDS:
                break
        while late := await consumer.getmany(timeout_ms=1000):  # what was sent to the stream last
            for record in (record for batch in late.values() for record in batch):
                traces.note(record)
    finally:
        await consumer.stop()
        await out.stop()
    return places, direct, traces


async def until_counted(stack: Stack, worker: Worker, traces: Traces) -> None:
    """Until the ledger is at the end of the stream, or stands still for long."""
    engine, at, moved_at = connect(stack.database_url), -1, time.monotonic()
    while at < sum(traces.stream_ends.values()) and time.monotonic() - moved_at < NOTHING_MOVES_SECONDS:
        worker.check()
        with reading(engine) as connection:
            now = connection.execute(select(func.coalesce(func.sum(stream_position.c.next_offset), 0))).scalar_one()
        if now != at:
            at, moved_at = int(now), time.monotonic()
        await asyncio.sleep(0.2)
    engine.dispose()


def balance(account: Account, places: set[str], traces: Traces) -> None:
    """The intake's side: each place has left one trace."""
    account.taken, account.refused_at_intake = len(traces.taken), traces.reasons
    account.on_the_stream = sum(traces.stream_ends.values())
    lost = places - traces.taken - traces.letters.keys()
    both = traces.taken & traces.letters.keys()
    again = [place for place, times in traces.letters.items() if times > 1]
    for what, found in (("left no trace", lost), ("were taken and refused", both), ("were refused twice", again),
                        ("have no reason or place", traces.unexplained)):  # fmt: skip
        if found:
            account.faults.append(f"{len(found)} records {what}, such as {sorted(found)[:3]}")
    if ours := traces.reasons[Reason.OUR_FAULT]:
        account.faults.append(f"the intake failed on {ours} records")


def audit(account: Account, stack: Stack) -> None:
    """The ledger's side: positions and refusals add up to the stream."""
    engine, table = connect(stack.database_url), stream_position.c
    with reading(engine) as connection:
        sums = [
            func.coalesce(func.sum(column), 0)
            for column in (table.counted, table.repeated, table.refused, table.next_offset)
        ]
        counted, repeated, refused, position = connection.execute(select(*sums)).one()
        rows = connection.execute(select(refused_event.c.reason, refused_event.c.message)).all()
    engine.dispose()
    account.counted, account.repeated = int(counted), int(repeated)
    account.refused_by_ledger = Counter(reason for reason, _ in rows)
    account.not_storable = Counter(message[:120] for reason, message in rows if reason == "cannot_be_stored")
    if not all(reason and message for reason, message in rows):
        account.faults.append("the ledger refused records without a reason")
    if len(rows) != refused:
        account.faults.append(f"the position tells of {refused} refused records, the table holds {len(rows)}")
    if not counted + repeated + refused == position == account.on_the_stream:
        account.faults.append(
            f"{counted} counted + {repeated} repeated + {refused} refused, at {position} of {account.on_the_stream}"
        )


def watch(account: Account, worker: Worker) -> None:
    """What the worker says of itself."""
    failures = worker.total("bellwether_batch_failures_total")
    if failures:
        account.faults.append(f"{failures:.0f} batches failed")
    log = worker.log.read_text(errors="replace")
    for words in ("will try again", "starts anew", "Traceback", "could not be read"):
        if words in log:
            account.faults.append(f"the log says {words!r}: {log[max(0, log.index(words) - 300) :][:1500]}")


def let_time_pass(account: Account, stack: Stack) -> None:
    """Whatever was taken must be evaluated in every time to come."""
    engine = connect(stack.database_url)
    rules = rulebook.load([SHIPPED_RULEBOOK])
    guides = Guides(lambda: stack.network, lambda: rules, Clock.WALL)
    with reading(engine) as connection:
        columns = (stream_position.c.topic, stream_position.c.topic_id, stream_position.c.partition)
        held = [Place(*row) for row in connection.execute(select(*columns))]
    now = datetime.now(UTC)
    for place in held:
        for later in LATER:
            ledger = PartitionLedger(engine, place, guides)
            ledger.load()
            try:
                ledger.pass_time(now + later)
            except Exception as fault:  # each is news
                account.faults.append(f"{later.days} days later partition {place.partition} fails: {fault!r:.300}")
    engine.dispose()


def lift_the_limits(stack: Stack) -> None:
    """Most records are spoiled: else the intake of each partner would stop."""
    engine, now = connect(stack.database_url), datetime.now(UTC)
    by = Person(name="bad input", authenticated="test", zone="UTC", source="test")
    for partner in stack.network.partners:
        resume(engine, partner, by, "most records are spoiled", now, lifted_until=now + timedelta(days=1))
    engine.dispose()


async def run(seed: int, records: int) -> Account:
    """One run on the embedded broker and SQLite."""
    account = Account()
    with standing(Kind.EMBEDDED_SQLITE, NETWORK) as stack:
        sent = spoilt(seed, records, stack.network)
        first = next(sent)  # the world is lived before the clock starts
        lift_the_limits(stack)
        began = time.monotonic()
        with Worker(stack.settings(), stack.folder) as worker:
            places, direct, traces = await feed_and_trace(stack, worker, chain((first,), sent))
            await until_counted(stack, worker, traces)
            account.seconds = round(time.monotonic() - began, 1)
            account.sent_to_partners_topics, account.sent_to_the_stream = len(places), direct
            balance(account, places, traces)
            watch(account, worker)
        audit(account, stack)
        let_time_pass(account, stack)
    return account


def main(
    *,
    records: Annotated[int, typer.Option(min=1, help="How many, most of them spoiled.")] = 100_000,
    seed: Annotated[int, typer.Option(help="Another seed spoils in another way.")] = 1,
) -> None:
    """Send bad records through the real service and account for each. Prints JSON; fails when one is not accounted for."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))  # so that worker and servers are stopped too
    account = asyncio.run(run(seed, records))
    print(json.dumps(account.told(), indent=2))
    if account.faults:
        raise typer.Exit(1)


if __name__ == "__main__":
    typer.run(main)
