"""Shipments: where they are, when they will come, what they bring, and whether they stayed cold."""

from datetime import date
from typing import Any, Final, NamedTuple

from risk_rules.methods.kinetic_temperature import excursion_minutes, greatest_in_window
from streams.ledger.entity import MICRO, Derived, Entity, Kind, Share, Surroundings, days_after, ordinal
from streams.ledger.facts import Entry, key, material_target
from streams.ledger.kinds.lane import Passage
from streams.ledger.rows import since_2000
from streams.network.model import Network
from streams.network.reach import touched

MKT_WINDOW_HOURS: Final = 24.0
"""A refrigerated product's mean kinetic temperature is judged over 24 hours; a longer window would hide an excursion."""


def status(state: dict[str, Any]) -> str:
    """How far the shipment has come: the farthest that any report says."""
    for field, name in (
        ("cancelled_at", "cancelled"),
        ("received_at", "received"),
        ("arrived_at", "arrived"),
        ("departed_at", "in_transit"),
    ):
        if state.get(field) is not None:
            return name
    return "booked"


def expected(state: dict[str, Any]) -> int | None:
    """When it is due to arrive, in microseconds: as it did, else as the carrier says, else as planned."""
    for field in ("arrived_at", "estimated_arrival", "planned_arrival"):
        if state.get(field) is not None:
            return state[field]
    return None


def shares(entity: Entity, network: Network) -> tuple[Share, ...]:
    """What is under way is a receipt of each material on the day of its arrival. Any shipment tells of its lane."""
    state = entity.state
    due, how_far = expected(state), status(state)
    if how_far == "cancelled":
        return ()
    shares: list[Share] = []
    if state.get("origin"):
        days = (state.get(field) for field in ("departed_at", "first_planned_arrival", "received_at"))
        passage = Passage(*(None if at is None else ordinal(at) for at in days))
        shares.append(Share(("lane", key(entity.site, *_lane(state))), passage.bucket(), 1))
    if due is not None and how_far != "received":
        first = state.get("first_planned_arrival") or due
        bucket = f"S {date.fromordinal(ordinal(due))} {date.fromordinal(ordinal(first))}"
        shares += [Share(material_target(entity.site, material), bucket, n) for material, n in _amounts(state).items()]
    return tuple(shares)


def _lane(state: dict[str, Any]) -> tuple[str, str]:
    """From where, and how."""
    return state.get("origin") or "", state.get("mode") or ""


def _amounts(state: dict[str, Any]) -> dict[str, int]:
    """How much of each material is in it, in millionths."""
    amounts: dict[str, int] = {}
    for material, _, qty, _, _ in state.get("lines", ()):
        amounts[material] = amounts.get(material, 0) + round(qty * MICRO)
    return amounts


def derived(entity: Entity, network: Network) -> tuple[Derived, ...]:
    """A shipment takes what it carries off the orders that it fills, unless it is cancelled, and fills them once received."""
    state = entity.state
    shipped: dict[tuple[str, str], float] = {}
    for material, _, qty, _, po_no in state.get("lines", ()):
        if po_no is not None:
            shipped[po_no, material] = round(shipped.get((po_no, material), 0.0) + qty, 6)
    how_far, lane = status(state), key(*_lane(state))
    arrived = date.fromordinal(ordinal(state["received_at"])).isoformat() if how_far == "received" else None

    def put(qty: float) -> dict[str, dict[str, Any]]:
        shipped = {"shipped": {entity.key: 0.0 if how_far == "cancelled" else qty}}
        return shipped if arrived is None else {**shipped, "arrived": {entity.key: [arrived, qty, lane]}}

    recorded = max((fact.recorded for fact in entity.journal.facts), default=0)
    return tuple(
        Derived(
            Entry(
                "purchase_order", key(entity.site, po_no, material), {}, None, {"po_no": po_no, "material": material},
                put(qty),
            ),
            recorded,
        )
        for (po_no, material), qty in shipped.items()
    )  # fmt: skip


class Condition(NamedTuple):
    """What the loggers of a shipment measured. `mkt_celsius` is the greatest mean kinetic temperature of any window."""

    readings: int
    min_celsius: float | None = None
    max_celsius: float | None = None
    mkt_celsius: float | None = None
    excursion_minutes: float = 0.0


def condition(state: dict[str, Any]) -> Condition:
    """The condition of the goods, from all readings in time."""
    readings = sorted((at / 1e6, celsius) for at, celsius in state.get("readings", {}).values())
    if not readings:
        return Condition(0)
    celsius = [reading for _, reading in readings]
    mkt = greatest_in_window([(at / 3600, c) for at, c in readings], MKT_WINDOW_HOURS)
    out = excursion_minutes([(at / 60, c) for at, c in readings], state.get("temp_min"), state.get("temp_max"))
    return Condition(len(readings), min(celsius), max(celsius), None if mkt is None else round(mkt, 4), round(out, 3))


def columns(entity: Entity) -> tuple[Any, ...]:
    state = entity.state
    get = state.get
    measured = condition(state)
    return (
        get("shipment_id"), status(state), get("po_no"), get("carrier"), get("mode"), get("origin"),
        since_2000(get("planned_departure")), since_2000(get("planned_arrival")), since_2000(get("departed_at")),
        since_2000(get("estimated_arrival")), since_2000(get("arrived_at")), since_2000(get("received_at")),
        since_2000(get("cancelled_at")), get("milestone"), get("lines", []), get("temp_min"), get("temp_max"),
        measured.readings, measured.min_celsius, measured.max_celsius, measured.mkt_celsius, measured.excursion_minutes,
    )  # fmt: skip


def features(entity: Entity, around: Surroundings, needs: frozenset[str]) -> dict[str, Any]:
    state = entity.state
    get = state.get
    due, planned = expected(state), get("first_planned_arrival")
    how_far = status(state)
    measured = condition(state)
    under_way = how_far in ("booked", "in_transit")
    goods = {(entity.site, material): amount / MICRO for material, amount in _amounts(state).items()}
    reached, demand_days = touched(around.network, goods, around.today)
    return {
        "site": entity.site,
        "partner": entity.partner,
        "silent": around.silent(entity.partner, entity.site),
        "shipment_id": get("shipment_id") or "",
        "status": how_far,
        "mode": get("mode") or "",
        "carrier": get("carrier") or "",
        "po_no": get("po_no") or "",
        "origin": get("origin") or "",
        "materials": ", ".join(sorted({line[0] for line in get("lines", ())})),
        "days_overdue": max(0.0, days_after(around.now, due)) if under_way and due is not None else 0.0,
        "eta_slip_days": (due - planned) / 86_400_000_000 if due is not None and planned is not None else 0.0,
        "eta_on": None if due is None else date.fromordinal(ordinal(due)),
        "temp_min": get("temp_min"),
        "temp_max": get("temp_max"),
        "mkt_celsius": measured.mkt_celsius,
        "max_celsius": measured.max_celsius,
        "min_celsius": measured.min_celsius,
        "excursion_minutes": measured.excursion_minutes,
        "readings": measured.readings,
        "products_touched": len(reached.products),
        "products_share": reached.products_share,
        "demand_days": demand_days,
    }


def is_open(entity: Entity) -> bool:
    """Whether it is still to be received."""
    return status(entity.state) in ("booked", "in_transit", "arrived")


SHIPMENT = Kind(
    "shipment", columns, shares=shares, derived=derived, features=features,
    open=is_open,
)  # fmt: skip
