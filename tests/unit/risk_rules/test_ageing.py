"""A quality record ages from its opening and is overdue from its due time on."""

from datetime import UTC, datetime, timedelta

from risk_rules.methods.ageing import Age, age, conventional_due

OPENED = datetime(2026, 3, 1, 8, tzinfo=UTC)


def test_a_deviation_without_a_due_date_is_due_by_convention() -> None:
    due = conventional_due(OPENED, 30)
    assert age(OPENED, due, OPENED + timedelta(days=10)) == Age(10, 20, 0)
    assert age(OPENED, due, OPENED + timedelta(days=33)) == Age(33, -3, 3)


def test_without_a_limit_nothing_is_overdue() -> None:
    assert age(OPENED, None, OPENED + timedelta(days=400)) == Age(400, None, 0)


def test_what_was_opened_in_the_future_has_no_age() -> None:
    assert age(OPENED, None, OPENED - timedelta(days=1)).age_days == 0
