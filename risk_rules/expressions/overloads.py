"""Which operands an arithmetic operator takes, what it gives and what it does: once for the check and for run time."""

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any

from risk_rules.expressions import moments
from risk_rules.expressions.literals import GREATEST_INT, GREATEST_UINT, LEAST_INT
from risk_rules.expressions.types import Type, UInt

ORDERED = (
    Type.INT, Type.UINT, Type.DOUBLE, Type.STRING, Type.BYTES, Type.BOOL, Type.TIMESTAMP, Type.DURATION, Type.DATE,
)  # fmt: skip
"""Types of which one value may be less than another."""


@dataclass(frozen=True, slots=True)
class Overload:
    """What an operator does with two types of operands. `run` returns None where there is no value."""

    gives: Type
    run: Callable[[Any, Any], Any]


def quotient(left: int, right: int) -> int | None:
    """Division of ints, cut towards zero."""
    if not right:
        return None
    found = abs(left) // abs(right)
    return found if (left < 0) == (right < 0) else -found


def remainder(left: int, right: int) -> int | None:
    """What `quotient` leaves; it has the sign of `left`."""
    if not right:
        return None
    found = abs(left) % abs(right)
    return -found if left < 0 else found


def ratio(left: float, right: float) -> float | None:
    return left / right if right else None


def days_between(later: date, earlier: date) -> int:
    """`later - earlier` in days."""
    return (later - earlier).days


def _within(run: Callable[[int, int], int | None]) -> Overload:
    """On ints, with no value beyond 64 bits."""

    def checked(left: int, right: int) -> int | None:
        found = run(left, right)
        return found if found is not None and LEAST_INT <= found <= GREATEST_INT else None

    return Overload(Type.INT, checked)


def _unsigned(run: Callable[[int, int], int | None]) -> Overload:
    def checked(left: int, right: int) -> UInt | None:
        found = run(int(left), int(right))
        return UInt(found) if found is not None and 0 <= found <= GREATEST_UINT else None

    return Overload(Type.UINT, checked)


def _on_numbers(run: Callable[[Any, Any], Any], on_doubles: Callable[[Any, Any], Any] | None) -> Mapping[Any, Overload]:
    found = {("int", "int"): _within(run), ("uint", "uint"): _unsigned(run)}
    return found | ({("double", "double"): Overload(Type.DOUBLE, on_doubles)} if on_doubles else {})


def machine_remainder(left: int, right: int) -> int | None:
    """CEL's ints are those of the machine, where the quotient of the least one and -1 does not fit."""
    return None if (left, right) == (LEAST_INT, -1) else remainder(left, right)


def _concatenation(left: Any, right: Any) -> list[Any]:
    return [*left, *right]


TIMESTAMP, DURATION, DATE = Type.TIMESTAMP, Type.DURATION, Type.DATE

ARITHMETIC: Mapping[str, Mapping[tuple[str, str], Overload]] = MappingProxyType(
    {
        "+": {
            **_on_numbers(operator.add, operator.add),
            ("string", "string"): Overload(Type.STRING, operator.add),
            ("bytes", "bytes"): Overload(Type.BYTES, operator.add),
            ("list", "list"): Overload(Type.LIST, _concatenation),
            ("timestamp", "duration"): Overload(TIMESTAMP, moments.later),
            ("duration", "timestamp"): Overload(TIMESTAMP, lambda by, at: moments.later(at, by)),
            ("duration", "duration"): Overload(DURATION, moments.longer),
            ("date", "duration"): Overload(DATE, moments.day_later),
        },
        "-": {
            **_on_numbers(operator.sub, operator.sub),
            ("timestamp", "duration"): Overload(TIMESTAMP, moments.earlier),
            ("timestamp", "timestamp"): Overload(DURATION, moments.between),
            ("duration", "duration"): Overload(DURATION, moments.shorter),
            ("date", "duration"): Overload(DATE, moments.day_earlier),
            ("date", "date"): Overload(Type.INT, days_between),
        },
        "*": _on_numbers(operator.mul, operator.mul),
        "/": _on_numbers(quotient, ratio),
        "%": _on_numbers(machine_remainder, None),
    }
)
"""Operator -> names of the two types -> overload. A list gives a list of what both hold."""


def fitting(symbol: str, left: Type, right: Type) -> list[Overload]:
    """The overloads for operands of these types; a type that is open fits any."""
    return [
        overload
        for (one, other), overload in ARITHMETIC[symbol].items()
        if (left.is_open or left.base == one) and (right.is_open or right.base == other)
    ]
