"""Shipments on their way to a site: what they carry, when they will come, and how warm it got."""

import msgspec

from streams.events.envelope import Data, Event
from streams.events.types import Celsius, Day, Identifier, Minutes, Mode, Quantity, Text, Time, Unit


class ShipmentLine(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """`qty` (in `uom`) of one lot of a material. `po_no` is the order that it fills, where it differs from the shipment's."""

    material_code: Identifier
    qty: Quantity
    uom: Unit
    lot: Identifier | None = None
    expiry: Day | None = None
    po_no: Identifier | None = None


class Reading(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What a logger measured: `celsius` at the time `at`."""

    at: Time
    celsius: Celsius


class BookedData(Data, frozen=True, kw_only=True, gc=False):
    """A transport was booked. Temperatures in degrees Celsius are the range that the goods must be kept in."""

    shipment_id: Identifier
    lines: tuple[ShipmentLine, ...]
    planned_departure: Time | None = None
    planned_arrival: Time | None = None
    po_no: Identifier | None = None
    asn_no: Identifier | None = None
    sscc: tuple[Identifier, ...] = ()
    carrier: Identifier | None = None
    mode: Mode | None = None
    tracking_no: Identifier | None = None
    incoterm: Identifier | None = None
    ship_from: Identifier | None = None
    ship_to: Identifier | None = None
    temp_min: Celsius | None = None
    temp_max: Celsius | None = None


class DepartedData(Data, frozen=True, kw_only=True, gc=False):
    """The goods left."""

    shipment_id: Identifier
    actual_departure: Time
    estimated_arrival: Time | None = None


class MilestoneData(Data, frozen=True, kw_only=True, gc=False):
    """The goods passed a point on their way."""

    shipment_id: Identifier
    milestone: Text
    location: Text | None = None
    customs_status: Text | None = None


class EtaChangedData(Data, frozen=True, kw_only=True, gc=False):
    """The carrier expects another arrival."""

    shipment_id: Identifier
    estimated_arrival: Time
    reason: Text | None = None


class ConditionData(Data, frozen=True, kw_only=True, gc=False):
    """What a logger measured since its last report. `excursion_minutes` is the carrier's own count of minutes out of range."""

    shipment_id: Identifier
    readings: tuple[Reading, ...]
    logger_id: Identifier | None = None
    excursion_minutes: Minutes | None = None


class ArrivedData(Data, frozen=True, kw_only=True, gc=False):
    """The goods stand at the door."""

    shipment_id: Identifier
    actual_arrival: Time


class ShipmentReceivedData(Data, frozen=True, kw_only=True, gc=False):
    """The site took the goods over. Without `lines` all that was booked came."""

    shipment_id: Identifier
    received_at: Time
    lines: tuple[ShipmentLine, ...] | None = None


class ShipmentCancelledData(Data, frozen=True, kw_only=True, gc=False):
    """The shipment will not come."""

    shipment_id: Identifier
    reason: Text | None = None


class ShipmentBooked(Event, frozen=True, kw_only=True, tag="cdmo.shipment.booked", gc=False):
    data: BookedData


class ShipmentDeparted(Event, frozen=True, kw_only=True, tag="cdmo.shipment.departed", gc=False):
    data: DepartedData


class ShipmentMilestone(Event, frozen=True, kw_only=True, tag="cdmo.shipment.milestone", gc=False):
    data: MilestoneData


class ShipmentEtaChanged(Event, frozen=True, kw_only=True, tag="cdmo.shipment.eta_changed", gc=False):
    data: EtaChangedData


class ShipmentCondition(Event, frozen=True, kw_only=True, tag="cdmo.shipment.condition", gc=False):
    data: ConditionData


class ShipmentArrived(Event, frozen=True, kw_only=True, tag="cdmo.shipment.arrived", gc=False):
    data: ArrivedData


class ShipmentReceived(Event, frozen=True, kw_only=True, tag="cdmo.shipment.received", gc=False):
    data: ShipmentReceivedData


class ShipmentCancelled(Event, frozen=True, kw_only=True, tag="cdmo.shipment.cancelled", gc=False):
    data: ShipmentCancelledData
