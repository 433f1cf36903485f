"""A stock among uncertain arrivals, yields and needs: drawn futures against exact chances."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from risk_rules.methods.projected_balance import project
from risk_rules.methods.spread import Spread
from risk_rules.methods.stockout_chance import lead_time_demand, normal_stockout
from risk_rules.methods.stockout_simulation import UncertainFlow, simulate, surely_enough

LATE = Spread.of({0: 0.7, 5: 0.2, 20: 0.1})


def test_one_late_receipt_is_out_of_stock_with_the_chance_that_it_is_too_late() -> None:
    futures = simulate(10, [UncertainFlow(10, 100, "supplier", LATE), UncertainFlow(12, -50)], 40, seed=1)
    assert futures.chance() == pytest.approx(0.3, abs=0.02)
    by_day = futures.chance_by_day()
    assert by_day[11] == 0
    assert by_day[12] == by_day[40] == futures.chance()
    assert (futures.day_passing(0.05), futures.day_passing(0.5)) == (12, None)


def test_the_chance_by_day_passes_5_50_and_95_percent_on_different_days() -> None:
    flows = [UncertainFlow(10, 100, "supplier", Spread.of({0: 0.03, 10: 0.3, 30: 0.64, 50: 0.03}))]
    flows += [UncertainFlow(day, -10) for day in range(5, 80, 5)]
    futures = simulate(20, flows, 80, seed=2, paths=20_000)
    # what is there lasts through day 10; the receipt of day 10 + slip is too late for the need of day 15 unless in time
    assert (futures.day_passing(0.05), futures.day_passing(0.5), futures.day_passing(0.95)) == (15, 15, 15)
    more = simulate(40, flows, 80, seed=2, paths=20_000)
    assert (more.day_passing(0.05), more.day_passing(0.5), more.day_passing(0.95)) == (25, 25, 75)


def test_it_agrees_with_the_closed_form_of_normal_demand_over_a_lead_time() -> None:
    demand = lead_time_demand(1300, 150, 1 / 12)
    part = Spread.normal(1, demand.sd / demand.mean, points=2001)
    futures = simulate(126.8, [UncertainFlow(30, -demand.mean, "market", part=part)], 30, seed=3, paths=200_000)
    assert futures.chance() == pytest.approx(normal_stockout(126.8, demand), abs=0.003)


def test_it_agrees_with_going_through_all_that_can_happen() -> None:
    yields = Spread.of({0: 0.1, 1: 0.9})
    flows = [
        UncertainFlow(5, 30, "line", LATE, yields),
        UncertainFlow(9, 30, "supplier", LATE),
        UncertainFlow(7, -40, "plan", Spread.of({0: 0.5, 3: 0.5})),
        UncertainFlow(15, -15),
    ]
    chance = 0.0
    for (late, p), (made, q), (later, r), put_off in product(_pairs(LATE), _pairs(yields), _pairs(LATE), (0, 3)):
        dated = [(5 + late, 30 * made), (9 + later, 30), (7 + put_off, -40), (15, -15)]
        short = any(12 + sum(qty for due, qty in dated if due <= day) < 0 for day in range(31))
        chance += p * q * r * 0.5 * short
    futures = simulate(12, flows, 30, seed=4, paths=100_000)
    assert 0.2 < chance < 0.8
    assert futures.chance() == pytest.approx(chance, abs=0.006)


def _pairs(spread: Spread) -> list[tuple[int, float]]:
    return [(int(value), weight) for value, weight in zip(spread.values, spread.weights, strict=True)]


def test_receipts_of_one_supplier_that_are_late_together_are_a_greater_risk_than_each_for_itself() -> None:
    late = Spread.of({0: 0.8, 20: 0.2})
    flows = [UncertainFlow(5, 10, "supplier", late), UncertainFlow(6, 10, "supplier", late), UncertainFlow(8, -10)]
    assert simulate(0, flows, 20, seed=5, paths=50_000).chance() == pytest.approx(0.04, abs=0.01)
    together = simulate(0, flows, 20, seed=5, paths=50_000, together={"supplier": 1.0})
    assert together.chance() == pytest.approx(0.2, abs=0.01)


def test_shares_sum_to_the_chance_and_fall_to_those_who_cause_it() -> None:
    flows = [
        UncertainFlow(5, 50, "supplier A", Spread.of({0: 0.6, 30: 0.4})),
        UncertainFlow(5, 50, "supplier B", Spread.of({0: 0.9, 30: 0.1})),
        UncertainFlow(40, 50, "supplier C", Spread.of({0: 0.1, 30: 0.9})),
        UncertainFlow(8, -80),
    ]
    futures = simulate(0, flows, 35, seed=6, paths=20_000)
    shares = futures.shares()
    assert sum(shares.values()) == pytest.approx(futures.chance(), abs=1e-9)
    # either alone is enough: exactly 0.4 and 0.1, less half of what both do
    assert shares == pytest.approx({"supplier A": 0.38, "supplier B": 0.08, "supplier C": 0}, abs=0.015)


def test_a_plan_that_is_short_is_not_blamed_on_those_who_can_only_help() -> None:
    flows = [UncertainFlow(12, 50, "supplier", Spread.of({-5: 0.25, 0: 0.75})), UncertainFlow(10, -20)]
    futures = simulate(0, flows, 30, seed=7, paths=20_000)
    assert futures.chance(()) == 1
    assert futures.shares() == pytest.approx({"supplier": -0.25}, abs=0.015)


def test_the_mean_shortage_is_that_of_the_draws() -> None:
    futures = simulate(
        0, [UncertainFlow(3, 10, "line", part=Spread.of({0: 0.2, 1: 0.8})), UncertainFlow(4, -10)], 9, seed=8
    )
    assert futures.mean_shortage() == pytest.approx(2, abs=0.2)


def test_what_cannot_be_is_refused() -> None:
    for paths in (0, 7):
        with pytest.raises(ValueError, match="pairs"):
            simulate(1, [], 10, seed=1, paths=paths)
    with pytest.raises(ValueError, match="together from 0 to 1"):
        simulate(1, [UncertainFlow(1, 1, "x", LATE)], 10, seed=1, together={"x": 2})


SLIPS = st.none() | st.builds(
    Spread.of, st.dictionaries(st.integers(-5, 20), st.floats(0.1, 1), min_size=1, max_size=4)
)
PARTS = st.none() | st.builds(Spread.of, st.dictionaries(st.floats(0, 1.5), st.floats(0.1, 1), min_size=1, max_size=4))
FLOW = st.builds(
    UncertainFlow, st.integers(-3, 40), st.integers(-50, 50).map(float), st.sampled_from("ab"), SLIPS, PARTS
)
FLOWS = st.lists(FLOW, max_size=8)
STOCK = st.integers(0, 100).map(float)
HORIZON = st.integers(0, 35)


@settings(max_examples=60)
@given(STOCK, FLOWS, HORIZON, st.integers(0, 50))
def test_the_chance_lies_within_0_and_1_never_falls_by_day_and_falls_with_stock(
    stock: float, flows: list[UncertainFlow], horizon: int, more: int
) -> None:
    futures = simulate(stock, flows, horizon, seed=1, paths=200)
    by_day = futures.chance_by_day()
    assert by_day.shape == (horizon + 1,)
    assert 0 <= by_day[0] <= by_day[-1] == futures.chance() <= 1
    assert np.all(np.diff(by_day) >= 0)
    assert simulate(stock + more, flows, horizon, seed=1, paths=200).chance() <= futures.chance()
    assert sum(futures.shares().values()) == pytest.approx(futures.chance() - futures.chance(()), abs=1e-9)


@settings(max_examples=60)
@given(STOCK, FLOWS, HORIZON, st.randoms(use_true_random=False), st.floats(0.01, 1000))
def test_neither_the_order_of_flows_nor_the_unit_matters(
    stock: float, flows: list[UncertainFlow], horizon: int, luck: object, unit: float
) -> None:
    first = simulate(stock, flows, horizon, seed=1, paths=200).chance_by_day()
    luck.shuffle(flows)  # pyright: ignore[reportAttributeAccessIssue]
    assert np.array_equal(first, simulate(stock, flows, horizon, seed=1, paths=200).chance_by_day())
    scaled = [flow._replace(qty=flow.qty * unit) for flow in flows]
    assert np.allclose(first, simulate(stock * unit, scaled, horizon, seed=1, paths=200).chance_by_day(), atol=1e-9)


@settings(max_examples=60)
@given(STOCK, FLOWS, HORIZON)
def test_what_is_surely_enough_is_never_out(stock: float, flows: list[UncertainFlow], horizon: int) -> None:
    if surely_enough(stock, flows, horizon):
        assert simulate(stock, flows, horizon, seed=1, paths=200).chance() == 0


@settings(max_examples=60)
@given(STOCK, st.lists(st.tuples(st.integers(-3, 40), st.integers(-50, 50))), HORIZON)
def test_without_uncertainty_it_is_the_projected_balance(
    stock: float, dated: list[tuple[int, int]], horizon: int
) -> None:
    projection = project(int(stock), dated, 0, horizon, 0)
    flows = [UncertainFlow(day, qty) for day, qty in dated]
    futures = simulate(stock, flows, horizon, seed=1, paths=2)
    assert futures.day_passing(0.5) == projection.shortage_day
    assert surely_enough(stock, flows, horizon) == (projection.shortage_day is None)
