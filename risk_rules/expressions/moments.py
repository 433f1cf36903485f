"""Points in time and spans of time as CEL writes, reads, adds and takes them apart.

The finest part is a microsecond; what is finer is cut off. A function that has no value for what it is given returns None.
"""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from fractions import Fraction
from functools import lru_cache
from zoneinfo import ZoneInfo

LONGEST_DURATION = timedelta(seconds=315_576_000_000)
LONGEST_DIFFERENCE = timedelta(microseconds=(2**63 - 1) // 1000)
"""Between two timestamps, as in CEL's own libraries: 64 bits of nanoseconds, some 292 years."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND, SECOND, DAY = timedelta(microseconds=1), timedelta(seconds=1), timedelta(days=1)

_MOMENT = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})[Tt]([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]+))?"
    r"(?:[Zz]|([+-])([0-9]{2}):([0-9]{2}))"
)
_SPAN = re.compile(r"(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:h|ms|m|s|us|ns)")
_SPANS = re.compile(rf"([+-]?)(0|(?:{_SPAN.pattern})+)")
_UNITS = {
    "h": Fraction(3_600_000_000), "m": Fraction(60_000_000), "s": Fraction(1_000_000),
    "ms": Fraction(1000), "us": Fraction(1), "ns": Fraction(1, 1000),
}  # fmt: skip
_OFFSET = re.compile(r"([+-]?)([0-9]{1,2}):([0-9]{2})")
_ZONE = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*(?:/[A-Za-z0-9_+-]+)*")
_OF_THE_MACHINE = ("localtime", "posixrules", "Factory")


def moment(text: str) -> datetime | None:
    """An RFC 3339 text as UTC."""
    found = _MOMENT.fullmatch(text) if len(text) < 100 else None
    if found is None:
        return None
    year, month, day, hour, minute, second = (int(part) for part in found.groups()[:6])
    offset = timedelta(hours=int(found[9] or 0), minutes=int(found[10] or 0))
    if int(found[10] or 0) > 59 or int(found[9] or 0) > 23:
        return None
    try:
        local = datetime(year, month, day, hour, minute, second, int((found[7] or "0")[:6].ljust(6, "0")), tzinfo=UTC)
        return local + offset if found[8] == "-" else local - offset
    except (ValueError, OverflowError):
        return None


def moment_of_seconds(seconds: int) -> datetime | None:
    """Seconds since 1970."""
    try:
        return EPOCH + timedelta(seconds=seconds)
    except OverflowError:
        return None


def seconds_of_moment(at: datetime) -> int:
    """Whole seconds since 1970, cut towards the past."""
    return (at - EPOCH) // SECOND


def span(text: str) -> timedelta | None:
    """`1h30m`, `-1.5s`: numbers with units from h to ns."""
    found = _SPANS.fullmatch(text) if len(text) < 200 else None
    if found is None:
        return None
    total = Fraction(0)
    for part in _SPAN.findall(found[2]):
        digits = part.rstrip("hmsun")
        total += Fraction(digits.rstrip(".")) * _UNITS[part[len(digits) :]]
    if total > LONGEST_DURATION // MICROSECOND:
        return None
    length = timedelta(microseconds=int(total))
    return -length if found[1] == "-" else length


def span_in_words(length: timedelta) -> str:
    """In seconds, `5400s`, with three or six digits behind the point where there are any."""
    micros = abs(length) // MICROSECOND
    return f"{'-' if length < timedelta(0) else ''}{micros // 1_000_000}{_fraction(micros % 1_000_000)}s"


def moment_in_words(at: datetime) -> str:
    """RFC 3339, in UTC."""
    utc = at.astimezone(UTC)
    return f"{utc.year:04d}-{utc:%m-%dT%H:%M:%S}{_fraction(utc.microsecond)}Z"


def _fraction(micros: int) -> str:
    return "" if not micros else f".{micros // 1000:03d}" if micros % 1000 == 0 else f".{micros:06d}"


@lru_cache(maxsize=1024)
def zone(name: str) -> tzinfo | None:
    """A zone by its IANA name or its distance from UTC, `+02:00`; none is UTC."""
    if not name:
        return UTC
    if found := _OFFSET.fullmatch(name):
        away = timedelta(hours=int(found[2]), minutes=int(found[3]))
        if away >= DAY or int(found[3]) > 59:
            return None
        return timezone(-away if found[1] == "-" else away)
    if len(name) > 64 or name in _OF_THE_MACHINE or not _ZONE.fullmatch(name):
        return None
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return None


def local(at: datetime, name: str) -> datetime | None:
    """The clock and calendar of a zone at a moment."""
    there = zone(name)
    try:
        return None if there is None else at.astimezone(there)
    except OverflowError:
        return None


def day_of(given: str | datetime | date, name: str = "") -> date | None:
    """The calendar day of a moment in a zone, or of a text like `2026-05-03`."""
    if isinstance(given, datetime):
        there = local(given, name)
        return None if there is None else there.date()
    if isinstance(given, date):
        return given
    try:
        return date.fromisoformat(given) if len(given) == 10 else None
    except ValueError:
        return None


def midnight(day: date) -> datetime:
    """The first moment of a day, in UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def later(at: datetime, by: timedelta) -> datetime | None:
    try:
        return at + by
    except OverflowError:
        return None


def earlier(at: datetime, by: timedelta) -> datetime | None:
    return later(at, -by)


def between(end: datetime, begin: datetime) -> timedelta | None:
    length = end - begin
    return length if abs(length) <= LONGEST_DIFFERENCE else None


def longer(one: timedelta, other: timedelta) -> timedelta | None:
    length = one + other
    return length if abs(length) <= LONGEST_DURATION else None


def shorter(one: timedelta, other: timedelta) -> timedelta | None:
    return longer(one, -other)


def day_later(day: date, by: timedelta) -> date | None:
    """A day so many whole days later; None when they are not whole."""
    try:
        return day + by if not by % DAY else None
    except OverflowError:
        return None


def day_earlier(day: date, by: timedelta) -> date | None:
    return day_later(day, -by)


def getter(of_moment: Callable[[datetime], int], of_span: int | None = None) -> Callable[..., int | None]:
    """A part of a moment in a zone. `of_span` is how many microseconds one of it has where a span is counted in it."""

    def get(given: datetime | timedelta, name: str = "") -> int | None:
        if isinstance(given, timedelta):
            micros = abs(given) // MICROSECOND
            if of_span is None or name:
                return None
            counted = micros // of_span if of_span > 1000 else micros % 1_000_000 // of_span
            return counted if given >= timedelta(0) else -counted
        there = local(given, name)
        return None if there is None else of_moment(there)

    return get
