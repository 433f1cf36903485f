"""What holds messages back at a time: silences, maintenance, and open alerts about the cause."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import ColumnElement, Connection, Select, or_, select

from alerting import matchers
from alerting.alerts import State as Found
from alerting.configuration.model import Inhibition
from alerting.desk.casebook import Row, labels_of
from alerting.labels import Labels
from alerting.life.course import Held, State
from alerting.matchers import Matcher, Operator, all_match
from alerting.tables import alert, alert_handling, silence
from risk_rules.findings import Severity

LOOK_AGAIN = timedelta(hours=1)
"""An alert held back by another is looked at when that one changes, and every so often whatever happens."""


class Inhibiting(Protocol):
    """The part of the configuration that is asked here."""

    @property
    def inhibitions(self) -> tuple[Inhibition, ...]: ...


@dataclass(frozen=True, slots=True)
class Silence:
    """A silence or a maintenance in force."""

    id: str
    kind: str
    matchers: tuple[Matcher, ...]
    ends_at: datetime
    author: str
    reason: str

    @classmethod
    def of(cls, row: Row) -> "Silence":
        spoken = tuple(matchers.parse(text) for text in row["matchers"])
        return cls(row["id"], row["kind"], spoken, row["ends_at"], row["author"], row["reason"])


class Holds:
    """Asked about many alerts in one transaction; what was looked up is remembered."""

    def __init__(self, connection: Connection, configuration: Inhibiting, now: datetime) -> None:
        self._connection = connection
        self._inhibitions = configuration.inhibitions
        self._now = now
        self._silences: list[Silence] | None = None
        self._sources: dict[tuple[str, tuple[str | None, ...]], list[Row]] = {}

    def on(self, alert_id: str, labels: Labels) -> Held | None:
        """What holds the messages of an alert back; None when nothing does."""
        for one in self._in_force():
            if all_match(one.matchers, labels):
                because = f"{one.kind} of {one.author} until {one.ends_at:%Y-%m-%d %H:%M} UTC: {one.reason}"
                return Held(f"silence/{one.id}", because, one.ends_at)
        for inhibition in self._inhibitions:
            if all_match(inhibition.target, labels) and (source := self._source(inhibition, alert_id, labels)):
                because = f"{inhibition.name}: alert {source['id'][:8]} is about the cause: {source['summary']}"
                return Held(f"alert/{source['id']}", because[:500], self._now + LOOK_AGAIN)
        return None

    def _in_force(self) -> list[Silence]:
        if self._silences is None:
            table = silence.c
            statement = select(silence).where(table.ended_at.is_(None), table.ends_at > self._now)
            rows = self._connection.execute(
                statement.where(table.starts_at <= self._now).order_by(table.ends_at.desc())
            )
            self._silences = [Silence.of(row) for row in rows.mappings()]
        return self._silences

    def _source(self, inhibition: Inhibition, alert_id: str, labels: Labels) -> Row | None:
        """An open alert about the cause, that is not itself held back by another (or two could silence each other)."""
        values = tuple(labels.get(name) for name in inhibition.equal)
        if None in values:
            return None
        key = inhibition.name, values
        if key not in self._sources:
            rows = self._connection.execute(_candidates(inhibition, values)).mappings()
            matching = (row for row in rows if all_match(inhibition.source, labels_of(row)))
            self._sources[key] = [row for row, _ in zip(matching, range(2), strict=False)]  # one of them may be itself
        return next((row for row in self._sources[key] if row["id"] != alert_id), None)


def _candidates(inhibition: Inhibition, values: Sequence[str | None]) -> Select[Any]:
    """Open alerts that may be a source: what the database can tell of it."""
    handled = alert_handling.c
    statement = (
        select(alert)
        .outerjoin(alert_handling, handled.alert_id == alert.c.id)
        .where(alert.c.state == Found.OPEN.value)
        .where(or_(handled.state.is_(None), handled.state != State.RESOLVED.value))
        .where(or_(handled.held_by.is_(None), ~handled.held_by.like("alert/%")))
        .order_by(alert.c.opened_at, alert.c.id)
    )
    for name, value in zip(inhibition.equal, values, strict=True):
        statement = statement.where(_equals(name, str(value)))
    for matcher in inhibition.source:
        if matcher.operator is Operator.EQUAL:
            statement = statement.where(_equals(matcher.label, matcher.value))
        elif matcher.operator is Operator.AT_LEAST:
            statement = statement.where(alert.c.severity >= Severity[matcher.value.upper()].value)
    return statement


def _equals(name: str, value: str) -> ColumnElement[bool]:
    if name == "severity":
        return alert.c.severity == Severity[value.upper()].value
    return alert.c[name] == value
