"""The configuration that is in force: follows its file, and never takes a wrong one."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from threading import Lock
from typing import Final

import structlog
from watchfiles import awatch  # pyright: ignore[reportUnknownVariableType]

from alerting.addresses import AddressError
from alerting.configuration.configuration import Configuration
from alerting.configuration.doubts import Known, gaps
from alerting.configuration.loading import NOTHING_KNOWN, load
from risk_rules.documents import DocumentError, Problem

SETTLED_SECONDS: Final = 0.2
"""A file that says the same for so long is no longer being written."""

POLL_MILLISECONDS: Final = 5_000

log = structlog.stdlib.get_logger()


class Result(StrEnum):
    """What became of a look at the file."""

    SWITCHED = "switched"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


Tally = Callable[[Result, datetime], None]
"""Told of each look."""


def _take(configuration: Configuration) -> None:
    """Nothing has to be made ready for it."""


def _nothing_known() -> Known:
    return NOTHING_KNOWN


class ConfigurationSource:
    """`current` is the newest good configuration of a file.

    `prepare` is called with a configuration before it comes into force, and may raise `AddressError`: then it is refused
    and the one before stays. `known` gives the values of labels that are known, for warnings.
    """

    def __init__(
        self,
        path: Path,
        *,
        clock: Callable[[], datetime],
        tally: Tally,
        prepare: Callable[[Configuration], None] = _take,
        known: Callable[[], Known] = _nothing_known,
    ) -> None:
        """Raises `DocumentError` or `AddressError` when the file is wrong at the start."""
        self.path = path
        self._clock, self._tally, self._prepare, self._known = clock, tally, prepare, known
        self._one_at_a_time = Lock()
        self._looked_at = self._bytes()
        self.problems: tuple[Problem, ...] = ()
        """What is wrong with the file as it stands now; empty while `current` is what the file says."""
        self.current = load(path, known())
        prepare(self.current)
        self._say_doubts()
        tally(Result.SWITCHED, clock())

    def reload(self) -> Result:
        """Read the file again. A good configuration takes the old one's place; a wrong one is refused and logged."""
        with self._one_at_a_time:
            self._looked_at = self._bytes()
            result = self._look()
            self._tally(result, self._clock())
            return result

    async def follow(self) -> None:
        """Reload whenever the file changes, until cancelled.

        The folder is watched and not the file: editors and Kubernetes put a new file in the old one's place. And every
        few seconds without being told: not every file system tells of changes, and a link may lead elsewhere.
        """
        folder = self.path.parent.resolve()
        async for _ in awatch(folder, recursive=False, rust_timeout=POLL_MILLISECONDS, yield_on_timeout=True):
            if self._bytes() != self._looked_at:
                await self._settled()
                await asyncio.to_thread(self.reload)

    def _look(self) -> Result:
        try:
            configuration = load(self.path, self._known())
            if configuration == self.current:
                self.problems = ()
                return Result.UNCHANGED
            self._prepare(configuration)
        except DocumentError as error:
            self._refuse(error.problems)
            return Result.REFUSED
        except AddressError as error:
            self._refuse(tuple(Problem(str(self.path), 1, 1, line) for line in str(error).splitlines()))
            return Result.REFUSED
        log.info("another alerting file is in force", version=configuration.version, before=self.current.version)
        self.current, self.problems = configuration, ()
        self._say_doubts()
        return Result.SWITCHED

    def _refuse(self, problems: tuple[Problem, ...]) -> None:
        self.problems = problems
        for problem in problems:
            log.error("the changed alerting file is refused", problem=str(problem), stays=self.current.version)

    def _say_doubts(self) -> None:
        for doubt in self.current.warnings:
            log.warning("the alerting file is hardly meant so", doubt=str(doubt))
        for gap in gaps(self.current, self._clock()):
            log.warning("nobody is on duty", gap=gap)

    def _bytes(self) -> bytes | None:
        """What the file says; None when it cannot be read."""
        try:
            return self.path.read_bytes()
        except OSError:
            return None

    async def _settled(self) -> None:
        last = self._bytes()
        while True:
            await asyncio.sleep(SETTLED_SECONDS)
            before, last = last, self._bytes()
            if before == last:
                return
