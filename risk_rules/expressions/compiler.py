"""Turns checked expressions into Python's own syntax tree.

An expression is written in one of three ways. As a *value* it gives its value, or None when that is unknown. As a
*truth* it gives something true exactly when it is surely true, as a *falsity* exactly when it is surely false; these
two need no third value, so `a && b` becomes Python's `and` and stays as fast. Every part is written once, so that the
code is as long as the expression. No text of a rule is ever run: the tree is built node by node from the operators and
functions that are known here.
"""

import ast
from collections.abc import Callable
from typing import cast

from risk_rules.expressions import call_code, operator_code
from risk_rules.expressions.checker import Checked
from risk_rules.expressions.cost import Meter, bounded
from risk_rules.expressions.operator_code import RELATIONS
from risk_rules.expressions.python_tree import (
    UNKNOWN,
    Operand,
    any_of,
    both,
    call,
    compared,
    function_of,
    is_false,
    is_known,
    is_true,
    keep,
    load,
)
from risk_rules.expressions.syntax import (
    Binary,
    Call,
    Comprehension,
    Conditional,
    Index,
    ListOf,
    Literal,
    Logic,
    MapOf,
    Measure,
    Name,
    Node,
    Select,
    Unary,
)
from risk_rules.expressions.types import NOTHING, Type, kind_of

METER = "meter"
"""The name of the steps that are left, in code whose cost is counted."""


class Emitter:
    """Writes expressions for one generated function. Feature `x` is the local variable `f_x`; all else is numbered.

    `globals` are the functions and constants that the generated code uses.
    """

    def __init__(self) -> None:
        self.globals: dict[str, object] = {}
        self.features: set[str] = set()
        self._numbered = 0

    def value(self, checked: Checked) -> ast.expr:
        """Its value, or None when unknown."""
        writer = Writer(self, checked)
        written = writer.value(checked.node)
        if not checked.metered:
            return written
        if not checked.type.is_plain:
            written = call(self.named("weigh", Meter.weigh), load(METER), written)
        return self._bounded(written)

    def truth(self, checked: Checked) -> ast.expr:
        """True in Python's sense exactly when it is surely true."""
        written = Writer(self, checked).truth(checked.node)
        return self._bounded(written) if checked.metered else written

    def _bounded(self, written: ast.expr) -> ast.expr:
        return call(self.named("bounded", bounded), function_of(METER, written))

    def numbered(self, kind: str) -> str:
        self._numbered += 1
        return f"{kind}_{self._numbered}"

    def named(self, name: str, run: Callable[..., object]) -> ast.expr:
        """A function that the code calls."""
        self.globals[f"run_{name}"] = run
        return load(f"run_{name}")

    def constant(self, value: object) -> ast.expr:
        """A value that Python has no literal for, or whose class counts."""
        if type(value) in (bool, int, float, str, bytes):
            return ast.Constant(cast("int", value))
        name = self.numbered("constant")
        self.globals[name] = value
        return load(name)


class Writer:
    """Writes one expression. `variables` are those of the macros around the node, under their names in the code."""

    def __init__(self, emitter: Emitter, checked: Checked) -> None:
        self.emitter = emitter
        self.types = checked.types
        self.constants = checked.constants
        self.settled = checked.settled
        self.is_metered = checked.metered
        self.variables: dict[str, str] = {}

    def truth(self, node: Node) -> ast.expr:
        match node:
            case Logic():
                operator = ast.And() if node.operator == "&&" else ast.Or()
                return ast.BoolOp(operator, [self.truth(operand) for operand in node.operands])
            case Unary(operator="!"):
                return self.falsity(node.operand)
            case Binary(operator=operator) if operator in RELATIONS:
                relation = operator_code.relation(self, node)
                return both([*relation.guards, relation.value])
            case _ if self.types[id(node)].is_open:
                return is_true(self.value(node))
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
                relation = operator_code.relation(self, node)
                return both([*relation.guards, ast.UnaryOp(ast.Not(), relation.value)])
            case _:
                return is_false(self.value(node))

    def value(self, node: Node) -> ast.expr:
        match node:
            case Literal(value=None):
                return self.emitter.constant(NOTHING)
            case Literal():
                return self.emitter.constant(node.value)
            case Name() if id(node) not in self.settled:
                return self.name(node)
            case Logic():
                return self.logic(node)
            case Conditional():
                return self.conditional(node)
            case _:
                return self.operand(node).written()

    def name(self, node: Name) -> ast.expr:
        if node.name in self.variables:
            return load(self.variables[node.name])
        if node.name in self.constants:
            return self.emitter.constant(self.constants[node.name])
        self.emitter.features.add(node.name)
        return load(f"f_{node.name}")

    def is_constant(self, node: Node) -> bool:
        named = isinstance(node, Name) and node.name not in self.variables and node.name in self.constants
        return named or isinstance(node, Literal) or id(node) in self.settled

    def logic(self, node: Logic) -> ast.expr:
        """Decided as soon as one operand decides; else unknown when one is unknown."""
        decides = is_true if node.operator == "||" else is_false
        deciding: list[ast.expr] = []
        settling: list[ast.expr] = []
        for operand in node.operands:
            known = self.narrowed(operand, (Type.BOOL,))
            kept = self.emitter.numbered("t")
            deciding.append(decides(keep(kept, known.written())))
            if known.guards:
                settling.append(compared(load(kept), ast.Is(), UNKNOWN))
        outcome = ast.Constant(node.operator == "||")
        otherwise: ast.expr = ast.Constant(node.operator != "||")
        if settling:
            otherwise = ast.IfExp(any_of(settling), UNKNOWN, otherwise)
        return ast.IfExp(any_of(deciding), outcome, otherwise)

    def conditional(self, node: Conditional) -> ast.expr:
        condition = self.narrowed(node.condition, (Type.BOOL,))
        then, otherwise = self.value(node.then), self.value(node.otherwise)
        if not condition.guards:
            return ast.IfExp(condition.value, then, otherwise)
        decided = self.emitter.numbered("t")
        unknown = compared(load(decided), ast.Is(), UNKNOWN)
        return ast.IfExp(keep(decided, condition.written()), then, ast.IfExp(unknown, UNKNOWN, otherwise))

    def operand(self, node: Node) -> Operand:
        """A part of an operation, evaluated once, with what must hold for it to be known."""
        if id(node) in self.settled:
            return Operand(self.emitter.constant(self.settled[id(node)]))
        match node:
            case Name() if not self.is_constant(node):
                return Operand(self.name(node), (is_known(self.name(node)),))
            case Literal() | Measure() | Name():
                return Operand(self.value(node))
            case Unary():
                return operator_code.unary(self, node)
            case Binary(operator=operator) if operator in RELATIONS:
                return operator_code.relation(self, node)
            case Binary():
                return operator_code.arithmetic(self, node)
            case Logic() | Conditional():
                return self.unless_unknown(self.value(node))
            case _:
                return self.compound(node)

    def compound(self, node: ListOf | MapOf | Select | Index | Call | Comprehension) -> Operand:
        match node:
            case ListOf():
                return call_code.list_of(self, node)
            case MapOf():
                return call_code.map_of(self, node)
            case Select() | Index():
                return call_code.taken(self, node)
            case Call():
                return call_code.called(self, node)
            case Comprehension():
                return call_code.comprehension(self, node)

    def unless_unknown(self, value: ast.expr) -> Operand:
        """What is known unless it comes out as None."""
        kept = self.emitter.numbered("t")
        return Operand(load(kept), (is_known(keep(kept, value)),))

    def narrowed(self, node: Node, kinds: tuple[Type, ...]) -> Operand:
        """An operand that is looked at, where its type is known only now, and unknown unless it is one of `kinds`."""
        operand = self.operand(node)
        if not self.types[id(node)].is_open:
            return operand
        kept = self.emitter.numbered("t")
        kind = call(self.emitter.named("kind_of", kind_of), keep(kept, operand.value))
        names = ast.Tuple([ast.Constant(one.base) for one in kinds], ast.Load())
        return Operand(load(kept), (*operand.guards, compared(kind, ast.In(), names)))

    def run(self, name: str, run: Callable[..., object], *arguments: ast.expr) -> ast.expr:
        return call(self.emitter.named(name, run), *arguments)

    def metered(self, name: str, run: Callable[..., object], *arguments: ast.expr) -> ast.expr:
        """A call that pays for its steps."""
        return call(self.emitter.named(name, run), load(METER), *arguments)

    def paid(self, value: ast.expr) -> ast.expr:
        """A text or list that is made, paid for by its length."""
        return self.metered("made", Meter.made, value)
