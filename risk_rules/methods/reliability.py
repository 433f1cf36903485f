"""How good predicted chances were, once it is known what came true."""

from collections.abc import Sequence
from itertools import groupby
from typing import NamedTuple


class Bin(NamedTuple):
    """Cases with similar chances. `predicted`: their mean chance; `came_true`: the share that came true, 0 to 1."""

    cases: int
    predicted: float
    came_true: float


def brier(chances: Sequence[float], came_true: Sequence[bool]) -> float:
    """The mean squared distance of chance and outcome (Brier, 1950): 0 is perfect, always saying a half gives 0.25."""
    _same(chances, came_true)
    return sum((chance - true) ** 2 for chance, true in zip(chances, came_true, strict=True)) / len(chances)


def auc(chances: Sequence[float], came_true: Sequence[bool]) -> float:
    """How often a case that came true had the greater chance than one that did not; ties count half (Mann-Whitney U).

    Raises `ValueError` unless there are cases of both sorts.
    """
    _same(chances, came_true)
    true = sum(came_true)
    if not 0 < true < len(came_true):
        raise ValueError("to tell cases apart some must have come true and some not")
    ranks, below = 0.0, 0
    ordered = sorted(zip(chances, came_true, strict=True))
    for _, tied in groupby(ordered, key=lambda case: case[0]):
        outcomes = [outcome for _, outcome in tied]
        ranks += sum(outcomes) * (below + (len(outcomes) + 1) / 2)
        below += len(outcomes)
    return (ranks - true * (true + 1) / 2) / (true * (len(came_true) - true))


def reliability(chances: Sequence[float], came_true: Sequence[bool], bins: int = 10) -> list[Bin]:
    """Cases by chance in equal steps of 0 to 1; empty bins are left out (Murphy & Winkler, 1977)."""
    _same(chances, came_true)
    cases = sorted(zip(chances, came_true, strict=True))
    found: list[Bin] = []
    for _, group in groupby(cases, key=lambda case: min(int(case[0] * bins), bins - 1)):
        members = list(group)
        predicted = sum(chance for chance, _ in members) / len(members)
        found.append(Bin(len(members), predicted, sum(true for _, true in members) / len(members)))
    return found


def calibration_error(bins: Sequence[Bin]) -> float:
    """The mean distance of chance and share over all cases (expected calibration error; Naeini et al., AAAI 2015)."""
    return sum(bin.cases * abs(bin.predicted - bin.came_true) for bin in bins) / sum(bin.cases for bin in bins)


def _same(chances: Sequence[float], came_true: Sequence[bool]) -> None:
    if not chances or len(chances) != len(came_true):
        raise ValueError(
            f"{len(chances)} chances for {len(came_true)} outcomes: each needs the other, and there must be one"
        )
