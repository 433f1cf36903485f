"""Texts with fields in braces, as profiles have them: `{order}/{line}`.

A template that is one field and nothing else keeps the field's own type; `{{` and `}}` stand for braces.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any, cast

Value = str | float | int | bool | date | datetime
"""What a field of a row can be. A day is a `date`, an instant an aware `datetime`."""

_part = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]|[^{}]+")


class TemplateError(ValueError):
    """The template is not well formed."""


class Template:
    """A text with fields. `fields` are their names, in order."""

    def __init__(self, text: str) -> None:
        self._parts = list(_parts(text))
        self.fields = tuple(part for is_field, part in self._parts if is_field)

    def value(self, row: Mapping[str, Value]) -> Value | None:
        """The text of a row, or None when one of its fields is not known there."""
        if len(self._parts) == 1 and self.fields:
            return row.get(self.fields[0])
        if any(field not in row for field in self.fields):
            return None
        return "".join(str(written(row[part])) if is_field else part for is_field, part in self._parts)


def written(value: Value) -> str | float | int | bool:
    """A value as it stands in JSON: a day by ISO 8601, an instant by RFC 3339 in UTC."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return value.isoformat() if isinstance(value, date) else value


def filled(shape: Any, row: Mapping[str, Value]) -> Any:
    """`shape` (templates in mappings and lists) for a row. A key whose value is not known there is left out."""
    if isinstance(shape, Template):
        value = shape.value(row)
        return None if value is None else written(value)
    if isinstance(shape, dict):
        items = cast("dict[str, Any]", shape)
        found = {key: filled(value, row) for key, value in items.items()}
        return {key: value for key, value in found.items() if value is not None}
    if isinstance(shape, list):
        entries = cast("list[Any]", shape)
        return [value for entry in entries if (value := filled(entry, row)) is not None]
    return shape


def compiled(shape: Any) -> Any:
    """`shape` with each of its texts as a template. Raises `TemplateError`."""
    if isinstance(shape, str):
        return Template(shape)
    if isinstance(shape, dict):
        items = cast("dict[str, Any]", shape)
        return {key: compiled(value) for key, value in items.items()}
    if isinstance(shape, list):
        entries = cast("list[Any]", shape)
        return [compiled(entry) for entry in entries]
    return shape


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
