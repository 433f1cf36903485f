"""What a dated plan says: by the worked plan of the field."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from risk_rules.methods.dated_cover import PullIn, balances, first_lasting, pull_in, within_lead_time
from risk_rules.methods.projected_balance import project

RECEIPTS = [(2, 200), (4, 200)]


def plan(*needs: int) -> list[tuple[int, int]]:
    return [(period, -amount) for period, amount in enumerate(needs, 1)] + RECEIPTS


def test_the_worked_plan_period_by_period() -> None:
    assert balances(100, plan(50, 125, 100, 60, 40), 1, 4) == [50, 125, 25, 165, 125]


def test_with_150_in_period_3_the_receipt_of_period_4_is_pulled_into_3() -> None:
    flows = plan(50, 125, 150, 60, 40)
    assert balances(100, flows, 1, 4) == [50, 125, -25, 115, 75]
    action = pull_in(100, flows, 1, 4)
    assert action == PullIn(from_day=4, to_day=3, amount=200)
    cured = [flow for flow in flows if flow != (4, 200)] + [(action.to_day, action.amount)]
    assert balances(100, cured, 1, 4) == [50, 125, 175, 115, 75]


def test_there_is_nothing_to_pull_in_where_nothing_is_short_or_nothing_comes() -> None:
    assert pull_in(100, plan(50, 125, 100, 60, 40), 1, 4) is None
    assert pull_in(10, [(2, -20)], 1, 9) is None
    assert pull_in(10, [(2, -20), (30, 50)], 1, 9) is None


def test_days_of_supply_count_the_days_to_the_first_need_that_stock_alone_does_not_cover() -> None:
    assert project(100, plan(50, 125, 100, 60, 40), 1, 4, 0).days_of_supply == 1
    assert project(100, plan(50, 50, 0, 60, 40), 1, 4, 0).days_of_supply == 3


def test_a_shortage_is_within_the_lead_time_when_an_order_of_today_comes_after_it() -> None:
    assert within_lead_time(9, today=0, lead_time_days=10)
    assert not within_lead_time(10, today=0, lead_time_days=10)
    assert not within_lead_time(None, today=0, lead_time_days=10)


def test_a_dip_counts_only_when_it_lasts() -> None:
    balance = [5, -1, 5, -1, -2, -3, 5]
    assert first_lasting(balance, 0, 1) == 1
    assert first_lasting(balance, 0, 2) == 3
    assert first_lasting(balance, 0, 3) == 3
    assert first_lasting(balance, 0, 4) is None
    with pytest.raises(ValueError, match="one period"):
        first_lasting(balance, 0, 0)


FLOWS = st.lists(st.tuples(st.integers(-10, 50), st.integers(-100, 100)), max_size=30)


@given(st.integers(0, 200), FLOWS, st.integers(0, 45))
def test_balances_agree_with_the_projection(opening: int, flows: list[tuple[int, int]], horizon: int) -> None:
    balance = balances(opening, flows, 0, horizon)
    projection = project(opening, flows, 0, horizon, 0)
    assert min(balance) == projection.lowest
    assert first_lasting(balance, 0, 1) == projection.shortage_day


@given(st.integers(0, 200), FLOWS, st.integers(0, 45))
def test_what_is_pulled_in_lifts_the_first_short_day_and_harms_no_other(
    opening: int, flows: list[tuple[int, int]], horizon: int
) -> None:
    action = pull_in(opening, flows, 0, horizon)
    if action is not None:
        before = balances(opening, flows, 0, horizon)
        after = balances(
            opening, [*flows, (action.to_day, action.amount), (action.from_day, -action.amount)], 0, horizon
        )
        assert after[action.to_day] == before[action.to_day] + action.amount
        assert all(now >= then for now, then in zip(after, before, strict=True))
