"""How an instance stands: its positions, open alerts, messages and feeds, as the database and Kafka tell."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime

import msgspec
from sqlalchemy import Connection, func, select

from alerting.tables import alert, outbox
from risk_rules.findings import Severity
from streams.ledger.tables import feed, stream_position


class Position(msgspec.Struct, frozen=True, kw_only=True):
    """How far a partition was handled. `lag` in records; None where Kafka was not asked."""

    topic: str
    partition: int
    next_offset: int
    lag: int | None
    counted: int
    repeated: int
    refused: int
    moved_at: datetime


class OpenAlert(msgspec.Struct, frozen=True, kw_only=True):
    severity: str
    kind: str
    subject: str
    summary: str
    opened_at: datetime


class Feed(msgspec.Struct, frozen=True, kw_only=True):
    partner: str
    site: str
    last_event_at: datetime


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """`alerts` by severity and `messages` by state are counts; `worst` are the most severe open alerts."""

    positions: tuple[Position, ...]
    alerts: Mapping[str, int]
    worst: tuple[OpenAlert, ...]
    messages: Mapping[str, int]
    feeds: tuple[Feed, ...]


EndOffsets = Mapping[tuple[str, int], int]
"""The offset after the last record, by topic id and partition."""


def read_status(connection: Connection, end_offsets: EndOffsets, *, worst: int = 10) -> Status:
    """The status as the database has it now."""
    opened = select(alert).where(alert.c.state == "open").order_by(alert.c.severity.desc(), alert.c.opened_at)
    severities = select(alert.c.severity, func.count()).where(alert.c.state == "open").group_by(alert.c.severity)
    counted: Counter[str] = Counter({severity_name(value): number for value, number in connection.execute(severities)})
    states = connection.execute(select(outbox.c.state, func.count()).group_by(outbox.c.state))
    return Status(
        positions=_positions(connection, end_offsets),
        alerts={severity.name.lower(): counted[severity.name.lower()] for severity in reversed(Severity)},
        worst=tuple(
            OpenAlert(
                severity=severity_name(row.severity),
                kind=row.kind,
                subject=f"{row.subject_kind} {row.subject_key}",
                summary=row.summary,
                opened_at=row.opened_at,
            )
            for row in connection.execute(opened.limit(worst))
        ),
        messages=dict(sorted(states.tuples())),
        feeds=tuple(
            Feed(partner=row.partner, site=row.site, last_event_at=row.last_event_at)
            for row in connection.execute(select(feed).order_by(feed.c.partner, feed.c.site))
        ),
    )


def _positions(connection: Connection, end_offsets: EndOffsets) -> tuple[Position, ...]:
    """Those of the topics as they are now; of topics that were deleted and made again the older are left out."""
    rows = connection.execute(
        select(stream_position).order_by(
            stream_position.c.topic, stream_position.c.partition, stream_position.c.moved_at
        )
    )
    newest = {(row.topic, row.partition): row for row in rows}
    return tuple(
        Position(
            topic=row.topic,
            partition=row.partition,
            next_offset=row.next_offset,
            lag=None if (end := end_offsets.get((row.topic_id, row.partition))) is None else end - row.next_offset,
            counted=row.counted,
            repeated=row.repeated,
            refused=row.refused,
            moved_at=row.moved_at,
        )
        for row in newest.values()
    )


def severity_name(value: int) -> str:
    """A severity's name as people read it."""
    return Severity(value).name.lower()
