"""What to keep and what is missing: by the book's numbers, and by drawing the demand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from risk_rules.methods.safety_stock import (
    complementary_normal_loss,
    expected_shortage,
    newsvendor,
    safety_stock,
    standard_normal_loss,
)

DRAWS = 400_000


def test_the_books_loss() -> None:
    assert round(standard_normal_loss(1.3), 8) == 0.04552796
    assert round(complementary_normal_loss(1.3), 8) == 1.34552796


def test_the_books_newsvendor() -> None:
    best = newsvendor(0.18, 0.70, 50, 8)
    assert best.order == pytest.approx(56.60395592743389, abs=1e-13)
    assert best.cost == pytest.approx(1.9976051931766445, abs=1e-14)


@pytest.mark.parametrize("z", [-2.0, -0.5, 0.0, 0.7, 1.3, 2.5])
def test_the_loss_is_the_mean_excess_of_draws(z: float) -> None:
    drawn = np.random.default_rng(1).standard_normal(DRAWS)
    assert standard_normal_loss(z) == pytest.approx(np.maximum(drawn - z, 0).mean(), abs=0.005)
    assert complementary_normal_loss(z) == pytest.approx(np.maximum(z - drawn, 0).mean(), abs=0.005)


@pytest.mark.parametrize("service", [0.6, 0.9, 0.95, 0.99])
def test_with_safety_stock_as_many_draws_are_met_as_asked(service: float) -> None:
    drawn = np.random.default_rng(2).normal(108.333, 43.301, DRAWS)
    assert np.mean(drawn <= 108.333 + safety_stock(service, 43.301)) == pytest.approx(service, abs=0.003)


@pytest.mark.parametrize("stock", [60.0, 108.0, 126.8, 220.0])
def test_expected_shortage_is_what_draws_miss_on_average(stock: float) -> None:
    drawn = np.random.default_rng(3).normal(108.333, 43.301, DRAWS)
    assert expected_shortage(stock, 108.333, 43.301) == pytest.approx(np.maximum(drawn - stock, 0).mean(), abs=0.25)


def test_no_other_order_costs_less_than_the_newsvendors() -> None:
    drawn = np.random.default_rng(4).normal(50, 8, DRAWS)

    def cost(order: float) -> float:
        return float((0.18 * np.maximum(order - drawn, 0) + 0.70 * np.maximum(drawn - order, 0)).mean())

    best = newsvendor(0.18, 0.70, 50, 8)
    assert best.cost == pytest.approx(cost(best.order), rel=0.005)
    assert all(cost(best.order) < cost(best.order + step) for step in (-3, -1, 1, 3))


def test_without_spread_only_what_the_mean_lacks_is_short() -> None:
    assert expected_shortage(90, 100, 0) == 10
    assert expected_shortage(110, 100, 0) == 0
    assert safety_stock(0.99, 0) == 0


def test_what_cannot_be_is_refused() -> None:
    for service in (0.0, 1.0):
        with pytest.raises(ValueError, match="service"):
            safety_stock(service, 1)
    with pytest.raises(ValueError, match="below zero"):
        expected_shortage(1, 1, -1)
    with pytest.raises(ValueError, match="least cost"):
        newsvendor(0, 1, 50, 8)


@given(st.floats(-40, 40), st.floats(0, 20))
def test_the_loss_falls_with_z_and_is_never_below_what_is_surely_missing(z: float, more: float) -> None:
    assert standard_normal_loss(z + more) <= standard_normal_loss(z) + 1e-12
    assert standard_normal_loss(z) >= max(0.0, -z) - 1e-12
    assert standard_normal_loss(-z) == pytest.approx(complementary_normal_loss(z), abs=1e-12)


@given(st.floats(0, 1e4), st.floats(0, 1e4), st.floats(0.01, 1e3), st.floats(0.01, 100))
def test_a_shortage_scales_with_the_unit(stock: float, mean: float, sd: float, unit: float) -> None:
    scaled = expected_shortage(stock * unit, mean * unit, sd * unit)
    assert scaled == pytest.approx(unit * expected_shortage(stock, mean, sd), rel=1e-6, abs=1e-9 * unit * sd)
