"""Dates and times of X12: CCYYMMDD, a time of HHMM, HHMMSS or with decimals, and a code of the zone (element 623)."""

from collections.abc import Iterable
from datetime import timedelta, timezone, tzinfo
from typing import Final
from zoneinfo import ZoneInfo

from streams.intake.freight.moments import Moment, moment
from streams.intake.refusal import Reason, Refusal, quoted
from streams.intake.x12.interchange import Segment

_AMERICAN: Final = {
    "E": ZoneInfo("America/New_York"),
    "C": ZoneInfo("America/Chicago"),
    "M": ZoneInfo("America/Denver"),
    "P": ZoneInfo("America/Los_Angeles"),
}
"""By the first letter of ET, ED, ES and so on: what the clocks there show that day."""


def first(segments: Iterable[Segment], qualifiers: tuple[str, ...], zone: ZoneInfo) -> Moment | None:
    """The first moment (DTM) with one of the qualifiers, the best qualifier first. Raises `Refusal`."""
    found = {one.at(1): one for one in reversed(list(segments)) if one.tag == "DTM"}
    for qualifier in qualifiers:
        if qualifier in found and found[qualifier].at(2):
            return read(found[qualifier], 2, zone, zone_at=4)
    return None


def read(segment: Segment, date: int, zone: ZoneInfo, *, zone_at: int | None = None) -> Moment:
    """The moment at element `date`, its time behind it, its zone at `zone_at`; else local to `zone`. Raises `Refusal`."""
    day, clock = segment.at(date), segment.at(date + 1)
    code = segment.at(zone_at) if zone_at else ""
    if len(day) != 8 or not _are_digits(day):
        raise Refusal(Reason.BAD_VALUE, f"{quoted(day)} is no date written CCYYMMDD", segment.place(date))
    if not clock:
        return moment(day, "%Y%m%d", zone, segment.place(date))
    if not (4 <= len(clock) <= 8) or not _are_digits(clock):
        raise Refusal(Reason.BAD_VALUE, f"{quoted(clock)} is no time written HHMM or HHMMSS", segment.place(date + 1))
    seconds = clock[4:6].ljust(2, "0")
    place = segment.place(date)
    local = _zone(code, zone, segment.place(zone_at or date))
    return moment(day + clock[:4] + seconds, "%Y%m%d%H%M%S", local, place)


def _zone(code: str, zone: ZoneInfo, place: str) -> tzinfo:
    if code in ("", "LT"):
        return zone
    if code in ("UT", "GM"):
        return timezone.utc  # noqa: UP017 - by its own name, beside other zones
    if len(code) == 2 and code[0] in _AMERICAN and code[1] in "TDS":
        return _AMERICAN[code[0]]
    if len(code) == 2 and _are_digits(code) and 1 <= int(code) <= 24:
        hours = int(code)
        return timezone(timedelta(hours=hours if hours <= 12 else hours - 25))
    raise Refusal(Reason.BAD_VALUE, f"The time zone {quoted(code)} is not known; send UT or LT", place)


def _are_digits(text: str) -> bool:
    return text.isascii() and text.isdigit()
