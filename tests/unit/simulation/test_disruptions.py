"""Each disruption does true harm, on a day that nobody assumed, and the partners tell of it before."""

from datetime import UTC, datetime, time, timedelta

import pytest

from streams.events import batch, deviation, raw_material, shipment
from streams.events.types import DeviationClass, Disposition, QcResult
from streams.simulation.disruptions import all_seven
from streams.simulation.truth import Truth
from streams.simulation.world import World
from tests.unit.simulation.lived import START, Life, disturbed, events, network

SEEDS = (1, 2, 3)
KINDS = [disruption.kind for disruption in all_seven()]


def truth_of(life: Life, kind: str) -> Truth:
    return next(truth for truth in life.truths if truth.kind == kind)


def code_of(life: Life, kind: str) -> str:
    return truth_of(life, kind).subject.split("/")[1]


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("kind", KINDS)
def test_a_disruption_has_an_impact_within_the_half_year(seed: int, kind: str) -> None:
    truth = truth_of(disturbed(seed), kind)
    assert truth.true_impact_on is not None
    assert truth.began_at.date() + timedelta(days=3) < truth.true_impact_on < START + timedelta(weeks=26)
    assert (truth.subject_kind, truth.subject) in truth.affected


@pytest.mark.parametrize("seed", SEEDS)
def test_nothing_runs_short_but_what_a_disruption_touched(seed: int) -> None:
    life = disturbed(seed)
    touched = {subject for truth in life.truths for subject in truth.affected}
    assert {("material", "/".join(shortage.place)) for shortage in life.world.state.shortages} <= touched


def test_disruptions_are_about_different_products() -> None:
    about = [frozenset(disruption.products(disturbed(1).world.state)) for disruption in all_seven()]
    assert sum(map(len, about)) == len(frozenset().union(*about))


def test_without_disruptions_there_is_no_truth_to_tell() -> None:
    assert World(network, 1, START).truth() == []


def test_a_late_supplier_owns_up_with_a_later_date() -> None:
    life = disturbed(1)
    began = truth_of(life, "supplier_late").began_at
    confirmed = [
        event
        for _, event in events(life)
        if isinstance(event, raw_material.OrderConfirmed) and event.data.material_code == "RM-VEL-KSM"
    ]
    promises: dict[str, list[str]] = {}
    for event in sorted(confirmed, key=lambda event: event.time):
        promises.setdefault(event.data.po_no, []).append(event.data.confirmed_date)
    moved = [dates for dates in promises.values() if len(set(dates)) > 1]
    assert moved
    assert all(dates[-1] > dates[0] for dates in moved)
    assert any(began < event.time < began + timedelta(days=7) for event in confirmed)


def test_nothing_starts_on_a_line_that_stands_still() -> None:
    life = disturbed(1)
    truth = truth_of(life, "line_down")
    site, line = truth.subject.split("/")
    days = [
        event.data.actual_start
        for _, event in events(life)
        if isinstance(event, batch.BatchStarted) and (event.siteid, event.data.line) == (site, line)
    ]
    assert not [day for day in days if truth.began_at <= day < truth.began_at + timedelta(days=49)]
    lost = [
        event.data.available_hours
        for _, event in events(life)
        if isinstance(event, batch.CapacityReported) and (event.siteid, event.data.line) == (site, line)
    ]
    assert 0.0 in lost


def test_a_critical_deviation_is_classified_and_keeps_its_batch_from_release() -> None:
    life = disturbed(1)
    truth, code = truth_of(life, "critical_deviation"), code_of(life, "critical_deviation")
    told = {type(event): event for _, event in events(life) if getattr(event.data, "deviation_id", None) == code}
    opened, classified = told[deviation.DeviationOpened], told[deviation.DeviationClassified]
    assert isinstance(opened, deviation.DeviationOpened)
    assert isinstance(classified, deviation.DeviationClassified)
    assert classified.data.deviation_class == DeviationClass.CRITICAL
    released = [
        event.time
        for _, event in events(life)
        if isinstance(event, batch.BatchDispositioned) and event.data.batch_id in opened.data.batch_ids
    ]
    assert min(released) >= truth.began_at + timedelta(days=75)


def test_a_rejected_batch_fails_a_test_first() -> None:
    life = disturbed(1)
    code = code_of(life, "rejected_batch")
    told = [event for _, event in events(life) if getattr(event.data, "batch_id", None) == code]
    failed = next(
        event for event in told if isinstance(event, batch.BatchQcResult) and event.data.result == QcResult.FAIL
    )
    rejected = [event for event in told if isinstance(event, batch.BatchDispositioned)]
    assert {event.data.qa_disposition for event in rejected} == {Disposition.REJECTED}
    assert failed.time < min(event.time for event in rejected)


def test_a_broken_cold_chain_is_seen_by_the_logger_and_the_lot_is_condemned() -> None:
    life = disturbed(1)
    code = code_of(life, "cold_chain_break")
    readings = [
        reading.celsius
        for _, event in events(life)
        if isinstance(event, shipment.ShipmentCondition) and event.data.shipment_id == code
        for reading in event.data.readings
    ]
    assert max(readings) > 14
    lots = {
        event.data.internal_lot
        for _, event in events(life)
        if isinstance(event, raw_material.Received) and event.data.shipment_id == code
    }
    condemned = {
        event.data.internal_lot
        for _, event in events(life)
        if isinstance(event, raw_material.StatusChanged) and event.data.status == Disposition.REJECTED
    }
    assert lots
    assert lots <= condemned


def test_a_surge_is_forecast_before_it_comes() -> None:
    life = disturbed(1)
    truth = truth_of(life, "demand_surge")
    told = [
        event
        for _, event in events(life)
        if isinstance(event, raw_material.RequirementReported) and event.data.material_code == "FG-GLU"
    ]
    before = max((event for event in told if event.time < truth.began_at), key=lambda event: event.time)
    after = min((event for event in told if event.time >= truth.began_at), key=lambda event: event.time)
    assert max(entry.qty for entry in after.data.forecast) > 2 * max(entry.qty for entry in before.data.forecast)
    assert after.time < truth.began_at + timedelta(days=2)


def test_nothing_comes_from_a_silent_site_and_then_all_of_it() -> None:
    life = disturbed(1)
    truth = truth_of(life, "feed_silent")
    site = truth.subject.split("/")[1]
    began, ended = truth.began_at, truth.began_at + timedelta(days=14)
    sent = [(datetime.combine(day, time(), UTC), event) for day, event in events(life) if event.siteid == site]
    assert not [event for day, event in sent if began <= day < ended]
    kept_back = [event for day, event in sent if day == ended and event.time < ended - timedelta(days=2)]
    assert len(kept_back) > 100
