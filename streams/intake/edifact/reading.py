"""From a record in EDIFACT to drafts of canonical events. Pure; every draft or none."""

from collections.abc import Mapping
from typing import Final
from zoneinfo import ZoneInfo

from streams.intake.draft import Codes, Draft
from streams.intake.edifact.despatch import advice
from streams.intake.edifact.feed import EdifactFeed
from streams.intake.edifact.interchange import Message, messages
from streams.intake.edifact.transport import ETA, MEANINGS, statuses
from streams.intake.freight.advice import drafts
from streams.intake.freight.status import Course, draft
from streams.intake.refusal import Reason, Refusal, quoted

_COURSES: Final[Mapping[str, Course]] = {**MEANINGS, ETA: "eta_changed"}


def read(value: bytes, feed: EdifactFeed, codes: Codes, texts: Mapping[str, str]) -> list[Draft]:
    """What the messages of an interchange say, in their order. Raises `Refusal` with segment and element.

    An interchange of which nothing is for the partner's sites is refused, so that nobody takes it for read. `texts`, the
    headers, say nothing that the interchange does not.
    """
    zone = ZoneInfo(feed.zone or "UTC")
    found = [one for message in messages(value) for one in _drafts(message, feed, codes, zone)]
    if not found:
        raise Refusal(Reason.NO_EVENT, "Nothing in the interchange is of a site of the partner", "segment 1 (UNB)")
    return found


def _drafts(message: Message, feed: EdifactFeed, codes: Codes, zone: ZoneInfo) -> list[Draft]:
    match message.kind:
        case "DESADV":
            return drafts(advice(message, feed, codes, zone), feed.source, codes)
        case "IFTSTA":
            reports = statuses(message, feed, zone)
            return [one for report in reports for one in draft(report, _COURSES, feed.source, codes)]
        case kind:
            place = message.segments[0].place(2)
            raise Refusal(Reason.UNKNOWN_TYPE, f"Messages {quoted(kind)} are not read; DESADV and IFTSTA are", place)
