"""How much depends on few sources."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from risk_rules.methods.concentration import Concentration, concentration

amounts = st.dictionaries(st.sampled_from("ABCDEFGH"), st.floats(0.001, 1e6), min_size=1)


def of(given: dict[str, float]) -> Concentration:
    found = concentration(given)
    assert found is not None
    return found


def test_a_single_source_is_flagged_even_beside_sources_that_give_nothing() -> None:
    assert of({"A": 70, "B": 0}) == Concentration(1, 1, 1, "A", 1, True)
    assert not of({"A": 99, "B": 1}).single


def test_three_sources_with_half_three_tenths_and_a_fifth() -> None:
    found = of({"A": 0.5, "B": 0.3, "C": 0.2})
    assert found.herfindahl == pytest.approx(0.38)
    assert found.effective == pytest.approx(2.6316, abs=5e-5)
    assert (found.greatest, found.greatest_share, found.sources) == ("A", 0.5, 3)


def test_the_index_is_the_chance_that_two_units_drawn_at_random_are_of_one_source() -> None:
    shares = {"A": 0.45, "B": 0.25, "C": 0.2, "D": 0.1}
    one, two = np.random.default_rng(1).choice(4, (2, 400_000), p=list(shares.values()))
    assert of(shares).herfindahl == pytest.approx(float((one == two).mean()), abs=0.003)


@given(amounts)
def test_the_index_lies_between_equal_shares_and_one_source(given: dict[str, float]) -> None:
    found = of(given)
    assert 1 / found.sources - 1e-9 <= found.herfindahl <= 1 + 1e-9
    assert 1 - 1e-9 <= found.effective <= found.sources + 1e-9
    assert found.greatest_share**2 - 1e-9 <= found.herfindahl <= found.greatest_share + 1e-9


@given(amounts, st.floats(0.001, 1000))
def test_the_unit_does_not_matter(given: dict[str, float], factor: float) -> None:
    scaled = of({source: amount * factor for source, amount in given.items()})
    assert scaled.herfindahl == pytest.approx(of(given).herfindahl)


@given(amounts.filter(lambda given: len(given) > 1))
def test_two_sources_that_merge_make_it_greater(given: dict[str, float]) -> None:
    one, two, *_ = sorted(given)
    merged = {source: amount for source, amount in given.items() if source != two} | {one: given[one] + given[two]}
    assert of(merged).herfindahl >= of(given).herfindahl - 1e-12


def test_where_nothing_comes_nothing_is_concentrated_and_less_than_nothing_is_refused() -> None:
    assert concentration({}) is None
    assert concentration({"A": 0}) is None
    with pytest.raises(ValueError, match="amount of A is -1"):
        concentration({"A": -1})
