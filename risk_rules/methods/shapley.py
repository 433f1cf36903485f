"""How a whole is shared among those who brought it about: Shapley values.

A player's share is the mean, over all orders in which players may join, of what its joining adds (Shapley, 1953). The shares sum
to the worth of all players less that of none, whatever the worth is.
"""

from collections.abc import Callable, Sequence
from itertools import combinations
from math import factorial
from random import Random
from typing import TypeVar

Player = TypeVar("Player")

EXACT_UP_TO = 7
"""So many players have 128 coalitions; more are shared by drawn orders."""

ORDERS = 32


def shapley_shares(players: Sequence[Player], worth: Callable[[Sequence[Player]], float]) -> dict[Player, float]:
    """Each player's share: exact for up to 7 players, else over 32 drawn orders and their reverses, the same ones each time."""
    if len(players) <= EXACT_UP_TO:
        return _exact(players, worth)
    orders = [Random(number).sample(list(players), len(players)) for number in range(ORDERS)]  # noqa: S311 - no secret
    orders += [order[::-1] for order in orders]
    shares = dict.fromkeys(players, 0.0)
    nobody, everybody = worth(()), worth(players)
    for order in orders:
        before = nobody
        for index, player in enumerate(order, 1):
            after = everybody if index == len(order) else worth(order[:index])
            shares[player] += (after - before) / len(orders)
            before = after
    return shares


def _exact(players: Sequence[Player], worth: Callable[[Sequence[Player]], float]) -> dict[Player, float]:
    count = len(players)
    worths = {frozenset(some): worth(some) for size in range(count + 1) for some in combinations(players, size)}
    shares = dict.fromkeys(players, 0.0)
    for some, value in worths.items():
        if some:
            weight = factorial(len(some) - 1) * factorial(count - len(some)) / factorial(count)
            for player in some:
                shares[player] += weight * (value - worths[some - {player}])
    return shares
