"""What one key (a supplier, a lane, an order of a programme) left behind: how late its deliveries were, and how surely.

A trace holds a Gaussian belief about the key's effect on the log-odds of a late delivery, as the sum of a fast and a slow part.
Each part returns to zero as an Ornstein-Uhlenbeck process does (Rasmussen & Williams, Gaussian Processes for Machine Learning,
2006, appendix B), so a key that was not seen for long is again like any other, and one of which nothing is known is drawn
to all. Outcomes move it one by one by assumed density filtering, as in Graepel et al., "Web-scale Bayesian click-through
rate prediction" (ICML 2010), with the logistic function in place of the normal one.
"""

import math
from collections.abc import Sequence

import msgspec

from risk_rules.methods.log_odds import expit, narrowing

FAST_DAYS, SLOW_DAYS = 20.0, 250.0
"""After so many days without news the part of an effect has fallen to 1/e."""

LEAST_LEFT = 0.05
"""The least share of a variance that one outcome may leave: a step of the approximation is not to be trusted further."""


class Trace(msgspec.Struct, array_like=True, gc=False):
    """Means and variances in log-odds; `cases`, of which `late`: decayed counts; `day`: for when this holds."""

    fast: float
    fast_variance: float
    slow: float
    slow_variance: float
    cases: float
    late: float
    day: int

    @property
    def effect(self) -> float:
        """In log-odds: above zero where deliveries are later than others'."""
        return self.fast + self.slow

    @property
    def variance(self) -> float:
        return self.fast_variance + self.slow_variance

    def at(self, day: int, variance: float) -> "Trace":
        """The same trace on a later day. `variance`: what that of each part returns to."""
        if day <= self.day:
            return self
        fast, slow = math.exp((self.day - day) / FAST_DAYS), math.exp((self.day - day) / SLOW_DAYS)
        return Trace(
            self.fast * fast,
            variance + (self.fast_variance - variance) * fast * fast,
            self.slow * slow,
            variance + (self.slow_variance - variance) * slow * slow,
            self.cases * slow,
            self.late * slow,
            day,
        )

    def rate(self, general: float, strength: float) -> float:
        """The share that was late, drawn to the `general` one as if `strength` cases of that had been seen too."""
        return (self.late + strength * general) / (self.cases + strength)


def unseen(day: int, variance: float) -> Trace:
    """The trace of a key of which nothing is known. `variance`: of each of the two parts."""
    return Trace(0.0, variance, 0.0, variance, 0.0, 0.0, day)


def learn(traces: Sequence[Trace], prior: float, late: bool, weight: float) -> None:
    """Moves all traces that met in one delivery. `prior`: its log-odds without them; `weight`: as how many it counts.

    What several could explain is shared among them by how unsure each is.
    """
    narrow = narrowing(math.fsum([trace.variance for trace in traces]))
    chance = expit(narrow * (prior + math.fsum([trace.effect for trace in traces])))
    gradient = (late - chance) * narrow * weight
    curvature = narrow * narrow * chance * (1 - chance) * weight
    for trace in traces:
        trace.fast += trace.fast_variance * gradient
        trace.slow += trace.slow_variance * gradient
        trace.fast_variance *= max(LEAST_LEFT, 1 - trace.fast_variance * curvature)
        trace.slow_variance *= max(LEAST_LEFT, 1 - trace.slow_variance * curvature)
        trace.cases += weight
        trace.late += weight * late
