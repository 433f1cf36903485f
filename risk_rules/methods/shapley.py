"""Shapley values for named players, also for more of them than have countable coalitions.

Up to eight, every coalition is counted (`risk_rules.shapley`). For more, a share is the mean of what joining adds over
drawn orders and their reverses (Castro, Gómez & Tejada, 2009): an estimate, but the shares still sum to the whole, and
are the same each time.
"""

from collections.abc import Callable, Sequence
from random import Random
from typing import TypeVar

from risk_rules.shapley import MOST_PLAYERS, shapley

Player = TypeVar("Player")

ORDERS = 32


def shapley_shares(players: Sequence[Player], worth: Callable[[Sequence[Player]], float]) -> dict[Player, float]:
    """Each player's share of worth(all) - worth(none); `worth` is given those who take part."""
    if len(players) > MOST_PLAYERS:
        return _by_drawn_orders(players, worth)

    def worth_of(coalition: int) -> float:
        return worth([player for index, player in enumerate(players) if coalition >> index & 1])

    return dict(zip(players, shapley(worth_of, len(players)).shares, strict=True))


def _by_drawn_orders(players: Sequence[Player], worth: Callable[[Sequence[Player]], float]) -> dict[Player, float]:
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
