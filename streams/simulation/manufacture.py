"""How a batch lives: started when its inputs are there, made, tested, released, or not."""

from collections.abc import Mapping

from streams.events.types import Disposition, Stage
from streams.network.model import Route
from streams.simulation import transport
from streams.simulation.chance import dice
from streams.simulation.state import Batch, Phase, Shortage, State
from streams.simulation.stock import PLACES, Lot

YIELD = {Stage.DRUG_SUBSTANCE: 0.90, Stage.DRUG_PRODUCT: 0.96, Stage.PACKAGING: 0.98}
"""The part of its size that a batch is expected to give."""

STEPS = {
    Stage.DRUG_SUBSTANCE: ("charge", "reaction", "work-up", "crystallisation", "filtration", "drying", "milling"),
    Stage.DRUG_PRODUCT: ("dispensing", "blending", "filling", "inspection", "bulk packing"),
    Stage.PACKAGING: ("line clearance", "primary packing", "serialisation", "case packing"),
}

TESTS = {
    Stage.DRUG_SUBSTANCE: ("identity", "assay", "impurities", "water", "residual solvents", "particle size"),
    Stage.DRUG_PRODUCT: ("identity", "assay", "uniformity", "dissolution", "microbiology"),
    Stage.PACKAGING: ("appearance", "serialisation check", "leak test"),
}

SHELF_DAYS = 730
WAIT_DAYS = 3
"""A batch that could not start is put off by so many days at a time."""


def plan(state: State, route: Route, line: str, start: int, shipment_to: str) -> Batch:
    """Plans a batch and books the transport of what it will give."""
    code = f"{route.product}-{route.stage.value}-{state.number(f'batch {route.product} {route.stage.value}'):04}"
    luck = dice(state.seed, "batch", code)
    cycle, release = round(route.cycle_days), round(route.release_days)
    share = YIELD[route.stage] * min(1.03, max(0.97, luck.gauss(1, 0.01)))
    finish = start + cycle
    shipment = transport.book_transfer(
        state, route, shipment_to, finish + release, route.batch_size * YIELD[route.stage]
    )
    batch = Batch(
        code=code,
        route=route,
        line=line,
        size=route.batch_size,
        planned_start=start,
        planned_finish=finish,
        cycle=cycle + luck.choice((-1, 0, 0, 0, 0, 1)),
        share_made=share,
        release_after=max(2, round(release * luck.uniform(0.65, 0.95))),
        delay=int(luck.random() < 0.08),
        shipment=shipment,
        first_start=start,
    )
    state.batches[code] = batch
    state.every_batch[f"{route.site}/{code}"] = batch
    told = {
        "batch_id": code,
        "product_code": route.product,
        "stage": route.stage.value,
        "line": line,
        "planned_start": state.calendar.at(start, 12),
        "planned_finish": state.calendar.at(finish, 18),
        "size": route.batch_size,
        "uom": state.uom(route.output),
        "yield_planned": YIELD[route.stage],
        "material_code": route.output,
    }
    _tell(state, batch, "planned", 17, told)
    return batch


def reschedule(state: State, batch: Batch, start: int, reason: str, hour: float = 13) -> None:
    """Puts a planned batch off, and what depends on its date."""
    batch.planned_start = start
    batch.planned_finish = start + round(batch.route.cycle_days)
    told = {
        "batch_id": batch.code,
        "planned_start": state.calendar.at(start, 12),
        "planned_finish": state.calendar.at(batch.planned_finish, 18),
        "line": batch.line,
        "reason": reason,
    }
    _tell(state, batch, "rescheduled", hour, told)
    ready = batch.planned_finish + round(batch.route.release_days)
    transport.put_off(state, batch.shipment, ready + 1, "the batch comes later", hour + 1)


def work(state: State, day: int) -> None:
    """One day of all batches."""
    for batch in list(state.batches.values()):
        if batch.phase == Phase.PLANNED and batch.planned_start <= day:
            _try_start(state, batch, day)
        elif batch.phase == Phase.STARTED:
            _make(state, batch, day)
        elif batch.phase == Phase.IN_RELEASE:
            _test(state, batch, day)


def _try_start(state: State, batch: Batch, day: int) -> None:
    route = batch.route
    monday = state.calendar.monday(day)
    week = (route.site, batch.line, monday)
    if batch.delay:
        batch.delay = 0
        reschedule(state, batch, day + 1, "equipment not ready")
        return
    if state.stands_still(route.site, batch.line, day):
        reschedule(state, batch, day + 2, "line down")
        return
    if state.line_hours[week] + route.hours > state.available_hours(*week):
        reschedule(state, batch, day + 2, "no free hours on the line")
        return
    for item in route.inputs:
        place = (route.site, item.material)
        missing = item.qty * batch.size - state.stock.usable(place, day)
        if missing > 10**-PLACES:
            state.shortages.append(Shortage(day, place, batch.code, missing))
            reschedule(state, batch, day + WAIT_DAYS, f"waiting for {item.material}")
            return
    state.line_hours[week] += route.hours
    _start(state, batch, day)


def _start(state: State, batch: Batch, day: int) -> None:
    route = batch.route
    batch.phase, batch.started = Phase.STARTED, day
    lots: list[dict[str, object]] = []
    for item in route.inputs:
        for lot, qty in state.stock.draw((route.site, item.material), round(item.qty * batch.size, PLACES), day):
            taken: dict[str, object] = {
                "material_code": item.material,
                "lot": lot.code,
                "qty": qty,
                "uom": state.uom(item.material),
            }
            lots.append(taken)
            used = {"material_code": item.material, "internal_lot": lot.code, "qty": qty, "uom": taken["uom"]}
            state.journal.tell(
                route.site,
                "raw_material.consumed",
                day,
                12.5,
                used | {"batch_id": batch.code},
                f"lot {lot.site} {lot.code}",
            )
    begun = state.calendar.at(day, 12)
    told = {"batch_id": batch.code, "actual_start": begun, "line": batch.line, "input_lots": lots}
    _tell(state, batch, "started", 12, told, day)


def _make(state: State, batch: Batch, day: int) -> None:
    assert batch.started is not None
    steps = STEPS[batch.route.stage]
    for index, step in enumerate(steps):
        if batch.started + max(1, round(batch.cycle * (index + 1) / len(steps))) == day:
            told = {"batch_id": batch.code, "step": step, "step_no": index + 1, "steps": len(steps)}
            _tell(state, batch, "step_completed", 9 + index / 10, told, day)
    if day >= batch.started + batch.cycle:
        _complete(state, batch, day)


def _complete(state: State, batch: Batch, day: int) -> None:
    route = batch.route
    made = round(batch.size * batch.share_made, 0 if batch.size > 3000 else 3)
    batch.phase, batch.completed = Phase.IN_RELEASE, day
    batch.release_on = day + batch.release_after
    batch.lot = Lot(f"{batch.code}-L", route.site, route.output, made, Disposition.QUARANTINE, day + SHELF_DAYS)
    state.stock.put(batch.lot)
    told = {
        "batch_id": batch.code,
        "actual_finish": state.calendar.at(day, 11),
        "yield_actual": made,
        "uom": state.uom(route.output),
        "output_lot": batch.lot.code,
        "expiry": state.calendar.iso(batch.lot.expiry),
    }
    _tell(state, batch, "completed", 11, told, day)


def _tested_on(batch: Batch, index: int) -> int | None:
    if batch.completed is None:
        return None
    return batch.completed + max(1, round(batch.release_after * (index + 1) / (len(TESTS[batch.route.stage]) + 1)))


def fails_on(batch: Batch) -> int | None:
    """The day on which a spoilt batch fails its test; None: not made yet."""
    return _tested_on(batch, len(TESTS[batch.route.stage]) // 2)


def _test(state: State, batch: Batch, day: int) -> None:
    assert batch.release_on is not None
    tests = TESTS[batch.route.stage]
    for index, test in enumerate(tests):
        if _tested_on(batch, index) == day:
            fails = batch.spoilt and index == len(tests) // 2
            told = {"batch_id": batch.code, "test": test, "result": "fail" if fails else "pass"}
            _tell(state, batch, "qc_result", 14 + index / 10, told | {"final": index == len(tests) - 1}, day)
    if day >= max(batch.release_on, batch.held_until or day):
        dispose(state, batch, day)


def dispose(state: State, batch: Batch, day: int) -> None:
    """Quality decides: the CDMO's unit in the morning, the sponsor's in the afternoon."""
    assert batch.lot is not None
    decision = Disposition.REJECTED if batch.spoilt else Disposition.RELEASED
    batch.phase = Phase.REJECTED if batch.spoilt else Phase.RELEASED
    batch.lot.status = decision
    del state.batches[batch.code]
    for hour, who in ((10, "cdmo"), (15, "sponsor")):
        told = {
            "batch_id": batch.code,
            "qa_disposition": decision.value,
            "disposition_date": state.calendar.at(day, hour),
            "decided_by": who,
        }
        _tell(state, batch, "dispositioned", hour, told, day)
    if batch.spoilt:
        transport.cancel(state, batch.shipment, "the batch was rejected")
    else:
        batch.shipment.lot = batch.lot.code


def _tell(
    state: State, batch: Batch, kind: str, hour: float, data: Mapping[str, object], day: int | None = None
) -> None:
    day = state.today if day is None else day
    state.journal.tell(batch.route.site, f"batch.{kind}", day, hour, data, f"batch {batch.code}")
