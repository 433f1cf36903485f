"""What the desk has in hand in one transaction: cases, their steps, and all that is to be written of them."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert

from alerting import audit
from alerting.configuration.configuration import Configuration
from alerting.configuration.model import Receiver
from alerting.desk import casebook
from alerting.desk.casebook import Case
from alerting.desk.holds import Holds
from alerting.desk.post import Post
from alerting.life.course import Cause, Handling, Occasion, Outcome, Step, Telling
from alerting.life.course import Entry as Line
from alerting.life.escalation import Circumstances
from alerting.life.people import Person
from alerting.tables import alert_history
from alerting.wording.facts import Facts
from alerting.wording.partners import Others, for_partner, nobody
from alerting.wording.reader import Reader
from alerting.wording.single import Message, Saying, message

CHAIN = "desk"
"""Of the audit trail; every transaction of the desk holds its lock, so that there is only one at a time."""

SERVICE = "bellwether"

Link = Callable[[str, str, datetime], str | None]
"""Gives the address at which a receiver can act on an alert, in a message of that time."""


def no_link(alert_id: str, receiver: str, at: datetime) -> str | None:
    """For a desk whose pages nobody can reach."""


class Docket:
    """Of one transaction at the time `now`. What is taken is in the database after `write`; `messages` counts those."""

    def __init__(
        self, connection: Connection, configuration: Configuration, now: datetime, link: Link = no_link,
        others: Others = nobody,
    ) -> None:  # fmt: skip
        self.link = link
        self._others = others
        self.connection = connection
        self.configuration = configuration
        self.now = now
        self.holds = Holds(connection, configuration, now)
        self.post = Post(connection, configuration, now)
        self.messages = 0
        self._key_id = audit.key_in_force(connection)
        self._cases: dict[str, Case] = {}
        self._lines: list[dict[str, Any]] = []
        self._entries: list[audit.Entry] = []

    def cases(self, ids: Iterable[str]) -> dict[str, Case]:
        """The cases of these alerts, by id, as they are after what was taken here."""
        wanted = list(ids)
        self._cases |= casebook.read(self.connection, (one for one in wanted if one not in self._cases))
        return {one: self._cases[one] for one in wanted if one in self._cases}

    def around(self, case: Case) -> Circumstances:
        """What holds for an alert now."""
        labels = case.labels
        return Circumstances(
            now=self.now, route=self.configuration.route(labels),
            duty=lambda target: self.configuration.on_duty(target, labels, self.now),
            flapping=self.configuration.flapping, held=self.holds.on(case.id, labels),
        )  # fmt: skip

    def take(self, case: Case, step: Step, person: Person | None = None) -> None:
        """Make a step of a case: its history, its messages and its audit entries."""
        before = case.handling
        case.put(step.handling)
        self._lines += [_line(case, line) for line in step.entries]
        for line in step.entries:
            tellings = [one for one in step.tellings if one.entry == line.number]
            for one in tellings:
                self._deliver(case, one, before, line)
            if tellings or line.cause is not Cause.EVENT:
                self._entries.append(_audited(case, line, before, tellings, person))

    def record(self, entry: audit.Entry) -> None:
        """Something in the audit trail that is not about one alert."""
        self._entries.append(entry)

    def tell(self, case: Case, receiver: Receiver, one: Telling, because: str, text: Message) -> None:
        """A message about one alert, now."""
        identifier = self.post.about_one(case, receiver, one.occasion, text)
        told(case, receiver.name, over=one.occasion is Occasion.RESOLVED)
        self.post.note(case, one, Outcome.TOLD, because, message_id=identifier)

    def write(self) -> None:
        """Write all that was taken since the last time."""
        casebook.write(self.connection, self._cases.values())
        self.messages += self.post.write()
        if self._lines:
            self.connection.execute(insert(alert_history), self._lines)
            self._lines = []
        if self._entries:
            audit.append(self.connection, CHAIN, self._entries, self._key_id)
            self._entries = []

    def facts(self, case: Case, receiver: Receiver) -> Facts:
        """What a receiver may read of an alert."""
        if receiver.partner is None:
            return case.facts
        return for_partner(case.facts, self._others(receiver.partner))

    def _deliver(self, case: Case, one: Telling, before: Handling | None, line: Line) -> None:
        """A decision of the state machine becomes a message, a place in a bundle, or a note of why not."""
        if one.outcome is not Outcome.TOLD:
            self.post.note(case, one, one.outcome, one.because)
            return
        receiver = self.post.receiver(one.receiver)
        if receiver is None:
            self.post.note(case, one, Outcome.UNREACHABLE, f"{one.because}; {one.receiver} is no longer configured")
            told(case, one.receiver, over=True)
            return
        if not receiver.may_hear_of(case.labels.partner):
            self.post.note(case, one, Outcome.CANCELLED, f"{one.because}; {not_its_partner(case, receiver)}")
            told(case, one.receiver, over=True)
            return
        route = self.configuration.route(case.labels)
        wait = self.post.waits(case, receiver, route)
        if wait is not None:
            bundle = self.post.put_into(receiver, wait)
            because = f"{one.because}; {wait.because}"
            self.post.note(case, one, Outcome.WAITING, because, due_at=wait.due_at, bundle_id=bundle)
            return
        text = message(self.facts(case, receiver), self._saying(case, one, before, line), Reader.of(receiver))
        self.tell(case, receiver, one, one.because, text)
        self.post.follow_group(receiver, route, case)

    def _saying(self, case: Case, one: Telling, before: Handling | None, line: Line) -> Saying:
        """Why somebody is told, for the wording. What the rules did has their time, the rest that of the desk."""
        limits = self.configuration.flapping
        by_person = line.cause is Cause.PERSON
        at = case.row["changed_at"] if line.cause is Cause.EVENT else self.now
        return Saying(
            occasion=one.occasion, at=at, was=None if before is None else before.severity, step=one.step,
            person=line.actor if by_person else None if before is None else before.person,
            reason=line.reason if by_person else None,
            changes=limits.changes, span=limits.within, calm=limits.calm,
            link=self.link(case.id, one.receiver, self.now),
        )  # fmt: skip


def not_its_partner(case: Case, receiver: Receiver) -> str:
    """Why a receiver is told nothing of an alert."""
    return f"{receiver.name} hears of partner {receiver.partner} only, and this is about {case.labels.partner}"


def told(case: Case, receiver: str, *, over: bool) -> None:
    """The receiver has a message that the alert is open, or that it is over."""
    handling = case.handling
    assert handling is not None
    knows = handling.knows - {receiver} if over else handling.knows | {receiver}
    case.put(replace(handling, knows=knows, messages=handling.messages + 1))


def _line(case: Case, line: Line) -> dict[str, Any]:
    return {
        "alert_id": case.id, "number": line.number, "at": line.at, "cause": line.cause.value, "actor": line.actor,
        "action": line.action, "reason": line.reason, "detail": line.detail,
    }  # fmt: skip


def _audited(
    case: Case, line: Line, before: Handling | None, tellings: list[Telling], person: Person | None
) -> audit.Entry:
    assert case.handling is not None
    who = {"actor": SERVICE, "authenticated": "service", "source": "system"}
    if person is not None:
        who = {"actor": person.name, "authenticated": person.authenticated, "source": person.source}
    names = sorted({one.receiver for one in tellings if one.outcome is Outcome.TOLD})
    return audit.Entry(
        at=line.at, **who, zone=person.zone if person is not None else "UTC",
        on_behalf_of=None if person is None else person.on_behalf_of, action=f"alert.{line.action}",
        object=f"alert/{case.id}", version=str(line.number), old=_state(before),
        new={"state": case.handling.state.value, "receivers": names, **line.detail}, reason=line.reason,
        rulebook=case.row["rulebook"],
    )  # fmt: skip


def _state(handling: Handling | None) -> dict[str, str] | None:
    return None if handling is None else {"state": handling.state.value}
