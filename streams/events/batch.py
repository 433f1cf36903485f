"""Batches: planned, made, tested and dispositioned; and the hours of the lines that make them."""

import msgspec

from streams.events.envelope import Data, Event
from streams.events.types import (
    Day,
    Disposition,
    DispositionBy,
    Hours,
    Identifier,
    QcResult,
    Quantity,
    Stage,
    Text,
    Time,
    Unit,
    Week,
    Yield,
)


class InputLot(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """`qty` (in `uom`) of a lot that went into the batch: its genealogy."""

    material_code: Identifier
    lot: Identifier
    qty: Quantity
    uom: Unit


class PlannedData(Data, frozen=True, kw_only=True, gc=False):
    """A batch of `size` (in `uom`) is planned on a line. `yield_planned` is the part of `size` expected."""

    batch_id: Identifier
    product_code: Identifier
    stage: Stage
    line: Identifier
    planned_start: Time
    planned_finish: Time
    size: Quantity
    uom: Unit
    yield_planned: Yield = 1.0
    material_code: Identifier | None = None
    order_no: Identifier | None = None
    campaign_id: Identifier | None = None


class RescheduledData(Data, frozen=True, kw_only=True, gc=False):
    """The plan moved."""

    batch_id: Identifier
    planned_start: Time
    planned_finish: Time
    line: Identifier | None = None
    reason: Text | None = None


class StartedData(Data, frozen=True, kw_only=True, gc=False):
    """Work began, with these lots."""

    batch_id: Identifier
    actual_start: Time
    line: Identifier | None = None
    input_lots: tuple[InputLot, ...] = ()


class StepCompletedData(Data, frozen=True, kw_only=True, gc=False):
    """One step of the batch is done. `step_no` of `steps` where the partner counts them."""

    batch_id: Identifier
    step: Text
    step_no: int | None = None
    steps: int | None = None


class CompletedData(Data, frozen=True, kw_only=True, gc=False):
    """Manufacture ended with `yield_actual` (in `uom`) as `output_lot`, in quarantine until its disposition."""

    batch_id: Identifier
    actual_finish: Time
    yield_actual: Quantity
    uom: Unit
    output_lot: Identifier | None = None
    expiry: Day | None = None


class QcResultData(Data, frozen=True, kw_only=True, gc=False):
    """The result of one test. `final` says that no test is outstanding."""

    batch_id: Identifier
    test: Text
    result: QcResult
    final: bool = False


class DispositionedData(Data, frozen=True, kw_only=True, gc=False):
    """Quality decided. `decided_by` says whose quality unit: the CDMO's or the sponsor's."""

    batch_id: Identifier
    qa_disposition: Disposition
    disposition_date: Time
    decided_by: DispositionBy = DispositionBy.CDMO
    reason: Text | None = None


class BatchCancelledData(Data, frozen=True, kw_only=True, gc=False):
    """The batch will not be made."""

    batch_id: Identifier
    reason: Text | None = None


class CapacityReportedData(Data, frozen=True, kw_only=True, gc=False):
    """What a line can give and has promised in one ISO week, in hours."""

    line: Identifier
    period: Week
    available_hours: Hours
    committed_hours: Hours = 0.0


class BatchPlanned(Event, frozen=True, kw_only=True, tag="cdmo.batch.planned", gc=False):
    data: PlannedData


class BatchRescheduled(Event, frozen=True, kw_only=True, tag="cdmo.batch.rescheduled", gc=False):
    data: RescheduledData


class BatchStarted(Event, frozen=True, kw_only=True, tag="cdmo.batch.started", gc=False):
    data: StartedData


class BatchStepCompleted(Event, frozen=True, kw_only=True, tag="cdmo.batch.step_completed", gc=False):
    data: StepCompletedData


class BatchCompleted(Event, frozen=True, kw_only=True, tag="cdmo.batch.completed", gc=False):
    data: CompletedData


class BatchQcResult(Event, frozen=True, kw_only=True, tag="cdmo.batch.qc_result", gc=False):
    data: QcResultData


class BatchDispositioned(Event, frozen=True, kw_only=True, tag="cdmo.batch.dispositioned", gc=False):
    data: DispositionedData


class BatchCancelled(Event, frozen=True, kw_only=True, tag="cdmo.batch.cancelled", gc=False):
    data: BatchCancelledData


class CapacityReported(Event, frozen=True, kw_only=True, tag="cdmo.batch.capacity_reported", gc=False):
    data: CapacityReportedData
