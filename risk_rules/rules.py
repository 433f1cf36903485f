"""One rule: what it says in the file, and the function that it becomes."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from risk_rules.catalogue import Feature
from risk_rules.expressions.checker import Checked
from risk_rules.expressions.program import NOTHING, selection, values
from risk_rules.findings import Factor, Finding, Severity
from risk_rules.lasting import Lasting
from risk_rules.scope import Scope
from risk_rules.scores import ScoreRule, Weighed, weigher
from risk_rules.structures import Structure
from risk_rules.templates import Template, shown

Features = Mapping[str, Any]

SEVERITIES = {severity.name.lower(): severity for severity in Severity}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A rule that has been checked. What it does not say is None."""

    id: str
    subject: str
    kind: str
    when: Checked
    severity: Checked | None
    score: ScoreRule
    impact_on: Checked | None
    quantity: Checked | None
    unit: Template
    summary: Template
    advice: Template
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
    written: Mapping[str, str]
    """Its formulas as they stand in the file, by name."""

    @property
    def expressions(self) -> tuple[Checked, ...]:
        """Everything that is evaluated once the rule fires, but for the score."""
        single = (self.severity, self.impact_on, self.quantity)
        texts = (self.unit, self.summary, self.advice)
        return (
            *(expression for expression in single if expression),
            *(expression for text in texts for expression in text.expressions),
        )

    @property
    def features(self) -> frozenset[str]:
        """The features that the rule needs."""
        parts = (self.when, *self.expressions, *((self.exit,) if self.exit else ()))
        used = self.score.features.union(*(part.features for part in parts))
        return used if self.structure is None else (used - self.structure.gives.keys()) | {*self.structure.features}

    def outcome(self) -> Callable[[Features], Finding]:
        """The function that says what the rule found, given that its condition holds."""
        evaluate, weigh, build = values(self.expressions), weigher(self.score), self._builder()
        if not self.score.features.union(*(expression.features for expression in self.expressions)):
            always = build(evaluate({}), weigh({}), {})
            return lambda features: always
        return lambda features: build(evaluate(features), weigh(features), features)

    def ends(self) -> Callable[[Features, bool], bool]:
        """The function that says whether the rule ends, time aside. True as second argument: its structure is gone."""
        holds = selection([self.when], [_yes])
        exits = None if self.exit is None else selection([self.exit], [_yes])
        return lambda features, gone: (gone or not holds(features)) and (exits is None or bool(exits(features)))

    def urgency(self) -> Callable[[Features], Severity | None]:
        """The function that says how urgent the rule is, given that its condition holds."""
        if self.severity is None:
            return lambda features: None
        evaluate = values([self.severity])
        return lambda features: _severity(evaluate(features)[0])

    def _builder(self) -> Callable[[tuple[Any, ...], Weighed, Features], Finding]:
        """From the values of `expressions`, in their order, and what was weighed to the finding."""
        has = (self.severity, self.impact_on, self.quantity)
        places = [None if part is None else sum(other is not None for other in has[:at]) for at, part in enumerate(has)]
        severity_at, impact_at, quantity_at = places
        taken = sum(part is not None for part in has)
        fills: list[Callable[[tuple[Any, ...]], str]] = []
        for template in (self.unit, self.summary, self.advice):
            fills.append(_slice_filler(template, taken, taken + len(template.expressions)))
            taken += len(template.expressions)
        unit, summary, advice = fills
        factors = self._factors()

        def build(found: tuple[Any, ...], weighed: Weighed, features: Features) -> Finding:
            uom = unit(found) if self.unit.pieces else None
            return Finding(
                rule=self.id,
                kind=self.kind,
                severity=None if severity_at is None else _severity(found[severity_at]),
                score=weighed.score,
                base=weighed.base,
                summary=summary(found),
                advice=advice(found),
                likelihood=weighed.likelihood,
                impact=weighed.impact,
                impact_on=None if impact_at is None else _unless_null(found[impact_at]),
                quantity=None if quantity_at is None else _finite(found[quantity_at]),
                unit=uom,
                factors=factors(weighed, features, uom),
                owner=self.owner,
                links=self.links,
                tags=self.tags,
            )

        return build

    def _factors(self) -> Callable[[Weighed, Features, str | None], tuple[Factor, ...]]:
        known = [factor.feature for factor in self.score.factors]
        ends, deciding = self.ends(), self.when.features | (self.exit.features if self.exit else frozenset[str]())
        gives = frozenset[str]() if self.structure is None else frozenset(self.structure.gives)

        def lowered(name: str, features: Features, reference: Any, without: float) -> float:
            # At its reference nothing is wrong: a structure that gives such a value is not there.
            gone = name in gives
            return 0.0 if (gone or name in deciding) and ends({**features, name: reference}, gone) else without

        def factors(weighed: Weighed, features: Features, uom: str | None) -> tuple[Factor, ...]:
            return tuple(
                Factor(
                    name=feature.name,
                    value=in_words(feature, value, uom),
                    reference="none" if reference is None else in_words(feature, reference, uom),
                    share=share,
                    lowers_to=without if value == reference else lowered(feature.name, features, reference, without),
                )
                for feature, (value, reference, share, without) in zip(known, weighed.factors, strict=True)
            )

        return factors


def in_words(feature: Feature, value: Any, uom: str | None) -> str:
    """A value of a feature as people read it, with its unit; `uom` is the unit of the material."""
    return f"{shown(value)} {(uom or '') if feature.unit == 'uom' else feature.unit}".rstrip()


def _yes(features: Features) -> bool:
    return True


def _slice_filler(template: Template, first: int, last: int) -> Callable[[tuple[Any, ...]], str]:
    fill = template.filler()
    return lambda found: fill(found[first:last])


def _severity(value: Any) -> Severity | None:
    return None if value is NOTHING else SEVERITIES.get(value, Severity.WATCH)


def _unless_null(value: Any) -> Any:
    return None if value is NOTHING else value


def _finite(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and math.isfinite(value) else None
