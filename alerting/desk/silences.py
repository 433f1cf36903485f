"""Silences and maintenance: begun and ended by people or by their time, and their end is always announced."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import func, insert, select, update

from alerting import audit
from alerting.desk.casebook import Row
from alerting.desk.docket import SERVICE, Docket
from alerting.desk.holds import Silence
from alerting.labels import Labels
from alerting.life.people import NotPossibleError, Person
from alerting.matchers import Matcher, Operator
from alerting.tables import alert_handling, silence
from alerting.wording import notices
from alerting.wording.reader import Reader
from risk_rules.findings import Severity

KINDS = ("silence", "maintenance")


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants to be held back, and when."""

    matchers: tuple[Matcher, ...]
    kind: str
    starts_at: datetime
    ends_at: datetime
    reason: str


def begin(docket: Docket, wish: Wish, person: Person) -> str:
    """Keep a silence; gives its id. Raises `NotPossibleError`."""
    if not wish.reason.strip():
        raise NotPossibleError("say why: the reason is empty")
    if not wish.matchers:
        raise NotPossibleError("say what is to be silent: without a matcher it would be everything")
    if wish.kind not in KINDS:
        raise NotPossibleError(f"{wish.kind!r} is neither a silence nor a maintenance")
    if wish.ends_at <= max(wish.starts_at, docket.now):
        raise NotPossibleError(f"it would end at {wish.ends_at.isoformat()}, before it begins or in the past")
    spoken = [str(one) for one in wish.matchers]
    identifier = uuid4().hex
    row: dict[str, Any] = {
        "id": identifier, "kind": wish.kind, "matchers": spoken, "starts_at": wish.starts_at, "ends_at": wish.ends_at,
        "author": person.name, "reason": wish.reason, "created_at": docket.now, "ended_at": None, "ended_by": None,
    }  # fmt: skip
    docket.connection.execute(insert(silence).values(**row))
    new = {"matchers": spoken, "starts_at": wish.starts_at.isoformat(), "ends_at": wish.ends_at.isoformat()}
    _record(docket, f"{wish.kind}.begun", identifier, person, wish.reason, new)
    return identifier


def end(docket: Docket, identifier: str, person: Person, reason: str) -> None:
    """End a silence now. Raises `NotPossibleError`."""
    row = docket.connection.execute(select(silence).where(silence.c.id == identifier)).mappings().one_or_none()
    if row is None:
        raise NotPossibleError(f"there is no silence {identifier}")
    if row["ended_at"] is not None:
        raise NotPossibleError(f"it ended at {row['ended_at'].isoformat()} already")
    if not reason.strip():
        raise NotPossibleError("say why: the reason is empty")
    _end(docket, row, person, reason)


def end_due(docket: Docket) -> int:
    """End the silences whose time is over: how many."""
    over = select(silence).where(silence.c.ended_at.is_(None), silence.c.ends_at <= docket.now)
    rows = docket.connection.execute(over.order_by(silence.c.ends_at)).mappings().all()
    for row in rows:
        _end(docket, row, None, None)
    return len(rows)


def _end(docket: Docket, row: Row, person: Person | None, reason: str | None) -> None:
    """Never to come back: mark it, look again at what it held back, and announce it."""
    name = "time" if person is None else person.name
    ended = update(silence).where(silence.c.id == row["id"]).values(ended_at=docket.now, ended_by=name)
    docket.connection.execute(ended)
    held = alert_handling.c.held_by == f"silence/{row['id']}"
    count = docket.connection.execute(select(func.count()).select_from(alert_handling).where(held)).scalar_one()
    docket.connection.execute(update(alert_handling).where(held).values(next_action_at=docket.now))
    new = {"held": count}
    _record(docket, f"{row['kind']}.ended", row["id"], person, reason or "its time is over", new)
    spoken = ", ".join(row["matchers"])
    for receiver in sorted(_concerned(docket, Silence.of(row))):
        configured = docket.post.receiver(receiver)
        if configured is not None and configured.partner is None:  # matchers and reasons are in our words
            text = notices.silence_ended(
                spoken, row["kind"], row["author"], row["reason"], min(row["ends_at"], docket.now), count,
                Reader.of(configured),
            )  # fmt: skip
            docket.post.notice(configured, f"silence/{row['id']}", text)


def _concerned(docket: Docket, ended: Silence) -> set[str]:
    """Its author, and those who are told of what it spoke of."""
    equal = {one.label: one.value for one in ended.matchers if one.operator is Operator.EQUAL}
    labels = Labels(
        severity=Severity[equal.get("severity", "warning").upper()], kind=equal.get("kind", ""),
        subject_kind=equal.get("subject_kind", ""), partner=equal.get("partner", ""), site=equal.get("site", ""),
        material=equal.get("material"), product=equal.get("product"), region=equal.get("region"),
        owner=equal.get("owner"),
    )  # fmt: skip
    targets: Iterable[str] = docket.configuration.route(labels).targets
    behind = {name for one in targets for name in docket.configuration.on_duty(one, labels, docket.now).receivers}
    return behind | {ended.author}


def _record(
    docket: Docket, action: str, identifier: str, person: Person | None, reason: str, new: dict[str, Any]
) -> None:
    who = {"actor": SERVICE, "authenticated": "service", "source": "system", "zone": "UTC"}
    if person is not None:
        who = {
            "actor": person.name,
            "authenticated": person.authenticated,
            "source": person.source,
            "zone": person.zone,
        }
    docket.record(
        audit.Entry(
            at=docket.now, **who, on_behalf_of=None if person is None else person.on_behalf_of, action=action,
            object=f"silence/{identifier}", new=new, reason=reason,
        )
    )  # fmt: skip
