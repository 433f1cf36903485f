"""Right first time, first pass yield, lot acceptance and deviations per lot."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2

from risk_rules.methods.lot_quality import (
    Lot,
    deviation_rate,
    first_pass_yield,
    lot_acceptance,
    right_first_time,
    rolled_yield,
)

GOOD, DEVIATED, FAILED_A_TEST = Lot(0, 0, False, True), Lot(2, 0, False, True), Lot(0, 1, False, True)
REWORKED, REJECTED, UNDECIDED = Lot(0, 0, True, True), Lot(1, 1, False, False), Lot(0, 0, False, None)
LOTS = [GOOD] * 14 + [DEVIATED, FAILED_A_TEST, REWORKED, REJECTED, UNDECIDED, UNDECIDED]
lots = st.lists(
    st.builds(Lot, st.integers(0, 3), st.integers(0, 2), st.booleans(), st.sampled_from([None, True, False])),
    min_size=1,
)


def test_a_lot_with_a_deviation_is_not_right_first_time_though_it_was_accepted() -> None:
    found = right_first_time(LOTS)
    assert found is not None
    assert (found.good, found.all, found.share) == (18, 20, 0.9)


def test_first_pass_forgives_no_failed_test_and_no_rework_and_waits_for_the_decision() -> None:
    found = first_pass_yield(LOTS)
    assert found is not None
    assert (found.good, found.all) == (14, 18)


def test_a_rejected_lot_is_not_accepted_and_an_undecided_one_does_not_count() -> None:
    found = lot_acceptance(LOTS)
    assert found is not None
    assert (found.good, found.all) == (17, 18)
    assert lot_acceptance([UNDECIDED]) is None


def test_three_stages_of_95_percent_pass_85_7_percent_of_the_lots() -> None:
    assert rolled_yield([0.95, 0.95, 0.95]) == pytest.approx(0.857375)
    passed = np.random.default_rng(2).random((200_000, 3)) < (0.9, 0.95, 0.99)
    assert rolled_yield([0.9, 0.95, 0.99]) == pytest.approx(float(passed.all(axis=1).mean()), abs=0.003)


@given(lots)
def test_first_pass_is_never_above_acceptance(attempted: list[Lot]) -> None:
    first, accepted = first_pass_yield(attempted), lot_acceptance(attempted)
    assert (first is None) == (accepted is None)
    if first is not None and accepted is not None:
        assert first.share <= accepted.share


@pytest.mark.parametrize("deviations", [0, 1, 5, 40])
def test_the_interval_of_a_rate_is_garwoods(deviations: int) -> None:
    found = deviation_rate(deviations, 200)
    assert found is not None
    lower = chi2.ppf(0.025, 2 * deviations) / 4 if deviations else 0
    assert found == pytest.approx((deviations / 2, lower, chi2.ppf(0.975, 2 * deviations + 2) / 4))


def test_the_interval_of_a_rate_holds_the_truth_at_least_as_often_as_it_says() -> None:
    counts = np.random.default_rng(4).poisson(0.06 * 100, 100_000)
    holds: dict[int, bool] = {}
    for count in np.unique(counts).tolist():
        found = deviation_rate(count, 100)
        assert found is not None
        holds[count] = found.lower <= 6 <= found.upper
    assert np.mean([holds[count] for count in counts.tolist()]) >= 0.95


def test_without_lots_there_is_no_rate_and_below_zero_there_are_none() -> None:
    assert deviation_rate(3, 0) is None
    assert right_first_time([]) is None
    with pytest.raises(ValueError, match="-1 deviations in 5 lots"):
        deviation_rate(-1, 5)
