"""A despatch advice, and what follows of it: a shipment is booked, has left, or will not come. Pure."""

from hashlib import sha256
from typing import Any, NamedTuple

from streams.intake.draft import Codes, Draft
from streams.intake.freight.moments import Moment
from streams.intake.freight.sites import whose
from streams.intake.refusal import Reason, Refusal

LONGEST_ID = 200
MOST_LINES = 10_000
"""Lines of a shipment."""


class Line(NamedTuple):
    """An amount of one lot of a material; `uom` by Rec 20, `expiry` a day."""

    material: str
    qty: float
    uom: str
    lot: str | None = None
    expiry: str | None = None
    po_no: str | None = None


class Advice(NamedTuple):
    """A despatch advice. `identity` is that of the message; `left`: it says when the goods left, not when they shall."""

    identity: str
    place: str
    shipment_id: str
    issued: Moment
    is_cancelled: bool
    lines: tuple[Line, ...]
    sscc: tuple[str, ...]
    departure: Moment | None
    left: bool
    arrival: Moment | None
    po_no: str | None
    ship_from: str | None
    ship_to: str | None
    carrier: str | None = None
    mode: str | None = None
    tracking_no: str | None = None
    incoterm: str | None = None


def drafts(advice: Advice, source: str, codes: Codes) -> list[Draft]:
    """The events of an advice; none when it is between places that are not the partner's. Raises `Refusal`."""
    if not advice.shipment_id:
        raise Refusal(Reason.MISSING_VALUE, "The advice has no number that the shipment could go by", advice.place)
    ours = whose((advice.ship_to, advice.ship_from), codes, advice.place)
    if not ours.is_ours:
        return []
    by = Envelope(advice.identity, source, advice.place, ours.site, advice.issued)
    key = {"shipment_id": advice.shipment_id}
    if advice.is_cancelled:
        return [by.event("shipment.cancelled", advice.issued, key | {"reason": "despatch advice cancelled"})]
    if not advice.lines:
        raise Refusal(Reason.MISSING_VALUE, "The advice has no lines", advice.place)
    if len(advice.lines) > MOST_LINES:
        message = f"The advice has {len(advice.lines)} lines; at most {MOST_LINES} are taken"
        raise Refusal(Reason.TOO_LARGE, message, advice.place)
    found = [by.event("shipment.booked", advice.issued, key | _booked(advice))]
    if advice.departure is not None and advice.left:
        departed = {"actual_departure": advice.departure.written()}
        if advice.arrival is not None:
            departed["estimated_arrival"] = advice.arrival.written()
        found.append(by.event("shipment.departed", advice.departure, key | departed))
    return found


def _booked(advice: Advice) -> dict[str, Any]:
    return {
        "lines": [_line(one, advice.po_no) for one in advice.lines],
        "planned_departure": advice.departure.written() if advice.departure else None,
        "planned_arrival": advice.arrival.written() if advice.arrival else None,
        "po_no": advice.po_no,
        "asn_no": advice.shipment_id,
        "sscc": list(dict.fromkeys(advice.sscc)),
        "carrier": advice.carrier,
        "mode": advice.mode,
        "tracking_no": advice.tracking_no,
        "incoterm": advice.incoterm,
        "ship_from": advice.ship_from,
        "ship_to": advice.ship_to,
    }


def _line(line: Line, po_no: str | None) -> dict[str, Any]:
    said: dict[str, Any] = {"material_code": line.material, "qty": line.qty, "uom": line.uom}
    more = {"lot": line.lot, "expiry": line.expiry, "po_no": line.po_no if line.po_no != po_no else None}
    return said | {name: value for name, value in more.items() if value}


class Envelope(NamedTuple):
    """What the events of one message share. `recorded`: when the partner wrote it down."""

    identity: str
    source: str
    place: str
    site: str | None
    recorded: Moment

    def event(self, event_type: str, at: Moment, data: dict[str, Any], key: str = "") -> Draft:
        """One event; `key` tells it from others of its type in the message."""
        written: dict[str, Any] = {
            "specversion": "1.0",
            "type": f"cdmo.{event_type}",
            "id": _bounded(f"{self.identity}#{event_type}{key and '/'}{key}"),
            "source": self.source,
            "time": at.written(),
            "recordedtime": self.recorded.written(),
            "data": {name: value for name, value in data.items() if value not in (None, "", [])},
        }
        if self.site is not None:
            written["siteid"] = self.site
        return Draft(written, self.place)


def _bounded(event_id: str) -> str:
    """The id, or its digest where it is longer than an id may be."""
    if len(event_id) <= LONGEST_ID:
        return event_id
    return f"urn:sha256:{sha256(event_id.encode()).hexdigest()}"
