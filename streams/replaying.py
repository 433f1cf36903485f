"""Runs a file of a partner through the service, on the stream's clock, and counts what came of it."""

import asyncio
from collections.abc import Iterable, Mapping
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from sqlalchemy import Connection, Engine, Select, func, select

from alerting.database import reading
from alerting.tables import alert
from streams import replay
from streams.feed_choice import chosen_feed, profile_named
from streams.feeder import Feeder
from streams.intake.admission import Feed
from streams.intake.agent import producer
from streams.intake.feed_record import FeedRecord
from streams.intake.profile import network_of
from streams.ledger.tables import shipment, stream_position
from streams.network.load import load
from streams.service import Service
from streams.settings import EMBEDDED, Settings, SettingsError


class Replayed(msgspec.Struct, frozen=True, kw_only=True):
    """What `bellwether replay --json` prints. All but the first three are of the whole database after the replay.

    `late`: shipments that were received after the time they were planned for; `rejected`: rows by reason.
    """

    rows: int
    accepted: int
    rejected: Mapping[str, int]
    events: int
    shipments: int
    late: int
    alerts: int


async def replayed(
    file: Path, name: str, settings: Settings, progress: replay.Progress, feed_name: str | None = None
) -> Replayed:
    """Replay the file by the profile of the partner `name` (one that ships or is set), or by that in the file `name`.

    `feed_name` is needed where several of its feeds fit. Raises DocumentError, SettingsError, and `Refusal` for a file that
    cannot be read at all.
    """
    profile, folders = profile_named(name, settings)
    feed = chosen_feed(profile, file.name, feed_name)
    partner = profile.partner
    network_file = settings.network or _shipped_network(partner)
    network = load(network_file)
    own = Feed(partner, frozenset(site.code for site in network.sites.values() if site.partner == partner))
    content = await asyncio.to_thread(file.read_bytes)
    planned = await asyncio.to_thread(replay.plan, content, feed, own, datetime.now(UTC), file.name)
    told = settings.model_copy(
        update={"network": network_file, "profiles": folders, "clock": "stream", "kafka": EMBEDDED, "http_port": 0}
    )
    async with AsyncExitStack() as stack:
        service = Service(told)
        stack.push_async_callback(service.stop)
        await service.start()
        sender = producer(service.bootstrap, {}, idempotent=False)
        await sender.start()
        stack.push_async_callback(sender.stop)
        feeder = Feeder(sender, service.vitals.positions, partitions=told.partitions)

        async def publish(to: str, records: Iterable[FeedRecord]) -> None:
            await feeder.send((to, record.headers, record.key, record.value) for record in records)

        await replay.replay(planned, feed, publish=publish, progress=progress)
        await feeder.through_intake()
        if planned.ends_at is not None:
            await feeder.tick(planned.ends_at)
            await feeder.until_counted()
        return await asyncio.to_thread(_counted, service.engine, planned)


def _shipped_network(partner: str) -> Path:
    path = network_of(partner)
    if path is None:
        raise SettingsError([f"no network knows the partner {partner!r}: set BELLWETHER_NETWORK to a network file"])
    return path


def _counted(engine: Engine, planned: replay.Plan) -> Replayed:
    with reading(engine) as connection:
        late = shipment.c.received_at > shipment.c.planned_arrival
        return Replayed(
            rows=planned.rows,
            accepted=planned.accepted,
            rejected=planned.refused_by_reason,
            events=int(_one(connection, select(func.coalesce(func.sum(stream_position.c.counted), 0)))),
            shipments=_one(connection, select(func.count()).select_from(shipment)),
            late=_one(connection, select(func.count()).select_from(shipment).where(late)),
            alerts=_one(connection, select(func.count()).select_from(alert)),
        )


def _one(connection: Connection, query: Select[int]) -> int:
    return connection.execute(query).scalar_one()
