"""Raw materials: what a site holds, has ordered, has received and will need."""

import msgspec

from streams.events.envelope import Data, Event
from streams.events.types import Day, Days, Disposition, Identifier, Quantity, SignedQuantity, Text, Unit


class StockReportedData(Data, frozen=True, kw_only=True, gc=False):
    """A count of one lot. `qty_on_hand` and `allocated` in `uom`; `allocated` is promised elsewhere and not usable."""

    material_code: Identifier
    internal_lot: Identifier
    qty_on_hand: Quantity
    uom: Unit
    status: Disposition
    allocated: Quantity = 0.0
    in_transit: Quantity = 0.0
    supplier: Identifier | None = None
    supplier_lot: Identifier | None = None
    expiry_date: Day | None = None
    retest_date: Day | None = None


class ReceivedData(Data, frozen=True, kw_only=True, gc=False):
    """A lot came into the store. `qty` in `uom`. With `shipment_id` it is what that shipment brought."""

    material_code: Identifier
    internal_lot: Identifier
    qty: Quantity
    uom: Unit
    status: Disposition = Disposition.QUARANTINE
    supplier: Identifier | None = None
    supplier_lot: Identifier | None = None
    po_no: Identifier | None = None
    shipment_id: Identifier | None = None
    expiry_date: Day | None = None
    retest_date: Day | None = None
    coa_ref: Text | None = None


class ConsumedData(Data, frozen=True, kw_only=True, gc=False):
    """A lot was drawn on. `qty` in `uom`, taken from the lot; `batch_id` says by what."""

    material_code: Identifier
    internal_lot: Identifier
    qty: Quantity
    uom: Unit
    batch_id: Identifier | None = None
    order_no: Identifier | None = None


class AdjustedData(Data, frozen=True, kw_only=True, gc=False):
    """A count was corrected by `qty` (signed, in `uom`)."""

    material_code: Identifier
    internal_lot: Identifier
    qty: SignedQuantity
    uom: Unit
    reason: Text | None = None


class StatusChangedData(Data, frozen=True, kw_only=True, gc=False):
    """Quality moved a lot from one disposition to another."""

    material_code: Identifier
    internal_lot: Identifier
    status: Disposition
    expiry_date: Day | None = None
    retest_date: Day | None = None
    reason: Text | None = None


class OrderPlacedData(Data, frozen=True, kw_only=True, gc=False):
    """The site ordered `qty` (in `uom`) of a material, due on `due_date`. `moq` in `uom`, `lead_time_days` in calendar days."""

    po_no: Identifier
    material_code: Identifier
    qty: Quantity
    uom: Unit
    supplier: Identifier | None = None
    due_date: Day | None = None
    moq: Quantity | None = None
    lead_time_days: Days | None = None


class OrderConfirmedData(Data, frozen=True, kw_only=True, gc=False):
    """The supplier promised the order for `confirmed_date`, and `qty` (in `uom`) where it differs from what was asked."""

    po_no: Identifier
    material_code: Identifier
    confirmed_date: Day
    qty: Quantity | None = None
    uom: Unit | None = None


class ForecastEntry(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A need of `qty` on the day `date`, in the unit of the report."""

    date: Day
    qty: Quantity


class RequirementReportedData(Data, frozen=True, kw_only=True, gc=False):
    """What the site says that it will need, by day, in `uom`. A newer report replaces the whole of an older one."""

    material_code: Identifier
    uom: Unit
    forecast: tuple[ForecastEntry, ...]
    safety_stock: Quantity | None = None


class StockReported(Event, frozen=True, kw_only=True, tag="cdmo.raw_material.stock_reported", gc=False):
    data: StockReportedData


class Received(Event, frozen=True, kw_only=True, tag="cdmo.raw_material.received", gc=False):
    data: ReceivedData


class Consumed(Event, frozen=True, kw_only=True, tag="cdmo.raw_material.consumed", gc=False):
    data: ConsumedData


class Adjusted(Event, frozen=True, kw_only=True, tag="cdmo.raw_material.adjusted", gc=False):
    data: AdjustedData


class StatusChanged(Event, frozen=True, kw_only=True, tag="cdmo.raw_material.status_changed", gc=False):
    data: StatusChangedData


class OrderPlaced(Event, frozen=True, kw_only=True, tag="cdmo.raw_material.order_placed", gc=False):
    data: OrderPlacedData


class OrderConfirmed(Event, frozen=True, kw_only=True, tag="cdmo.raw_material.order_confirmed", gc=False):
    data: OrderConfirmedData


class RequirementReported(Event, frozen=True, kw_only=True, tag="cdmo.raw_material.requirement_reported", gc=False):
    data: RequirementReportedData
