"""How long it takes from an order to its receipt, learned pair by pair for a supplier on a lane.

Each pair counts at three levels: all, the lane and mode, the supplier on that lane. A level is a count of whole days, so
that neither the order in which pairs become known nor a restart matters, and a pair that was wrong can be taken back. A
supplier of few pairs is drawn towards its lane, and a lane towards all, by empirical Bayes (`shrinkage`) on the logarithm
of days, since spreads grow with lengths. Only the drift, an EWMA over scores, depends on the order: it is about what came
last.

Dirty dates: a receipt before its order, or over three years after it, is counted as refused and not learned. What is learned
but lies beyond Tukey's outer fences on the log scale counts as of the fence (winsorised), so that a wrong year moves no mean.
"""

from collections.abc import Sequence
from math import exp, log1p

import msgspec

from risk_rules.methods import ewma
from risk_rules.methods.control_chart import Side
from risk_rules.methods.shrinkage import shrunk, strength
from risk_rules.methods.spread import Spread

LONGEST_DAYS = 1095
LEAST_IQR = 0.1
"""Of the log: a supplier that has always been on the day shall still be believed when it once is not."""

FENCE = 3.0
"""Interquartile ranges beyond the quartiles (Tukey, Exploratory Data Analysis, 1977: the outer fence)."""

NORMAL_IQR = 1.349
"""The interquartile range of a standard normal variable."""

SCORED_FROM = 10
"""Pairs that must be known before one is scored against them."""

GREATEST_SCORE = 3.0
DRIFT = ewma.Chart(target=0.0, sigma=1.0, weight=0.2)
SCALE = 1000
"""Logs are kept as whole thousandths, so that sums of them are exact."""

BETWEEN_SCALE = 1 << 20


class LeadTimes(msgspec.Struct, array_like=True):
    """What is known at one level. `counts`: pairs by whole days; `refused`: pairs with impossible dates.

    `children`, `child_squares`, `between`: of the next more special level, what `shrinkage.strength` asks for. `drift`: the
    average score of the last pairs against those before them; a score is standard normal while nothing changes.
    """

    counts: dict[int, int] = {}
    refused: int = 0
    children: int = 0
    child_squares: int = 0
    between: int = 0
    drift: ewma.Average = ewma.Average(0.0, 0)

    @property
    def pairs(self) -> int:
        return sum(self.counts.values())


def learn(levels: Sequence[LeadTimes], days: int) -> bool:
    """One pair more, `days` from order to receipt, at all levels from the most general to the most special.

    Changes the levels. False: the dates cannot be, the pair is only counted as refused.
    """
    if not 0 <= days <= LONGEST_DAYS:
        for level in levels:
            level.refused += 1
        return False
    for level in levels:
        if level.pairs >= SCORED_FROM:
            level.drift = ewma.step(DRIFT, level.drift, _score(level, days))
    _count(levels, days, 1)
    return True


def take_back(levels: Sequence[LeadTimes], days: int) -> None:
    """Unlearns a pair that turned out to be wrong; the drift keeps what it has seen.

    Raises `ValueError` where it was never learned.
    """
    if any(days not in level.counts for level in levels):
        raise ValueError(f"no pair of {days} days was learned at every level, so none can be taken back")
    _count(levels, days, -1)


def expected(levels: Sequence[LeadTimes]) -> Spread | None:
    """Days from order to receipt for the most special level, drawn to its parents; None: nothing is known at any level."""
    strengths = [_strength(parent) for parent in levels[:-1]]
    chances = shrunk([level.counts for level in levels], strengths)
    return _winsorised(Spread.of(chances)) if chances else None


def expected_after(levels: Sequence[LeadTimes], days: float) -> Spread | None:
    """The same for an order that is under way for `days` and has not come: total days from the order, all above `days`.

    What is known is cut off at `days`. Where nothing has ever taken so long, it is expected to take half as long again as
    it already is beyond the longest, and a day at least.
    """
    spread = expected(levels)
    if spread is None:
        return None
    left = {value: weight for value, weight in zip(spread.values, spread.weights, strict=True) if value > days}
    return Spread.of(left or {days + max(1.0, (days - spread.values[-1]) / 2): 1.0})


def drift(level: LeadTimes) -> Side | None:
    """Whether the last lead times are longer (above) or shorter than before; None: no more than chance would have it."""
    return ewma.drift(DRIFT, level.drift)


def _log(days: float) -> float:
    """Days may be 0; the logarithm is that of days + 1."""
    return log1p(days)


def _count(levels: Sequence[LeadTimes], days: int, times: int) -> None:
    for index, level in enumerate(levels):
        parent = levels[index - 1] if index else None
        if parent is not None:
            _family(parent, level, -1)
        count = level.counts.get(days, 0) + times
        level.counts[days] = count
        if not count:
            del level.counts[days]
        if parent is not None:
            _family(parent, level, 1)


def _family(parent: LeadTimes, child: LeadTimes, times: int) -> None:
    """Adds what a child contributes to its parent's moments, or takes it off. In whole numbers: what is taken off was added."""
    cases, total, _ = _moments(child)
    if cases:
        parent.children += times
        parent.child_squares += times * cases**2
        parent.between += times * (total**2 * BETWEEN_SCALE // cases)


def _moments(level: LeadTimes) -> tuple[int, int, int]:
    """Cases, sum and sum of squares of the scaled logs."""
    cases = total = squares = 0
    for days, count in level.counts.items():
        y = round(SCALE * _log(days))
        cases, total, squares = cases + count, total + count * y, squares + count * y * y
    return cases, total, squares


def _strength(parent: LeadTimes) -> float:
    cases, total, squares = _moments(parent)
    return strength(cases, total, squares, parent.children, parent.child_squares, parent.between / BETWEEN_SCALE)


def _quartiles(spread: Spread) -> tuple[float, float, float]:
    """The quartiles of the log and their distance, no less than what is believed of anybody."""
    lower, upper = (_log(spread.quantile(part)) for part in (0.25, 0.75))
    return lower, upper, max(upper - lower, LEAST_IQR)


def _winsorised(spread: Spread) -> Spread:
    lower, upper, iqr = _quartiles(spread)
    least, most = exp(lower - FENCE * iqr) - 1, exp(upper + FENCE * iqr) - 1
    weights: dict[float, float] = {}
    for value, weight in zip(spread.values, spread.weights, strict=True):
        within = min(max(value, least), most)
        weights[within] = weights.get(within, 0.0) + weight
    return Spread.of(weights)


def _score(level: LeadTimes, days: int) -> float:
    """How unusual a lead time is against those before it: robust standard deviations from the median, of the log."""
    known = Spread.of(level.counts)
    _, _, iqr = _quartiles(known)
    score = (_log(days) - _log(known.quantile(0.5))) / (iqr / NORMAL_IQR)
    return min(max(score, -GREATEST_SCORE), GREATEST_SCORE)
