"""One worker: `bellwether up` in a process of its own, started again whenever it is gone."""

import ctypes
import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from tests.servers import free_port

_PR_SET_PDEATHSIG = 1

forks = multiprocessing.get_context("forkserver")
"""Workers are forked from a process that has done the imports: kills should hit transactions, not imports."""

forks.set_forkserver_preload(["tests.chaos.worker", "streams.cli.program", "streams.service"])


class Worker:
    """A worker by name, with its roles. Its log goes on through all of its lives."""

    def __init__(self, name: str, roles: Sequence[str], settings: Mapping[str, str], folder: Path) -> None:
        self.name = name
        self.roles = tuple(roles)
        self.port = free_port()
        self.log = folder / f"{name}.log"
        self.starts = 0
        self._settings = dict(settings)
        self._process: ForkServerProcess | None = None

    def start(self, member: str | None = None) -> None:
        """Start it; as `member` of its group, where a name is given, to take its own partitions up again."""
        named = {} if member is None else {"BELLWETHER_WORKER": member}
        options = [part for role in self.roles for part in ("--role", role)]
        arguments = ["up", *options, "--http-port", str(self.port)]
        self._process = forks.Process(
            target=be_bellwether, args=(arguments, self._settings | named, str(self.log), os.getpid()), name=self.name
        )
        self._process.start()
        self.starts += 1

    @property
    def process(self) -> ForkServerProcess:
        assert self._process is not None, f"{self.name} was never started"
        return self._process

    def handled(self) -> int | None:
        """How many records it has handled in this life; None while it does not answer."""
        name = "bellwether_intake_records_total" if "intake" in self.roles else "bellwether_batch_records_sum"
        try:
            with urlopen(f"http://127.0.0.1:{self.port}/metrics", timeout=2) as answer:
                text = answer.read().decode()
        except (URLError, OSError):
            return None
        return int(sum(float(line.rsplit(" ", 1)[1]) for line in text.splitlines() if line.startswith(name)))

    def send(self, what: signal.Signals) -> None:
        """Send it a signal, if it lives."""
        process = self.process
        if process.pid is not None and process.is_alive():
            os.kill(process.pid, what)

    def ledger_processes(self) -> list[int]:
        """The numbers of the processes in which its ledgers count, as far as they run."""
        children = Path(f"/proc/{self.process.pid}/task").glob("*/children")
        try:
            pids = [int(pid) for path in children for pid in path.read_text().split()]
            return [pid for pid in pids if b"multiprocessing.forkserver" in Path(f"/proc/{pid}/cmdline").read_bytes()]
        except FileNotFoundError:  # it ended meanwhile
            return []

    def end(self, how: signal.Signals) -> float:
        """Send the signal and wait for the end, of which it gives the seconds. What does not heed it is killed in 30 s."""
        process, began = self.process, time.monotonic()
        self.send(how)
        process.join(30)
        took = time.monotonic() - began
        if process.is_alive():
            process.kill()
            process.join()
        return took

    def last_words(self, characters: int = 3000) -> str:
        return self.log.read_text(errors="replace")[-characters:] if self.log.exists() else ""


def be_bellwether(arguments: list[str], settings: dict[str, str], log: str, parent: int) -> None:
    """What the forked process does: be the program `bellwether`."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    os.chdir(Path(log).parent)  # no settings file of somebody else's folder
    for name in [name for name in os.environ if name.startswith("BELLWETHER_")]:
        del os.environ[name]
    os.environ.update(settings)
    out = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(out, 1)
    os.dup2(out, 2)
    from streams.cli.program import app

    sys.exit(app(arguments, standalone_mode=True))
