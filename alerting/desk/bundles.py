"""What waited in bundles goes out when they are due: looked at again first, then as one message."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select, update

from alerting.configuration.model import Receiver
from alerting.desk.casebook import Case
from alerting.desk.docket import Docket, not_its_partner, told
from alerting.life import bundling
from alerting.life.bundling import Reason
from alerting.life.course import Held, Occasion, Outcome, State
from alerting.tables import bundle, telling
from alerting.wording.reader import Reader
from alerting.wording.several import several
from alerting.wording.single import Message, Saying, message

MOST_IN_ONE = 2500
"""Tellings that one message sums up; what is left goes out with the next."""

MOST_IN_A_ROUND = 5000

_ONLY_WHILE_OPEN = frozenset({Occasion.STEP, Occasion.REMINDER, Occasion.WOKEN})
"""What nobody needs to hear once somebody has taken the alert."""

Row = dict[str, Any]


@dataclass(slots=True)
class _Contents:
    """What a bundle has come to: alerts to tell of, alerts that are over, and what nobody needs."""

    open: list[tuple[Case, Row]] = field(default_factory=list[tuple[Case, Row]])
    over: list[tuple[Case, Row]] = field(default_factory=list[tuple[Case, Row]])
    marks: list[Row] = field(default_factory=list[Row])

    @property
    def all(self) -> list[tuple[Case, Row]]:
        return [*self.open, *self.over]


def send_due(docket: Docket) -> tuple[int, bool]:
    """Send what is due: how many bundles were looked at, and whether more are due."""
    done = looked = 0
    statement = select(bundle).where(bundle.c.due_at <= docket.now).order_by(bundle.c.due_at, bundle.c.id)
    rows = [dict(row) for row in docket.connection.execute(statement.limit(MOST_IN_A_ROUND)).mappings()]
    for number, row in enumerate(rows):
        if looked >= MOST_IN_A_ROUND:
            return number, True
        looked += 1 + _send(docket, row)
        done += 1
    return done, len(rows) == MOST_IN_A_ROUND


def _send(docket: Docket, of: Row) -> int:
    """One bundle: how many tellings were looked at."""
    waiting = select(telling).where(telling.c.bundle_id == of["id"], telling.c.outcome == Outcome.WAITING.value)
    rows = [
        dict(row)
        for row in docket.connection.execute(
            waiting.order_by(telling.c.at, telling.c.id).limit(MOST_IN_ONE + 1)
        ).mappings()
    ]
    more, rows = len(rows) > MOST_IN_ONE, rows[:MOST_IN_ONE]
    receiver = docket.post.receiver(of["receiver"])
    contents = _look_again(docket, rows, receiver)
    later = None
    if contents.all and receiver is not None:
        severity = max(case.labels.severity for case, _ in contents.all)
        later = bundling.postponed(receiver, severity, docket.now, docket.post.full_until(receiver))
    if later is not None:
        contents.open, contents.over = [], []
        _mark(docket, contents.marks)
        docket.post.postpone(of, later)
        return len(rows)
    if receiver is not None and contents.all:
        _tell(docket, of, receiver, contents)
    _mark(docket, contents.marks)
    _go_on(docket, of, contents, more=more)
    return len(rows)


def _go_on(docket: Docket, of: Row, contents: _Contents, *, more: bool) -> None:
    """A group that had something to say waits for its interval before it says more; another bundle is done."""
    if more:
        return
    interval = None
    if of["reason"] == Reason.GROUP and contents.all:
        interval = docket.configuration.route(contents.all[0][0].labels).group_interval
    if interval:
        docket.post.go_on(of, docket.now + interval)
    else:
        docket.post.close(of)


def _look_again(docket: Docket, rows: Sequence[Row], receiver: Receiver | None) -> _Contents:
    """What is still worth telling, one line for each alert: the last decision counts."""
    contents = _Contents()
    by_alert: dict[str, list[Row]] = {}
    for row in rows:
        by_alert.setdefault(row["alert_id"], []).append(row)
    cases = docket.cases(by_alert)
    for alert_id, decisions in by_alert.items():
        case = cases[alert_id]
        decisions.sort(key=lambda row: row["number"])
        why_not = (Outcome.UNREACHABLE, "is no longer configured") if receiver is None else None
        if why_not is None and receiver is not None and not receiver.may_hear_of(case.labels.partner):
            why_not = (Outcome.CANCELLED, not_its_partner(case, receiver))
        if why_not is None:
            why_not = _why_not(docket, case, decisions)
        if why_not is not None:
            contents.marks += [_marked(row, *why_not) for row in decisions]
            continue
        is_over = case.handling is not None and case.handling.state is State.RESOLVED
        said = next(row for row in reversed(decisions) if (row["occasion"] == Occasion.RESOLVED) is is_over)
        others = (row for row in decisions if row is not said)
        contents.marks += [_marked(row, Outcome.CANCELLED, "said with another of the same alert") for row in others]
        (contents.over if is_over else contents.open).append((case, said))
    return contents


def _why_not(docket: Docket, case: Case, decisions: Sequence[Row]) -> tuple[Outcome, str] | None:
    """Why nothing is said of an alert any more; None: it is."""
    handling, receiver = case.handling, decisions[-1]["receiver"]
    assert handling is not None
    occasions = {Occasion(row["occasion"]) for row in decisions}
    if handling.state is State.RESOLVED:
        if receiver not in handling.knows:
            return Outcome.CANCELLED, "over before it was told"
        if Occasion.RESOLVED not in occasions:
            return Outcome.CANCELLED, "over meanwhile; its end is told on its own"
        return None
    if occasions == {Occasion.RESOLVED}:
        return Outcome.CANCELLED, "open again before its end was told"
    if handling.state is not State.OPEN and occasions <= _ONLY_WHILE_OPEN:
        return Outcome.CANCELLED, f"{handling.state.value} by {handling.person} meanwhile"
    held = docket.holds.on(case.id, case.labels)
    if held is not None and handling.state is State.OPEN:
        _hold(case, held, Occasion(decisions[-1]["occasion"]))
        return Outcome.HELD, held.because
    return None


def _hold(case: Case, held: Held, occasion: Occasion) -> None:
    assert case.handling is not None
    case.put(replace(case.handling, held=held, owed=case.handling.owed or occasion))


def _tell(docket: Docket, of: Row, receiver: Receiver, contents: _Contents) -> None:
    """One message: of one alert as if it were told alone, of several as a list."""
    if len(contents.all) == 1:
        case, row = contents.all[0]
        identifier = docket.post.about_one(
            case, receiver, Occasion(row["occasion"]), _alone(docket, case, row, receiver)
        )
    else:
        open_ones = [docket.facts(case, receiver) for case, _ in contents.open]
        over = [docket.facts(case, receiver) for case, _ in contents.over]
        text = several(open_ones, over, of["reason"], Reader.of(receiver))
        cases = [case for case, _ in contents.all]
        identifier = docket.post.about_several(cases, receiver, of, text, over=not contents.open)
    for over, lines in ((False, contents.open), (True, contents.over)):
        for case, row in lines:
            told(case, receiver.name, over=over)
            contents.marks.append(_marked(row, Outcome.TOLD, None, identifier))


def _alone(docket: Docket, case: Case, row: Row, receiver: Receiver) -> Message:
    at: datetime = case.row["changed_at"]
    link = docket.link(case.id, receiver.name, docket.now)
    saying = Saying(occasion=Occasion(row["occasion"]), at=at, step=row["step"], link=link)
    return message(docket.facts(case, receiver), saying, Reader.of(receiver))


def _marked(row: Row, outcome: Outcome, because: str | None, message_id: str | None = None) -> Row:
    words = row["because"] if because is None else f"{row['because']}; {because}"
    return {"of_id": row["id"], "to_outcome": outcome.value, "to_because": words, "to_message": message_id}


def _mark(docket: Docket, marks: list[Row]) -> None:
    if marks:
        statement = update(telling).where(telling.c.id == bindparam("of_id"))
        statement = statement.values(
            outcome=bindparam("to_outcome"), because=bindparam("to_because"), message_id=bindparam("to_message")
        )
        docket.connection.execute(statement, marks)
