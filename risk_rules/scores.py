"""Scores: how likely a risk is times how much it would hurt, and which factor brought about how much of that.

    score = 100 * likelihood * impact

Likelihood and impact are expressions, kept within 0 and 1; a rule may have a formula of its own for the score instead,
kept within 0 and 100. What cannot be worked out counts as the worst, 1 or 100: not known is not good.

Each factor is a feature with the value at which nothing is wrong. The shares of the factors are the Shapley values of the
game in which the factors of a coalition have their values and the others their references, all other features being as
they are (Baseline Shapley: Sundararajan and Najmi, The many Shapley values for model explanation, ICML 2020). So
base + shares = score, where base is the score when all factors are at their references.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from risk_rules.catalogue import Feature
from risk_rules.expressions.checker import Checked
from risk_rules.expressions.program import NOTHING, values
from risk_rules.shapley import MOST_PLAYERS, shapley

Features = Mapping[str, Any]

MOST_FACTORS: Final = MOST_PLAYERS


@dataclass(frozen=True, slots=True, kw_only=True)
class FactorRule:
    """A feature that counts, and the expression of the value at which nothing is wrong (null: nothing known or none)."""

    feature: Feature
    reference: Checked


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreRule:
    """How a rule scores: by `likelihood` and `impact`, or by its own `formula`."""

    likelihood: Checked | None
    impact: Checked | None
    formula: Checked | None
    factors: tuple[FactorRule, ...]

    @property
    def expressions(self) -> tuple[Checked, ...]:
        """All that it evaluates."""
        parts = (self.likelihood, self.impact, self.formula, *(factor.reference for factor in self.factors))
        return tuple(part for part in parts if part is not None)

    @property
    def features(self) -> frozenset[str]:
        """The features that it needs."""
        return frozenset(factor.feature.name for factor in self.factors).union(
            *(part.features for part in self.expressions)
        )

    def pairs(self, features: Features) -> list[tuple[Any, Any]]:
        """Of each factor its value and its reference."""
        return _pairs(self)(features)

    def function(self) -> Callable[[Features], float]:
        """The function from features to the score, 0 to 100."""
        if self.formula is not None:
            by_formula = values([self.formula])
            return lambda features: within(by_formula(features)[0], 100.0)
        parts = values([part for part in (self.likelihood, self.impact) if part is not None])

        def score(features: Features) -> float:
            likelihood, impact = parts(features)
            return 100.0 * within(likelihood, 1.0) * within(impact, 1.0)

        return score


class FactorWeighed(NamedTuple):
    """A factor's value, its reference, its share of the score, and the score with this factor alone at its reference."""

    value: Any
    reference: Any
    share: float
    without: float


class Weighed(NamedTuple):
    """base + shares = score. `likelihood` and `impact` are None where not known or not told."""

    score: float
    base: float
    likelihood: float | None
    impact: float | None
    factors: tuple[FactorWeighed, ...]


def weigher(rule: ScoreRule) -> Callable[[Features], Weighed]:
    """The function from features to the score and the shares of its factors, in their order."""
    score = rule.function()
    names = [factor.feature.name for factor in rule.factors]
    paired = _pairs(rule)
    levels = values([part for part in (rule.likelihood, rule.impact) if part is not None])
    has_likelihood, has_impact = rule.likelihood is not None, rule.impact is not None

    def weigh(features: Features) -> Weighed:
        told = levels(features)
        likelihood = known_share(told[0]) if has_likelihood else None
        impact = known_share(told[-1]) if has_impact else None
        pairs = paired(features)
        moved = [at for at, (value, reference) in enumerate(pairs) if value != reference]
        probe = dict(features)

        def worth(coalition: int) -> float:
            for bit, at in enumerate(moved):
                probe[names[at]] = pairs[at][not coalition >> bit & 1]
            return score(probe)

        # A factor at its reference changes no coalition, and so has no share: it need not be counted.
        game = shapley(worth, len(moved))
        return Weighed(
            game.all, game.none, likelihood, impact, _factors(pairs, moved, game.shares, game.without, game.all)
        )

    return weigh


def _pairs(rule: ScoreRule) -> Callable[[Features], list[tuple[Any, Any]]]:
    names = [factor.feature.name for factor in rule.factors]
    references = values([factor.reference for factor in rule.factors])
    return lambda features: [
        (features[name], _plain(value)) for name, value in zip(names, references(features), strict=True)
    ]


def _factors(
    pairs: Sequence[tuple[Any, Any]],
    moved: Sequence[int],
    shares: Sequence[float],
    without: Sequence[float],
    score: float,
) -> tuple[FactorWeighed, ...]:
    found = [FactorWeighed(value, reference, 0.0, score) for value, reference in pairs]
    for at, share, rest in zip(moved, shares, without, strict=True):
        found[at] = FactorWeighed(*pairs[at], share, rest)
    return tuple(found)


def within(value: Any, most: float) -> float:
    """Kept within 0 and `most`; what is not known is `most`."""
    if value is None or value != value:  # not a number is what differs from itself
        return most
    return 0.0 if value <= 0 else most if value >= most else float(value)


def known_share(value: Any) -> float | None:
    """Kept within 0 and 1; None when not known."""
    return None if value is None or math.isnan(value) else within(value, 1.0)


def _plain(value: Any) -> Any:
    """The value null as a feature has it."""
    return None if value is NOTHING else value
