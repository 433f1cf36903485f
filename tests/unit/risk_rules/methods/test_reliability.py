"""How good chances were: by hand, and against the pairwise definition."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from risk_rules.methods.log_odds import expit, logit
from risk_rules.methods.reliability import Bin, auc, brier, calibration_error, reliability

CASES = st.lists(st.tuples(st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.9, 1.0]), st.booleans()), min_size=2, max_size=40)


def test_the_brier_score_by_hand() -> None:
    assert brier([0.1, 0.9, 0.4], [False, True, True]) == pytest.approx((0.01 + 0.01 + 0.36) / 3)


@given(CASES.filter(lambda cases: len({true for _, true in cases}) == 2))
def test_auc_is_the_share_of_pairs_in_the_right_order(cases: list[tuple[float, bool]]) -> None:
    late = [chance for chance, true in cases if true]
    rest = [chance for chance, true in cases if not true]
    right = sum((one > other) + 0.5 * (one == other) for one in late for other in rest)
    assert auc([chance for chance, _ in cases], [true for _, true in cases]) == pytest.approx(
        right / len(late) / len(rest)
    )


def test_without_both_sorts_there_is_nothing_to_tell_apart() -> None:
    with pytest.raises(ValueError, match="some must have come true"):
        auc([0.1, 0.2], [True, True])
    with pytest.raises(ValueError, match="2 chances for 1 outcomes"):
        brier([0.1, 0.2], [True])


def test_cases_lie_in_the_bin_of_their_chance() -> None:
    bins = reliability([0.0, 0.05, 0.15, 0.15, 1.0], [False, True, False, True, True])
    assert bins == [Bin(2, 0.025, 0.5), Bin(2, 0.15, 0.5), Bin(1, 1.0, 1.0)]
    assert calibration_error(bins) == pytest.approx((2 * 0.475 + 2 * 0.35) / 5)


@given(CASES)
def test_every_case_is_in_one_bin(cases: list[tuple[float, bool]]) -> None:
    bins = reliability([chance for chance, _ in cases], [true for _, true in cases])
    assert sum(bin.cases for bin in bins) == len(cases)
    assert sum(bin.cases * bin.came_true for bin in bins) == pytest.approx(sum(true for _, true in cases))


@given(st.floats(-30, 30))
def test_log_odds_and_chances_are_each_others_inverse(odds: float) -> None:
    assert logit(expit(odds)) == pytest.approx(odds, abs=1e-2)


def test_certainty_has_no_log_odds() -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        logit(1.0)
