"""Signs where the chains of the audit trail end, every few minutes and at a clean stop; the checkpoints lie elsewhere."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from socket import gethostname

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from alerting.audit.chain import put_key_in_force
from alerting.audit.checkpoint import CheckpointFault
from alerting.audit.checkpoint_store import CheckpointStore, store_at
from alerting.audit.checkpointing import TrailBrokenError, next_checkpoint
from alerting.audit.keys import KeyFault, PublicKey, SigningKey
from streams import metrics
from streams.settings import Settings, SettingsError

log = structlog.get_logger(__name__)


def signing_key(settings: Settings) -> SigningKey | None:
    """The key of this instance, from a file or the environment; None where it has none. Raises SettingsError."""
    try:
        if settings.audit_key_file is not None:
            return SigningKey.read(_read(settings.audit_key_file), str(settings.audit_key_file))
        if settings.audit_key is not None:
            return SigningKey.read(settings.audit_key.get_secret_value().encode(), "audit_key")
    except KeyFault as fault:
        raise SettingsError([str(fault)]) from None
    return None


def public_keys(settings: Settings, *more: Path) -> dict[str, PublicKey]:
    """The keys whose checkpoints are trusted, by id: that of this instance and those before it. Raises SettingsError."""
    ours = signing_key(settings)
    keys = [] if ours is None else [ours.public]
    for path in (*settings.audit_public_keys, *more):
        try:
            keys.append(PublicKey.read(_read(path), str(path)))
        except KeyFault as fault:
            raise SettingsError([str(fault)]) from None
    return {key.id: key for key in keys}


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise SettingsError([f"{path}: this key cannot be read: {error.strerror}"]) from None


class Checkpoints:
    """The checkpoints of one worker. While the trail is not what the last one vouched for, it signs nothing and says so:
    the warnings of the service go on, whatever happened to its records."""

    def __init__(
        self, engine: Engine, store: CheckpointStore, key: SigningKey, keys: dict[str, PublicKey],
        clock: Callable[[], datetime], *, writer: str, every_seconds: float,
    ) -> None:  # fmt: skip
        self._engine = engine
        self._store = store
        self._key = key
        self._keys = keys
        self._clock = clock
        self._writer = writer
        self._every_seconds = every_seconds

    async def begin(self) -> None:
        """Say in the trail which key signs from now on; before any part writes entries that name it."""
        await asyncio.to_thread(self._begin)

    async def run(self) -> None:
        """Make one at once and then every so often, until cancelled."""
        while True:
            await self.make()
            await asyncio.sleep(self._every_seconds)

    async def make(self) -> None:
        """Make one, if anything was written since the last. What stands in the way goes to the log and the metrics."""
        try:
            await asyncio.to_thread(self._make)
        except TrailBrokenError as broken:
            metrics.audit_changed.set(1)
            for fault in broken.faults:
                log.error("the audit trail was changed; no checkpoint is signed", fault=str(fault))
        except CheckpointFault as fault:
            metrics.audit_changed.set(1)
            log.error(
                "the last checkpoint is not ours; no other is signed", path=str(self._store.path), fault=str(fault)
            )
        except (DBAPIError, OSError) as away:
            log.warning("the checkpoint of the audit trail waits", error=str(away)[:300])

    def _begin(self) -> None:
        with self._engine.begin() as connection:
            put_key_in_force(connection, self._key.public.id, self._writer, self._clock())

    def _make(self) -> None:
        at = self._clock()
        made = next_checkpoint(self._engine, self._store, self._key, self._keys, at, self._writer)
        metrics.audit_changed.set(0)
        metrics.audit_checkpoint_time.set(at.timestamp())
        if made is not None:
            log.info(
                "the audit trail has a checkpoint", number=made.said.number, hash=made.hash, path=str(self._store.path)
            )


def checkpoints_of(settings: Settings, engine: Engine) -> Checkpoints | None:
    """What makes the checkpoints that the settings ask for; None where they ask for none. Raises SettingsError."""
    key = signing_key(settings)
    if key is None and settings.audit_checkpoints is None:
        return None
    if key is None or settings.audit_checkpoints is None:
        raise SettingsError(
            ["audit_checkpoints and a key (audit_key_file, or audit_key) go together: name both or neither"]
        )
    return Checkpoints(
        engine, store_at(settings.audit_checkpoints), key, public_keys(settings), lambda: datetime.now(UTC),
        writer=f"{settings.instance}/{settings.worker or gethostname()}",
        every_seconds=settings.audit_checkpoint_minutes * 60,
    )  # fmt: skip
