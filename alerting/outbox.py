"""The messages that wait: claimed by lease, marked with a fence, so that two dispatchers never send one at once."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import (
    ColumnElement,
    Connection,
    Table,
    and_,
    bindparam,
    case,
    exists,
    literal,
    or_,
    select,
    update,
)

from alerting.alerts import State as AlertState
from alerting.alerts import Transition
from alerting.tables import alert, outbox
from alerting.texts import Message
from risk_rules.findings import Severity


class State(StrEnum):
    """Of a message. The first four wait for a dispatcher, the others are the end of it."""

    PENDING = "pending"
    LEASED = "leased"
    UNKNOWN = "unknown"
    FAILED = "failed"
    SENT = "sent"
    DEAD = "dead"
    CANCELLED = "cancelled"


WAITING = (State.PENDING.value, State.LEASED.value, State.UNKNOWN.value, State.FAILED.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A message that is ours until the lease ends. `attempts` counts this one."""

    id: str
    fence: int
    alert_id: str
    number: int
    transition: Transition
    receiver: str
    severity: Severity
    message: Message
    attempts: int
    possible_repeat: bool
    since: datetime


@dataclass(frozen=True, slots=True)
class Mark:
    """What became of a claim. `again_at` is when it may be tried again, or when its state was reached."""

    claim: Claim
    state: State
    at: datetime
    again_at: datetime
    attempts: int
    possible_repeat: bool
    result: str
    channel: str | None


def receivers_waiting(connection: Connection, now: datetime) -> set[str]:
    """The names of the receivers with messages that may be claimed now."""
    return set(connection.execute(select(outbox.c.receiver).where(_due(outbox, now)).distinct()).scalars())


def claim(connection: Connection, receiver: str, most: int, now: datetime, lease: timedelta) -> list[Claim]:
    """Claim up to `most` messages of a receiver, oldest first, for the time of the lease. Commit before sending.

    One statement, so that each message is claimed once whoever else is claiming. A message waits for the earlier ones
    about the same alert, or people would hear of the end before the beginning. A lease that ran out belonged to a
    dispatcher that was lost while it may have been sending.
    """
    earlier = outbox.alias("earlier")
    unheard = exists().where(
        earlier.c.alert_id == outbox.c.alert_id,
        earlier.c.receiver == outbox.c.receiver,
        earlier.c.number < outbox.c.number,
        earlier.c.state.in_(WAITING),
    )
    due = select(outbox.c.id).where(outbox.c.receiver == receiver, _due(outbox, now), ~unheard)
    due = due.order_by(outbox.c.next_attempt_at, outbox.c.id).limit(most).with_for_update(skip_locked=True)
    chosen = due.cte("chosen")  # as a CTE it runs once; PostgreSQL may run a plain subquery again and lock more
    taken = (
        update(outbox)
        .where(outbox.c.id.in_(select(chosen.c.id)))
        .values(
            state=State.LEASED.value,
            next_attempt_at=now + lease,
            attempts=outbox.c.attempts + 1,
            fence=outbox.c.fence + 1,
            possible_repeat=case(
                (outbox.c.state.in_((State.LEASED.value, State.UNKNOWN.value)), literal(True)),
                else_=outbox.c.possible_repeat,
            ),
        )
        .returning(outbox)
    )
    rows = connection.execute(taken).mappings().all()
    claims = [
        Claim(
            id=row["id"], fence=row["fence"], alert_id=row["alert_id"], number=row["number"],
            transition=Transition(row["transition"]), receiver=row["receiver"], severity=Severity(row["severity"]),
            message=Message(row["title"], row["body"]), attempts=row["attempts"],
            possible_repeat=row["possible_repeat"], since=row["event_at"] or row["created_at"],
        )
        for row in rows
    ]  # fmt: skip
    return sorted(claims, key=lambda one: (one.since, one.number, one.id))


def no_longer_needed(connection: Connection, claims: Sequence[Claim]) -> set[str]:
    """The ids of claims that nobody needs to hear of any more.

    News of an alert that was resolved before anybody could hear it, and the end of an alert that nobody heard of.
    """
    if not claims:
        return set()
    mine = outbox.c.id.in_([one.id for one in claims])
    earlier = outbox.alias("earlier")
    heard = exists().where(
        earlier.c.alert_id == outbox.c.alert_id,
        earlier.c.receiver == outbox.c.receiver,
        earlier.c.number < outbox.c.number,
        or_(earlier.c.state == State.SENT.value, earlier.c.possible_repeat),
    )
    ended = exists().where(alert.c.id == outbox.c.alert_id, alert.c.state == AlertState.RESOLVED.value)
    is_end = outbox.c.transition == Transition.RESOLVED.value
    needless = or_(and_(is_end, ~heard), and_(~is_end, ended, ~outbox.c.possible_repeat))
    return set(connection.execute(select(outbox.c.id).where(mine, needless)).scalars())


def mark(connection: Connection, marks: Collection[Mark]) -> int:
    """Write down what became of claims; how many were still ours. A claim whose lease was lost is left alone."""
    statement = (
        update(outbox)
        .where(
            outbox.c.id == bindparam("of_id"),
            outbox.c.fence == bindparam("of_fence"),
            outbox.c.state == State.LEASED.value,
        )
        .values(
            state=bindparam("state"),
            next_attempt_at=bindparam("next_attempt_at"),
            attempts=bindparam("attempts"),
            possible_repeat=bindparam("possible_repeat"),
            sent_at=bindparam("sent_at"),
            result=bindparam("result"),
            channel=bindparam("channel"),
        )
    )
    return connection.execute(statement, [_columns(one) for one in marks]).rowcount


def _columns(one: Mark) -> dict[str, object]:
    return {
        "of_id": one.claim.id,
        "of_fence": one.claim.fence,
        "state": one.state.value,
        "next_attempt_at": one.again_at,
        "attempts": one.attempts,
        "possible_repeat": one.possible_repeat,
        "sent_at": one.at if one.state is State.SENT else None,
        "result": one.result,
        "channel": one.channel,
    }


def _due(table: Table, now: datetime) -> ColumnElement[bool]:
    return and_(table.c.state.in_(WAITING), table.c.next_attempt_at <= now)
