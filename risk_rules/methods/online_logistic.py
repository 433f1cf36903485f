"""Logistic regression that learns one case at a time, and forgets as slowly as it is told to.

A Gaussian over the weights, moved by each case through one linearised step (the extended Kalman filter of a logistic model;
Spiegelhalter & Lauritzen, Networks 20, 1990), whose covariance grows a little each day, so that old cases lose their hold
(dynamic generalised linear models: West, Harrison & Migon, JASA 80, 1985). Plain Python with sums that are rounded once: the same
cases give the same weights, bit for bit. A step costs about 2 d² multiplications for d weights.
"""

from collections.abc import Sequence
from math import fsum
from operator import mul

import msgspec

from risk_rules.methods.log_odds import expit


class OnlineLogistic(msgspec.Struct, array_like=True):
    """`weights` w with the covariance P, each row as long as w; `drift`: the variance that each weight gains a day.

    `day`: days since any fixed one, up to which the drift was counted; None: before the first.
    """

    weights: list[float]
    covariance: list[list[float]]
    drift: list[float]
    day: int | None = None

    @classmethod
    def before(cls, means: Sequence[float], variances: Sequence[float], drift_a_day: float) -> "OnlineLogistic":
        """Before any case: mean and variance of each weight. `drift_a_day`: the share of its variance that it regains."""
        places = range(len(means))
        covariance = [[variances[row] if row == column else 0.0 for column in places] for row in places]
        return cls(list(means), covariance, [variance * drift_a_day for variance in variances])

    def log_odds(self, inputs: Sequence[float]) -> float:
        """Of the case with these inputs, as many as there are weights."""
        return fsum(map(mul, self.weights, inputs))

    def pass_to(self, day: int) -> None:
        """The weights have had until this day to change. An earlier day than was known changes nothing."""
        if self.day is None:
            self.day = day
        if day > self.day:
            for place, gained in enumerate(self.drift):
                self.covariance[place][place] += gained * (day - self.day)
            self.day = day

    def learn(self, inputs: Sequence[float], true: bool, weight: float = 1.0, offset: float = 0.0) -> None:
        """One case that counts `weight` times; `offset` stands in its log-odds beside the weights.

        With p the chance, s = weight·p·(1 - p), k = P x / (1 + s x'P x): P becomes P - s k (P x)', w becomes w + weight·(y - p) k.
        """
        chance = expit(offset + self.log_odds(inputs))
        seen = weight * chance * (1 - chance)
        along = [fsum(map(mul, row, inputs)) for row in self.covariance]
        scale = 1 / (1 + seen * fsum(map(mul, along, inputs)))
        step = weight * (true - chance) * scale
        for place, reach in enumerate(along):
            self.weights[place] += step * reach
            share = seen * scale * reach
            row = self.covariance[place]
            self.covariance[place] = [value - share * other for value, other in zip(row, along, strict=True)]
