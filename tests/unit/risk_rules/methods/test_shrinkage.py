"""Few cases borrow from their parents, many do not."""

import numpy as np
import pytest

from risk_rules.methods.shrinkage import GREATEST_STRENGTH, USUAL_STRENGTH, shrunk, strength


def test_with_as_many_cases_as_the_parent_counts_for_it_goes_half_way() -> None:
    assert shrunk([{10: 90, 20: 10}, {20: 8}], [8.0]) == pytest.approx({10: 0.45, 20: 0.55})


def test_without_own_cases_it_is_the_parent_and_without_any_it_is_unknown() -> None:
    assert shrunk([{10: 3, 20: 1}, {}], [8.0]) == {10: 0.75, 20: 0.25}
    assert shrunk([{}, {10: 1}], [8.0]) == {10: 1.0}
    assert shrunk([{}, {}], [8.0]) == {}


def test_each_child_needs_a_strength() -> None:
    for strengths in ([], [0.0], [1.0, 1.0]):
        with pytest.raises(ValueError, match="strengths above zero"):
            shrunk([{1: 1}, {1: 1}], strengths)


def grouped(within: float, apart: float, seed: int = 1) -> tuple[int, float, float, int, float, float]:
    """The moments of 20,000 groups of five to twenty cases."""
    luck = np.random.default_rng(seed)
    sizes = luck.integers(5, 21, 20_000)
    cases = np.repeat(luck.normal(3, apart, sizes.size), sizes) + luck.normal(0, within, sizes.sum())
    sums = np.add.reduceat(cases, np.concatenate([[0], sizes.cumsum()[:-1]]))
    return (
        int(sizes.sum()), float(cases.sum()), float((cases**2).sum()), sizes.size, float((sizes**2).sum()),
        float((sums**2 / sizes).sum()),
    )  # fmt: skip


def test_the_strength_is_the_ratio_of_the_variances_that_were_drawn() -> None:
    assert strength(*grouped(within=0.4, apart=0.2)) == pytest.approx(4, rel=0.05)
    assert strength(*grouped(within=0.2, apart=0.4)) == pytest.approx(0.25, rel=0.05)


def test_children_that_do_not_differ_are_drawn_wholly_to_their_parent() -> None:
    assert strength(*grouped(within=0.4, apart=0.0, seed=3)) > 100
    assert strength(4, 4.0, 4.5, 2, 8.0, 4.0) == GREATEST_STRENGTH


def test_too_few_children_tell_nothing() -> None:
    assert strength(10, 10.0, 12.0, 1, 100.0, 10.0) == USUAL_STRENGTH
    assert strength(2, 2.0, 2.5, 2, 2.0, 2.5) == USUAL_STRENGTH
