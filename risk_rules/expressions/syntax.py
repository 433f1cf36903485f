"""The tree that an expression is parsed into. `start` and `end` are the characters that a node stands at, from 0."""

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Literal(Span):
    """None is the literal null."""

    value: bool | int | float | str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Name(Span):
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unary(Span):
    """`operator` is `!` or `-`."""

    operator: str
    operand: "Node"


@dataclass(frozen=True, slots=True, kw_only=True)
class Logic(Span):
    """All of `operands` joined by `operator`, `&&` or `||`."""

    operator: str
    operands: "tuple[Node, ...]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Binary(Span):
    """An arithmetic or relational operator, or `in`; `at` is the character of the operator."""

    operator: str
    at: int
    left: "Node"
    right: "Node"


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditional(Span):
    condition: "Node"
    then: "Node"
    otherwise: "Node"


@dataclass(frozen=True, slots=True, kw_only=True)
class ListOf(Span):
    items: "tuple[Node, ...]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Call(Span):
    """`receiver.function(arguments)` or, without a receiver, `function(arguments)`."""

    function: str
    receiver: "Node | None"
    arguments: "tuple[Node, ...]"


Node: TypeAlias = Literal | Name | Unary | Logic | Binary | Conditional | ListOf | Call
