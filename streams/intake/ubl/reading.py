"""From a record in UBL to drafts of canonical events. Pure; every draft or none."""

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from streams.intake.draft import Codes, Draft
from streams.intake.freight.advice import drafts
from streams.intake.refusal import Reason, Refusal
from streams.intake.ubl.despatch import advice
from streams.intake.ubl.feed import UblFeed
from streams.intake.ubl.tree import parsed


def read(value: bytes, feed: UblFeed, codes: Codes, texts: Mapping[str, str]) -> list[Draft]:
    """What a despatch advice says. Raises `Refusal` with line and column.

    One between places of which none is the partner's is refused, so that nobody takes it for read. `texts`, the headers, say
    nothing that the document does not.
    """
    document = parsed(value)
    found = drafts(advice(document, codes, ZoneInfo(feed.zone or "UTC")), feed.source, codes)
    if not found:
        raise Refusal(Reason.NO_EVENT, "The despatch advice is of no site of the partner", document.place)
    return found
