"""What an event says of lots in store: received, counted, used, gone, or of another status."""

from typing import Any, Final

from streams.intake.epcis import freight
from streams.intake.epcis.disposition import status
from streams.intake.epcis.goods import Goods, master_data, our_code
from streams.intake.epcis.identifiers import identifier
from streams.intake.epcis.schema import AggregationEvent, AssociationEvent, ObjectEvent, TransformationEvent
from streams.intake.epcis.telling import Telling
from streams.intake.refusal import Reason, Refusal

COUNTS: Final = frozenset({"cycle_counting", "stock_taking"})
_BUILDS_IN: Final = frozenset({"assembling", "installing"})
_TAKES_AWAY: Final = frozenset({"decommissioning", "destroying", "killing", "removing", "retail_selling", "sampling"})
_UNDATED: Final = frozenset({"raw_material.consumed", "raw_material.adjusted"})


def tell(telling: Telling) -> None:
    """All that the event says of lots. What is made in bulk is for `production` to say."""
    event, step = telling.event, telling.step
    if isinstance(event, TransformationEvent):
        return
    master = master_data(event.ilmd if isinstance(event, ObjectEvent) else {})
    if not _may_speak(telling, master.lot):
        return
    if step in freight.LEAVES:
        _tell_left(telling)
        return
    roles = ("here", "target") if step in freight.RECEIVES else ("here",)
    is_ours, site = telling.where.at(*roles)
    if not is_ours:
        return
    origin = _origin(telling)
    for one in telling.goods(lot=master.lot):
        said = _of_lot(telling, one, origin) if one.lot else None
        if said is not None:
            dated = {} if said[0] in _UNDATED else {"expiry_date": master.expiry}
            telling.say(said[0], f"{one.material}/{one.lot}/{one.uom}", _lot(one) | said[1] | dated, site)


def _may_speak(telling: Telling, lot: str) -> bool:
    """Whether there is anything about lots in it, before anybody asks for codes."""
    if telling.step in freight.MAKES:
        return bool(lot and telling.spoken.epcs)
    return bool(telling.spoken.quantities or (lot and telling.spoken.epcs))


def _lot(one: Goods) -> dict[str, Any]:
    return {"material_code": one.material, "internal_lot": one.lot}


def _of_lot(telling: Telling, one: Goods, origin: dict[str, Any]) -> tuple[str, dict[str, Any]] | None:
    """The type of event that follows for a lot, and what it says of it."""
    step, disposition = telling.step, telling.event.disposition
    says = status((disposition, *telling.persistent()), step, telling.codes)
    if step in freight.MAKES and not one.single:
        return None
    if step in freight.RECEIVES or step in freight.MAKES:
        says = says or "quarantine"
    elif step in _TAKES_AWAY and telling.action == "DELETE":
        says = "rejected"
    moved = None if one.qty is None else _moved(telling, one, one.qty, says)
    if moved is not None and moved[0] == "raw_material.received":
        return moved[0], moved[1] | origin
    if moved is not None:
        return moved
    if says is None:
        return None
    return "raw_material.status_changed", {"status": says, "reason": f"{step} {disposition}".strip()}


def _moved(telling: Telling, one: Goods, qty: float, says: str | None) -> tuple[str, dict[str, Any]] | None:
    """What is said of an amount; None where nothing came, went or was counted."""
    step, event = telling.step, telling.event
    if step in freight.RECEIVES or step in freight.MAKES:
        return "raw_material.received", {"qty": qty, "uom": one.uom, "status": says}
    if step in COUNTS:
        if says is None:
            message = (
                f"A count needs a disposition that says what the lot may be used for, not {event.disposition!r}; "
                "the partner's table `statuses` may say it"
            )
            raise Refusal(Reason.MISSING_VALUE, message, f"{telling.place}.disposition")
        return "raw_material.stock_reported", {"qty_on_hand": qty, "uom": one.uom, "status": says}
    builds_in = step in _BUILDS_IN and isinstance(event, AggregationEvent | AssociationEvent)
    if telling.action != "DELETE" and (step == "dispensing" or builds_in):
        order = telling.transaction("prodorder")
        return "raw_material.consumed", {"qty": qty, "uom": one.uom, "order_no": order}
    if step in _TAKES_AWAY:
        return "raw_material.adjusted", {"qty": -qty, "uom": one.uom, "reason": step}
    return None


def _origin(telling: Telling) -> dict[str, Any]:
    """Where what is received came from: order, shipment and supplier."""
    if telling.step not in freight.RECEIVES:
        return {}
    parties = [one.source for one in telling.event.source_list if one.type in ("owning_party", "possessing_party")]
    place = f"{telling.place}.sourceList"
    supplier = our_code(telling.codes, "suppliers", identifier(parties[0]), place) if parties else None
    return {"po_no": telling.transaction("po"), "shipment_id": freight.first(telling), "supplier": supplier}


def _tell_left(telling: Telling) -> None:
    """What leaves a site of the partner for elsewhere is no longer in store there. It takes a table of sites to know."""
    left, to = telling.where.source, telling.where.target
    if left is None or left == to or telling.action == "DELETE":
        return
    for one in telling.goods():
        if one.lot and one.qty is not None:
            gone = _lot(one) | {"qty": -one.qty, "uom": one.uom, "reason": telling.step}
            telling.say("raw_material.adjusted", f"{one.material}/{one.lot}/{one.uom}", gone, left)
