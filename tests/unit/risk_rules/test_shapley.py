"""Shapley values, against the definition by orders, known games and the axioms."""

import math
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from risk_rules.shapley import MOST_PLAYERS, shapley

GAMES = st.integers(0, 5).flatmap(
    lambda players: st.lists(st.floats(-100, 100), min_size=1 << players, max_size=1 << players)
)


def players_of(worths: list[float]) -> int:
    return len(worths).bit_length() - 1


def by_orders(worths: list[float]) -> list[float]:
    """What each player adds when it joins, averaged over all orders."""
    players = players_of(worths)
    added: list[list[float]] = [[] for _ in range(players)]
    for order in permutations(range(players)):
        coalition = 0
        for player in order:
            added[player].append(worths[coalition | 1 << player] - worths[coalition])
            coalition |= 1 << player
    return [math.fsum(steps) / len(steps) for steps in added]


def test_a_right_glove_is_worth_more_where_there_are_two_left_ones() -> None:
    # Players 0 and 1 have left gloves, player 2 a right one: 1/6, 1/6 and 4/6.
    assert shapley(lambda c: float(bool(c & 4 and c & 3)), 3).shares == pytest.approx((1 / 6, 1 / 6, 4 / 6))


def test_a_runway_is_paid_for_by_those_who_need_its_length() -> None:
    # Littlechild and Owen, 1973: each stretch is shared by all who need it. Costs 8, 11, 13, 18.
    costs = (8, 11, 13, 18)
    shares = shapley(lambda c: float(max((cost for p, cost in enumerate(costs) if c >> p & 1), default=0)), 4).shares
    assert shares == pytest.approx((2, 3, 4, 9))


@settings(deadline=None)
@given(GAMES)
def test_shares_are_what_a_player_adds_on_average_over_all_orders(worths: list[float]) -> None:
    shares = shapley(worths.__getitem__, players_of(worths)).shares
    assert list(shares) == pytest.approx(by_orders(worths), abs=1e-9)


@settings(deadline=None)
@given(GAMES)
def test_shares_add_up_to_what_all_gain(worths: list[float]) -> None:
    found = shapley(worths.__getitem__, players_of(worths))
    assert found.none + math.fsum(found.shares) == pytest.approx(found.all, abs=1e-9)
    assert (found.none, found.all) == (worths[0], worths[-1])


@settings(deadline=None)
@given(GAMES)
def test_a_player_who_changes_nothing_has_no_share_and_moves_no_other(worths: list[float]) -> None:
    players = players_of(worths)
    idle = shapley(lambda c: worths[c & (1 << players) - 1], players + 1)
    assert idle.shares[players] == 0
    assert idle.shares[:players] == pytest.approx(shapley(worths.__getitem__, players).shares, abs=1e-9)


@settings(deadline=None)
@given(GAMES.filter(lambda worths: len(worths) > 1))
def test_without_a_player_the_others_are_worth_what_they_are(worths: list[float]) -> None:
    assert shapley(worths.__getitem__, players_of(worths)).without[0] == worths[-2]


def test_too_many_players_are_refused() -> None:
    with pytest.raises(ValueError, match="8 are the limit"):
        shapley(lambda c: 0.0, MOST_PLAYERS + 1)
