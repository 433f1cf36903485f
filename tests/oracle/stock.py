"""Lots, orders and requirements as their reports tell of them, and the stock that the lots add up to."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from streams.events import raw_material
from streams.events.envelope import Event
from tests.oracle.reports import Report, State, Units, come_to, in_order, key, report

Rows = dict[str, State]


def lots(events: Sequence[Event], made: dict[str, list[Report]], units: Units) -> Rows:
    """Each lot, from what the store says of it and from the batch that made it."""
    reports: dict[str, list[Report]] = defaultdict(list)
    for event in events:
        if isinstance(
            event,
            raw_material.StockReported
            | raw_material.Received
            | raw_material.Consumed
            | raw_material.Adjusted
            | raw_material.StatusChanged,
        ):
            lot = key(event.siteid, event.data.material_code, event.data.internal_lot)
            reports[lot].append(report(event, lambda state, e=event: _tell_of_lot(state, e, units)))
    for lot, told in made.items():
        reports[lot] += told
    rows: Rows = {}
    for lot, told in reports.items():
        row = dict.fromkeys(
            ("qty", "allocated", "unit", "status", "expiry_on", "retest_on", "supplier", "supplier_lot", "batch", "received_on",
             "rejected_on")
        )  # fmt: skip
        rows[lot] = row | come_to(told) | {"reported_at": in_order(told)[-1].recorded, "events": len(told)}
    return rows


def _tell_of_lot(state: State, event: Any, units: Units) -> None:
    d = event.data
    state["material"], state["lot"] = d.material_code, d.internal_lot
    if not isinstance(event, raw_material.StatusChanged):
        state["unit"] = units.of(d.material_code, d.uom)
    match event:
        case raw_material.StockReported():
            state["qty"] = units.told(d.qty_on_hand, d.uom, d.material_code)
            state["allocated"] = units.told(d.allocated, d.uom, d.material_code)
            state["status"] = d.status.value
        case raw_material.Received():
            add(state, "qty", units.told(d.qty, d.uom, d.material_code))
            state["status"], state["received_on"] = d.status.value, event.time.date().isoformat()
        case raw_material.Consumed():
            add(state, "qty", -units.told(d.qty, d.uom, d.material_code))
        case raw_material.Adjusted():
            add(state, "qty", units.told(d.qty, d.uom, d.material_code))
        case _:
            state["status"] = d.status.value
    if getattr(d, "status", None) == "rejected":
        state.setdefault("rejected_on", event.time.date().isoformat())
    known = {
        "expiry_on": getattr(d, "expiry_date", None), "retest_on": getattr(d, "retest_date", None),
        "supplier": getattr(d, "supplier", None), "supplier_lot": getattr(d, "supplier_lot", None),
    }  # fmt: skip
    state.update({name: value for name, value in known.items() if value is not None})


def add(state: State, name: str, amount: float) -> None:
    """More of it, from nothing where nothing was said."""
    state[name] = (state.get(name) or 0.0) + amount


def materials(lots_of_site: Rows) -> Rows:
    """Usable: released and not promised elsewhere. In quarantine: what came in, not what a batch of the site made."""
    rows: Rows = {}
    for lot, row in lots_of_site.items():
        material = key_of_material(lot)
        stock = rows.setdefault(material, {"material": row["material"], "usable_qty": 0.0, "quarantine_qty": 0.0})
        if row["status"] in ("released", "conditional_release"):
            stock["usable_qty"] += (row["qty"] or 0.0) - (row["allocated"] or 0.0)
        elif row["status"] == "quarantine" and row["batch"] is None:
            stock["quarantine_qty"] += row["qty"] or 0.0
    return rows


def key_of_material(lot: str) -> str:
    """The key of the material of a lot."""
    return lot.rsplit("/", 1)[0]


def orders(
    events: Sequence[Event],
    shipped: dict[str, dict[str, float]],
    arrived: dict[str, list[tuple[str, float]]],
    units: Units,
) -> Rows:
    """Each order of a material; `shipped` says what each shipment carries of it, nothing when it was cancelled; `arrived`
    what each brought on what day."""
    reports: dict[str, list[Report]] = defaultdict(list)
    for event in events:
        ordered = isinstance(event, raw_material.OrderPlaced | raw_material.OrderConfirmed)
        received = isinstance(event, raw_material.Received) and event.data.po_no and event.data.shipment_id is None
        if ordered or received:
            d: Any = event.data
            order = key(event.siteid, d.po_no, d.material_code)
            reports[order].append(report(event, lambda state, e=event: _tell_of_order(state, e, units)))
    rows: Rows = {}
    for order in reports.keys() | shipped.keys():
        row = dict.fromkeys(
            ("supplier", "qty", "unit", "ordered_on", "due_on", "first_confirmed_on", "confirmed_on", "receipts")
        )
        _, po_no, material = order.split("/")
        row |= {"po_no": unescaped(po_no), "material": unescaped(material), "received_qty": 0.0}
        row |= come_to(reports[order], alone=order not in shipped)
        row["shipped_qty"] = sum(shipped.get(order, {}).values())
        promised = row.pop("promised", None) or row["qty"] or 0.0
        row["open_qty"] = max(0.0, promised - row["shipped_qty"] - row["received_qty"])
        receipts = sorted((row.pop("receipts") or []) + arrived.get(order, []))
        row |= {"half_came_on": _came(receipts, promised * 0.5), "came_on": _came(receipts, promised * 0.98)}
        rows[order] = row | {"events": len(reports[order]) + len(shipped.get(order, {}))}
    return rows


def _came(receipts: list[tuple[str, float]], wanted: float) -> str | None:
    """The day on which so much had come."""
    for number, (day, _) in enumerate(receipts):
        if wanted and sum(qty for _, qty in receipts[: number + 1]) >= wanted - 1e-9:
            return day
    return None


def unescaped(code: str) -> str:
    """A code out of a key."""
    return code.replace("~1", "/").replace("~0", "~")


def _tell_of_order(state: State, event: Any, units: Units) -> None:
    d = event.data
    match event:
        case raw_material.OrderPlaced():
            state |= {
                "supplier": d.supplier, "qty": units.told(d.qty, d.uom, d.material_code),
                "unit": units.of(d.material_code, d.uom), "due_on": d.due_date,
            }  # fmt: skip
            state.setdefault("ordered_on", event.time.date().isoformat())
        case raw_material.OrderConfirmed():
            state["confirmed_on"] = d.confirmed_date
            state.setdefault("first_confirmed_on", d.confirmed_date)
            if d.qty is not None:
                uom = d.uom or units.of(d.material_code, "C62")
                state["promised"] = units.told(d.qty, uom, d.material_code)
        case _:
            qty = units.told(d.qty, d.uom, d.material_code)
            add(state, "received_qty", qty)
            state["receipts"] = [*(state.get("receipts") or []), (event.time.date().isoformat(), qty)]


def requirements(events: Sequence[Event], units: Units) -> Rows:
    """The newest report of what a site will need of a material, and nothing of the older ones."""
    newest: dict[str, list[Report]] = defaultdict(list)
    for event in events:
        if isinstance(event, raw_material.RequirementReported):
            d = event.data
            row: State = {"material": d.material_code, "unit": units.of(d.material_code, d.uom), "forecast": {}}
            for need in d.forecast:
                add(row["forecast"], need.date, units.told(need.qty, d.uom, d.material_code))
            row["safety_stock"] = None if d.safety_stock is None else units.told(d.safety_stock, d.uom, d.material_code)
            newest[key(event.siteid, d.material_code)].append(report(event, lambda state, row=row: state.update(row)))
    return {material: come_to(told) | {"events": len(told)} for material, told in newest.items()}
