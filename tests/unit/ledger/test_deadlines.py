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
