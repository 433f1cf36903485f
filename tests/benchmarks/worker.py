"""A worker as its user would start it: `bellwether up` in a process of its own, all roles, told by the environment."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.error import URLError
from urllib.request import urlopen

import psutil

from tests.servers import free_port

READY_WITHIN_SECONDS = 150
_SAMPLE = re.compile(r"^(\w+(?:\{[^}]*\})?) (\S+)", re.MULTILINE)


class WorkerGoneError(RuntimeError):
    """The worker ended by itself; the message has the end of its log."""


class Worker:
    """Runs between `with` and its end. `settings` by their names in the environment, without `BELLWETHER_`.

    `roles`: none means all.
    """

    def __init__(self, settings: Mapping[str, object], folder: Path, roles: Sequence[str] = ()) -> None:
        self._roles = [part for role in roles for part in ("--role", role)]
        self.port = free_port()
        self.log = folder / "worker.log"
        self._folder = folder
        self._settings = {f"BELLWETHER_{name.upper()}": str(value) for name, value in settings.items()}

    def __enter__(self) -> Self:
        plain = {name: value for name, value in os.environ.items() if not name.startswith("BELLWETHER_")}
        command = [str(Path(sys.executable).with_name("bellwether")), "up", *self._roles, "--http-port", str(self.port)]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                command, env=plain | self._settings, cwd=self._folder, stdout=log, stderr=log
            )
        deadline = time.monotonic() + READY_WITHIN_SECONDS
        while not self._ready():
            self.check()
            if time.monotonic() > deadline:
                self._process.kill()
                self._process.wait()
                raise WorkerGoneError(f"the worker was not ready in {READY_WITHIN_SECONDS} s:\n{self.said()}")
            time.sleep(0.1)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._process.terminate()
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def check(self) -> None:
        """Raises `WorkerGoneError` when it no longer runs."""
        if self._process.poll() is not None:
            raise WorkerGoneError(f"the worker ended with {self._process.returncode}:\n{self.said()}")

    def said(self) -> str:
        """The end of its log."""
        return self.log.read_text(errors="replace")[-4000:]

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def resident_mb(self) -> float:
        """Its resident memory and that of its processes in MB (10^6 bytes); what they share counts once."""
        worker, held = psutil.Process(self._process.pid), 0
        for process in (worker, *worker.children(recursive=True)):
            with suppress(psutil.NoSuchProcess):
                held += process.memory_full_info().pss
        return held / 1e6

    def metrics(self) -> dict[str, float]:
        """Every sample of /metrics by its name with labels."""
        with urlopen(f"http://127.0.0.1:{self.port}/metrics", timeout=10) as answer:
            return {name: float(value) for name, value in _SAMPLE.findall(answer.read().decode())}

    def total(self, name: str) -> float:
        """The sum of a metric over its labels."""
        return sum(value for sample, value in self.metrics().items() if sample.partition("{")[0] == name)

    def _ready(self) -> bool:
        try:
            with urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=2) as answer:
                return answer.status == 200
        except (URLError, OSError):
            return False


def quantile(metrics: Mapping[str, float], name: str, part: float) -> float | None:
    """The upper bound of the bucket of a histogram that the quantile lies in; None where nothing was observed."""
    found = {
        float(sample.split('le="')[1].split('"')[0]): value
        for sample, value in metrics.items()
        if sample.startswith(f"{name}_bucket")
    }
    total = max(found.values(), default=0.0)
    return next((bound for bound in sorted(found) if found[bound] >= part * total), None) if total else None
