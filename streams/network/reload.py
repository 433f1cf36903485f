"""The network that is in force: follows its file, and never takes a wrong one."""

import logging
from collections.abc import Callable
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
        self.current: Network = load(path)
        self.problems: tuple[Problem, ...] = ()
        """What is wrong with the file as it stands now; empty while `current` is what the file says."""
        self._changed = changed

    def reload(self) -> bool:
        """Reads the file again. A good network takes the old one's place; a wrong one is refused and logged."""
        try:
            network = load(self.path)
        except DocumentError as error:
            self.problems = error.problems
            for problem in error.problems:
                log.error("network refused, version %s stays in force: %s", self.current.version, problem)
            return False
        self.problems = ()
        if network.version == self.current.version:
            return False
        log.info("network %s takes the place of %s", network.version, self.current.version)
        self.current = network
        if self._changed is not None:
            self._changed(network)
        return True

    async def follow(self) -> None:
        """Reloads whenever the file changes, until cancelled.

        The folder is watched and not the file: editors and Kubernetes put a new file in the old one's place.
        """
        async for _ in awatch(self.path.resolve().parent, recursive=False):
            self.reload()
