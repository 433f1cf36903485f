"""The chance that a delivery will be late: learned online, key by key, from outcomes as they become known.

Three opinions are pooled in log-odds (the logarithmic opinion pool; Genest & Zidek, Statistical Science 1, 1986):
1. the effects of the delivery's keys and crosses of keys, fast and slow (`lateness_traces`);
2. an online logistic regression on these effects, the shrunk rates of the keys, and numbers (`online_logistic`);
3. the general level of lateness of late. How far the first two may stray from it is learned as well: opinions that were too
   bold are drawn in. This slope is the calibration (Cox, Biometrika 45, 1958; Platt, 1999), learned from the past only.
All is linear in log-odds, so each key's part in a chance can be told, and the parts add up to it.

When is an outcome known? "Not late" on the day of the delivery, "late" as soon as the promised day is over. So when it is over
the outcomes of all that was promised for it are known, and `learn` takes them at once. Learning early arrivals any sooner
would show a lane's good news before its bad news.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

from risk_rules.methods.bounds import finite
from risk_rules.methods.lateness_case import Delivery, Design
from risk_rules.methods.lateness_state import EFFECTS, FACTOR_VARIANCE, LEVEL, LEVEL_VARIANCE, RATES, LatenessState
from risk_rules.methods.lateness_traces import Trace
from risk_rules.methods.lateness_traces import learn as move
from risk_rules.methods.log_odds import expit, logit, narrowing

PRIOR_LOG_ODDS = -3.0
PRIOR_RATE, PRIOR_CASES = 0.05, 2.0
"""Before anything is known: about one delivery in twenty is late."""

STRENGTH = 5.0
"""Cases of the general rate that each key's own rate is drawn by."""

USUAL_ORDER = 0.45
"""The mean logarithm of the deliveries that are promised together: an order of one or two."""

EFFECTS_SHARE = 0.5
"""The weight of the first opinion against the second."""

GENERAL, ORDER_SIZE = "general level", "order size"


class Prediction(NamedTuple):
    """`chance`: 0 to 1; `parts`: what each family of keys and each number adds to its log-odds; they sum to them."""

    chance: float
    log_odds: float
    parts: dict[str, float]


class _Opinions(NamedTuple):
    """In log-odds. `level`: the third opinion; `pooled`: the first two; `own`: the effect of each of the delivery's keys, 0
    for one that is missing or new; `prior`: of a delivery without keys; `narrow`: what an effect counts for, being unsure.
    """

    level: float
    prior: float
    narrow: float
    own: list[float]
    inputs: list[float]
    pooled: float


def predict(design: Design, state: LatenessState, delivery: Delivery, day: int) -> Prediction:
    """The chance that the delivery, promised for `day` (days since any fixed one), comes later than that.

    Rests on all that was learned so far, and changes nothing. Raises `ValueError` for a state of another design, and for a
    number that is none.
    """
    state.check(design)
    opinions = _opinions(design, state, delivery, design.keys(delivery), day)
    slope = state.slope.weights[0]
    log_odds = opinions.level + slope * (opinions.pooled - opinions.level)
    return Prediction(expit(log_odds), log_odds, _parts(design, state, opinions, slope))


def learn(design: Design, state: LatenessState, day: int, outcomes: Sequence[tuple[Delivery, bool]]) -> None:
    """Takes in the outcomes (True: late) of what was promised for `day`, once that day is over.

    All outcomes of a day belong into one call: each is first predicted from what was known before any of them. The same
    outcomes in the same order leave the same state.
    """
    state.check(design)
    keys = [design.keys(delivery) for delivery, _ in outcomes]
    before = [_opinions(design, state, delivery, own, day) for (delivery, _), own in zip(outcomes, keys, strict=True)]
    state.regression.pass_to(day)
    state.level = state.level.at(day, LEVEL_VARIANCE)
    for (delivery, late), own, known in zip(outcomes, keys, before, strict=True):
        weight = 1 / math.sqrt(delivery.together)
        move(state.meet(own, day), PRIOR_LOG_ODDS, late, weight)
        state.regression.learn(known.inputs, late, weight)
        state.slope.learn([known.pooled - known.level], late, weight, known.level)
    state.forget()


def _opinions(
    design: Design, state: LatenessState, delivery: Delivery, keys: Sequence[str | None], day: int
) -> _Opinions:
    level = state.level.at(day, LEVEL_VARIANCE)
    general = (level.late + PRIOR_RATE * PRIOR_CASES) / (level.cases + PRIOR_CASES)
    base = logit(general)
    own: list[float] = []
    rates: list[float] = []
    variance = level.variance
    factors = len(design.factors)
    for place, key in enumerate(keys):
        trace = _trace(state, key, day)
        own.append(trace.effect if trace else 0.0)
        if key is not None:
            variance += trace.variance if trace else 2 * FACTOR_VARIANCE
        if place < factors:
            rates.append(logit(trace.rate(general, STRENGTH)) - base if trace else 0.0)
    narrow = narrowing(variance)
    prior = PRIOR_LOG_ODDS + level.effect
    effects = narrow * (prior + math.fsum(own))
    numbers = [finite(delivery.numbers.get(name, 0.0)) for name in design.numbers]
    inputs = [1.0, effects, base, *rates, math.log(delivery.together) - USUAL_ORDER, *numbers]
    pooled = EFFECTS_SHARE * effects + (1 - EFFECTS_SHARE) * state.regression.log_odds(inputs)
    return _Opinions(base, prior, narrow, own, inputs, pooled)


def _trace(state: LatenessState, key: str | None, day: int) -> Trace | None:
    known = None if key is None else state.traces.get(key)
    return None if known is None else known.at(day, FACTOR_VARIANCE)


def _parts(design: Design, state: LatenessState, opinions: _Opinions, slope: float) -> dict[str, float]:
    """Splits the log-odds by where they come from. A rate and an effect of the same family are one part."""
    weights, factors = state.regression.weights, len(design.factors)
    second = slope * (1 - EFFECTS_SHARE)
    an_effect = (slope * EFFECTS_SHARE + second * weights[EFFECTS]) * opinions.narrow
    regressed = [second * weight * value for weight, value in zip(weights, opinions.inputs, strict=True)]
    parts = {
        GENERAL: (1 - slope) * opinions.level + an_effect * opinions.prior + regressed[0] + regressed[LEVEL],
    }
    for place, (name, _) in enumerate(design.families):
        parts[name] = an_effect * opinions.own[place] + (regressed[RATES + place] if place < factors else 0.0)
    for name, part in zip((ORDER_SIZE, *design.numbers), regressed[RATES + factors :], strict=True):
        parts[name] = parts.get(name, 0.0) + part
    return parts
