"""Days and instants inside an event: whether they exist, and whether a database and every time zone can hold them.

The types of `streams.events` fix how a day is written; 2026-02-31 is well written and does not exist.
"""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any, cast

import msgspec
from msgspec import inspect

from streams.events import EVENT_TYPES
from streams.events.types import DAY, Day, Week
from streams.intake.refusal import Reason, Refusal, quoted

EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)
LATEST = datetime(2200, 1, 1, tzinfo=UTC)

type_check = Callable[[Any, str], None]

_day = re.compile(DAY, re.ASCII)
_day_type = inspect.type_info(Day)
_week_pattern = cast("inspect.StrType", inspect.type_info(Week)).pattern


def check_instant(value: datetime, path: str) -> None:
    """Raises `Refusal` for an instant that no plan and no record of a plant can mean."""
    if not EARLIEST <= value < LATEST:
        raise Refusal(Reason.BAD_TIME, f"{value.isoformat()} lies outside of the years 1900 to 2199", path)


def _check_day(value: str, path: str) -> None:
    if _day.fullmatch(value) is None:
        raise Refusal(Reason.BAD_FIELD, f"A day is written as 2026-03-31, not {quoted(value)}", path)
    try:
        found = date.fromisoformat(value)
    except ValueError:
        raise Refusal(Reason.BAD_TIME, f"There is no day {quoted(value)}", path) from None
    if not EARLIEST.year <= found.year < LATEST.year:
        raise Refusal(Reason.BAD_TIME, f"{quoted(value)} lies outside of the years 1900 to 2199", path)


def _check_week(value: str, path: str) -> None:
    try:
        found = date.fromisocalendar(int(value[:4]), int(value[6:]), 1)
    except ValueError:
        raise Refusal(Reason.BAD_TIME, f"There is no ISO week {quoted(value)}", path) from None
    _check_day(found.isoformat(), path)


def _check_of(kind: inspect.Type) -> type_check | None:
    """The check for one type of value; None when nothing in it is a day or an instant."""
    match kind:
        case inspect.UnionType():
            found = [check for check in map(_check_of, kind.types) if check is not None]
            return found[0] if found else None
        case inspect.DateTimeType():
            return check_instant
        case inspect.Metadata() if kind == _day_type:
            return _check_day
        case inspect.StrType(pattern=pattern) if pattern is not None and pattern == _week_pattern:
            return _check_week
        case inspect.VarTupleType():
            return _each(_check_of(kind.item_type))
        case inspect.StructType():
            return _fields(kind)
        case _:
            return None


def _each(check: type_check | None) -> type_check | None:
    if check is None:
        return None

    def every(values: tuple[Any, ...], path: str) -> None:
        for position, value in enumerate(values):
            check(value, f"{path}[{position}]")

    return every


def _fields(kind: inspect.StructType) -> type_check | None:
    checked = [(field.name, f".{field.encode_name}", _check_of(field.type)) for field in kind.fields]
    dated = [(name, step, check) for name, step, check in checked if check is not None]
    if not dated:
        return None

    def whole(struct: msgspec.Struct, path: str) -> None:
        for name, step, check in dated:
            value = getattr(struct, name)
            if value is not None:
                check(value, path + step)

    return whole


_checks: dict[type[msgspec.Struct], type_check | None] = {
    struct: _check_of(inspect.type_info(struct)) for struct in EVENT_TYPES.values()
}


def check(event: msgspec.Struct) -> None:
    """Raises `Refusal` (`bad_time`) with the JSON path of the first day or instant that cannot be."""
    dates = _checks[type(event)]
    if dates is not None:
        dates(event, "$")
