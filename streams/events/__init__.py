"""Canonical events: one frozen, typed struct for each type that the domain knows, and their decoder.

>>> decode(b'{"specversion":"1.0","id":"1","source":"erp","type":"cdmo.deviation.closed","time":"2026-01-05T08:00:00Z",'
...        b'"partnerid":"acme","siteid":"BSL","data":{"deviation_id":"D-7","closed_at":"2026-01-05T08:00:00Z"}}').data
ClosedData(deviation_id='D-7', closed_at=datetime.datetime(2026, 1, 5, 8, 0, tzinfo=datetime.timezone.utc), \
root_cause_category=None, batch_impact=None)
"""

from collections.abc import Sequence
from typing import Union

import msgspec

from streams.events import batch, control, deviation, raw_material, shipment
from streams.events.envelope import Data, Event

type_modules = (shipment, raw_material, batch, deviation, control)

EVENT_TYPES: dict[str, type[Event]] = {
    str(struct.__struct_config__.tag): struct
    for module in type_modules
    for struct in vars(module).values()
    if isinstance(struct, type) and issubclass(struct, Event) and struct is not Event
}
"""Every known type of event by its CloudEvents `type`."""

_decoder = msgspec.json.Decoder(Union[tuple(EVENT_TYPES.values())])  # noqa: UP007 - of as many types as there are


def decode(record: bytes) -> Event:
    """The event in a canonical record. Raises `msgspec.DecodeError` (`ValidationError` with the JSON path) otherwise."""
    if b"\\" in record and b"\\u0000" in record:  # PostgreSQL cannot hold it in text, and no code or number has one
        raise msgspec.ValidationError("a text holds the character U+0000, which cannot be stored")
    return _decoder.decode(record)


def decode_together(records: Sequence[bytes | None]) -> list[Event]:
    """The events in canonical records, faster than one by one. Raises `ValueError` if any of them is not one, or no one line."""
    if None in records:
        raise ValueError("a record has no value")
    lines = b"\n".join(records)  # pyright: ignore[reportArgumentType, reportCallIssue]
    if lines.count(b"\n") != len(records) - 1 or b"\\u0000" in lines:
        raise ValueError("a record has more than one line, or what cannot be stored")
    events = _decoder.decode_lines(lines)
    if len(events) != len(records):
        raise ValueError("a record has no value")
    return events


def family(event_type: str) -> str:
    """The family of a type: `cdmo.batch.started` is of the family `batch`."""
    return event_type.split(".")[1] if event_type.count(".") == 2 else "control"


__all__ = ["EVENT_TYPES", "Data", "Event", "decode", "decode_together", "family"]
