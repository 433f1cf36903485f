"""What a series is like while nothing is wrong with it, learned from itself."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from risk_rules.methods.control_chart import Reference, reference

numbers = st.floats(-1e6, 1e6)


def test_the_usual_state_of_many_normal_values_is_their_mean_and_sigma() -> None:
    learned = reference([float(value) for value in np.random.default_rng(3).normal(14, 2, 200_000)])
    assert learned is not None
    assert learned.target == pytest.approx(14, abs=0.03)
    assert learned.sigma == pytest.approx(2, rel=0.01)


def test_one_dirty_value_moves_neither_the_target_nor_the_noise() -> None:
    clean = [13, 15, 14, 16, 13, 15, 14, 12, 15, 14]
    assert reference([*clean, 4000, 14]) == Reference(14, pytest.approx(2 / 0.9538725524), 12)


def test_one_value_has_no_noise() -> None:
    assert reference([3]) is None
    assert reference([]) is None


def test_a_series_in_whole_days_that_stands_still_keeps_a_little_noise() -> None:
    assert reference([14, 14, 14, 14], least_sigma=0.5) == Reference(14, 0.5, 4)


def test_a_slow_trend_is_not_taken_for_noise() -> None:
    learned = reference([day / 10 for day in range(100)])
    assert learned is not None
    assert learned.sigma == pytest.approx(0.1 / 0.9538725524)


@given(st.lists(numbers, min_size=2, max_size=30), numbers)
def test_a_series_that_is_moved_is_as_noisy_as_before(values: list[float], by: float) -> None:
    here, there = reference(values), reference([value + by for value in values])
    assert here is not None
    assert there is not None
    assert there.sigma == pytest.approx(here.sigma, rel=1e-6, abs=1e-6)
    assert there.target == pytest.approx(here.target + by, rel=1e-9, abs=1e-6)


def test_what_is_not_a_number_is_refused() -> None:
    with pytest.raises(ValueError, match="nan"):
        reference([1.0, math.nan])
