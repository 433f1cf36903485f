"""Matchers: which alerts a route, a silence or an inhibition speaks of.

>>> str(parse("kind = material_shortage"))
'kind="material_shortage"'

`kind="material_shortage"`, `site!=BSL`, `partner=~"acme|bio.*"` (RE2, of the whole value), `site!~"B.*"`, and for
severities `severity>=warning`. A label that an alert does not have equals nothing: `=` and `=~` do not hold of it, `!=`
and `!~` do.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from alerting.labels import LABELS, Labels
from risk_rules.expressions.patterns import compiled, matches
from risk_rules.findings import Severity
from risk_rules.problems import did_you_mean

LONGEST: Final = 1_000


class Operator(StrEnum):
    EQUAL = "="
    NOT_EQUAL = "!="
    LIKE = "=~"
    NOT_LIKE = "!~"
    AT_LEAST = ">="


class MatcherError(ValueError):
    """A text that is no matcher. `offset` is the character at which it goes wrong; `hint` says what to write."""

    def __init__(self, message: str, offset: int, hint: str) -> None:
        super().__init__(f"{message} ({hint})" if hint else message)
        self.message, self.offset, self.hint = message, offset, hint


@dataclass(frozen=True, slots=True)
class Matcher:
    """One condition on one label."""

    label: str
    operator: Operator
    value: str

    def __str__(self) -> str:
        value = self.value.replace("\\", "\\\\").replace('"', '\\"')
        return f'{self.label}{self.operator}"{value}"'

    def matches(self, labels: Labels) -> bool:
        """Whether the condition holds of an alert."""
        found = labels.get(self.label)
        match self.operator:
            case Operator.EQUAL:
                return found == self.value
            case Operator.NOT_EQUAL:
                return found != self.value
            case Operator.LIKE:
                return found is not None and self.is_like(found)
            case Operator.NOT_LIKE:
                return found is None or not self.is_like(found)
            case Operator.AT_LEAST:
                return labels.severity >= Severity[self.value.upper()]

    def is_like(self, text: str) -> bool:
        """Whether the pattern that the value is matches a whole text."""
        return matches(text, _whole(self.value)) is True


def all_match(matchers: Iterable[Matcher], labels: Labels) -> bool:
    """Whether all of them hold; none hold of everything."""
    return all(matcher.matches(labels) for matcher in matchers)


_WRITTEN: Final = re.compile(r"\s*([A-Za-z_]\w*)\s*(=~|!~|!=|>=|=)\s*(.*?)\s*", re.DOTALL)
_QUOTED: Final = re.compile(r'"((?:[^"\\]|\\["\\])*)"', re.DOTALL)
_SHAPE: Final = 'write label="value"; the operators are =, !=, =~, !~ and, for severity, >='


def parse(text: str) -> Matcher:
    """The matcher that a text stands for. Raises `MatcherError`."""
    written = _WRITTEN.fullmatch(text)
    if written is None or len(text) > LONGEST:
        raise MatcherError(f"{text[:60]!r} is not a matcher", 0, _SHAPE)
    label, operator, at = written[1], Operator(written[2]), written.start(3)
    if label not in LABELS:
        hint = did_you_mean(label, LABELS) or f"known are {', '.join(LABELS)}"
        raise MatcherError(f"unknown label {label}", written.start(1), hint)
    value = _value(written[3], at)
    if operator is Operator.AT_LEAST and label != "severity":
        raise MatcherError(f"{label} has no order", written.start(2), ">= is for severity; here use =, !=, =~ or !~")
    if operator in (Operator.LIKE, Operator.NOT_LIKE):
        _check_pattern(value, at)
    elif label == "severity" and value not in SEVERITIES:
        hint = did_you_mean(value, SEVERITIES) or f"known are {', '.join(SEVERITIES)}"
        raise MatcherError(f"unknown severity {value}", at, hint)
    return Matcher(label, operator, value)


SEVERITIES: Final = tuple(severity.name.lower() for severity in Severity)


def _value(written: str, at: int) -> str:
    quoted = _QUOTED.fullmatch(written)
    value = re.sub(r"\\(.)", r"\1", quoted[1], flags=re.DOTALL) if quoted is not None else written
    if quoted is None and re.search(r'["\s]', written):
        raise MatcherError(f"{written[:60]} is not one value", at, 'put it in "…", with \\" for a quote in it')
    if not value:
        raise MatcherError("a value is missing", at, "a label that an alert does not have equals nothing")
    return value


def _check_pattern(value: str, at: int) -> None:
    if compiled(value) is None or compiled(_whole(value)) is None:
        raise MatcherError(f"{value[:60]} is not a pattern", at, "patterns are those of RE2")


def _whole(pattern: str) -> str:
    return rf"\A(?:{pattern})\z"
