"""An uncertain number by its values and weights."""

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from risk_rules.methods.spread import Spread


def test_mean_spread_and_quantiles_of_a_die() -> None:
    die = Spread.of(dict.fromkeys(range(1, 7), 2.0))
    assert die.mean == 3.5
    assert die.sd == pytest.approx((35 / 12) ** 0.5)
    assert [die.quantile(part) for part in (0, 0.1, 0.5, 0.9, 1)] == [1, 1, 3, 6, 6]


def test_a_normal_spread_is_nearly_normal() -> None:
    spread = Spread.normal(100, 15)
    assert spread.mean == pytest.approx(100)
    assert spread.sd == pytest.approx(15, rel=0.02)


def test_values_without_weight_are_left_out() -> None:
    assert Spread.of({3: 0.0, 1: 2.0}) == Spread((1,), (2.0,))


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(ValueError, match="above zero"):
        Spread.of({1: 0.0})
    with pytest.raises(ValueError, match="below zero"):
        Spread.of({1: -1.0, 2: 3.0})
    with pytest.raises(ValueError, match="no normal spread"):
        Spread.normal(0, -1)
    with pytest.raises(ValueError, match="between 0 and 1"):
        Spread.of({1: 1.0}).quantile(1.5)


WEIGHTS = st.dictionaries(st.integers(-50, 400), st.floats(0.01, 100), min_size=1, max_size=12)


@given(WEIGHTS)
def test_it_survives_being_written_down(weights: dict[int, float]) -> None:
    spread = Spread.of(weights)
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(spread), type=Spread) == spread


@given(WEIGHTS)
def test_drawing_by_thresholds_gives_each_value_its_part(weights: dict[int, float]) -> None:
    spread = Spread.of(weights)
    drawn = np.searchsorted(spread.normal_thresholds(), np.random.default_rng(1).standard_normal(100_000), side="right")
    parts = np.bincount(drawn, minlength=len(spread.values)) / drawn.size
    assert parts == pytest.approx(np.array(spread.weights) / sum(spread.weights), abs=0.01)


@given(WEIGHTS, st.floats(0, 1), st.floats(0, 1))
def test_quantiles_rise(weights: dict[int, float], one: float, other: float) -> None:
    spread = Spread.of(weights)
    assert spread.quantile(min(one, other)) <= spread.quantile(max(one, other))
