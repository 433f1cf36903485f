"""The backlog of open records: how many are overdue, and how old they are."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from risk_rules.methods.ageing import Backlog, age, backlog

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def test_two_of_three_open_actions_are_overdue() -> None:
    ages = [
        age(NOW - timedelta(days=days), NOW + timedelta(days=due), NOW) for days, due in ((40, -10), (90, -1), (5, 25))
    ]
    assert backlog(ages) == Backlog(3, 2, 2 / 3, 40, 90)


def test_an_action_that_is_due_today_or_never_is_not_overdue() -> None:
    assert backlog([age(NOW, NOW, NOW), age(NOW, None, NOW)]) == Backlog(2, 0, 0, 0, 0)
    assert backlog([]) is None


@given(st.lists(st.tuples(st.integers(0, 400), st.none() | st.integers(-400, 400)), min_size=1))
def test_the_overdue_are_part_of_the_open_and_the_median_is_no_older_than_the_oldest(
    drawn: list[tuple[int, int | None]],
) -> None:
    ages = [
        age(NOW - timedelta(days=old), None if due is None else NOW + timedelta(days=due), NOW) for old, due in drawn
    ]
    found = backlog(ages)
    assert found is not None
    assert 0 <= found.overdue <= found.open == len(drawn)
    assert 0 <= found.median_age_days <= found.oldest_days
