"""Alerts as the desk takes them in hand: what the rules found, and what people and time have made of it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, TypeVar

import msgspec
from sqlalchemy import Connection, bindparam, insert, select, update

from alerting.labels import Labels
from alerting.life.course import Handling, Held, Occasion, State
from alerting.tables import alert, alert_handling
from alerting.wording.facts import Facts, facts
from risk_rules.findings import Severity

AT_ONCE = 500
"""Keys in one statement."""

Row = Mapping[Any, Any]
T = TypeVar("T")


class _Course(msgspec.Struct, omit_defaults=True):
    """What of a handling lies in the column `course`: all that nothing is looked up by."""

    firing: bool
    severity: Severity
    round: int = 0
    step_at: datetime | None = None
    held_because: str = ""
    held_until: datetime | None = None
    owed: Occasion | None = None
    knows: list[str] = []
    heard: Severity | None = None
    changes: list[datetime] = []
    flaps_until: datetime | None = None
    entries: int = 0
    messages: int = 0


@dataclass(slots=True)
class Case:
    """One alert. `handling` is None until the desk has taken its first news; `version` that of the stored one."""

    row: Row
    labels: Labels
    handling: Handling | None
    version: int
    event_at: datetime | None = None
    was: Severity | None = None
    changed: bool = False

    @property
    def id(self) -> str:
        return str(self.row["id"])

    @property
    def facts(self) -> Facts:
        return facts(self.row)

    @property
    def is_open(self) -> bool:
        return self.handling is not None and self.handling.state is not State.RESOLVED

    def put(self, handling: Handling) -> None:
        """Take another handling, to be written."""
        self.handling, self.changed = handling, True


def in_chunks(values: Sequence[T], size: int = AT_ONCE) -> Iterator[list[T]]:
    """The values, so many at a time."""
    left = iter(values)
    while chunk := list(islice(left, size)):
        yield chunk


def read(connection: Connection, ids: Iterable[str]) -> dict[str, Case]:
    """The cases of these alerts, by id; unknown ids are left out."""
    found: dict[str, Case] = {}
    for chunk in in_chunks(list(dict.fromkeys(ids))):
        handled = select(alert_handling).where(alert_handling.c.alert_id.in_(chunk))
        handlings = {row["alert_id"]: row for row in connection.execute(handled).mappings()}
        for row in connection.execute(select(alert).where(alert.c.id.in_(chunk))).mappings():
            kept = handlings.get(row["id"])
            handling, version = (None, 0) if kept is None else (_handling(kept), int(kept["version"]))
            found[row["id"]] = Case(row, labels_of(row), handling, version)
    return found


def write(connection: Connection, cases: Iterable[Case]) -> None:
    """Write the handlings that have changed."""
    fresh: list[dict[str, Any]] = []
    known: list[dict[str, Any]] = []
    for case in cases:
        if case.changed and case.handling is not None:
            row = _row(case.id, case.handling, case.version + 1)
            (known if case.version else fresh).append(row)
            case.version, case.changed = case.version + 1, False
    if fresh:
        connection.execute(insert(alert_handling), fresh)
    if known:
        statement = update(alert_handling).where(alert_handling.c.alert_id == bindparam("of_alert"))
        values: dict[str, Any] = {name: bindparam(name) for name in known[0] if name != "alert_id"}
        rows = [{"of_alert": row.pop("alert_id"), **row} for row in known]
        connection.execute(statement.values(values), rows)


def labels_of(row: Row) -> Labels:
    """What routing, silences and inhibitions look at."""
    return Labels(
        severity=Severity(row["severity"]), kind=row["kind"], subject_kind=row["subject_kind"], partner=row["partner"],
        site=row["site"], material=row["material"], product=row["product"], region=row["region"], owner=row["owner"],
    )  # fmt: skip


def _handling(row: Row) -> Handling:
    course = msgspec.convert(row["course"], _Course)
    held = None
    if row["held_by"] is not None and course.held_until is not None:
        held = Held(row["held_by"], course.held_because, course.held_until)
    return Handling(
        state=State(row["state"]), firing=course.firing, severity=course.severity, seen=row["seen"],
        person=row["person"], until=row["until"], policy=row["policy"], step=row["step"], round=course.round,
        step_at=course.step_at, held=held, owed=course.owed, knows=frozenset(course.knows), heard=course.heard,
        changes=tuple(course.changes), flaps_until=course.flaps_until, entries=course.entries, messages=course.messages,
    )  # fmt: skip


def _row(alert_id: str, handling: Handling, version: int) -> dict[str, Any]:
    held = handling.held
    course = _Course(
        firing=handling.firing, severity=handling.severity, round=handling.round, step_at=handling.step_at,
        held_because="" if held is None else held.because, held_until=None if held is None else held.until,
        owed=handling.owed, knows=sorted(handling.knows), heard=handling.heard, changes=list(handling.changes),
        flaps_until=handling.flaps_until, entries=handling.entries, messages=handling.messages,
    )  # fmt: skip
    return {
        "alert_id": alert_id,
        "version": version,
        "state": handling.state.value,
        "seen": handling.seen,
        "person": handling.person,
        "until": handling.until,
        "policy": handling.policy,
        "step": handling.step,
        "held_by": None if held is None else held.by,
        "next_action_at": handling.next_action_at,
        "course": msgspec.to_builtins(course),
    }
