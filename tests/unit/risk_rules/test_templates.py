"""Texts read as people write: dates, great numbers, what is unknown."""

from datetime import date
from typing import Any

import pytest

from risk_rules.expressions.fault import ExpressionError
from risk_rules.expressions.program import values
from risk_rules.templates import parse_template
from tests.unit.risk_rules.compiled import ENVIRONMENT, UNKNOWN


def filled(text: str, **features: Any) -> str:
    template = parse_template(text, ENVIRONMENT)
    return template.filler()(values(template.expressions)(UNKNOWN | features))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{x} left", "12,500 left"),
        ("{y} left", "0.123 left"),
        ("{a} left", "7 left"),
        ("{x:.1f} left", "12500.0 left"),
        ("on {on}", "on 3 May 2026"),
        ("on {on:%d %b}", "on 03 May"),
        ("from {s}", "from unknown"),
        ("is {p}", "is yes"),
        ("{{x}} is {x + 1:,.0f}", "{x} is 12,501"),
        ('{p ? "now" : "later"}', "now"),
        ('{"a}b"} and {p ? 1 : 2 : d}', "a}b and 1"),
        ('a {p ? "" : "b"} c', "a c"),
    ],
)
def test_a_placeholder_reads_as_people_write(text: str, expected: str) -> None:
    assert filled(text, x=12500.0, y=0.12345, a=7, on=date(2026, 5, 3), p=True) == expected


@pytest.mark.parametrize(
    ("text", "offset", "message"),
    [
        ("missing {qyt}", 9, "qyt is not known here"),
        ("missing {x", 10, "a placeholder that does not end"),
        ("missing x}", 9, "a } without a {"),
        ("missing {x y}", 10, "a placeholder that does not end"),
        ("{on:.2f}", 3, ".2f is no format for a date"),
        ("{s:.2f}", 2, ".2f is no format for a string"),
        ("{x:9999999d}", 2, "9999999d is too wide a format"),
        ("{x:999999.1f}", 2, "999999.1f is too wide a format"),
        ("{}", 1, "a value was expected, not }"),
    ],
)
def test_a_placeholder_that_cannot_be_filled_is_refused_when_it_is_read(text: str, offset: int, message: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse_template(text, ENVIRONMENT)
    assert (caught.value.offset, caught.value.message) == (offset, message)
