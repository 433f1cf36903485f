"""Reads the files of a rulebook: parameters first, then rules against them, and keeps every problem it meets."""

import re
from typing import Any, NamedTuple, TypeVar, cast

import msgspec

from risk_rules.catalogue import FEATURES
from risk_rules.documents import Document, Steps
from risk_rules.expressions.checker import check
from risk_rules.expressions.definitions import expanded, names
from risk_rules.expressions.fault import ExpressionError
from risk_rules.expressions.lexer import GREATEST_INT, LEAST_INT
from risk_rules.expressions.parser import parse
from risk_rules.expressions.syntax import Literal, Node
from risk_rules.expressions.types import NUMBERS, Type, Value, type_of
from risk_rules.problems import DocumentError, Problem, did_you_mean
from risk_rules.rule_reading import URGENCY, RuleReading, Shared
from risk_rules.rule_text import ChangeText, DefinitionText, OverrideText, ParameterText, RulebookText, RuleText
from risk_rules.rules import Rule
from risk_rules.scope import DIMENSIONS, Override, scope_of
from risk_rules.structures import GIVEN

T = TypeVar("T")

FORMAT = 1
SECTIONS = RulebookText.__struct_encode_fields__


class RuleSource(NamedTuple):
    """A rule, and how it was read, so that it can be read again with the parameters of another place."""

    reading: RuleReading
    rule: Rule

    def words(self) -> set[str]:
        """All names that stand in the rule, with those that stand in its definitions."""
        definitions = self.reading.shared.definitions
        words = set(re.findall(r"[A-Za-z_]\w*", msgspec.json.encode(self.reading.text).decode()))
        return words.union(*({part.name for part in names(definitions[word])} for word in words & definitions.keys()))


class RulebookReader:
    """What the files said so far. Of all files read the parameters first, then what is shared, then the rules."""

    def __init__(self) -> None:
        self.parameters: dict[str, Value] = {}
        self.units: dict[str, str] = {}
        """Of parameters, where they have one."""
        self.overrides: list[Override] = []
        self.definitions: dict[str, Node] = {}
        self.rules: list[RuleSource] = []
        self.changes: dict[str, ChangeText] = {}
        """By file, where it says who changed it and why."""
        self.problems: list[Problem] = []
        self._texts: list[RuleText] = []
        self._shared: list[Any] = []

    def canonical(self) -> bytes:
        """All that was said, without comments and layout; the order of the rules counts."""
        return msgspec.json.encode([FORMAT, self.parameters, self._shared, self._texts], order="sorted")

    def parameters_of(self, document: Document) -> None:
        """Takes the parameters and the `set` of a file, and looks at its outline."""
        outline = self._mapping(document, ())
        for key in outline:
            if key not in SECTIONS:
                hint = did_you_mean(key, SECTIONS) or f"known here: {', '.join(SECTIONS)}"
                self.problems.append(document.problem((key,), f"unknown section {key}", hint, of_key=True))
        if outline.get("rulebook") != FORMAT:
            message, hint = "the version of the format is missing", f"begin with rulebook: {FORMAT}"
            self.problems.append(document.problem(("rulebook",), message, hint))
        if outline.get("change") is not None and (change := self._converted(document, ChangeText, ("change",))):
            self.changes[document.file] = change
        for name in self._mapping(document, ("parameters",)):
            self._parameter(document, name)
        for name, value in self._mapping(document, ("set",)).items():
            self._set(document, name, value)

    def shared_of(self, document: Document) -> None:
        """Takes the definitions and the overrides of a file."""
        for name in self._mapping(document, ("define",)):
            self._define(document, name)
        for name in self._mapping(document, ("override",)):
            self._override(document, name)

    def rules_of(self, document: Document) -> None:
        """Takes the rules of a file."""
        rules = cast("dict[str, Any]", document.value).get("rules") if isinstance(document.value, dict) else None
        if rules is None:
            return
        if not isinstance(rules, list):
            self.problems.append(document.problem(("rules",), "is not a list", "begin each rule with - id:"))
            return
        for index in range(len(cast("list[Any]", rules))):
            self._rule(document, ("rules", index))

    def _mapping(self, document: Document, path: Steps) -> dict[str, Any]:
        try:
            value = document.at(path)
        except (KeyError, TypeError):
            return {}
        if value is None or isinstance(value, dict):
            return cast("dict[str, Any]", value or {})
        self.problems.append(document.problem(path, "is not a mapping", "write name: value, one a line"))
        return {}

    def _parameter(self, document: Document, name: str) -> None:
        path: Steps = ("parameters", name)
        text = self._converted(document, ParameterText, path)
        if text is None:
            return
        if self._is_free(document, path, name, f"to change it: set: {{{name}: ...}}") and self._fits(
            document, (*path, "value"), text.value
        ):
            self.parameters[name] = text.value
            if text.unit:
                self.units[name] = text.unit

    def _is_free(self, document: Document, path: Steps, name: str, if_there: str) -> bool:
        """Whether a parameter or a definition may be called so."""
        kinds = [kind for kind, features in FEATURES.items() if name in features]
        if kinds or name in URGENCY or name in GIVEN:
            what = (
                f"a feature of {kinds[0]}" if kinds else "a word of severity" if name in URGENCY else "given by rules"
            )
            self.problems.append(document.problem(path, f"{name} is {what}", "choose another name", of_key=True))
        elif name in self.parameters or name in self.definitions:
            self.problems.append(document.problem(path, f"{name} is there already", if_there, of_key=True))
        elif not name.isidentifier() or not name.isascii():
            self.problems.append(document.problem(path, f"{name} is no name", "use letters, digits and _", of_key=True))
        else:
            return True
        return False

    def _set(self, document: Document, name: str, value: Any) -> None:
        path: Steps = ("set", name)
        if name not in self.parameters:
            hint = did_you_mean(name, self.parameters) or "name a parameter of an earlier file"
            self.problems.append(document.problem(path, f"there is no parameter {name}", hint, of_key=True))
            return
        kind = type_of(self.parameters[name])
        given = type_of(value) if isinstance(value, bool | int | float | str) else None
        if given is not kind and not {given, kind} <= set(NUMBERS):
            self.problems.append(document.problem(path, f"{name} is {kind.named}, which this is not"))
        elif self._fits(document, path, value):
            self.parameters[name] = value

    def _override(self, document: Document, name: str) -> None:
        path: Steps = ("override", name)
        if name not in self.parameters:
            hint = did_you_mean(name, self.parameters) or "name a parameter"
            self.problems.append(document.problem(path, f"there is no parameter {name}", hint, of_key=True))
            return
        for at, text in enumerate(self._converted(document, list[OverrideText], path) or ()):
            here: Steps = (*path, at)
            usual, scope = type_of(self.parameters[name]), scope_of(text)
            value = float(text.value) if usual is Type.DOUBLE and type_of(text.value) is Type.INT else text.value
            if type_of(value) is not usual:
                self.problems.append(document.problem((*here, "value"), f"{name} is {usual.named}, which this is not"))
            elif not scope.within:
                hint = f"name a {', a '.join(DIMENSIONS)}, or use set:"
                self.problems.append(document.problem(here, "this holds nowhere in particular", hint))
            elif self._fits(document, (*here, "value"), value):
                self.overrides.append(Override(name, scope, value))
                self._shared.append((name, text))

    def _define(self, document: Document, name: str) -> None:
        path: Steps = ("define", name)
        text = self._converted(document, DefinitionText, path)
        if text is None or not self._is_free(document, path, name, "give it another name"):
            return
        formula = text.formula
        try:
            node = parse(formula) if isinstance(formula, str) else Literal(start=0, end=0, value=formula)
            node = expanded(node, self.definitions)
            self._check_definition(node)
        except ExpressionError as error:
            self.problems.append(
                document.problem_in_text((*path, "is"), error.offset, error.told(str(formula)), error.hint)
            )
            # It is there, though faulty: whoever uses it need not hear that it is not.
            node = Literal(start=0, end=0, value=None)
        self.definitions[name] = node
        self._shared.append((name, text))

    def _check_definition(self, node: Node) -> None:
        """Raises `ExpressionError` unless it can be used in rules of one kind of subject at the least."""
        faults: list[ExpressionError] = []
        shared = Shared(parameters=self.parameters, units=self.units, definitions={})
        for kind, features in FEATURES.items():
            try:
                check(node, shared.environment(kind, {name: feature.type for name, feature in features.items()}))
            except ExpressionError as error:
                faults.append(error)
            else:
                return
        raise max(faults, key=lambda fault: fault.offset)

    def _fits(self, document: Document, path: Steps, value: Value) -> bool:
        if isinstance(value, int) and not LEAST_INT <= value <= GREATEST_INT:
            self.problems.append(document.problem(path, "is too great a number", "64 bits are the limit"))
            return False
        return True

    def _converted(self, document: Document, wanted: type[T], path: Steps) -> T | None:
        try:
            return document.convert(wanted, path)
        except DocumentError as error:
            self.problems.extend(error.problems)
            return None

    def _rule(self, document: Document, path: Steps) -> None:
        text = self._converted(document, RuleText, path)
        if text is None:
            return
        if text.subject not in FEATURES:
            hint = did_you_mean(text.subject, FEATURES) or f"known are {', '.join(FEATURES)}"
            self.problems.append(document.problem((*path, "subject"), f"there is no subject {text.subject}", hint))
            return
        if any(rule.id == text.id for rule in self._texts):
            self.problems.append(document.problem((*path, "id"), f"{text.id} is there already", "give it another id"))
        self._texts.append(text)
        shared = Shared(parameters=self.parameters, units=self.units, definitions=self.definitions)
        reading = RuleReading(document, path, text, shared)
        rule = reading.rule()
        self.problems.extend(reading.problems)
        if not reading.problems:
            self.rules.append(RuleSource(reading, rule))
            self._check_overridden(self.rules[-1])

    def _check_overridden(self, source: RuleSource) -> None:
        """What an override makes of the times and structures of a rule must be possible too."""
        if source.rule.structure is None and source.rule.lasting is None:
            return
        words = source.words()
        for override in self.overrides:
            if override.parameter in words:
                reading = source.reading.again({**self.parameters, override.parameter: override.value})
                reading.rule()
                self.problems.extend(reading.problems)
