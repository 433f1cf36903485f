"""Operations on values whose type is known only when the expression is evaluated; None where there is no such operation."""

import operator
from collections.abc import Mapping, Sequence
from typing import Any

from risk_rules.expressions.cost import AT_ONCE, Meter
from risk_rules.expressions.overloads import ARITHMETIC, ORDERED
from risk_rules.expressions.types import ALL_NUMBERS, kind_of

KEYS = ("bool", "int", "uint", "string", "date")
MISSING = object()


def arithmetic(symbol: str, left: Any, right: Any) -> Any:
    overload = ARITHMETIC[symbol].get((kind_of(left), kind_of(right)))
    return None if overload is None else overload.run(left, right)


def add(left: Any, right: Any) -> Any:
    return arithmetic("+", left, right)


def subtract(left: Any, right: Any) -> Any:
    return arithmetic("-", left, right)


def multiply(left: Any, right: Any) -> Any:
    return arithmetic("*", left, right)


def divide(left: Any, right: Any) -> Any:
    return arithmetic("/", left, right)


def modulo(left: Any, right: Any) -> Any:
    return arithmetic("%", left, right)


def negate(value: Any) -> Any:
    return -value if kind_of(value) == "double" else arithmetic("-", 0, value) if kind_of(value) == "int" else None


def less(left: Any, right: Any) -> bool | None:
    """`<` of numbers of any kind, or of two values of one kind that has an order."""
    pair = _comparable(left, right)
    return None if pair is None else pair[0] < pair[1]


def at_most(left: Any, right: Any) -> bool | None:
    """`<=`, as `less`."""
    pair = _comparable(left, right)
    return None if pair is None else pair[0] <= pair[1]


def _comparable(left: Any, right: Any) -> tuple[Any, Any] | None:
    one, other = kind_of(left), kind_of(right)
    if one == other:
        return (left, right) if one in ORDERED else None
    return _as_numbers(left, right) if one in ALL_NUMBERS and other in ALL_NUMBERS else None


def _as_numbers(left: Any, right: Any) -> tuple[Any, Any]:
    """A whole number beside a double is made one, as CEL's libraries do, though great ones lose their last digits."""
    if isinstance(left, float) or isinstance(right, float):
        return float(left), float(right)
    return left, right


def equal(meter: Meter, left: Any, right: Any) -> bool:
    """Equality of CEL: numbers by their value whatever their kind, lists and maps by what is in them, else False."""
    meter.spend(1)
    one, other = kind_of(left), kind_of(right)
    if one != other:
        return one in ALL_NUMBERS and other in ALL_NUMBERS and operator.eq(*_as_numbers(left, right))
    if one == "list":
        return len(left) == len(right) and all(equal(meter, a, b) for a, b in zip(left, right, strict=True))
    if one == "map":
        return len(left) == len(right) and all(
            (found := look_up(right, key)) is not MISSING and equal(meter, value, found) for key, value in left.items()
        )
    if one in ("string", "bytes"):
        meter.spend(len(left) // AT_ONCE)
    return one == "null" or left == right


def member(meter: Meter, value: Any, collection: Any) -> bool | None:
    """`value in collection`: an item of a list or a key of a map."""
    kind = kind_of(collection)
    if kind == "map":
        return look_up(collection, value) is not MISSING if kind_of(value) in (*KEYS, "double") else None
    return any(equal(meter, value, item) for item in collection) if kind == "list" else None


def look_up(mapping: Mapping[Any, Any], key: Any) -> Any:
    """The value of a key, or MISSING. True is not 1, as it is for Python's own dictionaries."""
    kind = kind_of(key)
    if kind not in KEYS and kind != "double":
        return MISSING
    found = mapping.get(key, MISSING)
    if (
        found is not MISSING
        and key in (0, 1)
        and any(one == key and (kind == "bool") != isinstance(one, bool) for one in mapping)
    ):
        return MISSING
    return found


def index(operand: Any, key: Any) -> Any:
    """`operand[key]` of a list or map."""
    match kind_of(operand):
        case "map":
            found = look_up(operand, key)
            return None if found is MISSING else found
        case "list":
            return item(operand, key)
        case _:
            return None


def item(items: Sequence[Any], at: Any) -> Any:
    if kind_of(at) not in ALL_NUMBERS or at != at // 1 or not 0 <= at < len(items):
        return None
    return items[int(at)]


def field(operand: Any, name: str) -> Any:
    return index(operand, name) if kind_of(operand) == "map" else None


def present(operand: Any, name: str) -> bool | None:
    """`has(operand.name)`: what is there but not known is not present."""
    return operand.get(name) is not None if kind_of(operand) == "map" else None


def mapping(keys: Sequence[Any], values: Sequence[Any]) -> dict[Any, Any] | None:
    """The map of the keys and values; None for a key that is none, or is there twice."""
    if any(kind_of(key) not in KEYS for key in keys):
        return None
    made = dict(zip(keys, values, strict=True))
    return made if len(made) == len(keys) else None
