"""What a site has seen of its suppliers and lanes: the same in any order, after restarts, and on either database."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from alerting.tables import alert
from risk_rules import rulebook
from risk_rules.catalogue import FEATURES
from streams.ledger.entity import Entity, Surroundings, unpack
from streams.ledger.journal import Journal
from streams.ledger.kinds import KINDS
from streams.ledger.tables import ENTITIES, lane, supplier
from tests.integration.ledger.saying import booked, ordered, received, said, shipment, withdrawn
from tests.oracle.network import NETWORK
from tests.oracle.stream import MONDAY, Json, Partition

DAY = 24
REJECTING = rulebook.parse("""
rulebook: 1
rules:
  - id: rejecting
    subject: supplier
    kind: rejecting
    count_within: {of: lots_rejected, days: 90, at_least: 3}
    severity: watch
    score: 40
    summary: "{counted} lots of {supplier} were rejected within 90 days"
""")
SLOWER = rulebook.parse("""
rulebook: 1
rules:
  - id: slower
    subject: supplier
    kind: slower
    trend: {of: lead_times, chart: cusum, side: above, baseline: 8}
    severity: watch
    score: 40
    summary: "{supplier} takes {drifted_to:.0f} days, it used to take {usual:.0f}"
""")


def lot_of(supplier: str, event_id: str, lot: str, days: float, status: str = "quarantine") -> Json:
    return received(event_id, lot=lot, hours=DAY * days, supplier=supplier, status=status)


def decided(event_id: str, lot: str, status: str, days: float) -> Json:
    data = {"material_code": "API-1", "internal_lot": lot, "status": status}
    return said("raw_material.status_changed", event_id, data, DAY * days)


def order(event_id: str, po_no: str, days: float, due: float, supplier: str = "S-1") -> Json:
    due_on = (MONDAY + timedelta(days=due)).date().isoformat()
    return ordered(event_id, po_no=po_no, due_date=due_on, supplier=supplier) | {
        "time": (MONDAY + timedelta(days=days)).isoformat()
    }


def came(event_id: str, po_no: str, days: float, qty: float = 100) -> Json:
    return received(event_id, lot=f"L-{po_no}", qty=qty, hours=DAY * days, po_no=po_no)


def seen(partition: Partition, kind: str, key: str, days: float) -> dict[str, Any]:
    """All features of a subject, from the row that the database has of it."""
    row = partition.row(ENTITIES[kind], key)
    assert row is not None
    entity = Entity(kind, row["key"], row["partner"], row["site"], Journal.blank())
    unpack(entity, row["journal"])
    now = MONDAY + timedelta(days=days)
    features = KINDS[kind].features
    assert features is not None
    return dict(features(entity, Surroundings(now, now.toordinal(), NETWORK, frozenset()), frozenset(FEATURES[kind])))


def states(partition: Partition) -> list[tuple[str, str]]:
    return [(row["state"], row["summary"]) for row in partition.rows(alert)]


@pytest.fixture
def rejecting(engine: Engine) -> Partition:
    return Partition(engine, rules=REJECTING)


def test_the_third_rejected_lot_of_one_supplier_within_ninety_days_is_told_of(rejecting: Partition) -> None:
    for number in range(3):
        assert states(rejecting) == []
        rejecting.restart()
        rejecting.now = MONDAY + timedelta(days=20 * number)
        lot = f"L-{number}"
        rejecting.send(
            lot_of("S-1", f"a{number}", lot, 20 * number), lot_of("S-2", f"b{number}", f"M-{number}", 20 * number),
            decided(f"c{number}", lot, "rejected", 20 * number + 0.1),
        )  # fmt: skip
    assert states(rejecting) == [("open", "3 lots of S-1 were rejected within 90 days")]


def test_a_rejection_that_was_withdrawn_does_not_count(rejecting: Partition) -> None:
    for number in range(3):
        rejecting.send(
            lot_of("S-1", f"a{number}", f"L-{number}", 0), decided(f"c{number}", f"L-{number}", "rejected", 0.1)
        )
    rejecting.restart()
    rejecting.send(withdrawn("w", "c1"))
    assert [state for state, _ in states(rejecting)] == ["resolved"]
    row = rejecting.row(supplier, "S-1")
    assert row is not None
    assert (row["lots_accepted"], row["lots_rejected"]) == (0, 2)


def test_rejections_are_forgotten_by_time_alone_when_they_leave_the_window(rejecting: Partition) -> None:
    for number in range(3):
        rejecting.send(
            lot_of("S-1", f"a{number}", f"L-{number}", 0),
            decided(f"c{number}", f"L-{number}", "rejected", number + 0.1),
        )
    rejecting.now = MONDAY + timedelta(days=2)
    rejecting.send(decided("again", "L-2", "rejected", 2.1))
    rejecting.restart()
    rejecting.ledger.pass_time(MONDAY + timedelta(days=89))
    assert [state for state, _ in states(rejecting)] == ["open"]
    rejecting.ledger.pass_time(MONDAY + timedelta(days=91))
    assert [state for state, _ in states(rejecting)] == ["resolved"]


def test_a_lot_that_is_rejected_and_then_released_after_all_counts_as_accepted(partition: Partition) -> None:
    partition.send(
        lot_of("S-1", "1", "L-1", 0), decided("2", "L-1", "rejected", 5), decided("3", "L-1", "released", 9),
        lot_of("S-1", "4", "L-2", 3, status="rejected"),
    )  # fmt: skip
    found = seen(partition, "supplier", "S-1", 10)
    assert (found["lots_rejected"], found["lots_decided"], found["lot_acceptance"]) == ({"2026-01-08": 1}, 2, 0.5)
    assert 0 < found["lot_acceptance_lower"] < 0.5


def test_lead_times_and_punctuality_are_learned_from_what_came_of_orders(partition: Partition) -> None:
    for number, (lead, due) in enumerate(((28, 28), (30, 28), (33, 28), (29, 30))):
        partition.send(order(f"o{number}", f"PO-{number}", number, number + due))
        partition.restart()
        partition.send(came(f"r{number}", f"PO-{number}", number + lead))
    partition.send(order("o9", "PO-9", 10, 40), came("r9", "PO-9", 41, qty=60))
    found = seen(partition, "supplier", "S-1", 60)
    assert (found["lead_time_days"], found["lead_time_p90_days"]) == (30, 33)
    assert [days for _, days in found["lead_times"]] == [28, 30, 29, 33, 31]
    # Due on Monday: Wednesday is in time. What was 60 of 100 on the day is half, not full; five days are too many.
    assert (found["otif_orders"], found["otif"]) == (5, 0.6)
    assert (found["open_orders"], found["overdue_orders"]) == (1, 1)
    row = partition.row(supplier, "S-1")
    assert row is not None
    assert (row["orders"], row["open_orders"], row["lead_time_days"]) == (5, 1, 30)


def test_a_supplier_that_becomes_slower_is_told_of(engine: Engine) -> None:
    partition = Partition(engine, rules=SLOWER)
    leads = (30, 29, 31, 30, 28, 32, 30, 31, 30, 29, 36, 38, 37, 39)
    for number, lead in enumerate(leads):
        partition.send(order(f"o{number}", f"PO-{number}", 7 * number, 7 * number + 30))
        partition.send(came(f"r{number}", f"PO-{number}", 7 * number + lead))
        if number == 9:
            assert states(partition) == []
            partition.restart()
    ((state, summary),) = states(partition)
    assert (state, summary.startswith("S-1 takes 3")) == ("open", True)
    assert summary.endswith("it used to take 30")


def test_an_order_that_a_shipment_fills_has_come_when_the_shipment_is_received(partition: Partition) -> None:
    partition.send(order("1", "PO-1", 0, 30), booked("2", qty=100, ship_from="Lyon", mode="road"))
    partition.send(shipment("3", "departed", DAY * 20, actual_departure=(MONDAY + timedelta(days=20)).isoformat()))
    assert seen(partition, "lane", "Lyon/road", 21)["under_way"] == 1
    partition.restart()
    partition.send(shipment("4", "received", DAY * 23, received_at=(MONDAY + timedelta(days=23)).isoformat()))
    assert seen(partition, "supplier", "S-1", 40)["lead_times"] == [[(MONDAY + timedelta(days=23)).toordinal(), 23]]
    found = seen(partition, "lane", "Lyon/road", 40)
    assert (found["under_way"], found["transit_days"], found["on_time_share"]) == (0, 3, 0)
    partition.send(withdrawn("5", "4"))
    assert seen(partition, "supplier", "S-1", 40)["lead_times"] == []
    row = partition.row(lane, "Lyon/road")
    assert row is not None
    assert (row["shipments"], row["under_way"], row["transit_days"]) == (1, 1, None)


def test_a_supplier_of_which_nothing_came_promises_nothing(partition: Partition) -> None:
    partition.send(order("1", "PO-1", 0, 30))
    found = seen(partition, "supplier", "S-1", 10)
    unknown = ("lead_time_days", "lead_time_p90_days", "otif", "otif_lower", "lot_acceptance", "lot_acceptance_lower")
    assert [found[name] for name in unknown] == [None] * len(unknown)
    assert (found["open_orders"], found["overdue_orders"], found["otif_orders"]) == (1, 0, 0)


def test_dates_that_cannot_be_teach_nothing(partition: Partition) -> None:
    partition.send(
        order("1", "PO-1", 50, 60), came("2", "PO-1", 20), order("3", "PO-2", -4000, 60), came("4", "PO-2", 20)
    )
    found = seen(partition, "supplier", "S-1", 70)
    assert (found["lead_times"], found["lead_time_days"]) == ([], None)
