"""Dropped files: `<folder>/<partner>/*`, each taken once, never half-written, its records put on the partner's topic.

A file is taken when it has not changed for a while. Names that end in `.tmp` or begin with a dot are left alone, so a
partner that writes under such a name and renames is safe however slowly it writes. What was taken lies in `done/`
beside it, what could not be taken in `refused/` with the reason in a file of its own.
"""

import asyncio
import hashlib
import os
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from fnmatch import fnmatch
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import structlog
from aiokafka.errors import KafkaError
from sqlalchemy import Engine, insert, select
from sqlalchemy.exc import SQLAlchemyError
from watchfiles import awatch  # pyright: ignore[reportUnknownVariableType]

from alerting.database import reading
from streams.intake.feed_record import FeedRecord
from streams.intake.profile import PartnerFeed, Profile
from streams.intake.publishing import Publish
from streams.intake.refusal import Refusal
from streams.intake.tables import intake_file

SETTLED_SECONDS = 2.0
LOOK_EVERY_SECONDS = 5.0
STEP_MS = 50
"""Changes that follow each other within so long are looked at together."""
LARGEST_FILE = 256 * 1024 * 1024
RECORDS_AT_A_TIME = 1000
DONE, REFUSED = "done", "refused"

log: Any = structlog.get_logger(__name__)


class Seen(NamedTuple):
    """A file as it was when it was first seen like this; `since` by the monotonic clock, in seconds."""

    size: int
    changed_ns: int
    since: float


class Taken(NamedTuple):
    """What became of a file. `refused` says why it could not be taken; `again`: it was taken before."""

    path: Path
    rows: int
    again: bool = False
    refused: str | None = None


class DropFolder:
    """Watches a folder. `profiles` is asked at each file, `clock` for the time it is noted under."""

    def __init__(
        self,
        folder: Path,
        engine: Engine,
        *,
        profiles: Callable[[], Mapping[str, Profile]],
        publish: Publish,
        clock: Callable[[], datetime],
        settled_seconds: float = SETTLED_SECONDS,
    ) -> None:
        self._folder = folder
        self._engine = engine
        self._profiles = profiles
        self._publish = publish
        self._clock = clock
        self._settled_seconds = settled_seconds
        self._seen: dict[Path, Seen] = {}

    async def run(self, stop: asyncio.Event) -> None:
        """Takes files until `stop` is set. While the database or the broker is away, files wait where they are."""
        wait = max(1, int(1000 * min(LOOK_EVERY_SECONDS, self._settled_seconds)))
        step = min(STEP_MS, wait)
        async for _ in awatch(self._folder, stop_event=stop, rust_timeout=wait, step=step, yield_on_timeout=True):
            try:
                await self.look(time.monotonic())
            except (OSError, SQLAlchemyError, KafkaError) as fault:
                log.warning("dropped files wait", folder=str(self._folder), reason=type(fault).__name__)

    async def look(self, now: float) -> list[Taken]:
        """Takes every file that is settled at `now` (monotonic seconds), oldest first."""
        ready = self._settled(now)
        return [await self._take(path) for path in ready]

    def _settled(self, now: float) -> list[Path]:
        seen: dict[Path, Seen] = {}
        for path, status in _candidates(self._folder):
            before = self._seen.get(path)
            same = before is not None and (before.size, before.changed_ns) == (status.st_size, status.st_mtime_ns)
            seen[path] = before if before is not None and same else Seen(status.st_size, status.st_mtime_ns, now)
        self._seen = seen
        ready = [(one.changed_ns, path) for path, one in seen.items() if now - one.since >= self._settled_seconds]
        return [path for _, path in sorted(ready)]

    async def _take(self, path: Path) -> Taken:
        partner = path.parent.name
        feed = feed_for(path.name, self._profiles().get(partner))
        if feed is None:
            return _refuse(path, f"No feed of the partner {partner} takes files named {path.name}")
        size = self._seen[path].size
        if size > LARGEST_FILE:
            return _refuse(path, f"The file has {size} bytes; at most {LARGEST_FILE} are taken: split it")
        content = await asyncio.to_thread(path.read_bytes)
        digest = hashlib.sha256(content).hexdigest()
        if await asyncio.to_thread(self._was_taken, partner, digest):
            return Taken(_move(path, DONE, digest), 0, again=True)
        try:
            rows = await self._publish_records(content, path.name, feed)
        except Refusal as refusal:
            return _refuse(path, str(refusal))
        note = {
            "partner": partner,
            "sha256": digest,
            "name": path.name[:500],
            "profile": feed.name,
            "bytes": size,
            "rows": rows,
            "taken_at": self._clock(),
        }
        # Killed before this, the file is taken again, and the ledger drops its events as repeats.
        await asyncio.to_thread(self._note, note)
        return Taken(_move(path, DONE, digest), rows)

    async def _publish_records(self, content: bytes, name: str, feed: PartnerFeed) -> int:
        records = iter(feed.format.records(content, feed.said, feed=feed.name, file=name))
        count = 0
        while some := await asyncio.to_thread(_next, records):
            await self._publish(feed.partner, some)
            count += len(some)
        return count

    def _was_taken(self, partner: str, digest: str) -> bool:
        wanted = (intake_file.c.partner == partner) & (intake_file.c.sha256 == digest)
        with reading(self._engine) as connection:
            return connection.execute(select(intake_file.c.sha256).where(wanted)).first() is not None

    def _note(self, note: Mapping[str, Any]) -> None:
        with self._engine.begin() as connection:
            connection.execute(insert(intake_file).values(**note))


def _candidates(folder: Path) -> Iterator[tuple[Path, os.stat_result]]:
    """The files that might be taken. No links: one could name another partner's file."""
    for partner in sorted(folder.iterdir()):
        if not partner.is_dir() or partner.name.startswith("."):
            continue
        for path in sorted(partner.iterdir()):
            if path.suffix.lower() == ".tmp" or path.name.startswith(".") or path.is_symlink() or not path.is_file():
                continue
            yield path, path.stat()


def _next(records: Iterator[FeedRecord]) -> list[FeedRecord]:
    return list(islice(records, RECORDS_AT_A_TIME))


def feed_for(name: str, profile: Profile | None) -> PartnerFeed | None:
    """The partner's feed for dropped files of this name: the first in the profile, where several fit."""
    feeds = () if profile is None else profile.feeds.values()
    for feed in feeds:
        said = feed.said
        if said.transport == "files" and said.files is not None and fnmatch(name, said.files):
            return feed
    return None


def _refuse(path: Path, reason: str) -> Taken:
    moved = _move(path, REFUSED, hashlib.sha256(reason.encode()).hexdigest())
    moved.with_name(f"{moved.name}.reason.txt").write_text(f"{reason}\n", encoding="utf-8")
    log.warning("dropped file refused", file=str(moved), reason=reason)
    return Taken(moved, 0, refused=reason)


def _move(path: Path, where: str, digest: str) -> Path:
    """Into a folder beside it; under a name of its own where an older file has the same."""
    folder = path.parent / where
    folder.mkdir(exist_ok=True)
    target = folder / path.name
    if target.exists():
        target = folder / f"{path.stem}.{digest[:12]}{path.suffix}"
    return path.replace(target)
