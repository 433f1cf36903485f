"""Where a condition ends, when one value moves."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from risk_rules.boundaries import Boundary, boundaries, others
from risk_rules.expressions.types import Type


def the_only(found: list[Boundary]) -> Boundary:
    (one,) = found
    return one


def test_a_count_of_days_ends_at_the_next_whole_day() -> None:
    found = the_only(list(boundaries(12, Type.INT, lambda days: days <= 35, signed=False)))
    assert (found.value, found.last, found.upwards, found.strict) == (36, 35, True, False)


def test_a_measure_ends_right_below_its_limit() -> None:
    found = the_only(list(boundaries(7.25, Type.DOUBLE, lambda days: days >= 1, signed=False)))
    assert found.strict
    assert found.last == 1
    assert 0.999 < found.value < 1


def test_a_limit_that_nobody_would_write_is_told_in_few_figures_on_the_safe_side() -> None:
    found = the_only(list(boundaries(40.0, Type.DOUBLE, lambda part: part > 100 / 7, signed=False)))
    assert found.value == 14.2
    assert not found.strict
    upwards = the_only(list(boundaries(1.0, Type.DOUBLE, lambda part: part < 100 / 7, signed=False)))
    assert upwards.value == 14.3


def test_what_cannot_be_below_zero_is_not_taken_there() -> None:
    assert list(boundaries(3.0, Type.DOUBLE, lambda days: days > -4, signed=False)) == []
    assert the_only(list(boundaries(3.0, Type.DOUBLE, lambda days: days > -4, signed=True))).value == -4


def test_a_window_has_an_end_on_either_side() -> None:
    found = list(boundaries(5, Type.INT, lambda days: 2 <= days <= 9, signed=False))
    assert [one.value for one in found] == [1, 10]


def test_days_and_moments_end_by_the_day_and_the_minute() -> None:
    day, limit = date(2026, 4, 1), date(2026, 5, 3)
    assert the_only(list(boundaries(day, Type.DATE, lambda on: on < limit, signed=False))).value == limit
    at, by = datetime(2026, 4, 1, tzinfo=UTC), datetime(2026, 4, 2, 11, 30, tzinfo=UTC)
    assert the_only(list(boundaries(at, Type.TIMESTAMP, lambda on: on < by, signed=False))).value == by


def test_a_text_ends_at_any_other_that_is_known() -> None:
    assert others("open", ("open", "closed", "void"), lambda status: status != "closed") == ("closed",)


@settings(deadline=None)
@given(st.floats(-1e9, 1e9), st.floats(-1e9, 1e9))
def test_what_is_named_has_been_tried_and_what_is_right_before_it_has_too(value: float, limit: float) -> None:
    assume(value <= limit)
    found = the_only(list(boundaries(value, Type.DOUBLE, lambda x: x <= limit, signed=True)))
    assert found.value > limit >= found.last
    assert found.value == pytest.approx(limit, rel=0.02, abs=1e-3)


@settings(deadline=None)
@given(st.integers(0, 10**9), st.integers(0, 10**9))
def test_whole_numbers_end_at_the_very_next_one(value: int, limit: int) -> None:
    assume(value >= limit)
    found = list(boundaries(value, Type.INT, lambda x: x >= limit, signed=False))
    assert [one.value for one in found] == ([] if limit == 0 else [limit - 1])
