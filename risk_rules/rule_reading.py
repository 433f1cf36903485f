"""Checks the parts of one rule against the catalogue and the parameters, and keeps every problem it meets."""

from collections.abc import Mapping, Sequence
from typing import Any

from risk_rules.catalogue import FEATURES
from risk_rules.documents import Document, Steps
from risk_rules.expressions.checker import Checked, Environment, check
from risk_rules.expressions.fault import ExpressionError
from risk_rules.expressions.lexer import GREATEST_INT, LEAST_INT
from risk_rules.expressions.parser import parse
from risk_rules.expressions.syntax import Conditional, Literal, Name, Node
from risk_rules.expressions.types import NUMBERS, Type, Value, type_of
from risk_rules.problems import Problem, did_you_mean
from risk_rules.rule_text import Formula, RuleText
from risk_rules.rules import SEVERITIES, Rule
from risk_rules.templates import Template, parse_template

URGENCY: Mapping[str, Value] = {name: name for name in SEVERITIES}
"""The words of severity, so that they need no quotes in an expression of severity."""


class RuleReading:
    """Checks the parts of one rule; where a part is wrong a harmless one stands in, so that all parts are looked at."""

    def __init__(self, document: Document, path: Steps, text: RuleText, parameters: Mapping[str, Value]) -> None:
        self.document = document
        self.path = path
        self.text = text
        self.problems: list[Problem] = []
        features = {feature.name: feature.type for feature in FEATURES[text.subject].values()}
        self.environment = Environment(features=features, constants=parameters)
        self.urgency = Environment(features=features, constants={**parameters, **URGENCY})

    def rule(self) -> Rule:
        text = self.text
        severity = self._optional(text.severity, "severity", (Type.STRING, Type.NULL), self.urgency)
        if text.score is None and not text.factors:
            self._problem((), "a rule needs a score", "add score: or factors: with points")
        return Rule(
            id=text.id,
            subject=text.subject,
            kind=text.kind,
            when=self._expression(text.when, ("when",), (Type.BOOL,)),
            severity=self._severity(severity),
            score=self._optional(text.score, "score", NUMBERS),
            likelihood=self._optional(text.likelihood, "likelihood", NUMBERS),
            stands_hours=self._optional(text.stands_hours, "stands_hours", NUMBERS),
            impact_on=self._optional(text.impact_on, "impact_on", (Type.DATE, Type.NULL)),
            quantity=self._optional(text.quantity, "quantity", NUMBERS),
            unit=self._template(text.unit, "unit"),
            summary=self._template(text.summary, "summary"),
            advice=self._template(text.advice, "advice"),
            factors=tuple(self._factor(index) for index in range(len(text.factors))),
            owner=text.owner,
        )

    def _problem(self, steps: Steps, message: str, hint: str = "", offset: int | None = None) -> None:
        path = (*self.path, *steps)
        if offset is None:
            self.problems.append(self.document.problem(path, message, hint))
        else:
            self.problems.append(self.document.problem_in_text(path, offset, message, hint))

    def _expression(
        self, formula: Formula, steps: Steps, wanted: Sequence[Type], environment: Environment | None = None
    ) -> Checked:
        if not isinstance(formula, str):
            literal = Literal(start=0, end=0, value=formula)
            kind = type_of(formula)
            if kind not in wanted or (kind is Type.INT and not LEAST_INT <= formula <= GREATEST_INT):
                self._problem(
                    steps, f"this is {kind.named}, but {' or '.join(one.named for one in wanted)} is needed here"
                )
            return Checked(node=literal, type=kind, types={id(literal): kind}, features=frozenset(), constants={})
        try:
            return check(parse(formula), environment or self.environment, wanted)
        except ExpressionError as error:
            self._problem(steps, error.message, error.hint, error.offset)
            return _HARMLESS

    def _optional(
        self, formula: Formula | None, name: str, wanted: Sequence[Type], environment: Environment | None = None
    ) -> Checked | None:
        return None if formula is None else self._expression(formula, (name,), wanted, environment)

    def _template(self, text: str, name: str) -> Template:
        try:
            return parse_template(text, self.environment)
        except ExpressionError as error:
            self._problem((name,), error.message, error.hint, error.offset)
            return Template(())

    def _factor(self, index: int) -> tuple[Any, Checked, Checked]:
        factor = self.text.factors[index]
        features = FEATURES[self.text.subject]
        steps: Steps = ("factors", index)
        points = self._expression(factor.points, (*steps, "points"), NUMBERS)
        if factor.of not in features:
            hint = did_you_mean(factor.of, features) or "name a feature of the subject"
            self._problem((*steps, "of"), f"{factor.of} is not known here", hint)
            return None, _HARMLESS, points
        return features[factor.of], self._expression(factor.of, (*steps, "of"), ()), points

    def _severity(self, severity: Checked | None) -> Checked | None:
        for outcome in _outcomes(severity.node) if severity and severity is not _HARMLESS else ():
            said = _said(outcome, self.urgency)
            if said is not None and said not in SEVERITIES:
                hint = did_you_mean(said, SEVERITIES) or f"known are {', '.join(SEVERITIES)} and null"
                self._problem(("severity",), f"{said or 'this'} is no severity", hint, outcome.start)
        return severity


_NOTHING = Literal(start=0, end=0, value=0)
_HARMLESS = Checked(node=_NOTHING, type=Type.INT, types={}, features=frozenset(), constants={})


def _outcomes(node: Node) -> list[Node]:
    """All that a chain of ? and : can come down to."""
    if isinstance(node, Conditional):
        return [*_outcomes(node.then), *_outcomes(node.otherwise)]
    return [node]


def _said(node: Node, environment: Environment) -> str | None:
    """The word that a node stands for; None for null, empty for what is only known later."""
    if isinstance(node, Literal):
        return None if node.value is None else str(node.value)
    return str(environment.constants.get(node.name, "")) if isinstance(node, Name) else ""
