"""What an event says of the entities of its site: the one place where events get their meaning.

Each reading gives entries `(kind, key, set, add, first, put)`; see `journal.Fact` for the four ways of saying. Nothing here
looks at a state, so the order of events cannot matter here.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

import msgspec

from streams.events import batch, deviation, raw_material, shipment
from streams.events.envelope import Event
from streams.network.model import Network
from streams.network.units import factor


class Unconvertible(ValueError):
    """The unit of an amount cannot be converted into the unit in which the network keeps the material."""


class Entry(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """What an event says of one entity."""

    kind: str
    key: str
    set: dict[str, Any]
    add: dict[str, float] | None = None
    first: dict[str, Any] | None = None
    put: dict[str, dict[str, Any]] | None = None


def key(site: str, *codes: str) -> str:
    """The key of an entity: its site and its own codes, parted by `/` (a `/` within a code is written `~1`, a `~` `~0`)."""
    return "/".join((_escaped(site), *map(_escaped, codes)))


@lru_cache(maxsize=100_000)
def _escaped(text: str) -> str:
    if "/" in text or "~" in text:
        return text.replace("~", "~0").replace("/", "~1")
    return text


@lru_cache(maxsize=100_000)
def material_key(site: str, material: str) -> str:
    """The key of the stock of a material at a site."""
    return key(site, material)


def lot_key(site: str, material: str, lot: str) -> str:
    """The key of a lot."""
    if "/" in lot or "~" in lot:
        return key(site, material, lot)
    return f"{material_key(site, material)}/{lot}"


def code(entity_key: str) -> str:
    """The one code in the key of a material or a line, as its owner writes it."""
    return entity_key.split("/", 1)[1].replace("~1", "/").replace("~0", "~")


def micros(instant: datetime) -> int:
    """Microseconds since 1970."""
    return round(instant.timestamp() * 1e6)


def day(instant: datetime) -> str:
    """The UTC day of an instant, ISO 8601."""
    return instant.astimezone(UTC).date().isoformat()


@lru_cache(maxsize=100_000)
def checked_day(text: str) -> str:
    """The same day. Raises `ValueError` when no calendar has it."""
    date.fromisoformat(text)
    return text


@lru_cache(maxsize=10_000)
def checked_week(text: str) -> str:
    """The same ISO week. Raises `ValueError` when no calendar has it."""
    date.fromisocalendar(int(text[:4]), int(text[6:]), 1)
    return text


class Reader:
    """Reads events on the ground of one network: its units, and its outputs of stages."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self._factors: dict[tuple[str, str], tuple[float, str]] = {}
        self._readings: dict[type[Event], Callable[[Any], list[Entry]]] = {
            raw_material.StockReported: self._stock_reported,
            raw_material.Received: self._received,
            raw_material.Consumed: self._consumed,
            raw_material.Adjusted: self._adjusted,
            raw_material.StatusChanged: self._status_changed,
            raw_material.OrderPlaced: self._order_placed,
            raw_material.OrderConfirmed: self._order_confirmed,
            raw_material.RequirementReported: self._requirement_reported,
            shipment.ShipmentBooked: self._booked,
            shipment.ShipmentDeparted: self._departed,
            shipment.ShipmentMilestone: self._milestone,
            shipment.ShipmentEtaChanged: self._eta_changed,
            shipment.ShipmentCondition: self._condition,
            shipment.ShipmentArrived: self._arrived,
            shipment.ShipmentReceived: self._shipment_received,
            shipment.ShipmentCancelled: self._shipment_cancelled,
            batch.BatchPlanned: self._planned,
            batch.BatchRescheduled: self._rescheduled,
            batch.BatchStarted: self._started,
            batch.BatchStepCompleted: self._step_completed,
            batch.BatchCompleted: self._completed,
            batch.BatchQcResult: self._qc_result,
            batch.BatchDispositioned: self._dispositioned,
            batch.BatchCancelled: self._batch_cancelled,
            batch.CapacityReported: self._capacity_reported,
            deviation.DeviationOpened: self._opened,
            deviation.DeviationClassified: self._classified,
            deviation.DeviationExtended: self._extended,
            deviation.CapaOpened: self._capa_opened,
            deviation.CapaClosed: self._capa_closed,
            deviation.DeviationClosed: self._closed,
        }

    def read(self, event: Event) -> list[Entry]:
        """What the event says, entity by entity. Raises `Unconvertible`, or `ValueError` for a day that no calendar has."""
        return self._readings[type(event)](event)

    def _unit(self, material: str, uom: str) -> tuple[float, str]:
        """The factor from `uom` to the unit of the material, and that unit. A material unknown to the network keeps its own."""
        known = self._factors.get((material, uom))
        if known is None:
            entry = self.network.materials.get(material)
            unit = entry.uom if entry else uom
            ratio = factor(uom, unit)
            if ratio is None:
                raise Unconvertible(f"{material} is kept in {unit}, and {uom} cannot be converted into it")
            known = self._factors[material, uom] = (float(ratio), unit)
        return known

    def _stock_reported(self, e: raw_material.StockReported) -> list[Entry]:
        d = e.data
        ratio, unit = self._unit(d.material_code, d.uom)
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
        return [Entry("lot", lot_key(e.siteid, d.material_code, d.internal_lot), state)]

    def _lot(self, site: str, material: str, lot: str, uom: str, qty: float, **state: Any) -> Entry:
        ratio, unit = self._unit(material, uom)
        present = {name: value for name, value in state.items() if value is not None}
        fixed = {"material": material, "lot": lot, "unit": unit}
        return Entry("lot", lot_key(site, material, lot), present, {"qty": round(qty * ratio, 6)}, fixed)

    def _received(self, e: raw_material.Received) -> list[Entry]:
        d = e.data
        entries = [
            self._lot(
                e.siteid, d.material_code, d.internal_lot, d.uom, d.qty, status=d.status.value, expiry_on=_checked(d.expiry_date),
                retest_on=_checked(d.retest_date), supplier=d.supplier, supplier_lot=d.supplier_lot, received_on=day(e.time),
            )
        ]  # fmt: skip
        if (
            d.po_no is not None and d.shipment_id is None
        ):  # what a shipment brought was taken off the order when it was booked
            ratio, _ = self._unit(d.material_code, d.uom)
            received = {"received_qty": round(d.qty * ratio, 6)}
            fixed = {"po_no": d.po_no, "material": d.material_code}
            entries.append(Entry("purchase_order", key(e.siteid, d.po_no, d.material_code), {}, received, fixed))
        return entries

    def _consumed(self, e: raw_material.Consumed) -> list[Entry]:
        d = e.data
        return [self._lot(e.siteid, d.material_code, d.internal_lot, d.uom, -d.qty)]

    def _adjusted(self, e: raw_material.Adjusted) -> list[Entry]:
        d = e.data
        return [self._lot(e.siteid, d.material_code, d.internal_lot, d.uom, d.qty)]

    def _status_changed(self, e: raw_material.StatusChanged) -> list[Entry]:
        d = e.data
        state: dict[str, Any] = {"status": d.status.value}
        if d.expiry_date is not None:
            state["expiry_on"] = checked_day(d.expiry_date)
        if d.retest_date is not None:
            state["retest_on"] = checked_day(d.retest_date)
        fixed = {"material": d.material_code, "lot": d.internal_lot}
        return [Entry("lot", lot_key(e.siteid, d.material_code, d.internal_lot), state, None, fixed)]

    def _order_placed(self, e: raw_material.OrderPlaced) -> list[Entry]:
        d = e.data
        ratio, unit = self._unit(d.material_code, d.uom)
        state = {
            "po_no": d.po_no, "material": d.material_code, "supplier": d.supplier, "unit": unit,
            "qty": round(d.qty * ratio, 6), "due_on": _checked(d.due_date),
        }  # fmt: skip
        return [Entry("purchase_order", key(e.siteid, d.po_no, d.material_code), state)]

    def _order_confirmed(self, e: raw_material.OrderConfirmed) -> list[Entry]:
        d = e.data
        state: dict[str, Any] = {"confirmed_on": checked_day(d.confirmed_date)}
        if d.qty is not None:
            network_unit = self.network.materials.get(d.material_code)
            ratio, _ = self._unit(d.material_code, d.uom or (network_unit.uom if network_unit else "C62"))
            state["confirmed_qty"] = round(d.qty * ratio, 6)
        fixed = {"po_no": d.po_no, "material": d.material_code, "first_confirmed_on": d.confirmed_date}
        return [Entry("purchase_order", key(e.siteid, d.po_no, d.material_code), state, None, fixed)]

    def _requirement_reported(self, e: raw_material.RequirementReported) -> list[Entry]:
        d = e.data
        ratio, unit = self._unit(d.material_code, d.uom)
        forecast: dict[str, float] = {}
        for need in d.forecast:
            forecast[checked_day(need.date)] = round(forecast.get(need.date, 0.0) + need.qty * ratio, 6)
        state: dict[str, Any] = {"material": d.material_code, "unit": unit, "forecast": forecast}
        if d.safety_stock is not None:
            state["safety_stock"] = round(d.safety_stock * ratio, 6)
        return [Entry("requirement", key(e.siteid, d.material_code), state)]

    def _booked(self, e: shipment.ShipmentBooked) -> list[Entry]:
        d = e.data
        lines: list[list[Any]] = []
        for line in d.lines:
            ratio, unit = self._unit(line.material_code, line.uom)
            lines.append([line.material_code, line.lot, round(line.qty * ratio, 6), unit, line.po_no or d.po_no])
        state = {
            "shipment_id": d.shipment_id, "lines": lines, "po_no": d.po_no, "carrier": d.carrier, "origin": d.ship_from,
            "mode": d.mode.value if d.mode else None, "temp_min": d.temp_min, "temp_max": d.temp_max,
            "planned_departure": _micros(d.planned_departure), "planned_arrival": _micros(d.planned_arrival),
        }  # fmt: skip
        first = {"first_planned_arrival": state["planned_arrival"]} if d.planned_arrival else None
        return [Entry("shipment", key(e.siteid, d.shipment_id), state, None, first)]

    def _shipment(
        self, e: Event, shipment_id: str, put: dict[str, dict[str, Any]] | None = None, **state: Any
    ) -> list[Entry]:
        return [Entry("shipment", key(e.siteid, shipment_id), state, None, {"shipment_id": shipment_id}, put)]

    def _departed(self, e: shipment.ShipmentDeparted) -> list[Entry]:
        state = {"departed_at": micros(e.data.actual_departure)}
        if e.data.estimated_arrival is not None:
            state["estimated_arrival"] = micros(e.data.estimated_arrival)
        return self._shipment(e, e.data.shipment_id, **state)

    def _milestone(self, e: shipment.ShipmentMilestone) -> list[Entry]:
        return self._shipment(e, e.data.shipment_id, milestone=e.data.milestone)

    def _eta_changed(self, e: shipment.ShipmentEtaChanged) -> list[Entry]:
        return self._shipment(e, e.data.shipment_id, estimated_arrival=micros(e.data.estimated_arrival))

    def _condition(self, e: shipment.ShipmentCondition) -> list[Entry]:
        logger = e.data.logger_id or ""
        readings = {f"{micros(r.at) // 1_000_000}{logger}": [micros(r.at), r.celsius] for r in e.data.readings}
        reported = {}
        if e.data.excursion_minutes is not None:
            reported = {"carrier_excursion_minutes": e.data.excursion_minutes}
        return self._shipment(e, e.data.shipment_id, {"readings": readings}, **reported)

    def _arrived(self, e: shipment.ShipmentArrived) -> list[Entry]:
        return self._shipment(e, e.data.shipment_id, arrived_at=micros(e.data.actual_arrival))

    def _shipment_received(self, e: shipment.ShipmentReceived) -> list[Entry]:
        return self._shipment(e, e.data.shipment_id, received_at=micros(e.data.received_at))

    def _shipment_cancelled(self, e: shipment.ShipmentCancelled) -> list[Entry]:
        return self._shipment(e, e.data.shipment_id, cancelled_at=micros(e.time))

    def _planned(self, e: batch.BatchPlanned) -> list[Entry]:
        d = e.data
        route = self.network.routes.get((e.siteid, d.product_code, d.stage.value))
        material = d.material_code or (route.output if route else d.product_code)
        ratio, unit = self._unit(material, d.uom)
        state = {
            "batch_id": d.batch_id, "product": d.product_code, "stage": d.stage.value, "material": material,
            "line": d.line, "order_no": d.order_no, "campaign_id": d.campaign_id, "size": round(d.size * ratio, 6),
            "unit": unit, "yield_planned": d.yield_planned,
            "planned_start": micros(d.planned_start), "planned_finish": micros(d.planned_finish),
        }  # fmt: skip
        first = {"first_planned_start": state["planned_start"], "first_planned_finish": state["planned_finish"]}
        return [Entry("batch", key(e.siteid, d.batch_id), state, None, first)]

    def _batch(
        self, e: Event, batch_id: str, put: dict[str, dict[str, Any]] | None = None, **state: Any
    ) -> list[Entry]:
        return [Entry("batch", key(e.siteid, batch_id), state, None, {"batch_id": batch_id}, put)]

    def _rescheduled(self, e: batch.BatchRescheduled) -> list[Entry]:
        d = e.data
        state: dict[str, Any] = {
            "planned_start": micros(d.planned_start), "planned_finish": micros(d.planned_finish),
        }  # fmt: skip
        if d.line is not None:
            state["line"] = d.line
        return self._batch(e, d.batch_id, **state)

    def _started(self, e: batch.BatchStarted) -> list[Entry]:
        d = e.data
        state: dict[str, Any] = {"started_at": micros(d.actual_start)}
        if d.line is not None:
            state["line"] = d.line
        inputs = {f"{i.material_code}/{i.lot}": [i.material_code, i.lot, i.qty, i.uom] for i in d.input_lots}
        return self._batch(e, d.batch_id, {"input_lots": inputs} if inputs else None, **state)

    def _step_completed(self, e: batch.BatchStepCompleted) -> list[Entry]:
        return self._batch(e, e.data.batch_id, {"steps": {e.data.step: micros(e.time)}})

    def _completed(self, e: batch.BatchCompleted) -> list[Entry]:
        d = e.data
        state: dict[str, Any] = {
            "completed_at": micros(d.actual_finish), "completed_recorded": micros(e.recordedtime or e.time),
            "yield_actual": d.yield_actual, "yield_unit": d.uom, "output_lot": d.output_lot or d.batch_id,
        }  # fmt: skip
        if d.expiry is not None:
            state["expiry_on"] = checked_day(d.expiry)
        return self._batch(e, d.batch_id, **state)

    def _qc_result(self, e: batch.BatchQcResult) -> list[Entry]:
        d = e.data
        return self._batch(
            e, d.batch_id, {"tests": {d.test: d.result.value}}, **({"qc_final": True} if d.final else {})
        )

    def _dispositioned(self, e: batch.BatchDispositioned) -> list[Entry]:
        d = e.data
        by = d.decided_by.value
        decided = {f"{by}_disposition": d.qa_disposition.value, f"{by}_recorded": micros(e.recordedtime or e.time)}
        return self._batch(e, d.batch_id, dispositioned_at=micros(d.disposition_date), **decided)

    def _batch_cancelled(self, e: batch.BatchCancelled) -> list[Entry]:
        return self._batch(e, e.data.batch_id, cancelled_at=micros(e.time))

    def _capacity_reported(self, e: batch.CapacityReported) -> list[Entry]:
        d = e.data
        weeks = {checked_week(d.period): [d.available_hours, d.committed_hours]}
        return [Entry("line", key(e.siteid, d.line), {}, None, {"line": d.line}, {"weeks": weeks})]

    def _opened(self, e: deviation.DeviationOpened) -> list[Entry]:
        d = e.data
        state: dict[str, Any] = {
            "deviation_id": d.deviation_id, "class": d.deviation_class.value, "deviation_type": d.deviation_type.value,
            "line": d.line, "title": d.title, "batch_ids": list(d.batch_ids), "opened_at": micros(d.opened_at),
            "detected_at": _micros(d.detected_at), "due_at": _micros(d.due_date),
        }  # fmt: skip
        return [Entry("deviation", key(e.siteid, d.deviation_id), state)]

    def _deviation(
        self, e: Event, deviation_id: str, put: dict[str, dict[str, Any]] | None = None, **state: Any
    ) -> Entry:
        first = {"deviation_id": deviation_id}
        return Entry("deviation", key(e.siteid, deviation_id), state, None, first, put)

    def _classified(self, e: deviation.DeviationClassified) -> list[Entry]:
        d = e.data
        state: dict[str, Any] = {"class": d.deviation_class.value}
        if d.batch_impact is not None:
            state["batch_impact"] = d.batch_impact.value
        if d.batch_ids is not None:
            state["batch_ids"] = list(d.batch_ids)
        return [self._deviation(e, d.deviation_id, **state)]

    def _extended(self, e: deviation.DeviationExtended) -> list[Entry]:
        until = micros(e.data.extended_to)
        return [self._deviation(e, e.data.deviation_id, {"extensions": {str(until): until}}, extended_to=until)]

    def _capa_opened(self, e: deviation.CapaOpened) -> list[Entry]:
        d = e.data
        state = {
            "capa_id": d.capa_id, "deviation_id": d.deviation_id, "title": d.title,
            "opened_at": micros(e.time), "due_at": _micros(d.capa_due),
        }  # fmt: skip
        return [Entry("capa", key(e.siteid, d.capa_id), state)]

    def _capa_closed(self, e: deviation.CapaClosed) -> list[Entry]:
        d = e.data
        fixed = {"capa_id": d.capa_id, "deviation_id": d.deviation_id}
        return [Entry("capa", key(e.siteid, d.capa_id), {"closed_at": micros(d.closed_at)}, None, fixed)]

    def _closed(self, e: deviation.DeviationClosed) -> list[Entry]:
        d = e.data
        state: dict[str, Any] = {"closed_at": micros(d.closed_at), "root_cause": d.root_cause_category}
        if d.batch_impact is not None:
            state["batch_impact"] = d.batch_impact.value
        return [self._deviation(e, d.deviation_id, **state)]


def _checked(text: str | None) -> str | None:
    return None if text is None else checked_day(text)


def _micros(instant: datetime | None) -> int | None:
    return None if instant is None else micros(instant)
