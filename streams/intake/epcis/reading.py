"""From a record in EPCIS to drafts of canonical events. Pure; every draft or none."""

from collections.abc import Mapping

from streams.intake.draft import Codes, Draft
from streams.intake.epcis import freight, production, stock
from streams.intake.epcis.document import Found, events
from streams.intake.epcis.feed import EpcisFeed
from streams.intake.epcis.schema import Happening
from streams.intake.epcis.telling import Telling
from streams.intake.refusal import Reason, Refusal, quoted

MOST_DRAFTS = 50_000


def read(value: bytes, feed: EpcisFeed, codes: Codes, texts: Mapping[str, str]) -> list[Draft]:
    """What a document, a query document or a single event says, in its order. Raises `Refusal` with the JSON path.

    An event that means nothing here passes as long as another in the record does; a record of none is refused, so that
    nobody takes it for read. `texts`, the headers, say nothing that the document does not.
    """
    found = events(value)
    drafts: list[Draft] = []
    for one in found:
        drafts += _drafts(one, feed, codes)
        if len(drafts) > MOST_DRAFTS:
            message = f"The document gives more than {MOST_DRAFTS} events; send it in parts"
            raise Refusal(Reason.TOO_LARGE, message, one.place)
    if not drafts:
        raise _means_nothing(found)
    return drafts


def _drafts(found: Found, feed: EpcisFeed, codes: Codes) -> list[Draft]:
    if not isinstance(found.event, Happening):
        return []
    telling = Telling(found.event, found.raw, found.place, feed, codes)
    for family in (freight, stock, production):
        family.tell(telling)
    return telling.withdrawals()


def _means_nothing(found: list[Found]) -> Refusal:
    if not found:
        return Refusal(Reason.NO_EVENT, "The document has no events", "$")
    steps = (getattr(one.event, "biz_step", "") or "without a business step" for one in found)
    shown = ", ".join(dict.fromkeys(f"{one.event.type} {step}" for one, step in zip(found, steps, strict=True)))
    message = (
        f"None of its events ({quoted(shown, 200)}) says anything of a shipment, a lot or a batch: "
        "a shipment needs what the feed's `shipment` names it by, a lot its number"
    )
    return Refusal(Reason.NO_EVENT, message, found[0].place)
