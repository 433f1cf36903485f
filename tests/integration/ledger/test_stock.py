import pytest

from streams.ledger.tables import lot, material, purchase_order, requirement
from tests.integration.ledger.saying import consumed, counted, ordered, received, said, withdrawn


def qty(site, number="L-1"):
    row = site.row(lot, f"API-1/{number}")
    return None if row is None else row["qty"]


def test_what_is_in_quarantine_since_nobody_knows_when_is_counted_on_after_the_whole_time_of_release(site):
    needs = [{"date": "2026-02-20", "qty": 6}]
    data = {"material_code": "API-1", "uom": "KGM", "forecast": needs}
    site.send(said("raw_material.requirement_reported", "1", data))
    assert site.row(material, "API-1")["shortage_on"].isoformat() == "2026-02-20"
    site.send(counted("2", qty=10, status="quarantine"))
    assert site.row(material, "API-1")["shortage_on"] is None


def test_an_older_stock_report_does_not_overwrite_a_newer_one(site):
    site.send(counted("new", qty=7, hours=10))
    site.send(counted("old", qty=99, hours=2))
    assert qty(site) == 7


def test_what_was_recorded_last_is_newest_even_when_it_happened_earlier(site):
    site.send(counted("late", qty=7, hours=1, recordedtime="2026-01-06T08:00:00Z"))
    site.send(counted("prompt", qty=99, hours=10))
    assert qty(site) == 7


def test_the_sequence_of_a_source_goes_before_its_clock(site):
    site.send(counted("second", qty=7, hours=1, sequence="2"))
    site.send(counted("first", qty=99, hours=10, sequence="1"))
    assert qty(site) == 7


def test_sequences_of_two_sources_do_not_compare(site):
    site.send(counted("erp-9", qty=99, hours=1, sequence="9"))
    site.send(counted("mes-1", qty=7, hours=2, sequence="1", source="mes"))
    assert qty(site) == 7


def test_a_count_takes_the_place_of_all_movements_before_it_and_later_ones_go_on_from_there(site):
    site.send(counted("count", qty=7, hours=5), consumed("after", qty=2, hours=6), consumed("before", qty=4, hours=4))
    assert qty(site) == 5


def test_a_repeat_in_the_same_batch_in_another_and_after_a_restart_counts_once(partition):
    partition.send(received("1"), received("1"))
    partition.send(received("1"))
    partition.restart()
    outcome = partition.send(received("1"))
    assert outcome.events == {("acme", "raw_material", "repeated"): 1}
    assert partition.row(lot, "API-1/L-1")["qty"] == 10


def test_the_same_id_of_another_source_is_another_event(site):
    site.send(received("1"), received("1", source="mes"))
    assert qty(site) == 20


@pytest.mark.parametrize("restart", [False, True])
def test_a_withdrawn_receipt_takes_the_lot_out(partition, restart):
    partition.send(received("1"), received("2", lot="L-2", qty=3))
    if restart:
        partition.restart()
    partition.send(withdrawn("3", "1"))
    assert partition.row(lot, "API-1/L-1") is None
    assert partition.row(material, "API-1")["quarantine_qty"] == 3


def test_a_lot_whose_receipt_was_withdrawn_may_come_again(partition):
    partition.send(received("1"))
    partition.send(withdrawn("2", "1"))
    partition.send(received("3", qty=4))
    assert partition.row(lot, "API-1/L-1")["qty"] == 4


@pytest.mark.parametrize("restart", [False, True])
def test_a_withdrawal_counts_before_what_it_withdraws_and_is_final(site, restart):
    site.send(withdrawn("2", "1"))
    if restart:
        site.restart()
    outcome = site.send(received("1"))
    assert outcome.events == {("acme", "raw_material", "repeated"): 1}
    assert qty(site) is None


def test_a_withdrawal_reaches_only_events_of_its_own_source(site):
    site.send(received("1"), withdrawn("2", "1", source="mes"))
    assert qty(site) == 10


def test_a_correction_with_another_lot_number_moves_the_stock(site):
    site.send(received("1", lot="L-1"))
    site.send(received("2", lot="L-2", corrects="1"))
    assert (qty(site, "L-1"), qty(site, "L-2")) == (None, 10)
    assert site.row(material, "API-1")["quarantine_qty"] == 10


def test_a_withdrawn_correction_does_not_bring_back_what_it_corrected(site):
    site.send(withdrawn("3", "2"))
    site.send(received("1", lot="L-1"))
    site.send(received("2", lot="L-2", corrects="1"))
    assert (qty(site, "L-1"), qty(site, "L-2")) == (None, None)


def test_only_what_is_released_and_not_promised_elsewhere_is_usable(site):
    site.send(
        counted("1", "L-1", 10, allocated=4),
        counted("2", "L-2", 10, status="conditional_release"),
        counted("3", "L-3", 10, status="on_hold"),
        counted("4", "L-4", 10, status="rejected"),
        counted("5", "L-5", 10, status="quarantine"),
    )
    stock = site.row(material, "API-1")
    assert (stock["usable_qty"], stock["quarantine_qty"]) == (16, 10)


def test_a_material_used_up_within_one_batch_is_known_to_be_gone(site):
    site.send(counted("1", qty=10, hours=1), consumed("2", qty=10, hours=2))
    stock = site.row(material, "API-1")
    assert stock is not None
    assert stock["usable_qty"] == 0


def test_grams_are_kept_as_kilograms_where_the_network_keeps_kilograms(site):
    site.send(received("1", qty=2_500, uom="GRM"))
    row = site.row(lot, "API-1/L-1")
    assert (row["qty"], row["unit"]) == (2.5, "KGM")


def test_a_material_that_the_network_does_not_know_keeps_its_own_unit(site):
    site.send(received("1", qty=3, uom="LTR", material_code="NEW-9"))
    row = site.row(lot, "NEW-9/L-1")
    assert (row["qty"], row["unit"]) == (3, "LTR")


def test_a_receipt_without_a_shipment_fills_its_order(site):
    site.send(ordered("1", qty=100), received("2", qty=30, po_no="PO-1"))
    row = site.row(purchase_order, "PO-1/API-1")
    assert (row["received_qty"], row["open_qty"]) == (30, 70)


def test_a_confirmed_quantity_takes_the_place_of_the_ordered_one(site):
    confirmation = {"po_no": "PO-1", "material_code": "API-1", "confirmed_date": "2026-02-09", "qty": 80, "uom": "KGM"}
    site.send(said("raw_material.order_confirmed", "2", confirmation, hours=1), ordered("1", qty=100))
    row = site.row(purchase_order, "PO-1/API-1")
    assert (row["qty"], row["open_qty"], row["due_on"], row["confirmed_on"]) == (100, 80, "2026-02-02", "2026-02-09")


def test_a_newer_report_of_requirements_replaces_the_whole_of_an_older_one(site):
    def needs(event_id, hours, *forecast, **more):
        entries = [{"date": date, "qty": qty} for date, qty in forecast]
        data = {"material_code": "API-1", "uom": "KGM", "forecast": entries} | more
        return said("raw_material.requirement_reported", event_id, data, hours)

    site.send(needs("1", 0, ("2026-02-01", 5), ("2026-02-08", 5), safety_stock=3))
    site.send(needs("2", 1, ("2026-02-08", 7)))
    row = site.row(requirement, "API-1")
    assert (row["forecast"], row["safety_stock"]) == ({"2026-02-08": 7}, None)


def test_a_code_with_a_slash_is_another_code(site):
    site.send(received("1", lot="A/B"), received("2", lot="A~1B", qty=3))
    assert {row["lot"]: row["qty"] for row in site.rows(lot)} == {"A/B": 10, "A~1B": 3}


@pytest.mark.parametrize("code", ["Ä-1 ", "批-1", "L\x1e1", "L\x1d\x1f", "'; drop table lot; --", "%_\\"])
def test_any_code_that_its_owner_writes_can_be_counted_and_withdrawn(partition, code):
    partition.send(received("1", lot=code))
    partition.restart()
    assert [row["lot"] for row in partition.rows(lot)] == [code]
    partition.send(withdrawn("2", "1"))
    assert partition.rows(lot) == []
