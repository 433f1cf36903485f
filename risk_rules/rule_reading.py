"""Checks the parts of one rule against the catalogue and the parameters, and keeps every problem it meets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from risk_rules.catalogue import FEATURES
from risk_rules.documents import Document, Steps
from risk_rules.expressions.checker import Checked, Environment, check
from risk_rules.expressions.fault import ExpressionError
from risk_rules.expressions.lexer import GREATEST_INT, LEAST_INT
from risk_rules.expressions.parser import parse
from risk_rules.expressions.program import values
from risk_rules.expressions.syntax import Conditional, Literal, Logic, Name, Node
from risk_rules.expressions.types import NUMBERS, Type, Value, type_of
from risk_rules.problems import Problem, did_you_mean
from risk_rules.rule_text import Formula, RuleText
from risk_rules.rules import SEVERITIES, Rule
from risk_rules.scope import Scope, scope_of
from risk_rules.score_reading import score_of
from risk_rules.structure_reading import lasting_of, structure_of
from risk_rules.structures import Structure
from risk_rules.templates import Template, parse_template


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """What all rules may use: parameters, with the units of those that have one, and definitions."""

    parameters: Mapping[str, Value]
    units: Mapping[str, str]
    definitions: Mapping[str, Node]

    def environment(
        self, subject: str, features: Mapping[str, Type], constants: Mapping[str, Value] | None = None
    ) -> Environment:
        """What an expression of a rule about that kind of subject may name."""
        units = {name: feature.unit for name, feature in FEATURES[subject].items() if feature.unit}
        return Environment(
            features=features,
            constants=self.parameters if constants is None else constants,
            definitions=self.definitions,
            units={**units, **self.units},
        )


WRITTEN = ("when", "exit", "severity", "likelihood", "impact", "score")
"""The formulas of a rule that explain what it says."""

URGENCY: Mapping[str, Value] = {name: name for name in SEVERITIES}
"""The words of severity, so that they need no quotes in an expression of severity."""


class RuleReading:
    """Checks the parts of one rule; where a part is wrong a harmless one stands in, so that all parts are looked at."""

    def __init__(self, document: Document, path: Steps, text: RuleText, shared: Shared) -> None:
        self.document = document
        self.path = path
        self.text = text
        self.problems: list[Problem] = []
        self.shared = shared
        self.features: Mapping[str, Type] = {name: one.type for name, one in FEATURES[text.subject].items()}
        self._may_name(self.features)

    def _may_name(self, features: Mapping[str, Type]) -> None:
        """From now on expressions may name these."""
        shared, subject = self.shared, self.text.subject
        self.environment = shared.environment(subject, features)
        self.urgency = shared.environment(subject, features, {**shared.parameters, **URGENCY})

    def again(self, parameters: Mapping[str, Value]) -> "RuleReading":
        """The reading of the same rule with other parameters, whose types are the same."""
        return RuleReading(self.document, self.path, self.text, replace(self.shared, parameters=parameters))

    def rule(self) -> Rule:
        text = self.text
        structure = structure_of(text, self)
        when = self._when(structure)
        if structure is not None:
            # What a structure gives is known only after `when` has held.
            self._may_name({**self.features, **structure.gives})
        severity = self._optional(text.severity, "severity", (Type.STRING, Type.NULL), self.urgency)
        return Rule(
            id=text.id,
            subject=text.subject,
            kind=text.kind,
            when=when,
            severity=self._severity(severity),
            score=score_of(text, structure, self),
            impact_on=self._optional(text.impact_on, "impact_on", (Type.DATE, Type.NULL)),
            quantity=self._optional(text.quantity, "quantity", NUMBERS),
            unit=self._template(text.unit, "unit"),
            summary=self._template(text.summary, "summary"),
            advice=self._template(text.advice, "advice"),
            owner=text.owner,
            structure=structure,
            lasting=lasting_of(text, self),
            meanwhile=None if text.meanwhile is None else SEVERITIES[text.meanwhile],
            exit=self._optional(text.exit, "exit", (Type.BOOL,)),
            applies=self._scope(),
            links=self._links(),
            tags=text.tags,
            written={name: str(formula) for name in WRITTEN if (formula := getattr(text, name)) is not None},
        )

    def _when(self, structure: Structure | None) -> Checked:
        """The condition, and all that can be said of the structure beside it by the features alone."""
        text = self.text
        by_structure = (text.absence, text.sequence, text.count_within, text.trend)
        if text.when is None and all(part is None for part in by_structure):
            self.problem((), "the rule never finds anything", "add when:, absence:, sequence:, count_within: or trend:")
            return _HARMLESS
        when = _HARMLESS if text.when is None else self.expression(text.when, ("when",), (Type.BOOL,))
        if structure is None or self.problems:
            return when
        possible = parse(structure.possible)
        both = possible
        if text.when is not None:
            parts = (when.node, possible)
            both = Logic(start=when.node.start, end=when.node.end, operator="&&", operands=parts)
        return check(both, self.environment, (Type.BOOL,))

    def _scope(self) -> Scope:
        scope = scope_of(self.text.applies)
        for dimension in sorted(scope.dimensions - self.features.keys()):
            can = [kind for kind, features in FEATURES.items() if dimension in features]
            hint = f"known of {', '.join(can)}"
            self.problem(("applies", dimension), f"a {self.text.subject} has no {dimension}", hint)
        return scope

    def _links(self) -> Mapping[str, str]:
        for name, url in self.text.links.items():
            if not url.startswith(("https://", "http://")) or any(character.isspace() for character in url):
                self.problem(("links", name), "this is no address", "begin with https://")
        return self.text.links

    def number(self, formula: Formula, steps: Steps) -> float | None:
        """The value of an expression over parameters alone; None after a problem."""
        before = len(self.problems)
        checked = self.expression(formula, steps, NUMBERS, self.shared.environment(self.text.subject, {}))
        if len(self.problems) > before:
            return None
        (found,) = values([checked])({})
        if found is None:
            self.problem(steps, "this has no value", "mind divisions by zero")
        return found

    def feature(self, name: str, steps: Steps, wanted: Sequence[Type]) -> Type | None:
        """The type of a feature of the subject, one of `wanted`; None after a problem."""
        kind, bases = self.features.get(name), {one.base for one in wanted}
        if kind is not None and kind.base in bases:
            return kind
        fitting = [known for known, one in self.features.items() if one.base in bases]
        hint = did_you_mean(name, fitting) or f"there are {', '.join(fitting) or 'none'}"
        what = f"{name} is not known here" if kind is None else f"{name} is {kind.named}"
        self.problem(steps, f"{what}, but {' or '.join(one.named for one in wanted)} is needed", hint)
        return None

    def problem(self, steps: Steps, message: str, hint: str = "", offset: int | None = None) -> None:
        """Note that something is wrong at a place of the rule, `offset` characters into a text."""
        path = (*self.path, *steps)
        if offset is None:
            self.problems.append(self.document.problem(path, message, hint))
        else:
            self.problems.append(self.document.problem_in_text(path, offset, message, hint))

    def expression(
        self, formula: Formula | None, steps: Steps, wanted: Sequence[Type], environment: Environment | None = None
    ) -> Checked:
        """The checked expression; a harmless one after a problem. None is null."""
        if not isinstance(formula, str):
            literal = Literal(start=0, end=0, value=formula)
            kind = Type.NULL if formula is None else type_of(formula)
            great = isinstance(formula, int) and not LEAST_INT <= formula <= GREATEST_INT
            if kind not in wanted or great:
                needed = " or ".join(one.named for one in wanted)
                self.problem(steps, f"this is {kind.named}, but {needed} is needed here")
            return Checked(node=literal, type=kind, types={id(literal): kind}, features=frozenset(), constants={})
        try:
            return check(parse(formula), environment or self.environment, wanted)
        except ExpressionError as error:
            self.problem(steps, error.told(formula), error.hint, error.offset)
            return _HARMLESS

    def _optional(
        self, formula: Formula | None, name: str, wanted: Sequence[Type], environment: Environment | None = None
    ) -> Checked | None:
        return None if formula is None else self.expression(formula, (name,), wanted, environment)

    def _template(self, text: str, name: str) -> Template:
        try:
            return parse_template(text, self.environment)
        except ExpressionError as error:
            self.problem((name,), error.told(text), error.hint, error.offset)
            return Template(())

    def _severity(self, severity: Checked | None) -> Checked | None:
        for outcome in _outcomes(severity.node) if severity and severity is not _HARMLESS else ():
            said = _said(outcome, self.urgency)
            if said is not None and said not in SEVERITIES:
                hint = did_you_mean(said, SEVERITIES) or f"known are {', '.join(SEVERITIES)} and null"
                self.problem(("severity",), f"{said or 'this'} is no severity", hint, outcome.start)
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
