"""How well a plant keeps the plan that it promised first."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from risk_rules.methods.schedule_adherence import Adherence, Run, adherence

PLAN = [Run(10, 10, 100, 98), Run(12, 15, 100, 100), Run(20, None, 100), Run(40, None, 100), Run(18, 11, 100, 120)]
runs = st.lists(
    st.builds(Run, st.floats(0, 100), st.none() | st.floats(0, 120), st.floats(0, 100), st.floats(0, 100)),
    max_size=20,
)


def kept(now: float, late_days: float = 0, early_days: float | None = None) -> Adherence:
    found = adherence(PLAN, now, late_days, early_days)
    assert found is not None
    return found


def test_two_of_four_due_batches_were_done_by_their_day() -> None:
    found = kept(30)
    assert (found.kept.good, found.kept.all) == (2, 4)
    assert found.mean_slip_days == pytest.approx((0 + 3 + 10 - 7) / 4)
    assert found.attainment == pytest.approx((98 + 100 + 0 + 100) / 400)


def test_a_tolerance_forgives_and_delays_the_judgement() -> None:
    assert kept(30, late_days=3).kept.good == 3
    assert kept(22, late_days=3).kept.all == 3


def test_a_batch_made_a_week_early_can_be_wrong_too() -> None:
    assert kept(30, early_days=5).kept.good == 1


def test_a_batch_that_gave_more_makes_up_for_no_other() -> None:
    assert kept(30).attainment < (98 + 100 + 120) / 400


@given(runs, st.floats(0, 150), st.floats(0, 20), st.floats(0, 20))
def test_a_milder_tolerance_never_loses_a_batch_that_both_judge(
    drawn: list[Run], now: float, late: float, more: float
) -> None:
    due = [run for run in drawn if run.planned + late + more < now]
    strict, mild = adherence(due, now, late), adherence(due, now, late + more)
    assert (strict is None) == (mild is None)
    if strict is not None and mild is not None:
        assert strict.kept.good <= mild.kept.good
        assert 0 <= strict.attainment <= 1


def test_what_is_not_due_has_no_rate_and_what_cannot_be_is_refused() -> None:
    assert adherence(PLAN, 5) is None
    with pytest.raises(ValueError, match="late_days is -1"):
        adherence(PLAN, 5, late_days=-1)
    with pytest.raises(ValueError, match="made quantity is -2"):
        adherence([Run(1, 2, 5, -2)], 5)
