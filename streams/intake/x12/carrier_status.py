"""214: where a shipment is, as a carrier reports it (AT7, with MS1 for the place)."""

from collections.abc import Iterator, Mapping
from typing import Final
from zoneinfo import ZoneInfo

from streams.intake.freight.status import Course, Status
from streams.intake.refusal import Reason, Refusal
from streams.intake.x12 import moments
from streams.intake.x12.feed import X12Feed
from streams.intake.x12.interchange import Segment, TransactionSet
from streams.intake.x12.ship_notice import SHIP_FROM, SHIP_TO, party, reference

MEANINGS: Final[Mapping[str, Course]] = {
    "AF": "departed",
    "AG": "eta_changed",
    "CA": "cancelled",
    "D1": "arrived",
    "X1": "arrived",
    "X2": "eta_changed",
    "X5": "arrived",
}
"""Element 1650: left the shipper, expected delivery or arrival, cancelled, at the consignee's door or unloaded there."""

_NO_REASON: Final = ("", "NS")


def statuses(found: TransactionSet, feed: X12Feed, zone: ZoneInfo) -> Iterator[Status]:
    """The reports of a transaction set, each AT7 with its place. Raises `Refusal` with segment and element."""
    beginning = found.segments[1]
    if beginning.tag != "B10":
        raise Refusal(Reason.MISSING_VALUE, "A carrier's status message begins with B10", beginning.place())
    reported = moments.read(found.group, 4, zone)
    number = reference(found.segments, ("L11", "REF"), feed.shipment) or beginning.at(2)
    ship_from, ship_to = party(found.segments, SHIP_FROM), party(found.segments, SHIP_TO)
    for position, one in enumerate(found.segments):
        if one.tag != "AT7":
            continue
        yield Status(
            identity=f"{found.identity}/{one.number}",
            place=one.place(),
            shipment_id=number,
            code=one.at(1) or one.at(3),
            at=moments.read(one, 5, zone, zone_at=7) if one.at(5) else None,
            reported=reported,
            location=_place(found.segments, position + 1),
            ship_from=ship_from,
            ship_to=ship_to,
            reason=one.at(2) if one.at(2) not in _NO_REASON else None,
        )


def _place(segments: tuple[Segment, ...], behind: int) -> str | None:
    """City, state and country of the MS1 that belongs to the status before the position `behind`."""
    for position in range(behind, len(segments)):
        one = segments[position]
        if one.tag == "MS1":
            return ", ".join(filter(None, (one.at(1), one.at(2), one.at(3)))) or None
        if one.tag in ("AT7", "LX"):
            return None
    return None
