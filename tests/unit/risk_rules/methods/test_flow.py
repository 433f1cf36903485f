"""Queue and flow by a simulated queue with a closed form, and Little's law as it must hold of any window."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from risk_rules.methods.flow import LEAST_LEAVING, Flow, Stay, flow, little

times = st.floats(0, 1000)
stays = st.lists(
    st.tuples(times, st.one_of(st.none(), times)).map(
        lambda pair: Stay(pair[0], None if pair[1] is None else pair[0] + pair[1])
    ),
    max_size=30,
)


def single_server_queue(load: float, batches: int, seed: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """When batches come to, and leave, a queue with Poisson arrivals and one server of mean service 1 (M/M/1)."""
    numbers = np.random.default_rng(seed)
    came = np.cumsum(numbers.exponential(1 / load, batches))
    work = np.cumsum(numbers.exponential(1, batches))
    served = np.concatenate(([0.0], work[:-1]))
    return came, work + np.maximum.accumulate(came - served)


def test_a_simulated_queue_has_the_length_and_the_cycle_time_of_the_closed_form() -> None:
    came, left = single_server_queue(0.7, 300_000, 5)
    measured = flow([Stay(*pair) for pair in zip(came.tolist(), left.tolist(), strict=True)], 1000, float(came[-1]))
    assert measured.in_process == pytest.approx(0.7 / 0.3, rel=0.03)
    assert measured.cycle_days == pytest.approx(1 / 0.3, rel=0.03)
    assert measured.per_day == pytest.approx(0.7, rel=0.01)
    agreement = little(measured.in_process, measured.per_day, measured.cycle_days or 0)
    assert agreement.expected_in_process == pytest.approx(measured.in_process, rel=1e-3)


def test_a_steady_queue_four_fifths_full_agrees_in_more_than_95_of_100_windows() -> None:
    came, left = single_server_queue(0.8, 250_000, 6)
    days, agreeing, starts = LEAST_LEAVING / 0.8, 0, np.linspace(1000, came[-1] - 1000, 1500).tolist()
    for start in starts:
        inside = slice(int(np.searchsorted(left, start)), int(np.searchsorted(came, start + days)))
        pairs = zip(came[inside].tolist(), left[inside].tolist(), strict=True)
        found = flow([Stay(*pair) for pair in pairs], start, start + days)
        agreeing += little(found.in_process, found.per_day, found.cycle_days or 0).agrees
    assert agreeing / len(starts) > 0.95


def test_three_batches_in_release_in_ten_days() -> None:
    seen = flow([Stay(-4, 2), Stay(1, 7), Stay(6, None)], 0, 10)
    assert seen == Flow(
        in_process=1.2, per_day=0.2, cycle_days=6, left=2, standing=1, oldest_days=4, ageing=pytest.approx(0)
    )
    assert little(1.2, 0.2, 6).agrees


def test_work_that_piles_up_is_more_than_the_flow_explains() -> None:
    piling = flow([Stay(day, None) for day in range(10)] + [Stay(0, 1)], 0, 10)
    assert piling.cycle_days == 1
    agreement = little(piling.in_process, piling.per_day, 1)
    assert agreement.gap > 0.9
    assert not agreement.agrees


def test_completions_that_were_never_begun_by_any_report_leave_a_gap_below_zero() -> None:
    assert little(2, 0.5, 10).gap == -0.6
    assert not little(2, 0.5, 10).agrees


def test_an_empty_stage_agrees_with_itself() -> None:
    assert flow([], 0, 10) == Flow(0, 0, None, 0, 0, 0, 0)
    assert little(0, 0, 5) == (0, 0, True)


@given(stays, st.floats(0, 1000), st.floats(1, 1000))
def test_littles_law_holds_of_any_window_but_for_the_ages_at_its_ends(
    batches: list[Stay], start: float, days: float
) -> None:
    seen = flow(batches, start, start + days)
    explained = seen.per_day * (seen.cycle_days or 0) + seen.ageing
    assert seen.in_process == pytest.approx(explained, rel=1e-6, abs=1e-6)


@given(stays, st.floats(0, 500), st.floats(1, 500), st.floats(1, 500))
def test_two_windows_make_one(batches: list[Stay], start: float, first: float, second: float) -> None:
    middle, end = start + first, start + first + second
    one, two, both = flow(batches, start, middle), flow(batches, middle, end), flow(batches, start, end)
    assert one.left + two.left == both.left
    assert one.in_process * first + two.in_process * second == pytest.approx(both.in_process * (end - start), abs=1e-5)


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(ValueError, match="left on day 3, before it entered on day 5"):
        flow([Stay(5, 3)], 0, 10)
    with pytest.raises(ValueError, match="end of the window is 0"):
        flow([], 0, 0)
    with pytest.raises(ValueError, match="per_day is -1"):
        little(1, -1, 1)
