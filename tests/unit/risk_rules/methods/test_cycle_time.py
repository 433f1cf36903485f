"""How long a step takes, with those still in it counted: by another's numbers, by simulation and by hand."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import CensoredData, ecdf

from risk_rules.methods.cycle_time import CycleTime, OpenShare, cycle_time

days = st.integers(0, 30).map(float)


def known(finished: list[float], waiting: list[float] | None = None) -> CycleTime:
    found = cycle_time(finished, waiting or [])
    assert found is not None
    return found


def test_three_lots_released_and_two_still_waiting() -> None:
    release = known([10, 14, 20], [12, 30])
    assert release.curve == (
        OpenShare(0, 1), OpenShare(10, 0.8), OpenShare(14, pytest.approx(0.8 * 2 / 3)), OpenShare(20, pytest.approx(0.8 / 3)),
    )  # fmt: skip
    assert (release.finished, release.waiting) == (3, 2)
    assert release.quantile(0.5) == 20
    assert release.quantile(0.9) is None


def test_the_finished_ones_alone_would_look_faster() -> None:
    finished, waiting = [10.0, 14.0, 20.0], [25.0, 28.0, 30.0, 40.0]
    assert known(finished).quantile(0.5) == 14
    assert known(finished, waiting).quantile(0.5) is None


def test_a_lot_that_waits_for_long_waits_on_by_what_is_known_of_old_lots() -> None:
    release = known([5.0] * 8 + [20.0, 40.0])
    assert release.chance_within(5) == pytest.approx(0.8)
    assert release.chance_within(5, age=10) == pytest.approx(0)
    assert release.chance_within(10, age=10) == pytest.approx(0.5)
    assert release.chance_within(1, age=50) is None


def test_simulated_release_times_give_the_true_curve_though_a_third_is_still_open() -> None:
    numbers = np.random.default_rng(9)
    true, seen = numbers.exponential(20, 150_000), numbers.exponential(40, 150_000)
    done = true <= seen
    assert 0.3 < 1 - done.mean() < 0.4
    release = known(np.round(true[done], 2).tolist(), np.round(seen[~done], 2).tolist())
    for share in (0.1, 0.5, 0.9):
        assert release.quantile(share) == pytest.approx(-20 * math.log(1 - share), rel=0.02)
    assert release.chance_within(10, age=15) == pytest.approx(1 - math.exp(-0.5), abs=0.01)


@given(st.lists(days, min_size=1, max_size=40), st.lists(days, max_size=40))
def test_the_curve_is_the_one_of_another_program(finished: list[float], waiting: list[float]) -> None:
    theirs = ecdf(CensoredData(uncensored=finished, right=waiting)).sf
    ours = known(finished, waiting)
    for day in range(31):
        assert ours.open_after(day) == pytest.approx(float(theirs.evaluate(day)), abs=1e-9)


@given(st.lists(days, max_size=40), st.lists(days, min_size=1, max_size=40))
def test_the_curve_falls_from_1_and_never_below_0(finished: list[float], waiting: list[float]) -> None:
    shares = [share for _, share in known(finished, waiting).curve]
    assert shares[0] == 1
    assert shares == sorted(shares, reverse=True)
    assert shares[-1] >= 0


def test_what_is_not_known_is_none_and_what_cannot_be_is_refused() -> None:
    assert cycle_time([]) is None
    assert known([], [5]).quantile(0.5) is None
    with pytest.raises(ValueError, match="days is -1"):
        cycle_time([-1])
    with pytest.raises(ValueError, match="part is 0"):
        known([5]).quantile(0)
