"""Pieces of Python's own syntax tree that the compiler puts together."""

import ast
from collections.abc import Sequence
from dataclasses import dataclass

UNKNOWN = ast.Constant(None)


@dataclass(frozen=True, slots=True)
class Operand:
    """A value that may be unknown: `guards` hold when it is known, and then `value` is it."""

    value: ast.expr
    guards: tuple[ast.expr, ...] = ()

    def written(self) -> ast.expr:
        """The value, or None when unknown."""
        return ast.IfExp(both(self.guards), self.value, UNKNOWN) if self.guards else self.value


def load(name: str) -> ast.Name:
    return ast.Name(name, ast.Load())


def store(name: str) -> ast.Name:
    return ast.Name(name, ast.Store())


def keep(name: str, value: ast.expr) -> ast.expr:
    """`(name := value)`."""
    return ast.NamedExpr(store(name), value)


def call(function: ast.expr, *arguments: ast.expr) -> ast.expr:
    return ast.Call(function, list(arguments), [])


def compared(left: ast.expr, operator: ast.cmpop, right: ast.expr) -> ast.expr:
    return ast.Compare(left, [operator], [right])


def is_known(value: ast.expr) -> ast.expr:
    return compared(value, ast.IsNot(), UNKNOWN)


def is_true(value: ast.expr) -> ast.expr:
    return compared(value, ast.Is(), ast.Constant(True))


def is_false(value: ast.expr) -> ast.expr:
    return compared(value, ast.Is(), ast.Constant(False))


def both(conditions: Sequence[ast.expr]) -> ast.expr:
    """All of them joined by `and`."""
    return conditions[0] if len(conditions) == 1 else ast.BoolOp(ast.And(), list(conditions))


def any_of(conditions: Sequence[ast.expr]) -> ast.expr:
    return conditions[0] if len(conditions) == 1 else ast.BoolOp(ast.Or(), list(conditions))


def function_of(parameter: str, body: ast.expr) -> ast.expr:
    """`lambda parameter: body`."""
    return ast.Lambda(
        ast.arguments(posonlyargs=[], args=[ast.arg(parameter)], kwonlyargs=[], kw_defaults=[], defaults=[]), body
    )
