"""How much later than told things come true."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from risk_rules.methods.slips import EARLIEST, LATEST, NEVER, Slips, expected


def learned(*days: int | None) -> Slips:
    slips = Slips()
    for day in days:
        slips.learn(day)
    return slips


def test_what_was_seen_is_expected() -> None:
    spread = expected([learned(0, 0, 0, 7)])
    assert spread is not None
    assert dict(zip(spread.values, spread.weights, strict=True)) == {0: 0.75, 7: 0.25}


def test_a_rejected_batch_never_comes() -> None:
    spread = expected([learned(*[0] * 19, None)])
    assert spread is not None
    assert (spread.values[-1], spread.weights[-1]) == (NEVER, pytest.approx(0.05))


def test_a_supplier_that_was_late_once_is_not_thought_to_be_always_late() -> None:
    spread = expected([learned(*[0] * 100), learned(30)])
    assert spread is not None
    assert spread.weights[-1] == pytest.approx(1 / 21)


def test_dates_that_are_wrong_by_years_count_as_of_the_latest() -> None:
    assert learned(36_500, -36_500).counts == {LATEST: 1, EARLIEST: 1}


def test_nothing_is_expected_of_what_nothing_is_known() -> None:
    assert expected([Slips(), Slips()]) is None


def test_what_was_never_learned_cannot_be_taken_back() -> None:
    with pytest.raises(ValueError, match="was not learned"):
        learned(3).learn(4, -1)


DAYS = st.lists(st.none() | st.integers(-30, 400), max_size=20)


@given(DAYS, DAYS, st.randoms(use_true_random=False))
def test_neither_order_nor_what_was_taken_back_matters(
    days: list[int | None], wrong: list[int | None], luck: object
) -> None:
    other = [*days, *wrong]
    luck.shuffle(other)  # pyright: ignore[reportAttributeAccessIssue]
    slips = learned(*other)
    for day in wrong:
        slips.learn(day, -1)
    assert slips == learned(*days)
