"""The functions of the language: what they take, what they give and what they do.

Each gets known values only; one that cannot give a value for them returns None, which is unknown.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any

from risk_rules.expressions.lexer import GREATEST_INT, LEAST_INT
from risk_rules.expressions.types import NUMBERS, Type

MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """`takes` are the types that each argument may have; with `many` the last of them repeats.

    `gives` is the type of the result; None says: that of the arguments (double if int and double are mixed).
    `certain` says that known arguments always give a value.
    """

    takes: tuple[tuple[Type, ...], ...]
    gives: Type | None
    run: Callable[..., Any]
    many: bool = False
    certain: bool = True


def clamp(value: float, least: float, greatest: float) -> float:
    """`value`, but not below `least` nor above `greatest`."""
    return least if value < least else min(value, greatest)


def rounded(value: float) -> float:
    """The nearest whole number, halves away from zero, as a double."""
    return math.copysign(math.floor(abs(value) + 0.5), value) if math.isfinite(value) else float(value)


def floor(value: float) -> float:
    return float(math.floor(value)) if math.isfinite(value) else float(value)


def ceil(value: float) -> float:
    return float(math.ceil(value)) if math.isfinite(value) else float(value)


def whole(value: float | str) -> int | None:
    """An int, cut towards zero; unknown when it is none or beyond 64 bits."""
    try:
        number = int(value)
    except (ValueError, OverflowError):
        return None
    return number if LEAST_INT <= number <= GREATEST_INT else None


def double(value: float | str) -> float | None:
    try:
        return float(value)
    except (ValueError, OverflowError):
        return None


def text(value: bool | int | float | str | date) -> str:
    """As CEL writes it; a date as people do, `3 May 2026`; a double that is whole without its fraction."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return repr(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, date):
        return day_in_words(value)
    return str(value)


def day_in_words(day: date) -> str:
    """`3 May 2026`, whatever the language of the machine."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def quotient(left: int, right: int) -> int:
    """Division of ints, cut towards zero. `right` is not 0."""
    found = abs(left) // abs(right)
    return found if (left < 0) == (right < 0) else -found


def remainder(left: int, right: int) -> int:
    """What `quotient` leaves; it has the sign of `left`. `right` is not 0."""
    return left - right * quotient(left, right)


def days_between(later: date, earlier: date) -> int:
    """`later - earlier` in days."""
    return (later - earlier).days


def conjunction(*values: bool | None) -> bool | None:
    """`&&`: false if one is false, else unknown if one is unknown."""
    return False if False in values else None if None in values else True


def disjunction(*values: bool | None) -> bool | None:
    """`||`: true if one is true, else unknown if one is unknown."""
    return True if True in values else None if None in values else False


TEXT, DAY_OR_NUMBER = (Type.STRING,), (*NUMBERS, Type.DATE)

FUNCTIONS: Mapping[str, Function] = MappingProxyType(
    {
        "min": Function(takes=(DAY_OR_NUMBER, DAY_OR_NUMBER), gives=None, run=min, many=True),
        "max": Function(takes=(DAY_OR_NUMBER, DAY_OR_NUMBER), gives=None, run=max, many=True),
        "abs": Function(takes=(NUMBERS,), gives=None, run=abs),
        "clamp": Function(takes=(NUMBERS, NUMBERS, NUMBERS), gives=None, run=clamp),
        "round": Function(takes=(NUMBERS,), gives=Type.DOUBLE, run=rounded),
        "floor": Function(takes=(NUMBERS,), gives=Type.DOUBLE, run=floor),
        "ceil": Function(takes=(NUMBERS,), gives=Type.DOUBLE, run=ceil),
        "size": Function(takes=(TEXT,), gives=Type.INT, run=len),
        "int": Function(takes=((*NUMBERS, Type.STRING),), gives=Type.INT, run=whole, certain=False),
        "double": Function(takes=((*NUMBERS, Type.STRING),), gives=Type.DOUBLE, run=double, certain=False),
        "string": Function(takes=((Type.BOOL, *DAY_OR_NUMBER, Type.STRING),), gives=Type.STRING, run=text),
    }
)

METHODS: Mapping[str, Function] = MappingProxyType(
    {
        "startsWith": Function(takes=(TEXT, TEXT), gives=Type.BOOL, run=str.startswith),
        "endsWith": Function(takes=(TEXT, TEXT), gives=Type.BOOL, run=str.endswith),
        "contains": Function(takes=(TEXT, TEXT), gives=Type.BOOL, run=str.__contains__),
        "size": Function(takes=(TEXT,), gives=Type.INT, run=len),
    }
)
"""Functions that stand behind their first argument: `material.startsWith("RM-")`."""
