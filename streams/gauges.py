"""The gauges that are read from the database: open alerts, waiting messages, feeds, versions. Set every few seconds."""

import asyncio
from contextlib import suppress
from datetime import UTC, datetime

from sqlalchemy import Connection, Engine, func, select
from sqlalchemy.exc import DBAPIError

from alerting.database import reading
from alerting.delivery import heartbeat
from alerting.tables import alert, outbox
from risk_rules.findings import Severity
from streams import metrics
from streams.feeds import least_trust
from streams.intake.gate import stopped_feeds
from streams.ledger.judging_tables import shadow_tally
from streams.ledger.tables import feed
from streams.rulebooks.store import in_force

SAMPLE_EVERY_SECONDS = 10.0
WAITING = ("pending", "leased", "unknown", "failed")


def sample(connection: Connection, at: datetime) -> None:
    """Set them once. `at` is the time that ages are counted to."""
    counted = select(alert.c.kind, alert.c.severity, func.count()).where(alert.c.state == "open")
    metrics.alerts_open.clear()  # a kind with no open alert left has no row here
    for kind, severity, number in connection.execute(counted.group_by(alert.c.kind, alert.c.severity)):
        metrics.alerts_open.labels(kind, Severity(severity).name.lower()).set(number)
    waiting = select(func.count(), func.min(outbox.c.created_at)).where(outbox.c.state.in_(WAITING))
    depth, oldest = connection.execute(waiting).one()
    metrics.outbox_depth.set(depth)
    metrics.outbox_oldest.set(0 if oldest is None else max((at - oldest).total_seconds(), 0))
    for gauge, reached in zip(
        (metrics.heartbeat_counted, metrics.heartbeat_delivered), heartbeat.reached(connection), strict=True
    ):
        gauge.set(0 if reached is None else reached.timestamp())
    versions = in_force(connection)
    metrics.rulebook.info({"version": versions.live or "", "shadow": versions.shadow or ""})
    _sample_shadow(connection, versions.shadow)
    metrics.intake_stopped.clear()
    for stopped in stopped_feeds(connection):
        metrics.intake_stopped.labels(stopped.partner).set(1)
    for partner, site, last_event_at in connection.execute(select(feed.c.partner, feed.c.site, feed.c.last_event_at)):
        metrics.feed_age.labels(partner, site).set((at - last_event_at).total_seconds())
    for partner, trust in least_trust(connection).items():
        metrics.feed_trust.labels(partner).set(trust)


def _sample_shadow(connection: Connection, version: str | None) -> None:
    """Of the shadow in force; without one there is nothing to show."""
    for gauge in (metrics.shadow_raised, metrics.shadow_open):
        gauge.clear()
    of = shadow_tally.c
    sums = select(of.kind, of.severity, func.sum(of.raised), func.sum(of.standing)).where(of.version == version)
    for kind, severity, raised, standing in connection.execute(sums.group_by(of.kind, of.severity)):
        metrics.shadow_raised.labels(kind, severity).set(raised)
        metrics.shadow_open.labels(kind, severity).set(standing)


async def keep_sampling(engine: Engine) -> None:
    """Set them every few seconds until cancelled. While the database is away the last figures stand."""
    while True:
        with suppress(DBAPIError):  # `bellwether_database_up` tells
            await asyncio.to_thread(_sample_now, engine)
        await asyncio.sleep(SAMPLE_EVERY_SECONDS)


def _sample_now(engine: Engine) -> None:
    with reading(engine) as connection:
        sample(connection, datetime.now(UTC))
