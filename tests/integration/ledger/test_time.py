"""What did not happen: subjects are looked at again when their time comes, and alerts open and resolve with the stream."""

from datetime import timedelta

import pytest

from alerting.tables import alert, alert_news, audit
from risk_rules import rulebook
from streams.ledger.standing import Clock
from streams.ledger.tables import batch, deadline, feed, lot, material, verdict
from tests.integration.ledger.saying import (
    booked,
    completed,
    counted,
    deviation,
    dispositioned,
    iso,
    opened,
    planned,
    received,
    said,
    shipment,
    withdrawn,
)  # fmt: skip
from tests.oracle.network import NETWORK
from tests.oracle.stream import MONDAY, Partition, tick

LOTS = rulebook.parse("""
rulebook: 1
rules:
  - id: large
    subject: lot
    kind: large
    when: qty > 100
    severity: warning
    score: 30
    summary: "{qty} in one lot"
""")


def alerts(partition, kind):
    return [row["state"] for row in partition.rows(alert) if row["kind"] == kind]


def pending(partition):
    return {(row["subject_kind"], row["subject_key"]) for row in partition.rows(deadline)}


def later(**time):
    return MONDAY + timedelta(**time)


def test_an_overdue_shipment_is_found_when_time_passes_and_not_before(partition):
    partition.send(booked("1", arrival=24))
    assert partition.ledger.pass_time(later(hours=1)) is None
    assert partition.ledger.pass_time(later(hours=47)) is not None
    assert alerts(partition, "late") == []
    partition.ledger.pass_time(later(hours=54))
    assert alerts(partition, "late") == ["open"]


def test_an_overdue_shipment_is_found_after_a_restart_too(partition):
    partition.send(booked("1", arrival=24))
    partition.restart()
    partition.ledger.pass_time(later(hours=54))
    assert alerts(partition, "late") == ["open"]


def test_the_wall_clock_means_nothing_to_a_stream_that_has_its_own(engine):
    site = Partition(engine, clock=Clock.STREAM)
    site.send(booked("1", arrival=24))
    assert site.ledger.pass_time(later(days=9)) is None
    assert site.rows(alert) == []


def test_in_a_replay_an_overdue_shipment_is_found_by_the_ticks_and_not_before(engine):
    site = Partition(engine, clock=Clock.STREAM)
    site.now = later(days=300)
    site.send(booked("1", arrival=24), tick(1, later(hours=30)))
    assert alerts(site, "late") == []
    site.restart()
    site.send(tick(2, later(hours=54)))
    assert alerts(site, "late") == ["open"]
    (found,) = [row for row in site.rows(alert) if row["kind"] == "late"]
    assert found["opened_at"] == later(hours=54)


def test_within_one_batch_each_stretch_of_time_is_judged_as_of_its_own_tick(engine):
    site = Partition(engine, clock=Clock.STREAM)
    arrived = shipment("2", "arrived", 55, actual_arrival=iso(55))
    site.send(booked("1", arrival=24), tick(1, later(hours=54)), arrived, tick(2, later(hours=60)))
    (found,) = [row for row in site.rows(alert) if row["kind"] == "late"]
    assert (found["opened_at"], found["resolved_at"]) == (later(hours=54), later(hours=60))


def test_a_clock_that_goes_back_changes_nothing(engine):
    site = Partition(engine, clock=Clock.STREAM)
    site.send(booked("1", arrival=24), tick(1, later(hours=60)), tick(2, later(hours=10)))
    assert alerts(site, "late") == ["open"]


def test_an_alert_opens_and_resolves_in_the_transaction_that_counts_its_event(engine):
    site = Partition(engine)
    site.send(planned("1"), opened("2", "B-1"))
    assert alerts(site, "critical_deviation") == ["open"]
    assert site.rows(alert_news)
    site.restart()
    site.send(deviation("3", "closed", 1, closed_at=iso(1)))
    assert alerts(site, "critical_deviation") == ["resolved"]
    assert {"alert.opened", "alert.resolved"} <= {row["action"] for row in site.rows(audit)}


def test_an_alert_rests_on_the_events_that_its_subject_rests_on(site):
    site.send(opened("2", "B-1"), deviation("3", "extended", 5, extended_to=iso(500)))
    (found,) = [row for row in site.rows(alert) if row["kind"] == "critical_deviation"]
    assert found["evidence"] == ["erp 3", "erp 2"]


def test_a_withdrawn_event_takes_its_alert_along(partition):
    partition.send(opened("2", "B-1"))
    partition.send(withdrawn("3", "2"))
    assert alerts(partition, "critical_deviation") == ["resolved"]
    assert {row["kind"] for row in partition.rows(verdict)} & {"critical_deviation", "release_in_doubt"} == set()
    assert {kind for kind, _ in pending(partition)} <= {"feed", "material", "line"}


@pytest.mark.parametrize("clock", Clock)
def test_nobody_asks_again_about_what_is_over(engine, clock):
    site = Partition(engine, clock=clock)
    closing = [
        shipment("2", "received", 30, received_at=iso(30)), completed("4"), dispositioned("5", "released"),
        deviation("7", "closed", 20, closed_at=iso(20)),
        said("deviation.capa_closed", "9", {"deviation_id": "D-1", "capa_id": "C-1", "closed_at": iso(30)}, 30),
    ]  # fmt: skip
    capa = said("deviation.capa_opened", "8", {"deviation_id": "D-1", "capa_id": "C-1"}, 21)
    site.send(booked("1"), planned("3"), opened("6", "B-1"), capa, tick(1, later(hours=1)))
    open_ones = {("shipment", "BSL/S-1"), ("batch", "BSL/B-1"), ("deviation", "BSL/D-1"), ("capa", "BSL/C-1")}
    assert open_ones <= pending(site)
    site.send(*closing, tick(2, later(hours=410)))
    assert not open_ones & pending(site)


def test_a_lot_that_a_tick_has_judged_is_not_judged_by_every_tick(engine):
    site = Partition(engine, rules=LOTS, clock=Clock.STREAM)
    site.send(received("1", qty=500), tick(1, later(hours=1)))
    assert alerts(site, "large") == ["open"]
    assert pending(site) == set()


def test_a_lot_that_is_used_up_resolves_its_alert(engine):
    site = Partition(engine, rules=LOTS)
    site.send(counted("1", qty=500))
    site.send(counted("2", qty=5, hours=1))
    assert (alerts(site, "large"), site.row(lot, "API-1/L-1")["score"]) == (["resolved"], None)


def test_a_feed_is_silent_after_the_hours_of_its_partner_until_it_speaks_again(partition):
    partition.send(received("1"))
    partition.ledger.pass_time(later(hours=47))
    assert alerts(partition, "untrusted") == []
    partition.ledger.pass_time(later(hours=49))
    assert alerts(partition, "untrusted") == ["open"]
    assert partition.rows(feed)[0]["score"] > 0
    partition.now = later(hours=50)
    partition.send(received("2", lot="L-2", hours=50))
    assert alerts(partition, "untrusted") == ["resolved"]


def test_a_repeat_is_a_sign_of_life_when_it_was_recorded_anew(site):
    site.send(received("1"))
    site.now = later(hours=47)
    site.send(received("1", recordedtime=iso(47)))
    site.ledger.pass_time(later(hours=60))
    assert alerts(site, "untrusted") == []


def test_a_shortage_is_foretold_from_lots_needs_and_orders(site):
    needs = [{"date": "2026-01-20", "qty": 6}, {"date": "2026-02-20", "qty": 6}]
    data = {"material_code": "EXC-2", "uom": "KGM", "forecast": needs}
    site.send(counted("1", qty=10, material_code="EXC-2"), said("raw_material.requirement_reported", "2", data))
    row = site.row(material, "EXC-2")
    assert (row["shortage_on"].isoformat(), row["shortage_qty"]) == ("2026-02-20", 2)
    order = {"po_no": "PO-1", "material_code": "EXC-2", "qty": 25, "uom": "KGM", "due_date": "2026-02-10"}
    site.send(said("raw_material.order_placed", "3", order))
    assert site.row(material, "EXC-2")["shortage_on"] is None


def test_a_changed_network_counts_from_the_next_batch_on(site):
    site.send(planned("1"))
    assert site.row(material, "API-1")["required_qty"] == 75
    site.network = NETWORK.__class__(
        **{name: getattr(NETWORK, name) for name in NETWORK.__struct_fields__} | {"version": "other", "routes": {}}
    )
    site.ledger.pass_time(later(hours=7))
    assert site.row(batch, "B-1")["status"] == "planned"
    assert site.row(material, "API-1")["required_qty"] == 0
