"""The open alerts of one stream partition, and what a batch of verdicts changes in them."""

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, select

from alerting.alerts import REOPEN_WITHIN, Alert, State, advance, identity
from alerting.audit import START, key_in_force, read_end
from alerting.changes import Changes
from alerting.tables import alert as alert_table
from risk_rules.findings import Finding, Severity, Verdict


def usual_window() -> timedelta:
    """For books that nobody configures."""
    return REOPEN_WITHIN


class AlertBook:
    """Alerts by subject, held in memory by the owner of the partition, who alone writes them: the open ones, and those
    that ended so lately that they may open again (`reopen_within`, by the clock of the verdicts).

    `load` when the partition is assigned, and again after a commit whose outcome is unknown. Then for each batch:
    `observe`, `Changes.write` inside the transaction that moves the stream, and `accept` once it is committed. A batch
    that is not accepted leaves no trace, and observing it again at the same time gives the same ids.
    """

    def __init__(self, reopen_within: Callable[[], timedelta] = usual_window) -> None:
        self._reopen_within = reopen_within
        self._partition = ""
        self._end = START
        self._key_id: str | None = None
        self._alerts: dict[tuple[str, str], dict[str, Alert]] = {}
        self._ended: deque[tuple[datetime, tuple[str, str], str]] = deque()

    def load(self, connection: Connection, partition: str) -> None:
        """Take over the partition: its alerts, and where its audit chain ends."""
        table = alert_table.c
        columns = [table.subject_kind, table.subject_key, *(table[name] for name in _OF_AN_ALERT)]
        mine = table.partition == partition
        latest = connection.execute(select(func.max(table.changed_at)).where(mine)).scalar()
        self._alerts, self._ended = {}, deque()
        for row in connection.execute(select(*columns).where(mine, table.state == State.OPEN.value)).mappings():
            self._keep((row["subject_kind"], row["subject_key"]), _alert(row))
        if latest is not None:
            since = latest - self._reopen_within()
            recent = select(*columns).where(mine, table.changed_at >= since, table.state == State.RESOLVED.value)
            for row in connection.execute(recent.order_by(table.resolved_at, table.opened_at)).mappings():
                key = row["subject_kind"], row["subject_key"]
                held = self._alerts.get(key, {}).get(row["kind"])
                if held is None or held.state is State.RESOLVED:
                    self._keep(key, _alert(row))
        self._partition, self._end = partition, read_end(connection, partition)
        self._key_id = key_in_force(connection)

    def observe(self, verdicts: Iterable[Verdict], at: datetime, event_at: datetime | None = None) -> Changes:
        """What the verdicts of the time `at` change; the book itself stays as it is.

        `event_at` is when the event behind them came in, for measuring how long people waited.
        """
        changes = Changes(self._partition, self._end, self._key_id, event_at)
        after, before = changes.after, self._alerts
        for verdict in verdicts:
            key = (verdict.subject.kind, verdict.subject.key)
            alerts = after.get(key)
            if alerts is None:
                alerts = before.get(key)
            if alerts or verdict.findings:
                self._judge(verdict, alerts or {}, at, changes)
        return changes

    def accept(self, changes: Changes) -> None:
        """Make the changes of a committed batch the state of the book."""
        latest: datetime | None = None
        for key, alerts in changes.after.items():
            before = self._alerts.get(key, {})
            self._alerts[key] = alerts
            for kind, now in alerts.items():
                if now.resolved_at is not None and now is not before.get(kind):
                    self._ended.append((now.resolved_at, key, kind))
                    latest = now.resolved_at if latest is None else max(latest, now.resolved_at)
        self._end = changes.end
        if latest is not None:
            self._forget(latest - self._reopen_within())

    def _keep(self, key: tuple[str, str], alert: Alert) -> None:
        self._alerts.setdefault(key, {})[alert.kind] = alert
        if alert.resolved_at is not None:
            self._ended.append((alert.resolved_at, key, alert.kind))

    def _forget(self, before: datetime) -> None:
        """Let go of what ended before that time."""
        while self._ended and self._ended[0][0] < before:
            ended_at, key, kind = self._ended.popleft()
            alerts = self._alerts.get(key, {})
            if (held := alerts.get(kind)) is not None and held.resolved_at == ended_at:
                left = {name: alert for name, alert in alerts.items() if name != kind}
                if left:
                    self._alerts[key] = left
                else:
                    del self._alerts[key]

    def open_alerts(self) -> dict[tuple[str, Severity], int]:
        """How many alerts are open, by kind and severity."""
        counts: dict[tuple[str, Severity], int] = {}
        for alerts in self._alerts.values():
            for kind, alert in alerts.items():
                if alert.state is State.OPEN:
                    counts[kind, alert.severity] = counts.get((kind, alert.severity), 0) + 1
        return counts

    def _judge(self, verdict: Verdict, alerts: Mapping[str, Alert], at: datetime, changes: Changes) -> None:
        """Each kind of risk that is open or found now, once: of several findings of a kind the worst counts."""
        worst: dict[str, Finding] = {}
        for finding in verdict.findings:
            if finding.severity is not None:
                held = worst.get(finding.kind)
                if held is None or _weight(finding) > _weight(held):
                    worst[finding.kind] = finding
        if not worst and not alerts:
            return
        now = dict(alerts)
        for kind in {**alerts, **worst}:
            alert = self._move(verdict, alerts.get(kind), worst.get(kind), at, changes)
            if alert is not None:
                now[kind] = alert
        if now != alerts:
            changes.after[verdict.subject.kind, verdict.subject.key] = now

    def _move(
        self, verdict: Verdict, alert: Alert | None, finding: Finding | None, at: datetime, changes: Changes
    ) -> Alert | None:
        """One alert, one step on: notes in `changes` what is to be written, and gives what it is now."""
        was = alert
        if alert is not None and alert.resolved_at is not None and at - alert.resolved_at > self._reopen_within():
            was = None
        identifier = was.id if was is not None else self._identifier(verdict, finding, at, changes)
        step = advance(was, finding, at, identifier)
        if step is None:
            return alert
        to, transition = step.alert, step.transition
        if to.state is State.RESOLVED:
            changes.resolve(to, at)
        elif finding is not None and was is None:
            changes.open(to, finding, verdict)
        elif finding is not None and was is not None and was.state is State.RESOLVED:
            changes.reopen(to, finding, verdict, at)
        elif finding is not None:
            changes.follow(to, finding, verdict, at)
        if transition is not None:
            changes.record(transition, was, to, verdict, at)
        return to

    def _identifier(self, verdict: Verdict, finding: Finding | None, at: datetime, changes: Changes) -> str:
        """The id of an alert that opens now. The place in the audit chain tells two of the same instant apart."""
        kind = finding.kind if finding is not None else ""
        subject = verdict.subject
        return identity(
            "alert", self._partition, changes.end.sequence + 1, subject.kind, subject.key, kind, at.isoformat()
        )


def _weight(finding: Finding) -> tuple[int, float]:
    return finding.severity or 0, finding.score


_OF_AN_ALERT = (
    "id", "kind", "state", "severity", "score", "likelihood", "impact_on", "quantity", "summary", "opened_at",
    "transitions", "resolved_at",
)  # fmt: skip


def _alert(row: Mapping[Any, Any]) -> Alert:
    fields: dict[str, Any] = {name: row[name] for name in _OF_AN_ALERT}
    fields |= {"state": State(row["state"]), "severity": Severity(row["severity"])}
    return Alert(**fields)
