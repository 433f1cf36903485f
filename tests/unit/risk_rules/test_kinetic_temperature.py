"""Mean kinetic temperature by the worked numbers, and what counts as an excursion."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from risk_rules.methods.kinetic_temperature import excursion_minutes, greatest_in_window, mean_kinetic_temperature


@pytest.mark.parametrize(("readings", "expected"), [([23, 25], 24.0532), ([2, 8], 5.5364), ([5, 5, 5], 5.0)])
def test_the_worked_means(readings: list[float], expected: float) -> None:
    assert mean_kinetic_temperature(readings) == pytest.approx(expected, abs=5e-5)


def test_without_readings_there_is_no_mean() -> None:
    assert greatest_in_window([], 24) is None
    with pytest.raises(ValueError, match="no readings"):
        mean_kinetic_temperature([])


@given(st.lists(st.floats(-273.1, 1000), min_size=1, max_size=50))
def test_the_mean_lies_between_the_coldest_and_the_warmest_and_not_below_the_plain_mean_where_goods_travel(
    readings: list[float],
) -> None:
    mean = mean_kinetic_temperature(readings)
    assert min(readings) - 1e-6 <= mean <= max(readings) + 1e-6
    if min(readings) > -80 and max(readings) < 60:
        assert mean >= sum(readings) / len(readings) - 1e-6


def test_a_long_window_hides_an_excursion_that_a_short_one_shows() -> None:
    readings = [(float(hour), 15.0 if 100 <= hour < 106 else 4.0) for hour in range(240)]
    day, week = greatest_in_window(readings, 24), greatest_in_window(readings, 168)
    assert day is not None
    assert week is not None
    assert day > 8 > week


def test_an_open_door_is_no_excursion_and_a_failed_unit_is() -> None:
    door = [(0.0, 5.0), (10.0, 9.0), (20.0, 5.0), (30.0, 9.0), (39.0, 5.0)]
    assert excursion_minutes(door, 2, 8) == 0
    failed = [(0.0, 5.0), (15.0, 9.0), (30.0, 12.0), (45.0, 11.0), (60.0, 6.0)]
    assert excursion_minutes(failed, 2, 8) == 35
    assert excursion_minutes(failed, 2, None) == 0


def test_frost_counts_like_heat_and_an_excursion_that_goes_on_counts_already() -> None:
    assert excursion_minutes([(0.0, -1.0), (60.0, -3.0), (120.0, -2.0)], 2, 8) == 110
