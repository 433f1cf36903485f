"""The functions of the language: what they take, what they give and what they do.

Each gets known values only; one that cannot give a value for them returns None, which is unknown.
"""

import math
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from risk_rules.expressions import conversions, moments, patterns
from risk_rules.expressions.conversions import day_in_words
from risk_rules.expressions.literals import LEAST_INT
from risk_rules.expressions.types import ALL_NUMBERS, KINDS, NUMBERS, Type, kind_of

__all__ = ["FUNCTIONS", "METHODS", "Function", "day_in_words"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """`takes` are the types that each argument may have, () for any; with `many` the last of them repeats.

    `gives` is the type of the result; None says: that of the arguments (double if int and double are mixed).
    `optional` says how many of the last arguments may be left out. `certain` says that known arguments always give a
    value. `literal` says what a text is that is given to it literally: one for which there is no value is a fault.
    """

    takes: tuple[tuple[Type, ...], ...]
    gives: Type | None
    run: Callable[..., Any]
    many: bool = False
    optional: int = 0
    certain: bool = True
    literal: str = ""


def clamp(value: float, least: float, greatest: float) -> float:
    """`value`, but not below `least` nor above `greatest`."""
    return least if value < least else min(value, greatest)


def absolute(value: float) -> float | None:
    return None if value == LEAST_INT and isinstance(value, int) else abs(value)


def rounded(value: float) -> float:
    """The nearest whole number, halves away from zero, as a double."""
    return math.copysign(math.floor(abs(value) + 0.5), value) if math.isfinite(value) else float(value)


def floor(value: float) -> float:
    return float(math.floor(value)) if math.isfinite(value) else float(value)


def ceil(value: float) -> float:
    return float(math.ceil(value)) if math.isfinite(value) else float(value)


def type_name(value: Any) -> Type:
    return _NAMED_KINDS[kind_of(value)]


def itself(value: Any) -> Any:
    return value


TYPE_NAMES: Mapping[str, Type] = MappingProxyType(
    {str(kind): kind for kind in KINDS.values() if kind not in ("timestamp", "duration", "null")}
    | {
        "null_type": Type.NULL,
        "google.protobuf.Timestamp": Type.TIMESTAMP,
        "google.protobuf.Duration": Type.DURATION,
    }
)
"""The names of types as values: `type(x) == int`."""
_NAMED_KINDS = {str(kind): kind for kind in KINDS.values()}

TEXT, MOMENT, SPAN, DAY = (Type.STRING,), Type.TIMESTAMP, Type.DURATION, Type.DATE
ORDERED_MANY = (*ALL_NUMBERS, DAY, MOMENT, SPAN)
SIZED = (Type.STRING, Type.BYTES, Type.LIST, Type.MAP)

_size = Function(takes=(SIZED,), gives=Type.INT, run=len)
_matches = Function(
    takes=(TEXT, TEXT), gives=Type.BOOL, run=patterns.matches, certain=False, literal="regular expression"
)


def _conversion(
    gives: Type, run: Callable[..., Any], *takes: Type, certain: bool = False, literal: str = ""
) -> Function:
    return Function(takes=(takes,), gives=gives, run=run, certain=certain, literal=literal)


FUNCTIONS: Mapping[str, Function] = MappingProxyType(
    {
        "min": Function(takes=(ORDERED_MANY, ORDERED_MANY), gives=None, run=min, many=True),
        "max": Function(takes=(ORDERED_MANY, ORDERED_MANY), gives=None, run=max, many=True),
        "abs": Function(takes=(NUMBERS,), gives=None, run=absolute, certain=False),
        "clamp": Function(takes=(NUMBERS, NUMBERS, NUMBERS), gives=None, run=clamp),
        "round": Function(takes=(NUMBERS,), gives=Type.DOUBLE, run=rounded),
        "floor": Function(takes=(NUMBERS,), gives=Type.DOUBLE, run=floor),
        "ceil": Function(takes=(NUMBERS,), gives=Type.DOUBLE, run=ceil),
        "size": _size,
        "matches": _matches,
        "bool": _conversion(Type.BOOL, conversions.truth, Type.BOOL, Type.STRING),
        "int": _conversion(Type.INT, conversions.whole, *ALL_NUMBERS, Type.STRING, MOMENT),
        "uint": _conversion(Type.UINT, conversions.unsigned, *ALL_NUMBERS, Type.STRING),
        "double": _conversion(Type.DOUBLE, conversions.double, *ALL_NUMBERS, Type.STRING),
        "bytes": _conversion(Type.BYTES, conversions.octets, Type.STRING, Type.BYTES),
        "string": _conversion(
            Type.STRING, conversions.text, Type.BOOL, *ALL_NUMBERS, Type.STRING, Type.BYTES, DAY, MOMENT, SPAN
        ),
        "timestamp": _conversion(
            MOMENT, conversions.timestamp, Type.STRING, Type.INT, MOMENT, DAY, literal="time like 2026-05-03T08:00:00Z"
        ),
        "duration": _conversion(SPAN, conversions.duration, Type.STRING, SPAN, literal="duration like 1h30m"),
        "date": Function(
            takes=((Type.STRING, MOMENT, DAY), TEXT),
            gives=DAY,
            run=moments.day_of,
            optional=1,
            certain=False,
            literal="date like 2026-05-03, nor a zone like Europe/Berlin",
        ),
        "type": Function(takes=((),), gives=Type.TYPE, run=type_name),
        "dyn": Function(takes=((),), gives=Type.DYN, run=itself),
    }
)


def _part(run: Callable[[Any], int], of_span: int | None = None) -> Function:
    return Function(
        takes=((MOMENT,) if of_span is None else (MOMENT, SPAN), TEXT),
        gives=Type.INT,
        run=moments.getter(run, of_span),
        optional=1,
        certain=False,
        literal="zone like Europe/Berlin or +02:00",
    )


METHODS: Mapping[str, Function] = MappingProxyType(
    {
        "startsWith": Function(takes=(TEXT, TEXT), gives=Type.BOOL, run=str.startswith),
        "endsWith": Function(takes=(TEXT, TEXT), gives=Type.BOOL, run=str.endswith),
        "contains": Function(takes=(TEXT, TEXT), gives=Type.BOOL, run=operator.contains),
        "matches": _matches,
        "size": _size,
        "getFullYear": _part(lambda at: at.year),
        "getMonth": _part(lambda at: at.month - 1),
        "getDate": _part(lambda at: at.day),
        "getDayOfMonth": _part(lambda at: at.day - 1),
        "getDayOfWeek": _part(lambda at: at.isoweekday() % 7),
        "getDayOfYear": _part(lambda at: at.timetuple().tm_yday - 1),
        "getHours": _part(lambda at: at.hour, 3_600_000_000),
        "getMinutes": _part(lambda at: at.minute, 60_000_000),
        "getSeconds": _part(lambda at: at.second, 1_000_000),
        "getMilliseconds": _part(lambda at: at.microsecond // 1000, 1000),
    }
)
"""Functions that stand behind their first argument: `material.startsWith("RM-")`. Parts of a moment count from 0 as in
CEL, but for `getDate` and `getFullYear`; the week begins with Sunday."""
