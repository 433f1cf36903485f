"""Batches as their reports tell of them, the lots that they make, and the hours that they take of their lines."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from streams.events import batch
from streams.events.envelope import Event
from streams.ledger.register import identity
from streams.network.model import Network
from streams.network.units import factor
from tests.oracle.reports import Report, State, Units, come_to, key, recorded, report

Rows = dict[str, State]

_FIELDS = (
    "product", "stage", "material", "line", "order_no", "campaign_id", "planned_start", "planned_finish",
    "first_planned_finish", "started_at", "completed_at", "cancelled_at", "size", "unit", "yield_planned", "yield_actual",
    "output_lot", "expiry_on", "cdmo_disposition", "sponsor_disposition", "dispositioned_at",
)  # fmt: skip
_BESIDE = ("completed_recorded", "yield_unit", "cdmo_recorded", "sponsor_recorded")


def batches(events: Sequence[Event], against: dict[str, dict[str, str | None]], network: Network) -> Rows:
    """Each batch, with what the lots need besides. `against`: by batch, the class of each deviation that names it; None
    where it no longer stands."""
    reports: dict[str, list[Report]] = defaultdict(list)
    names: dict[str, str] = {}
    for event in events:
        if event.__class__.__module__ == batch.__name__ and not isinstance(event, batch.CapacityReported):
            d: Any = event.data
            names[key(event.siteid, d.batch_id)] = d.batch_id
            told = report(event, lambda state, e=event: _tell(state, e, network))
            reports[key(event.siteid, d.batch_id)].append(told)
    rows: Rows = {}
    for one in reports.keys() | against.keys():
        classes = list(against.get(one, {}).values())
        row = dict.fromkeys((*_FIELDS, *_BESIDE)) | {"steps": set(), "tests": {}, "inputs": {}}
        row |= come_to(reports[one], alone=not classes)
        steps, tests, inputs = row.pop("steps"), row.pop("tests"), row.pop("inputs")
        final = row.pop("final", False)
        if row["yield_actual"] is not None:
            ratio = factor(row["yield_unit"], row["unit"] or row["yield_unit"])
            assert ratio is not None
            row["yield_actual"] = round(row["yield_actual"] * float(ratio), 6)
        failed = sum(result == "fail" for result in tests.values())
        row |= {
            "batch_id": names.get(one) or one.split("/")[1],
            "status": _status(row),
            "steps_done": len(steps),
            "input_lots": [inputs[lot] for lot in sorted(inputs)],
            "qc_failed": failed,
            "qc_status": "fail" if failed else "pass" if final else "testing" if tests else None,
            "events": len(reports[one]) + len(classes),
        }
        row |= {f"open_{name}": classes.count(name) for name in ("critical", "major", "minor")}
        rows[one] = row
    return rows


def _tell(state: State, event: Any, network: Network) -> None:
    d = event.data
    match event:
        case batch.BatchPlanned():
            route = network.routes.get((event.siteid, d.product_code, d.stage.value))
            material = d.material_code or (route.output if route else d.product_code)
            units = Units(network)
            state |= {
                "product": d.product_code, "stage": d.stage.value, "material": material, "line": d.line,
                "order_no": d.order_no, "campaign_id": d.campaign_id, "size": units.told(d.size, d.uom, material),
                "unit": units.of(material, d.uom), "yield_planned": d.yield_planned,
                "planned_start": d.planned_start, "planned_finish": d.planned_finish,
            }  # fmt: skip
            state.setdefault("first_planned_finish", d.planned_finish)
        case batch.BatchRescheduled():
            state |= {"planned_start": d.planned_start, "planned_finish": d.planned_finish}
            state["line"] = d.line or state.get("line")
        case batch.BatchStarted():
            state["started_at"], state["line"] = d.actual_start, d.line or state.get("line")
            inputs = {f"{i.material_code}/{i.lot}": [i.material_code, i.lot, i.qty, i.uom] for i in d.input_lots}
            state["inputs"] = state.get("inputs", {}) | inputs
        case batch.BatchStepCompleted():
            state["steps"] = state.get("steps", set()) | {d.step}
        case batch.BatchCompleted():
            state |= {
                "completed_at": d.actual_finish, "completed_recorded": recorded(event), "yield_actual": d.yield_actual,
                "yield_unit": d.uom, "output_lot": d.output_lot or d.batch_id,
            }  # fmt: skip
            state["expiry_on"] = d.expiry or state.get("expiry_on")
        case batch.BatchQcResult():
            state["tests"] = state.get("tests", {}) | {d.test: d.result.value}
            state["final"] = state.get("final", False) or d.final
        case batch.BatchDispositioned():
            state["dispositioned_at"] = d.disposition_date
            state[f"{d.decided_by.value}_disposition"] = d.qa_disposition.value
            state[f"{d.decided_by.value}_recorded"] = recorded(event)
        case _:
            state["cancelled_at"] = event.time


def _decided(row: State) -> str | None:
    """A rejection by either quality unit stands; else the sponsor's word goes before the CDMO's."""
    words = [row["sponsor_disposition"], row["cdmo_disposition"]]
    return "rejected" if "rejected" in words else next(filter(None, words), None)


def _status(row: State) -> str:
    decided = _decided(row)
    if row["cancelled_at"] is not None:
        return "cancelled"
    if decided not in (None, "quarantine"):
        return str(decided)
    if row["completed_at"] is not None:
        return "completed"
    return "planned" if row["started_at"] is None else "started"


def made(batches_of_site: Rows) -> dict[str, list[Report]]:
    """By lot: that a batch made it, in quarantine; and then what quality decided, never before it was made."""
    lots: dict[str, list[Report]] = defaultdict(list)
    for one, row in batches_of_site.items():
        if row["completed_at"] is None or row["material"] is None:
            continue
        lot = key(one.split("/")[0], row["material"], row["output_lot"])
        when: datetime = row["completed_recorded"]
        lots[lot].append(_of_batch(one, lot, 0, when, lambda state, row=row: _tell_of_output(state, row)))
        if (decided := _decided(row)) is not None:
            words = [word for word in (row["cdmo_recorded"], row["sponsor_recorded"]) if word is not None]
            later = max(*words, when + timedelta(microseconds=1))
            lots[lot].append(_of_batch(one, lot, 1, later, lambda state, to=decided: state.update(status=to)))
    return lots


def _of_batch(one: str, lot: str, number: int, when: datetime, tell: Any) -> Report:
    """A batch speaks without a sequence, so that time orders it among the store's own reports."""
    return Report(f"batch {one}", None, when, identity(f"batch\n{one}", f"lot\n{lot}\n{number}"), tell)


def _tell_of_output(state: State, row: State) -> None:
    fixed = {
        "material": row["material"], "lot": row["output_lot"], "unit": row["unit"], "batch": row["batch_id"],
        "expiry_on": row["expiry_on"],
    }  # fmt: skip
    for name, value in fixed.items():
        if value is not None:
            state.setdefault(name, value)
    state["status"] = "quarantine"
    state["qty"] = (state.get("qty") or 0.0) + row["yield_actual"]


def lines(events: Sequence[Event], batches_of_site: Rows, network: Network) -> Rows:
    """Each line: the hours it gives, as last reported for each week, and the hours that batches not yet done take."""
    reports: dict[str, list[Report]] = defaultdict(list)
    for event in events:
        if isinstance(event, batch.CapacityReported):
            d = event.data
            told = {d.period: [d.available_hours, d.committed_hours]}
            reports[key(event.siteid, d.line)].append(report(event, lambda state, told=told: state.update(told)))
    hours: dict[str, dict[str, float]] = defaultdict(dict)
    for one, row in batches_of_site.items():
        site = one.split("/")[0]
        route = network.routes.get((site, row["product"] or "", row["stage"] or ""))
        if route is None or not row["line"] or row["status"] not in ("planned", "started") or not row["planned_finish"]:
            continue
        year, week, _ = (row["started_at"] or row["planned_start"]).isocalendar()
        taken, name = hours[key(site, row["line"])], f"{year}-W{week:02}"
        taken[name] = taken.get(name, 0.0) + route.hours
    return {
        line: {
            "line": line.split("/")[1],
            "capacity": come_to(reports[line]),
            "planned_hours": hours.get(line, {}),
            "events": len(reports[line]),
        }
        for line in reports.keys() | hours.keys()
    }
