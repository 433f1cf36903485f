"""Texts for people with placeholders: `{shortage_qty:,.0f} {unit} of {name} missing on {shortage_on}`.

A placeholder holds an expression and, after a colon, a format of Python's `format()`; `{{` is a brace. What is unknown
reads "unknown"; runs of blanks become one. Without a format a date reads `3 May 2026`, a great number `12,500`, a small
one has three digits.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from risk_rules.expressions.checker import Checked, Environment, check
from risk_rules.expressions.fault import ExpressionError
from risk_rules.expressions.functions import day_in_words
from risk_rules.expressions.parser import parse_prefix
from risk_rules.expressions.types import Type

SAMPLES = {
    Type.BOOL: True,
    Type.INT: 1,
    Type.UINT: 1,
    Type.DOUBLE: 1.5,
    Type.STRING: "a",
    Type.DATE: date(2026, 1, 31),
    Type.TIMESTAMP: datetime(2026, 1, 31, 8, tzinfo=UTC),
    Type.DURATION: timedelta(days=1),
}
"""The types that can stand in a text, and a value of each to try a format with."""


@dataclass(frozen=True, slots=True)
class Placeholder:
    expression: Checked
    format: str


@dataclass(frozen=True, slots=True)
class Template:
    """A text in pieces, plain or to be filled."""

    pieces: tuple[str | Placeholder, ...]

    @property
    def expressions(self) -> tuple[Checked, ...]:
        """What has to be evaluated to fill the text, in order."""
        return tuple(piece.expression for piece in self.pieces if isinstance(piece, Placeholder))

    def filler(self) -> Callable[[Sequence[Any]], str]:
        """A function from the values of `expressions` to the text."""
        if not self.expressions:
            plain = "".join(str(piece) for piece in self.pieces)
            return lambda values: plain

        def fill(values: Sequence[Any]) -> str:
            following = iter(values)
            filled = "".join(
                piece if isinstance(piece, str) else shown(next(following), piece.format) for piece in self.pieces
            )
            return " ".join(filled.split())  # placeholders that came out empty leave no gap

        return fill


def shown(value: Any, form: str = "") -> str:
    """A value as people read it."""
    if value is None:
        return "unknown"
    if form:
        return format(value, form)
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return f"{value:,.0f}" if value % 1 == 0 or not -1000 < value < 1000 else f"{value:.3g}"
    if isinstance(value, timedelta):
        return f"{value / timedelta(days=1):.3g} days"
    if isinstance(value, datetime):
        return f"{day_in_words(value)}, {value:%H:%M} UTC"
    return day_in_words(value) if isinstance(value, date) else str(value)


def parse_template(text: str, environment: Environment) -> Template:
    """The checked template. Raises `ExpressionError` with the character of the fault."""
    pieces: list[str | Placeholder] = []
    position = 0
    while position < len(text):
        brace = min((found for mark in "{}" if (found := text.find(mark, position)) >= 0), default=len(text))
        if brace > position:
            pieces.append(text[position:brace])
        if brace == len(text):
            break
        if text[brace : brace + 2] in ("{{", "}}"):
            pieces.append(text[brace])
            position = brace + 2
        elif text[brace] == "}":
            raise ExpressionError(brace, "a } without a {", "a brace in the text is written }}")
        else:
            placeholder, position = _placeholder(text, brace, environment)
            pieces.append(placeholder)
    return Template(tuple(pieces))


def _placeholder(text: str, brace: int, environment: Environment) -> tuple[Placeholder, int]:
    node, end = parse_prefix(text, brace + 1)
    closing = text.find("}", end)
    rest = text[end:closing].strip(" ") if closing >= 0 else ""
    if closing < 0 or (rest and not rest.startswith(":")):
        raise ExpressionError(end, "a placeholder that does not end", "close it with }")
    form = rest[1:].strip(" ")
    expression = check(node, environment, tuple(SAMPLES))
    if form:
        _check_format(expression.type, form, end)
    return Placeholder(expression, form), closing + 1


def _check_format(kind: Type, form: str, offset: int) -> None:
    if len(form) > 20 or any(digits > 40 for digits in _numbers(form)):
        raise ExpressionError(offset, f"{form} is too wide a format", _FORMS[kind])
    try:
        shown(SAMPLES[kind], form)
    except (ValueError, TypeError):
        raise ExpressionError(offset, f"{form} is no format for {kind.named}", _FORMS[kind]) from None
    if kind in (Type.DATE, Type.TIMESTAMP) and "%" not in form:
        raise ExpressionError(offset, f"{form} is no format for a date", _FORMS[kind])


def _numbers(form: str) -> list[int]:
    return [int(digits) for digits in "".join(c if c.isascii() and c.isdigit() else " " for c in form).split()]


_FORMS = {
    Type.BOOL: "leave it out",
    Type.INT: "write for example {x:,}",
    Type.DOUBLE: "write for example {x:,.1f}",
    Type.STRING: "leave it out",
    Type.DATE: "write for example {x:%d %b}",
    Type.UINT: "write for example {x:,}",
    Type.TIMESTAMP: "write for example {x:%d %b %H:%M}",
    Type.DURATION: "leave it out",
}
