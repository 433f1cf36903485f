"""Parses an expression by the grammar and the operator precedence of the CEL specification.

Bounded in size and depth, so that no text can exhaust the stack: the specification asks for 32 levels at least.
"""

import re
from dataclasses import replace

from risk_rules.expressions.cursor import Cursor
from risk_rules.expressions.fault import ExpressionError
from risk_rules.expressions.lexer import RESERVED, Lexeme, Token, next_lexeme
from risk_rules.expressions.literals import GREATEST_INT, too_great
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
from risk_rules.expressions.types import UInt
from risk_rules.expressions.units import PERCENT, SECONDS, unit_named

LONGEST = 10_000
DEEPEST = 40
LONGEST_CHAIN = 100

RELATION, ADDITION, MULTIPLICATION = 1, 2, 3
PRECEDENCE = (
    dict.fromkeys(("<", "<=", ">=", ">", "==", "!=", "in"), RELATION)
    | dict.fromkeys("+-", ADDITION)
    | dict.fromkeys("*/%", MULTIPLICATION)
)
CONSTANTS = {"true": True, "false": False, "null": None}
COMPREHENSIONS = {"exists": (2,), "exists_one": (2,), "all": (2,), "filter": (2,), "map": (2, 3)}
"""Macro -> how many values it takes; with another number it is a function."""

_HALF_CHARACTER = re.compile("[\ud800-\udfff]")
BEGINNING = ("(", "[", "{", "-", "!", ".")
"""Marks that a value may begin with."""


def parse(text: str) -> Node:
    """The tree of an expression. Raises `ExpressionError`."""
    node, end = parse_prefix(text, 0)
    rest = next_lexeme(text, end)
    if rest.token is not Token.END:
        message = f"{rest.value!s} was not expected after the end of the expression"
        raise ExpressionError(rest.start, message, end=rest.end)
    return node


def parse_prefix(text: str, start: int) -> tuple[Node, int]:
    """The tree of the longest expression that begins at `start`, and where it ends. Raises `ExpressionError`."""
    if len(text) > LONGEST:
        raise ExpressionError(LONGEST, f"longer than {LONGEST} characters", "split the rule", end=len(text))
    if half := _HALF_CHARACTER.search(text):
        raise ExpressionError(half.start(), f"U+{ord(half[0]):X} is no character", "remove it")
    parser = _Parser(text, start)
    node = parser.expression()
    return node, parser.last_end


class _Parser(Cursor):
    def __init__(self, text: str, start: int) -> None:
        super().__init__(text, start)
        self.depth = 0

    def expression(self) -> Node:
        self.depth += 1
        if self.depth > DEEPEST:
            raise ExpressionError(self.ahead.start, f"nested more than {DEEPEST} levels deep", "split the rule")
        node = self.logic("||")
        if self.at("?"):
            self.take()
            then = self.logic("||")
            self.expect(":", "between the two outcomes of ?")
            otherwise = self.expression()
            node = Conditional(start=node.start, end=otherwise.end, condition=node, then=then, otherwise=otherwise)
        self.depth -= 1
        return node

    def logic(self, operator: str) -> Node:
        operands = [self.logic("&&") if operator == "||" else self.operation(RELATION)]
        while self.at(operator):
            self.take()
            operands.append(self.logic("&&") if operator == "||" else self.operation(RELATION))
        if len(operands) == 1:
            return operands[0]
        return Logic(start=operands[0].start, end=operands[-1].end, operator=operator, operands=tuple(operands))

    def operation(self, least: int) -> Node:
        """Operators that bind at least as tightly as `least`, from left to right (precedence climbing)."""
        node = self.unary()
        for _ in range(LONGEST_CHAIN):
            precedence = PRECEDENCE.get(str(self.ahead.value), 0) if self.ahead.token in (Token.MARK, Token.NAME) else 0
            if precedence < least or not precedence:
                return node
            operator = self.take()
            right = self.operation(precedence + 1)
            node = Binary(
                start=node.start,
                end=right.end,
                operator=str(operator.value),
                at=operator.start,
                left=node,
                right=right,
            )
        raise ExpressionError(self.ahead.start, f"more than {LONGEST_CHAIN} operators in a row", "split the rule")

    def unary(self) -> Node:
        marks: list[Lexeme] = []
        while self.at("!", "-") and (not marks or marks[0].value == self.ahead.value):
            marks.append(self.take())
        if len(marks) > DEEPEST:
            raise ExpressionError(marks[0].start, f"more than {DEEPEST} times {marks[0].value}")
        negative = bool(marks) and marks[-1].value == "-" and self.ahead.token is Token.NUMBER
        minus = marks.pop() if negative and not isinstance(self.ahead.value, UInt) else None
        node = self.member(minus)
        for mark in reversed(marks):
            node = Unary(start=mark.start, end=node.end, operator=str(mark.value), operand=node)
        return node

    def member(self, minus: Lexeme | None) -> Node:
        node = self.primary() if minus is None else self.number(minus)
        for _ in range(DEEPEST):
            if self.at("["):
                self.take()
                key = self.expression()
                self.expect("]", "to close the [")
                node = Index(start=node.start, end=self.last_end, operand=node, key=key)
            elif self.at("."):
                self.take()
                node = self.selected(node)
            elif self.at("{") and isinstance(node, Name | Select):
                raise ExpressionError(self.ahead.start, "messages cannot be made here", "use a map: {'a': 1}")
            else:
                return node
        raise ExpressionError(self.ahead.start, f"more than {DEEPEST} calls in a row", "split the rule")

    def selected(self, node: Node) -> Node:
        """A field or a call behind a dot."""
        name = self.ahead
        if name.token not in (Token.NAME, Token.QUOTED_NAME) or name.value in (*CONSTANTS, "in"):
            raise self.unexpected(f"a name was expected after the dot, not {name.shown()}")
        self.take()
        if not self.at("(") or name.token is Token.QUOTED_NAME:
            return Select(start=node.start, end=self.last_end, operand=node, field=str(name.value))
        self.take()
        function, arguments = str(name.value), self.items(")")
        if len(arguments) in COMPREHENSIONS.get(function, ()):
            return self.comprehension(function, node, arguments)
        return Call(start=node.start, end=self.last_end, function=function, receiver=node, arguments=arguments)

    def comprehension(self, macro: str, source: Node, arguments: tuple[Node, ...]) -> Node:
        variable, *bodies = arguments
        if not isinstance(variable, Name):
            raise ExpressionError(
                variable.start, f"{macro} takes a name for the item first", f"write {macro}(x, ...)", end=variable.end
            )
        return Comprehension(
            start=source.start,
            end=self.last_end,
            macro=macro,
            source=source,
            variable=variable.name,
            bodies=tuple(bodies),
        )

    def primary(self) -> Node:
        lexeme = self.ahead
        if lexeme.token in (Token.END, Token.QUOTED_NAME) or (
            lexeme.token is Token.MARK and lexeme.value not in ("(", "[", "{", ".")
        ):
            raise self.unexpected(f"a value was expected, not {lexeme.shown()}")
        if lexeme.token is Token.NUMBER:
            return self.number(None)
        self.take()
        start, value = lexeme.start, lexeme.value
        if lexeme.token is Token.STRING:
            return Literal(start=start, end=lexeme.end, value=value)
        if lexeme.token is Token.NAME:
            return self.named(lexeme, str(value))
        if value == ".":
            if self.ahead.token is not Token.NAME:
                raise self.unexpected(f"a name was expected after the dot, not {self.ahead.shown()}")
            lexeme = self.take()
            return self.named(lexeme, str(lexeme.value))
        if value == "[":
            items = self.items("]", trailing=True)
            return ListOf(start=start, end=self.last_end, items=items)
        if value == "{":
            return self.mapping(start)
        node = self.expression()
        self.expect(")", "to close the (")
        return _widened(node, start, self.last_end)

    def number(self, minus: Lexeme | None) -> Node:
        """A number, with the minus before it and the unit behind it."""
        lexeme = self.take()
        start = lexeme.start if minus is None else minus.start
        value = lexeme.value
        if not isinstance(value, int | float):
            raise ExpressionError(lexeme.start, "a number was expected", end=lexeme.end)
        if minus is None and type(value) is int and value > GREATEST_INT:
            raise too_great(self.text[lexeme.start : lexeme.end], lexeme.start)
        unit = None if isinstance(value, UInt) else self.unit()
        value = value if minus is None else -value
        if unit is None:
            return Literal(start=start, end=lexeme.end, value=value)
        return Measure(start=start, end=self.last_end, number=value, unit=unit)

    def unit(self) -> str | None:
        ahead = self.ahead
        if ahead.token is Token.NAME and ahead.value not in PRECEDENCE:
            unit = unit_named(str(ahead.value))
            if unit is None:
                hint = f"known are {', '.join(SECONDS)} and %; a quantity counts in the unit of its material"
                raise ExpressionError(ahead.start, f"{ahead.value!s} is no unit known here", hint, end=ahead.end)
            self.take()
            return unit
        if self.at(PERCENT):
            after = self.peek(ahead.end)
            begins = after.value in BEGINNING if after.token is Token.MARK else after.token is not Token.END
            if not begins or (after.token is Token.NAME and after.value == "in"):
                self.take()
                return PERCENT
        return None

    def named(self, lexeme: Lexeme, name: str) -> Node:
        if name in CONSTANTS:
            return Literal(start=lexeme.start, end=lexeme.end, value=CONSTANTS[name])
        if name == "in":
            raise ExpressionError(lexeme.start, "a value was expected, not in", end=lexeme.end)
        if name in RESERVED:
            raise ExpressionError(lexeme.start, f"{name} is a reserved word", "choose another name", end=lexeme.end)
        if not self.at("("):
            return Name(start=lexeme.start, end=lexeme.end, name=name)
        self.take()
        arguments = self.items(")")
        return Call(start=lexeme.start, end=self.last_end, function=name, receiver=None, arguments=arguments)

    def items(self, closing: str, *, trailing: bool = False) -> tuple[Node, ...]:
        """Expressions between commas, and the closing mark; `trailing` says that a comma may stand before it."""
        found: list[Node] = []
        while not self.at(closing):
            found.append(self.expression())
            if not self.at(closing):
                self.expect(",", f"or {closing} after a value")
                if self.at(closing) and not trailing:
                    raise self.unexpected(f"a value was expected after the comma, not {closing}")
        self.take()
        return tuple(found)

    def mapping(self, start: int) -> Node:
        """Entries between commas, and the closing brace."""
        keys: list[Node] = []
        values: list[Node] = []
        while not self.at("}"):
            keys.append(self.expression())
            self.expect(":", "between a key and its value")
            values.append(self.expression())
            if not self.at("}"):
                self.expect(",", "or } after a value")
        self.take()
        return MapOf(start=start, end=self.last_end, keys=tuple(keys), values=tuple(values))


def _widened(node: Node, start: int, end: int) -> Node:
    """The node with the parentheses around it, so that what comes after it is found."""
    return replace(node, start=start, end=end)
