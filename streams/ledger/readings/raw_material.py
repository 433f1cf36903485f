"""What events of raw materials say: of lots, of orders, of needs."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from streams.events import raw_material
from streams.events.envelope import Event
from streams.events.types import Disposition
from streams.ledger.facts import (
    Entry,
    Units,
    checked_day,
    day,
    key,
    lot_key,
    optional_day,
)


def stock_reported(e: raw_material.StockReported, units: Units) -> Sequence[Entry]:
    d = e.data
    ratio, unit = units[d.material_code, d.uom]
    state = {
        "material": d.material_code,
        "lot": d.internal_lot,
        "qty": d.qty_on_hand if ratio == 1.0 else round(d.qty_on_hand * ratio, 6),
        "unit": unit,
        "status": d.status._value_,  # `value` is a slow property
        "counted": True,
        "allocated": d.allocated if ratio == 1.0 else round(d.allocated * ratio, 6),
    }
    if d.expiry_date is not None:
        state["expiry_on"] = checked_day(d.expiry_date)
    if d.retest_date is not None:
        state["retest_on"] = checked_day(d.retest_date)
    if d.supplier is not None:
        state["supplier"] = d.supplier
    if d.supplier_lot is not None:
        state["supplier_lot"] = d.supplier_lot
    first = {"rejected_on": day(e.time)} if d.status is Disposition.REJECTED else None
    return [Entry("lot", lot_key(e.siteid, d.material_code, d.internal_lot), state, None, first)]


def _lot(units: Units, site: str, material: str, lot: str, uom: str, qty: float, **state: Any) -> Entry:
    ratio, unit = units[material, uom]
    present = {name: value for name, value in state.items() if value is not None}
    fixed = {"material": material, "lot": lot, "unit": unit}
    if state.get("status") == "rejected":
        fixed["rejected_on"] = state["received_on"]
    return Entry("lot", lot_key(site, material, lot), present, {"qty": round(qty * ratio, 6)}, fixed)


def received(e: raw_material.Received, units: Units) -> Sequence[Entry]:
    d = e.data
    entries = [
        _lot(units,
            e.siteid, d.material_code, d.internal_lot, d.uom, d.qty, status=d.status.value, expiry_on=optional_day(d.expiry_date),
            retest_on=optional_day(d.retest_date), supplier=d.supplier, supplier_lot=d.supplier_lot, received_on=day(e.time),
        )
    ]  # fmt: skip
    if (
        d.po_no is not None and d.shipment_id is None
    ):  # what a shipment brought was taken off the order when it was booked
        ratio, _ = units[d.material_code, d.uom]
        qty = round(d.qty * ratio, 6)
        fixed = {"po_no": d.po_no, "material": d.material_code}
        receipts = {"receipts": {_receipt(e): [day(e.time), qty]}}
        entries.append(
            Entry("purchase_order", key(e.siteid, d.po_no, d.material_code), {}, {"received_qty": qty}, fixed, receipts)
        )
    return entries


def _receipt(e: raw_material.Received) -> str:
    """What tells one receipt from another: a lot may come in twice."""
    return key(e.source, e.id)


def consumed(e: raw_material.Consumed, units: Units) -> Sequence[Entry]:
    d = e.data
    return [_lot(units, e.siteid, d.material_code, d.internal_lot, d.uom, -d.qty)]


def adjusted(e: raw_material.Adjusted, units: Units) -> Sequence[Entry]:
    d = e.data
    return [_lot(units, e.siteid, d.material_code, d.internal_lot, d.uom, d.qty)]


def status_changed(e: raw_material.StatusChanged, units: Units) -> Sequence[Entry]:
    d = e.data
    state: dict[str, Any] = {"status": d.status.value}
    if d.expiry_date is not None:
        state["expiry_on"] = checked_day(d.expiry_date)
    if d.retest_date is not None:
        state["retest_on"] = checked_day(d.retest_date)
    fixed = {"material": d.material_code, "lot": d.internal_lot}
    if d.status is Disposition.REJECTED:
        fixed["rejected_on"] = day(e.time)
    return [Entry("lot", lot_key(e.siteid, d.material_code, d.internal_lot), state, None, fixed)]


def order_placed(e: raw_material.OrderPlaced, units: Units) -> Sequence[Entry]:
    d = e.data
    ratio, unit = units[d.material_code, d.uom]
    state = {
        "po_no": d.po_no, "material": d.material_code, "supplier": d.supplier, "unit": unit,
        "qty": round(d.qty * ratio, 6), "due_on": optional_day(d.due_date),
    }  # fmt: skip
    return [Entry("purchase_order", key(e.siteid, d.po_no, d.material_code), state, None, {"ordered_on": day(e.time)})]


def order_confirmed(e: raw_material.OrderConfirmed, units: Units) -> Sequence[Entry]:
    d = e.data
    state: dict[str, Any] = {"confirmed_on": checked_day(d.confirmed_date)}
    if d.qty is not None:
        network_unit = units.network.materials.get(d.material_code)
        ratio, _ = units[d.material_code, d.uom or (network_unit.uom if network_unit else "C62")]
        state["confirmed_qty"] = round(d.qty * ratio, 6)
    fixed = {"po_no": d.po_no, "material": d.material_code, "first_confirmed_on": d.confirmed_date}
    return [Entry("purchase_order", key(e.siteid, d.po_no, d.material_code), state, None, fixed)]


def requirement_reported(e: raw_material.RequirementReported, units: Units) -> Sequence[Entry]:
    d = e.data
    ratio, unit = units[d.material_code, d.uom]
    forecast: dict[str, float] = {}
    for need in d.forecast:
        forecast[checked_day(need.date)] = round(forecast.get(need.date, 0.0) + need.qty * ratio, 6)
    state: dict[str, Any] = {
        "material": d.material_code, "unit": unit, "forecast": forecast,
        "safety_stock": None if d.safety_stock is None else round(d.safety_stock * ratio, 6),
    }  # fmt: skip
    return [Entry("requirement", key(e.siteid, d.material_code), state)]


READINGS: Mapping[type[Event], Callable[[Any, Units], Sequence[Entry]]] = {
    raw_material.StockReported: stock_reported,
    raw_material.Received: received,
    raw_material.Consumed: consumed,
    raw_material.Adjusted: adjusted,
    raw_material.StatusChanged: status_changed,
    raw_material.OrderPlaced: order_placed,
    raw_material.OrderConfirmed: order_confirmed,
    raw_material.RequirementReported: requirement_reported,
}
