"""One rule: what it says in the file, and the function that it becomes.

The score of a rule is the sum of the points of its factors, kept within 0 and 100, unless it has a formula of its own.
A factor's share is its points over the points of all factors (points below zero count as none): the points are the
weights that the author of the rule gave, so the shares are exact, not an approximation.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from risk_rules.catalogue import Feature
from risk_rules.expressions.checker import Checked
from risk_rules.expressions.program import NOTHING, values
from risk_rules.findings import Factor, Finding, Severity
from risk_rules.lasting import Lasting
from risk_rules.scope import Scope
from risk_rules.structures import Structure
from risk_rules.templates import Template, shown

SEVERITIES = {severity.name.lower(): severity for severity in Severity}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A rule that has been checked. What it does not say is None."""

    id: str
    subject: str
    kind: str
    when: Checked
    severity: Checked | None
    score: Checked | None
    likelihood: Checked | None
    impact_on: Checked | None
    quantity: Checked | None
    unit: Template
    summary: Template
    advice: Template
    factors: tuple[tuple[Feature, Checked, Checked], ...]
    """The feature, its value and its points."""
    owner: str | None
    structure: Structure | None
    """What must hold beside `when`; what it gives may stand in the expressions of the rule."""
    lasting: Lasting | None
    meanwhile: Severity | None
    """The most that the rule says while it waits; None: nothing."""
    exit: Checked | None
    applies: Scope
    links: Mapping[str, str]
    tags: tuple[str, ...]

    @property
    def expressions(self) -> tuple[Checked, ...]:
        """Everything that is evaluated once the rule fires."""
        single = (self.severity, self.score, self.likelihood, self.impact_on, self.quantity)
        texts = (self.unit, self.summary, self.advice)
        return (
            *(expression for expression in single if expression),
            *(expression for text in texts for expression in text.expressions),
            *(expression for _, value, points in self.factors for expression in (value, points)),
        )

    @property
    def features(self) -> frozenset[str]:
        """The features that the rule needs."""
        parts = (self.when, *self.expressions, *((self.exit,) if self.exit else ()))
        used = frozenset[str]().union(*(part.features for part in parts))
        return used if self.structure is None else (used - self.structure.gives.keys()) | {*self.structure.features}

    def outcome(self) -> Callable[[Mapping[str, Any]], Finding]:
        """The function that says what the rule found, given that its condition holds."""
        evaluate, build = values(self.expressions), self._builder()
        if not any(expression.features for expression in self.expressions):
            always = build(evaluate({}))
            return lambda features: always
        return lambda features: build(evaluate(features))

    def _builder(self) -> Callable[[tuple[Any, ...]], Finding]:
        """From the values of `expressions`, in their order, to the finding."""
        has = (self.severity, self.score, self.likelihood, self.impact_on, self.quantity)
        places = [None if part is None else sum(other is not None for other in has[:at]) for at, part in enumerate(has)]
        severity_at, score_at, likelihood_at, impact_at, quantity_at = places
        taken = sum(part is not None for part in has)
        fills: list[Callable[[tuple[Any, ...]], str]] = []
        for template in (self.unit, self.summary, self.advice):
            fills.append(_slice_filler(template, taken, taken + len(template.expressions)))
            taken += len(template.expressions)
        unit, summary, advice = fills
        features = [feature for feature, _, _ in self.factors]

        def build(found: tuple[Any, ...]) -> Finding:
            uom = unit(found) if self.unit.pieces else None
            points = [max(_finite(value) or 0.0, 0.0) for value in found[taken + 1 :: 2]]
            score = sum(points) if score_at is None else _finite(found[score_at]) or 0.0
            return Finding(
                rule=self.id,
                kind=self.kind,
                severity=None if severity_at is None else _severity(found[severity_at]),
                score=min(max(score, 0.0), 100.0),
                summary=summary(found),
                advice=advice(found),
                likelihood=None if likelihood_at is None else _share(found[likelihood_at]),
                impact_on=None if impact_at is None else _unless_null(found[impact_at]),
                quantity=None if quantity_at is None else _finite(found[quantity_at]),
                unit=uom,
                factors=_factors(features, found[taken::2], points, uom),
                owner=self.owner,
                links=self.links,
                tags=self.tags,
            )

        return build


def _slice_filler(template: Template, first: int, last: int) -> Callable[[tuple[Any, ...]], str]:
    fill = template.filler()
    return lambda found: fill(found[first:last])


def _factors(
    features: Sequence[Feature], found: Sequence[Any], points: Sequence[float], uom: str | None
) -> tuple[Factor, ...]:
    total = sum(points)
    return tuple(
        Factor(
            name=feature.name,
            value=f"{shown(value)} {(uom or '') if feature.unit == 'uom' else feature.unit}".rstrip(),
            share=share / total if total else 0.0,
        )
        for feature, value, share in zip(features, found, points, strict=True)
    )


def _severity(value: Any) -> Severity | None:
    return None if value is NOTHING else SEVERITIES.get(value, Severity.WATCH)


def _unless_null(value: Any) -> Any:
    return None if value is NOTHING else value


def _finite(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and math.isfinite(value) else None


def _share(value: Any) -> float | None:
    number = _finite(value)
    return None if number is None else min(max(number, 0.0), 1.0)
