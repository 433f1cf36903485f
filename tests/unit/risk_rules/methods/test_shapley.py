"""Who brought it about, and how much."""

from collections.abc import Sequence
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from risk_rules.methods.shapley import shapley_shares


def test_the_glove_game() -> None:
    """One left glove and two right ones: only a pair is worth anything."""

    def worth(some: Sequence[str]) -> float:
        return float("left" in some and len(some) > 1)

    assert shapley_shares(("left", "right", "spare"), worth) == pytest.approx(
        {"left": 2 / 3, "right": 1 / 6, "spare": 1 / 6}
    )


def test_the_airport_game_with_many_players() -> None:
    """A runway costs as much as the longest that is needed; each part is shared by those who need it."""
    costs = {f"plane {index}": float(index) for index in range(1, 11)}

    def worth(some: Sequence[str]) -> float:
        return max((costs[plane] for plane in some), default=0.0)

    shares = shapley_shares(sorted(costs), worth)
    exact = {f"plane {index}": sum(1 / (11 - part) for part in range(1, index + 1)) for index in range(1, 11)}
    assert shares == pytest.approx(exact, abs=0.9)
    assert sum(shares.values()) == pytest.approx(10)


@given(st.integers(1, 10), st.integers(0, 1000))
def test_shares_sum_to_the_whole_and_who_adds_nothing_has_nothing(count: int, seed: int) -> None:
    players = list(range(count))
    known: dict[frozenset[int], float] = {}

    def worth(some: Sequence[int]) -> float:
        acting = frozenset(some) - {0}
        return known.setdefault(acting, Random(f"{seed} {sorted(acting)}").random())

    shares = shapley_shares(players, worth)
    assert sum(shares.values()) == pytest.approx(worth(players) - worth(()), abs=1e-9)
    assert shares[0] == pytest.approx(0, abs=1e-9)
