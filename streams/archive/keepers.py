"""The role `archive`: a keeper for what came, one for the links of what came of it, and what metrics say of both."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta

from streams import metrics
from streams.archive.entries import LINKS, RAW, link_entry, raw_entry
from streams.archive.keeping import Keeper, Patience
from streams.archive.place import Archive
from streams.archive.segment import SegmentName
from streams.lanes import Agent, Partition
from streams.roles import Role
from streams.settings import Settings, SettingsError
from streams.topics import EVENTS_TOPIC, inbound

MEGABYTE = 1024 * 1024


class Keepers:
    """The agents of the role by topic. Also watches their lanes: what is read but not stored counts as lag."""

    def __init__(self, settings: Settings, partners: Iterable[str], topic_id: Callable[[str], Awaitable[str]]) -> None:
        archive = archive_of(settings)
        patience = Patience(settings.archive_megabytes * MEGABYTE, timedelta(minutes=settings.archive_minutes))

        def clock() -> datetime:
            return datetime.now(UTC)

        raw = Keeper(archive, RAW, raw_entry, patience=patience, topic_id=topic_id, clock=clock, stored=_stored)
        links = Keeper(archive, LINKS, link_entry, patience=patience, topic_id=topic_id, clock=clock, stored=_stored)
        self._keepers = {**{inbound(partner): raw for partner in partners}, EVENTS_TOPIC: links}
        self.agents: Mapping[str, Agent] = self._keepers

    def moved(self, partition: Partition, next_offset: int, lag: int) -> None:
        waiting = self._keepers[partition.topic].waiting(partition)
        metrics.archive_lag.labels(partition.topic, partition.number).set(lag + waiting)

    def failed(self, partition: Partition, error: Exception) -> None:
        metrics.archive_failures.labels(partition.topic).inc()


def keepers_for(
    settings: Settings, roles: frozenset[Role], partners: Iterable[str], topic_id: Callable[[str], Awaitable[str]]
) -> Keepers | None:
    """None where these roles write no archive. Raises SettingsError where they do nothing else, and there is none."""
    wanted = Role.ARCHIVE in roles and (settings.archive is not None or roles == frozenset({Role.ARCHIVE}))
    return Keepers(settings, partners, topic_id) if wanted else None


def archive_of(settings: Settings) -> Archive:
    """The archive that the settings name. Raises SettingsError where they name none, or one of an unknown kind."""
    if settings.archive is None:
        raise SettingsError(["archive: there is none; set BELLWETHER_ARCHIVE to a folder, or to s3://bucket/prefix"])
    try:
        return Archive(settings.archive)
    except (ImportError, ValueError) as error:  # fsspec knows the kind but its plug-in is missing, or does not know it
        raise SettingsError([f"archive: {settings.archive} cannot be used: {error}"]) from error


def _stored(partition: Partition, name: SegmentName, entries: int, packed_bytes: int) -> None:
    metrics.archive_entries.labels(partition.topic).inc(entries)
    metrics.archive_bytes.labels(partition.topic).inc(packed_bytes)
    metrics.archive_until.labels(partition.topic, partition.number).set(name.end.timestamp())
