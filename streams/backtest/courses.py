"""Reads what a lived history left in the database: the alerts, and what happened. Both are courses of alerts there."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import Connection, select

from alerting.tables import alert, alert_transition, audit
from risk_rules.findings import Severity
from streams.backtest.outcomes import PREFIX, Outcomes

NOBODY = "nobody"
"""The owner of an alert whose rule names none."""


class Course(msgspec.Struct, frozen=True, kw_only=True):
    """An alert from its opening to its end.

    `reached`: when it first had each severity or a greater one; `impact_on`: the first day of impact that it foretold;
    `resolved_at`: None while it stands at the end of the history.
    """

    subject_kind: str
    subject_key: str
    site: str
    kind: str
    rule: str
    owner: str
    opened_at: datetime
    resolved_at: datetime | None
    reached: dict[str, datetime]
    impact_on: date | None
    likelihood: float | None
    summary: str

    @property
    def subject(self) -> str:
        """Kind and key: `material:BSL/RM-1`."""
        return f"{self.subject_kind}:{self.subject_key}"

    @property
    def greatest(self) -> str:
        """The greatest severity that it had."""
        return next(name for severity in reversed(Severity) if (name := severity.name.lower()) in self.reached)


class Episode(msgspec.Struct, frozen=True):
    """Something that happened to a subject, by the name of its outcome. `ended_at`: None where it went on to the end."""

    outcome: str
    subject: str
    began_at: datetime
    ended_at: datetime | None = None


def courses(connection: Connection) -> tuple[list[Course], list[Episode]]:
    """The alerts of the judged rules, and what happened, both in the order of time."""
    reached = _reached(connection)
    foretold = _first_foretold(connection)
    alerts: list[Course] = []
    happened: list[Episode] = []
    for row in connection.execute(select(alert).order_by(alert.c.opened_at, alert.c.subject_key, alert.c.kind)):
        course = _course(row, reached[row.id], foretold.get(row.id, row.impact_on))
        if not course.kind.startswith(PREFIX):
            alerts.append(course)
        else:
            name = course.kind.removeprefix(PREFIX)
            happened.append(Episode(name, course.subject, course.opened_at, course.resolved_at))
    return alerts, happened


def episodes(happened: Iterable[Episode], outcomes: Outcomes, end: datetime) -> list[Episode]:
    """What counts: spells no further apart than their outcome's `apart_days` are one, and it held for longer than `lasts_hours`.

    `end` is the last tick of the history.
    """
    joined: dict[tuple[str, str], list[Episode]] = {}
    for one in sorted(happened, key=lambda one: one.began_at):
        outcome, spells = outcomes.by_name[one.outcome], joined.setdefault((one.outcome, one.subject), [])
        before = spells[-1].ended_at if spells else None
        if spells and (before is None or one.began_at - before <= timedelta(days=outcome.apart_days)):
            spells[-1] = msgspec.structs.replace(spells[-1], ended_at=one.ended_at)
        else:
            spells.append(one)
    whole = [one for spells in joined.values() for one in spells]
    whole.sort(key=lambda one: (one.began_at, one.outcome, one.subject))
    return [one for one in whole if _lasted(one, timedelta(hours=outcomes.by_name[one.outcome].lasts_hours), end)]


def _lasted(one: Episode, wanted: timedelta, end: datetime) -> bool:
    return not wanted or (one.ended_at or end) - one.began_at > wanted


def _course(row: Any, reached: dict[str, datetime], impact_on: date | None) -> Course:
    return Course(
        subject_kind=row.subject_kind, subject_key=row.subject_key, site=row.site, kind=row.kind, rule=row.rule,
        owner=row.owner or NOBODY, opened_at=row.opened_at, resolved_at=row.resolved_at, reached=reached,
        impact_on=impact_on, likelihood=row.likelihood, summary=row.summary,
    )  # fmt: skip


def _reached(connection: Connection) -> dict[str, dict[str, datetime]]:
    """By alert, when it first had each severity or a greater one."""
    step = alert_transition.c
    rows = connection.execute(select(step.alert_id, step.to_severity, step.at).order_by(step.alert_id, step.number))
    reached: dict[str, dict[str, datetime]] = {}
    for alert_id, severity, at in rows:
        held = reached.setdefault(alert_id, {})
        for lower in _up_to(severity):
            held.setdefault(lower.name.lower(), at)
    return reached


def _up_to(severity: int | None) -> Iterable[Severity]:
    return () if severity is None else (one for one in Severity if one <= severity)


def _first_foretold(connection: Connection) -> dict[str, date]:
    """By alert, the first day of impact that it foretold: what it says at the end may rest on what happened since."""
    rows = connection.execute(
        select(audit.c.object, audit.c.new)
        .where(audit.c.action.like("alert.%"))
        .order_by(audit.c.chain, audit.c.sequence)
    )
    foretold: dict[str, date] = {}
    for about, new in rows:
        if (day := new.get("impact_on")) is not None:
            foretold.setdefault(about.removeprefix("alert/"), date.fromisoformat(day))
    return foretold
