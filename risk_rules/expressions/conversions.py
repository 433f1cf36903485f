"""What `int(x)`, `double(x)`, `string(x)` and their like make of a value; None where they can make nothing of it."""

import math
import re
from datetime import date, datetime, timedelta

from risk_rules.expressions.literals import GREATEST_INT, GREATEST_UINT, LEAST_INT
from risk_rules.expressions.moments import (
    midnight,
    moment,
    moment_in_words,
    moment_of_seconds,
    seconds_of_moment,
    span,
    span_in_words,
)
from risk_rules.expressions.types import UInt

MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
TRUE, FALSE = ("true", "True", "TRUE", "t", "1"), ("false", "False", "FALSE", "f", "0")

_WHOLE = re.compile(r"[+-]?[0-9]{1,40}")
_DECIMAL = re.compile(r"[+-]?(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|(?i:inf|infinity|nan))")


def whole(value: float | str | datetime) -> int | None:
    """An int, a double cut towards zero; a timestamp in seconds since 1970."""
    if isinstance(value, str):
        number = int(value) if _WHOLE.fullmatch(value) else None
        return number if number is not None and LEAST_INT <= number <= GREATEST_INT else None
    if isinstance(value, datetime):
        return seconds_of_moment(value)
    if isinstance(value, float) and not LEAST_INT < value < GREATEST_INT:
        return None
    return int(value) if value <= GREATEST_INT else None


def unsigned(value: float | str) -> UInt | None:
    if isinstance(value, str):
        number = int(value) if _WHOLE.fullmatch(value) and value[0] != "-" else -1
    elif isinstance(value, float) and not 0 <= value < GREATEST_UINT:
        return None
    else:
        number = int(value)
    return UInt(number) if 0 <= number <= GREATEST_UINT else None


def double(value: float | str) -> float | None:
    if isinstance(value, str):
        return float(value) if len(value) < 500 and _DECIMAL.fullmatch(value) else None
    return float(value)


def truth(value: bool | str) -> bool | None:
    if isinstance(value, str):
        return True if value in TRUE else False if value in FALSE else None
    return value


def octets(value: str | bytes) -> bytes | None:
    try:
        return value.encode() if isinstance(value, str) else value
    except UnicodeEncodeError:
        return None


def text(value: bool | int | float | str | bytes | date | timedelta) -> str | None:
    """As CEL writes it; a date as people do, `3 May 2026`; a double that is whole without its fraction."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return _decimal(value)
    if isinstance(value, datetime):
        return moment_in_words(value)
    if isinstance(value, date):
        return day_in_words(value)
    if isinstance(value, timedelta):
        return span_in_words(value)
    if isinstance(value, bytes):
        try:
            return value.decode()
        except UnicodeDecodeError:
            return None
    return str(value)


def _decimal(value: float) -> str:
    if value.is_integer() and abs(value) < 1e15:
        return "-0" if not value and math.copysign(1, value) < 0 else repr(int(value))
    return repr(value)


def day_in_words(day: date) -> str:
    """`3 May 2026`, whatever the language of the machine."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def timestamp(value: str | int | datetime | date) -> datetime | None:
    """From RFC 3339 or seconds since 1970; of a day its first moment in UTC."""
    if isinstance(value, str):
        return moment(value)
    if isinstance(value, int):
        return moment_of_seconds(value)
    return value if isinstance(value, datetime) else midnight(value)


def duration(value: str | timedelta) -> timedelta | None:
    return span(value) if isinstance(value, str) else value
