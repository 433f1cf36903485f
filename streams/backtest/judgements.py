"""What people said of the alerts that a service raised: whether one was true, in the place of what history seems to tell."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime

import msgspec
from sqlalchemy import Connection, func, select

from alerting.tables import alert, alert_judgement

OPEN_END = datetime.max.replace(tzinfo=UTC)


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """The last that somebody said of an alert. `resolved_at`: None while it is open."""

    subject: str
    kind: str
    opened_at: datetime
    resolved_at: datetime | None
    was_true: bool
    person: str
    reason: str
    at: datetime


def judgements(connection: Connection) -> list[Said]:
    """All alerts of a database of which somebody said whether they were true. Who speaks last of one is right."""
    of, said = alert.c, alert_judgement.c
    last = select(said.alert_id, func.max(said.number).label("number")).group_by(said.alert_id).subquery()
    rows = connection.execute(
        select(
            of.subject_kind, of.subject_key, of.kind, of.opened_at, of.resolved_at, said.was_true, said.person,
            said.reason, said.at,
        )
        .join(alert_judgement, said.alert_id == of.id)
        .join(last, (last.c.alert_id == said.alert_id) & (last.c.number == said.number))
        .order_by(of.opened_at, of.id)
    )  # fmt: skip
    return [
        Said(
            subject=f"{row.subject_kind}:{row.subject_key}", kind=row.kind, opened_at=row.opened_at,
            resolved_at=row.resolved_at, was_true=row.was_true, person=row.person, reason=row.reason, at=row.at,
        )
        for row in rows
    ]  # fmt: skip


class Judged:
    """Judgements by the alert that they are of."""

    def __init__(self, said: Iterable[Said]) -> None:
        self._said: defaultdict[tuple[str, str], list[Said]] = defaultdict(list)
        for one in said:
            self._said[one.subject, one.kind].append(one)

    def of(self, subject: str, kind: str, begin: datetime, end: datetime) -> Said | None:
        """What was said of an alert of this kind on this subject that stood at some time between the two.

        Of several, that which opened nearest to `begin`.
        """
        met = [
            one
            for one in self._said.get((subject, kind), ())
            if one.opened_at <= end and (one.resolved_at or OPEN_END) >= begin
        ]
        return min(met, key=lambda one: abs(one.opened_at - begin), default=None)
