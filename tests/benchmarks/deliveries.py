"""How many messages a dispatcher delivers in a second to a fast receiver, beside what Apprise alone does.

    python -m tests.benchmarks.deliveries --messages 10000 --database both

10,000 messages wait, each about an alert of its own, for one receiver on loopback that accepts at once and keeps its
connections open. Apprise alone means `Apprise.notify` of the same messages from as many threads as the dispatcher has, by
turns with it: no database, no lease, no look at the answer. `cpu_ms_each`: what a message costs the sending process, which tells
more than the clock where others use the machine, too.
"""

import argparse
import asyncio
import json
import multiprocessing
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from statistics import median
from typing import Any

from apprise import Apprise, AppriseAsset
from sqlalchemy import Engine, func, insert, select

from alerting.alerts import identity
from alerting.configuration.loading import parse
from alerting.database import connect
from alerting.delivery.dispatch import Dispatcher
from alerting.delivery.pace import Pace
from alerting.tables import contact_state, metadata, outbox
from tests.acceptance.deliveries import databases

ACCEPTED = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"


class FastReceiver(asyncio.Protocol):
    """Accepts each POST at once."""

    def connection_made(self, transport: Any) -> None:
        self._transport, self._read = transport, b""

    def data_received(self, data: bytes) -> None:
        self._read += data
        while (end := self._read.find(b"\r\n\r\n")) >= 0:
            head = self._read[:end].lower()
            length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0] or 0)
            if len(self._read) < end + 4 + length:
                return
            self._read = self._read[end + 4 + length :]
            self._transport.write(ACCEPTED)


def receive(tell: Connection) -> None:
    """Run the receiver in a process of its own; tells its port."""

    async def run() -> None:
        server = await asyncio.get_running_loop().create_server(FastReceiver, "127.0.0.1", 0, backlog=1024)
        tell.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(run())


def fill(engine: Engine, messages: int) -> None:
    """Let messages wait."""
    now = datetime.now(UTC)
    rows = [
        {
            "id": identity("m", number), "kind": "alert", "thread": identity("t", number), "number": 1,
            "transition": "opened", "receiver": "chat", "contact": "chat", "fallbacks": [], "severity": 1 + number % 2,
            "title": f"Warning: Material shortage, API-{number} at BSL", "body": "API-7 runs out on 2 Feb 2026\n" * 6,
            "state": "pending", "created_at": now, "next_attempt_at": now,
        }
        for number in range(messages)
    ]  # fmt: skip
    with engine.begin() as connection:
        connection.execute(insert(outbox), rows)


async def drain(engine: Engine, address: str, messages: int) -> float:
    """Seconds until all are marked as sent."""
    alerting = parse(f"receivers: {{chat: {{address: '{address}'}}}}\nroute: {{to: chat}}")
    left = messages

    def observe(_: str, result: str, __: float | None) -> None:
        nonlocal left
        left -= result == "sent"

    dispatcher = Dispatcher(engine, lambda: alerting, {}, pace=Pace(), observe=observe)
    began = time.perf_counter()
    task = asyncio.create_task(dispatcher.run())
    while left > 0:
        await asyncio.sleep(0.02)
    dispatcher.stop()
    await task
    return time.perf_counter() - began


def apprise_alone(address: str, messages: int, threads: int) -> float:
    """Seconds for as many messages with nothing around them."""
    asset = AppriseAsset(http_redirects=False, service_timeout=0, storage_mode="memory")

    def notify(number: int) -> None:
        courier = Apprise(asset=asset)
        courier.add(address)
        assert courier.notify(title=f"Warning: {number}", body="API-7 runs out on 2 Feb 2026\n" * 6)

    began = time.perf_counter()
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(notify, range(messages)))
    return time.perf_counter() - began


class Spent:
    """How long a turn took for so many messages, on the clock and of this process's own time."""

    def __init__(self, messages: int) -> None:
        self._messages = messages
        self._cpu_began = time.process_time()

    def said(self, seconds: float) -> dict[str, float]:
        cpu_ms = 1e3 * (time.process_time() - self._cpu_began) / self._messages
        return {"per_second": self._messages / seconds, "cpu_ms_each": cpu_ms}


def deliver(engine: Engine, address: str, messages: int) -> dict[str, float]:
    """One turn of the dispatcher over a database."""
    with engine.begin() as connection:
        for table in (outbox, contact_state):
            connection.execute(table.delete())
    fill(engine, messages)
    spent = Spent(messages)
    said = spent.said(asyncio.run(drain(engine, address, messages)))
    with engine.begin() as connection:
        assert connection.execute(select(func.count()).where(outbox.c.state == "sent")).scalar() == messages
    return said


def measure(url: str, address: str, messages: int, turns: int) -> dict[str, dict[str, float]]:
    """The dispatcher over one database and Apprise alone, by turns: the median of each."""
    engine = connect(url)
    metadata.create_all(engine)
    ours: list[dict[str, float]] = []
    alone: list[dict[str, float]] = []
    apprise_alone(address, 100, Pace().at_once)  # loads its plugins
    for _ in range(turns):
        ours.append(deliver(engine, address, messages))
        spent = Spent(messages // 5)
        alone.append(spent.said(apprise_alone(address, messages // 5, Pace().at_once)))
    engine.dispose()
    return {"dispatcher": _medians(ours), "apprise_alone": _medians(alone)}


def _medians(turns: list[dict[str, float]]) -> dict[str, float]:
    return {name: round(median(turn[name] for turn in turns), 2) for name in turns[0]}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=10_000)
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--database", choices=["sqlite", "postgres", "both"], default="both")
    chosen = parser.parse_args()
    here, there = multiprocessing.Pipe()
    receiver = multiprocessing.get_context("spawn").Process(target=receive, args=(there,), daemon=True)
    receiver.start()
    address = f"json://127.0.0.1:{here.recv()}/chat"
    found: dict[str, Any] = {"messages": chosen.messages, "turns": chosen.turns, "threads": Pace().at_once}
    try:
        with databases(chosen.database) as urls:
            for name, url in urls.items():
                found[name] = measure(url, address, chosen.messages, chosen.turns)
    finally:
        receiver.kill()
    print(json.dumps(found, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
