"""Purchasing: what was ordered, what is still to come of it, and what became of it."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from streams.ledger.entity import MICRO, Entity, Kind, Share, iso_ordinal
from streams.ledger.fact import State
from streams.ledger.facts import key, material_target
from streams.ledger.kinds.past_orders import UNKNOWN, PastOrder
from streams.ledger.kinds.past_receipts import PastReceipt
from streams.network.model import Network

HALF: Final = 0.5
IN_FULL: Final = 0.98
"""Two in a hundred missing is in full; weighing and sampling take as much."""


def open_qty(state: State) -> float:
    """What is still to come of an order, beyond what shipments carry or the store has received."""
    shipped = sum(state.get("shipped", {}).values())
    return max(0.0, round(ordered_qty(state) - shipped - (state.get("received_qty") or 0.0), 6))


def ordered_qty(state: State) -> float:
    """What the supplier promised, else what was asked for."""
    return state.get("confirmed_qty") or state.get("qty") or 0.0


def came_on(state: State, part: float) -> str | None:
    """The day on which that part of an order had come; None where it has not, or nobody knows how much was ordered."""
    wanted, came = ordered_qty(state) * part, 0.0
    for day, qty in _receipts(state) if wanted else ():
        came += qty
        if came >= wanted - 1e-9:
            return day
    return None


def _receipts(state: State) -> list[tuple[str, float]]:
    """What came in, by day: straight into the store, or by shipments."""
    received: Mapping[str, Any] = state.get("receipts", {})
    arrived: Mapping[str, Any] = state.get("arrived", {})
    return sorted((entry[0], entry[1]) for entry in (*received.values(), *arrived.values()))


def _lane(state: State) -> str:
    """From where and how most of it came, the first by name of equal ones."""
    arrived: Iterable[tuple[str, float, str]] = state.get("arrived", {}).values()
    carried: dict[str, float] = {}
    for _, qty, lane in arrived:
        carried[lane] = carried.get(lane, 0.0) + qty
    return min(carried, key=lambda lane: (-carried[lane], lane), default="")


def past_order(state: State) -> PastOrder:
    """What became of an order so far."""
    due = state.get("first_confirmed_on") or state.get("due_on")
    told = (state.get("ordered_on"), due, came_on(state, HALF), came_on(state, IN_FULL))
    ordered, due, half, full = (None if day is None else iso_ordinal(day) for day in told)
    return PastOrder(ordered, due, half, full, _lane(state))


def order_columns(entity: Entity) -> tuple[Any, ...]:
    state = entity.state
    get = state.get
    shipped = round(sum(get("shipped", {}).values()), 6)
    return (
        get("po_no"), get("material"), get("supplier"), get("qty"), get("unit"), get("ordered_on"), get("due_on"),
        get("first_confirmed_on"), get("confirmed_on"), shipped, get("received_qty") or 0.0, open_qty(state),
        came_on(state, HALF), came_on(state, IN_FULL),
    )  # fmt: skip


def order_shares(entity: Entity, network: Network) -> tuple[Share, ...]:
    """An open order is a receipt on its confirmed day, else on the day that was asked for. What became of it is kept."""
    state = entity.state
    shares = _over(entity)
    expected = state.get("confirmed_on") or state.get("due_on")
    qty = open_qty(state)
    if expected is not None and qty:
        first = state.get("due_on") or state.get("first_confirmed_on") or expected
        target = material_target(entity.site, state["material"])
        shares.append(Share(target, f"O {expected} {first}", round(qty * MICRO)))
    return tuple(shares)


def _over(entity: Entity) -> list[Share]:
    """What became of it, for its supplier, and for its material once half of it has come."""
    state = entity.state
    past, supplier = past_order(state), state.get("supplier")
    shares: list[Share] = []
    if supplier:
        shares.append(Share(("supplier", key(entity.site, supplier)), past.bucket(), 1))
    if past.half is not None:
        target = material_target(entity.site, state["material"])
        slip = None if past.due is None else past.half - past.due
        receipt = PastReceipt(past.lead_days, slip, past.half, supplier or UNKNOWN)
        shares.append(Share(target, receipt.bucket(), 1))
        if supplier:
            came = round(sum(qty for _, qty in _receipts(state)) * MICRO)
            shares.append(Share(target, f"G {past.half} {supplier}", came))
    return shares


ORDER = Kind("purchase_order", order_columns, shares=order_shares)
