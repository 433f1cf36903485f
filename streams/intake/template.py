"""Texts with fields in braces, as profiles have them: `{order}/{line}`.

A template that is one field and nothing else keeps the field's own type; `{{` and `}}` stand for braces.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any, cast

Value = str | float | int | bool | date | datetime
"""What a field of a row can be. A day is a `date`, an instant an aware `datetime`."""

Written = str | float | int | bool
"""A value as it stands in JSON."""

Row = Mapping[str, Written]
"""What the fields of a row are, those that are known, as it stands in JSON."""

Filler = Callable[[Row], Any]
"""What a shape (templates in mappings and lists) is for a row; None where nothing of it is known there."""

_part = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]|[^{}]+")


class TemplateError(ValueError):
    """The template is not well formed."""


class Template:
    """A text with fields. `fields` are their names, in order; `value` is what it is for a row, None if one is not known."""

    def __init__(self, text: str) -> None:
        parts = list(_parts(text))
        self.fields = tuple(part for is_field, part in parts if is_field)
        self.value: Callable[[Row], Written | None] = (
            _one_field(self.fields[0]) if len(parts) == 1 and self.fields else _joined(parts)
        )


@lru_cache(maxsize=16384)
def written_time(value: date) -> str:
    """A day by ISO 8601, an instant by RFC 3339 in UTC. Tables name the same ones over and over."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return value.isoformat()


def compiled(shape: Any) -> Filler:
    """What fills `shape`. A key whose value is not known in a row is left out there. Raises `TemplateError`."""
    if isinstance(shape, str):
        return Template(shape).value
    if isinstance(shape, dict):
        return _mapping({key: compiled(value) for key, value in cast("dict[str, Any]", shape).items()})
    if isinstance(shape, list):
        return _list([compiled(entry) for entry in cast("list[Any]", shape)])
    return lambda row: shape


def _one_field(name: str) -> Callable[[Row], Written | None]:
    return lambda row: row.get(name)


def _joined(parts: list[tuple[bool, str]]) -> Callable[[Row], str | None]:
    shape = "".join("%s" if is_field else part.replace("%", "%%") for is_field, part in parts)
    names = [part for is_field, part in parts if is_field]

    def value(row: Row) -> str | None:
        try:
            return shape % tuple([row[name] for name in names])
        except KeyError:
            return None

    return value


def _mapping(fillers: dict[str, Filler]) -> Filler:
    items = tuple(fillers.items())

    def fill(row: Row) -> Any:
        found: dict[str, Any] = {}
        for key, filler in items:
            value = filler(row)
            if value is not None:
                found[key] = value
        return found

    return fill


def _list(fillers: list[Filler]) -> Filler:
    return lambda row: [value for filler in fillers if (value := filler(row)) is not None]


def _parts(text: str) -> Iterator[tuple[bool, str]]:
    """The pieces of a template: whether it is a field, and the field's name or the text."""
    for match in _part.finditer(text):
        piece, field = match[0], match[1]
        if field is not None:
            if not field:
                raise TemplateError("{} names no field")
            yield True, field
        elif piece in ("{{", "}}"):
            yield False, piece[0]
        elif piece in ("{", "}"):
            raise TemplateError(f"a single {piece} opens or closes nothing; write {piece}{piece} for the character")
        else:
            yield False, piece
