"""From bytes to checked EPCIS events, each with its JSON path. Pure; bounded in depth and size.

Takes an EPCISDocument, an EPCISQueryDocument, or one event by itself, which then has a `@context` of its own.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple, cast

from streams.intake import json_text
from streams.intake.epcis.envelope import Document, QueryDocument
from streams.intake.epcis.schema import (
    EVENT_TYPES,
    AggregationEvent,
    AssociationEvent,
    Event,
    Happening,
    ObjectEvent,
    TransactionEvent,
    TransformationEvent,
)
from streams.intake.epcis.shape import fitted
from streams.intake.refusal import Reason, Refusal, quoted
from streams.intake.uri import is_uri

LARGEST = 16 * 1024 * 1024
"""Bytes of a document. A topic takes less, a dropped file might bring more."""

MOST_EVENTS = 10_000
"""Events of a document; a partner that has more to say sends more documents."""

Raw = dict[str, Any]


class Found(NamedTuple):
    """An event as it was checked and as it was written, and its JSON path."""

    event: Event
    raw: Raw
    place: str


def events(value: bytes) -> list[Found]:
    """The events in a record. Raises `Refusal` with the JSON path of the first fault."""
    if len(value) > LARGEST:
        raise Refusal(Reason.TOO_LARGE, f"The document has {len(value)} bytes; at most {LARGEST} are taken")
    raw = json_text.parse(value)
    if not isinstance(raw, dict):
        raise Refusal(Reason.BAD_JSON, "An EPCIS document is a JSON object", "$")
    found = cast("Raw", raw)
    match _type(found, "$"):
        case "EPCISDocument":
            document = fitted(found, Document, "$")
            return _all(document.epcis_body.event_list, "$.epcisBody.eventList")
        case "EPCISQueryDocument":
            results = fitted(found, QueryDocument, "$").epcis_body.query_results
            return _all(results.results_body.event_list, "$.epcisBody.queryResults.resultsBody.eventList")
        case _ if "@context" not in found:
            message = "An event outside of a document needs a `@context` of its own"
            raise Refusal(Reason.MISSING_VALUE, message, "$.@context")
        case _:
            return [_event(found, "$")]


def _type(raw: Raw, place: str) -> str:
    if "type" not in raw:
        raise Refusal(
            Reason.MISSING_VALUE, "`type` is missing: a document or an event says what it is", f"{place}.type"
        )
    if not isinstance(raw["type"], str):
        raise Refusal(Reason.BAD_FIELD, "`type` must be a text", f"{place}.type")
    return raw["type"]


def _all(many: Sequence[object], place: str) -> list[Found]:
    if len(many) > MOST_EVENTS:
        raise Refusal(Reason.TOO_LARGE, f"The document has {len(many)} events; at most {MOST_EVENTS} are taken", place)
    return [_event(raw, f"{place}[{position}]") for position, raw in enumerate(many)]


def _event(raw: object, place: str) -> Found:
    if not isinstance(raw, dict):
        raise Refusal(Reason.BAD_FIELD, "An event is a JSON object", place)
    said = cast("Raw", raw)
    name = _type(said, place)
    shape = EVENT_TYPES.get(name)
    if shape is None:
        if not is_uri(name):
            message = f"EPCIS 2.0 has no event {quoted(name)}; those of a partner's own are named by a URI"
            raise Refusal(Reason.UNKNOWN_TYPE, message, f"{place}.type")
        return Found(fitted(said, Event, place), said, place)
    event = fitted(said, shape, place)
    _check_objects(event, said, place)
    return Found(event, said, place)


def _check_objects(event: Happening, raw: Raw, place: str) -> None:
    """What an event must speak of, by its type."""
    match event:
        case ObjectEvent():
            _check_unique(raw, ("epcList",), place)
            if "ilmd" in raw:
                _check_ilmd(event.ilmd, place)
                if event.action != "ADD":
                    message = "Master data of instances and lots come with the action ADD only"
                    raise Refusal(Reason.BAD_FIELD, message, f"{place}.ilmd")
            spoken = "epcList" in raw or event.quantity_list or (event.sensor_element_list and "readPoint" in raw)
            needed = "`epcList`, `quantityList`, or `sensorElementList` with `readPoint`"
        case AggregationEvent() | AssociationEvent():
            spoken = event.child_epcs or event.child_quantity_list or event.action == "DELETE"
            needed = "`childEPCs` or `childQuantityList`, unless the action is DELETE"
        case TransactionEvent():
            if not event.biz_transaction_list:
                message = "A TransactionEvent needs at least one business transaction"
                raise Refusal(Reason.MISSING_VALUE, message, f"{place}.bizTransactionList")
            spoken = "epcList" in raw or event.quantity_list or event.action == "DELETE"
            needed = "`epcList` or `quantityList`, unless the action is DELETE"
        case TransformationEvent():
            _check_unique(raw, ("inputEPCList", "outputEPCList"), place)
            _check_ilmd(event.ilmd, place)
            inputs = event.input_epc_list or event.input_quantity_list
            outputs = event.output_epc_list or event.output_quantity_list
            spoken = (inputs and outputs) or ((inputs or outputs) and event.transformation_id)
            needed = "inputs and outputs, or some of them and a `transformationID`"
        case _:
            return
    if not spoken:
        raise Refusal(Reason.MISSING_VALUE, f"This {event.type} needs {needed}", place)


def _check_unique(raw: Raw, lists: Sequence[str], place: str) -> None:
    for name in lists:
        found: list[str] = raw.get(name, [])
        if len(set(found)) < len(found):
            raise Refusal(Reason.BAD_FIELD, f"`{name}` names something twice", f"{place}.{name}")


def _check_ilmd(ilmd: Raw, place: str) -> None:
    for name in ilmd:
        if not is_uri(name):
            message = f"A name of master data is a URI or has a prefix, such as cbvmda:lotNumber; not {quoted(name)}"
            raise Refusal(Reason.BAD_FIELD, message, f"{place}.ilmd.{quoted(name)}")
