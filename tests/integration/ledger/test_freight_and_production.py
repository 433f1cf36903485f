import pytest

from streams.ledger.tables import batch, line, lot, material, purchase_order, shipment
from tests.integration.ledger.saying import (
    booked,
    completed,
    counted,
    deviation,
    dispositioned,
    iso,
    opened,
    ordered,
    planned,
    said,
    withdrawn,
)
from tests.integration.ledger.saying import shipment as of_shipment


def order(site):
    row = site.row(purchase_order, "PO-1/API-1")
    return None if row is None else (row["shipped_qty"], row["open_qty"])


def open_deviations(site, number="B-1"):
    row = site.row(batch, number)
    return tuple(row[f"open_{name}"] for name in ("critical", "major", "minor"))


def test_a_booked_shipment_takes_what_it_carries_off_the_order(site):
    site.send(ordered("1", qty=100))
    site.send(booked("2", qty=60))
    assert order(site) == (60, 40)


@pytest.mark.parametrize("end", [of_shipment("3", "cancelled", 5), withdrawn("3", "2")])
def test_a_cancelled_or_withdrawn_shipment_gives_its_quantity_back_to_the_order(site, end):
    site.send(ordered("1", qty=100), booked("2", qty=60))
    site.restart()
    site.send(end)
    assert order(site) == (0, 100)


def test_a_shipment_of_an_order_that_was_never_told_of_is_withdrawn_without_a_trace(site):
    site.send(booked("2", qty=60))
    site.send(withdrawn("3", "2"))
    assert (order(site), site.row(shipment, "S-1")) == (None, None)


def test_a_shipment_is_as_far_as_any_report_says_whatever_came_last(site):
    site.send(
        of_shipment("3", "arrived", 50, actual_arrival=iso(50)),
        of_shipment("2", "departed", 60, actual_departure=iso(5)),
        booked("1"),
    )
    assert site.row(shipment, "S-1")["status"] == "arrived"


def test_readings_of_several_reports_are_judged_together(site):
    def readings(event_id, *celsius):
        values = [{"at": iso(at), "celsius": degrees} for at, degrees in celsius]
        return of_shipment(event_id, "condition", 30, readings=values, logger_id="T-1")

    site.send(booked("1", temp_min=2, temp_max=8), readings("2", (11, 12.0), (12, 5.0)))
    site.send(readings("3", (10, 5.0), (10.5, 12.0)))
    row = site.row(shipment, "S-1")
    assert (row["readings"], row["max_celsius"], row["excursion_minutes"]) == (4, 12.0, 80)


def test_a_completed_batch_is_a_lot_in_quarantine_that_its_release_makes_usable(site):
    site.send(planned("1"), completed("2"))
    assert (site.row(lot, "DS-4/B-1")["status"], site.row(lot, "DS-4/B-1")["qty"]) == ("quarantine", 48)
    assert site.row(material, "DS-4")["usable_qty"] == 0
    site.restart()
    site.send(dispositioned("3", "released"))
    assert site.row(material, "DS-4")["usable_qty"] == 48


def test_a_rejected_batch_is_never_usable_not_even_when_one_unit_released_it(site):
    site.send(planned("1"), completed("2"), dispositioned("3", "released"))
    site.send(dispositioned("4", "rejected", hours=410, by="sponsor"))
    assert site.row(lot, "DS-4/B-1")["status"] == "rejected"
    assert site.row(material, "DS-4")["usable_qty"] == 0


def test_a_withdrawn_release_puts_the_lot_back_into_quarantine(site):
    site.send(planned("1"), completed("2"), dispositioned("3", "released"))
    site.send(withdrawn("4", "3"))
    assert site.row(lot, "DS-4/B-1")["status"] == "quarantine"
    assert site.row(batch, "B-1")["status"] == "completed"


def test_a_withdrawn_completion_takes_the_lot_out_of_the_store(site):
    site.send(planned("1"), completed("2"), dispositioned("3", "released"))
    site.send(withdrawn("4", "2"))
    assert site.row(lot, "DS-4/B-1") is None
    assert site.row(material, "DS-4")["usable_qty"] == 0


def test_a_count_after_the_release_goes_before_the_yield(site):
    site.send(planned("1"), completed("2"), dispositioned("3", "released"))
    site.send(counted("4", lot="B-1", material_code="DS-4", qty=47.5, hours=420))
    assert site.row(material, "DS-4")["usable_qty"] == 47.5


def test_a_yield_in_grams_is_kept_in_the_unit_of_the_batch(site):
    site.send(planned("1"), completed("2", yield_actual=48_000, uom="GRM"))
    assert site.row(lot, "DS-4/B-1")["qty"] == 48
    assert site.row(batch, "B-1")["yield_actual"] == 48


def test_a_critical_deviation_stands_against_its_batches_until_it_is_closed(site):
    site.send(planned("1"), planned("2", batch="B-2"), opened("3", "B-1", "B-2"))
    assert open_deviations(site) == open_deviations(site, "B-2") == (1, 0, 0)
    site.restart()
    site.send(deviation("4", "closed", 30, closed_at=iso(30)))
    assert open_deviations(site) == open_deviations(site, "B-2") == (0, 0, 0)


def test_a_deviation_may_come_before_its_batch(site):
    site.send(opened("3", "B-1"))
    site.send(planned("1"))
    assert open_deviations(site) == (1, 0, 0)


def test_a_deviation_classified_anew_counts_in_its_new_class_against_the_batches_that_it_names_now(site):
    site.send(planned("1"), planned("2", batch="B-2"), opened("3", "B-1"))
    site.send(deviation("4", "classified", 10, **{"class": "minor", "batch_ids": ["B-2"]}))
    assert (open_deviations(site), open_deviations(site, "B-2")) == ((0, 0, 0), (0, 0, 1))


def test_a_deviation_without_impact_stands_against_no_batch(site):
    site.send(planned("1"), opened("3", "B-1"))
    site.send(deviation("4", "classified", 10, **{"class": "critical", "batch_impact": "none"}))
    assert open_deviations(site) == (0, 0, 0)


def test_a_withdrawn_deviation_never_stood_against_its_batch(site):
    site.send(opened("3", "B-1"))
    site.send(withdrawn("4", "3"))
    assert site.row(batch, "B-1") is None


def test_a_failed_test_that_passes_when_repeated_has_not_failed(site):
    def result(event_id, hours, came_out):
        return said("batch.qc_result", event_id, {"batch_id": "B-1", "test": "assay", "result": came_out}, hours)

    site.send(planned("1"), result("3", 20, "pass"), result("2", 10, "fail"))
    assert site.row(batch, "B-1")["qc_failed"] == 0


def test_a_planned_batch_takes_hours_of_its_line_until_it_is_done(site):
    site.send(planned("1"))
    assert site.row(line, "R1")["planned_hours"] == {"2026-W03": 40}
    site.send(completed("2"))
    assert site.row(line, "R1")["planned_hours"] == {}


def test_a_rescheduled_batch_takes_its_hours_along_and_remembers_its_first_plan(site):
    moved = {"batch_id": "B-1", "planned_start": iso(336), "planned_finish": iso(500), "line": "R2"}
    site.send(planned("1"))
    site.send(said("batch.rescheduled", "2", moved, hours=5))
    assert site.row(line, "R1")["planned_hours"] == {}
    assert site.row(line, "R2")["planned_hours"] == {"2026-W04": 40}
    assert site.row(batch, "B-1")["first_planned_finish"].isoformat() == iso(336)
