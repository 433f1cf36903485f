"""The messages that wait: claimed by lease, marked with a fence, so that two dispatchers never send one at once."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    bindparam,
    case,
    exists,
    literal,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.sql.dml import ReturningUpdate

from alerting.alerts import Transition
from alerting.delivery.threads import Strand
from alerting.tables import message_alert, outbox
from alerting.wording.single import Message
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


class Kind(StrEnum):
    ALERT = "alert"
    GROUP = "group"
    DIGEST = "digest"
    NOTICE = "notice"
    HEARTBEAT = "heartbeat"


WAITING: Final = (State.PENDING.value, State.LEASED.value, State.UNKNOWN.value, State.FAILED.value)
WAITS: Final = text("outbox.state IN ('pending', 'leased', 'unknown', 'failed')")
"""The same as a condition, word for word that of the index, or SQLite would look through all messages that ever were. (A
`literal_column` would not do: of a Boolean, SQLAlchemy makes `… = 1` there.)"""

URGENT_FIRST: Final = tuple(sorted(Severity, reverse=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A message that is ours until `lease_ends`. `attempts` counts this one."""

    id: str
    fence: int
    lease_ends: datetime
    kind: Kind
    alert_id: str | None
    thread: str
    number: int
    transition: str
    receiver: str
    contact: str
    fallbacks: tuple[str, ...]
    severity: Severity
    message: Message
    attempts: int
    possible_repeat: bool
    since: datetime
    root: str | None = None

    @property
    def resolved(self) -> bool:
        return self.transition == Transition.RESOLVED.value

    @property
    def strand(self) -> Strand:
        return Strand(key=self.id, thread=self.thread, receiver=self.receiver, first=self.number == 1, root=self.root)


@dataclass(frozen=True, slots=True)
class Mark:
    """What became of a claim. `again_at` is when it may be tried again, or when its state was reached.

    `closed_until`: the service wants nothing more from anybody until then.
    """

    claim: Claim
    state: State
    at: datetime
    again_at: datetime
    attempts: int
    possible_repeat: bool
    result: str
    channel: str | None
    reference: str | None = None
    closed_until: datetime | None = None


def due_severities(connection: Connection, contact: str, now: datetime, hold: timedelta) -> list[Severity]:
    """The severities of messages that may be sent through a contact now, the worst first."""
    found = connection.execute(_ARE_DUE, {"to_contact": contact, "now": now, "lost_before": now - hold}).one()
    return [severity for severity, is_due in zip(URGENT_FIRST, found, strict=True) if is_due]


def claim(
    connection: Connection, contact: str, most: int, now: datetime, lease: timedelta, hold: timedelta = timedelta()
) -> list[Claim]:
    """Claim up to `most` messages for a contact, the worst first, then the oldest, for the time of the lease.

    Commit before sending. `hold`: how long after a dispatcher was lost with a digest that is claimed again.
    """
    claims: list[Claim] = []
    for severity in URGENT_FIRST:
        if len(claims) < most:
            claims += _claim(connection, contact, severity, most - len(claims), now, lease, hold)
    return claims


def _claim(
    connection: Connection,
    contact: str,
    severity: Severity,
    most: int,
    now: datetime,
    lease: timedelta,
    hold: timedelta,
) -> list[Claim]:
    """One statement, so that each message is claimed once whoever else is claiming.

    A message waits for the earlier ones of its thread to the same receiver, or people would hear of the end before the
    beginning; so does the end of an alert for messages that tell of it among others. A lease that ran out belonged to a
    dispatcher that was lost while it may have been sending.
    """
    asked = {
        "to_contact": contact, "of_severity": severity.value, "most": most, "now": now, "lost_before": now - hold,
        "lease_ends": now + lease,
    }  # fmt: skip
    claims = [_claimed(dict(row)) for row in connection.execute(_CLAIM, asked).mappings()]
    return sorted(claims, key=lambda one: (one.since, one.number, one.id))


def _due() -> ColumnElement[bool]:
    of = outbox.c
    lost = and_(of.kind == Kind.DIGEST.value, of.state == State.LEASED.value)
    on_time = or_(~lost, of.next_attempt_at <= bindparam("lost_before"))
    return and_(of.contact == bindparam("to_contact"), WAITS, of.next_attempt_at <= bindparam("now"), on_time)


def _overtakes() -> ColumnElement[bool]:
    of, earlier = outbox.c, outbox.alias("earlier")
    in_thread = exists().where(
        earlier.c.thread == of.thread, earlier.c.receiver == of.receiver, earlier.c.number < of.number,
        earlier.c.state.in_(WAITING),
    )  # fmt: skip
    another, told = outbox.alias("another"), message_alert.alias("told")
    among_others = and_(
        of.transition == Transition.RESOLVED.value,
        exists().where(
            told.c.alert_id == of.alert_id, another.c.id == told.c.message_id, another.c.receiver == of.receiver,
            another.c.id != of.id, another.c.thread != of.thread, another.c.created_at <= of.created_at,
            another.c.state.in_(WAITING),
        ),
    )  # fmt: skip
    return or_(in_thread, among_others)


def _claiming() -> ReturningUpdate[Any]:
    of = outbox.c
    due = select(of.id).where(_due(), of.severity == bindparam("of_severity"), ~_overtakes())
    due = due.order_by(
        of.next_attempt_at
    )  # and by nothing else: it goes along the index, also where a storm is due at once
    due = due.limit(bindparam("most")).with_for_update(skip_locked=True)
    chosen = due.cte("chosen")  # as a CTE it runs once; PostgreSQL may run a plain subquery again and lock more
    uncertain = of.state.in_((State.LEASED.value, State.UNKNOWN.value))
    return (
        update(outbox)
        .where(of.id.in_(select(chosen.c.id)))
        .values(
            state=State.LEASED.value,
            next_attempt_at=bindparam("lease_ends"),
            attempts=of.attempts + 1,
            fence=of.fence + 1,
            possible_repeat=case((uncertain, literal(True)), else_=of.possible_repeat),
        )
        .returning(outbox)
    )


_CLAIM = _claiming()  # made once: that takes longer than the database does
_ARE_DUE = select(*(exists().where(_due(), outbox.c.severity == severity.value) for severity in URGENT_FIRST))


def _claimed(row: dict[str, Any]) -> Claim:
    return Claim(
        id=row["id"], fence=row["fence"], lease_ends=row["next_attempt_at"], kind=Kind(row["kind"]),
        alert_id=row["alert_id"], thread=row["thread"], number=row["number"], transition=row["transition"],
        receiver=row["receiver"], contact=row["contact"], fallbacks=tuple(row["fallbacks"] or ()),
        severity=Severity(row["severity"]), message=Message(row["title"], row["body"]), attempts=row["attempts"],
        possible_repeat=row["possible_repeat"], since=row["event_at"] or row["created_at"],
    )  # fmt: skip


def roots(connection: Connection, claims: Iterable[Claim]) -> dict[str, str]:
    """What the service calls the first message of each claim's thread there, by the claim's id; those that have one."""
    found: dict[str, str] = {}
    of = outbox.c
    for one in claims:
        first = select(of.reference).where(
            of.thread == one.thread, of.receiver == one.receiver, of.contact == one.contact, of.reference.is_not(None)
        )
        reference = connection.execute(first.order_by(of.number, of.sent_at).limit(1)).scalar()
        if reference is not None:
            found[one.id] = str(reference)
    return found


def mark(connection: Connection, marks: Sequence[Mark]) -> int:
    """Write down what became of claims; how many were still ours. A claim whose lease was lost is left alone."""
    return connection.execute(_MARK, [_columns(one) for one in marks]).rowcount if marks else 0


def ours(connection: Connection, claims: Collection[Claim]) -> set[str]:
    """The ids of those claims that nobody else has claimed since; none of them changes until the transaction ends."""
    if not claims:
        return set()
    of = outbox.c
    held = select(of.id, of.fence).where(of.id.in_([one.id for one in claims]), of.state == State.LEASED.value)
    fences = {row.id: row.fence for row in connection.execute(held.with_for_update())}
    return {one.id for one in claims if fences.get(one.id) == one.fence}


_MARK = (
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
        reference=bindparam("reference"),
    )
)


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
        "reference": one.reference,
    }
