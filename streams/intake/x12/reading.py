"""From a record in X12 to drafts of canonical events. Pure; every draft or none."""

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from streams.intake.draft import Codes, Draft
from streams.intake.freight.advice import drafts
from streams.intake.freight.status import draft
from streams.intake.refusal import Reason, Refusal, quoted
from streams.intake.x12.carrier_status import MEANINGS, statuses
from streams.intake.x12.feed import X12Feed
from streams.intake.x12.interchange import TransactionSet, transaction_sets
from streams.intake.x12.ship_notice import notice


def read(value: bytes, feed: X12Feed, codes: Codes, texts: Mapping[str, str]) -> list[Draft]:
    """What the transaction sets of an interchange say, in their order. Raises `Refusal` with segment and element.

    An interchange of which nothing is for the partner's sites is refused, so that nobody takes it for read. `texts`, the
    headers, say nothing that the interchange does not.
    """
    zone = ZoneInfo(feed.zone or "UTC")
    found = [event for one in transaction_sets(value) for event in _drafts(one, feed, codes, zone)]
    if not found:
        raise Refusal(Reason.NO_EVENT, "Nothing in the interchange is of a site of the partner", "segment 1 (ISA)")
    return found


def _drafts(found: TransactionSet, feed: X12Feed, codes: Codes, zone: ZoneInfo) -> list[Draft]:
    match found.kind:
        case "856":
            return drafts(notice(found, feed, codes, zone), feed.source, codes)
        case "214":
            reports = statuses(found, feed, zone)
            return [one for report in reports for one in draft(report, MEANINGS, feed.source, codes)]
        case kind:
            place = found.segments[0].place(1)
            raise Refusal(Reason.UNKNOWN_TYPE, f"Transaction sets {quoted(kind)} are not read; 856 and 214 are", place)
