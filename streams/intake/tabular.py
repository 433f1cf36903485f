"""From a row of a partner's table to the CloudEvents that it means, by the partner's profile. Pure."""

import csv
import hashlib
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from streams.intake import cell
from streams.intake.profile import Derived, EventTemplate, Profile
from streams.intake.refusal import Reason, Refusal, quoted
from streams.intake.template import Value, filled, written


class Row(NamedTuple):
    """A row as it stands in a file: its bytes, those of the row of names at the top, and its line (the first is 1)."""

    content: bytes
    columns: bytes
    line: int


class Mapped(NamedTuple):
    """An event of a row, by the name that the profile has for it."""

    name: str
    event: dict[str, Any]


def events(row: Row, profile: Profile) -> list[Mapped]:
    """The events of a row, in the order of the profile; at least one. Raises `Refusal` with the line and column."""
    place = f"line {row.line}"
    columns = _columns(row.columns, profile.said.encoding, profile.said.delimiter)
    cells = _cells(row.content, profile.said.encoding, profile.said.delimiter, place)
    if len(cells) != len(columns):
        message = f"The row has {len(cells)} cells, and the table {len(columns)} columns"
        raise Refusal(Reason.BAD_ROW, message, f"{place}, column {min(len(cells), len(columns)) + 1}")
    values = _values(row, profile, columns, cells)
    found = [_event(event, values, profile, place) for event in profile.events if _applies(event, values)]
    if not found:
        raise Refusal(Reason.NO_EVENT, "No event of the profile applies to the row", place)
    return found


def _cells(content: bytes, encoding: str, delimiter: str, place: str) -> list[str]:
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as fault:
        message = f"The row is not {encoding}"
        raise Refusal(Reason.BAD_ENCODING, message, f"{place}, byte {fault.start + 1}") from None
    try:
        rows = list(
            csv.reader(
                text.splitlines(keepends=True) if "\n" in text[:-1] else [text], delimiter=delimiter, strict=True
            )
        )
    except csv.Error as fault:
        raise Refusal(Reason.BAD_ROW, f"The row is no CSV: {fault}", place) from None
    if len(rows) != 1:
        raise Refusal(Reason.BAD_ROW, f"The record holds {len(rows)} rows instead of one", place)
    return rows[0]


@lru_cache(maxsize=256)
def _columns(content: bytes, encoding: str, delimiter: str) -> dict[str, int]:
    """The position of each column. A byte-order mark is no part of a name."""
    names = _cells(content.removeprefix(b"\xef\xbb\xbf"), encoding, delimiter, "line 1")
    columns = {name.strip(): position for position, name in enumerate(names)}
    if len(columns) < len(names):
        twice = next(name for name in columns if [other.strip() for other in names].count(name) > 1)
        raise Refusal(Reason.BAD_ROW, f"Two columns have the name {quoted(twice)}", "line 1")
    return columns


def _values(row: Row, profile: Profile, columns: dict[str, int], cells: Sequence[str]) -> dict[str, Value]:
    """The fields that are known in a row."""
    values: dict[str, Value] = {
        "row_line": row.line,
        "row_digest": hashlib.sha256(row.content.strip()).hexdigest()[:32],
    }
    for column in profile.columns:
        place = f"line {row.line}, column {quoted(column.column)}"
        position = columns.get(column.column)
        if position is None:
            raise Refusal(Reason.MISSING_COLUMN, f"The table has no column {quoted(column.column)}", place)
        text = cells[position].strip()
        if text in profile.absent:
            if column.required:
                raise Refusal(Reason.MISSING_VALUE, f"The cell says nothing ({quoted(text)}), and is needed", place)
            continue
        try:
            values[column.field] = column.read(text)
        except cell.CellError as fault:
            raise Refusal(fault.reason, str(fault), place) from None
    for derived in profile.derived:
        value = _derive(derived, values, row.line)
        if value is not None:
            values[derived.field] = value
        elif derived.required:
            message = f"The field {quoted(derived.field)} is needed, and nothing that it comes from is known"
            raise Refusal(Reason.MISSING_VALUE, message, f"line {row.line}")
    return values


def _derive(derived: Derived, values: dict[str, Value], line: int) -> Value | None:
    rule = derived.rule
    if rule.shift is not None:
        if rule.shift not in values:
            return None
        try:
            return cell.shifted(values[rule.shift], rule.days)
        except cell.CellError as fault:
            raise Refusal(fault.reason, str(fault), f"line {line}") from None
    if rule.first is not None:
        return next(_within(rule.first, rule.not_before, rule.not_after, values), None)
    known: list[Any] = [values[name] for name in rule.earliest or rule.latest or () if name in values]
    if not known:
        return None
    return min(known) if rule.earliest is not None else max(known)


def _within(
    names: Sequence[str], not_before: str | None, not_after: str | None, values: dict[str, Any]
) -> Iterator[Value]:
    """The known values of the fields that lie within the bounds; a bound that is not known bounds nothing."""
    for name in names:
        value = values.get(name)
        if value is None:
            continue
        if not_before in values and value < values[not_before]:
            continue
        if not_after in values and value > values[not_after]:
            continue
        yield value


def _applies(event: EventTemplate, values: dict[str, Value]) -> bool:
    for name, wanted in event.rule.when.items():
        value = values.get(name)
        if isinstance(wanted, str):
            if (value is not None) != (wanted == "known"):
                return False
        elif value is None or str(written(value)) not in wanted:
            return False
    return True


def _event(template: EventTemplate, values: dict[str, Value], profile: Profile, place: str) -> Mapped:
    event: dict[str, Any] = {"specversion": "1.0", "type": template.rule.type, "source": profile.said.source}
    for name, text in template.attributes.items():
        value = text.value(values)
        if value is not None:
            event[name] = str(written(value))
        elif name in ("id", "time"):
            missing = ", ".join(field for field in text.fields if field not in values)
            message = f"`{name}` of the event {quoted(template.rule.name)} needs {missing}, which the row does not say"
            raise Refusal(Reason.MISSING_VALUE, message, place)
    event["data"] = filled(template.data, values)
    return Mapped(template.rule.name, event)
