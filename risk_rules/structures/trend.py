"""Trend: a series has drifted away from what it usually is: cycle time, lead time, yield, right first time."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from math import isfinite
from typing import Any, Final

import msgspec

from risk_rules.expressions.types import Type
from risk_rules.methods import cusum, ewma
from risk_rules.methods.control_chart import Reference, Side, reference
from risk_rules.structures.told import Told
from risk_rules.working_days import Calendar

NOTHING: Final = {"usual": None, "drifted_to": None}


class ChartKind(StrEnum):
    EWMA = "ewma"
    CUSUM = "cusum"


class Trend(msgspec.Struct, frozen=True, kw_only=True):
    """`of` is a feature with a list of [day, value], the oldest first; it is out of control on one of `sides` now.

    The usual state is `target` and `sigma` where they are given, else it is learned from the first `baseline` values,
    and only those after them are judged. `weight` and `width` are of EWMA, `slack` and `threshold` (in sigmas) of CUSUM.
    `usual`: the target; `drifted_to`: the average of late (EWMA) or the mean since the shift (CUSUM).
    """

    of: str
    chart: ChartKind
    sides: frozenset[Side]
    baseline: int
    least_sigma: float
    target: float | None
    sigma: float | None
    weight: float
    width: float
    slack: float
    threshold: float

    @property
    def gives(self) -> Mapping[str, Type]:
        return {"usual": Type.DOUBLE, "drifted_to": Type.DOUBLE}

    @property
    def features(self) -> tuple[str, ...]:
        return (self.of,)

    @property
    def possible(self) -> str:
        return f"has({self.of})"

    def told(self, features: Mapping[str, Any], now: datetime, calendar: Calendar) -> Told:
        values = list(_values(features[self.of] or ()))
        if self.target is not None and self.sigma is not None:
            usual: Reference | None = Reference(self.target, self.sigma, 0)
        else:
            known = values[: self.baseline]
            usual = reference(known, self.least_sigma) if len(known) == self.baseline else None
            values = values[self.baseline :]
        if usual is None or not values or not usual.sigma:
            return Told(False, None, NOTHING)
        side, level = self._drift(usual, values)
        return Told(side in self.sides, None, {"usual": usual.target, "drifted_to": level})

    def _drift(self, usual: Reference, values: Sequence[float]) -> tuple[Side | None, float | None]:
        """The side that the series has drifted to, and where it is now."""
        if self.chart is ChartKind.EWMA:
            chart = ewma.Chart(target=usual.target, sigma=usual.sigma, weight=self.weight, width=self.width)
            average = ewma.follow(chart, values)[-1]
            return ewma.drift(chart, average), average.value
        sums_chart = cusum.standard_chart(usual.target, usual.sigma, self.slack, self.threshold)
        sums = cusum.follow(sums_chart, values)[-1]
        side = cusum.drift(sums_chart, sums)
        return side, None if side is None else cusum.shifted_mean(sums_chart, sums, side)


def _values(series: Iterable[Sequence[Any]]) -> Iterable[float]:
    for _, value in series:
        if isinstance(value, int | float) and isfinite(value):
            yield float(value)
