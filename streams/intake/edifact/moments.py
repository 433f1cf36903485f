"""Dates and times of DTM, by their format (data element 2379)."""

import re
from collections.abc import Iterable
from typing import Final
from zoneinfo import ZoneInfo

from streams.intake.edifact.interchange import Segment
from streams.intake.freight.moments import Moment, moment
from streams.intake.refusal import Reason, Refusal, quoted

_PICTURES: Final = {
    "101": (6, "%y%m%d"),
    "102": (8, "%Y%m%d"),
    "201": (10, "%y%m%d%H%M"),
    "202": (12, "%y%m%d%H%M%S"),
    "203": (12, "%Y%m%d%H%M"),
    "204": (14, "%Y%m%d%H%M%S"),
}
"""Digits, and how they are read."""

_OFFSET: Final = {"205": ("%Y%m%d%H%M", 12), "303": ("%Y%m%d%H%M", 12), "304": ("%Y%m%d%H%M%S", 14)}
"""The same with a zone behind."""

_zone = re.compile(r"[+-]\d{2}(?:\d{2})?|UTC|GMT|Z", re.ASCII)


def first(segments: Iterable[Segment], qualifiers: tuple[str, ...], zone: ZoneInfo) -> Moment | None:
    """The first moment with one of the qualifiers, the best qualifier first. Raises `Refusal` (`bad_value`)."""
    by_qualifier = {one.at(1, 1): one for one in reversed(list(segments)) if one.tag == "DTM"}
    for qualifier in qualifiers:
        if qualifier in by_qualifier and by_qualifier[qualifier].at(1, 2):
            return read(by_qualifier[qualifier], zone)
    return None


def read(segment: Segment, zone: ZoneInfo) -> Moment:
    """The moment of a DTM; local to `zone` where it has no offset. Raises `Refusal` (`bad_value`)."""
    text, form, place = segment.at(1, 2), segment.at(1, 3) or "102", segment.place(1)
    if form in _OFFSET:
        picture, digits = _OFFSET[form]
        behind = text[digits:].strip()
        if not (text[:digits].isascii() and text[:digits].isdigit()) or _zone.fullmatch(behind) is None:
            raise Refusal(Reason.BAD_VALUE, f"{quoted(text)} is not written by the format {form}", place)
        offset = "+0000" if behind.isalpha() else behind.ljust(5, "0")
        return moment(text[:digits] + offset, f"{picture}%z", zone, place)
    if form not in _PICTURES:
        message = f"The format {quoted(form)} of dates is not read; send 102, 203, 204 or 205"
        raise Refusal(Reason.BAD_VALUE, message, place)
    digits, picture = _PICTURES[form]
    if len(text) != digits or not (text.isascii() and text.isdigit()):
        raise Refusal(Reason.BAD_VALUE, f"{quoted(text)} is not written by the format {form}", place)
    return moment(text, picture, zone, place)
