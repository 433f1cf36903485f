"""The partners' profiles that are in force: they follow their files, and never take a wrong one."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from threading import Lock
from typing import Final

import structlog
from watchfiles import awatch  # pyright: ignore[reportUnknownVariableType]

from risk_rules.problems import DocumentError, Problem
from streams.intake.profile import Profile, files_in, load, load_all, second_file

SETTLED_SECONDS: Final = 0.2
"""Files that say the same for so long are no longer being written."""

POLL_MILLISECONDS: Final = 5_000

log = structlog.stdlib.get_logger()

Said = Mapping[Path, bytes | None]


class Result(StrEnum):
    """What became of a look at the files."""

    SWITCHED = "switched"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


Tally = Callable[[Result], None]
"""Told of each look."""


class ProfileSource:
    """`current` has the newest good profile of each partner, of those that ship and of the YAML files in `folders`.

    A wrong file changes nothing for its partner, and does not hold up what changes of another.
    """

    def __init__(self, folders: Sequence[Path], tally: Tally) -> None:
        """Raises `DocumentError` when any file is wrong at the start."""
        self._folders = tuple(folders)
        self._tally = tally
        self._one_at_a_time = Lock()
        self._looked_at = self._said()
        self.problems: tuple[Problem, ...] = ()
        """What is wrong with the files as they stand now."""
        self.current: Mapping[str, Profile] = load_all(folders)
        tally(Result.SWITCHED)

    def reload(self) -> Result:
        """Read the files again. What is good of them takes the old one's place; what is wrong is refused and logged."""
        with self._one_at_a_time:
            self._looked_at = self._said()
            result = self._look()
            self._tally(result)
            return result

    async def follow(self) -> None:
        """Reload whenever a file changes, until cancelled. Every few seconds too: not every file system tells of changes."""
        folders = [folder.resolve() for folder in self._folders if folder.is_dir()]
        if not folders:
            await asyncio.Event().wait()
        async for _ in awatch(*folders, recursive=False, rust_timeout=POLL_MILLISECONDS, yield_on_timeout=True):
            if self._said() != self._looked_at:
                await self._settled()
                await asyncio.to_thread(self.reload)

    def _look(self) -> Result:
        fresh, problems = self._read()
        self.problems = tuple(problems)
        for problem in problems:
            log.error("a changed partner profile is refused; what was in force stays", problem=str(problem))
        partners = {*fresh, *self.current}
        changed = sorted(name for name in partners if _said_by(fresh.get(name)) != _said_by(self.current.get(name)))
        if changed:
            log.info("other partner profiles are in force", partners=changed)
            self.current = fresh
        return Result.REFUSED if problems else Result.SWITCHED if changed else Result.UNCHANGED

    def _read(self) -> tuple[dict[str, Profile], list[Problem]]:
        """The profiles to be in force: those in the files, and the one before in place of a wrong one."""
        found: dict[str, Profile] = {}
        problems: list[Problem] = []
        before = {one.file: one for one in self.current.values()}
        for path in files_in(self._folders):
            try:
                profile = load(path)
            except DocumentError as error:
                problems.extend(error.problems)
                profile = before.get(str(path))
                if profile is None:
                    continue
            if second := list(second_file(found, profile, path)):
                problems.extend(second)
            else:
                found[profile.partner] = profile
        return found, problems

    def _said(self) -> Said:
        return {path: _bytes(path) for path in files_in(self._folders)}

    async def _settled(self) -> None:
        last = self._said()
        while True:
            await asyncio.sleep(SETTLED_SECONDS)
            before, last = last, self._said()
            if before == last:
                return


def _said_by(profile: Profile | None) -> object:
    return None if profile is None else (profile.said, profile.file)


def _bytes(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None
