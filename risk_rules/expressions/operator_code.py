"""Writes operators: as Python's own where Python does as CEL does, else as calls."""

import ast
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from risk_rules.expressions import dynamic, overloads
from risk_rules.expressions.literals import GREATEST_INT, LEAST_INT
from risk_rules.expressions.operator_types import is_tuple
from risk_rules.expressions.python_tree import UNKNOWN, Operand, compared, keep, load
from risk_rules.expressions.syntax import Binary, ListOf, Name, Node, Unary
from risk_rules.expressions.types import NUMBERS, Type

if TYPE_CHECKING:
    from risk_rules.expressions.compiler import Writer

RELATIONS: Mapping[str, type[ast.cmpop]] = {
    "<": ast.Lt,
    "<=": ast.LtE,
    ">": ast.Gt,
    ">=": ast.GtE,
    "==": ast.Eq,
    "!=": ast.NotEq,
    "in": ast.In,
}
INLINE: Mapping[str, type[ast.operator]] = {"+": ast.Add, "-": ast.Sub, "*": ast.Mult, "/": ast.Div}
DYNAMIC: Mapping[str, tuple[str, Callable[..., object]]] = {
    "+": ("add", dynamic.add),
    "-": ("subtract", dynamic.subtract),
    "*": ("multiply", dynamic.multiply),
    "/": ("divide", dynamic.divide),
    "%": ("modulo", dynamic.modulo),
}


def relation(writer: "Writer", node: Binary) -> Operand:
    types = writer.types
    left, right = types[id(node.left)], types[id(node.right)]
    if node.operator == "in":
        return _written_list(writer, node) if is_tuple(dict(types), node) else _membership(writer, node)
    if node.operator in ("==", "!="):
        return _equality(writer, node)
    one, other = writer.operand(node.left), writer.operand(node.right)
    guards = (*one.guards, *other.guards)
    if left.is_open or right.is_open:
        name, run = ("less", dynamic.less) if node.operator in "<>" else ("at_most", dynamic.at_most)
        operands = (one.value, other.value) if node.operator[0] == "<" else (other.value, one.value)
        found = writer.unless_unknown(writer.run(name, run, *operands))
        return Operand(found.value, (*guards, *found.guards))
    return Operand(compared(one.value, RELATIONS[node.operator](), other.value), guards)


def _equality(writer: "Writer", node: Binary) -> Operand:
    left, right = writer.types[id(node.left)], writer.types[id(node.right)]
    if Type.NULL in (left, right):
        other = node.right if left == Type.NULL else node.left
        if isinstance(other, Name) and _is_feature(writer, other):
            same = ast.Is() if node.operator == "==" else ast.IsNot()
            return Operand(compared(writer.name(other), same, UNKNOWN))
    if left.is_plain and right.is_plain:
        one, other = _by_value(writer, node.left), _by_value(writer, node.right)
        value = compared(one.value, RELATIONS[node.operator](), other.value)
    else:
        one, other = writer.operand(node.left), writer.operand(node.right)
        value = writer.metered("equal", dynamic.equal, one.value, other.value)
        if node.operator == "!=":
            value = ast.UnaryOp(ast.Not(), value)
    return Operand(value, (*one.guards, *other.guards))


def _is_feature(writer: "Writer", node: Node) -> bool:
    return isinstance(node, Name) and node.name not in writer.variables and not writer.is_constant(node)


def _by_value(writer: "Writer", node: Node) -> Operand:
    """An operand of an equality: a feature that is null is compared as null and needs no guard."""
    return Operand(writer.name(node)) if isinstance(node, Name) and _is_feature(writer, node) else writer.operand(node)


def _written_list(writer: "Writer", node: Binary) -> Operand:
    left = _by_value(writer, node.left)
    items = [_by_value(writer, item) for item in node.right.items] if isinstance(node.right, ListOf) else []
    guards = (*left.guards, *(guard for item in items for guard in item.guards))
    return Operand(compared(left.value, ast.In(), ast.Tuple([item.value for item in items], ast.Load())), guards)


def _membership(writer: "Writer", node: Binary) -> Operand:
    left, right = writer.operand(node.left), writer.operand(node.right)
    found = writer.unless_unknown(writer.metered("member", dynamic.member, left.value, right.value))
    return Operand(found.value, (*left.guards, *right.guards, *found.guards))


def unary(writer: "Writer", node: Unary) -> Operand:
    if node.operator == "!":
        operand = writer.narrowed(node.operand, (Type.BOOL,))
        return Operand(ast.UnaryOp(ast.Not(), operand.value), operand.guards)
    operand = writer.operand(node.operand)
    if writer.types[id(node.operand)].is_open:
        found = writer.unless_unknown(writer.run("negate", dynamic.negate, operand.value))
        return Operand(found.value, (*operand.guards, *found.guards))
    return _bounded(writer, node, Operand(ast.UnaryOp(ast.USub(), operand.value), operand.guards))


def arithmetic(writer: "Writer", node: Binary) -> Operand:
    left, right = writer.operand(node.left), writer.operand(node.right)
    types = {writer.types[id(node.left)], writer.types[id(node.right)]}
    if not (types <= set(NUMBERS) or types == {Type.STRING}):
        return _by_kind(writer, node, left, right)
    if node.operator in "/%" and not (isinstance(right.value, ast.Constant) and right.value.value):
        right = _not_zero(writer, right)
    guards = (*left.guards, *right.guards)
    if node.operator in "/%" and Type.DOUBLE not in types:
        name, run = (
            ("quotient", overloads.quotient) if node.operator == "/" else ("remainder", overloads.machine_remainder)
        )
        found = writer.unless_unknown(writer.run(name, run, left.value, right.value))
        return _bounded(writer, node, Operand(found.value, (*guards, *found.guards)))
    value: ast.expr = ast.BinOp(left.value, INLINE[node.operator](), right.value)
    if types == {Type.STRING} and writer.is_metered:
        value = writer.paid(value)
    return _bounded(writer, node, Operand(value, guards))


def _by_kind(writer: "Writer", node: Binary, left: Operand, right: Operand) -> Operand:
    name, run = DYNAMIC[node.operator]
    value = writer.run(name, run, left.value, right.value)
    if writer.is_metered:
        value = writer.paid(value)
    found = writer.unless_unknown(value)
    return Operand(found.value, (*left.guards, *right.guards, *found.guards))


def _not_zero(writer: "Writer", operand: Operand) -> Operand:
    kept = writer.emitter.numbered("t")
    differs = compared(keep(kept, operand.value), ast.NotEq(), ast.Constant(0))
    return Operand(load(kept), (*operand.guards, differs))


def _bounded(writer: "Writer", node: Node, operand: Operand) -> Operand:
    """A whole number beyond 64 bits is unknown: CEL calls it an overflow."""
    if writer.types[id(node)] != Type.INT:
        return operand
    kept = writer.emitter.numbered("t")
    least, greatest = ast.Constant(LEAST_INT), ast.Constant(GREATEST_INT)
    within = ast.Compare(least, [ast.LtE(), ast.LtE()], [keep(kept, operand.value), greatest])
    return Operand(load(kept), (*operand.guards, within))
