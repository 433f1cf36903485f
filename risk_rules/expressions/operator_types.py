"""The types that operators take and give."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from risk_rules.expressions.fault import ExpressionError
from risk_rules.expressions.overloads import ARITHMETIC, ORDERED, fitting
from risk_rules.expressions.syntax import Binary, Call, Conditional, ListOf, Measure, Name, Node, Unary
from risk_rules.expressions.types import ALL_NUMBERS, MAY_BE_NULL, NUMBERS, Type, join
from risk_rules.expressions.units import PERCENT, as_duration, in_unit, unit_named

if TYPE_CHECKING:
    from risk_rules.expressions.checker import Checker

NAMED_BY_UNIT = ("min", "max", "coalesce", "abs", "clamp", "round", "floor", "ceil")
"""Functions whose result counts in the unit of what they are given."""


def binary(checker: "Checker", node: Binary) -> Type:
    for measured, other in ((node.left, node.right), (node.right, node.left)):
        if isinstance(measured, Measure) and node.operator not in ("*", "/", "%"):
            _settle(checker, measured, other)
    match node.operator:
        case "in":
            return _membership(checker, node)
        case "==" | "!=":
            return _equality(checker, node)
        case "<" | "<=" | ">" | ">=":
            return _order(checker, node)
        case _:
            return _arithmetic(checker, node)


def measure(checker: "Checker", node: Measure) -> Type:
    """A part of a hundred, or a duration; beside a number in a unit of time it is settled before this is asked."""
    if node.unit == PERCENT:
        checker.settled[id(node)] = node.number / 100
        return Type.DOUBLE
    length = as_duration(node.number, node.unit)
    if length is None:
        raise ExpressionError(node.start, "longer than 10,000 years", "write a shorter time", end=node.end)
    checker.settled[id(node)] = length
    return Type.DURATION


def _settle(checker: "Checker", node: Measure, beside: Node) -> None:
    """A measure beside a number takes the unit in which that number counts."""
    if checker.type(beside) not in ALL_NUMBERS:
        return
    unit = next((unit for unit in _units(checker, beside)), "")
    known = unit_named(unit)
    if node.unit == PERCENT:
        value = node.number if unit == PERCENT else node.number / 100
    elif known is not None:
        value = in_unit(node.number, node.unit, known)
    else:
        counted = f"counts in {unit}" if unit else "has no unit of time"
        hint = "write a plain number, or use a feature in a unit of time"
        raise ExpressionError(node.start, f"a time stands beside a number that {counted}", hint, end=node.end)
    checker.settled[id(node)] = value
    checker.types[id(node)] = Type.INT if isinstance(value, int) else Type.DOUBLE


def _units(checker: "Checker", node: Node) -> Iterator[str]:
    """The units of the features and constants that a number is made of, nearest first."""
    match node:
        case Name() if node.name not in checker.variables:
            if unit := checker.environment.units.get(node.name):
                yield unit
        case Unary():
            yield from _units(checker, node.operand)
        case Binary(operator="+" | "-"):
            yield from _units(checker, node.left)
            yield from _units(checker, node.right)
        case Conditional():
            yield from _units(checker, node.then)
            yield from _units(checker, node.otherwise)
        case Call() if node.function in NAMED_BY_UNIT:
            for argument in node.arguments:
                yield from _units(checker, argument)
        case _:
            return


def _arithmetic(checker: "Checker", node: Binary) -> Type:
    symbol = node.operator
    if symbol == "%" and Type.DOUBLE in (checker.type(node.left), checker.type(node.right)):
        raise ExpressionError(node.at, "% takes ints", "wrap doubles in int()")
    taken = [Type(one) for one in dict.fromkeys(one for one, _ in ARITHMETIC[symbol])]
    left = checker.need(node.left, [_example(one) for one in taken], symbol)
    right = checker.type(node.right)
    checker.refuse_null(node.right)
    if {left, right} == set(NUMBERS) and symbol != "%":
        return Type.DOUBLE
    found = fitting(symbol, left, right)
    if not found:
        raise _misfit(checker, node, left, right)
    # What is in an empty list is of any type, so of the first that fits, as in CEL's own libraries.
    gives = {overload.gives for overload in (found[:1] if Type.FREE in (left, right) else found)}
    if left.base == "list" or right.base == "list":
        checker.metered = True
        joined = left if right.is_open else right if left.is_open else join(left, right)
        if joined is None:
            raise _misfit(checker, node, left, right)
        return joined
    if left.is_open or right.is_open:
        checker.metered = True
    return gives.pop() if len(gives) == 1 else Type.DYN


def _example(base: Type) -> Type:
    return Type.LIST if base == "list" else base


def _misfit(checker: "Checker", node: Binary, left: Type, right: Type) -> ExpressionError:
    symbol = node.operator
    others = [_example(Type(other)) for one, other in ARITHMETIC[symbol] if one == left.base]
    wanted = " or ".join(one.named for one in ([left] if left.base == "list" else others))
    message = f"{symbol} after {left.named} takes {wanted}, not {right.named}"
    return ExpressionError(node.right.start, message, _way_out(left, right), end=node.right.end)


def _way_out(left: Type, right: Type) -> str:
    if left == Type.STRING:
        return "make a text of it: string(...)"
    if {left, right} == {Type.INT, Type.UINT}:
        return "make an int of it: int(...)"
    return "write a time with its unit, like 5 d" if left in (Type.TIMESTAMP, Type.DATE) else ""


def _order(checker: "Checker", node: Binary) -> Type:
    left = checker.need(node.left, ORDERED, node.operator)
    if left.is_open:
        checker.need(node.right, ORDERED, node.operator)
    else:
        wanted = NUMBERS if left in NUMBERS else (left,)
        checker.need(node.right, wanted, f"{node.operator} after {left.named}")
    return Type.BOOL


def _equality(checker: "Checker", node: Binary) -> Type:
    left, right = checker.type(node.left), checker.type(node.right)
    if Type.NULL in (left, right):
        other, kind = (node.right, right) if left == Type.NULL else (node.left, left)
        if kind not in MAY_BE_NULL and not is_feature(checker, other):
            hint = "compare the feature itself with null"
            raise ExpressionError(other.start, "only a feature can be null", hint, end=other.end)
        checker.metered = checker.metered or not is_feature(checker, other)
        return Type.BOOL
    if not (left.is_open or right.is_open):
        checker.refuse_null(node.left)
        checker.refuse_null(node.right)
    if join(left, right) is None and not {left, right} <= set(NUMBERS):
        message = f"{left.named} can never equal {right.named}"
        raise ExpressionError(node.at, message, "compare values of one type", end=node.end)
    checker.metered = checker.metered or not (left.is_plain and right.is_plain)
    return Type.BOOL


def is_feature(checker: "Checker", node: Node) -> bool:
    return isinstance(node, Name) and node.name not in checker.variables and node.name in checker.features


def _membership(checker: "Checker", node: Binary) -> Type:
    if isinstance(node.right, ListOf) and node.right.items and not _in_mixed_list(checker, node.right):
        checker.common((node.left, *node.right.items), "the list has values of another type")
        found = checker.type(node.right)
    else:
        found = checker.need(node.right, (Type.LIST, Type.MAP), "in")
    left = checker.type(node.left)
    if found.parameters and join(left, found.parameters[0]) is None and not {left, found.parameters[0]} <= set(NUMBERS):
        message = f"{left.named} can never be in {found.named}"
        raise ExpressionError(node.at, message, "look for a value of the type of the items", end=node.end)
    checker.metered = checker.metered or not is_tuple(checker.types, node)
    return Type.BOOL


def _in_mixed_list(checker: "Checker", items: ListOf) -> bool:
    item = checker.type(items).parameters[0]
    return item.is_open or item == Type.NULL


def is_tuple(types: "dict[int, Type]", node: Binary) -> bool:
    """Whether the list of an `in` is written there, of values that Python compares as CEL does."""
    right = node.right
    return (
        isinstance(right, ListOf)
        and bool(right.items)
        and all(types[id(part)].is_plain for part in (node.left, *right.items))
    )
