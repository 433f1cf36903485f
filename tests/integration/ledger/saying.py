"""Events of the site as short sentences. Each has an id of its own; times are hours after Monday morning."""

from datetime import datetime, timedelta
from typing import Any

from tests.oracle.stream import MONDAY, Json, canonical


def after(hours: float) -> datetime:
    """So many hours after Monday morning."""
    return MONDAY + timedelta(hours=hours)


def iso(hours: float) -> str:
    """The same as a partner writes it."""
    return after(hours).isoformat()


def said(event_type: str, event_id: str, data: Json, hours: float = 0, **attributes: Any) -> Json:
    """Any event."""
    return canonical(f"cdmo.{event_type}", event_id, data, after(hours), **attributes)


def _stock(verb: str, event_id: str, lot: str, hours: float, amounts: Json, more: Json) -> Json:
    envelope = {name: more.pop(name) for name in ("source", "sequence", "recordedtime", "corrects") if name in more}
    data = {"material_code": "API-1", "internal_lot": lot, "uom": "KGM"} | amounts | more
    return said(f"raw_material.{verb}", event_id, data, hours, **envelope)


def received(event_id: str, lot: str = "L-1", qty: float = 10, hours: float = 0, **more: Any) -> Json:
    """A lot came in."""
    return _stock("received", event_id, lot, hours, {"qty": qty}, more)


def counted(event_id: str, lot: str = "L-1", qty: float = 10, hours: float = 0, **more: Any) -> Json:
    """A lot was counted; released unless said otherwise."""
    return _stock("stock_reported", event_id, lot, hours, {"qty_on_hand": qty, "status": "released"}, more)


def consumed(event_id: str, lot: str = "L-1", qty: float = 1, hours: float = 0, **more: Any) -> Json:
    """Some of a lot was used."""
    return _stock("consumed", event_id, lot, hours, {"qty": qty}, more)


def withdrawn(event_id: str, named: str, **attributes: Any) -> Json:
    """An earlier event never happened."""
    return said("event.withdrawn", event_id, {"event_id": named}, **attributes)


def ordered(event_id: str, qty: float = 100, po_no: str = "PO-1", **more: Any) -> Json:
    """A material was ordered."""
    data = {"po_no": po_no, "material_code": "API-1", "qty": qty, "uom": "KGM", "due_date": "2026-02-02"}
    return said("raw_material.order_placed", event_id, data | more)


def booked(event_id: str, qty: float = 60, arrival: float = 48, **more: Any) -> Json:
    """A shipment was booked that fills an order."""
    line = {"material_code": "API-1", "qty": qty, "uom": "KGM"}
    data = {"shipment_id": "S-1", "po_no": "PO-1", "lines": [line], "planned_arrival": iso(arrival)}
    return said("shipment.booked", event_id, data | more)


def shipment(event_id: str, verb: str, hours: float = 0, **data: Any) -> Json:
    """Something happened to the shipment."""
    return said(f"shipment.{verb}", event_id, {"shipment_id": "S-1"} | data, hours)


def planned(event_id: str, batch: str = "B-1", **more: Any) -> Json:
    """A batch of 50 kg of substance is planned for next week."""
    data = {
        "batch_id": batch, "product_code": "AMLO", "stage": "DS", "line": "R1", "size": 50, "uom": "KGM",
        "planned_start": iso(168), "planned_finish": iso(336),
    }  # fmt: skip
    return said("batch.planned", event_id, data | more)


def completed(event_id: str, batch: str = "B-1", hours: float = 340, **more: Any) -> Json:
    """A batch gave 48 kg."""
    data = {"batch_id": batch, "actual_finish": iso(hours), "yield_actual": 48, "uom": "KGM"}
    return said("batch.completed", event_id, data | more, hours)


def dispositioned(event_id: str, decision: str, batch: str = "B-1", hours: float = 400, by: str = "cdmo") -> Json:
    """Quality decided on a batch."""
    data = {"batch_id": batch, "qa_disposition": decision, "disposition_date": iso(hours), "decided_by": by}
    return said("batch.dispositioned", event_id, data, hours)


def deviation(event_id: str, verb: str, hours: float = 0, **data: Any) -> Json:
    """Something happened to a deviation."""
    return said(f"deviation.{verb}", event_id, {"deviation_id": "D-1"} | data, hours)


def opened(event_id: str, *batches: str, deviation_class: str = "critical", **more: Any) -> Json:
    """A deviation on some batches."""
    data: Json = {"class": deviation_class, "opened_at": iso(0), "batch_ids": list(batches)}
    return deviation(event_id, "opened", **(data | more))
