"""Partners' webhooks while Kafka goes away: is everything that was answered 2xx there?

    python -m tests.acceptance.webhooks --seconds 60 --rate 500 --clients 50 --away 10

Clients send signed events at a fixed rate to `bellwether up --role intake`, each under an id of its own and only once. In
the middle the broker is killed (one that keeps nothing is only halted), and started again after some seconds. At the end
every id that was answered 2xx must lie on the partner's topic; every other request must have been answered 503.
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
from aiohttp import ClientError, ClientSession, TCPConnector

from streams.archive.stored import last_records
from streams.intake.webhook.content import WEBHOOK_ID
from streams.settings import Settings
from streams.topics import wanted
from tests.integration.intake.webhook.sender import NETWORK, PROFILE, SECRET, Sender
from tests.servers import Broker, Kafka, free_port
from tests.unit.intake.partner_events import stock_report, text


@dataclass
class Report:
    """What came of a run. `answers`: requests by status; latencies in seconds, of requests that were answered 202."""

    sent: int = 0
    answers: Counter[str] = field(default_factory=Counter[str])
    away_seconds: float = 0.0
    seconds: float = 0.0
    per_second: float = 0.0
    taken_and_missing: int = 0
    taken_and_there_more_than_once: int = 0
    there_though_answered_503: int = 0
    latency_median: float = 0.0
    latency_p99: float = 0.0
    longest_answer: float = 0.0
    worker_cpu_ms_per_request: float = 0.0

    @property
    def is_good(self) -> bool:
        return self.taken_and_missing == 0 and set(self.answers) <= {"202", "503"} and self.answers["202"] > 0


class Run:
    """One run on one broker."""

    def __init__(self, broker: Broker, folder: Path, *, rate: float, clients: int, seconds: float, away: float) -> None:
        self._broker, self._folder = broker, folder
        self._rate, self._clients, self._seconds, self._away = rate, clients, seconds, away
        self.report = Report()
        self._taken: list[str] = []
        self._latencies: list[float] = []

    def run(self) -> Report:
        self._broker.create({topic.name: topic.partitions for topic in wanted(["acme", "other"], partitions=4)})
        (self._folder / "network.yaml").write_text(NETWORK)
        (self._folder / "profiles").mkdir()
        (self._folder / "profiles" / "acme.yaml").write_text(PROFILE)
        port = free_port()
        worker = self._worker(port)
        try:
            asyncio.run(self._load(f"http://127.0.0.1:{port}"))
            used = psutil.Process(worker.pid).cpu_times()
            self.report.worker_cpu_ms_per_request = round(1000 * (used.user + used.system) / self.report.sent, 2)
        finally:
            worker.terminate()
            worker.wait(30)
        self._look()
        return self.report

    def _kafka(self) -> str:
        return self._broker.bootstrap if self._broker.durable else f"embedded@{self._broker.bootstrap}"

    def _worker(self, port: int) -> subprocess.Popen[bytes]:
        environment = {
            "BELLWETHER_KAFKA": self._kafka(), "BELLWETHER_NETWORK": str(self._folder / "network.yaml"),
            "BELLWETHER_PROFILES": str(self._folder / "profiles"), "ACME_HOOK": SECRET,
            "BELLWETHER_DATABASE": f"sqlite:///{self._folder / 'db'}", "BELLWETHER_HTTP_PORT": str(port),
        }  # fmt: skip
        program = str(Path(sys.executable).with_name("bellwether"))
        with (self._folder / "worker.log").open("wb") as log:
            return subprocess.Popen(
                [program, "up", "--role", "intake"], env={**os.environ, **environment}, stdout=log, stderr=log,
                cwd=self._folder,
            )  # fmt: skip

    async def _load(self, address: str) -> None:
        async with ClientSession(connector=TCPConnector(limit=0)) as session:
            await _until_up(session, address)
            sender = Sender(session, address)
            began = time.monotonic()
            outage = asyncio.create_task(self._outage())
            await asyncio.gather(*(self._client(sender, number, began) for number in range(self._clients)))
            await outage
        self.report.seconds = round(time.monotonic() - began, 1)
        self.report.per_second = round(self.report.sent / self.report.seconds, 1)

    async def _client(self, sender: Sender, client: int, began: float) -> None:
        """Sends at its times; one that waited too long for an answer sends the next at once."""
        pause = self._clients / self._rate
        for number in range(int(self._seconds / pause)):
            due = began + pause * (number + client / self._clients)
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            if time.monotonic() > began + self._seconds:
                return
            await self._post(sender, f"msg_{client}_{number}")

    async def _post(self, sender: Sender, message_id: str) -> None:
        self.report.sent += 1
        asked = time.monotonic()
        try:
            answer = await sender.post(message_id, text(stock_report(id=message_id)))
        except ClientError as error:
            self.report.answers[type(error).__name__] += 1
            return
        took = time.monotonic() - asked
        self.report.longest_answer = max(self.report.longest_answer, round(took, 2))
        self.report.answers[str(answer.status)] += 1
        if answer.status == 202:
            self._taken.append(message_id)
            self._latencies.append(took)

    async def _outage(self) -> None:
        await asyncio.sleep(self._seconds / 3)
        gone = time.monotonic()
        if self._broker.durable:
            await asyncio.to_thread(self._broker.kill)
            await asyncio.sleep(self._away)
            await asyncio.to_thread(self._broker.start)
        else:
            assert self._broker.process is not None
            halted = psutil.Process(self._broker.process.pid)
            halted.suspend()
            await asyncio.sleep(self._away)
            halted.resume()
        self.report.away_seconds = round(time.monotonic() - gone, 1)

    def _look(self) -> None:
        settings = Settings(kafka=self._kafka())
        there = Counter(
            dict(record.headers)[WEBHOOK_ID].decode() for record in last_records(settings, "acme", 2 * self.report.sent)
        )
        taken = set(self._taken)
        self.report.taken_and_missing = sum(there[one] == 0 for one in taken)
        self.report.taken_and_there_more_than_once = sum(there[one] > 1 for one in taken)
        self.report.there_though_answered_503 = len(set(there) - taken)
        ordered = sorted(self._latencies)
        if ordered:
            self.report.latency_median = round(ordered[len(ordered) // 2], 4)
            self.report.latency_p99 = round(ordered[int(len(ordered) * 0.99)], 4)


async def _until_up(session: ClientSession, address: str) -> None:
    for _ in range(600):
        with suppress(ClientError):
            async with session.get(f"{address}/healthz") as answer:
                if answer.status == 200:
                    return
        await asyncio.sleep(0.1)
    raise RuntimeError("the worker did not answer within a minute")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--rate", type=float, default=500)
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--away", type=float, default=10)
    said: Any = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bellwether-") as folder:
        (Path(folder) / "kafka").mkdir()
        kafka = Kafka(Path(folder) / "kafka")
        kafka.start()
        try:
            run = Run(kafka, Path(folder), rate=said.rate, clients=said.clients, seconds=said.seconds, away=said.away)
            report = run.run()
        finally:
            kafka.kill()
    print(json.dumps({**vars(report), "good": report.is_good}, indent=2))
    return 0 if report.is_good else 1


if __name__ == "__main__":
    sys.exit(main())
