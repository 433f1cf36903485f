"""The network that is in force: follows its file, and never takes a wrong one."""

import asyncio
import logging
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

from watchfiles import awatch  # pyright: ignore[reportUnknownVariableType]

from risk_rules.documents import DocumentError, Problem
from streams.network.load import load
from streams.network.model import Network

log = logging.getLogger(__name__)


class NetworkSource:
    """`current` is the newest good network of a file. Raises `DocumentError` when the file is wrong at the start."""

    def __init__(self, path: Path, changed: Callable[[Network], None] | None = None) -> None:
        """`changed` is called with each new network after it has come into force."""
        self.path = path
        self._read_last = _digest(path)
        self.current: Network = load(path)
        self.problems: tuple[Problem, ...] = ()
        """What is wrong with the file as it stands now; empty while `current` is what the file says."""
        self._changed = changed

    def reload(self) -> bool:
        """Reads the file again. A good network takes the old one's place; a wrong one is refused and logged."""
        return self._take(self._read())

    def says_the_same(self) -> bool:
        """Whether the file holds what was read last."""
        return _digest(self.path) == self._read_last

    async def follow(self) -> None:
        """Reloads whenever the file changes, until cancelled.

        The folder is watched and not the file: editors and Kubernetes put a new file in the old one's place. A database
        or logs beside it change all the time, and to read a network takes a while: so it is read only if it differs.
        """
        async for _ in awatch(self.path.resolve().parent, recursive=False):
            if not self.says_the_same():
                self._take(await asyncio.to_thread(self._read))

    def _read(self) -> Network | None:
        self._read_last = _digest(self.path)
        try:
            network = load(self.path)
        except DocumentError as error:
            self.problems = error.problems
            for problem in error.problems:
                log.error("network refused, version %s stays in force: %s", self.current.version, problem)
            return None
        self.problems = ()
        return network

    def _take(self, network: Network | None) -> bool:
        if network is None or network.version == self.current.version:
            return False
        log.info("network %s takes the place of %s", network.version, self.current.version)
        self.current = network
        if self._changed is not None:
            self._changed(network)
        return True


def _digest(path: Path) -> bytes | None:
    """Of what the file holds; None while it cannot be read."""
    try:
        return sha256(path.read_bytes()).digest()
    except OSError:
        return None
