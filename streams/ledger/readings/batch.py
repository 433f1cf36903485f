"""What events of batches and of line capacity say."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from streams.events import batch
from streams.events.envelope import Event
from streams.ledger.facts import (
    Entry,
    Put,
    Units,
    checked_day,
    checked_week,
    key,
    micros,
)


def planned(e: batch.BatchPlanned, units: Units) -> Sequence[Entry]:
    d = e.data
    route = units.network.routes.get((e.siteid, d.product_code, d.stage.value))
    material = d.material_code or (route.output if route else d.product_code)
    ratio, unit = units[material, d.uom]
    state = {
        "batch_id": d.batch_id, "product": d.product_code, "stage": d.stage.value, "material": material,
        "line": d.line, "order_no": d.order_no, "campaign_id": d.campaign_id, "size": round(d.size * ratio, 6),
        "unit": unit, "yield_planned": d.yield_planned,
        "planned_start": micros(d.planned_start), "planned_finish": micros(d.planned_finish),
    }  # fmt: skip
    first = {"first_planned_start": state["planned_start"], "first_planned_finish": state["planned_finish"]}
    return [Entry("batch", key(e.siteid, d.batch_id), state, None, first)]


def _batch(e: Event, batch_id: str, state: dict[str, Any], put: Put | None = None) -> list[Entry]:
    return [Entry("batch", key(e.siteid, batch_id), state, None, {"batch_id": batch_id}, put)]


def rescheduled(e: batch.BatchRescheduled, units: Units) -> Sequence[Entry]:
    d = e.data
    state: dict[str, Any] = {
        "planned_start": micros(d.planned_start), "planned_finish": micros(d.planned_finish),
    }  # fmt: skip
    if d.line is not None:
        state["line"] = d.line
    return _batch(e, d.batch_id, state)


def started(e: batch.BatchStarted, units: Units) -> Sequence[Entry]:
    d = e.data
    state: dict[str, Any] = {"started_at": micros(d.actual_start)}
    if d.line is not None:
        state["line"] = d.line
    inputs = {f"{i.material_code}/{i.lot}": [i.material_code, i.lot, i.qty, i.uom] for i in d.input_lots}
    return _batch(e, d.batch_id, state, {"input_lots": inputs} if inputs else None)


def step_completed(e: batch.BatchStepCompleted, units: Units) -> Sequence[Entry]:
    return _batch(e, e.data.batch_id, {}, {"steps": {e.data.step: micros(e.time)}})


def completed(e: batch.BatchCompleted, units: Units) -> Sequence[Entry]:
    d = e.data
    state: dict[str, Any] = {
        "completed_at": micros(d.actual_finish), "completed_recorded": micros(e.recordedtime or e.time),
        "yield_actual": d.yield_actual, "yield_unit": d.uom, "output_lot": d.output_lot or d.batch_id,
    }  # fmt: skip
    if d.expiry is not None:
        state["expiry_on"] = checked_day(d.expiry)
    return _batch(e, d.batch_id, state)


def qc_result(e: batch.BatchQcResult, units: Units) -> Sequence[Entry]:
    d = e.data
    final = {"qc_final": True, "qc_result_at": micros(e.time)} if d.final else {}
    return _batch(e, d.batch_id, final, {"tests": {d.test: d.result.value}})


def dispositioned(e: batch.BatchDispositioned, units: Units) -> Sequence[Entry]:
    d = e.data
    by = d.decided_by.value
    decided: dict[str, Any] = {"dispositioned_at": micros(d.disposition_date)}
    decided |= {f"{by}_disposition": d.qa_disposition.value, f"{by}_recorded": micros(e.recordedtime or e.time)}
    return _batch(e, d.batch_id, decided)


def batch_cancelled(e: batch.BatchCancelled, units: Units) -> Sequence[Entry]:
    return _batch(e, e.data.batch_id, {"cancelled_at": micros(e.time)})


def capacity_reported(e: batch.CapacityReported, units: Units) -> Sequence[Entry]:
    d = e.data
    weeks = {checked_week(d.period): [d.available_hours, d.committed_hours]}
    return [Entry("line", key(e.siteid, d.line), {}, None, {"line": d.line}, {"weeks": weeks})]


READINGS: Mapping[type[Event], Callable[[Any, Units], Sequence[Entry]]] = {
    batch.BatchPlanned: planned,
    batch.BatchRescheduled: rescheduled,
    batch.BatchStarted: started,
    batch.BatchStepCompleted: step_completed,
    batch.BatchCompleted: completed,
    batch.BatchQcResult: qc_result,
    batch.BatchDispositioned: dispositioned,
    batch.BatchCancelled: batch_cancelled,
    batch.CapacityReported: capacity_reported,
}
