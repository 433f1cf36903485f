"""The types that functions, macros, maps and indexes take and give."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from risk_rules.expressions.fault import ExpressionError
from risk_rules.expressions.functions import FUNCTIONS, METHODS, Function
from risk_rules.expressions.syntax import Call, Comprehension, Index, Literal, MapOf, Name, Node, Select
from risk_rules.expressions.types import Type, common
from risk_rules.problems import did_you_mean

if TYPE_CHECKING:
    from risk_rules.expressions.checker import Checker

SPECIAL = ("has", "coalesce")
_SOME_MOMENT = datetime(2026, 5, 3, tzinfo=UTC)
KEYS = (Type.BOOL, Type.INT, Type.UINT, Type.STRING)


def call(checker: "Checker", node: Call) -> Type:
    if node.receiver is None and node.function in SPECIAL:
        return _special(checker, node)
    known = FUNCTIONS if node.receiver is None else METHODS
    function = known.get(node.function)
    if function is None:
        hint = did_you_mean(node.function, [*known, *SPECIAL]) or f"known are {', '.join(sorted(known))}"
        raise ExpressionError(node.start, f"there is no function {node.function}", hint, end=node.end)
    arguments = node.arguments if node.receiver is None else (node.receiver, *node.arguments)
    _count(node, function, len(arguments))
    for index, argument in enumerate(arguments):
        if takes := function.takes[min(index, len(function.takes) - 1)]:
            checker.need(argument, takes, node.function)
        else:
            checker.type(argument)
    if function.literal:
        _check_literal(checker, node, function, arguments)
    checker.metered = checker.metered or any(not checker.types[id(one)].is_plain for one in arguments)
    return function.gives or checker.common(arguments, f"{node.function} takes values of one type")


def _check_literal(checker: "Checker", node: Call, function: Function, arguments: tuple[Node, ...]) -> None:
    """A text that can never be what the function reads from it is a fault of the rule."""
    *_, last = arguments
    if not isinstance(last, Literal) or not isinstance(last.value, str):
        return
    others = ["" if takes == (Type.STRING,) else _SOME_MOMENT for takes in function.takes[: len(arguments) - 1]]
    if function.run(*others, last.value) is None:
        message = f"{last.value!r} is no {function.literal}"
        raise ExpressionError(last.start, message[:200], "correct it", end=last.end)


def _count(node: Call, function: Function, given: int) -> None:
    wanted = len(function.takes)
    if wanted - function.optional <= given <= wanted or (function.many and given > wanted):
        return
    least = "at least " if function.many else "at most " if function.optional and given > wanted else ""
    of_receiver = 0 if node.receiver is None else 1
    message = f"{node.function} takes {least}{wanted - of_receiver} values, not {given - of_receiver}"
    raise ExpressionError(node.start, message, end=node.end)


def _special(checker: "Checker", node: Call) -> Type:
    if node.function == "has":
        argument = node.arguments[0] if len(node.arguments) == 1 else None
        if not isinstance(argument, Name | Select):
            message = "has takes the name of one feature, or a field of a map"
            raise ExpressionError(node.start, message, "write has(shortage_on)", end=node.end)
        checker.type(argument)
        return Type.BOOL
    if len(node.arguments) < 2:
        hint = "write coalesce(lead_time_days, 30)"
        raise ExpressionError(node.start, "coalesce takes at least 2 values", hint, end=node.end)
    return checker.common(node.arguments, "coalesce takes values of one type")


def qualified(node: Node) -> str:
    """`a.b.c` as one name, empty for what is none."""
    names: list[str] = []
    while isinstance(node, Select):
        names.append(node.field)
        node = node.operand
    return ".".join([node.name, *reversed(names)]) if isinstance(node, Name) else ""


def mapping(checker: "Checker", node: MapOf) -> Type:
    seen: set[tuple[type, object]] = set()
    for key in node.keys:
        checker.need(key, KEYS, "a key of a map")
        if isinstance(key, Literal):
            if (type(key.value), key.value) in seen:
                raise ExpressionError(key.start, f"the key {key.value!r} is there already", "remove one", end=key.end)
            seen.add((type(key.value), key.value))
    keys, values = ([checker.held(one) for one in part] for part in (node.keys, node.values))
    return Type.map(common(keys), common(values))


def index(checker: "Checker", node: Index) -> Type:
    operand = checker.need(node.operand, (Type.LIST, Type.MAP), "[ ]")
    if operand.is_open:
        checker.type(node.key)
        return Type.DYN
    if operand.base == "list":
        checker.need(node.key, (Type.INT,), "the place in a list")
    else:
        checker.need(node.key, (operand.parameters[0],), "the key of this map")
    return operand.parameters[-1]


def comprehension(checker: "Checker", node: Comprehension) -> Type:
    source = checker.need(node.source, (Type.LIST, Type.MAP), node.macro)
    checker.metered = True
    item = Type.DYN if source.is_open else source.parameters[0]
    outside = checker.variables
    checker.variables = {**outside, node.variable: item}
    *conditions, last = node.bodies
    for condition in conditions if node.macro == "map" else node.bodies:
        checker.need(condition, (Type.BOOL,), node.macro)
    made = checker.held(last)
    checker.variables = outside
    match node.macro:
        case "map":
            return Type.list(made)
        case "filter":
            return Type.list(item)
        case _:
            return Type.BOOL
