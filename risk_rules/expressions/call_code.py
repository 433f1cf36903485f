"""Writes calls of functions and macros, lists, maps, fields and indexes."""

import ast
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from risk_rules.expressions import dynamic, functions, macros
from risk_rules.expressions.python_tree import Operand, function_of, is_known, keep, load
from risk_rules.expressions.syntax import Call, Comprehension, Index, ListOf, MapOf, Node, Select, walk
from risk_rules.expressions.types import Type

if TYPE_CHECKING:
    from risk_rules.expressions.compiler import Writer

TESTS: Mapping[str, tuple[str, Callable[..., object]]] = {
    "exists": ("exists", macros.exists),
    "exists_one": ("exists_one", macros.exists_one),
    "all": ("every", macros.every),
    "filter": ("kept_items", macros.kept_items),
}


def called(writer: "Writer", node: Call) -> Operand:
    if node.receiver is None and node.function == "has":
        return _has(writer, node.arguments[0])
    if node.receiver is None and node.function == "coalesce":
        return _first_known(writer, node.arguments)
    function = (functions.FUNCTIONS if node.receiver is None else functions.METHODS)[node.function]
    parts = node.arguments if node.receiver is None else (node.receiver, *node.arguments)
    operands: list[Operand] = []
    for at, part in enumerate(parts):
        takes = function.takes[min(at, len(function.takes) - 1)]
        operands.append(writer.narrowed(part, takes) if takes else writer.operand(part))
    guards = tuple(guard for operand in operands for guard in operand.guards)
    name = node.function if node.receiver is None else f"of_{node.function}"
    value = writer.run(name, function.run, *(operand.value for operand in operands))
    if writer.is_metered and writer.types[id(node)] in (Type.STRING, Type.BYTES):
        value = writer.paid(value)
    if function.certain:
        return Operand(value, guards)
    found = writer.unless_unknown(value)
    return Operand(found.value, (*guards, *found.guards))


def _has(writer: "Writer", argument: Node) -> Operand:
    if not isinstance(argument, Select) or id(argument) in writer.settled:
        return Operand(is_known(writer.value(argument)))
    operand = writer.operand(argument.operand)
    tested = writer.run("present", dynamic.present, operand.value, ast.Constant(argument.field))
    found = writer.unless_unknown(tested)
    return Operand(found.value, (*operand.guards, *found.guards))


def _first_known(writer: "Writer", arguments: Sequence[Node]) -> Operand:
    *first, last = arguments
    written = writer.value(last)
    for argument in reversed(first):
        kept = writer.emitter.numbered("t")
        known = is_known(keep(kept, writer.value(argument)))
        written = ast.IfExp(known, load(kept), written)
    return writer.unless_unknown(written)


def list_of(writer: "Writer", node: ListOf) -> Operand:
    items = [writer.operand(item) for item in node.items]
    guards = tuple(guard for item in items for guard in item.guards)
    return Operand(ast.List([item.value for item in items], ast.Load()), guards)


def map_of(writer: "Writer", node: MapOf) -> Operand:
    keys = [writer.operand(key) for key in node.keys]
    values = [writer.operand(value) for value in node.values]
    guards = tuple(guard for part in (*keys, *values) for guard in part.guards)
    both = (ast.Tuple([part.value for part in side], ast.Load()) for side in (keys, values))
    found = writer.unless_unknown(writer.run("mapping", dynamic.mapping, *both))
    return Operand(found.value, (*guards, *found.guards))


def taken(writer: "Writer", node: Select | Index) -> Operand:
    """A value out of a list or map."""
    operand = writer.operand(node.operand)
    if isinstance(node, Select):
        found = writer.unless_unknown(
            writer.run("field", dynamic.field, operand.value, ast.Constant(node.field)),
        )
        return Operand(found.value, (*operand.guards, *found.guards))
    key = writer.operand(node.key)
    found = writer.unless_unknown(writer.run("index", dynamic.index, operand.value, key.value))
    return Operand(found.value, (*operand.guards, *key.guards, *found.guards))


def comprehension(writer: "Writer", node: Comprehension) -> Operand:
    source = writer.operand(node.source)
    variable = writer.emitter.numbered("v")
    outside = writer.variables
    writer.variables = {**outside, node.variable: variable}
    bodies = [_body(writer, node, at, body, variable) for at, body in enumerate(node.bodies)]
    writer.variables = outside
    weight = ast.Constant(1 + sum(1 for body in node.bodies for _ in walk(body)))
    if node.macro == "map":
        if len(bodies) == 1:
            bodies.insert(0, ast.Constant(None))
        value = writer.metered("mapped", macros.mapped, weight, source.value, *bodies)
    else:
        name, run = TESTS[node.macro]
        value = writer.metered(name, run, weight, source.value, *bodies)
    found = writer.unless_unknown(value)
    return Operand(found.value, (*source.guards, *found.guards))


def _body(writer: "Writer", node: Comprehension, at: int, body: Node, variable: str) -> ast.expr:
    """A function of the item; a condition gives a truth value or None."""
    gives_item = node.macro == "map" and at == len(node.bodies) - 1
    return function_of(variable, writer.value(body) if gives_item else writer.narrowed(body, (Type.BOOL,)).written())
