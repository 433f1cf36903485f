"""The tree that an expression is parsed into. `start` and `end` are the characters that a node stands at, from 0."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Literal(Span):
    """None is the literal null."""

    value: bool | int | float | str | bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure(Span):
    """A number with a unit: `5 d`, `85 %`."""

    number: int | float
    unit: str


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
class MapOf(Span):
    """`{key: value}`; `keys` and `values` stand in the same order."""

    keys: "tuple[Node, ...]"
    values: "tuple[Node, ...]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Select(Span):
    """`operand.field`."""

    operand: "Node"
    field: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Index(Span):
    """`operand[key]`."""

    operand: "Node"
    key: "Node"


@dataclass(frozen=True, slots=True, kw_only=True)
class Call(Span):
    """`receiver.function(arguments)` or, without a receiver, `function(arguments)`."""

    function: str
    receiver: "Node | None"
    arguments: "tuple[Node, ...]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Comprehension(Span):
    """`source.macro(variable, bodies...)`: exists, exists_one, all, filter, or map with one or two bodies."""

    macro: str
    source: "Node"
    variable: str
    bodies: "tuple[Node, ...]"


Node: TypeAlias = (
    Literal
    | Measure
    | Name
    | Unary
    | Logic
    | Binary
    | Conditional
    | ListOf
    | MapOf
    | Select
    | Index
    | Call
    | Comprehension
)


def parts(node: Node) -> "tuple[Node, ...]":
    """The nodes right beneath a node."""
    match node:
        case Literal() | Measure() | Name():
            return ()
        case Unary() | Select():
            return (node.operand,)
        case Logic():
            return node.operands
        case Binary():
            return (node.left, node.right)
        case Conditional():
            return (node.condition, node.then, node.otherwise)
        case ListOf():
            return node.items
        case MapOf():
            return node.keys + node.values
        case Index():
            return (node.operand, node.key)
        case Call():
            return node.arguments if node.receiver is None else (node.receiver, *node.arguments)
        case Comprehension():
            return (node.source, *node.bodies)


def walk(node: Node) -> Iterator[Node]:
    """A node and all beneath it."""
    waiting = [node]
    while waiting:
        found = waiting.pop()
        yield found
        waiting.extend(parts(found))
