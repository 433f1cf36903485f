"""How soon a cumulative sum sees a shift: by the field's table and by simulation."""

import numpy as np
import pytest

from risk_rules.methods.run_length import average_run_length, one_sided_average_run_length

SHIFTS = [0, 0.25, 0.5, 0.75, 1, 1.5, 2, 2.5, 3, 4]


@pytest.mark.parametrize(
    ("threshold", "table"),
    [
        (4, ["168", "74.2", "26.6", "13.3", "8.38", "4.75", "3.34", "2.62", "2.19", "1.71"]),
        (5, ["465", "139", "38", "17", "10.4", "5.75", "4.01", "3.11", "2.57", "2.01"]),
    ],
)
def test_the_table_of_montgomery_for_a_slack_of_half_a_sigma(threshold: float, table: list[str]) -> None:
    assert [f"{average_run_length(0.5, threshold, shift):.3g}" for shift in SHIFTS] == table


@pytest.mark.parametrize("shift", [0.0, 0.5, 1.0])
def test_simulated_runs_take_as_long_as_the_integral_equation_says(shift: float) -> None:
    numbers, runs = np.random.default_rng(7), 100_000
    sums, length, lengths = np.zeros(runs), 0, list[int]()
    while sums.size:
        length += 1
        sums = np.maximum(0, sums + numbers.normal(shift, 1, sums.size) - 0.5)
        lengths += [length] * int((sums > 3).sum())
        sums = sums[sums <= 3]
    standard_error = float(np.std(lengths)) / runs**0.5
    assert one_sided_average_run_length(0.5, 3, shift) == pytest.approx(float(np.mean(lengths)), abs=4 * standard_error)


def test_a_sum_without_a_threshold_alarms_when_a_value_exceeds_the_slack() -> None:
    assert one_sided_average_run_length(0, 1e-9, 0) == pytest.approx(2, rel=1e-6)
