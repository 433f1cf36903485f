"""Parses an expression by the grammar and the operator precedence of the CEL specification.

Bounded in size and depth, so that no text can exhaust the stack: the specification asks for 32 levels at least.
"""

from dataclasses import replace

from risk_rules.expressions.fault import ExpressionError
from risk_rules.expressions.lexer import Lexeme, Token, next_lexeme
from risk_rules.expressions.syntax import Binary, Call, Conditional, ListOf, Literal, Logic, Name, Node, Unary

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


def parse(text: str) -> Node:
    """The tree of an expression. Raises `ExpressionError`."""
    node, end = parse_prefix(text, 0)
    rest = next_lexeme(text, end)
    if rest.token is not Token.END:
        raise ExpressionError(rest.start, f"{rest.value!s} was not expected after the end of the expression")
    return node


def parse_prefix(text: str, start: int) -> tuple[Node, int]:
    """The tree of the longest expression that begins at `start`, and where it ends. Raises `ExpressionError`."""
    if len(text) > LONGEST:
        raise ExpressionError(LONGEST, f"longer than {LONGEST} characters", "split the rule")
    parser = _Parser(text, start)
    node = parser.expression()
    return node, node.end


class _Parser:
    def __init__(self, text: str, start: int) -> None:
        self.text = text
        self.depth = 0
        self.last_end = start
        self.ahead = next_lexeme(text, start)

    def take(self) -> Lexeme:
        lexeme = self.ahead
        self.last_end = lexeme.end
        # Peeking past what a prefix needs may meet text that is no expression; that is a fault only when it is used.
        try:
            self.ahead = next_lexeme(self.text, lexeme.end)
        except ExpressionError as error:
            self.ahead = Lexeme(Token.END, "", error.offset, error.offset)
        return lexeme

    def at(self, *marks: str) -> bool:
        return self.ahead.token is Token.MARK and self.ahead.value in marks

    def expect(self, mark: str, after: str) -> Lexeme:
        if self.at(mark):
            return self.take()
        raise self.unexpected(f"{mark} is missing {after}")

    def unexpected(self, message: str) -> ExpressionError:
        if self.ahead.token is Token.END:
            try:
                next_lexeme(self.text, self.last_end)
            except ExpressionError as error:
                return error
        return ExpressionError(self.ahead.start, message)

    def expression(self) -> Node:
        self.depth += 1
        if self.depth > DEEPEST:
            raise ExpressionError(self.ahead.start, f"nested more than {DEEPEST} levels deep", "split the rule")
        node = self.logic("||")
        if self.at("?"):
            self.take()
            then = self.expression()
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
            precedence = 0 if self.ahead.token is Token.STRING else PRECEDENCE.get(str(self.ahead.value), 0)
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
        node = self.member()
        for mark in reversed(marks):
            node = Unary(start=mark.start, end=node.end, operator=str(mark.value), operand=node)
        return node

    def member(self) -> Node:
        node = self.primary()
        for _ in range(DEEPEST):
            if self.at("["):
                raise ExpressionError(self.ahead.start, "indexing is not known here", "use a feature by its name")
            if not self.at("."):
                return node
            self.take()
            name = self.take()
            if name.token is not Token.NAME or not self.at("("):
                raise ExpressionError(name.start, "features have no fields", "use a feature by its plain name")
            self.take()
            arguments = self.items(")")
            node = Call(
                start=node.start, end=self.last_end, function=str(name.value), receiver=node, arguments=arguments
            )
        raise ExpressionError(self.ahead.start, f"more than {DEEPEST} calls in a row")

    def primary(self) -> Node:
        lexeme = self.ahead
        if lexeme.token is Token.END or (lexeme.token is Token.MARK and lexeme.value not in ("(", "[")):
            what = "the end" if lexeme.token is Token.END else str(lexeme.value)
            raise self.unexpected(f"a value was expected, not {what}")
        self.take()
        start, end, value = lexeme.start, lexeme.end, lexeme.value
        if lexeme.token in (Token.NUMBER, Token.STRING):
            return Literal(start=start, end=end, value=value)
        if lexeme.token is Token.NAME:
            return self.named(lexeme, str(value))
        if value == "[":
            items = self.items("]")
            return ListOf(start=start, end=self.last_end, items=items)
        node = self.expression()
        self.expect(")", "to close the (")
        return _widened(node, start, self.last_end)

    def named(self, lexeme: Lexeme, name: str) -> Node:
        if name in CONSTANTS:
            return Literal(start=lexeme.start, end=lexeme.end, value=CONSTANTS[name])
        if name == "in":
            raise ExpressionError(lexeme.start, "a value was expected, not in")
        if not self.at("("):
            return Name(start=lexeme.start, end=lexeme.end, name=name)
        self.take()
        arguments = self.items(")")
        return Call(start=lexeme.start, end=self.last_end, function=name, receiver=None, arguments=arguments)

    def items(self, closing: str) -> tuple[Node, ...]:
        """Expressions between commas, and the closing mark."""
        found: list[Node] = []
        while not self.at(closing):
            found.append(self.expression())
            if not self.at(closing):
                self.expect(",", f"or {closing} after a value")
        self.take()
        return tuple(found)


def _widened(node: Node, start: int, end: int) -> Node:
    """The node with the parentheses around it, so that what comes after it is found."""
    return replace(node, start=start, end=end)
