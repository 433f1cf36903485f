"""What a model of late deliveries has learned: plain numbers of bounded size, to be kept among the rows of the ledger."""

import msgspec

from risk_rules.methods.lateness_case import Design
from risk_rules.methods.lateness_traces import Trace, unseen
from risk_rules.methods.online_logistic import OnlineLogistic

LEVEL_VARIANCE = 0.5
FACTOR_VARIANCE = 0.25
"""Of each of the two parts of an effect, in log-odds squared: an effect of one key is rarely beyond a factor of 4 in odds."""

MOST_KEYS = 4000
FORGOTTEN = 1000
"""When there are more keys than may be, the ones that were not seen for longest go: their effects have faded anyway."""

INTERCEPT, EFFECTS, LEVEL = range(3)
"""The first inputs of the regression; then come the factors' rates, the size of the order, and the numbers."""

RATES = 3
INTERCEPT_VARIANCE, WEIGHT_VARIANCE, NUMBER_VARIANCE = 0.3, 0.002, 0.1
DRIFT_A_DAY = 3e-4
SLOPE, SLOPE_VARIANCE = 0.85, 0.005


class LatenessState(msgspec.Struct):
    """`level`: the trace of all deliveries; `traces`: by key; `slope`: how far opinions may stray from the level."""

    level: Trace
    traces: dict[str, Trace]
    regression: OnlineLogistic
    slope: OnlineLogistic

    @classmethod
    def empty(cls, design: Design) -> "LatenessState":
        """Before the first outcome: the regression halves its trust between the effects and the rates."""
        factors, numbers = len(design.factors), 1 + len(design.numbers)
        means = [0.0, 0.5, 0.5, *[0.5 / max(factors, 1)] * factors, *[0.0] * numbers]
        variances = [
            INTERCEPT_VARIANCE,
            *[WEIGHT_VARIANCE] * (2 + factors),
            *[NUMBER_VARIANCE] * numbers,
        ]
        return cls(
            unseen(0, LEVEL_VARIANCE),
            {},
            OnlineLogistic.before(means, variances, DRIFT_A_DAY),
            OnlineLogistic.before([SLOPE], [SLOPE_VARIANCE], 0.0),
        )

    def check(self, design: Design) -> None:
        """Raises `ValueError` when the state was learned for another design."""
        wanted = RATES + len(design.factors) + 1 + len(design.numbers)
        if len(self.regression.weights) != wanted:
            have = len(self.regression.weights)
            raise ValueError(
                f"the state has {have} weights and the design wants {wanted}: learn it anew for this design"
            )

    def meet(self, keys: list[str | None], day: int) -> list[Trace]:
        """The traces that a delivery with these keys leaves, brought to the day, to be moved by its outcome."""
        met = [self.level]
        for key in keys:
            if key is not None:
                known = self.traces.get(key)
                trace = unseen(day, FACTOR_VARIANCE) if known is None else known.at(day, FACTOR_VARIANCE)
                self.traces[key] = trace
                met.append(trace)
        return met

    def forget(self) -> None:
        """Keeps the state within its bound."""
        if len(self.traces) > MOST_KEYS:
            oldest = sorted(self.traces, key=lambda key: (self.traces[key].day, key))
            for key in oldest[: len(self.traces) - MOST_KEYS + FORGOTTEN]:
                del self.traces[key]
