"""From the cells of a row of a partner's table to the CloudEvents that it means, by what its feed says. Pure."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, time
from typing import Any, NamedTuple, cast
from zoneinfo import ZoneInfo

from streams.intake import cell
from streams.intake.cell import Cell
from streams.intake.draft import Codes, Draft
from streams.intake.refusal import Reason, Refusal, quoted
from streams.intake.table_faults import field_types
from streams.intake.table_file import EventRule, FieldRule, TableFeed
from streams.intake.template import Filler, Row, Template, Value, compiled, written_time

COLUMNS_KNOWN = 64
"""Different rows of names that a feed remembers. A partner has one, or a few when it changes its tables."""


class Column(NamedTuple):
    """A field that is read from a column: its name, where it stands in a row, how it is read, what a refusal calls it."""

    field: str
    position: int
    read: cell.Reader
    required: bool
    place: str


class Columns(NamedTuple):
    """The row of names at the top of a table, as a feed reads it. `missing`: a column that the table should have."""

    width: int
    known: tuple[Column, ...]
    missing: str | None


class _Event(NamedTuple):
    """An event, to be filled from a row."""

    rule: EventRule
    conditions: tuple[tuple[str, bool | frozenset[str]], ...]
    attributes: tuple[tuple[str, Template], ...]
    data: Filler


class TableReader:
    """Reads rows by what a feed says, with the partner's `codes`. The feed is sound (`table_faults`) and has its zone.

    Rows of different tables may come in any order: `columns` tells once for each table where its columns stand.
    """

    def __init__(self, said: TableFeed, codes: Codes) -> None:
        self._said = said
        self._readers = [
            (name, rule, _reader(said, rule, codes)) for name, rule in said.fields.items() if rule.column is not None
        ]
        self._derived = [(name, rule) for name, rule in said.fields.items() if rule.column is None]
        self._dates = frozenset(name for name, kind in field_types(said).items() if kind in ("day", "time"))
        self._events = tuple(_event(said, rule) for rule in said.events)
        self._absent: frozenset[Cell | None] = frozenset({"", None, *said.absent})
        self.needs_digest = "row_digest" in _fields_used(said)

    def columns(self, names: Sequence[str], place: str, label: Callable[[int, str], str]) -> Columns:
        """Where the columns of a table stand; `label` names one by position and name. Raises `Refusal` for a bad top row."""
        plain = [name.strip() for name in names]
        positions = {name: position for position, name in enumerate(plain)}
        twice = next((name for name in positions if name and plain.count(name) > 1), None)
        if twice is not None:
            raise Refusal(Reason.BAD_ROW, f"Two columns have the name {quoted(twice)}", place)
        known: list[Column] = []
        missing = None
        for name, rule, read in self._readers:
            column = rule.column or ""
            if column in positions:
                at = positions[column]
                known.append(Column(name, at, read, rule.required, label(at, column)))
            else:
                missing = missing or column
        return Columns(len(names), tuple(known), missing)

    def drafts(self, cells: Sequence[Cell], columns: Columns, place: str, line: int, digest: str) -> list[Draft]:
        """The events of a row, in the order of the feed; at least one. Raises `Refusal` with the place of the cell.

        `place` is that of the row, `line` its number in the table, `digest` a hash of its content (if `needs_digest`).
        """
        if len(cells) != columns.width:
            message = f"The row has {len(cells)} cells, and the table {columns.width} columns"
            raise Refusal(Reason.BAD_ROW, message, f"{place}, column {min(len(cells), columns.width) + 1}")
        if columns.missing is not None:
            message = f"The table has no column {quoted(columns.missing)}"
            raise Refusal(Reason.MISSING_COLUMN, message, f"{place}, column {quoted(columns.missing)}")
        values = self._values(cells, columns, place)
        values["row_line"] = line
        values["row_digest"] = digest
        for name, rule in self._derived:
            value = _derive(rule, values, place)
            if value is not None:
                values[name] = value
            elif rule.required:
                message = f"The field {quoted(name)} is needed, and nothing that it comes from is known"
                raise Refusal(Reason.MISSING_VALUE, message, place)
        for name in self._dates & values.keys():
            values[name] = written_time(cast("date", values[name]))
        row = cast("Row", values)
        found = [self._filled(event, row, place) for event in self._events if _applies(event, row)]
        if not found:
            raise Refusal(Reason.NO_EVENT, "No event of the feed applies to the row", place)
        return found

    def _values(self, cells: Sequence[Cell], columns: Columns, place: str) -> dict[str, Value]:
        values: dict[str, Value] = {}
        absent = self._absent
        for field, position, read, required, label in columns.known:
            content = cells[position]
            if type(content) is str:
                content = content.strip()
            if content in absent:
                if required:
                    message = f"The cell says nothing ({quoted(content or '')}), and is needed"
                    raise Refusal(Reason.MISSING_VALUE, message, f"{place}, {label}")
                continue
            try:
                values[field] = read(content)
            except cell.CellError as fault:
                raise Refusal(fault.reason, str(fault), f"{place}, {label}") from None
        return values

    def _filled(self, event: _Event, row: Row, place: str) -> Draft:
        filled: dict[str, Any] = {"specversion": "1.0", "type": event.rule.type, "source": self._said.source}
        for name, template in event.attributes:
            value = template.value(row)
            if value is not None:
                filled[name] = value if type(value) is str else str(value)
            elif name in ("id", "time"):
                missing = ", ".join(field for field in template.fields if field not in row)
                message = f"`{name}` of the event {quoted(event.rule.name)} needs {missing}, which the row does not say"
                raise Refusal(Reason.MISSING_VALUE, message, place)
        filled["data"] = event.data(row)
        return Draft(filled, place)


def _reader(said: TableFeed, rule: FieldRule, codes: Codes) -> cell.Reader:
    dates = rule.dates or said.dates
    match rule.type:
        case "text":
            return cell.text_reader(None if rule.table is None else codes.tables[rule.table])
        case "unit":
            return cell.unit_reader(codes.units)
        case "number" | "integer":
            whole = rule.type == "integer"
            return cell.number_reader(decimal=said.decimal, thousands=said.thousands, whole=whole, times=rule.times)
        case "day":
            return cell.day_reader(dates)
        case "time":
            return cell.time_reader(dates, ZoneInfo(said.zone or "UTC"), time.fromisoformat(rule.at))


def _event(said: TableFeed, rule: EventRule) -> _Event:
    texts = {
        "id": rule.id,
        "time": rule.time,
        "siteid": rule.site or said.site,
        "recordedtime": rule.recordedtime,
        "sequence": rule.sequence,
        "corrects": rule.corrects,
        "subject": rule.subject,
    }
    conditions = tuple(
        (name, wanted == "known" if isinstance(wanted, str) else frozenset(wanted))
        for name, wanted in rule.when.items()
    )
    attributes = tuple((name, Template(text)) for name, text in texts.items() if text is not None)
    return _Event(rule, conditions, attributes, compiled(rule.data))


def _fields_used(said: TableFeed) -> set[str]:
    """The names in all templates and conditions; more than these nobody asks for."""

    def texts(shape: Any) -> Iterator[str]:
        if isinstance(shape, str):
            yield shape
        elif isinstance(shape, dict):
            for value in shape.values():  # pyright: ignore[reportUnknownVariableType]
                yield from texts(value)
        elif isinstance(shape, list):
            for value in shape:  # pyright: ignore[reportUnknownVariableType]
                yield from texts(value)

    found: set[str] = set()
    for rule in said.events:
        own = [rule.id, rule.time, rule.site, said.site, rule.recordedtime, rule.sequence, rule.corrects, rule.subject]
        found.update(rule.when)
        for text in (*filter(None, own), *texts(rule.data)):
            found.update(Template(text).fields)
    for rule in said.fields.values():
        found.update(rule.first or ())
    return found


def _derive(rule: FieldRule, values: dict[str, Value], place: str) -> Value | None:
    if rule.shift is not None:
        if rule.shift not in values:
            return None
        try:
            return cell.shifted(values[rule.shift], rule.days)
        except cell.CellError as fault:
            raise Refusal(fault.reason, str(fault), place) from None
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


def _applies(event: _Event, row: Row) -> bool:
    for name, wanted in event.conditions:
        value = row.get(name)
        if isinstance(wanted, bool):
            if (value is not None) != wanted:
                return False
        elif value is None or str(value) not in wanted:
            return False
    return True
