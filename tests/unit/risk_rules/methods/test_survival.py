"""Time to survive, time to recover and the risk exposure index: by the worked network, in closed form, and against trials."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from risk_rules.methods.survival import Process, Supply, cost_of_losing, exposures, time_to_survive

CAPACITY = {"S1": 30.0, "S2": 45.0, "S3": 60.0}
WORKED = Supply(
    processes=tuple(Process(node, item) for node in CAPACITY for item in ("P1", "P2")),
    capacity=CAPACITY,
    demand={"P1": 75, "P2": 50},
    stock={"P1": 20, "P2": 25},
    loss={"P1": 5000, "P2": 6500},
)


def test_the_worked_network_of_three_suppliers_of_two_products() -> None:
    assert cost_of_losing(WORKED, None, 2) == pytest.approx(0)
    assert time_to_survive(WORKED, None) == math.inf
    found = exposures(WORKED, dict.fromkeys(CAPACITY, 2))
    assert {node: round(exposure.cost) for node, exposure in found.items()} == {"S1": 0, "S2": 125_000, "S3": 275_000}
    assert {node: f"{exposure.survive:.3f}" for node, exposure in found.items()} == {
        "S1": "2.250",
        "S2": "1.286",
        "S3": "0.900",
    }
    assert [f"{found[node].exposure_index:.4f}" for node in CAPACITY] == ["0.0000", "0.4545", "1.0000"]
    assert [found[node].at_risk for node in CAPACITY] == [False, True, True]


def two_stages(active_stock: float = 0, vials: float = 0) -> Supply:
    """2 kg of active substance for 1000 vials; either of two fillers, one maker of the substance."""
    return Supply(
        processes=(
            Process("maker", "active"),
            Process("filler A", "vials", {"active": 0.002}),
            Process("filler B", "vials", {"active": 0.002}, load=2),
        ),
        capacity={"maker": 4, "filler A": 1000, "filler B": 1000},
        demand={"vials": 1200},
        loss={"vials": 30},
        stock={"active": active_stock, "vials": vials},
    )


def test_the_loss_of_the_first_stage_is_survived_on_the_stock_of_all_stages() -> None:
    assert time_to_survive(two_stages(), None) == math.inf
    assert time_to_survive(two_stages(), "maker") == pytest.approx(0)
    assert time_to_survive(two_stages(active_stock=12, vials=1200), "maker") == pytest.approx(
        (12 / 0.002 + 1200) / 1200
    )


def test_a_slow_second_filler_takes_over_what_it_can() -> None:
    assert time_to_survive(two_stages(vials=1400), "filler A") == pytest.approx(1400 / (1200 - 500))
    assert cost_of_losing(two_stages(vials=1400), "filler A", 5) == pytest.approx(30 * (700 * 5 - 1400))


def test_a_supplier_without_a_known_limit_still_can_be_lost() -> None:
    supply = Supply(
        processes=(
            Process("glass works", "glass at plant", load=0),
            Process("plant", "vials at plant", {"glass at plant": 1}),
            Process("lane", "vials at market", {"vials at plant": 1}, load=0),
        ),
        capacity={"glass works": 0, "plant": 100, "lane": 0},
        demand={"vials at market": 80},
        loss={"vials at market": 1 / 80},
        stock={"glass at plant": 400, "vials at plant": 160, "vials at market": 240},
    )
    days = {node: exposure.survive for node, exposure in exposures(supply, dict.fromkeys(supply.capacity, 30)).items()}
    assert days == {"glass works": pytest.approx(10), "plant": pytest.approx(5), "lane": pytest.approx(3)}
    assert time_to_survive(supply, None) == math.inf


def test_no_random_plan_of_a_hundred_thousand_is_cheaper() -> None:
    plans, time = np.random.default_rng(12).dirichlet((1, 1, 1), (100_000, 2)), 2.0
    made = np.einsum("pns,n->ps", plans[:, :, :2], np.array([30.0, 45.0]) * time)  # S3 is out; some stand idle
    short = np.maximum(0, np.array([75, 50]) * time - np.array([20, 25]) - made)
    costs = short @ np.array([5000, 6500])
    least = cost_of_losing(WORKED, "S3", time)
    assert least <= costs.min()
    assert costs.min() < 1.1 * least


numbers = st.floats(0.5, 100)


@given(numbers, numbers, st.floats(0, 100), st.floats(0.1, 50))
def test_one_product_of_one_source_has_a_closed_form(capacity: float, demand: float, stock: float, time: float) -> None:
    single = Supply(
        processes=(Process("A", "P"), Process("B", "P")),
        capacity={"A": capacity, "B": 5},
        demand={"P": demand},
        loss={"P": 7},
        stock={"P": stock},
    )
    missing = demand - capacity
    survive = stock / missing if missing > 1e-4 else math.inf
    if abs(missing) > 1e-4:
        assert time_to_survive(single, "B") == pytest.approx(survive, rel=1e-6, abs=1e-9)
    assert cost_of_losing(single, "B", time) == pytest.approx(7 * max(0, missing * time - stock), rel=1e-6, abs=1e-3)


@settings(deadline=None)
@given(st.lists(numbers, min_size=3, max_size=3), st.floats(0, 60), st.floats(0.1, 5), st.floats(0.1, 5))
def test_nothing_is_lost_before_the_time_to_survive_and_something_after(
    capacity: list[float], stock: float, part: float, more: float
) -> None:
    supply = Supply(
        processes=WORKED.processes,
        capacity=dict(zip(CAPACITY, capacity, strict=True)),
        demand=WORKED.demand,
        loss=WORKED.loss,
        stock={"P1": stock, "P2": stock / 2},
    )
    survive = time_to_survive(supply, "S1")
    if survive == math.inf:
        assert cost_of_losing(supply, "S1", 100 * part) == pytest.approx(0, abs=1)
        return
    assert cost_of_losing(supply, "S1", survive * 0.999) == pytest.approx(0, abs=1)
    assert cost_of_losing(supply, "S1", survive + more) >= 0
    assert cost_of_losing(supply, "S1", survive + more) <= cost_of_losing(supply, "S1", survive + 2 * more) + 1e-6
    assert time_to_survive(supply, None) >= survive


def test_without_demand_everything_survives() -> None:
    idle = Supply(processes=(), capacity={}, demand={}, loss={})
    assert time_to_survive(idle, "A") == math.inf
    assert exposures(idle, {"A": 3})["A"] == (0, 0, math.inf, 3, False)


def test_what_is_not_known_or_cannot_be_is_refused() -> None:
    with pytest.raises(ValueError, match="the capacity of A, the loss of P is not known"):
        Supply(processes=(Process("A", "P"),), capacity={}, demand={"P": 1}, loss={})
    with pytest.raises(ValueError, match="stock of P is -1"):
        Supply(processes=(), capacity={}, demand={}, loss={}, stock={"P": -1})
    with pytest.raises(ValueError, match="time to recover is -1"):
        cost_of_losing(WORKED, "S1", -1)
