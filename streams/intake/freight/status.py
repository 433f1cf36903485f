"""A carrier's report of where a shipment is, and the event that follows. Pure."""

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

from streams.intake.draft import Codes, Draft
from streams.intake.freight.advice import Envelope
from streams.intake.freight.moments import Moment
from streams.intake.freight.sites import whose
from streams.intake.refusal import Reason, Refusal, quoted

Course = Literal["departed", "arrived", "eta_changed", "cancelled"]
"""What a status can mean; anything else is a milestone."""


class Status(NamedTuple):
    """A report. `identity`: of the message and the report in it; `code`: the carrier's; `at`: when it was, or is to be."""

    identity: str
    place: str
    shipment_id: str
    code: str
    at: Moment | None
    reported: Moment
    location: str | None
    ship_from: str | None
    ship_to: str | None
    reason: str | None = None


def draft(status: Status, meanings: Mapping[str, Course], source: str, codes: Codes) -> list[Draft]:
    """The event of a report; none when the shipment is between places that are not the partner's. Raises `Refusal`.

    `meanings` by the standard's codes; the partner's table `statuses` goes before it, and names milestones.
    """
    if not status.shipment_id:
        raise Refusal(Reason.MISSING_VALUE, "The report has no number that the shipment could go by", status.place)
    if not status.code:
        raise Refusal(Reason.MISSING_VALUE, "The report has no code of a status", status.place)
    ours = whose((status.ship_to, status.ship_from), codes, status.place)
    if not ours.is_ours:
        return []
    meant = codes.tables.get("statuses", {}).get(status.code) or meanings.get(status.code)
    by = Envelope(status.identity, source, status.place, ours.site, status.reported)
    key = {"shipment_id": status.shipment_id}
    happened = status.at or status.reported
    match meant:
        case "departed":
            return [by.event("shipment.departed", happened, key | {"actual_departure": happened.written()})]
        case "arrived":
            return [by.event("shipment.arrived", happened, key | {"actual_arrival": happened.written()})]
        case "eta_changed":
            return [by.event("shipment.eta_changed", status.reported, key | _expected(status))]
        case "cancelled":
            return [by.event("shipment.cancelled", happened, key | {"reason": status.reason or status.code})]
        case _:
            passed = {"milestone": meant or status.code, "location": status.location}
            return [by.event("shipment.milestone", happened, key | passed)]


def _expected(status: Status) -> dict[str, Any]:
    if status.at is None:
        message = f"The status {quoted(status.code)} says that another arrival is expected, and not when"
        raise Refusal(Reason.MISSING_VALUE, message, status.place)
    return {"estimated_arrival": status.at.written(), "reason": status.reason}
