"""Moments, spans of time and units in expressions."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from risk_rules.expressions.checker import check
from risk_rules.expressions.fault import ExpressionError
from risk_rules.expressions.parser import parse
from tests.unit.risk_rules.compiled import ENVIRONMENT, value

DATA: dict[str, Any] = {
    "t": datetime(2026, 3, 29, 0, 30, tzinfo=UTC),
    "v": datetime(2026, 4, 2, 0, 30, tzinfo=UTC),
    "g": timedelta(hours=36),
    "on": date(2026, 3, 29),
    "days_left": 12.0,
    "hours": 30,
    "x": 0.9,
    "share": 0.9,
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("v - t > duration('72h')", True),
        ("v - t > 3 d && v - t <= 4 d", True),
        ("t + 36 h", datetime(2026, 3, 30, 12, 30, tzinfo=UTC)),
        ("t - g", datetime(2026, 3, 27, 12, 30, tzinfo=UTC)),
        ("g == 1.5 d", True),
        ("days_left < 2 wk", True),
        ("days_left - margin_days < 5.5 d", True),
        ("hours > 1 d && hours < 2 days", True),
        ("share > 85 %", True),
        ("share * 100.0 > 85 % && 85 % == 0.85", True),
        ("85 % 4", 1),
        ("85 % -4", 1),
        ("t.getHours()", 0),
        ("t.getHours('Europe/Berlin')", 1),
        ("(t + 1 h).getHours('Europe/Berlin')", 3),
        ("t.getFullYear() * 100 + t.getMonth() + 1", 202603),
        ("t.getDayOfWeek('America/New_York')", 6),
        ("date(t)", date(2026, 3, 29)),
        ("date(t, 'America/New_York')", date(2026, 3, 28)),
        ("date('2026-03-29') == on", True),
        ("on + 7 d", date(2026, 4, 5)),
        ("on + 7 h", None),
        ("timestamp(on) < t", True),
        ("int(t) == int(timestamp('2026-03-29T02:30:00+02:00'))", True),
        ("string(t) + ' ' + string(g)", "2026-03-29T00:30:00Z 129600s"),
        ("timestamp('9999-12-31T23:59:59Z') + duration('1s')", None),
        ("max(t, v) - min(t, v)", timedelta(days=4)),
    ],
)
def test_times_are_counted_as_people_and_cel_count_them(text: str, expected: Any) -> None:
    assert value(text, DATA) == expected


@pytest.mark.parametrize(
    ("text", "offset", "message", "hint"),
    [
        ("x > 5 d", 4, "a time stands beside a number that has no unit of time", "write a plain number"),
        ("x > 20 kg", 7, "kg is no unit known here", "known are ms, s, min, h, d, wk and %"),
        ("t > on", 4, "> after a timestamp takes a timestamp, not on, which is a date", "make a moment of it"),
        ("t + 5 > v", 4, "+ after a timestamp takes a duration, not an int", "write a time with its unit, like 5 d"),
        (
            "t.getHours('Europe/Belrin') > 5",
            11,
            "'Europe/Belrin' is no zone like Europe/Berlin or +02:00",
            "correct it",
        ),
        ("t > timestamp('yesterday')", 14, "'yesterday' is no time like 2026-05-03T08:00:00Z", "correct it"),
    ],
)
def test_a_time_that_cannot_be_is_refused_with_a_way_out(text: str, offset: int, message: str, hint: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        check(parse(text), ENVIRONMENT)
    assert (caught.value.offset, caught.value.message) == (offset, message)
    assert caught.value.hint.startswith(hint)


def test_a_fault_is_told_with_the_piece_that_it_is_about() -> None:
    text = "x > 1 && s + (1 - 2) == 'a'"
    with pytest.raises(ExpressionError) as caught:
        check(parse(text), ENVIRONMENT)
    assert caught.value.told(text) == "+ after a string takes a string, not an int: (1 - 2)"
