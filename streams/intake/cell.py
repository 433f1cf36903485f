"""One cell of a partner's table: from the text to a typed value, by what the profile says of its column."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from typing import Any

from streams.intake.refusal import Reason, quoted
from streams.intake.template import Value

Cell = str | float | int | bool | datetime | None
"""What a cell holds: a text in CSV; in a spreadsheet also what else it has types for. A `datetime` there has no zone."""

Reader = Callable[[Any], Value]
"""From a `Cell` that is not empty. Raises `CellError`."""

LONGEST_DATE = 64
ISO = "iso"
"""Stands for ISO 8601 in a list of date formats."""

_time_of_day = ("%H", "%I", "%X", "%c")


class CellError(ValueError):
    """The text is not what the column is said to hold."""

    def __init__(self, reason: Reason, message: str) -> None:
        self.reason = reason
        super().__init__(message)


def text_reader(table: Mapping[str, str] | None) -> Reader:
    """Texts as they are, or translated by a table of codes."""
    if table is None:
        return _text

    def read(content: Cell) -> Value:
        text = _text(content)
        try:
            return table[text]
        except KeyError:
            raise CellError(Reason.UNKNOWN_CODE, f"{quoted(text)} is not in the profile's table of codes") from None

    return read


def unit_reader(units: Mapping[str, str]) -> Reader:
    """Units: the partner's by Rec 20; one that it has no other word for stays as it is."""

    def read(content: Cell) -> Value:
        text = _text(content)
        return units.get(text, text)

    return read


def number_reader(*, decimal: str, thousands: str, whole: bool, times: float) -> Reader:
    """Numbers as the partner writes them, `times` a factor."""
    groups = rf"\d{{1,3}}(?:{re.escape(thousands)}\d{{3}})+|" if thousands else ""
    shape = re.compile(rf"[+-]?(?:{groups}\d+)(?:{re.escape(decimal)}\d+)?(?:[eE][+-]?\d{{1,3}})?", re.ASCII)
    fits = shape.fullmatch

    def read(content: Cell) -> Value:
        if type(content) is str:
            if fits(content) is None or len(content) > 40:
                raise CellError(
                    Reason.BAD_VALUE, f"{quoted(content)} is not a number with the decimal sign {decimal!r}"
                )
            plain = content.replace(thousands, "") if thousands else content
            number = float(plain if decimal == "." else plain.replace(decimal, ".")) * times
        elif type(content) is int or type(content) is float:
            number = float(content) * times
        else:
            raise CellError(Reason.BAD_VALUE, f"{quoted(_text(content))} is not a number")
        if whole and not number.is_integer():
            raise CellError(Reason.BAD_VALUE, f"{quoted(content)} is not a whole number")
        return int(number) if whole else number

    return read


def day_reader(formats: Sequence[str]) -> Reader:
    """Calendar days."""
    shapes = tuple(formats)

    def read(content: Cell) -> Value:
        return _moment(content, shapes)[0].date()

    return read


def time_reader(formats: Sequence[str], zone: tzinfo, at: time) -> Reader:
    """Instants. What has no offset is local to `zone`; what is a day only stands for the time `at` of that day."""
    shapes = tuple(formats)

    @lru_cache(maxsize=16384)
    def read(content: Cell) -> Value:
        moment, day_only = _moment(content, shapes)
        if day_only:
            moment = datetime.combine(moment.date(), at)
        try:
            return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
        except OverflowError:
            raise CellError(Reason.BAD_VALUE, f"{quoted(content)} is out of the range of times") from None

    return read


def _text(content: Cell) -> str:
    """What a cell says. A whole number has no decimal point, however it is stored: it is a code."""
    if type(content) is str:
        return content
    if type(content) is float and content.is_integer() and abs(content) < 1e15:
        return str(int(content))
    return content.isoformat() if isinstance(content, datetime) else str(content)


@lru_cache(maxsize=65536)
def _moment(content: Cell, formats: tuple[str, ...]) -> tuple[datetime, bool]:
    """The moment written, by the first format that fits, and whether it is a day without a time."""
    if isinstance(content, datetime):
        return content, content.time() == time()
    text = _text(content)
    if len(text) > LONGEST_DATE:  # strptime takes any number of blanks for one; what is read is kept in memory
        raise CellError(Reason.BAD_VALUE, f"{quoted(text)} is longer than any date")
    for shape in formats:
        try:
            if shape == ISO:
                return datetime.fromisoformat(text), len(text) <= len("2026-W01-1")
            return datetime.strptime(text, shape), not any(part in shape for part in _time_of_day)  # noqa: DTZ007 - the zone is the caller's
        except ValueError:
            continue
    shown = " or ".join("ISO 8601" if shape == ISO else shape for shape in formats)
    raise CellError(Reason.BAD_VALUE, f"{quoted(text)} is not a date written as {shown}")


def shifted(value: Value, days: float) -> Value:
    """A day or an instant, some days later (negative: earlier). Raises `CellError` beyond the range of dates."""
    assert isinstance(value, date)
    try:
        return value + timedelta(days=days)
    except OverflowError:
        raise CellError(Reason.BAD_VALUE, f"{value.isoformat()} and {days} days leave the range of dates") from None
