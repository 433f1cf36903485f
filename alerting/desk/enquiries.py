"""What people ask of alerts: which there are, and the whole story of one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Select, Table, and_, or_, select

from alerting.alerts import State as Found
from alerting.life.course import State
from alerting.tables import (
    alert,
    alert_handling,
    alert_history,
    alert_judgement,
    alert_transition,
    message_alert,
    outbox,
    silence,
    telling,
)
from risk_rules.findings import Severity

LEAST_OF_ID: Final = 4
"""Characters of an id that are enough to name an alert, if no other begins like it."""


class UnknownAlertError(LookupError):
    """Nothing has this id, or several begin with it; the message says which."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which alerts to list: none of a field means all. `states` as people see them; `limit` at most so many."""

    states: frozenset[State] = frozenset({State.OPEN, State.ACKNOWLEDGED, State.SNOOZED})
    minimum: Severity = Severity.WATCH
    kind: str | None = None
    partner: str | None = None
    site: str | None = None
    material: str | None = None
    product: str | None = None
    limit: int = 50


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """A line of a list. `state` is that of its handling; `firing`: whether the rules find it now."""

    id: str
    severity: str
    state: str
    firing: bool
    kind: str
    subject: str
    partner: str
    site: str
    product: str | None
    summary: str
    score: float
    impact_on: str | None
    opened_at: datetime
    person: str | None
    until: datetime | None
    held_by: str | None
    next_action_at: datetime | None


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A line of a story: what happened, by whom or what, and why."""

    at: datetime
    cause: str
    actor: str
    what: str
    reason: str | None = None
    detail: Mapping[str, Any] = {}


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    """A message that told of the alert, and what became of it."""

    id: str
    kind: str
    receiver: str
    contact: str | None
    title: str
    state: str
    created_at: datetime
    sent_at: datetime | None
    attempts: int
    possible_repeat: bool
    result: str | None


class Story(msgspec.Struct, frozen=True, kw_only=True):
    """All that is known of an alert: how it stands, its history from the beginning, and the messages about it."""

    alert: Listed
    advice: str
    factors: tuple[Mapping[str, Any], ...]
    evidence: tuple[str, ...]
    rulebook: str
    history: tuple[Line, ...]
    messages: tuple[Sent, ...]
    judgements: tuple[Line, ...]


class Silenced(msgspec.Struct, frozen=True, kw_only=True):
    """A silence or a maintenance. `over`: it holds nothing back any more."""

    id: str
    kind: str
    matchers: tuple[str, ...]
    starts_at: datetime
    ends_at: datetime
    author: str
    reason: str
    over: bool


def named(connection: Connection, name: str) -> str:
    """The id of the alert whose id begins with `name`. Raises `UnknownAlertError`."""
    return _named(connection, alert, name, "alert", "bellwether alerts list --state all")


def named_silence(connection: Connection, name: str) -> str:
    """The id of the silence whose id begins with `name`. Raises `UnknownAlertError`."""
    return _named(connection, silence, name, "silence", "bellwether silences list --past")


def _named(connection: Connection, table: Table, name: str, what: str, see: str) -> str:
    name = name.strip().lower()
    if len(name) < LEAST_OF_ID:
        raise UnknownAlertError(f"{name!r} is too short: give {LEAST_OF_ID} characters of the id at least")
    begins = table.c.id >= name, table.c.id < name + "g"  # hexadecimal digits end at f
    found = list(connection.execute(select(table.c.id).where(*begins).order_by(table.c.id).limit(3)).scalars())
    if not found:
        raise UnknownAlertError(f"no {what} has the id {name}: see `{see}`")
    if len(found) > 1:
        raise UnknownAlertError(f"several begin with {name}: {', '.join(one[:12] for one in found)} …")
    return str(found[0])


def listed(connection: Connection, wanted: Wanted) -> list[Listed]:
    """The alerts, the worst first and among equals the longest open."""
    statement = _joined().where(_state_is(wanted.states), alert.c.severity >= wanted.minimum.value)
    for name in ("kind", "partner", "site", "material", "product"):
        if (value := getattr(wanted, name)) is not None:
            statement = statement.where(alert.c[name] == value)
    statement = statement.order_by(alert.c.severity.desc(), alert.c.opened_at, alert.c.id).limit(wanted.limit)
    return [_listed(row) for row in connection.execute(statement).mappings()]


def story(connection: Connection, alert_id: str) -> Story:
    """Everything about one alert. Raises `UnknownAlertError`."""
    row = connection.execute(_joined().where(alert.c.id == alert_id)).mappings().first()
    if row is None:
        raise UnknownAlertError(f"no alert has the id {alert_id}")
    return Story(
        alert=_listed(row),
        advice=row["advice"],
        factors=tuple(row["factors"]),
        evidence=tuple(row["evidence"]),
        rulebook=row["rulebook"],
        history=tuple(_history(connection, alert_id)),
        messages=tuple(_messages(connection, alert_id)),
        judgements=tuple(_judgements(connection, alert_id)),
    )


def receivers_of(connection: Connection, alert_id: str) -> list[str]:
    """Everybody about whom there was a decision."""
    statement = select(telling.c.receiver).where(telling.c.alert_id == alert_id).distinct()
    return sorted(connection.execute(statement).scalars())


def silences(connection: Connection, now: datetime, *, past: bool) -> list[Silenced]:
    """The silences in force and to come, the next to end first; `past`: also those that are over."""
    statement = select(silence).order_by(silence.c.ends_at, silence.c.id)
    if not past:
        statement = statement.where(silence.c.ended_at.is_(None), silence.c.ends_at > now)
    return [
        Silenced(
            id=row["id"], kind=row["kind"], matchers=tuple(row["matchers"]), starts_at=row["starts_at"],
            ends_at=row["ended_at"] or row["ends_at"], author=row["author"], reason=row["reason"],
            over=row["ended_at"] is not None or row["ends_at"] <= now,
        )
        for row in connection.execute(statement).mappings()
    ]  # fmt: skip


def _joined() -> Select[Any]:
    handled = alert_handling.c
    columns = (handled.state.label("handled"), handled.person, handled.until, handled.held_by, handled.next_action_at)
    return select(alert, *columns).outerjoin(alert_handling, handled.alert_id == alert.c.id)


def _state_is(states: frozenset[State]) -> Any:
    """An alert that the desk has not taken yet is in the state in which the rules left it."""
    handled = alert_handling.c.state
    untaken = [found.value for found in Found if State(found.value) in states]
    return or_(
        handled.in_([state.value for state in states]),
        and_(handled.is_(None), alert.c.state.in_(untaken)),
    )


def _listed(row: Mapping[Any, Any]) -> Listed:
    return Listed(
        id=row["id"], severity=Severity(row["severity"]).name.lower(), state=row["handled"] or row["state"],
        firing=row["state"] == Found.OPEN.value, kind=row["kind"], subject=f"{row['subject_kind']} {row['subject_key']}",
        partner=row["partner"], site=row["site"], product=row["product"], summary=row["summary"], score=row["score"],
        impact_on=None if row["impact_on"] is None else row["impact_on"].isoformat(), opened_at=row["opened_at"],
        person=row["person"], until=row["until"], held_by=row["held_by"], next_action_at=row["next_action_at"],
    )  # fmt: skip


def _history(connection: Connection, alert_id: str) -> list[Line]:
    """What the desk wrote, and of the rules what the desk has not taken yet."""
    own = alert_history.c
    lines = [
        Line(at=row["at"], cause=row["cause"], actor=row["actor"], what=row["action"], reason=row["reason"], detail=row["detail"])
        for row in connection.execute(
            select(alert_history).where(own.alert_id == alert_id).order_by(own.number)
        ).mappings()
    ]  # fmt: skip
    seen = connection.execute(select(alert_handling.c.seen).where(alert_handling.c.alert_id == alert_id)).scalar() or 0
    news = alert_transition.c
    untaken = select(alert_transition).where(news.alert_id == alert_id, news.number > seen).order_by(news.number)
    lines += [
        Line(at=row["at"], cause="event", actor="rules", what=row["transition"], detail={"number": row["number"]})
        for row in connection.execute(untaken).mappings()
    ]
    return lines


def _messages(connection: Connection, alert_id: str) -> list[Sent]:
    own = message_alert.c
    statement = select(outbox).join(message_alert, own.message_id == outbox.c.id).where(own.alert_id == alert_id)
    rows = connection.execute(statement.order_by(outbox.c.created_at, outbox.c.id)).mappings()
    names = [field.name for field in msgspec.structs.fields(Sent)]
    return [Sent(**{name: row[name] for name in names}) for row in rows]


def _judgements(connection: Connection, alert_id: str) -> list[Line]:
    own = alert_judgement.c
    statement = select(alert_judgement).where(own.alert_id == alert_id).order_by(own.number)
    return [
        Line(
            at=row["at"], cause="person", actor=row["person"], what="true" if row["was_true"] else "not true",
            reason=row["reason"],
        )
        for row in connection.execute(statement).mappings()
    ]  # fmt: skip
