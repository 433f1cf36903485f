"""Dispatchers that are killed again and again, and receivers that answer badly: does every message arrive?

    python -m tests.acceptance.deliveries --kills 300 --database both --seed 1

Two dispatchers, each in a process of its own, share a database. Messages come in without a pause; SIGKILL takes a random
dispatcher at a random time, or just when a message comes in at its receiver. Receivers answer late, with 429 (and
Retry-After), 500 or 302, with half an answer or none. At the end every message must have arrived, through its contact or
the next one, in the order of its thread; and of what came more than once all but one must be marked.
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
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, func, insert, select

from alerting.alerts import identity
from alerting.configuration.loading import parse
from alerting.database import connect
from alerting.delivery.outbox import WAITING
from alerting.delivery.pace import Pace
from alerting.delivery.receiver import OK, Answer, ChatReceiver, Received
from alerting.tables import metadata, outbox
from tests.servers import Postgres

DISPATCHERS = 2
RECEIVERS = ("buyer", "planner", "quality")
THREAD_LENGTH = 3
KEPT_WAITING = 150
MOST_SECONDS_TO_SETTLE = 600
TAKEN_AND_SAID_SO, TAKEN, REFUSED = "taken", "taken without a whole answer", "refused"

PACE = Pace(
    send_seconds=0.6, lease_seconds=3, poll_seconds=0.05, first_wait_seconds=0.02, longest_wait_seconds=0.4,
    stop_seconds=1, attempts_before_fallback=4, most_attempts=100_000, tidy_seconds=0.5,
)  # fmt: skip

BAD_ANSWERS = (
    (Answer(after_seconds=0.9), TAKEN, 3),
    (Answer(breaks_off="before"), TAKEN, 5),
    (Answer(body=b'{"ok": ', breaks_off="within"), TAKEN, 5),
    (Answer(500), REFUSED, 8),
    (Answer(429, {"Retry-After": "0.2"}), REFUSED, 3),
    (Answer(302, {"Location": "/elsewhere"}), REFUSED, 5),
    (OK, TAKEN_AND_SAID_SO, 71),
)
"""Answers, what they mean, and how many of a hundred are such."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A message as its receiver met it."""

    key: str
    is_marked: bool
    meaning: str


@dataclass(slots=True)
class Report:
    """What came of a run. The last four must be empty."""

    database: str
    seed: int
    kills: int = 0
    messages: int = 0
    arrivals: int = 0
    answers: dict[str, int] = field(default_factory=dict)
    went_another_way: int = 0
    repeats: int = 0
    repeats_after_a_kill: int = 0
    seconds: float = 0.0
    lost: list[str] = field(default_factory=list)
    unmarked_repeats: list[str] = field(default_factory=list)
    out_of_order: list[str] = field(default_factory=list)
    unsettled: list[str] = field(default_factory=list)

    @property
    def is_good(self) -> bool:
        return not (self.lost or self.unmarked_repeats or self.out_of_order or self.unsettled)


class Service:
    """Receivers behind one address each, which answer by chance and write down what came in."""

    def __init__(self, chance: random.Random) -> None:
        self.arrivals: list[Arrival] = []
        self.on_arrival: Callable[[], None] = lambda: None
        self._chance = chance
        self._lock = threading.Lock()
        self.is_well = False

    def answer(self, told: Received) -> Answer:
        with self._lock:
            answer, meaning, _ = BAD_ANSWERS[-1] if self.is_well else self._any(told)
            self.arrivals.append(Arrival(told.key, told.title.startswith("(possible repeat)"), meaning))
            self.on_arrival()
        return answer

    def _any(self, told: Received) -> tuple[Answer, str, int]:
        """A last contact never says that it is the wrong address, or a message could go nowhere."""
        while True:
            found = self._chance.choices(BAD_ANSWERS, [weight for _, _, weight in BAD_ANSWERS])[0]
            if found[0].status != 302 or told.path.endswith("/first"):
                return found


def configuration(address: str) -> str:
    """Each receiver has two contacts at the same service."""
    contacts = "\n".join(f"  {name}-other: {{address: '{address}/{name}/last'}}" for name in RECEIVERS)
    receivers = "\n".join(
        f"  {name}: {{address: '{address}/{name}/first', fallbacks: {name}-other}}" for name in RECEIVERS
    )
    keeper = f"  keeper: {{address: '{address}/keeper/last', audience: sre}}"
    return f"contacts:\n{contacts}\nreceivers:\n{receivers}\n{keeper}\nroute: {{to: buyer}}\n"


def dispatch(database_url: str, text: str) -> None:
    """The dispatcher of one process."""
    import asyncio
    import logging

    import structlog

    from alerting.delivery.dispatch import Dispatcher

    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    alerting = parse(text)
    asyncio.run(Dispatcher(connect(database_url), lambda: alerting, {}, pace=PACE).run())


class Havoc:
    """One run on one database."""

    def __init__(self, engine: Engine, database_url: str, report: Report, *, say: Callable[[str], None]) -> None:
        self._engine, self._url, self._report, self._say = engine, database_url, report, say
        self._chance = random.Random(report.seed)
        self._service = Service(random.Random(report.seed + 1))
        self._processes: list[Any] = []
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(["alerting.dispatch", "alerting.configuration.loading", __name__])
        self._sender: dict[str, tuple[str, str, int]] = {}
        self._strike = threading.Event()
        self._threads = 0

    def run(self, kills: int) -> None:
        began = time.monotonic()
        with ChatReceiver(self._service.answer) as chat:
            self._text = configuration(chat.address)
            try:
                self._kill_and_fill(kills)
                self._service.is_well = True
                self._settle()
            finally:
                self._end()
        self._report.seconds = round(time.monotonic() - began, 1)
        self._judge()

    def _kill_and_fill(self, kills: int) -> None:
        last_said = 0.0
        while self._report.kills < kills:
            self._fill()
            self._start_missing()
            self._wait_for_the_moment()
            process = self._chance.choice(self._processes)
            with suppress(ProcessLookupError):
                process.kill()
            process.join()
            self._report.kills += 1
            if time.monotonic() - last_said > 5:
                last_said = time.monotonic()
                self._say(
                    f"{self._report.kills} kills, {len(self._sender)} messages, {len(self._service.arrivals)} arrivals"
                )

    def _wait_for_the_moment(self) -> None:
        """Until some messages came in, and then a little, or just until the last of them comes in."""
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

    def _start_missing(self) -> None:
        self._processes = [one for one in self._processes if one.is_alive()]
        while len(self._processes) < DISPATCHERS:
            process = self._context.Process(target=dispatch, args=(self._url, self._text), daemon=True)
            process.start()
            self._processes.append(process)

    def _fill(self) -> None:
        """Keep enough messages waiting: threads of some messages each."""
        with self._engine.begin() as connection:
            waiting = connection.execute(select(func.count()).where(outbox.c.state.in_(WAITING))).scalar_one()
            rows = []
            while waiting + len(rows) < KEPT_WAITING:
                self._threads += 1
                rows += self._thread(f"t{self._threads}", self._chance.choice(RECEIVERS))
            if rows:
                connection.execute(insert(outbox), rows)
        for row in rows:
            self._sender[row["id"]] = (row["thread"], row["receiver"], row["number"])

    def _thread(self, thread: str, receiver: str) -> Iterator[dict[str, Any]]:
        now = datetime.now(UTC)
        for number in range(1, THREAD_LENGTH + 1):
            yield {
                "id": identity(thread, number), "kind": "alert", "thread": thread, "number": number,
                "transition": "opened" if number == 1 else "worse", "receiver": receiver, "contact": receiver,
                "fallbacks": [f"{receiver}-other"], "severity": self._chance.randint(1, 2), "title": f"{thread}/{number}",
                "body": "a shortage", "state": "pending", "created_at": now, "next_attempt_at": now,
            }  # fmt: skip

    def _settle(self) -> None:
        """Until nothing waits any more."""
        deadline = time.monotonic() + MOST_SECONDS_TO_SETTLE
        while time.monotonic() < deadline:
            self._start_missing()
            with self._engine.begin() as connection:
                left = connection.execute(select(outbox.c.id).where(outbox.c.state.in_(WAITING))).scalars().all()
            if not left:
                return
            time.sleep(0.2)
        self._report.unsettled = list(left)

    def _end(self) -> None:
        for process in self._processes:
            process.kill()
            process.join()

    def _judge(self) -> None:
        report = self._report
        with self._engine.begin() as connection:
            of = outbox.c
            before = dict(connection.execute(select(of.id, of.instead_of).where(of.instead_of.is_not(None))).all())
        arrivals = [
            Arrival(root, one.is_marked, one.meaning)
            for one in self._service.arrivals
            if (root := _root(one.key, before)) in self._sender
        ]
        report.messages, report.arrivals = len(self._sender), len(arrivals)
        report.answers = dict(Counter(one.meaning for one in arrivals))
        report.went_another_way = sum(_root(key, before) in self._sender for key in before)
        taken = [one for one in arrivals if one.meaning != REFUSED]
        by_key: dict[str, list[Arrival]] = {}
        for one in taken:
            by_key.setdefault(one.key, []).append(one)
        report.lost = [key for key in self._sender if key not in by_key]
        report.unmarked_repeats = [key for key, ones in by_key.items() if sum(not one.is_marked for one in ones) > 1]
        report.repeats = sum(len(ones) - 1 for ones in by_key.values())
        report.repeats_after_a_kill = sum(
            one.meaning == TAKEN_AND_SAID_SO for ones in by_key.values() for one in ones[:-1]
        )
        report.out_of_order = self._out_of_order(list(dict.fromkeys(one.key for one in taken)))

    def _out_of_order(self, keys: list[str]) -> list[str]:
        """Messages whose predecessor in the thread came in first after them."""
        seen: dict[tuple[str, str], int] = {}
        wrong: list[str] = []
        for key in keys:
            thread, receiver, number = self._sender[key]
            if number < seen.get((thread, receiver), 0):
                wrong.append(key)
            seen[thread, receiver] = max(number, seen.get((thread, receiver), 0))
        return wrong


def _root(key: str, before: dict[str, str]) -> str:
    """The message that one to another contact stands for."""
    while key in before:
        key = before[key]
    return key


def run(database: str, url: str, kills: int, seed: int, say: Callable[[str], None]) -> Report:
    """One run against an empty database."""
    engine = connect(url)
    metadata.create_all(engine)
    report = Report(database, seed)
    try:
        Havoc(engine, url, report, say=lambda text: say(f"{database}: {text}")).run(kills)
    finally:
        engine.dispose()
    return report


@contextmanager
def databases(which: str) -> Iterator[dict[str, str]]:
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
