"""A worker of the archive that is killed again and again while records come in: none is missing, none is there twice."""

import asyncio
import os
import random
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

from streams.archive.place import Archive
from streams.archive.reading import faults, raw_records
from streams.intake.agent import producer
from streams.topics import wanted
from tests.integration.archive.test_service import NETWORK, TOPIC
from tests.servers import Broker

KILLS = 4


def worker(broker: Broker, folder: Path) -> subprocess.Popen[bytes]:
    environment = {
        "BELLWETHER_KAFKA": broker.bootstrap if broker.durable else f"embedded@{broker.bootstrap}",
        "BELLWETHER_NETWORK": "network.yaml", "BELLWETHER_DATABASE": "sqlite:///db", "BELLWETHER_HTTP_PORT": "0",
        "BELLWETHER_ARCHIVE": "archive", "BELLWETHER_ARCHIVE_MINUTES": "0.0005", "BELLWETHER_SESSION_SECONDS": "6",
        "BELLWETHER_BATCH_RECORDS": "50",
    }  # fmt: skip
    program = str(Path(sys.executable).with_name("bellwether"))
    with (folder / "log").open("ab") as log:
        return subprocess.Popen(
            [program, "up", "--role", "archive"], cwd=folder, env={**os.environ, **environment}, stdout=log, stderr=log
        )


def kept(folder: Path) -> list[int]:
    return [record.offset for records in raw_records(Archive(str(folder / "archive")), "acme") for record in records]


async def feed(broker: Broker, over: Event) -> int:
    """Sends a few records at a time until it is over; gives how many."""
    sender, sent = producer(broker.bootstrap, {}, idempotent=broker.durable), 0
    await sender.start()
    try:
        while not over.is_set():
            await asyncio.gather(*[await sender.send(TOPIC, b"record %d" % (sent + n)) for n in range(10)])
            sent += 10
            await asyncio.sleep(0.02)
    finally:
        await sender.stop()
    return sent


def test_kills_leave_no_gap_and_no_repeat(broker: Broker, tmp_path: Path) -> None:
    broker.create({topic.name: topic.partitions for topic in wanted(["acme"], partitions=4)})
    (tmp_path / "network.yaml").write_text(NETWORK)
    chance, over = random.Random(3), Event()
    with ThreadPoolExecutor() as pool:
        feeding = pool.submit(lambda: asyncio.run(feed(broker, over)))
        try:
            for _ in range(KILLS):
                running, before = worker(broker, tmp_path), len(kept(tmp_path))
                while len(kept(tmp_path)) == before:
                    time.sleep(0.02)
                time.sleep(chance.uniform(0, 0.5))
                running.kill()
                running.wait()
        finally:
            over.set()
        sent = feeding.result()
    running = worker(broker, tmp_path)
    try:
        while len(kept(tmp_path)) < sent:
            time.sleep(0.2)
    finally:
        running.terminate()
        running.wait(30)
    assert kept(tmp_path) == list(range(sent))
    archive = Archive(str(tmp_path / "archive"))
    assert not list(faults(archive))
    (shelf,) = archive.shelves("raw", TOPIC)
    names = archive.segments(shelf)
    assert len(names) > KILLS
    assert [name.first for name in names[1:]] == [name.last + 1 for name in names[:-1]]
