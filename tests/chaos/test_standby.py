"""More workers than partitions, in processes of their own, and one of them is killed."""

import asyncio
import os
import signal
import time
from collections.abc import Callable
from contextlib import ExitStack

import pytest
from sqlalchemy import Engine, func, select

from alerting.database import connect, reading
from streams.ledger.tables import stream_position
from tests.acceptance.reloads import SESSION_SECONDS, Load
from tests.benchmarks.latency import NETWORK
from tests.benchmarks.stack import PARTITIONS, Kind, Stack, standing
from tests.benchmarks.worker import Worker

WITHIN_SECONDS = 120.0


def started(stack: Stack, number: int) -> Worker:
    room = stack.folder / f"worker-{number}"
    room.mkdir()
    return Worker(stack.settings() | {"session_seconds": SESSION_SECONDS}, room, ["ledger"])


def held(worker: Worker) -> int:
    """How many partitions it holds."""
    return sum(name.startswith("bellwether_position_age_seconds{") for name in worker.metrics())


def counted(engine: Engine) -> int:
    with reading(engine) as connection:
        return connection.execute(select(func.coalesce(func.sum(stream_position.c.next_offset), 0))).scalar_one()


def until(holds: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + WITHIN_SECONDS
    while not holds():
        assert time.monotonic() < deadline, f"it did not come to that: {what}"
        time.sleep(0.1)


async def sent(stack: Stack, least: int) -> int:
    """Sends at least so many events; how many there were."""
    load = Load(stack, rate=200, seed=9)
    sending = asyncio.create_task(load.run())
    while load.sent < least:
        await asyncio.sleep(0.05)
    load.stop()
    await sending
    return load.sent


@pytest.mark.kafka
@pytest.mark.postgres
def test_a_worker_without_a_partition_is_ready_and_takes_over_from_one_that_is_killed() -> None:
    with standing(Kind.KAFKA_POSTGRES, NETWORK) as stack, ExitStack() as running:
        # Each is awaited until it is ready: the last one, too, which gets nothing.
        workers = [running.enter_context(started(stack, number)) for number in range(PARTITIONS + 1)]
        engine = connect(stack.database_url)
        running.callback(engine.dispose)
        until(lambda: sorted(map(held, workers)) == [0, 1, 1, 1, 1], "four work and one is to spare")
        working = [worker for worker in workers if held(worker)]
        os.kill(working[0].pid, signal.SIGKILL)
        left = [worker for worker in workers if worker is not working[0]]
        number = asyncio.run(sent(stack, least=200))
        until(lambda: list(map(held, left)) == [1, 1, 1, 1], "the one to spare has the partition")
        until(lambda: counted(engine) == number, "every event is counted")
