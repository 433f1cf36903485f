"""An uncertain quantity or number of days, as the values that it may take and how likely each is."""

from collections.abc import Mapping
from itertools import accumulate
from math import inf
from statistics import NormalDist
from typing import Self

import msgspec

STANDARD = NormalDist()


class Spread(msgspec.Struct, frozen=True):
    """`values` in rising order, in the unit of what is uncertain, and the `weights` of each, above zero and of any sum.

    Raises `ValueError` where there is no value, or not one weight above zero for each.
    """

    values: tuple[float, ...]
    weights: tuple[float, ...]

    def __post_init__(self) -> None:
        if not self.values or len(self.values) != len(self.weights) or min(self.weights) <= 0:
            raise ValueError(
                f"a spread needs values, each with a weight above zero, not {self.values} and {self.weights}"
            )

    @classmethod
    def of(cls, weights: Mapping[int, float] | Mapping[float, float]) -> Self:
        """From weights by value; those of no weight are left out.

        Raises `ValueError` where nothing is left or a weight is below zero.
        """
        pairs = sorted(weights.items())
        if any(weight < 0 for _, weight in pairs):
            raise ValueError("a weight is below zero")
        pairs = [(value, weight) for value, weight in pairs if weight > 0]
        return cls(tuple(value for value, _ in pairs), tuple(weight for _, weight in pairs))

    @classmethod
    def normal(cls, mean: float, sd: float, points: int = 41) -> Self:
        """A normal variable by the middles of so many equally likely parts. Raises `ValueError` for sd < 0 or no points."""
        if sd < 0 or points < 1:
            raise ValueError(f"no normal spread of {points} points with a standard deviation of {sd}")
        middles = (STANDARD.inv_cdf((index + 0.5) / points) for index in range(points))
        return cls(tuple(mean + sd * z for z in middles), (1.0,) * points)

    @property
    def mean(self) -> float:
        pairs = zip(self.values, self.weights, strict=True)
        return sum(weight * value for value, weight in pairs) / sum(self.weights)

    @property
    def sd(self) -> float:
        mean = self.mean
        pairs = zip(self.values, self.weights, strict=True)
        return (sum(weight * (value - mean) ** 2 for value, weight in pairs) / sum(self.weights)) ** 0.5

    def quantile(self, part: float) -> float:
        """The least value that is not exceeded with a chance of `part`. Raises `ValueError` unless 0 ≤ part ≤ 1."""
        if not 0 <= part <= 1:
            raise ValueError(f"a part of all cases lies between 0 and 1, not at {part}")
        wanted = part * sum(self.weights)
        pairs = zip(self.values, accumulate(self.weights), strict=True)
        return next((value for value, reached in pairs if reached >= wanted), self.values[-1])

    def normal_thresholds(self) -> list[float]:
        """Where a standard normal variable passes from one value to the next: so it is drawn, and so draws go together."""
        total = sum(self.weights)
        parts = (reached / total for reached in accumulate(self.weights[:-1]))
        return [STANDARD.inv_cdf(part) if part < 1 else inf for part in parts]
