"""What follows when a message is given up: it goes on to the next contact, and somebody hears of it another way.

All of it happens in the transaction that marks the message, so that a dispatcher that is lost leaves either both or none.
Of a contact where messages die there is one notice at a time: what dies while it waits is counted into it, and what dies
later is told an hour after it, in one more.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import Connection, insert, literal, select, update

from alerting.alerts import identity
from alerting.delivery import contact_states
from alerting.delivery.directory import Directory
from alerting.delivery.outbox import Kind, Mark, State
from alerting.tables import contact_state, message_alert, outbox
from alerting.wording import notices
from alerting.wording.single import Message
from risk_rules.findings import Severity

log = structlog.stdlib.get_logger()

NOTICE_EVERY = timedelta(hours=1)


def follow(connection: Connection, dead: Iterable[Mark], directory: Directory) -> None:
    """Let what is given up go on, and tell of it. The marks must be ours, and written in the same transaction."""
    lost: dict[str, list[Mark]] = {}
    for one in dead:
        _go_on(connection, one, directory)
        lost.setdefault(one.claim.contact, []).append(one)
    for contact, marks in sorted(lost.items()):
        last = marks[-1]
        _Loss(contact, last.claim.receiver, last.result, last.at).tell(connection, len(marks), directory)


def tell_unreachable(
    connection: Connection, receiver: str, contact: str, count: int, now: datetime, directory: Directory
) -> None:
    """Tell that so many messages were given up since neither their receiver nor their contact is configured."""
    why = "neither the contact nor the receiver is configured any more"
    _Loss(contact, receiver, why, now).tell(connection, count, directory)


def tell_the_rest(connection: Connection, directory: Directory, now: datetime) -> None:
    """Tell of what died since notices that are an hour old."""
    of = contact_state.c
    late = select(of.contact).where(of.dead > 0, of.notice_id.is_(None), of.told_at <= now - NOTICE_EVERY)
    for contact in connection.execute(late.order_by(of.contact)).scalars().all():
        ended = select(outbox.c.receiver, outbox.c.result).where(
            outbox.c.contact == contact, outbox.c.state == State.DEAD.value
        )
        last = connection.execute(ended.order_by(outbox.c.next_attempt_at.desc()).limit(1)).first()
        if last is not None:
            _Loss(contact, last.receiver, last.result, now).tell(connection, 0, directory)


def _go_on(connection: Connection, mark: Mark, directory: Directory) -> None:
    """The same message to the next of its contacts that is still configured."""
    claim = mark.claim
    further = [name for name in claim.fallbacks if name in directory.contacts and name != claim.contact]
    if not further or claim.kind is Kind.HEARTBEAT:
        return
    identifier = identity("fallback", claim.id, further[0])
    changed: dict[str, Any] = {
        "id": identifier, "instead_of": claim.id, "contact": further[0], "fallbacks": further[1:],
        "state": State.PENDING.value, "next_attempt_at": mark.at, "attempts": 0, "fence": 0,
        "possible_repeat": mark.possible_repeat, "channel": None, "sent_at": None, "result": None, "reference": None,
    }  # fmt: skip
    row = dict(connection.execute(select(outbox).where(outbox.c.id == claim.id)).mappings().one())
    connection.execute(insert(outbox).values(row | changed))
    contents = select(literal(identifier), message_alert.c.alert_id, message_alert.c.number)
    connection.execute(
        insert(message_alert).from_select(
            ["message_id", "alert_id", "number"], contents.where(message_alert.c.message_id == claim.id)
        )
    )


@dataclass(frozen=True, slots=True)
class _Loss:
    """That messages died on a contact, the last of them one to `receiver`."""

    contact: str
    receiver: str
    why: str
    at: datetime

    def tell(self, connection: Connection, more: int, directory: Directory) -> None:
        """Tell the keepers that `more` messages died: in a new notice, or in the one that still waits."""
        contact_states.keep(connection, self.contact)
        of = contact_state.c
        row = select(of.dead, of.told_at, of.notice_id).where(of.contact == self.contact).with_for_update()
        dead, told_at, notice_id = connection.execute(row).one()
        if notice_id is not None and self._recount(connection, notice_id, dead + more, directory):
            self._put(connection, dead=dead + more)
            return
        untold = more if notice_id is not None else dead + more
        if told_at is not None and self.at < told_at + NOTICE_EVERY:
            self._put(connection, dead=untold, notice_id=None)
            return
        thread = identity("notice", self.contact, self.at.isoformat())
        rows = [self._row(keeper, thread, untold, directory) for keeper in directory.keepers(self.at)]
        if rows := [row for row in rows if row is not None]:
            connection.execute(insert(outbox), rows)
            self._put(connection, dead=untold, told_at=self.at, notice_id=thread)
            return
        log.error("messages are given up, and nobody can be told", contact=self.contact, result=self.why)
        self._put(connection, dead=untold, notice_id=None)

    def _put(self, connection: Connection, **changed: object) -> None:
        of = contact_state.c
        connection.execute(update(contact_state).where(of.contact == self.contact).values(changed))

    def _recount(self, connection: Connection, thread: str, dead: int, directory: Directory) -> bool:
        """Put the new count into notices that have not gone out; whether there were any."""
        of = outbox.c
        unsent = of.state.in_((State.PENDING.value, State.FAILED.value))
        waiting = select(of.id, of.receiver).where(of.thread == thread, unsent)
        rows = connection.execute(waiting.with_for_update(skip_locked=True)).all()  # one that is being claimed goes out
        for row in rows:
            told = self._words(row.receiver, dead, directory)
            connection.execute(update(outbox).where(of.id == row.id).values(title=told.title, body=told.body))
        return bool(rows)

    def _row(self, keeper: str, thread: str, dead: int, directory: Directory) -> dict[str, Any] | None:
        """A notice to a keeper, not through the contact that it is about; None: there is no other way to the keeper."""
        known = directory.receivers.get(keeper)
        ways = () if known is None else known.contacts
        ways = [name for name in ways if name != self.contact and name in directory.contacts]
        if not ways:
            return None
        told = self._words(keeper, dead, directory)
        return {
            "id": identity("message", thread, keeper), "kind": Kind.NOTICE.value, "thread": thread, "number": 1,
            "transition": "notice", "receiver": keeper, "contact": ways[0], "fallbacks": ways[1:],
            "severity": Severity.CRITICAL.value, "title": told.title, "body": told.body,
            "state": State.PENDING.value, "created_at": self.at, "next_attempt_at": self.at,
        }  # fmt: skip

    def _words(self, keeper: str, dead: int, directory: Directory) -> Message:
        return notices.dead_letters(self.contact, self.receiver, dead, self.why, directory.reader(keeper))
