"""The shapes of EPCIS 2.0 events, checked as GS1's JSON schema for EPCIS 2.0 and its formats ask.

GS1 publishes that schema without a licence to pass it on, so its rules are said here in our own words; tests hold them
against verdicts of GS1's own. Wider in one point: words of CBV may also stand as URN, as EPCIS 1.2 wrote them.

What may be left out is empty where it is: a JSON null is no value that the schema knows.
"""

import re
from datetime import datetime
from typing import Annotated, Any, cast

import msgspec
from msgspec import Meta, Struct

from streams.intake.epcis.vocabulary import (
    Alert,
    BizStep,
    Component,
    Disp,
    ErrorReason,
    Measurement,
    PartyType,
    Term,
    TransactionType,
)
from streams.intake.refusal import quoted
from streams.intake.uri import is_uri

_ACTIONS = ("OBSERVE", "ADD", "DELETE")
_rfc3339 = re.compile(r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:[Zz]|[+-]\d{2}:\d{2})", re.ASCII)
_fraction = re.compile(r"\.(\d{6})\d+")


class Uri(str):
    """A URI with a scheme (RFC 3986)."""

    __slots__ = ()


class Instant(str):
    """An RFC 3339 time with an offset, as it was written."""

    __slots__ = ()


class Action(str):
    """What becomes of the objects: seen, created or put together, taken apart or ended."""

    __slots__ = ()


class Uris(list[str]):
    """A URI or a list of them."""


class Context(list[object]):
    """What says which prefix stands for what (JSON-LD): a URI, an object, or a list of these without repeats."""


def custom(kind: type, found: Any) -> Any:
    """The hook of msgspec for the types above and those of the vocabulary. Raises `ValueError` for what is none."""
    if kind is Context or kind is Uris:
        return _several(kind, found)
    if not isinstance(found, str):
        raise ValueError(f"must be a text, not {quoted(found)}")
    if issubclass(kind, Term):
        return kind.read(found)
    if kind is Action and found not in _ACTIONS:
        raise ValueError(f"must be {', '.join(_ACTIONS)}, not {quoted(found)}")
    if kind is Action:
        return Action(found)
    if kind is Uri:
        if not is_uri(found):
            raise ValueError(f"must be a URI (RFC 3986), not {quoted(found)}")
        return Uri(found)
    return _instant(found)


def _several(kind: type, found: Any) -> Any:
    many = cast("list[Any]", found) if isinstance(found, list) else [found]
    if kind is Context and len({msgspec.json.encode(one, order="sorted") for one in many}) < len(many):
        raise ValueError("must not name anything twice")
    for one in many:
        if kind is Uris or not isinstance(one, dict):
            custom(Uri, one)
    return kind(many)


def _instant(text: str) -> Instant:
    if _rfc3339.fullmatch(text):
        try:
            datetime.fromisoformat(_fraction.sub(r".\1", text.upper()))
            return Instant(text)
        except ValueError:
            pass
    raise ValueError(f"must be an RFC 3339 time with an offset, such as 2026-01-31T08:00:00Z, not {quoted(text)}")


def _as_gs1(name: str) -> str:
    """The names of GS1 in place of Python's: `event_id` is `eventID`."""
    first, *rest = name.split("_")
    return first + "".join(_capitals.get(part, part.title()) for part in rest)


_capitals = {"id": "ID", "ids": "IDs", "epc": "EPC", "dev": "Dev"}
Unit = Annotated[str, Meta(pattern=r"\A[A-Z0-9]{2,3}\Z")]
Offset = Annotated[str, Meta(pattern=r"\A[+-]((0[0-9]|1[0-3]):[0-5][0-9]|14:00)\Z")]
Hex = Annotated[str, Meta(pattern=r"\A[A-Fa-f0-9]+\Z")]
NO_URI, NO_TIME = Uri(""), Instant("")


class Shape(Struct, frozen=True, kw_only=True, rename=_as_gs1):
    """An object of the schema. Names that it does not know must be URIs."""


class Closed(Shape, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An object that takes no other names."""


class Quantity(Closed, frozen=True, kw_only=True):
    """`quantity` of a class of objects, in pieces where no `uom` (Rec 20) is given; None: some of it."""

    epc_class: Uri
    quantity: float | msgspec.UnsetType = msgspec.UNSET
    uom: Unit = ""


class Transaction(Closed, frozen=True, kw_only=True):
    biz_transaction: Uri
    type: TransactionType = TransactionType("")


class Source(Closed, frozen=True, kw_only=True):
    type: PartyType
    source: Uri


class Destination(Closed, frozen=True, kw_only=True):
    type: PartyType
    destination: Uri


class Place(Struct, frozen=True, kw_only=True):
    id: Uri


NOWHERE = Place(id=NO_URI)


class PersistentDisposition(Closed, frozen=True, kw_only=True):
    set: Annotated[tuple[Disp, ...], Meta(min_length=1)] = ()
    unset: Annotated[tuple[Disp, ...], Meta(min_length=1)] = ()

    def __post_init__(self) -> None:
        if not self.set and not self.unset:
            raise ValueError("must set or unset something")
        if len(set(self.set)) < len(self.set) or len(set(self.unset)) < len(self.unset):
            raise ValueError("names a disposition twice")


class ErrorDeclaration(Shape, frozen=True, kw_only=True):
    declaration_time: Instant
    reason: ErrorReason = ErrorReason("")
    corrective_event_ids: tuple[Uri, ...] = ()


class SensorMetadata(Shape, frozen=True, kw_only=True):
    time: Instant = NO_TIME
    device_id: Uri = NO_URI
    device_metadata: Uri = NO_URI
    raw_data: Uri = NO_URI
    start_time: Instant = NO_TIME
    end_time: Instant = NO_TIME
    data_processing_method: Uri = NO_URI
    biz_rules: Uri = NO_URI


class SensorReport(Shape, frozen=True, kw_only=True):
    type: Measurement
    exception: Alert = Alert("")
    device_id: Uri = NO_URI
    device_metadata: Uri = NO_URI
    raw_data: Uri = NO_URI
    data_processing_method: Uri = NO_URI
    biz_rules: Uri = NO_URI
    time: Instant = NO_TIME
    microorganism: Uri = NO_URI
    chemical_substance: Uri = NO_URI
    coordinate_reference_system: Uri = NO_URI
    value: float | msgspec.UnsetType = msgspec.UNSET
    component: Component = Component("")
    string_value: str = ""
    boolean_value: bool = False
    hex_binary_value: Hex = ""
    uri_value: Uri = NO_URI
    min_value: float | msgspec.UnsetType = msgspec.UNSET
    max_value: float | msgspec.UnsetType = msgspec.UNSET
    mean_value: float | msgspec.UnsetType = msgspec.UNSET
    s_dev: float | msgspec.UnsetType = msgspec.UNSET
    perc_rank: float | msgspec.UnsetType = msgspec.UNSET
    perc_value: float | msgspec.UnsetType = msgspec.UNSET
    uom: str = ""


class SensorElement(Shape, frozen=True, kw_only=True):
    sensor_report: Annotated[tuple[SensorReport, ...], Meta(min_length=1)]
    sensor_metadata: SensorMetadata = SensorMetadata()


class Event(Shape, frozen=True, kw_only=True):
    """What all events say; one of a partner's own type says no more that is known."""

    type: str
    event_time: Instant
    event_time_zone_offset: Offset
    record_time: Instant = NO_TIME
    event_id: Uri = NO_URI
    certification_info: Uris = msgspec.field(default_factory=Uris)
    context: Context = msgspec.field(default_factory=Context, name="@context")
    error_declaration: ErrorDeclaration | msgspec.UnsetType = msgspec.UNSET


class Happening(Event, frozen=True, kw_only=True):
    """An event of one of the five types. `objects`, `classes` and `parent` are what it speaks of, whatever its type."""

    biz_step: BizStep = BizStep("")
    disposition: Disp = Disp("")
    read_point: Place = NOWHERE
    biz_location: Place = NOWHERE
    biz_transaction_list: tuple[Transaction, ...] = ()
    source_list: tuple[Source, ...] = ()
    destination_list: tuple[Destination, ...] = ()
    sensor_element_list: tuple[SensorElement, ...] = ()


class ObjectEvent(Happening, frozen=True, kw_only=True):
    action: Action
    epc_list: tuple[Uri, ...] = ()
    quantity_list: tuple[Quantity, ...] = ()
    persistent_disposition: PersistentDisposition | msgspec.UnsetType = msgspec.UNSET
    ilmd: dict[str, Any] = {}


class AggregationEvent(Happening, frozen=True, kw_only=True):
    action: Action
    parent_id: Uri = NO_URI
    child_epcs: tuple[Uri, ...] = msgspec.field(default=(), name="childEPCs")
    child_quantity_list: tuple[Quantity, ...] = ()


class AssociationEvent(Happening, frozen=True, kw_only=True):
    action: Action
    parent_id: Uri
    child_epcs: tuple[Uri, ...] = msgspec.field(default=(), name="childEPCs")
    child_quantity_list: tuple[Quantity, ...] = ()


class TransactionEvent(Happening, frozen=True, kw_only=True):
    action: Action
    parent_id: Uri = NO_URI
    epc_list: tuple[Uri, ...] = ()
    quantity_list: tuple[Quantity, ...] = ()


class TransformationEvent(Happening, frozen=True, kw_only=True):
    input_epc_list: tuple[Uri, ...] = ()
    input_quantity_list: tuple[Quantity, ...] = ()
    output_epc_list: tuple[Uri, ...] = ()
    output_quantity_list: tuple[Quantity, ...] = ()
    transformation_id: Uri = NO_URI
    persistent_disposition: PersistentDisposition | msgspec.UnsetType = msgspec.UNSET
    ilmd: dict[str, Any] = {}


EVENT_TYPES: dict[str, type[Happening]] = {
    kind.__name__: kind
    for kind in (ObjectEvent, AggregationEvent, AssociationEvent, TransactionEvent, TransformationEvent)
}
