"""The cumulative sums by the handbook's worked chart, and by what must hold of any series."""

import math

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from risk_rules.methods import cusum
from risk_rules.methods.control_chart import Side

NIST = cusum.Chart(target=325, slack=0.3175, threshold=4.1959)
VALUES = [
    324.925, 324.675, 324.725, 324.350, 325.350, 325.225, 324.125, 324.525, 325.225, 324.600, 324.625, 325.150, 328.325,
    327.250, 327.825, 328.500, 326.675, 327.775, 326.875, 328.350,
]  # fmt: skip
UPPER = [0, 0, 0, 0, 0.0325, 0, 0, 0, 0, 0, 0, 0, 3.0075, 4.94, 7.4475, 10.63, 11.9875, 14.445, 16.0025, 19.035]
USUAL = cusum.standard_chart(0, 1)
numbers = st.floats(-1e6, 1e6)


def test_the_worked_sums_of_the_handbook_alarm_first_at_the_fourteenth_value() -> None:
    all_sums = cusum.follow(NIST, VALUES)
    assert [round(sums.high, 4) for sums in all_sums] == UPPER
    sides = [cusum.drift(NIST, sums) for sums in all_sums]
    assert sides == [None] * 13 + [Side.ABOVE] * 7


def test_the_alarm_says_since_when_and_to_what_the_mean_has_shifted() -> None:
    sums = cusum.follow(NIST, VALUES)[-1]
    assert sums.high_run == 8
    assert cusum.shifted_mean(NIST, sums, Side.ABOVE) == pytest.approx(sum(VALUES[12:]) / 8)
    assert cusum.shifted_mean(NIST, sums, Side.BELOW) is None


def test_a_fall_is_the_mirror_of_a_rise() -> None:
    mirrored = cusum.follow(NIST, [650 - value for value in VALUES])
    assert [round(sums.low, 4) for sums in mirrored] == UPPER
    assert cusum.drift(NIST, mirrored[-1]) is Side.BELOW
    assert cusum.shifted_mean(NIST, mirrored[-1], Side.BELOW) == pytest.approx(650 - sum(VALUES[12:]) / 8)


def test_a_sum_at_the_threshold_is_not_beyond_it() -> None:
    chart = cusum.Chart(target=0, slack=0.5, threshold=1)
    assert cusum.drift(chart, cusum.step(chart, cusum.Sums(), 1.5)) is None
    assert cusum.drift(chart, cusum.step(chart, cusum.Sums(), 1.75)) is Side.ABOVE


def test_lots_right_first_time_are_held_against_a_share_by_the_likelihood_ratio() -> None:
    rise, fall = cusum.share_chart(0.1, 0.25, 3), cusum.share_chart(0.9, 0.75, 3)
    gain, loss = math.log(0.25 / 0.1), math.log(0.75 / 0.9)
    assert (1 - 0.1 - rise.slack) / (0.1 + rise.slack) == pytest.approx(-gain / loss)
    assert fall.slack == pytest.approx(rise.slack)
    lots = [1.0] * 30 + [0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0]
    sides = [cusum.drift(fall, sums) for sums in cusum.follow(fall, lots)]
    assert sides.index(Side.BELOW) == 35


@pytest.mark.parametrize(("usual", "bad"), [(0.1, 0.1), (0, 0.2), (0.9, 1)])
def test_a_share_that_is_certain_or_unchanged_has_no_chart(usual: float, bad: float) -> None:
    with pytest.raises(ValueError, match="must differ"):
        cusum.share_chart(usual, bad, 3)


@given(st.lists(numbers, min_size=1, max_size=30))
def test_the_upper_sum_is_the_greatest_excess_of_any_latest_stretch(values: list[float]) -> None:
    sums = cusum.follow(USUAL, values)[-1]
    excess = [sum(value - 0.5 for value in values[first:]) for first in range(len(values))]
    assert sums.high == pytest.approx(max(0.0, *excess), rel=1e-9, abs=1e-6)


@given(st.lists(numbers, min_size=1, max_size=30), st.integers(0, 30))
def test_what_is_kept_is_enough_to_go_on(values: list[float], cut: int) -> None:
    kept = cusum.follow(USUAL, values[:cut])
    sums = msgspec.msgpack.decode(msgspec.msgpack.encode(kept[-1] if kept else cusum.Sums()), type=cusum.Sums)
    for value in values[cut:]:
        sums = cusum.step(USUAL, sums, value)
    assert sums == cusum.follow(USUAL, values)[-1]


@given(st.lists(st.floats(-0.5, 0.5), max_size=50))
def test_values_within_the_slack_never_alarm(values: list[float]) -> None:
    assert all(sums == cusum.Sums() for sums in cusum.follow(USUAL, values))


def test_what_no_chart_can_have_is_refused() -> None:
    with pytest.raises(ValueError, match="slack is -1"):
        cusum.Chart(target=0, slack=-1, threshold=1)
    with pytest.raises(ValueError, match="threshold is inf"):
        cusum.Chart(target=0, slack=1, threshold=math.inf)
    with pytest.raises(ValueError, match="leave out what is not known"):
        cusum.step(USUAL, cusum.Sums(), math.inf)
