"""Shipments as their reports tell of them, and what they carry of each order."""

import math
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from streams.events import shipment
from streams.events.envelope import Event
from tests.oracle.reports import Report, State, Units, come_to, key, report

Rows = dict[str, State]

_FIELDS = (
    "po_no", "carrier", "mode", "origin", "planned_departure", "planned_arrival", "departed_at", "estimated_arrival",
    "arrived_at", "received_at", "cancelled_at", "milestone", "temp_min", "temp_max",
)  # fmt: skip


def shipments(events: Sequence[Event], units: Units) -> Rows:
    """Each shipment; its readings are worked out as the table has them."""
    reports: dict[str, list[Report]] = defaultdict(list)
    names: dict[str, str] = {}
    for event in events:
        if event.__class__.__module__ == shipment.__name__:
            d: Any = event.data
            names[key(event.siteid, d.shipment_id)] = d.shipment_id
            told = report(event, lambda state, e=event: _tell(state, e, units))
            reports[key(event.siteid, d.shipment_id)].append(told)
    rows: Rows = {}
    for one, told in reports.items():
        row = dict.fromkeys(_FIELDS) | {"shipment_id": names[one], "lines": [], "measured": {}} | come_to(told)
        readings = sorted((at, celsius) for (at, _), celsius in row.pop("measured").items())
        rows[one] = row | _condition(readings, row) | {"status": _status(row), "events": len(told)}
    return rows


def _tell(state: State, event: Any, units: Units) -> None:
    d = event.data
    match event:
        case shipment.ShipmentBooked():
            state["lines"] = [
                [
                    line.material_code, line.lot, units.told(line.qty, line.uom, line.material_code),
                    units.of(line.material_code, line.uom), line.po_no or d.po_no,
                ]
                for line in d.lines
            ]  # fmt: skip
            state |= {name: getattr(d, name) for name in _FIELDS if hasattr(d, name)}
            state["origin"] = d.ship_from
        case shipment.ShipmentDeparted():
            state["departed_at"] = d.actual_departure
            if d.estimated_arrival is not None:
                state["estimated_arrival"] = d.estimated_arrival
        case shipment.ShipmentMilestone():
            state["milestone"] = d.milestone
        case shipment.ShipmentEtaChanged():
            state["estimated_arrival"] = d.estimated_arrival
        case shipment.ShipmentCondition():
            for reading in d.readings:  # a later report of the same moment and logger takes the place of an earlier
                state.setdefault("measured", {})[reading.at, d.logger_id] = reading.celsius
        case shipment.ShipmentArrived():
            state["arrived_at"] = d.actual_arrival
        case shipment.ShipmentReceived():
            state["received_at"] = d.received_at
        case _:
            state["cancelled_at"] = event.time


def _status(row: State) -> str:
    for moment, name in (
        ("cancelled_at", "cancelled"), ("received_at", "received"), ("arrived_at", "arrived"), ("departed_at", "in_transit"),
    ):  # fmt: skip
        if row[moment] is not None:
            return name
    return "booked"


def _condition(readings: list[tuple[datetime, float]], row: State) -> State:
    if not readings:
        nothing = dict.fromkeys(("min_celsius", "max_celsius", "mkt_celsius"))
        return {"readings": 0, "excursion_minutes": 0.0, **nothing}
    warmest_day = max(
        _mean_kinetic([celsius for at, celsius in readings[: n + 1] if end - at <= timedelta(hours=24)])
        for n, (end, _) in enumerate(readings)
    )
    all_celsius = [celsius for _, celsius in readings]
    return {
        "readings": len(readings), "min_celsius": min(all_celsius), "max_celsius": max(all_celsius),
        "mkt_celsius": warmest_day, "excursion_minutes": _excursions(readings, row["temp_min"], row["temp_max"]),
    }  # fmt: skip


def _mean_kinetic(celsius: list[float]) -> float:
    rates = [math.exp(-10_000 / (one + 273.15)) for one in celsius]
    return 10_000 / -math.log(sum(rates) / len(rates)) - 273.15


def _excursions(readings: list[tuple[datetime, float]], least: float | None, greatest: float | None) -> float:
    """Minutes out of range; the first ten of each uninterrupted stretch do not count."""
    minutes = stretch = 0.0
    for (at, celsius), (until, _) in [*pairwise(readings), (readings[-1], readings[-1])]:
        out = (least is not None and celsius < least) or (greatest is not None and celsius > greatest)
        if out and until > at:
            stretch += (until - at).total_seconds() / 60
        elif not out:
            minutes, stretch = minutes + max(0.0, stretch - 10), 0.0
    return minutes + max(0.0, stretch - 10)


def shipped(shipments_of_site: Rows) -> dict[str, dict[str, float]]:
    """By order: what each shipment carries of it."""
    orders: dict[str, dict[str, float]] = defaultdict(dict)
    for one, row in shipments_of_site.items():
        for material, _, qty, _, po_no in row["lines"]:
            if po_no is not None:
                order = key(one.split("/")[0], po_no, material)
                carried = 0.0 if row["status"] == "cancelled" else qty
                orders[order][one] = orders[order].get(one, 0.0) + carried
    return orders
