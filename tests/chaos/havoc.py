"""Who is killed when: workers by the hundred, brokers and databases now and then."""

import os
import random
import signal
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from statistics import median

from tests.chaos.stack import SESSION_SECONDS, Stack
from tests.chaos.worker import Worker
from tests.servers import Server

LOOK_EVERY_SECONDS = 0.1
GIVE_UP_SECONDS = 40.0
"""So long a worker may take to its first progress before it is killed all the same."""

SHORTEST_LIFE, LONGEST_LIFE = 0.3, 4.0
"""Seconds from a worker's first progress to its end; on a machine that is slow to start them they live longer."""

KILLED_SHARE = 0.85
"""Of the ends of workers; the others are asked to stop."""

KEEPS_ITS_NAME = 0.7
"""Of the starts of workers; the others join as strangers, and their partitions are given out anew."""

FROZEN_SHARE = 0.05
"""Of the lives of workers that stand still for longer than the group waits, and go on as if the partitions were theirs."""

MAIMED_SHARE = 0.2
"""Of the lives of workers in which a process that counts for them is killed alone; the worker must begin it anew."""

FROZEN_SECONDS = 1.5 * SESSION_SECONDS

STOP_WITHIN_SECONDS = 10.0
REPAIR_SECONDS = 0.3


@dataclass
class Tally:
    """What was done and what went wrong by it. `faults` are in words."""

    kills: int = 0
    stops: int = 0
    freezes: int = 0
    maimed: int = 0
    restarts: Counter[str] = field(default_factory=Counter[str])
    without_progress: int = 0
    longest_to_progress: float = 0.0
    seconds_to_progress: list[float] = field(default_factory=list[float])
    faults: list[str] = field(default_factory=list[str])
    stalled_seconds: float = 0.0
    """How long the machine gave us no time: that cannot be held against a worker."""
    lock: threading.Lock = field(default_factory=threading.Lock)
    _excused_until: float = 0.0

    def excuse(self, seconds: float) -> None:
        """A worker that ends by itself within so many seconds had a reason: a server was away."""
        self._excused_until = max(self._excused_until, time.monotonic() + seconds)

    @property
    def usual_seconds_to_progress(self) -> float:
        """The median of the lives so far."""
        return median(self.seconds_to_progress or [0.0])

    @property
    def excuses(self) -> bool:
        return time.monotonic() < self._excused_until

    def stalled(self, seconds: float) -> None:
        """The machine stood still."""
        self.stalled_seconds += seconds
        self.excuse(60)


class Killer(threading.Thread):
    """Starts one worker over and over, and ends it at a random moment of its work. At the end leaves it running."""

    def __init__(self, worker: Worker, tally: Tally, luck: random.Random, over: threading.Event) -> None:
        super().__init__(name=f"killer of {worker.name}", daemon=True)
        self.worker = worker
        self._tally = tally
        self._luck = luck
        self._over = over

    def run(self) -> None:
        while True:
            self._start()
            if not self._until_progress():
                continue
            if self._luck.random() < FROZEN_SHARE:
                self._freeze()
            elif self._luck.random() < MAIMED_SHARE:
                self._maim()
            if self._over.wait(
                self._luck.uniform(SHORTEST_LIFE, max(LONGEST_LIFE, self._tally.usual_seconds_to_progress))
            ):
                return
            self._end()

    def keep_up(self) -> None:
        """Start it again if it has ended by itself, which is a fault."""
        if not self.worker.process.is_alive():
            self._fell()
            self._start()

    def _start(self) -> None:
        self.worker.start(self.worker.name if self._luck.random() < KEEPS_ITS_NAME else None)

    def _until_progress(self) -> bool:
        """Wait for the first progress; False when it ended by itself before."""
        began = time.monotonic()
        while not self._over.wait(LOOK_EVERY_SECONDS):
            if not self.worker.process.is_alive():
                self._fell()
                return False
            took = time.monotonic() - began
            if self.worker.handled():
                with self._tally.lock:
                    self._tally.seconds_to_progress.append(took)
                return True
            if took > GIVE_UP_SECONDS:
                with self._tally.lock:
                    self._tally.without_progress += 1
                return True
        return True

    def _fell(self) -> None:
        """It ended by itself: in order only where it began while a server was away, and said so."""
        if not self._tally.excuses:
            with self._tally.lock:
                self._tally.faults.append(
                    f"{self.worker.name} ended by itself with {self.worker.process.exitcode}: {self.worker.last_words(800)}"
                )
        time.sleep(REPAIR_SECONDS)

    def _freeze(self) -> None:
        """Let it miss that others have taken over."""
        self.worker.send(signal.SIGSTOP)
        self._over.wait(FROZEN_SECONDS)
        self.worker.send(signal.SIGCONT)
        with self._tally.lock:
            self._tally.freezes += 1

    def _maim(self) -> None:
        """Kill one of the processes in which its ledgers count."""
        if parts := self.worker.ledger_processes():
            os.kill(self._luck.choice(parts), signal.SIGKILL)
            with self._tally.lock:
                self._tally.maimed += 1

    def _end(self) -> None:
        killed = self._luck.random() < KILLED_SHARE
        stalled = self._tally.stalled_seconds
        took = self.worker.end(signal.SIGKILL if killed else signal.SIGTERM) - (self._tally.stalled_seconds - stalled)
        with self._tally.lock:
            self._tally.kills += killed
            self._tally.stops += not killed
            if took > STOP_WITHIN_SECONDS:
                self._tally.faults.append(
                    f"{self.worker.name} took {took:.1f} s to stop: {self.worker.last_words(800)}"
                )


class Breaker(threading.Thread):
    """Takes a server away every `every_seconds`, by SIGKILL or politely, and brings it back with what it held."""

    def __init__(
        self, stack: Stack, tally: Tally, luck: random.Random, over: threading.Event, every_seconds: float
    ) -> None:
        super().__init__(name="breaker of servers", daemon=True)
        self.fault: BaseException | None = None
        self._tally = tally
        self._luck = luck
        self._over = over
        self._every_seconds = every_seconds
        broker = [stack.broker] if stack.broker.durable else []
        self._servers: list[Server] = [*broker, *([] if stack.postgres is None else [stack.postgres])]

    def run(self) -> None:
        turn = 0
        while self._servers and not self._over.wait(self._every_seconds * self._luck.uniform(0.7, 1.3)):
            server = self._servers[turn % len(self._servers)]
            turn += 1
            try:
                self._restart(server)
            except BaseException as fault:  # the run must hear of it, not this thread alone
                self.fault = fault
                return

    def _restart(self, server: Server) -> None:
        killed = self._luck.random() < KILLED_SHARE
        self._tally.excuse(120)
        if killed:
            server.kill()
        else:
            server.stop()
        time.sleep(self._luck.uniform(0, 3))
        server.start()
        with self._tally.lock:
            self._tally.restarts[f"{type(server).__name__} {'killed' if killed else 'stopped'}"] += 1
