"""What events of shipments say."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from streams.events import shipment
from streams.events.envelope import Event
from streams.ledger.facts import (
    Entry,
    Put,
    Units,
    key,
    micros,
    optional_micros,
)


def booked(e: shipment.ShipmentBooked, units: Units) -> Sequence[Entry]:
    d = e.data
    lines: list[list[Any]] = []
    for line in d.lines:
        ratio, unit = units[line.material_code, line.uom]
        lines.append([line.material_code, line.lot, round(line.qty * ratio, 6), unit, line.po_no or d.po_no])
    state = {
        "shipment_id": d.shipment_id, "lines": lines, "po_no": d.po_no, "carrier": d.carrier, "origin": d.ship_from,
        "mode": d.mode.value if d.mode else None, "temp_min": d.temp_min, "temp_max": d.temp_max,
        "planned_departure": optional_micros(d.planned_departure), "planned_arrival": optional_micros(d.planned_arrival),
    }  # fmt: skip
    first = {"first_planned_arrival": state["planned_arrival"]} if d.planned_arrival else None
    return [Entry("shipment", key(e.siteid, d.shipment_id), state, None, first)]


def _shipment(e: Event, shipment_id: str, state: dict[str, Any], put: Put | None = None) -> list[Entry]:
    return [Entry("shipment", key(e.siteid, shipment_id), state, None, {"shipment_id": shipment_id}, put)]


def departed(e: shipment.ShipmentDeparted, units: Units) -> Sequence[Entry]:
    state = {"departed_at": micros(e.data.actual_departure)}
    if e.data.estimated_arrival is not None:
        state["estimated_arrival"] = micros(e.data.estimated_arrival)
    return _shipment(e, e.data.shipment_id, state)


def milestone(e: shipment.ShipmentMilestone, units: Units) -> Sequence[Entry]:
    passed = {"milestones": {e.data.milestone: micros(e.time)}}
    return _shipment(e, e.data.shipment_id, {"milestone": e.data.milestone}, passed)


def eta_changed(e: shipment.ShipmentEtaChanged, units: Units) -> Sequence[Entry]:
    return _shipment(e, e.data.shipment_id, {"estimated_arrival": micros(e.data.estimated_arrival)})


def condition(e: shipment.ShipmentCondition, units: Units) -> Sequence[Entry]:
    logger = e.data.logger_id or ""
    readings = {f"{micros(r.at) // 1_000_000}{logger}": [micros(r.at), r.celsius] for r in e.data.readings}
    reported: dict[str, Any] = {}
    if e.data.excursion_minutes is not None:
        reported = {"carrier_excursion_minutes": e.data.excursion_minutes}
    return _shipment(e, e.data.shipment_id, reported, {"readings": readings})


def arrived(e: shipment.ShipmentArrived, units: Units) -> Sequence[Entry]:
    return _shipment(e, e.data.shipment_id, {"arrived_at": micros(e.data.actual_arrival)})


def shipment_received(e: shipment.ShipmentReceived, units: Units) -> Sequence[Entry]:
    return _shipment(e, e.data.shipment_id, {"received_at": micros(e.data.received_at)})


def shipment_cancelled(e: shipment.ShipmentCancelled, units: Units) -> Sequence[Entry]:
    return _shipment(e, e.data.shipment_id, {"cancelled_at": micros(e.time)})


READINGS: Mapping[type[Event], Callable[[Any, Units], Sequence[Entry]]] = {
    shipment.ShipmentBooked: booked,
    shipment.ShipmentDeparted: departed,
    shipment.ShipmentMilestone: milestone,
    shipment.ShipmentEtaChanged: eta_changed,
    shipment.ShipmentCondition: condition,
    shipment.ShipmentArrived: arrived,
    shipment.ShipmentReceived: shipment_received,
    shipment.ShipmentCancelled: shipment_cancelled,
}
