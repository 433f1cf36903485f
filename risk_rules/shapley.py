"""Who brought about how much of a result: Shapley values, by counting every coalition.

The share of a player is what joining adds to the worth of a coalition, averaged over all orders in which the players can
join: phi_i = sum over S without i of |S|! (n - |S| - 1)! / n! * (v(S + i) - v(S)) (L. S. Shapley, A Value for n-Person
Games, 1953). It is the only sharing that is complete (the shares add up to v(all) - v(none)), gives equal players equal
shares and those who never change anything none, and adds up over games.
"""

import math
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

MOST_PLAYERS: Final = 8
"""The number of coalitions doubles with each player: 256 for eight."""


class Shares(NamedTuple):
    """Of each player, in order: `shares` of v(all) - v(none), and the worth of all others `without` it."""

    none: float
    all: float
    shares: tuple[float, ...]
    without: tuple[float, ...]


def shapley(worth: Callable[[int], float], players: int) -> Shares:
    """The shares in the game `worth`, which is given coalitions as bit masks: bit 0 is the first player.

    Calls `worth` once for each of the 2^players coalitions, from none to all; sums are rounded once (`math.fsum`), so
    that they are the same on any machine. Raises `ValueError` beyond `MOST_PLAYERS`.
    """
    if players > MOST_PLAYERS:
        raise ValueError(f"{players} players have too many coalitions; {MOST_PLAYERS} are the limit")
    worths = [worth(coalition) for coalition in range(1 << players)]
    everybody = len(worths) - 1
    return Shares(
        none=worths[0],
        all=worths[everybody],
        shares=tuple(
            math.fsum([weight * (worths[joined] - worths[before]) for before, joined, weight in joins])
            for joins in _joins(players)
        ),
        without=tuple(worths[everybody ^ 1 << player] for player in range(players)),
    )


@lru_cache(maxsize=MOST_PLAYERS + 1)
def _joins(players: int) -> Sequence[Sequence[tuple[int, int, float]]]:
    """For each player: the coalitions that it can join, what they become, and the part of all orders in which it does."""
    weights = [1 / (players * math.comb(players - 1, size)) for size in range(players)]
    return [
        [
            (coalition, coalition | 1 << player, weights[coalition.bit_count()])
            for coalition in range(1 << players)
            if not coalition >> player & 1
        ]
        for player in range(players)
    ]
