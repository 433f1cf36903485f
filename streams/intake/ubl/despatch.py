"""DespatchAdvice: what it says. Elements beyond those named here are passed over."""

import re
from collections.abc import Iterator
from typing import Final
from zoneinfo import ZoneInfo

from streams.intake.draft import Codes
from streams.intake.freight.advice import Advice, Line
from streams.intake.freight.amounts import amount, material, sscc
from streams.intake.freight.moments import Moment, moment
from streams.intake.refusal import Reason, Refusal, quoted
from streams.intake.ubl.tree import Element

ROOT: Final = "urn:oasis:names:specification:ubl:schema:xsd:DespatchAdvice-2"
MODES: Final = {"1": "ocean", "2": "rail", "3": "road", "4": "air", "5": "parcel"}
"""UN/ECE Recommendation 19."""

_DELIVERY: Final = ("Shipment", "Delivery")
_CANCELLED: Final = frozenset({"cancelled", "canceled", "cancellation"})
_date = re.compile(r"(\d{4}-\d{2}-\d{2})(Z|[+-]\d{2}:\d{2})?", re.ASCII)
_time = re.compile(r"(\d{2}:\d{2}:\d{2})(?:\.\d+)?(Z|[+-]\d{2}:\d{2})?", re.ASCII)


def advice(document: Element, codes: Codes, zone: ZoneInfo) -> Advice:
    """The advice of a document. Raises `Refusal` with line and column."""
    if (document.namespace, document.name) != (ROOT, "DespatchAdvice"):
        message = (
            f"The document is {quoted(document.name)} of {quoted(document.namespace)}; UBL's DespatchAdvice is read"
        )
        raise Refusal(Reason.UNKNOWN_TYPE, message, document.place)
    number = document.said("ID")
    issued = _moment(document, "Issue", zone)
    if not number or issued is None:
        raise Refusal(Reason.MISSING_VALUE, "A despatch advice has an ID and an IssueDate", document.place)
    left = _left(document, zone)
    cancelled = document.said("DocumentStatusCode").lower() in _CANCELLED
    orders = {one for one in (*_texts(document, "OrderReference", "ID"),) if one}
    supplier = party(document, "DespatchSupplierParty")
    return Advice(
        identity=document.said("UUID") or f"{supplier}:{number}:{issued.written()}",
        place=document.place,
        shipment_id=number,
        issued=issued,
        is_cancelled=cancelled,
        lines=() if cancelled else tuple(_line(one, codes, zone) for one in document.all("DespatchLine")),
        sscc=tuple(_packs(document)),
        departure=left or _first(document, zone, "EstimatedDespatch", "RequestedDespatch"),
        left=left is not None and left.has_come_by(issued),
        arrival=_arrival(document, zone),
        po_no=next(iter(orders)) if len(orders) == 1 else None,
        ship_from=_from(document) or supplier,
        ship_to=_to(document) or party(document, "DeliveryCustomerParty"),
        carrier=_carrier(document),
        mode=MODES.get(_stage(document, "TransportModeCode")),
        tracking_no=document.said("Shipment", "Delivery", "TrackingID")
        or document.said("Shipment", "Consignment", "ID"),
        incoterm=document.said("Shipment", "Delivery", "DeliveryTerms", "ID") or None,
    )


def party(document: Element, role: str) -> str | None:
    """The code of a party: what it is identified by, else where it is reached, else its number with the other."""
    return (
        document.said(role, "Party", "PartyIdentification", "ID")
        or document.said(role, "Party", "EndpointID")
        or document.said(role, "CustomerAssignedAccountID")
        or document.said(role, "SupplierAssignedAccountID")
        or None
    )


def _to(document: Element) -> str | None:
    delivery = (*_DELIVERY, "DeliveryLocation", "ID"), (*_DELIVERY, "DeliveryAddress", "ID")
    return next(filter(None, (document.said(*path) for path in delivery)), None)


def _from(document: Element) -> str | None:
    despatch = (*_DELIVERY, "Despatch", "DespatchLocation", "ID"), (*_DELIVERY, "Despatch", "DespatchAddress", "ID")
    return next(filter(None, (document.said(*path) for path in despatch)), None)


def _left(document: Element, zone: ZoneInfo) -> Moment | None:
    """When the goods left, where the advice says that they did."""
    return _first(document, zone, "ActualDespatch")


def _first(document: Element, zone: ZoneInfo, *names: str) -> Moment | None:
    found = [one for name in names for one in _despatches(document, name, zone)]
    return found[0] if found else None


def _despatches(document: Element, name: str, zone: ZoneInfo) -> Iterator[Moment]:
    for one in document.all(*_DELIVERY, "Despatch"):
        found = _moment(one, name, zone)
        if found is not None:
            yield found


def _arrival(document: Element, zone: ZoneInfo) -> Moment | None:
    """The end of the period in which the delivery is expected, else its beginning."""
    for name in ("EstimatedDeliveryPeriod", "PromisedDeliveryPeriod"):
        for period in document.all(*_DELIVERY, name):
            found = _moment(period, "End", zone) or _moment(period, "Start", zone)
            if found is not None:
                return found
    for stage in document.all("Shipment", "ShipmentStage"):
        found = _moment(stage, "EstimatedDelivery", zone)
        if found is not None:
            return found
    return None


def _carrier(document: Element) -> str | None:
    for path in (("Shipment", "ShipmentStage", "CarrierParty"), ("Shipment", "Consignment", "CarrierParty")):
        for one in document.all(*path):
            name = one.said("PartyIdentification", "ID") or one.said("PartyName", "Name")
            if name:
                return name
    return document.said(*_DELIVERY, "CarrierParty", "PartyName", "Name") or None


def _stage(document: Element, name: str) -> str:
    return document.said("Shipment", "ShipmentStage", name)


def _packs(document: Element) -> Iterator[str]:
    """The numbers of handling units: those that are an SSCC, or say so."""
    for unit in document.all("Shipment", "TransportHandlingUnit"):
        for one in unit.all("ID"):
            number = sscc(one.text)
            if (len(number) == 18 and number.isdigit()) or one.attributes.get("schemeID", "").upper() == "SSCC":
                yield number


def _line(line: Element, codes: Codes, zone: ZoneInfo) -> Line:
    quantity = next(line.all("DeliveredQuantity"), None)
    if quantity is None:
        raise Refusal(Reason.MISSING_VALUE, "The line has no DeliveredQuantity", line.place)
    unit = quantity.attributes.get("unitCode", "")
    if not unit:
        raise Refusal(Reason.MISSING_VALUE, "The amount has no unitCode", quantity.place)
    kinds = ("BuyersItemIdentification", "StandardItemIdentification", "SellersItemIdentification")
    numbers = [text for kind in kinds for text in _texts(line, "Item", kind, "ID")]
    lots = [*line.all("Item", "ItemInstance", "LotIdentification"), *line.all("Item", "LotIdentification")]
    named = {lot.said("LotNumberID"): lot for lot in reversed(lots)}
    if len(named) > 1:
        message = "Nobody can say how much of which lot it is: give each lot a line of its own"
        raise Refusal(Reason.BAD_VALUE, message, line.place)
    number, lot = next(iter(named.items()), ("", None))
    expiry = _moment(lot, "Expiry", zone) if lot is not None else None
    orders = [*_texts(line, "OrderLineReference", "OrderReference", "ID")]
    return Line(
        material(numbers, codes, line.place),
        amount(quantity.text, quantity.place),
        codes.unit(unit),
        number or None,
        expiry.day() if expiry else None,
        orders[0] if orders else None,
    )


def _texts(element: Element, *path: str) -> Iterator[str]:
    return (one.text for one in element.all(*path) if one.text)


def _moment(element: Element, name: str, zone: ZoneInfo) -> Moment | None:
    """The moment of `nameDate` and `nameTime`; the latter's offset counts, else the former's, else the zone."""
    day = next(element.all(f"{name}Date"), None)
    if day is None or not day.text:
        return None
    on = _date.fullmatch(day.text)
    if on is None:
        raise Refusal(Reason.BAD_VALUE, f"{quoted(day.text)} is no date such as 2026-03-31", day.place)
    clock = next(element.all(f"{name}Time"), None)
    if clock is None or not clock.text:
        offset = on[2]
        return moment(on[1] + (offset or ""), "%Y-%m-%d" + ("%z" if offset else ""), zone, day.place)
    at = _time.fullmatch(clock.text)
    if at is None:
        raise Refusal(Reason.BAD_VALUE, f"{quoted(clock.text)} is no time such as 14:30:00", clock.place)
    offset = at[2] or on[2]
    picture = "%Y-%m-%dT%H:%M:%S" + ("%z" if offset else "")
    return moment(f"{on[1]}T{at[1]}{offset or ''}", picture, zone, clock.place)
