"""What a map may call besides JSONata's own functions, and bounded forms of those that can grow without bound in one call."""

import hashlib
from collections.abc import Callable, Mapping
from datetime import date, time
from typing import Any, cast
from zoneinfo import ZoneInfo

import msgspec
from jsonata import Jsonata
from jsonata.functions import Functions
from jsonata.utils import Utils

from streams.intake import cell
from streams.intake.draft import Codes
from streams.intake.refusal import Reason, Refusal, quoted
from streams.intake.template import written_time

UNSTEADY = frozenset({"now", "millis", "random", "shuffle", "eval"})
"""Functions of JSONata that a map may not call: the same bytes would not give the same events, or would be code."""

WIDEST = 10_000
LONGEST = 8_000_000
_NULL: Any = cast("Any", Utils).NULL_VALUE
_missing = object()


class MapFault(Exception):
    """A function of ours refuses what it was given. `value`: what is to be looked for in the partner's record."""

    def __init__(self, reason: Reason, message: str, value: object) -> None:
        self.reason, self.message, self.value = reason, message, value
        super().__init__(reason, message)


def ours(codes: Codes, zone: str | None) -> Mapping[str, Callable[..., Any]]:
    """The functions by name. A value that is not there gives none, as JSONata's own functions do.

    `$ours(table, code)`: our code for the partner's. `$unit(code)`: the unit by Rec 20. `$at(text, pictures, clock)`: a
    time, in the feed's zone if it names no offset; `$day(text, pictures)`: a day; pictures are those of strptime or "iso".
    `$digest(value)`: 32 hexadecimal digits that stand for a value, for records that have no name.
    """
    readers: dict[tuple[Any, ...], cell.Reader] = {}

    def translated(table: Any = None, code: Any = None) -> Any:
        if code is None or code is _NULL:
            return None
        try:
            return codes.ours(str(table), _text(code), "")
        except Refusal as refusal:
            raise MapFault(refusal.reason, refusal.message, code) from None

    def unit(code: Any = None) -> Any:
        return None if code is None or code is _NULL else codes.unit(_text(code))

    def at(text: Any = None, pictures: Any = None, clock: Any = None) -> Any:
        key = ("at", _key(pictures), clock)
        if key not in readers:
            readers[key] = cell.time_reader(_pictures(pictures), ZoneInfo(zone or "UTC"), _clock(clock))
        return _read(readers[key], text)

    def day(text: Any = None, pictures: Any = None) -> Any:
        key = ("day", _key(pictures))
        if key not in readers:
            readers[key] = cell.day_reader(_pictures(pictures))
        return _read(readers[key], text)

    return {"ours": translated, "unit": unit, "at": at, "day": day, "digest": _digest}


class _Bounded:
    """JSONata's own, which can make something large of something small, by a bound. Their signatures are the library's."""

    @staticmethod
    def pad(text: Any, width: Any, char: Any) -> Any:
        if isinstance(width, int | float) and abs(width) > WIDEST:
            raise MapFault(Reason.BAD_MAP, f"$pad makes no text wider than {WIDEST}", _missing)
        return cast("Any", Functions).pad(text, width, char)

    @staticmethod
    def join(texts: Any, separator: Any) -> Any:
        if isinstance(texts, list) and isinstance(separator, str):
            _check_length(len(cast("list[Any]", texts)) * len(separator), "$join")
        return cast("Any", Functions).join(texts, separator)

    @staticmethod
    def replace(text: Any, pattern: Any, instead: Any, limit: Any) -> Any:
        if isinstance(text, str) and isinstance(instead, str):
            most = text.count(pattern) if isinstance(pattern, str) and pattern else len(text) + 1
            _check_length(most * len(instead), "$replace")
        return cast("Any", Functions).replace(text, pattern, instead, limit)


def bounded() -> Mapping[str, Any]:
    """By the names that they have in a map."""
    native = Jsonata.JNativeFunction
    return {
        "pad": native("pad", "<s-ns?:s>", _Bounded, "pad"),
        "join": native("join", "<a<s>s?:s>", _Bounded, "join"),
        "replace": native("replace", "<s-(sf)(sf)n?:s>", _Bounded, "replace"),
    }


def _check_length(length: int, name: str) -> None:
    if length > LONGEST:
        raise MapFault(Reason.BAD_MAP, f"{name} makes no text longer than {LONGEST} characters", _missing)


def _read(read: cell.Reader, content: Any) -> Any:
    if content is None or content is _NULL or content == "":
        return None
    if isinstance(content, bool) or not isinstance(content, str | int | float):
        raise MapFault(Reason.BAD_VALUE, f"{quoted(content)} is no time and no day", content)
    try:
        value = read(content)
    except cell.CellError as fault:
        raise MapFault(fault.reason, str(fault), content) from None
    return written_time(cast("date", value))


def _key(pictures: Any) -> Any:
    return tuple(cast("list[Any]", pictures)) if isinstance(pictures, list) else pictures


def _pictures(pictures: Any) -> tuple[str, ...]:
    found = ("iso",) if pictures is None else cast("list[Any]", pictures) if isinstance(pictures, list) else (pictures,)
    return tuple(str(picture) for picture in found)


def _clock(clock: Any) -> time:
    try:
        return time.fromisoformat("00:00" if clock is None else str(clock))
    except ValueError:
        raise MapFault(Reason.BAD_MAP, f"{quoted(clock)} is no time of day, such as 23:59:59", clock) from None


def _text(code: Any) -> str:
    """A code that a partner writes as a number is the text of that number."""
    if isinstance(code, float) and code.is_integer() and abs(code) < 1e15:
        return str(int(code))
    return str(code)


def _digest(value: Any = None) -> str | None:
    if value is None or value is _NULL:
        return None
    plain = cast("Any", Utils).convert_nulls(value)
    return hashlib.sha256(msgspec.json.encode(plain, order="deterministic")).hexdigest()[:32]
