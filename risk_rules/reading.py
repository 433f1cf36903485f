"""Reads the files of a rulebook: parameters first, then rules against them, and keeps every problem it meets."""

from typing import Any, TypeVar, cast

import msgspec

from risk_rules.catalogue import FEATURES
from risk_rules.documents import Document, Steps
from risk_rules.expressions.lexer import GREATEST_INT, LEAST_INT
from risk_rules.expressions.types import NUMBERS, Value, type_of
from risk_rules.problems import DocumentError, Problem, did_you_mean
from risk_rules.rule_reading import URGENCY, RuleReading
from risk_rules.rule_text import ParameterText, RuleText
from risk_rules.rules import Rule

T = TypeVar("T")

FORMAT = 1
SECTIONS = ("rulebook", "parameters", "set", "rules")


class RulebookReader:
    """What the files said so far. Read the parameters of all files before the rules of the first."""

    def __init__(self) -> None:
        self.parameters: dict[str, Value] = {}
        self.rules: list[Rule] = []
        self.problems: list[Problem] = []
        self._texts: list[RuleText] = []

    def canonical(self) -> bytes:
        """All that was said, without comments and layout; the order of the rules counts."""
        return msgspec.json.encode([FORMAT, self.parameters, self._texts], order="sorted")

    def parameters_of(self, document: Document) -> None:
        """Takes the parameters and the `set` of a file, and looks at its outline."""
        outline = self._mapping(document, ())
        for key in outline:
            if key not in SECTIONS:
                hint = did_you_mean(key, SECTIONS) or f"known here: {', '.join(SECTIONS)}"
                self.problems.append(document.problem((key,), f"unknown section {key}", hint, of_key=True))
        if outline.get("rulebook") != FORMAT:
            self.problems.append(
                document.problem(
                    ("rulebook",), "the version of the format is missing", f"begin with rulebook: {FORMAT}"
                )
            )
        for name in self._mapping(document, ("parameters",)):
            self._parameter(document, name)
        for name, value in self._mapping(document, ("set",)).items():
            self._set(document, name, value)

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
        kinds = [kind for kind, features in FEATURES.items() if name in features]
        if kinds or name in URGENCY:
            what = f"a feature of {kinds[0]}" if kinds else "a word of severity"
            self.problems.append(document.problem(path, f"{name} is {what}", "choose another name", of_key=True))
        elif name in self.parameters:
            self.problems.append(
                document.problem(path, f"{name} is there already", f"to change it: set: {{{name}: ...}}", of_key=True)
            )
        elif not name.isidentifier() or not name.isascii():
            self.problems.append(document.problem(path, f"{name} is no name", "use letters, digits and _", of_key=True))
        elif self._fits(document, (*path, "value"), text.value):
            self.parameters[name] = text.value

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
        reading = RuleReading(document, path, text, self.parameters)
        rule = reading.rule()
        self.problems.extend(reading.problems)
        if not reading.problems:
            self.rules.append(rule)
