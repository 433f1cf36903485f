"""Follows the files of a rulebook: a change is read, checked, tested and put in force, or refused with an alert."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from enum import StrEnum
from threading import Lock
from typing import Final

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError
from watchfiles import awatch  # pyright: ignore[reportUnknownVariableType]

from risk_rules.problems import DocumentError, Problem
from risk_rules.rulebook import Rulebook
from streams.rulebooks import refusal
from streams.rulebooks.files import RulebookFiles
from streams.rulebooks.store import Change, Part, alone, in_force, put_in_force

SETTLED_SECONDS: Final = 0.2
"""Files that say the same for so long are no longer being written."""

POLL_MILLISECONDS: Final = 5_000

RETRY_SECONDS: Final = 2.0
"""Between two tries while the database is away."""

log = structlog.get_logger(__name__)


class Result(StrEnum):
    """What became of a look at the files."""

    SWITCHED = "switched"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


Tally = Callable[[Part, Result, datetime], None]
"""Told of each look."""


class RulebookSource:
    """The files of one worker for one part. The database says what is in force; the files only propose.

    So all workers follow the same version whatever lies on their own disks, and the last change of any file wins.
    """

    def __init__(
        self,
        part: Part,
        files: RulebookFiles,
        engine: Engine,
        *,
        instance: str,
        worker: str,
        clock: Callable[[], datetime],
        tally: Tally,
    ) -> None:
        self.part = part
        self._files = files
        self._engine = engine
        self._instance = instance
        self._worker = worker
        self._clock = clock
        self._tally = tally
        self._looked_at: str | None = None
        self._one_at_a_time = Lock()

    def begin(self) -> None:
        """Propose what the files say at the start. Raises `DocumentError` if that is wrong and nothing is in force yet."""
        with self._one_at_a_time:
            self._look(self._files.fingerprint(), first=True)

    def reload(self) -> Result:
        """Look at the files again and propose what they say, also if they did not change. Raises what the database raises."""
        with self._one_at_a_time:
            return self._look(self._files.fingerprint())

    def reload_changed(self) -> Result:
        """The same, but only if they say something else than at the last look."""
        with self._one_at_a_time:
            fingerprint = self._files.fingerprint()
            return Result.UNCHANGED if fingerprint == self._looked_at else self._look(fingerprint)

    async def follow(self) -> None:
        """Look again whenever a file changes, until cancelled."""
        # Every few seconds without being told, too: not every file system tells of changes.
        async for _ in awatch(
            *self._files.folders, recursive=False, rust_timeout=POLL_MILLISECONDS, yield_on_timeout=True
        ):
            await self._settled()
            await self._until_done(self.reload_changed)

    async def ask_again(self) -> None:
        """`reload` beside other work, tried again while the database is away."""
        await self._until_done(self.reload)

    async def _until_done(self, look: Callable[[], Result]) -> None:
        while True:
            try:
                await asyncio.to_thread(look)
            except DBAPIError as away:
                log.warning("the changed rulebook waits for the database", error=str(away.orig)[:300])
                await asyncio.sleep(RETRY_SECONDS)
            else:
                return

    async def _settled(self) -> None:
        last = self._files.fingerprint()
        while True:
            await asyncio.sleep(SETTLED_SECONDS)
            before, last = last, self._files.fingerprint()
            if before == last:
                return

    def _look(self, fingerprint: str, *, first: bool = False) -> Result:
        at = self._clock()
        try:
            book = self._files.checked() if self._files.paths else None
        except DocumentError as error:
            self._refuse(error, fingerprint, at, first=first)
            result = Result.REFUSED
        else:
            result = self._propose(book, at)
        self._looked_at = fingerprint
        self._tally(self.part, result, at)
        return result

    def _propose(self, book: Rulebook | None, at: datetime) -> Result:
        with self._engine.begin() as connection:
            change = put_in_force(connection, self.part, book, self._worker, at)
            standing = in_force(connection).of(self.part) or "none"
            refusal.tell_in_order(connection, self.part, self._instance, standing, at)
        if change is None:
            return Result.UNCHANGED
        _log(change)
        return Result.SWITCHED

    def _refuse(self, error: DocumentError, fingerprint: str, at: datetime, *, first: bool) -> None:
        with self._engine.begin() as connection:
            alone(connection)
            standing = in_force(connection).of(self.part)
            if standing is None and first and self.part is Part.LIVE:
                raise error
            subject = refusal.about(f"{self.part.value}/{fingerprint}", self._instance)
            refusal.tell_refused(connection, subject, error.problems, standing or "none", at)
        _log_refused(self.part, error.problems, standing)


def _log(change: Change) -> None:
    log.info("another rulebook is in force", part=change.part.value, version=change.version, before=change.before,
             author=change.author, reason=change.reason)  # fmt: skip


def _log_refused(part: Part, problems: Sequence[Problem], standing: str | None) -> None:
    for problem in problems:
        log.error("the changed rulebook is refused", part=part.value, problem=str(problem), stays=standing)
