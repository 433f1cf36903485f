"""Cases that give canonical events: they go through the ledger of the service, on the stream's clock, in memory.

Between the first event and the last verdict the clock ticks as in service, every six hours from midnight UTC, and at the
time of each verdict.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Engine, select

from alerting.database import reading
from alerting.tables import alert
from risk_rules.documents import Document, Steps
from risk_rules.problems import Problem, did_you_mean
from risk_rules.rulebook import Rulebook
from streams.backtest.living import PLACE, Record
from streams.backtest.memory import memory
from streams.events import EVENT_TYPES, decode
from streams.feeder import tick
from streams.ledger.partition import PartitionLedger
from streams.ledger.standing import Clock, Guides
from streams.ledger.tables import verdict
from streams.ledger.turns import boundary
from streams.network.model import Network
from streams.rule_tests.comparing import Found, differences
from streams.rule_tests.text import CaseText, EventText


def problems(document: Document, path: Steps, case: CaseText) -> list[Problem]:
    """What is wrong with the events: types and fields that there are not, verdicts out of order."""
    found: list[Problem] = []
    for number, event in enumerate(case.events):
        place = (*path, "events", number)
        if event.type not in EVENT_TYPES:
            hint = did_you_mean(event.type, EVENT_TYPES) or "see docs/events.md"
            found.append(document.problem((*place, "type"), f"there is no event {event.type}", hint))
            continue
        try:
            decode(_value(case, number, event))
        except msgspec.DecodeError as error:
            found.append(document.problem((*place, "data"), str(error), "see docs/events.md"))
    for number in range(1, len(case.verdicts)):
        if case.verdicts[number].at <= case.verdicts[number - 1].at:
            message = "is no later than the one before it"
            found.append(document.problem((*path, "verdicts", number), message, "write them in the order of time"))
    return found


def run(case: CaseText, book: Rulebook, network: Network) -> list[str]:
    """The differences of a case, each verdict under its time and subject. `problems` must have found none."""
    engine = memory()
    ledger = PartitionLedger(engine, PLACE, Guides(lambda: network, lambda: book, Clock.STREAM))
    ledger.load()
    lines: list[str] = []
    offset, now = 0, max((one.at for one in case.verdicts), default=case.at)
    told = _told(case)
    clock: datetime | None = None
    for wanted in case.verdicts:
        values: list[bytes] = []
        while told and told[0][0] <= wanted.at:
            at, value = told.pop(0)
            values += _ticks(clock, at)
            clock = at if clock is None else max(clock, at)
            values.append(value)
        values += [*_ticks(clock, wanted.at), tick(wanted.at, 0)]
        clock = wanted.at
        stamp = round(wanted.at.timestamp() * 1000)
        records = [Record(offset + n, value, stamp) for n, value in enumerate(values)]
        offset += len(records)
        refused = ledger.apply(records[0].offset, records, now).refused
        missed = differences(wanted.expect, _found(engine, wanted.subject), case.only)
        if refused:
            missed.append(f"! {refused} events were refused by the ledger")
        if missed:
            lines += [f"at {wanted.at:%Y-%m-%d %H:%M} UTC, {wanted.subject}", *(f"  {line}" for line in missed)]
    engine.dispose()
    return lines


def _told(case: CaseText) -> list[tuple[datetime, bytes]]:
    """When each event becomes known, and its canonical record, in that order."""
    told = [(event.recorded or event.at, _value(case, number, event)) for number, event in enumerate(case.events)]
    return sorted(told, key=lambda one: one[0])


def _value(case: CaseText, number: int, event: EventText) -> bytes:
    said: dict[str, Any] = {
        "specversion": "1.0", "type": event.type, "id": event.id or f"event-{number}", "source": "/tests",
        "time": event.at, "recordedtime": event.recorded or event.at, "partnerid": event.partner or case.partner,
        "siteid": event.site or case.site, "data": event.data,
    }  # fmt: skip
    return msgspec.json.encode(said)


def _ticks(clock: datetime | None, until: datetime) -> Iterator[bytes]:
    """The ticks between two times, both left out."""
    if clock is not None:
        at = boundary(clock)
        while at < until:
            yield tick(at, 0)
            at = boundary(at)


def _found(engine: Engine, subject: str) -> list[Found]:
    """The present verdicts on a subject; owner and advice are those of its open alerts."""
    kind, _, key = subject.partition(":")
    of_alert, of_verdict = alert.c, verdict.c
    joined = verdict.outerjoin(
        alert,
        (of_alert.subject_kind == of_verdict.subject_kind)
        & (of_alert.subject_key == of_verdict.subject_key)
        & (of_alert.kind == of_verdict.kind)
        & (of_alert.state == "open"),
    )
    statement = (
        select(verdict, of_alert.owner, of_alert.advice)
        .select_from(joined)
        .where((of_verdict.subject_kind == kind) & (of_verdict.subject_key == key))
    )
    with reading(engine) as connection:
        rows = [dict(row) for row in connection.execute(statement).mappings()]
    return [
        row
        | {
            "impact_on": None if row["impact_on"] is None else row["impact_on"].isoformat(),
            "advice": row["advice"] or "",
        }
        for row in rows
    ]
