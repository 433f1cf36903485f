"""When subjects are looked at again."""

from datetime import UTC, datetime, timedelta

from streams.ledger.deadlines import STALE, Deadlines

MONDAY = datetime(2026, 1, 5, tzinfo=UTC)


def test_a_subject_that_is_put_off_time_and_again_is_due_once_at_its_last_time():
    deadlines = Deadlines(0)
    for minutes in range(3 * STALE):
        deadlines.put(("material", "BSL/API-1"), MONDAY + timedelta(minutes=minutes))
    deadlines.put(("material", "BSL/API-2"), MONDAY)
    assert deadlines.due(MONDAY + timedelta(minutes=3 * STALE - 2)) == [("material", "BSL/API-2")]
    assert deadlines.due(MONDAY + timedelta(minutes=3 * STALE - 1)) == [("material", "BSL/API-1")]


def test_what_is_not_to_be_looked_at_again_is_not_due():
    deadlines = Deadlines(0)
    deadlines.put(("material", "BSL/API-1"), MONDAY)
    deadlines.put(("material", "BSL/API-1"), None)
    assert deadlines.due(MONDAY) == []


def test_what_is_touched_at_a_time_that_has_come_is_due_once_with_the_next_look():
    deadlines, lot = Deadlines(0), ("lot", "BSL/L-1")
    deadlines.due(MONDAY)
    for at in (MONDAY, None, MONDAY - timedelta(hours=1), MONDAY):
        deadlines.put(lot, at)
    assert deadlines.due(MONDAY + timedelta(hours=1)) == [lot]
    deadlines.put(lot, None)
    assert deadlines.due(MONDAY + timedelta(hours=2)) == []


def test_all_of_some_kinds_can_be_brought_forward():
    deadlines = Deadlines(0)
    for kind in ("batch", "feed", "shipment"):
        deadlines.put((kind, "BSL/1"), MONDAY + timedelta(days=3))
    deadlines.put(("shipment", "BSL/2"), MONDAY)
    deadlines.bring_forward(("batch", "shipment"), MONDAY + timedelta(hours=6))
    assert deadlines.due(MONDAY) == [("shipment", "BSL/2")]
    assert deadlines.due(MONDAY + timedelta(hours=6)) == [("batch", "BSL/1"), ("shipment", "BSL/1")]
    assert deadlines.due(MONDAY + timedelta(days=3)) == [("feed", "BSL/1")]
