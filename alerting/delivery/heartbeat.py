"""The heartbeat: an event that goes the whole way from the stream to a chat, as the proof that messages arrive.

The intake sends one to each partition of the stream. The ledger of a partition keeps the last that it counted. When one has
come through all partitions, it goes to the configured receiver as a message; the last that arrived there is kept, too.
Nothing of it is late: a heartbeat older than its interval proves nothing, and is not told.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Table, select
from sqlalchemy.dialects import postgresql, sqlite

from alerting.alerts import identity
from alerting.delivery.directory import Directory
from alerting.delivery.outbox import Claim, Kind, State
from alerting.tables import heartbeat, outbox
from alerting.wording import notices
from risk_rules.findings import Severity

CHAT = -1
"""In the place of a partition: the receiver."""
_START = datetime(2000, 1, 1, tzinfo=UTC)
"""A heartbeat's number in its thread is the seconds since then."""


def count(connection: Connection, partition: int, partitions: int, beat_at: datetime, now: datetime) -> None:
    """Keep that a heartbeat came through a partition, one of so many."""
    row = {"partition": partition, "partitions": partitions, "beat_at": beat_at, "counted_at": now}
    changed = {name: row[name] for name in ("partitions", "beat_at", "counted_at")}
    of = heartbeat.c
    statement = _insert(connection, heartbeat).values(row)
    newer = of.beat_at < beat_at
    connection.execute(statement.on_conflict_do_update(index_elements=[of.partition], set_=changed, where=newer))


def arrived(connection: Connection, claim: Claim, now: datetime) -> None:
    """Keep that the message of a heartbeat was accepted."""
    count(connection, CHAT, 0, _START + timedelta(seconds=claim.number), now)


def reached(connection: Connection) -> tuple[datetime | None, datetime | None]:
    """The last heartbeat that came through all partitions, and the last that arrived; None: none so far."""
    of = heartbeat.c
    rows = {row.partition: row for row in connection.execute(select(of.partition, of.partitions, of.beat_at))}
    chat = rows.pop(CHAT, None)
    through = [row.beat_at for row in rows.values()]
    all_of_them = max((row.partitions for row in rows.values()), default=0)
    ledger = min(through) if through and len(through) >= all_of_them else None
    return ledger, None if chat is None else chat.beat_at


def tell(connection: Connection, directory: Directory, now: datetime) -> None:
    """Write the message of the last heartbeat that came through all partitions, unless somebody has."""
    wanted = directory.heartbeat
    known = None if wanted is None else directory.receivers.get(wanted.receiver)
    if wanted is None or known is None:
        return
    beat_at, _ = reached(connection)
    if beat_at is None or now - beat_at > wanted.every:
        return
    told = notices.heartbeat(beat_at, known.reader)
    row: dict[str, Any] = {
        "id": identity("heartbeat", wanted.receiver, beat_at.isoformat()), "kind": Kind.HEARTBEAT.value,
        "thread": identity("thread", "heartbeat", wanted.receiver), "number": int((beat_at - _START).total_seconds()),
        "transition": "heartbeat", "receiver": wanted.receiver, "contact": known.contacts[0], "fallbacks": [],
        "severity": Severity.WATCH.value, "title": told.title, "body": told.body, "state": State.PENDING.value,
        "created_at": now, "next_attempt_at": now,
    }  # fmt: skip
    connection.execute(_insert(connection, outbox).values(row).on_conflict_do_nothing())


def _insert(connection: Connection, table: Table) -> postgresql.Insert | sqlite.Insert:
    return postgresql.insert(table) if connection.dialect.name == "postgresql" else sqlite.insert(table)
