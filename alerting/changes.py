"""What one batch changes in the alerts of a partition: the rows, and how they are written."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, bindparam, insert, update

from alerting.alerts import Alert, State, Transition
from alerting.audit import End, hash_of, seal
from alerting.audit import Entry as AuditEntry
from alerting.tables import alert, alert_news, alert_transition, audit
from risk_rules.findings import Finding, Verdict

ACTOR = "bellwether"
GONE = "the rules no longer find it"

Row = dict[str, Any]


@dataclass(slots=True)
class Changes:
    """What to write, and what the book is afterwards. `end` is where the audit chain ends with it."""

    partition: str
    end: End
    key_id: str | None
    event_at: datetime | None
    after: dict[tuple[str, str], dict[str, Alert]] = field(default_factory=dict[tuple[str, str], dict[str, Alert]])
    opened: dict[str, Row] = field(default_factory=dict[str, Row])
    followed: dict[str, Row] = field(default_factory=dict[str, Row])
    resolved: dict[str, Row] = field(default_factory=dict[str, Row])
    reopened: dict[str, Row] = field(default_factory=dict[str, Row])
    transitions: list[Row] = field(default_factory=list[Row])
    news: list[Row] = field(default_factory=list[Row])
    audits: list[Row] = field(default_factory=list[Row])

    def open(self, to: Alert, finding: Finding, verdict: Verdict) -> None:
        subject = verdict.subject
        self.opened[to.id] = {
            "id": to.id,
            "partition": self.partition,
            "subject_kind": subject.kind,
            "subject_key": subject.key,
            "kind": to.kind,
            "state": to.state.value,
            "opened_at": to.opened_at,
            "resolved_at": None,
            "resolved_reason": None,
            **_found(to, finding, verdict, to.opened_at),
        }

    def follow(self, to: Alert, finding: Finding, verdict: Verdict, at: datetime) -> None:
        found = _found(to, finding, verdict, at)
        if (whole := self._whole(to)) is not None:
            whole |= found
        else:
            self.followed[to.id] = found

    def reopen(self, to: Alert, finding: Finding, verdict: Verdict, at: datetime) -> None:
        back = {
            "state": to.state.value,
            "resolved_at": None,
            "resolved_reason": None,
            **_found(to, finding, verdict, at),
        }
        if (whole := self._whole(to)) is not None:
            whole |= back
        else:
            self.followed.pop(to.id, None)
            self.resolved.pop(to.id, None)
            self.reopened[to.id] = back

    def resolve(self, to: Alert, at: datetime) -> None:
        ended: Row = {
            "state": State.RESOLVED.value,
            "score": to.score,
            "transitions": to.transitions,
            "changed_at": at,
            "resolved_at": at,
            "resolved_reason": GONE,
        }
        if (whole := self._whole(to)) is not None:
            whole |= ended
        else:
            self.resolved[to.id] = ended

    def _whole(self, to: Alert) -> Row | None:
        """The row of an alert that this batch writes with all that is found."""
        return self.opened.get(to.id) or self.reopened.get(to.id)

    def record(self, transition: Transition, was: Alert | None, to: Alert, verdict: Verdict, at: datetime) -> None:
        """The transition: in the alert's own list, for the desk, and in the audit trail."""
        ended = transition is Transition.RESOLVED
        before = None if was is None else was.severity.value
        self.transitions.append({
            "alert_id": to.id,
            "number": to.transitions,
            "transition": transition.value,
            "from_severity": before,
            "to_severity": None if ended else to.severity.value,
            "score": to.score,
            "at": at,
            "cause": verdict.events[0] if verdict.events else None,
        })  # fmt: skip
        self.news.append({"alert_id": to.id, "number": to.transitions, "at": at, "event_at": self.event_at})
        rows, self.end = seal(self.partition, self.end, (_entry(transition, was, to, verdict, at),), self.key_id)
        self.audits += rows

    def write(self, connection: Connection) -> None:
        """Write it all with a statement for each table, in the transaction of the caller."""
        if self.followed:
            self._update(connection, self.followed)
        if self.resolved:  # before the inserts: the same risk may have come back within the batch
            self._update(connection, self.resolved)
        if self.reopened:
            self._update(connection, self.reopened)
        if self.opened:
            connection.execute(insert(alert), list(self.opened.values()))
        if self.transitions:
            connection.execute(insert(alert_transition), self.transitions)
        if self.news:
            connection.execute(insert(alert_news), self.news)
        if self.audits:
            connection.execute(insert(audit), self.audits)

    @staticmethod
    def _update(connection: Connection, rows: dict[str, Row]) -> None:
        columns = next(iter(rows.values()))
        statement = update(alert).where(alert.c.id == bindparam("of_id"))
        statement = statement.values({name: bindparam(name) for name in columns})
        connection.execute(statement, [{"of_id": identifier, **row} for identifier, row in rows.items()])


def _entry(transition: Transition, was: Alert | None, to: Alert, verdict: Verdict, at: datetime) -> AuditEntry:
    """What the audit trail says of a transition. Its inputs: the events that the verdict rests on, and the rules."""
    subject = verdict.subject
    inputs = {"subject": [subject.kind, subject.key], "events": verdict.events, "rulebook": verdict.rulebook}
    return AuditEntry(
        at=at, actor=ACTOR, authenticated="service", source="system", action=f"alert.{transition}",
        object=f"alert/{to.id}", version=str(to.transitions), old=None if was is None else _audited(was),
        new=_audited(to), reason=GONE if transition is Transition.RESOLVED else to.summary,
        correlation=verdict.events[0] if verdict.events else None, rulebook=verdict.rulebook, inputs=hash_of(inputs),
    )  # fmt: skip


def _audited(alert: Alert) -> Row:
    """What the audit trail keeps of an alert's state: also the day that it foretold at that time."""
    foretold = None if alert.impact_on is None else alert.impact_on.isoformat()
    return {"state": alert.state.value, "severity": alert.severity.value, "impact_on": foretold}


def _found(to: Alert, finding: Finding, verdict: Verdict, at: datetime) -> Row:
    """The columns that follow the latest finding."""
    subject = verdict.subject
    return {
        "rule": finding.rule,
        "severity": to.severity.value,
        "score": to.score,
        "likelihood": to.likelihood,
        "impact_on": to.impact_on,
        "quantity": to.quantity,
        "unit": finding.unit,
        "summary": to.summary,
        "advice": finding.advice,
        "owner": finding.owner,
        "site": subject.site,
        "partner": subject.partner,
        "material": subject.material,
        "product": subject.product,
        "changed_at": at,
        "transitions": to.transitions,
        "evidence": list(verdict.events),
        "factors": msgspec.to_builtins(finding.factors),
        "rulebook": verdict.rulebook,
    }
