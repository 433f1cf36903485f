"""Turns checked expressions into Python's own syntax tree.

An expression is written in one of three ways. As a *value* it gives its value, or None when that is unknown. As a
*truth* it gives something true exactly when it is surely true, as a *falsity* exactly when it is surely false; these
two need no third value, so `a && b` becomes Python's `and` and stays as fast. Every part is written once, so that the
code is as long as the expression. No text of a rule is ever run: the tree is built node by node from the operators and
functions that are known here.
"""

import ast
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from risk_rules.expressions import functions
from risk_rules.expressions.checker import Checked
from risk_rules.expressions.lexer import GREATEST_INT, LEAST_INT
from risk_rules.expressions.syntax import Binary, Call, Conditional, ListOf, Literal, Logic, Name, Node, Unary
from risk_rules.expressions.types import Type

ARITHMETIC: Mapping[str, type[ast.operator]] = {"+": ast.Add, "-": ast.Sub, "*": ast.Mult, "/": ast.Div}
RELATIONS: Mapping[str, type[ast.cmpop]] = {
    "<": ast.Lt,
    "<=": ast.LtE,
    ">": ast.Gt,
    ">=": ast.GtE,
    "==": ast.Eq,
    "!=": ast.NotEq,
    "in": ast.In,
}

NULL = "null"
"""The global name of the value null, where it is the outcome of an expression and not merely unknown."""


@dataclass(frozen=True, slots=True)
class _Operand:
    """A value that may be unknown: `guards` hold when it is known, and then `value` is it."""

    value: ast.expr
    guards: tuple[ast.expr, ...] = ()


class Emitter:
    """Writes expressions for one generated function. Feature `x` is the local variable `f_x`; all else is numbered.

    `globals` are the functions that the generated code calls.
    """

    def __init__(self) -> None:
        self.globals: dict[str, Callable[..., object]] = {}
        self.features: set[str] = set()
        self._temporaries = 0

    def value(self, checked: Checked) -> ast.expr:
        """Its value, or None when unknown."""
        return _Writer(self, checked).value(checked.node)

    def truth(self, checked: Checked) -> ast.expr:
        """True in Python's sense exactly when it is surely true."""
        return _Writer(self, checked).truth(checked.node)

    def temporary(self) -> str:
        self._temporaries += 1
        return f"t_{self._temporaries}"

    def function(self, name: str, run: Callable[..., object]) -> ast.expr:
        self.globals[f"run_{name}"] = run
        return _load(f"run_{name}")


class _Writer:
    def __init__(self, emitter: Emitter, checked: Checked) -> None:
        self.emitter = emitter
        self.types = checked.types
        self.constants = checked.constants

    def truth(self, node: Node) -> ast.expr:
        match node:
            case Logic():
                operator = ast.And() if node.operator == "&&" else ast.Or()
                return ast.BoolOp(operator, [self.truth(operand) for operand in node.operands])
            case Unary(operator="!"):
                return self.falsity(node.operand)
            case Binary(operator=operator) if operator in RELATIONS:
                relation = self.relation(node)
                return _all([*relation.guards, relation.value])
            case _:
                return self.value(node)

    def falsity(self, node: Node) -> ast.expr:
        match node:
            case Logic():
                operator = ast.Or() if node.operator == "&&" else ast.And()
                return ast.BoolOp(operator, [self.falsity(operand) for operand in node.operands])
            case Unary(operator="!"):
                return self.truth(node.operand)
            case Binary(operator=operator) if operator in RELATIONS:
                relation = self.relation(node)
                return _all([*relation.guards, ast.UnaryOp(ast.Not(), relation.value)])
            case _:
                return ast.Compare(self.value(node), [ast.Is()], [ast.Constant(False)])

    def value(self, node: Node) -> ast.expr:
        match node:
            case Literal():
                return _load(NULL) if node.value is None else ast.Constant(node.value)
            case Name():
                return self.name(node)
            case Logic():
                name, run = (
                    ("conjunction", functions.conjunction)
                    if node.operator == "&&"
                    else ("disjunction", functions.disjunction)
                )
                return self.call(name, run, [self.value(operand) for operand in node.operands])
            case Conditional():
                return self.conditional(node)
            case Unary() | Binary() | Call():
                operand = self.strict(node)
                return ast.IfExp(_all(operand.guards), operand.value, _UNKNOWN) if operand.guards else operand.value
            case ListOf():
                return ast.Tuple([self.value(item) for item in node.items], ast.Load())

    def name(self, node: Name) -> ast.expr:
        if node.name in self.constants:
            return ast.Constant(self.constants[node.name])
        self.emitter.features.add(node.name)
        return _load(f"f_{node.name}")

    def conditional(self, node: Conditional) -> ast.expr:
        decided = self.emitter.temporary()
        condition = ast.NamedExpr(_store(decided), self.value(node.condition))
        unknown = ast.Compare(_load(decided), [ast.Is()], [_UNKNOWN])
        otherwise = ast.IfExp(unknown, _UNKNOWN, self.value(node.otherwise))
        return ast.IfExp(condition, self.value(node.then), otherwise)

    def strict(self, node: Unary | Binary | Call) -> _Operand:
        """An operation that is unknown as soon as one of its operands is."""
        match node:
            case Unary():
                operand = self.operand(node.operand)
                if node.operator == "!":
                    return _Operand(ast.UnaryOp(ast.Not(), operand.value), operand.guards)
                return self.bounded(node, _Operand(ast.UnaryOp(ast.USub(), operand.value), operand.guards))
            case Binary(operator=operator) if operator in RELATIONS:
                return self.relation(node)
            case Binary():
                return self.arithmetic(node)
            case Call():
                return self.called(node)

    def operand(self, node: Node) -> _Operand:
        """A part of an operation, evaluated once, with what must hold for it to be known."""
        if isinstance(node, Literal) or (isinstance(node, Name) and node.name in self.constants):
            return _Operand(self.value(node))
        if isinstance(node, Name):
            return _Operand(self.name(node), (_is_known(self.name(node)),))
        if isinstance(node, Unary | Binary | Call):
            return self.strict(node)
        kept = self.emitter.temporary()
        return _Operand(_load(kept), (_is_known(ast.NamedExpr(_store(kept), self.value(node))),))

    def relation(self, node: Binary) -> _Operand:
        if node.operator in ("==", "!=") and Type.NULL in (self.types[id(node.left)], self.types[id(node.right)]):
            other = node.right if self.types[id(node.left)] is Type.NULL else node.left
            same = ast.Is() if node.operator == "==" else ast.IsNot()
            return _Operand(ast.Compare(self.value(other), [same], [_UNKNOWN]))
        by_value = node.operator in ("==", "!=", "in")
        left = self.compared(node.left, by_value=by_value)
        if isinstance(node.right, ListOf):
            items = [self.compared(item, by_value=True) for item in node.right.items]
            right = _Operand(
                ast.Tuple([item.value for item in items], ast.Load()),
                tuple(guard for item in items for guard in item.guards),
            )
        else:
            right = self.compared(node.right, by_value=by_value)
        compared = ast.Compare(left.value, [RELATIONS[node.operator]()], [right.value])
        return _Operand(compared, (*left.guards, *right.guards))

    def compared(self, node: Node, *, by_value: bool) -> _Operand:
        """An operand of a relation. By value, a feature that is null is compared as null and needs no guard."""
        return _Operand(self.name(node)) if by_value and isinstance(node, Name) else self.operand(node)

    def arithmetic(self, node: Binary) -> _Operand:
        left, right = self.operand(node.left), self.operand(node.right)
        if node.operator in "/%" and not (isinstance(right.value, ast.Constant) and right.value.value):
            right = self.not_zero(right)
        guards = (*left.guards, *right.guards)
        if self.types[id(node.left)] is Type.DATE:
            value = self.call("days_between", functions.days_between, [left.value, right.value])
            return _Operand(value, guards)
        if node.operator in "/%" and self.types[id(node)] is Type.INT:
            name, run = ("quotient", functions.quotient) if node.operator == "/" else ("remainder", functions.remainder)
            value = self.call(name, run, [left.value, right.value])
        else:
            value = ast.BinOp(left.value, ARITHMETIC[node.operator](), right.value)
        return self.bounded(node, _Operand(value, guards))

    def not_zero(self, operand: _Operand) -> _Operand:
        kept = self.emitter.temporary()
        differs = ast.Compare(ast.NamedExpr(_store(kept), operand.value), [ast.NotEq()], [ast.Constant(0)])
        return _Operand(_load(kept), (*operand.guards, differs))

    def bounded(self, node: Node, operand: _Operand) -> _Operand:
        """A whole number beyond 64 bits is unknown: CEL calls it an overflow."""
        if self.types[id(node)] is not Type.INT:
            return operand
        kept = self.emitter.temporary()
        least, greatest = ast.Constant(LEAST_INT), ast.Constant(GREATEST_INT)
        within = ast.Compare(least, [ast.LtE(), ast.LtE()], [ast.NamedExpr(_store(kept), operand.value), greatest])
        return _Operand(_load(kept), (*operand.guards, within))

    def called(self, node: Call) -> _Operand:
        if node.function == "has":
            return _Operand(_is_known(self.value(node.arguments[0])))
        if node.function == "coalesce":
            return self.first_known(node.arguments)
        known = functions.FUNCTIONS if node.receiver is None else functions.METHODS
        function = known[node.function]
        operands = [self.operand(part) for part in ((node.receiver,) if node.receiver else ()) + node.arguments]
        guards = tuple(guard for operand in operands for guard in operand.guards)
        name = node.function if node.receiver is None else f"of_{node.function}"
        value = self.call(name, function.run, [operand.value for operand in operands])
        if function.certain:
            return _Operand(value, guards)
        kept = self.emitter.temporary()
        return _Operand(_load(kept), (*guards, _is_known(ast.NamedExpr(_store(kept), value))))

    def first_known(self, arguments: Sequence[Node]) -> _Operand:
        *first, last = arguments
        written = self.value(last)
        for argument in reversed(first):
            kept = self.emitter.temporary()
            known = _is_known(ast.NamedExpr(_store(kept), self.value(argument)))
            written = ast.IfExp(known, _load(kept), written)
        kept = self.emitter.temporary()
        return _Operand(_load(kept), (_is_known(ast.NamedExpr(_store(kept), written)),))

    def call(self, name: str, run: Callable[..., object], arguments: list[ast.expr]) -> ast.expr:
        return ast.Call(self.emitter.function(name, run), arguments, [])


_UNKNOWN = ast.Constant(None)


def _load(name: str) -> ast.Name:
    return ast.Name(name, ast.Load())


def _store(name: str) -> ast.Name:
    return ast.Name(name, ast.Store())


def _is_known(value: ast.expr) -> ast.expr:
    return ast.Compare(value, [ast.IsNot()], [_UNKNOWN])


def _all(conditions: Sequence[ast.expr]) -> ast.expr:
    return conditions[0] if len(conditions) == 1 else ast.BoolOp(ast.And(), list(conditions))
