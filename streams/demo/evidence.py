"""Reads what the run left behind: alerts and messages from the database, rejects from the partners' dead letters."""

from collections import Counter
from datetime import date
from typing import NamedTuple

from sqlalchemy import Connection, case, func, select

from alerting.tables import alert, alert_news, alert_transition, audit, outbox
from risk_rules.findings import Severity
from streams.demo.summary import AlertSeen, Course
from streams.ledger.tables import refused_event, stream_position
from streams.status import severity_name


class Told(NamedTuple):
    """A message as it went to the chat."""

    title: str
    body: str


def courses(connection: Connection) -> list[Course]:
    """Every alert, with the greatest severity it ever had and the first day of impact it foretold."""
    step = alert_transition.c
    urgent = case((step.to_severity > Severity.WATCH, step.at))
    steps = (
        select(step.alert_id, func.max(step.to_severity).label("greatest"), func.min(urgent).label("urgent_at"))
        .group_by(step.alert_id)
        .subquery()
    )
    rows = connection.execute(
        select(alert, steps.c.greatest, steps.c.urgent_at).join(steps, steps.c.alert_id == alert.c.id)
    )
    foretold = _first_foretold(connection)
    return [
        Course(
            AlertSeen(
                subject=f"{row.subject_kind}:{row.subject_key}",
                kind=row.kind,
                severity=severity_name(row.greatest),
                opened_at=row.opened_at,
                resolved_at=row.resolved_at,
                impact_on=foretold.get(row.id, row.impact_on),
            ),
            row.urgent_at,
        )
        for row in rows
    ]


def _first_foretold(connection: Connection) -> dict[str, date]:
    """The first day of impact that each alert foretold, by its id: what it says now may rest on what happened since."""
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


def open_alerts(connection: Connection) -> dict[str, int]:
    """How many are open, by severity."""
    rows = connection.execute(
        select(alert.c.severity, func.count()).where(alert.c.state == "open").group_by(alert.c.severity)
    )
    counted = {severity_name(severity): number for severity, number in rows}
    return {severity.name.lower(): counted.get(severity.name.lower(), 0) for severity in reversed(Severity)}


def newest_alerts(connection: Connection, *, most: int) -> list[tuple[str, str]]:
    """Severity and summary of the alerts that opened last, oldest first."""
    rows = connection.execute(
        select(alert.c.severity, alert.c.summary).order_by(alert.c.opened_at.desc(), alert.c.id).limit(most)
    )
    return [(severity_name(severity), summary) for severity, summary in rows][::-1]


def messages(connection: Connection) -> tuple[dict[str, int], int]:
    """How many messages are in each state, and how many were marked as a possible repeat."""
    states = connection.execute(select(outbox.c.state, func.count()).group_by(outbox.c.state)).all()
    repeats = connection.execute(select(func.count()).where(outbox.c.possible_repeat)).scalar_one()
    return dict(states), repeats


def messages_waiting(connection: Connection) -> int:
    """How many are still to be sent, or news of alerts that have yet to become messages."""
    news = connection.execute(select(func.count()).select_from(alert_news)).scalar_one()
    waiting = select(func.count()).select_from(outbox).where(outbox.c.state.in_(("pending", "leased")))
    return news + connection.execute(waiting).scalar_one()


class Handled(NamedTuple):
    """Events of the ledger, all partitions together."""

    counted: int
    repeated: int
    refused: int


def handled(connection: Connection) -> Handled:
    """What became of the events so far."""
    columns = (stream_position.c.counted, stream_position.c.repeated, stream_position.c.refused)
    sums = connection.execute(select(*(func.coalesce(func.sum(column), 0) for column in columns))).one()
    return Handled(*(int(value) for value in sums))


def refusals(connection: Connection) -> Counter[str]:
    """Why the ledger refused events, by reason."""
    rows = connection.execute(select(refused_event.c.reason, func.count()).group_by(refused_event.c.reason))
    return Counter(dict(rows.all()))


def openings(connection: Connection, *, most: int) -> list[Told]:
    """Messages that were the first of their alert: of stock that runs short first, then the most severe; each kind once."""
    first = select(outbox.c.alert_id, func.min(outbox.c.number).label("number")).group_by(outbox.c.alert_id).subquery()
    rows = connection.execute(
        select(outbox.c.title, outbox.c.body, alert.c.kind, outbox.c.severity)
        .join(alert, alert.c.id == outbox.c.alert_id)
        .join(first, (first.c.alert_id == outbox.c.alert_id) & (first.c.number == outbox.c.number))
        .where(outbox.c.state == "sent")
        .order_by(alert.c.subject_kind != "material", outbox.c.severity.desc(), alert.c.opened_at)
    ).all()
    first_of_kind = {row.kind: Told(row.title, row.body) for row in reversed(rows)}
    chosen = list(dict.fromkeys(first_of_kind[row.kind] for row in rows))
    return (chosen + [told for row in rows if (told := Told(row.title, row.body)) not in chosen])[:most]
