"""Where messages go whose contact is not configured: new ones without any, and those whose contact was taken away."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

import structlog
from sqlalchemy import ColumnElement, Connection, and_, case, func, literal, or_, select, update

from alerting.delivery.dead_letters import tell_unreachable
from alerting.delivery.directory import Directory
from alerting.delivery.outbox import WAITS, State
from alerting.tables import outbox

log = structlog.stdlib.get_logger()


class Stranger(NamedTuple):
    """Messages to a receiver wait at a contact that is not configured; None: they have no contact yet."""

    contact: str | None
    receiver: str


def strangers(connection: Connection, directory: Directory) -> set[Stranger]:
    """All of them, also those that may be reached another way."""
    of = outbox.c
    unknown = or_(of.contact.is_(None), of.contact.not_in(list(directory.contacts)))
    rows = connection.execute(select(of.contact, of.receiver).where(WAITS, unknown).distinct())
    return {Stranger(row.contact, row.receiver) for row in rows}


def readdress(connection: Connection, which: Iterable[Stranger], directory: Directory, now: datetime) -> None:
    """Send them to the present contacts of their receivers; give up those whose receivers have none, and tell of it."""
    for one in sorted(which, key=lambda one: (one.receiver, one.contact or "")):
        known = directory.receivers.get(one.receiver)
        ways = () if known is None else tuple(name for name in known.contacts if name in directory.contacts)
        if ways:
            moved = _move(connection, one, now, {"contact": ways[0], "fallbacks": list(ways[1:])})
            if moved and one.contact is not None:
                log.info("messages go to another contact", receiver=one.receiver, was=one.contact, contact=ways[0])
            continue
        ended = {"state": State.DEAD.value, "result": f"{one.receiver} has no contact that is configured"}
        if lost := _move(connection, one, now, ended):
            log.error("messages are given up: their receiver is not configured", receiver=one.receiver, messages=lost)
            tell_unreachable(connection, one.receiver, one.contact or one.receiver, lost, now, directory)


def _move(connection: Connection, one: Stranger, now: datetime, changed: dict[str, Any]) -> int:
    """Change those of them that no dispatcher is sending; how many."""
    of = outbox.c
    uncertain = of.state.in_((State.LEASED.value, State.UNKNOWN.value))
    values: dict[str, Any] = {
        "state": case((of.state == State.PENDING.value, of.state), else_=literal(State.FAILED.value)),
        "possible_repeat": case((uncertain, literal(True)), else_=of.possible_repeat),
        "thread": func.coalesce(of.thread, of.alert_id, of.id),
        "fence": of.fence + 1,
        "attempts": 0,
        "next_attempt_at": now,
    }
    return connection.execute(update(outbox).where(_theirs(one, now)).values(values | changed)).rowcount


def _theirs(one: Stranger, now: datetime) -> ColumnElement[bool]:
    of = outbox.c
    there = of.contact.is_(None) if one.contact is None else of.contact == one.contact
    return and_(
        of.receiver == one.receiver, there, WAITS, or_(of.state != State.LEASED.value, of.next_attempt_at <= now)
    )
