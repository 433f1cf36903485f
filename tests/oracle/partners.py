"""Suppliers and lanes as their orders, lots and shipments make them look."""

from collections import defaultdict
from datetime import date
from typing import Any

from tests.oracle.reports import State, key
from tests.oracle.stock import unescaped

Rows = dict[str, State]


def arrived(shipments_of_site: Rows) -> dict[str, list[tuple[str, float]]]:
    """By order: on what day shipments brought how much of it."""
    came: dict[str, list[tuple[str, float]]] = defaultdict(list)
    for one, row in shipments_of_site.items():
        carried: dict[str, float] = defaultdict(float)
        for material, _, qty, _, po_no in row["lines"] if row["status"] == "received" else ():
            if po_no is not None:
                carried[key(one.split("/")[0], po_no, material)] += qty
        for order, qty in carried.items():
            came[order].append((row["received_at"].date().isoformat(), qty))
    return came


def suppliers(orders: Rows, lots: Rows) -> Rows:
    """Each supplier that an order or a lot names."""
    rows: Rows = defaultdict(
        lambda: {"orders": 0, "open_orders": 0, "lots_accepted": 0, "lots_rejected": 0, "lead": [], "events": 0}
    )
    for one, row in orders.items():
        if row["supplier"]:
            supplier = rows[key(one.split("/")[0], row["supplier"])]
            supplier["orders"] += 1
            supplier["open_orders"] += row["came_on"] is None
            if row["ordered_on"] and row["half_came_on"]:
                supplier["lead"].append(_days(row["ordered_on"], row["half_came_on"]))
    for one, row in lots.items():
        if row["supplier"]:
            name = key(one.split("/")[0], row["supplier"])
            if row["status"] in ("released", "conditional_release") and row["received_on"]:
                rows[name]["lots_accepted"] += 1
            elif row["status"] == "rejected" and row["rejected_on"]:
                rows[name]["lots_rejected"] += 1
    for one, row in rows.items():
        row["supplier"] = unescaped(one.split("/")[1])
        row["lead_time_days"] = _median([days for days in row.pop("lead") if 0 <= days <= 1095])
    return rows


def lanes(shipments_of_site: Rows) -> Rows:
    """Each place and way by which a shipment that was not cancelled comes."""
    rows: Rows = {}
    for one, row in shipments_of_site.items():
        if not row["origin"] or row["status"] == "cancelled":
            continue
        mode = row["mode"].value if row["mode"] else ""
        start: State = {
            "origin": row["origin"],
            "mode": mode,
            "shipments": 0,
            "under_way": 0,
            "transit": [],
            "events": 0,
        }
        lane = rows.setdefault(key(one.split("/")[0], row["origin"], mode), start)
        lane["shipments"] += 1
        lane["under_way"] += row["departed_at"] is not None and row["received_at"] is None
        if row["departed_at"] and row["received_at"]:
            lane["transit"].append((row["received_at"].date() - row["departed_at"].date()).days)
    for row in rows.values():
        row["transit_days"] = _median([days for days in row.pop("transit") if 0 <= days <= 365])
    return rows


def _days(start: str, end: str) -> int:
    return (date.fromisoformat(end) - date.fromisoformat(start)).days


def _median(days: list[int]) -> Any:
    """The lower of two middle ones."""
    return float(sorted(days)[(len(days) - 1) // 2]) if days else None
