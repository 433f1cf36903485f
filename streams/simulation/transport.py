"""How goods travel: booked, sent when they may be, watched on the way if they must stay cold, and taken in."""

from collections.abc import Mapping

from streams.events.types import Disposition, Mode
from streams.network.model import Network, Route
from streams.simulation.chance import dice
from streams.simulation.state import Order, Shipment, State
from streams.simulation.stock import Lot

SLACK_DAYS = 3
"""From the planned release of a batch to the planned departure of its goods."""

RAW_SHELF_DAYS = 900
INSPECTION_DAYS = 2
"""What came warm is condemned so many days after it came."""


def transit_days(mode: Mode) -> int:
    return 3 if mode == Mode.AIR else 5


def mode_for(network: Network, material: str) -> Mode:
    """What must stay cold flies."""
    return Mode.ROAD if network.materials[material].temp_max is None else Mode.AIR


def book_transfer(state: State, route: Route, site: str, ready: int, qty: float) -> Shipment:
    """Books the way of a batch's goods, `qty` of the route's output, to `site`; `ready` is its planned release."""
    mode = mode_for(state.network, route.output)
    departure = ready + SLACK_DAYS
    shipment = Shipment(
        code=f"SHP-{route.output}-{state.number(f'shipment {route.output}'):04}",
        origin=route.site,
        site=site,
        material=route.output,
        qty=round(qty, 3),
        mode=mode,
        planned_departure=departure,
        planned_arrival=departure + transit_days(mode),
        eta=departure + transit_days(mode),
    )
    return _book(state, shipment, 17.5)


def book_delivery(state: State, order: Order) -> Shipment:
    """Books the way of what a supplier sends for an order, on the day it leaves."""
    mode = mode_for(state.network, order.material)
    shipment = Shipment(
        code=f"DEL-{order.code}",
        origin=order.supplier,
        site=order.site,
        material=order.material,
        qty=order.qty,
        mode=mode,
        planned_departure=state.today,
        planned_arrival=order.expected,
        eta=order.expected,
        po_no=order.code,
        lot=f"{order.supplier[:4].upper()}{order.code[3:]}",
        expiry=state.today + RAW_SHELF_DAYS,
    )
    return _book(state, shipment, 8)


def _book(state: State, shipment: Shipment, hour: float) -> Shipment:
    state.shipments[shipment.code] = shipment
    state.every_shipment[f"{shipment.site}/{shipment.code}"] = shipment
    _tell_booking(state, shipment, hour)
    return shipment


def _tell_booking(state: State, shipment: Shipment, hour: float) -> None:
    material = state.network.materials[shipment.material]
    line: dict[str, object] = {"material_code": material.code, "qty": shipment.qty, "uom": material.uom}
    if shipment.lot is not None and shipment.expiry is not None:
        line |= {"lot": shipment.lot, "expiry": state.calendar.iso(shipment.expiry)}
    booked: dict[str, object] = {
        "lines": [line],
        "planned_departure": state.calendar.at(shipment.planned_departure, 15),
        "planned_arrival": state.calendar.at(shipment.planned_arrival, 16),
        "carrier": "coldwing" if shipment.mode == Mode.AIR else "transalp",
        "mode": shipment.mode.value,
        "ship_from": shipment.origin,
        "ship_to": shipment.site,
    }
    if shipment.po_no is not None:
        booked["po_no"] = shipment.po_no
    if material.temp_min is not None and material.temp_max is not None:
        booked |= {"temp_min": material.temp_min, "temp_max": material.temp_max}
    tell(state, shipment, "booked", hour, booked)


def put_off(state: State, shipment: Shipment, departure: int, reason: str, hour: float) -> None:
    """The goods cannot leave before `departure`. Only a later arrival is worth a word."""
    eta = departure + transit_days(shipment.mode)
    if shipment.departed is None and eta > shipment.eta:
        change_eta(state, shipment, eta, reason, hour)


def change_eta(state: State, shipment: Shipment, eta: int, reason: str, hour: float) -> None:
    shipment.eta = eta
    tell(state, shipment, "eta_changed", hour, {"estimated_arrival": state.calendar.at(eta, 16), "reason": reason})


def cancel(state: State, shipment: Shipment, reason: str) -> None:
    del state.shipments[shipment.code]
    shipment.cancelled = True
    tell(state, shipment, "cancelled", 16, {"reason": reason})


def travel(state: State, day: int) -> None:
    """One day of all goods on the way or to be sent."""
    for shipment in list(state.shipments.values()):
        if shipment.departed is None:
            if shipment.eta - transit_days(shipment.mode) <= day and shipment.po_no is None:
                _try_departure(state, shipment, day)
        elif shipment.arrives == day:
            _take_in(state, shipment, day)
        elif shipment.arrives == day + 1 != shipment.eta:
            change_eta(state, shipment, day + 1, "traffic", 9)


def _try_departure(state: State, shipment: Shipment, day: int) -> None:
    lots = state.stock.lots[shipment.origin, shipment.material]
    lot = next((lot for lot in lots if lot.code == shipment.lot and lot.status == Disposition.RELEASED), None)
    if lot is None:
        put_off(state, shipment, day + SLACK_DAYS, "not released yet", 15)
        return
    shipment.qty, shipment.expiry = lot.qty, lot.expiry
    _tell_booking(state, shipment, 14)
    drawn = {"material_code": lot.material, "internal_lot": lot.code, "qty": lot.qty, "uom": state.uom(lot.material)}
    drawn["order_no"] = shipment.code
    state.journal.tell(lot.site, "raw_material.consumed", day, 15, drawn, f"lot {lot.site} {lot.code}")
    state.stock.take(lot, lot.qty)
    depart(state, shipment, day)


def depart(state: State, shipment: Shipment, day: int) -> None:
    luck = dice(state.seed, "transit", shipment.code)
    days = max(1, shipment.eta - day) if shipment.po_no else transit_days(shipment.mode)
    shipment.departed = day
    shipment.arrives = day + max(1, days + luck.choice((-1, 0, 0, 0, 0, 0, 1)))
    shipment.eta = day + days
    left = state.calendar.at(day, 15)
    told = {"actual_departure": left, "estimated_arrival": state.calendar.at(shipment.eta, 16)}
    tell(state, shipment, "departed", 15.2, told)


def _take_in(state: State, shipment: Shipment, day: int) -> None:
    assert shipment.lot is not None
    assert shipment.expiry is not None
    del state.shipments[shipment.code]
    luck = dice(state.seed, "receipt", shipment.code)
    hour = 7 + 2 * luck.random()
    tell(state, shipment, "arrived", hour, {"actual_arrival": state.calendar.at(day, hour)})
    uom = state.uom(shipment.material)
    line = {"material_code": shipment.material, "lot": shipment.lot, "qty": shipment.qty, "uom": uom}
    tell(state, shipment, "received", hour + 1, {"received_at": state.calendar.at(day, hour + 1), "lines": [line]})
    usual = state.network.materials[shipment.material].release_days
    lot = Lot(shipment.lot, shipment.site, shipment.material, shipment.qty, Disposition.QUARANTINE, shipment.expiry)
    lot.usable_on = day + max(1, round(usual * luck.uniform(0.6, 1)))
    if shipment.warm_from is not None:
        lot.usable_on, lot.condemned_on = None, day + INSPECTION_DAYS
    state.stock.put(lot)
    told = {"material_code": lot.material, "internal_lot": lot.code, "qty": lot.qty, "uom": uom}
    told |= {"shipment_id": shipment.code, "status": "quarantine", "expiry_date": state.calendar.iso(lot.expiry)}
    if shipment.po_no is not None:
        told |= {"po_no": shipment.po_no, "supplier": shipment.origin, "supplier_lot": lot.code}
    state.journal.tell(shipment.site, "raw_material.received", day, hour + 1.2, told, f"lot {lot.site} {lot.code}")


def tell(state: State, shipment: Shipment, kind: str, hour: float, data: Mapping[str, object]) -> None:
    data = {"shipment_id": shipment.code, **data}
    about = f"shipment {shipment.code}"
    state.journal.tell(shipment.site, f"shipment.{kind}", state.today, hour, data, about)
