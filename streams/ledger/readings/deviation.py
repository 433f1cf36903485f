"""What events of deviations and CAPAs say."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from streams.events import deviation
from streams.events.envelope import Event
from streams.ledger.facts import (
    Entry,
    Put,
    Units,
    key,
    micros,
    optional_micros,
)


def opened(e: deviation.DeviationOpened, units: Units) -> Sequence[Entry]:
    d = e.data
    state: dict[str, Any] = {
        "deviation_id": d.deviation_id, "class": d.deviation_class.value, "deviation_type": d.deviation_type.value,
        "line": d.line, "title": d.title, "batch_ids": list(d.batch_ids), "opened_at": micros(d.opened_at),
        "detected_at": optional_micros(d.detected_at), "due_at": optional_micros(d.due_date),
    }  # fmt: skip
    return [Entry("deviation", key(e.siteid, d.deviation_id), state)]


def _deviation(e: Event, deviation_id: str, state: dict[str, Any], put: Put | None = None) -> Entry:
    first = {"deviation_id": deviation_id}
    return Entry("deviation", key(e.siteid, deviation_id), state, None, first, put)


def classified(e: deviation.DeviationClassified, units: Units) -> Sequence[Entry]:
    d = e.data
    state: dict[str, Any] = {"class": d.deviation_class.value}
    if d.batch_impact is not None:
        state["batch_impact"] = d.batch_impact.value
    if d.batch_ids is not None:
        state["batch_ids"] = list(d.batch_ids)
    return [_deviation(e, d.deviation_id, state)]


def extended(e: deviation.DeviationExtended, units: Units) -> Sequence[Entry]:
    until = micros(e.data.extended_to)
    return [_deviation(e, e.data.deviation_id, {"extended_to": until}, {"extensions": {str(until): until}})]


def capa_opened(e: deviation.CapaOpened, units: Units) -> Sequence[Entry]:
    d = e.data
    state = {
        "capa_id": d.capa_id, "deviation_id": d.deviation_id, "title": d.title,
        "opened_at": micros(e.time), "due_at": optional_micros(d.capa_due),
    }  # fmt: skip
    return [Entry("capa", key(e.siteid, d.capa_id), state)]


def capa_closed(e: deviation.CapaClosed, units: Units) -> Sequence[Entry]:
    d = e.data
    fixed = {"capa_id": d.capa_id, "deviation_id": d.deviation_id}
    return [Entry("capa", key(e.siteid, d.capa_id), {"closed_at": micros(d.closed_at)}, None, fixed)]


def closed(e: deviation.DeviationClosed, units: Units) -> Sequence[Entry]:
    d = e.data
    state: dict[str, Any] = {"closed_at": micros(d.closed_at), "root_cause": d.root_cause_category}
    if d.batch_impact is not None:
        state["batch_impact"] = d.batch_impact.value
    return [_deviation(e, d.deviation_id, state)]


READINGS: Mapping[type[Event], Callable[[Any, Units], Sequence[Entry]]] = {
    deviation.DeviationOpened: opened,
    deviation.DeviationClassified: classified,
    deviation.DeviationExtended: extended,
    deviation.CapaOpened: capa_opened,
    deviation.CapaClosed: capa_closed,
    deviation.DeviationClosed: closed,
}
