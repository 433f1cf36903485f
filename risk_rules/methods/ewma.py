"""A slow drift of a series, by its exponentially weighted moving average.

z(i) = w x(i) + (1 - w) z(i-1), z(0) = target; out of control where |z - target| > width * sigma * sqrt(w / (2 - w))
(Roberts 1959; NIST/SEMATECH e-Handbook 6.3.2.4). All values in the unit of the series.
"""

import math
from collections.abc import Iterable
from typing import NamedTuple

import msgspec

from risk_rules.methods.bounds import checked, finite
from risk_rules.methods.control_chart import Side


class Chart(msgspec.Struct, frozen=True, kw_only=True):
    """What the average is held against.

    `target` and `sigma`: mean and standard deviation of the single values while nothing is wrong. `weight`: of the
    newest value, above 0 to 1; the smaller, the slower and the smaller the drifts it sees (0.2 to 0.3 is usual).
    `width`: of the limits, in standard deviations of the average. Raises `ValueError` for what no chart can have.
    """

    target: float
    sigma: float
    weight: float = 0.3
    width: float = 3.0

    def __post_init__(self) -> None:
        finite(self.target)
        checked("sigma", self.sigma, 0.0)
        checked("weight", self.weight, 0.0, 1.0, above=True)
        checked("width", self.width, 0.0, above=True)


class Average(msgspec.Struct, frozen=True, array_like=True):
    """How far the average has come: its value after `count` values. All that must be kept to go on."""

    value: float
    count: int


class Limits(NamedTuple):
    """An average outside of them is out of control; one on them is not."""

    lower: float
    upper: float


def start(chart: Chart) -> Average:
    """The average before any value."""
    return Average(chart.target, 0)


def step(chart: Chart, average: Average, value: float) -> Average:
    """The average after one more value. Raises `ValueError` for a value that is not finite."""
    return Average(chart.weight * finite(value) + (1 - chart.weight) * average.value, average.count + 1)


def follow(chart: Chart, values: Iterable[float]) -> list[Average]:
    """The average after each value, in order of time."""
    average, averages = start(chart), list[Average]()
    for value in values:
        average = step(chart, average, value)
        averages.append(average)
    return averages


def limits(chart: Chart, count: int | None = None) -> Limits:
    """The limits for an average after long (None), or the narrower ones that are exact after `count` values.

    The variance of the average is sigma^2 w / (2 - w) (1 - (1 - w)^(2 count)); the last factor tends to 1.
    """
    young = 1.0 if count is None else 1.0 - (1.0 - chart.weight) ** (2 * count)
    reach = chart.width * chart.sigma * math.sqrt(chart.weight / (2 - chart.weight) * young)
    return Limits(chart.target - reach, chart.target + reach)


def drift(chart: Chart, average: Average) -> Side | None:
    """The side on which the average is out of the limits that hold after long; None within them."""
    lower, upper = limits(chart)
    if average.value > upper:
        return Side.ABOVE
    return Side.BELOW if average.value < lower else None
