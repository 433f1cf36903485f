"""Deviations and the corrective and preventive actions (CAPA) that follow from them."""

from streams.events.envelope import Data, Event
from streams.events.types import BatchImpact, DeviationClass, DeviationType, Identifier, Text, Time


class OpenedData(
    Data, frozen=True, kw_only=True, gc=False, rename={"deviation_class": "class", "deviation_type": "type"}
):
    """Something departed from what was laid down. `due_date` is when it must be closed."""

    deviation_id: Identifier
    deviation_class: DeviationClass
    opened_at: Time
    deviation_type: DeviationType = DeviationType.DEVIATION
    detected_at: Time | None = None
    due_date: Time | None = None
    batch_ids: tuple[Identifier, ...] = ()
    line: Identifier | None = None
    title: Text | None = None


class ClassifiedData(Data, frozen=True, kw_only=True, gc=False, rename={"deviation_class": "class"}):
    """Quality set or changed the class."""

    deviation_id: Identifier
    deviation_class: DeviationClass
    batch_impact: BatchImpact | None = None
    batch_ids: tuple[Identifier, ...] | None = None


class ExtendedData(Data, frozen=True, kw_only=True, gc=False):
    """The deviation may stay open until `extended_to`."""

    deviation_id: Identifier
    extended_to: Time
    reason: Text | None = None


class CapaOpenedData(Data, frozen=True, kw_only=True, gc=False):
    """An action was laid down, due at `capa_due`."""

    deviation_id: Identifier
    capa_id: Identifier
    capa_due: Time | None = None
    title: Text | None = None


class CapaClosedData(Data, frozen=True, kw_only=True, gc=False):
    """An action is done and found effective."""

    deviation_id: Identifier
    capa_id: Identifier
    closed_at: Time


class ClosedData(Data, frozen=True, kw_only=True, gc=False):
    """The deviation is closed."""

    deviation_id: Identifier
    closed_at: Time
    root_cause_category: Text | None = None
    batch_impact: BatchImpact | None = None


class DeviationOpened(Event, frozen=True, kw_only=True, tag="cdmo.deviation.opened", gc=False):
    data: OpenedData


class DeviationClassified(Event, frozen=True, kw_only=True, tag="cdmo.deviation.classified", gc=False):
    data: ClassifiedData


class DeviationExtended(Event, frozen=True, kw_only=True, tag="cdmo.deviation.extended", gc=False):
    data: ExtendedData


class CapaOpened(Event, frozen=True, kw_only=True, tag="cdmo.deviation.capa_opened", gc=False):
    data: CapaOpenedData


class CapaClosed(Event, frozen=True, kw_only=True, tag="cdmo.deviation.capa_closed", gc=False):
    data: CapaClosedData


class DeviationClosed(Event, frozen=True, kw_only=True, tag="cdmo.deviation.closed", gc=False):
    data: ClosedData
