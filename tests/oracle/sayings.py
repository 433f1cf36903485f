"""What a site might say, event by event: hypothesis strategies for the data of every type, with few codes so that they meet."""

from datetime import timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from tests.oracle.stream import MONDAY

Json = dict[str, Any]
Saying = SearchStrategy[tuple[str, Json]]

MASSES = ("API-1", "EXC-2", "DS-4")
STATUSES = ("quarantine", "released", "rejected", "on_hold", "conditional_release", "rework")

times = st.integers(-20, 60).map(lambda days: (MONDAY + timedelta(days=days, hours=days % 5)).isoformat())
days = st.integers(-20, 400).map(lambda n: (MONDAY + timedelta(days=n)).date().isoformat())
amounts = st.integers(0, 10**6).map(lambda n: n / 1000)
texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8)
weeks = st.sampled_from(("2026-W01", "2026-W02", "2026-W03", "2025-W52"))
lots = st.sampled_from(("L-1", "L/2", "B-1", "B-2"))
orders = st.sampled_from(("PO-1", "PO~2"))
shipments = st.sampled_from(("S-1", "S-2"))
batches = st.sampled_from(("B-1", "B-2", "B-3"))
deviations = st.sampled_from(("D-1", "D-2"))
classes = st.sampled_from(("minor", "major", "critical"))
impacts = st.sampled_from(("none", "possible", "confirmed"))
lines = st.sampled_from(("R1", "R2"))
materials = st.one_of(
    st.tuples(st.sampled_from(MASSES), st.sampled_from(("KGM", "GRM"))),
    st.sampled_from((("VIAL-3", "C62"), ("NEW-9", "LTR"))),
)
"""A material and a unit that can be told in its own; the network does not know the last."""


@st.composite
def saying(draw: Any, event_type: str, needs: Json, may: Json, material: bool = False) -> tuple[str, Json]:
    """An event of a type with all that it needs and some of what it may say."""
    data = {name: draw(strategy) for name, strategy in needs.items()}
    data |= {name: draw(strategy) for name, strategy in may.items() if draw(st.booleans())}
    if material:
        data["material_code"], data["uom"] = draw(materials)
    return f"cdmo.{event_type}", data


@st.composite
def _line_of_shipment(draw: Any) -> Json:
    material, uom = draw(materials)
    line = {"material_code": material, "qty": draw(amounts), "uom": uom}
    return line | draw(st.fixed_dictionaries({}, optional={"lot": lots, "po_no": orders}))


_readings = st.lists(
    st.fixed_dictionaries({
        "at": st.integers(0, 400).map(lambda n: (MONDAY + timedelta(minutes=15 * n)).isoformat()),
        "celsius": st.integers(-20, 40).map(float),
    }), max_size=6,
)  # fmt: skip
_forecast = st.lists(st.fixed_dictionaries({"date": days, "qty": amounts}), max_size=4)
_input_lots = st.lists(
    st.fixed_dictionaries({"material_code": st.sampled_from(MASSES), "lot": lots, "qty": amounts, "uom": st.just("KGM")}),
    max_size=3,
)  # fmt: skip
_named_batches = st.lists(batches, max_size=3, unique=True)
_statuses = st.sampled_from(STATUSES)
_lot = {"internal_lot": lots}
_dates = {"expiry_date": days, "retest_date": days}
_origin = {"supplier": texts.filter(bool), "supplier_lot": texts.filter(bool)}
_batch = {"batch_id": batches}
_plan = {"planned_start": times, "planned_finish": times}
_shipment = {"shipment_id": shipments}
_deviation = {"deviation_id": deviations}
_capa = {**_deviation, "capa_id": st.sampled_from(("C-1", "C-2"))}

OF_STORES: tuple[Saying, ...] = (
    saying("raw_material.stock_reported", {**_lot, "qty_on_hand": amounts, "status": _statuses},
           {"allocated": amounts, **_origin, **_dates}, material=True),
    saying("raw_material.received", {**_lot, "qty": amounts},
           {"status": _statuses, "po_no": orders, "shipment_id": shipments, **_origin, **_dates}, material=True),
    saying("raw_material.consumed", {**_lot, "qty": amounts}, _batch, material=True),
    saying("raw_material.adjusted", {**_lot, "qty": st.integers(-10**6, 10**6).map(lambda n: n / 1000)}, {}, material=True),
    saying("raw_material.status_changed", {**_lot, "status": _statuses}, _dates, material=True),
    saying("raw_material.order_placed", {"po_no": orders, "qty": amounts}, {"due_date": days, "supplier": st.just("S-1")},
           material=True),
    saying("raw_material.order_confirmed", {"po_no": orders, "confirmed_date": days}, {"qty": amounts}, material=True),
    saying("raw_material.requirement_reported", {"forecast": _forecast}, {"safety_stock": amounts}, material=True),
)  # fmt: skip
OF_CARRIERS: tuple[Saying, ...] = (
    saying("shipment.booked", {**_shipment, "lines": st.lists(_line_of_shipment(), max_size=3)}, {
        "planned_departure": times, "planned_arrival": times, "po_no": orders, "carrier": st.just("DHL"),
        "mode": st.sampled_from(("air", "ocean")), "ship_from": st.just("S-1"),
        "temp_min": st.just(2.0), "temp_max": st.just(8.0),
    }),
    saying("shipment.departed", {**_shipment, "actual_departure": times}, {"estimated_arrival": times}),
    saying("shipment.milestone", {**_shipment, "milestone": texts}, {}),
    saying("shipment.eta_changed", {**_shipment, "estimated_arrival": times}, {"reason": texts}),
    saying("shipment.condition", {**_shipment, "readings": _readings}, {"logger_id": st.just("T-1")}),
    saying("shipment.arrived", {**_shipment, "actual_arrival": times}, {}),
    saying("shipment.received", {**_shipment, "received_at": times}, {}),
    saying("shipment.cancelled", _shipment, {}),
)  # fmt: skip
OF_PRODUCTION: tuple[Saying, ...] = (
    saying("batch.planned", {**_batch, **_plan, "product_code": st.just("AMLO"), "stage": st.just("DS"), "line": lines,
           "size": amounts, "uom": st.sampled_from(("KGM", "GRM"))},
           {"yield_planned": st.just(0.9), "material_code": st.just("DS-4"), "order_no": texts.filter(bool)}),
    saying("batch.rescheduled", {**_batch, **_plan}, {"line": lines}),
    saying("batch.started", {**_batch, "actual_start": times, "input_lots": _input_lots}, {"line": lines}),
    saying("batch.step_completed", {**_batch, "step": st.sampled_from(("mix", "dry"))}, {}),
    saying("batch.completed", {**_batch, "actual_finish": times, "yield_actual": amounts,
           "uom": st.sampled_from(("KGM", "GRM"))}, {"output_lot": lots, "expiry": days}),
    saying("batch.qc_result", {**_batch, "test": st.sampled_from(("assay", "pH")),
           "result": st.sampled_from(("pass", "fail", "inconclusive"))}, {"final": st.booleans()}),
    saying("batch.dispositioned", {**_batch, "qa_disposition": _statuses, "disposition_date": times},
           {"decided_by": st.sampled_from(("cdmo", "sponsor"))}),
    saying("batch.cancelled", _batch, {}),
    saying("batch.capacity_reported", {"line": lines, "period": weeks, "available_hours": st.integers(0, 168).map(float)},
           {"committed_hours": st.integers(0, 168).map(float)}),
)  # fmt: skip
OF_QUALITY: tuple[Saying, ...] = (
    saying("deviation.opened", {**_deviation, "class": classes, "opened_at": times, "batch_ids": _named_batches}, {
        "type": st.sampled_from(("deviation", "OOS", "OOT")), "detected_at": times, "due_date": times, "line": lines,
        "title": texts,
    }),
    saying("deviation.classified", {**_deviation, "class": classes}, {"batch_impact": impacts, "batch_ids": _named_batches}),
    saying("deviation.extended", {**_deviation, "extended_to": times}, {}),
    saying("deviation.capa_opened", _capa, {"capa_due": times, "title": texts}),
    saying("deviation.capa_closed", {**_capa, "closed_at": times}, {}),
    saying("deviation.closed", {**_deviation, "closed_at": times}, {"root_cause_category": texts, "batch_impact": impacts}),
)  # fmt: skip
