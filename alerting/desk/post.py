"""From decisions to messages: what goes out now, what waits in a bundle, and what is written of both."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from alerting.alerts import identity
from alerting.configuration.configuration import Configuration
from alerting.configuration.model import Receiver, Route
from alerting.desk.casebook import Case
from alerting.life import bundling
from alerting.life.bundling import Desired, Reason, Wait
from alerting.life.course import Occasion, Outcome, Telling
from alerting.tables import bundle, message_alert, outbox, telling
from alerting.wording.single import Message
from risk_rules.findings import Severity

HOUR = timedelta(hours=1)

Row = dict[str, Any]


class Post:
    """The messages of one transaction. `write` puts all rows into the database."""

    def __init__(self, connection: Connection, configuration: Configuration, now: datetime) -> None:
        self._connection = connection
        self._configuration = configuration
        self._now = now
        self._tellings: list[Row] = []
        self._messages: list[Row] = []
        self._contents: list[Row] = []
        self._bundles: dict[str, Row | None] = {}
        self._fresh: set[str] = set()
        self._sent: dict[str, list[datetime]] = {}
        self._numbers: dict[tuple[str, str], int] = {}

    def receiver(self, name: str) -> Receiver | None:
        """A receiver by name, as it is configured now."""
        return self._configuration.receivers.get(name)

    def waits(self, case: Case, receiver: Receiver, route: Route) -> Wait | None:
        """What a message about the alert to the receiver has to wait for."""
        due = None
        if route.group_by and not route.digest:
            row = self._bundle(receiver.name, Reason.GROUP, bundling.group_key(route, case.labels))
            due = None if row is None else row["due_at"]
        return bundling.wait(
            Desired(
                receiver=receiver, route=route, labels=case.labels, now=self._now, group_due=due,
                full_until=self.full_until(receiver),
            )
        )  # fmt: skip

    def put_into(self, receiver: Receiver, wait: Wait) -> str:
        """The id of the bundle to wait in, opened when there is none."""
        row = self._bundle(receiver.name, wait.reason, wait.key)
        if row is None:
            row = self._open(receiver.name, wait.reason, wait.key, wait.due_at)
        return str(row["id"])

    def follow_group(self, receiver: Receiver, route: Route, case: Case) -> None:
        """After the first message of a group went out at once: the next ones wait for the interval."""
        if route.group_by and not route.digest and route.group_interval > timedelta():
            key = bundling.group_key(route, case.labels)
            self._open(receiver.name, Reason.GROUP, key, self._now + route.group_interval)

    def full_until(self, receiver: Receiver) -> datetime | None:
        """When the receiver may have another message by its limit per hour; None: now."""
        most = receiver.most_per_hour
        if most is None:
            return None
        sent = self._sent.get(receiver.name)
        if sent is None:
            recent = select(outbox.c.created_at).where(
                outbox.c.receiver == receiver.name, outbox.c.created_at > self._now - HOUR
            )
            rows = self._connection.execute(recent.order_by(outbox.c.created_at.desc()).limit(most)).scalars()
            sent = self._sent[receiver.name] = list(rows)[::-1]
        return sent[-most] + HOUR if len(sent) >= most else None

    def note(self, case: Case, one: Telling, outcome: Outcome, because: str, **more: Any) -> None:
        """Keep a decision."""
        self._tellings.append({
            "id": identity("telling", case.id, one.entry, one.occasion.value, one.receiver, one.step),
            "alert_id": case.id,
            "number": one.entry,
            "occasion": one.occasion.value,
            "receiver": one.receiver,
            "step": one.step,
            "at": self._now,
            "outcome": outcome.value,
            "because": because,
            "due_at": None,
            "bundle_id": None,
            "message_id": None,
            "configuration": self._configuration.version,
        } | more)  # fmt: skip

    def about_one(self, case: Case, receiver: Receiver, occasion: Occasion, text: Message) -> str:
        """A message about one alert, in the alert's own thread. Gives its id."""
        assert case.handling is not None
        number = case.handling.messages
        identifier = identity("message", case.id, number, receiver.name)
        self._send(receiver, identifier, text, case.labels.severity, {
            "kind": "alert", "thread": case.id, "alert_id": case.id, "number": number,
            "transition": occasion.value, "event_at": case.event_at,
        })  # fmt: skip
        self._contents.append({"message_id": identifier, "alert_id": case.id, "number": number})
        return identifier

    def about_several(self, cases: Sequence[Case], receiver: Receiver, of: Row, text: Message, *, over: bool) -> str:
        """A message about the alerts of a bundle, in the bundle's thread. Gives its id."""
        thread = identity("thread", receiver.name, of["reason"], of["key"])
        number = self._next_number(thread, receiver.name)
        identifier = identity("message", thread, number, receiver.name)
        worst = max((case.labels.severity for case in cases), default=Severity.WATCH)
        events = [case.event_at for case in cases if case.event_at is not None]
        self._send(receiver, identifier, text, worst, {
            "kind": "digest" if of["reason"] == Reason.DIGEST else "group", "thread": thread, "alert_id": None,
            "number": number, "transition": "resolved" if over else "several",
            "event_at": min(events, default=None),
        })  # fmt: skip
        for case in cases:
            assert case.handling is not None
            self._contents.append({"message_id": identifier, "alert_id": case.id, "number": case.handling.messages})
        return identifier

    def notice(self, receiver: Receiver, about: str, text: Message) -> str:
        """A message that is about no alert. `about` is its thread; the same one at the same time is one message."""
        identifier = identity("message", about, receiver.name, self._now.isoformat())
        thread = identity("thread", about, receiver.name)
        self._send(receiver, identifier, text, Severity.WARNING, {
            "kind": "notice", "thread": thread, "alert_id": None,
            "number": self._next_number(thread, receiver.name), "transition": "notice", "event_at": None,
        })  # fmt: skip
        return identifier

    def write(self) -> int:
        """Write all rows, each kind with one statement; how many messages there were."""
        count = len(self._messages)
        fresh = [row for row in self._bundles.values() if row is not None and row["id"] in self._fresh]
        for table, rows in (
            (bundle, fresh), (outbox, self._messages), (message_alert, self._contents), (telling, self._tellings),
        ):  # fmt: skip
            if rows:
                self._connection.execute(insert(table), rows)
        self._fresh.clear()
        for rows in (self._messages, self._contents, self._tellings):
            rows.clear()
        return count

    # --- bundles ---

    def postpone(self, of: Row, wait: Wait) -> None:
        """Let the tellings of a bundle wait on, with those that wait for the same."""
        receiver = str(of["receiver"])
        self.close(of)
        target = self._bundle(receiver, wait.reason, wait.key)
        if target is None:
            target = self._open(receiver, wait.reason, wait.key, wait.due_at)
        moved = update(telling).where(telling.c.bundle_id == of["id"], telling.c.outcome == Outcome.WAITING.value)
        self._connection.execute(
            moved.values(
                bundle_id=target["id"], due_at=target["due_at"], because=telling.c.because + f"; {wait.because}"
            )
        )

    def close(self, of: Row) -> None:
        """The bundle is no more; another of its name may be opened."""
        self._connection.execute(delete(bundle).where(bundle.c.id == of["id"]))
        self._bundles[str(of["id"])] = None

    def go_on(self, of: Row, due_at: datetime) -> None:
        """Keep the bundle for what comes until then."""
        self._connection.execute(update(bundle).where(bundle.c.id == of["id"]).values(due_at=due_at))

    def _bundle(self, receiver: str, reason: Reason, key: str) -> Row | None:
        identifier = identity("bundle", receiver, reason.value, key)
        if identifier not in self._bundles:
            found = self._connection.execute(select(bundle).where(bundle.c.id == identifier)).mappings().one_or_none()
            self._bundles[identifier] = None if found is None else dict(found)
        return self._bundles[identifier]

    def _open(self, receiver: str, reason: Reason, key: str, due_at: datetime) -> Row:
        identifier = identity("bundle", receiver, reason.value, key)
        row = {"id": identifier, "receiver": receiver, "reason": reason.value, "key": key, "opened_at": self._now,
               "due_at": due_at}  # fmt: skip
        self._bundles[identifier] = row
        self._fresh.add(identifier)
        return row

    # --- messages ---

    def _send(self, receiver: Receiver, identifier: str, text: Message, severity: Severity, more: Row) -> None:
        first, *others = receiver.contacts
        self._messages.append({
            "id": identifier, "receiver": receiver.name, "contact": first, "fallbacks": others,
            "severity": severity.value, "title": text.title, "body": text.body, "state": "pending",
            "created_at": self._now, "next_attempt_at": self._now,
        } | more)  # fmt: skip
        if (sent := self._sent.get(receiver.name)) is not None:
            sent.append(self._now)

    def _next_number(self, thread: str, receiver: str) -> int:
        key = thread, receiver
        if key not in self._numbers:
            of = outbox.c
            last = select(func.max(of.number)).where(of.thread == thread, of.receiver == receiver)
            self._numbers[key] = self._connection.execute(last).scalar() or 0
        self._numbers[key] += 1
        return self._numbers[key]
