"""IFTSTA: where shipments are, as a carrier reports it."""

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from streams.intake.edifact import moments
from streams.intake.edifact.despatch import ISSUED, SHIP_FROM, SHIP_TO, party, reference
from streams.intake.edifact.feed import EdifactFeed
from streams.intake.edifact.interchange import Message, Segment
from streams.intake.freight.moments import Moment
from streams.intake.freight.status import Course, Status
from streams.intake.refusal import Reason, Refusal

MEANINGS: Final[Mapping[str, Course]] = {
    "1": "arrived",
    "7": "cancelled",
    "13": "departed",
    "21": "arrived",
    "22": "arrived",
    "24": "departed",
    "27": "departed",
}
"""UN/ECE Recommendation 24: arrival, booking cancelled, collection, delivery (two), departure, despatch."""

_WHEN: Final = ("334", "78", "7", "35", "178", "186", "200", "171")
_EXPECTED: Final = ("132", "17", "191")


def statuses(message: Message, feed: EdifactFeed, zone: ZoneInfo) -> Iterator[Status]:
    """The reports of a message, each status of each consignment. Raises `Refusal` with segment and element."""
    head, consignments = _parted(message)
    reported = moments.first(head, ISSUED, zone)
    if reported is None:
        raise Refusal(Reason.MISSING_VALUE, "The message has no date of its own (DTM+137)", head[0].place())
    sent = _Parties(party(head, SHIP_FROM), party(head, SHIP_TO))
    for consignment in consignments:
        opening, reports = _reports(consignment)
        number = reference(opening, feed.shipment) or opening[0].at(2)
        of_it = _Parties(party(opening, SHIP_FROM) or sent.ship_from, party(opening, SHIP_TO) or sent.ship_to)
        for report in reports:
            status = _status(report, f"{message.identity}/{report[0].number}", number, of_it, reported, feed, zone)
            yield status
            expected = moments.first(report, _EXPECTED, zone)
            if expected is not None:
                yield status._replace(identity=f"{status.identity}/eta", code=ETA, at=expected)


class _Parties(NamedTuple):
    """Between whom a consignment goes."""

    ship_from: str | None
    ship_to: str | None


def _status(
    report: list[Segment],
    identity: str,
    number: str,
    parties: _Parties,
    reported: Moment,
    feed: EdifactFeed,
    zone: ZoneInfo,
) -> Status:
    first = report[0]
    place = next((one for one in report if one.tag == "LOC"), None)
    return Status(
        identity=identity,
        place=first.place(),
        shipment_id=reference(report, feed.shipment) or number,
        code=first.at(2),
        at=moments.first(report, _WHEN, zone),
        reported=reported,
        location=(place.at(2, 4) or place.at(2)) or None if place else None,
        ship_from=party(report, SHIP_FROM) or parties.ship_from,
        ship_to=party(report, SHIP_TO) or parties.ship_to,
        reason=first.at(3, 4) or None,
    )


ETA: Final = "ETA"
"""Stands for an expected arrival, which IFTSTA gives as a date of any status."""


def _parted(message: Message) -> tuple[list[Segment], list[list[Segment]]]:
    head: list[Segment] = []
    consignments: list[list[Segment]] = []
    for segment in message.segments:
        if segment.tag == "CNI":
            consignments.append([])
        (consignments[-1] if consignments else head).append(segment)
    return head, consignments


def _reports(consignment: list[Segment]) -> tuple[list[Segment], list[list[Segment]]]:
    opening: list[Segment] = []
    reports: list[list[Segment]] = []
    for segment in consignment:
        if segment.tag == "STS":
            reports.append([])
        (reports[-1] if reports else opening).append(segment)
    return opening, reports
