"""What an event says of batches: what went in, and what came out."""

from datetime import datetime, timedelta
from typing import Any

from streams.intake.epcis import freight
from streams.intake.epcis.disposition import status
from streams.intake.epcis.goods import Goods, gathered, master_data, serials
from streams.intake.epcis.identifiers import business_code
from streams.intake.epcis.schema import ObjectEvent, TransformationEvent
from streams.intake.epcis.telling import Telling
from streams.intake.refusal import Reason, Refusal

MOST_INPUTS = 20_000
"""Inputs that a transformation may give to its batches in all."""

_AFTER = timedelta(milliseconds=1)
"""The lot is counted after the batch is completed: the count takes the place of what the ledger works out from the batch."""


def tell(telling: Telling) -> None:
    """All that the event says of batches and of the lots that they give."""
    match telling.event:
        case TransformationEvent() as event:
            is_ours, site = telling.where.at("here", "target")
            if is_ours:
                master = master_data(event.ilmd)
                made = telling.goods(lot=master.lot)
                _tell_inputs(telling, event, made, site)
                _tell_outputs(telling, made, master.expiry, site)
        case ObjectEvent() as event if telling.step in freight.MAKES and event.action == "ADD" and event.quantity_list:
            is_ours, site = telling.where.at("here", "target")
            if is_ours:
                master = master_data(event.ilmd)
                made = [one for one in telling.goods(lot=master.lot) if one.lot and not one.single]
                _tell_outputs(telling, made, master.expiry, site)
        case _:
            pass


def _batch(telling: Telling, made: Goods | None) -> str:
    """The batch by the transformation, the lot that it gives, the order that it is made for; else by the event."""
    event = telling.event
    transformation = event.transformation_id if isinstance(event, TransformationEvent) else ""
    if transformation:
        return business_code(transformation)
    return (made.lot if made else "") or telling.transaction("prodorder") or telling.id


def _tell_inputs(telling: Telling, event: TransformationEvent, made: list[Goods], site: str | None) -> None:
    places = (f"{telling.place}.inputEPCList", f"{telling.place}.inputQuantityList")
    drawn = [one for one in gathered((), event.input_quantity_list, telling.codes, "", places) if one.lot]
    single = serials(event.input_epc_list, telling.codes, places[0])
    batches = list(dict.fromkeys(_batch(telling, one) for one in made)) or [_batch(telling, None)]
    lots = [
        {"material_code": one.material, "lot": one.lot, "qty": one.qty or 0.0, "uom": one.uom}
        for one in (*drawn, *single)
    ]
    if len(batches) * len(lots) > MOST_INPUTS:
        message = (
            f"Each of {len(batches)} batches would have {len(lots)} inputs; at most {MOST_INPUTS} are taken in all"
        )
        raise Refusal(Reason.TOO_LARGE, message, telling.place)
    for batch in batches if lots else ():
        started = {"batch_id": batch, "actual_start": telling.at, "input_lots": lots}
        telling.say("batch.started", batch, started, site)
    for one in drawn:
        if one.qty is not None:
            used: dict[str, Any] = {
                "material_code": one.material,
                "internal_lot": one.lot,
                "qty": one.qty,
                "uom": one.uom,
            }
            used |= {"batch_id": batches[0], "order_no": telling.transaction("prodorder")}
            telling.say("raw_material.consumed", f"{one.material}/{one.lot}/{one.uom}", used, site)


def _tell_outputs(telling: Telling, made: list[Goods], expiry: str | None, site: str | None) -> None:
    says = status((telling.event.disposition, *telling.persistent()), telling.step, telling.codes) or "quarantine"
    recorded = (datetime.fromisoformat((telling.event.record_time or telling.at).upper()) + _AFTER).isoformat()
    for one in made:
        if one.qty is None:
            continue
        batch, key = _batch(telling, one), f"{one.material}/{one.lot}/{one.uom}"
        done = {"batch_id": batch, "actual_finish": telling.at, "yield_actual": one.qty, "uom": one.uom}
        telling.say("batch.completed", f"{batch}/{key}", done | {"output_lot": one.lot, "expiry": expiry}, site)
        if one.lot:
            lot = {"material_code": one.material, "internal_lot": one.lot, "qty_on_hand": one.qty, "uom": one.uom}
            counted = lot | {"status": says, "expiry_date": expiry}
            telling.say("raw_material.stock_reported", key, counted, site, recordedtime=recorded)
