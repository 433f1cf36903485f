"""Deviations and actions as their reports tell of them, and what stands against which batch."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from streams.events import deviation
from streams.events.envelope import Event
from tests.oracle.reports import Report, State, come_to, key, report

Rows = dict[str, State]

_FIELDS = (
    "class", "deviation_type", "line", "title", "batch_impact", "detected_at", "opened_at", "due_at", "extended_to",
    "closed_at", "root_cause",
)  # fmt: skip
_ACTIONS = deviation.CapaOpened | deviation.CapaClosed


def deviations(events: Sequence[Event]) -> Rows:
    """Each deviation."""
    reports: dict[str, list[Report]] = defaultdict(list)
    for event in events:
        if event.__class__.__module__ == deviation.__name__ and not isinstance(event, _ACTIONS):
            d: Any = event.data
            one = report(event, lambda state, e=event: _tell(state, e))
            reports[key(event.siteid, d.deviation_id)].append(one)
    rows: Rows = {}
    for one, told in reports.items():
        row = dict.fromkeys(_FIELDS) | {"batch_ids": [], "extended": set()} | come_to(told)
        row["extensions"] = len(row.pop("extended"))
        rows[one] = row | {"status": "closed" if row["closed_at"] else "open", "events": len(told)}
    return rows


def _tell(state: State, event: Any) -> None:
    d = event.data
    state["deviation_id"] = d.deviation_id
    match event:
        case deviation.DeviationOpened():
            state |= {
                "class": d.deviation_class.value, "deviation_type": d.deviation_type.value, "line": d.line,
                "title": d.title, "batch_ids": list(d.batch_ids), "opened_at": d.opened_at,
                "detected_at": d.detected_at, "due_at": d.due_date,
            }  # fmt: skip
        case deviation.DeviationClassified():
            state["class"] = d.deviation_class.value
            if d.batch_ids is not None:
                state["batch_ids"] = list(d.batch_ids)
        case deviation.DeviationExtended():
            state["extended_to"] = d.extended_to
            state["extended"] = state.get("extended", set()) | {d.extended_to}
        case _:
            state["closed_at"], state["root_cause"] = d.closed_at, d.root_cause_category
    if (impact := getattr(d, "batch_impact", None)) is not None:
        state["batch_impact"] = impact.value


def against(deviations_of_site: Rows) -> dict[str, dict[str, str | None]]:
    """By batch: the class of each deviation that names it, None for one that is closed or found without impact."""
    batches: dict[str, dict[str, str | None]] = defaultdict(dict)
    for one, row in deviations_of_site.items():
        stands = row["status"] == "open" and row["batch_impact"] != "none"
        for batch in row["batch_ids"]:
            batches[key(one.split("/")[0], batch)][one] = (row["class"] or "minor") if stands else None
    return batches


def capas(events: Sequence[Event]) -> Rows:
    """Each corrective or preventive action."""
    reports: dict[str, list[Report]] = defaultdict(list)
    for event in events:
        if isinstance(event, _ACTIONS):
            one = key(event.siteid, event.data.capa_id)
            reports[one].append(report(event, lambda state, e=event: _tell_of_capa(state, e)))
    rows: Rows = {}
    for one, told in reports.items():
        row = dict.fromkeys(("title", "opened_at", "due_at", "closed_at")) | come_to(told)
        rows[one] = row | {"status": "closed" if row["closed_at"] else "open", "events": len(told)}
    return rows


def _tell_of_capa(state: State, event: Any) -> None:
    d = event.data
    state["capa_id"] = d.capa_id
    if isinstance(event, deviation.CapaOpened):
        state |= {"deviation_id": d.deviation_id, "title": d.title, "opened_at": event.time, "due_at": d.capa_due}
    else:
        state.setdefault("deviation_id", d.deviation_id)
        state["closed_at"] = d.closed_at
