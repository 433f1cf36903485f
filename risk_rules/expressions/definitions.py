"""Definitions: names that stand for expressions, put in their place before anything is checked."""

from collections.abc import Callable, Iterator, Mapping, Set
from dataclasses import fields, replace
from functools import cache
from typing import Any, Final

from risk_rules.expressions.fault import ExpressionError
from risk_rules.expressions.syntax import Comprehension, Name, Node, Span

MOST_PARTS: Final = 5_000
"""Parts of an expression with all definitions put in: each may double what it uses."""

DEEPEST: Final = 100
"""Levels within which definitions are put in; a deeper expression is refused by the check in any case."""


def expanded(node: Node, definitions: Mapping[str, Node]) -> Node:
    """The expression with every name that is defined replaced by what it stands for. Definitions are expanded already.

    What is put in stands, for whoever looks for a fault, where its name stood. Raises `ExpressionError`.
    """
    used = {name.name for name in names(node)} & definitions.keys() if definitions else set[str]()
    if not used or _depth(node) > DEEPEST:
        return node
    _check_variables(node, used.union(*({name.name for name in names(definitions[one])} for one in used)))
    found = _with(node, lambda name: _moved(definitions[name.name], name) if name.name in definitions else name)
    if sum(1 for _ in parts(found)) > MOST_PARTS:
        raise ExpressionError(node.start, f"more than {MOST_PARTS} parts with its definitions", "split the rule")
    return found


def parts(node: Node) -> Iterator[Any]:
    """The node and all within."""
    return (part for part, _ in _levels(node))


def names(node: Node) -> Iterator[Name]:
    """All names in an expression."""
    return (part for part in parts(node) if isinstance(part, Name))


def _check_variables(node: Node, meant: Set[str]) -> None:
    """A variable of a macro must not change what a definition within it means."""
    for part in parts(node):
        if isinstance(part, Comprehension) and part.variable in meant:
            message = f"{part.variable} is the name of something else in a definition that is used here"
            raise ExpressionError(part.start, message, "give the variable another name")


def _depth(node: Node) -> int:
    return max(level for _, level in _levels(node))


def _levels(node: Node) -> Iterator[tuple[Any, int]]:
    """Every part and how deep it lies. Without recursion: what is looked at may not have been checked yet."""
    ahead: list[tuple[Any, int]] = [(node, 0)]
    while ahead:
        part, level = ahead.pop()
        yield part, level
        for name in _fields(type(part)):
            value = getattr(part, name)
            inner = value if isinstance(value, tuple) else (value,)  # pyright: ignore[reportUnknownVariableType]
            ahead += [(one, level + 1) for one in inner if isinstance(one, Span)]  # pyright: ignore[reportUnknownVariableType]


@cache
def _fields(kind: type[Any]) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))


def _with(node: Any, change: Callable[[Name], Any]) -> Any:
    """The tree with each of its names changed."""
    if isinstance(node, Name):
        return change(node)
    if isinstance(node, tuple):
        return tuple(_with(inner, change) for inner in node)  # pyright: ignore[reportUnknownVariableType]
    if not isinstance(node, Span):
        return node
    return replace(node, **{name: _with(getattr(node, name), change) for name in _fields(type(node))})


def _moved(node: Any, name: Name) -> Any:
    """The tree with all of its parts where the name stands."""
    if isinstance(node, tuple):
        return tuple(_moved(inner, name) for inner in node)  # pyright: ignore[reportUnknownVariableType]
    if not isinstance(node, Span):
        return node
    places = {"start": name.start, "end": name.end, "at": name.start}
    moved = {field: _moved(getattr(node, field), name) for field in _fields(type(node)) if field not in places}
    return replace(node, **moved, **{field: at for field, at in places.items() if field in _fields(type(node))})
