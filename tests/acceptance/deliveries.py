"""A worker and dispatchers that are killed again and again, and receivers that answer badly: does every message arrive?

    python -m tests.acceptance.deliveries --kills 300 --database both --seed 1

A worker counts a stream whose lots call for alerts; two dispatchers, each with a desk, tell people of them. All three are
processes that share a database, and SIGKILL takes a random one at a random time, or just when a message comes in at its
receiver. Receivers answer late, with 429 (and Retry-After), 500 or 302, with half an answer or none.

At the end each thing that the stream told of must have led to one transition and one message, and every message must have
arrived, through its contact or the next one, in the order of its thread. What came again must be marked, and must have come
after an arrival that nobody could be sure of: without a whole answer, or with one that came too late, or by a sender that was
killed before the repeat or kept standing until its lease was lost.
"""

import argparse
import json
import multiprocessing
import random
import signal
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from alerting.database import connect
from alerting.delivery.receiver import ChatReceiver
from streams import schema
from tests.acceptance.arrivals import Judge, Report
from tests.acceptance.bad_receivers import BadReceivers
from tests.acceptance.stream_to_chat import dispatch, waiting, work
from tests.servers import Postgres

WORKER, DISPATCHERS = "worker", ("dispatcher-1", "dispatcher-2")
MOST_SECONDS_TO_SETTLE = 600


class Havoc:
    """One run on one database."""

    def __init__(self, engine: Engine, database_url: str, report: Report, *, say: Callable[[str], None]) -> None:
        self._engine, self._url, self._report, self._say = engine, database_url, report, say
        self._chance = random.Random(report.seed)
        self._service = BadReceivers(random.Random(report.seed + 1))
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(["tests.acceptance.stream_to_chat"])
        self._processes: dict[str, Any] = {}
        self._lives: Counter[str] = Counter()
        self._killed_at: dict[str, float] = {}
        self._strike = threading.Event()

    def run(self, kills: int) -> None:
        began = time.monotonic()
        with ChatReceiver(self._service.answer) as chat, tempfile.NamedTemporaryFile("r") as self._diary:
            self._address = chat.address
            try:
                self._kill(kills)
                self._service.is_well = True
                self._settle()
            finally:
                for process in self._processes.values():
                    process.kill()
                    process.join()
            self._report.seconds = round(time.monotonic() - began, 1)
            diary = [json.loads(line) for line in self._diary]
        Judge(self._engine, self._service.arrivals, self._killed_at, diary).judge(self._report)

    def _kill(self, kills: int) -> None:
        last_said, done = 0.0, Counter[str]()
        while done.total() < kills:
            self._start_missing((WORKER, *DISPATCHERS))
            self._wait_for_the_moment()
            done[self._end(self._chance.choice(list(self._processes)))] += 1
            if time.monotonic() - last_said > 5:
                last_said = time.monotonic()
                self._say(f"{done.total()} kills, {len(self._service.arrivals)} arrivals")
        self._report.kills = dict(done)

    def _wait_for_the_moment(self) -> None:
        """Until some messages came in, and then a little, or just until the next of them comes in."""
        arrivals = self._service.arrivals
        enough, deadline = len(arrivals) + self._chance.randint(0, 30), time.monotonic() + 5
        while len(arrivals) < enough and time.monotonic() < deadline:
            time.sleep(0.005)
        if self._chance.random() < 0.5:
            time.sleep(self._chance.uniform(0, 0.1))
            return
        self._strike.clear()
        self._service.on_arrival = self._strike.set
        self._strike.wait(2)
        self._service.on_arrival = lambda: None

    def _start_missing(self, names: tuple[str, ...]) -> None:
        """Start those that do not run. Each life has a name of its own, which stands on what it sends."""
        for name in names:
            if name in self._processes and self._processes[name].is_alive():
                continue
            self._lives[name] += 1
            job, more = (work, ()) if name == WORKER else self._dispatcher(name)
            self._processes[name] = self._context.Process(target=job, args=(self._url, *more), daemon=True)
            self._processes[name].start()

    def _dispatcher(self, name: str) -> tuple[Callable[..., None], tuple[Any, ...]]:
        return dispatch, (self._address, self._life(name), self._diary.name)

    def _end(self, name: str) -> str:
        """Kill one of them; what kind it was. One that has ended by itself is a fault."""
        process = self._processes.pop(name)
        if not process.is_alive():
            raise RuntimeError(f"{name} has ended by itself, with {process.exitcode}")
        process.kill()
        process.join()
        self._killed_at[self._life(name)] = time.monotonic()
        return name.partition("-")[0]

    def _life(self, name: str) -> str:
        return f"{name}.{self._lives[name]}"

    def _settle(self) -> None:
        """Let no more come in, until nothing waits any more."""
        if WORKER in self._processes:
            self._end(WORKER)
        deadline = time.monotonic() + MOST_SECONDS_TO_SETTLE
        while (left := waiting(self._engine)) and time.monotonic() < deadline:
            self._start_missing(DISPATCHERS)
            time.sleep(0.2)
        self._report.unsettled = left


def run(database: str, url: str, kills: int, seed: int, say: Callable[[str], None]) -> Report:
    """One run against an empty database."""
    engine = connect(url)
    schema.upgrade(engine)
    report = Report(database, seed)
    try:
        Havoc(engine, url, report, say=lambda text: say(f"{database}: {text}")).run(kills)
    finally:
        engine.dispose()
    return report


@contextmanager
def databases(which: str) -> Generator[dict[str, str]]:
    """Empty databases by name: sqlite, postgres or both."""
    with ExitStack() as stack:
        folder = Path(
            stack.enter_context(tempfile.TemporaryDirectory(prefix="bellwether-", ignore_cleanup_errors=True))
        )
        urls: dict[str, str] = {}
        if which != "postgres":
            urls["sqlite"] = f"sqlite:///{folder / 'bellwether.db'}"
        if which != "sqlite":
            folder.chmod(0o755)
            (folder / "postgres").mkdir()
            server = Postgres(folder / "postgres")
            server.start()
            stack.callback(server.stop, signal.SIGINT)
            urls["postgres"] = server.fresh_database()
        yield urls


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=300)
    parser.add_argument("--database", choices=["sqlite", "postgres", "both"], default="both")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--quiet", action="store_true", help="no line of progress every few seconds")
    chosen = parser.parse_args()

    def say(text: str) -> None:
        if not chosen.quiet:
            print(text, file=sys.stderr, flush=True)

    with databases(chosen.database) as urls:
        reports = [run(name, url, chosen.kills, chosen.seed, say) for name, url in urls.items()]
    print(json.dumps([asdict(one) for one in reports], indent=1))
    return 0 if all(one.is_good for one in reports) else 1


if __name__ == "__main__":
    sys.exit(main())
