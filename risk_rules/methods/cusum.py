"""A small lasting shift of a series, by its cumulative sums.

high(i) = max(0, high(i-1) + x(i) - target - slack), low(i) = max(0, low(i-1) + target - slack - x(i)); out of control
where a sum exceeds the threshold (Page 1954; NIST/SEMATECH e-Handbook 6.3.2.3). All values in the unit of the series.
"""

import math
from collections.abc import Iterable

import msgspec

from risk_rules.methods.bounds import checked, finite
from risk_rules.methods.control_chart import Side


class Chart(msgspec.Struct, frozen=True, kw_only=True):
    """What the sums are held against.

    `target`: the mean while nothing is wrong. `slack` (k): half of the shift that is to be seen soon. `threshold` (h): the
    sum that is too much. Raises `ValueError` for what no chart can have.
    """

    target: float
    slack: float
    threshold: float

    def __post_init__(self) -> None:
        finite(self.target)
        checked("slack", self.slack, 0.0)
        checked("threshold", self.threshold, 0.0)


class Sums(msgspec.Struct, frozen=True, array_like=True):
    """How far the sums have come. All that must be kept to go on.

    `high_run`, `low_run`: for how many values the sum has stood above zero: a shift began so many values ago.
    """

    high: float = 0.0
    low: float = 0.0
    high_run: int = 0
    low_run: int = 0


def standard_chart(target: float, sigma: float, slack_sigmas: float = 0.5, threshold_sigmas: float = 5.0) -> Chart:
    """The chart of a series with standard deviation `sigma`.

    By default it sees a shift of one sigma after 10 values on average, and takes noise for a shift once in 465 values
    (see `run_length`).
    """
    return Chart(target=target, slack=slack_sigmas * sigma, threshold=threshold_sigmas * sigma)


def share_chart(usual: float, bad: float, threshold: float) -> Chart:
    """The chart of a share of yes among yes and no (1 and 0), for a change from `usual` to `bad`, both within 0 to 1.

    The best slack is by the likelihood ratio: target + slack = ln((1 - p0) / (1 - p1)) / ln(p1 (1 - p0) / (p0 (1 - p1)))
    upwards, and its mirror downwards (Reynolds and Stoumbos 1999). The sum counts cases too many; `threshold` is one, too.
    Raises `ValueError` where the two are equal or one of them is certain.
    """
    if not (0.0 < usual < 1.0 and 0.0 < bad < 1.0) or usual == bad:
        raise ValueError(f"the shares {usual} and {bad} must differ, and lie above 0 and below 1")
    between = math.log((1 - usual) / (1 - bad)) / math.log(bad * (1 - usual) / (usual * (1 - bad)))
    return Chart(target=usual, slack=abs(between - usual), threshold=threshold)


def step(chart: Chart, sums: Sums, value: float) -> Sums:
    """The sums after one more value. Raises `ValueError` for a value that is not finite."""
    above = finite(value) - chart.target
    high = max(0.0, sums.high + above - chart.slack)
    low = max(0.0, sums.low - above - chart.slack)
    return Sums(high, low, sums.high_run + 1 if high else 0, sums.low_run + 1 if low else 0)


def follow(chart: Chart, values: Iterable[float]) -> list[Sums]:
    """The sums after each value, in order of time."""
    sums, all_sums = Sums(), list[Sums]()
    for value in values:
        sums = step(chart, sums, value)
        all_sums.append(sums)
    return all_sums


def drift(chart: Chart, sums: Sums) -> Side | None:
    """The side on which a sum exceeds the threshold, the farther one if both do; None if none does."""
    if max(sums.high, sums.low) <= chart.threshold:
        return None
    return Side.ABOVE if sums.high >= sums.low else Side.BELOW


def shifted_mean(chart: Chart, sums: Sums, side: Side) -> float | None:
    """The mean since the sum of that side left zero: target + slack + sum / run (Montgomery). None while it is zero."""
    if side is Side.ABOVE:
        return chart.target + chart.slack + sums.high / sums.high_run if sums.high_run else None
    return chart.target - chart.slack - sums.low / sums.low_run if sums.low_run else None
