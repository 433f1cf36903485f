"""How likely a stock is out before goods come: by the book's numbers, and by drawing the demand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import gamma

from risk_rules.methods.stockout_chance import LeadTimeDemand, gamma_stockout, lead_time_demand, normal_stockout

DRAWS = 400_000
FOUR_SIGMA = 4 * 0.5 / DRAWS**0.5


def test_the_books_demand_over_a_month() -> None:
    demand = lead_time_demand(1300, 150, 1 / 12)
    assert round(demand.mean, 3) == 108.333
    assert round(demand.sd, 3) == 43.301
    assert round(normal_stockout(126.8, demand), 6) == 0.334883


def test_an_uncertain_lead_time_adds_its_own_part_to_the_spread() -> None:
    assert lead_time_demand(10, 3, 4, 0.5).sd == pytest.approx((4 * 9 + 100 * 0.25) ** 0.5)


@pytest.mark.parametrize("stock", [0.0, 80.0, 108.0, 126.8, 200.0])
def test_the_normal_chance_is_the_share_of_draws_above_the_stock(stock: float) -> None:
    demand = lead_time_demand(1300, 150, 1 / 12)
    drawn = np.random.default_rng(1).normal(demand.mean, demand.sd, DRAWS)
    assert normal_stockout(stock, demand) == pytest.approx(np.mean(drawn > stock), abs=FOUR_SIGMA)


@pytest.mark.parametrize("stock", [10.0, 80.0, 108.0, 126.8, 200.0])
def test_the_gamma_chance_is_the_share_of_draws_above_the_stock(stock: float) -> None:
    demand = lead_time_demand(1300, 150, 1 / 12)
    shape, scale = (demand.mean / demand.sd) ** 2, demand.sd**2 / demand.mean
    drawn = np.random.default_rng(2).gamma(shape, scale, DRAWS)
    assert gamma_stockout(stock, demand) == pytest.approx(np.mean(drawn > stock), abs=FOUR_SIGMA)
    assert gamma_stockout(stock, demand) == pytest.approx(gamma.sf(stock, shape, scale=scale), rel=1e-12)


def test_mean_and_spread_are_those_of_demand_drawn_day_by_day_over_a_drawn_lead_time() -> None:
    luck = np.random.default_rng(3)
    days = luck.choice([3, 5, 8], DRAWS, p=[0.3, 0.5, 0.2])
    total = luck.normal(20 * days, 6 * np.sqrt(days))
    demand = lead_time_demand(20, 6, float(days.mean()), float(days.std()))
    assert demand.mean == pytest.approx(total.mean(), rel=0.005)
    assert demand.sd == pytest.approx(total.std(), rel=0.01)


def test_a_demand_without_spread_is_a_certainty() -> None:
    for chance in (normal_stockout, gamma_stockout):
        assert chance(99, LeadTimeDemand(100, 0)) == 1
        assert chance(100, LeadTimeDemand(100, 0)) == 0


def test_without_stock_any_gamma_demand_is_too_much() -> None:
    assert gamma_stockout(0, LeadTimeDemand(10, 3)) == 1
    assert gamma_stockout(-5, LeadTimeDemand(10, 3)) == 1


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(ValueError, match="below zero"):
        lead_time_demand(10, -1, 3)
    with pytest.raises(ValueError, match="above zero"):
        gamma_stockout(5, LeadTimeDemand(0, 1))


AMOUNT = st.floats(0.01, 1e6)


@given(AMOUNT, AMOUNT, AMOUNT, st.floats(0, 1e6), st.floats(0.001, 1000))
def test_more_stock_is_never_more_risk_and_units_do_not_matter(
    stock: float, mean: float, sd: float, more: float, unit: float
) -> None:
    for chance in (normal_stockout, gamma_stockout):
        risk = chance(stock, LeadTimeDemand(mean, sd))
        assert 0 <= risk <= 1
        assert chance(stock + more, LeadTimeDemand(mean, sd)) <= risk + 1e-12
        assert chance(stock * unit, LeadTimeDemand(mean * unit, sd * unit)) == pytest.approx(risk, rel=1e-6, abs=1e-9)
