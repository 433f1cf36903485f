"""The open alerts of one stream partition, and what a batch of verdicts changes in them."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from alerting.alerts import Alert, State, Transition, advance, identity
from alerting.audit import START, key_in_force, read_end
from alerting.changes import Changes, Entry
from alerting.receivers import Routing
from alerting.tables import alert as alert_table
from alerting.tables import outbox
from risk_rules.findings import Finding, Severity, Verdict


class AlertBook:
    """Open alerts by subject, held in memory by the owner of the partition, who alone writes them.

    `load` when the partition is assigned, and again after a commit whose outcome is unknown. Then for each batch:
    `observe`, `Changes.write` inside the transaction that moves the stream, and `accept` once it is committed. A batch
    that is not accepted leaves no trace, and observing it again at the same time gives the same ids.
    """

    def __init__(self, routing: Routing) -> None:
        self.routing = routing
        self._partition = ""
        self._end = START
        self._key_id: str | None = None
        self._open: dict[tuple[str, str], dict[str, Entry]] = {}

    def load(self, connection: Connection, partition: str) -> None:
        """Take over the partition: its open alerts, who knows of them, and where its audit chain ends."""
        mine = (alert_table.c.partition == partition) & (alert_table.c.state == State.OPEN.value)
        told: dict[str, set[str]] = {}
        heard = select(outbox.c.alert_id, outbox.c.receiver).distinct()
        heard = heard.join(alert_table, alert_table.c.id == outbox.c.alert_id).where(mine)
        for alert_id, receiver in connection.execute(heard):
            told.setdefault(alert_id, set()).add(receiver)
        self._open = {}
        for row in connection.execute(select(alert_table).where(mine)).mappings():
            entry = Entry(_alert(dict(row)), frozenset(told.get(row["id"], ())))
            self._open.setdefault((row["subject_kind"], row["subject_key"]), {})[row["kind"]] = entry
        self._partition, self._end = partition, read_end(connection, partition)
        self._key_id = key_in_force(connection)

    def observe(self, verdicts: Iterable[Verdict], at: datetime, event_at: datetime | None = None) -> Changes:
        """What the verdicts of the time `at` change; the book itself stays as it is.

        `event_at` is when the event behind them came in, for measuring how long people waited.
        """
        changes = Changes(self._partition, self._end, self._key_id, event_at)
        after, before = changes.after, self._open
        for verdict in verdicts:
            key = (verdict.subject.kind, verdict.subject.key)
            entries = after.get(key)
            if entries is None:
                entries = before.get(key)
            if entries or verdict.findings:
                self._judge(verdict, entries or {}, at, changes)
        return changes

    def accept(self, changes: Changes) -> None:
        """Make the changes of a committed batch the state of the book."""
        for key, entries in changes.after.items():
            if entries:
                self._open[key] = entries
            else:
                self._open.pop(key, None)
        self._end = changes.end

    def open_alerts(self) -> dict[tuple[str, Severity], int]:
        """How many alerts are open, by kind and severity."""
        counts: dict[tuple[str, Severity], int] = {}
        for entries in self._open.values():
            for kind, entry in entries.items():
                counts[kind, entry.alert.severity] = counts.get((kind, entry.alert.severity), 0) + 1
        return counts

    def _judge(self, verdict: Verdict, entries: Mapping[str, Entry], at: datetime, changes: Changes) -> None:
        """Each kind of risk that is open or found now, once: of several findings of a kind the worst counts."""
        worst: dict[str, Finding] = {}
        for finding in verdict.findings:
            if finding.severity is not None:
                held = worst.get(finding.kind)
                if held is None or _weight(finding) > _weight(held):
                    worst[finding.kind] = finding
        if not worst and not entries:
            return
        now = dict(entries)
        for kind in {**entries, **worst}:
            entry = self._move(verdict, entries.get(kind), worst.get(kind), at, changes)
            if entry is None:
                now.pop(kind, None)
            else:
                now[kind] = entry
        if now != entries:
            changes.after[verdict.subject.kind, verdict.subject.key] = now

    def _move(
        self, verdict: Verdict, entry: Entry | None, finding: Finding | None, at: datetime, changes: Changes
    ) -> Entry | None:
        """One alert, one step on: notes in `changes` what is to be written, and gives what stays open."""
        was = entry.alert if entry is not None else None
        identifier = was.id if was is not None else self._identifier(verdict, finding, at, changes)
        step = advance(was, finding, at, identifier)
        if step is None:
            return entry
        to, transition = step.alert, step.transition
        if to.state is State.RESOLVED:
            changes.resolve(to, at)
        elif finding is not None and was is None:
            changes.open(to, finding, verdict)
        elif finding is not None:
            changes.follow(to, finding, verdict, at)
        told = entry.told if entry is not None else frozenset[str]()
        if transition is not None:
            changes.record(transition, was, to, verdict, at)
            hearing = self._hearing(transition, to, verdict, told)
            changes.tell(hearing, transition, to, verdict, at, finding, was.severity if was is not None else None)
            told |= hearing
        return Entry(to, told) if to.state is State.OPEN else None

    def _hearing(self, transition: Transition, to: Alert, verdict: Verdict, told: frozenset[str]) -> frozenset[str]:
        """Who hears of a transition. Good news goes only to those who had the bad, if they are still receivers."""
        known = told & self.routing.names
        if transition in (Transition.BETTER, Transition.RESOLVED):
            return known
        return known | self.routing.wanting(verdict.subject, to.kind, to.severity)

    def _identifier(self, verdict: Verdict, finding: Finding | None, at: datetime, changes: Changes) -> str:
        """The id of an alert that opens now. The place in the audit chain tells two of the same instant apart."""
        kind = finding.kind if finding is not None else ""
        subject = verdict.subject
        return identity("alert", self._partition, changes.end.sequence + 1, subject.kind, subject.key, kind, at.isoformat())


def _weight(finding: Finding) -> tuple[int, float]:
    return finding.severity or 0, finding.score


def _alert(row: Mapping[Any, Any]) -> Alert:
    return Alert(
        id=row["id"], kind=row["kind"], state=State(row["state"]), severity=Severity(row["severity"]),
        score=row["score"], likelihood=row["likelihood"], impact_on=row["impact_on"], quantity=row["quantity"],
        summary=row["summary"], opened_at=row["opened_at"], transitions=row["transitions"],
    )  # fmt: skip
