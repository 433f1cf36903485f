"""A share and its interval: by another's numbers, and by how often it holds the truth."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, binomtest

from risk_rules.methods.proportion import Proportion, proportion


def of(good: int, number: int, confidence: float = 0.95) -> Proportion:
    found = proportion([True] * good + [False] * (number - good), confidence)
    assert found is not None
    return found


@pytest.mark.parametrize(("good", "number"), [(0, 1), (1, 1), (4, 20), (99, 100), (0, 50), (50, 50), (1234, 5678)])
@pytest.mark.parametrize("confidence", [0.8, 0.95, 0.99])
def test_the_interval_is_wilsons(good: int, number: int, confidence: float) -> None:
    theirs = binomtest(good, number).proportion_ci(confidence, "wilson")
    assert of(good, number, confidence)[2:] == pytest.approx((good / number, theirs.low, theirs.high))


def test_one_good_lot_of_one_proves_little() -> None:
    assert of(1, 1).lower == pytest.approx(0.2065, abs=5e-5)
    assert of(100, 100).lower == pytest.approx(0.9630, abs=5e-5)


@pytest.mark.parametrize("truth", [0.05, 0.3, 0.9])
def test_the_interval_holds_the_truth_about_as_often_as_it_says(truth: float) -> None:
    counts = np.random.default_rng(8).binomial(40, truth, 100_000)
    holds = {count: of(count, 40).lower <= truth <= of(count, 40).upper for count in range(41)}
    held = np.mean([holds[count] for count in counts.tolist()])
    exact = sum(binom.pmf(count, 40, truth) for count, holding in holds.items() if holding)
    assert held == pytest.approx(exact, abs=0.004)
    assert 0.92 < held < 0.98


@given(st.lists(st.booleans(), min_size=1, max_size=200))
def test_the_share_lies_in_its_interval_and_the_interval_in_0_to_1(cases: list[bool]) -> None:
    found = proportion(cases)
    assert found is not None
    assert 0 <= found.lower <= found.share <= found.upper <= 1
    assert (found.good, found.all) == (sum(cases), len(cases))


def test_without_cases_there_is_no_share_and_without_doubt_no_interval() -> None:
    assert proportion([]) is None
    with pytest.raises(ValueError, match="confidence is 1"):
        proportion([True], 1)
