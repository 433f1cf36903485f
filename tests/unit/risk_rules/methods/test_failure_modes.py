"""What to look at first: a high severity is never averaged away."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from risk_rules.methods.failure_modes import HIGH_SEVERITY, FailureMode, ordered

numbers = st.integers(1, 10)
modes = st.lists(st.builds(FailureMode, st.text("abc", max_size=3), numbers, numbers, numbers), max_size=20)
STERILITY = FailureMode("sterility lost", 10, 1, 2)
LABEL = FailureMode("label askew", 4, 5, 5)
DELAY = FailureMode("release late", 4, 6, 4)
POTENCY = FailureMode("potency out of range", 9, 2, 3)


def test_a_rare_harm_comes_before_a_frequent_nuisance_of_a_greater_product() -> None:
    assert (STERILITY.risk_priority, LABEL.risk_priority) == (20, 100)
    assert ordered([LABEL, STERILITY, DELAY, POTENCY]) == [POTENCY, STERILITY, LABEL, DELAY]


def test_what_counts_as_high_is_for_the_user_to_say() -> None:
    assert ordered([POTENCY, STERILITY, LABEL], high_severity=10) == [STERILITY, LABEL, POTENCY]


@given(modes, st.integers(1, 10))
def test_no_low_severity_ever_stands_before_a_high_one_and_each_class_falls_by_its_product(
    drawn: list[FailureMode], high: int
) -> None:
    found = ordered(drawn, high)
    assert sorted(found) == sorted(drawn)
    highs = [mode for mode in found if mode.severity >= high]
    assert found[: len(highs)] == highs
    for of_class in (highs, found[len(highs) :]):
        products = [mode.risk_priority for mode in of_class]
        assert products == sorted(products, reverse=True)


@given(modes, st.randoms())
def test_the_order_does_not_depend_on_the_order_in_which_they_are_told(
    drawn: list[FailureMode], random: object
) -> None:
    shuffled = list(drawn)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert ordered(shuffled) == ordered(drawn)


def test_a_number_off_the_scale_is_refused() -> None:
    assert HIGH_SEVERITY == 8
    with pytest.raises(ValueError, match="release late: severity, occurrence and detectability are 1 to 10"):
        ordered([FailureMode("release late", 11, 1, 1)])
