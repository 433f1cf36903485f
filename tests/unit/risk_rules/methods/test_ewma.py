"""The moving average by the handbook's worked chart, by simulation and by what must hold of any series."""

import math

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from risk_rules.methods import ewma
from risk_rules.methods.control_chart import Side

NIST = ewma.Chart(target=50, sigma=2.0539, weight=0.3, width=3)
VALUES = [
    52.0, 47.0, 53.0, 49.3, 50.1, 47.0, 51.0, 50.1, 51.2, 50.5, 49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6, 52.4, 53.6, 52.1,
]  # fmt: skip
AVERAGES = [
    50.60, 49.52, 50.56, 50.18, 50.16, 49.21, 49.75, 49.85, 50.26, 50.33, 50.11, 49.36, 49.52, 50.05, 49.38, 49.92, 50.73,
    51.23, 51.94, 51.99,
]  # fmt: skip
USUAL = ewma.Chart(target=0, sigma=1)
numbers = st.floats(-1e6, 1e6)


def test_the_worked_averages_and_limits_of_the_handbook() -> None:
    averages = ewma.follow(NIST, VALUES)
    assert [round(average.value, 2) for average in averages] == AVERAGES
    assert [round(limit, 4) for limit in ewma.limits(NIST)] == [47.4116, 52.5884]
    assert [ewma.drift(NIST, average) for average in averages] == [None] * 20


def test_the_variance_of_simulated_averages_is_that_of_the_closed_form_young_and_old() -> None:
    draws = np.random.default_rng(42).normal(0, 2, (40, 200_000))
    average, weight = np.zeros(200_000), 0.25
    chart = ewma.Chart(target=0, sigma=2, weight=weight, width=1)
    for count, values in enumerate(draws, 1):
        average = weight * values + (1 - weight) * average
        assert ewma.limits(chart, count).upper == pytest.approx(float(average.std()), rel=0.006)
    assert ewma.limits(chart).upper == pytest.approx(float(average.std()), rel=0.006)


def test_a_drift_is_told_by_its_side() -> None:
    assert ewma.drift(USUAL, ewma.Average(1.3, 9)) is Side.ABOVE
    assert ewma.drift(USUAL, ewma.Average(-1.3, 9)) is Side.BELOW
    assert ewma.drift(USUAL, ewma.Average(ewma.limits(USUAL).upper, 9)) is None


def test_a_lasting_shift_is_seen_though_no_single_value_is_out() -> None:
    values = [0.4, -0.9, 0.7, -0.3, 0.2, 1.4, 1.0, 1.9, 1.3, 1.7, 1.5]
    sides = [ewma.drift(USUAL, average) for average in ewma.follow(USUAL, values)]
    assert sides[:6] == [None] * 6
    assert sides[-1] is Side.ABOVE
    assert max(values) < 3


@given(st.lists(numbers, max_size=30), numbers, st.floats(0.01, 1))
def test_the_average_is_the_weighted_sum_of_all_values_and_the_target(
    values: list[float], target: float, weight: float
) -> None:
    chart = ewma.Chart(target=target, sigma=1, weight=weight)
    averages = ewma.follow(chart, values)
    closed = target * (1 - weight) ** len(values) + sum(
        weight * (1 - weight) ** age * value for age, value in enumerate(reversed(values))
    )
    assert (averages[-1] if averages else ewma.start(chart)).value == pytest.approx(closed, rel=1e-9, abs=1e-6)


@given(st.lists(numbers, min_size=1, max_size=30), st.integers(0, 30))
def test_what_is_kept_is_enough_to_go_on(values: list[float], cut: int) -> None:
    kept = ewma.follow(USUAL, values[:cut])
    average = msgspec.msgpack.decode(msgspec.msgpack.encode(kept[-1] if kept else ewma.start(USUAL)), type=ewma.Average)
    for value in values[cut:]:
        average = ewma.step(USUAL, average, value)
    assert average == ewma.follow(USUAL, values)[-1]


@given(st.lists(numbers, min_size=1, max_size=30), st.floats(-1e3, 1e3))
def test_the_average_never_leaves_the_range_of_the_values_and_the_target(values: list[float], target: float) -> None:
    chart = ewma.Chart(target=target, sigma=1)
    slack = 1e-9 * max(abs(value) for value in [*values, target, 1])
    for average in ewma.follow(chart, values):
        assert min(*values, target) - slack <= average.value <= max(*values, target) + slack


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({"weight": 0}, "weight is 0: it must be above 0 and at most 1"),
        ({"weight": 1.2}, "weight is 1.2"),
        ({"sigma": -1}, "sigma is -1: it must be at least 0"),
        ({"width": math.nan}, "width is nan"),
        ({"target": math.inf}, "cannot take the value inf"),
    ],
)
def test_a_chart_that_cannot_be_is_refused(fields: dict[str, float], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        ewma.Chart(**{"target": 0, "sigma": 1} | fields)


def test_a_value_that_is_none_is_refused_instead_of_spoiling_the_average() -> None:
    with pytest.raises(ValueError, match="leave out what is not known"):
        ewma.step(USUAL, ewma.start(USUAL), math.nan)
