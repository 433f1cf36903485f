"""Chances as log-odds, where what speaks for and against adds up."""

import math

FURTHEST = 30.0
"""Log-odds beyond these are as good as certain: 1 in 10,000,000,000,000."""


def expit(log_odds: float) -> float:
    """The chance with these log-odds; never quite 0 or 1."""
    return 1 / (1 + math.exp(-min(max(log_odds, -FURTHEST), FURTHEST)))


def logit(chance: float) -> float:
    """The log-odds of a chance. Raises `ValueError` unless it lies between 0 and 1."""
    if not 0 < chance < 1:
        raise ValueError(f"the chance is {chance}: only one between 0 and 1 has log-odds")
    return math.log(chance / (1 - chance))


def narrowing(variance: float) -> float:
    """What log-odds known with this variance count for: 1 / sqrt(1 + pi·variance/8) (MacKay, Neural Computation 4, 1992).

    expit(mean·narrowing) is close to the mean of expit over a normal distribution around the mean.
    """
    return 1 / math.sqrt(1 + math.pi * variance / 8)
