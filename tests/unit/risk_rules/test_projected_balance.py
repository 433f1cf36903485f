"""When a stock runs out, by the worked numbers of the field and by a plain simulation day by day."""

from hypothesis import given
from hypothesis import strategies as st

from risk_rules.methods.projected_balance import WINDOW_DAYS, project

RECEIPTS = [(2, 200), (4, 200)]


def needs(*amounts: int) -> list[tuple[int, int]]:
    return [(day, -amount) for day, amount in enumerate(amounts, 1)]


def test_the_worked_plan_never_falls_below_25() -> None:
    flows = needs(50, 125, 100, 60, 40) + RECEIPTS
    assert [project(100, flows, 1, days, 0).lowest for days in range(5)] == [50, 50, 25, 25, 25]
    assert project(100, flows, 1, 4, 0).shortage_day is None


def test_a_greater_requirement_in_period_3_makes_it_short_by_25_there() -> None:
    projection = project(100, needs(50, 125, 150, 60, 40) + RECEIPTS, 1, 4, 0)
    assert (projection.shortage_day, projection.deficit, projection.lowest) == (3, 25, -25)


def test_pulling_the_receipt_of_period_4_into_3_cures_it() -> None:
    projection = project(100, [*needs(50, 125, 150, 60, 40), (2, 200), (3, 200)], 1, 4, 0)
    assert projection.shortage_day is None
    assert projection.deficit == 0


def test_days_of_supply_are_counted_on_dated_requirements_and_not_on_mean_use() -> None:
    assert project(100, [(0, -50), (60, -80), (61, 500)], 0, 90, 0).days_of_supply == 60
    assert project(100, [(0, -50), (60, -50)], 0, 90, 0).days_of_supply is None


def test_what_was_due_before_today_counts_as_of_today() -> None:
    assert project(10, [(-5, -20)], 0, 30, 0).shortage_day == 0
    assert project(10, [(-5, -20), (-3, 10)], 0, 30, 0).shortage_day is None


def test_a_receipt_and_a_requirement_of_one_day_meet_each_other() -> None:
    assert project(0, [(3, -10), (3, 10)], 0, 30, 0).shortage_day is None


def test_what_lies_beyond_the_horizon_does_not_count() -> None:
    assert project(0, [(31, -10)], 0, 30, 0).shortage_day is None
    assert project(0, [(30, -10)], 0, 30, 0).shortage_day == 30


def test_safety_stock_is_gone_below_before_the_stock_is_out() -> None:
    projection = project(100, [(5, -60), (9, -60)], 0, 30, 50)
    assert (projection.below_safety_day, projection.shortage_day) == (5, 9)
    assert project(40, [], 0, 30, 50).below_safety_day == 0


def test_the_deficit_is_the_worst_of_four_weeks_after_the_shortage_begins() -> None:
    flows = [(10, -5), (10 + WINDOW_DAYS, -5), (11 + WINDOW_DAYS, -90)]
    projection = project(0, flows, 0, 100, 0)
    assert (projection.shortage_day, projection.deficit, projection.lowest) == (10, 10, -100)


FLOWS = st.lists(st.tuples(st.integers(-10, 50), st.integers(-100, 100)), max_size=30)


@given(st.integers(0, 200), FLOWS, st.integers(0, 45), st.integers(0, 80))
def test_it_agrees_with_walking_through_every_day(
    opening: int, flows: list[tuple[int, int]], horizon: int, safety: int
) -> None:
    balances = [opening + sum(amount for due, amount in flows if due <= day) for day in range(horizon + 1)]
    short = next((day for day, balance in enumerate(balances) if balance < 0), None)
    found = project(opening, flows, 0, horizon, safety)
    assert found.shortage_day == short
    assert found.lowest == min(balances)
    assert found.below_safety_day == next((day for day, balance in enumerate(balances) if balance < safety), None)
    assert found.deficit == (0 if short is None else -min(balances[short : short + WINDOW_DAYS + 1]))


@given(st.permutations([(1, 5), (1, -9), (2, 7), (0, -3), (-4, 2), (8, -20)]))
def test_the_order_in_which_flows_are_told_does_not_matter(flows: list[tuple[int, int]]) -> None:
    assert project(10, flows, 0, 30, 4) == project(10, sorted(flows), 0, 30, 4)
