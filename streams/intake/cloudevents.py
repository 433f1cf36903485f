"""CloudEvents 1.0 on Kafka: which content mode a record is in, and the events in it.

The mode is chosen by the content type alone (Kafka protocol binding 1.0.2, section 3): a value that begins with
`application/cloudevents` means structured mode, anything else binary mode. The binding has no batch mode; records in the
JSON batch format (JSON format 1.0.2, section 4) are taken all the same, whole or not at all.
"""

import base64
import binascii
from collections.abc import Mapping
from typing import Any, cast

from streams.intake import attributes, json_text
from streams.intake.draft import Draft
from streams.intake.refusal import Reason, Refusal, quoted
from streams.intake.remembered import remembered

CLOUDEVENTS = "application/cloudevents"
STRUCTURED_JSON = "application/cloudevents+json"
BATCH_JSON = "application/cloudevents-batch+json"
MOST_EVENTS = 10_000
"""Events of a batch."""

_ATTRIBUTE = "ce_"


def read(headers: Mapping[str, str], value: bytes | None) -> list[Draft]:
    """The events of a record: attributes, and `data` where there is any. One but for a batch. Raises `Refusal`.

    `headers` by name, each at most once. Attributes are read, not yet checked.
    """
    content_type = headers.get("content-type")
    if content_type is None or not content_type.lower().startswith(CLOUDEVENTS):
        return [Draft(_in_headers(headers, content_type, value), "")]
    event_format = _event_format(content_type)
    if not value:
        raise Refusal(Reason.EMPTY, "The record has no value")
    said = json_text.parse(value)
    return _batch(said) if event_format == BATCH_JSON else [Draft(_event(said, "$"), "")]


def _batch(said: object) -> list[Draft]:
    if not isinstance(said, list):
        raise Refusal(Reason.BAD_JSON, "A batch of CloudEvents is a JSON array", "$")
    events = cast("list[object]", said)
    if len(events) > MOST_EVENTS:
        raise Refusal(Reason.TOO_LARGE, f"The batch has {len(events)} events; at most {MOST_EVENTS} are taken", "$")
    return [Draft(_event(one, f"$[{place}]"), f"$[{place}]") for place, one in enumerate(events)]


def _in_headers(headers: Mapping[str, str], content_type: str | None, value: bytes | None) -> dict[str, Any]:
    if content_type is None and not any(name.startswith(_ATTRIBUTE) for name in headers):
        message = f"No content-type header and no ce_ headers; send content-type: {STRUCTURED_JSON}"
        raise Refusal(Reason.NO_CONTENT_TYPE, message, "header content-type")
    return _binary(headers, content_type, value)


def _event(said: object, place: str) -> dict[str, Any]:
    """An event in the JSON format."""
    if not isinstance(said, dict):
        raise Refusal(Reason.BAD_JSON, "A CloudEvent is a JSON object", place)
    found = cast("dict[str, Any]", said)
    if "data_base64" in found:
        return _from_base64(found, place)
    if "data" in found:
        _check_data_is_json(found.get("datacontenttype"), f"{place}.datacontenttype")
    return found


@remembered(256)
def _event_format(content_type: str) -> str:
    """The media type of the event format. Raises `Refusal` for one that is not read."""
    essence, _, parameters = content_type.lower().partition(";")
    essence = essence.strip()
    if essence not in (STRUCTURED_JSON, BATCH_JSON):
        message = f"The event format {quoted(essence)} is not known; send {STRUCTURED_JSON} or {BATCH_JSON}"
        raise Refusal(Reason.UNKNOWN_FORMAT, message, "header content-type")
    _check_charset(parameters)
    return essence


def _binary(headers: Mapping[str, str], content_type: str | None, value: bytes | None) -> dict[str, Any]:
    event: dict[str, Any] = {}
    for header, text in headers.items():
        if not header.startswith(_ATTRIBUTE):
            continue
        name = header[len(_ATTRIBUTE) :]
        if name in attributes.DATA_MEMBERS or name == "datacontenttype":
            message = f"`{name}` is no header in binary mode; data is the value, its type the content-type header"
            raise Refusal(Reason.BAD_HEADER, message, f"header {header}")
        event[name] = text
    if not event:
        message = (
            f"The content type {quoted(content_type)} is not known, and no ce_ header says that it is a CloudEvent"
        )
        raise Refusal(Reason.UNKNOWN_FORMAT, message, "header content-type")
    if content_type is not None:
        event["datacontenttype"] = content_type
    if value is not None:
        _check_data_is_json(content_type, "header content-type")
        _check_charset((content_type or "").lower().partition(";")[2])
        event["data"] = json_text.parse(value)
    return event


def _from_base64(event: dict[str, Any], place: str) -> dict[str, Any]:
    """JSON that the sender holds as bytes is still JSON (JSON format 1.0.2, section 3.1.2)."""
    if "data" in event:
        raise Refusal(Reason.BAD_ATTRIBUTE, "`data` and `data_base64` exclude each other", f"{place}.data_base64")
    _check_data_is_json(event.get("datacontenttype"), f"{place}.datacontenttype")
    rest = {name: value for name, value in event.items() if name != "data_base64"}
    encoded = event["data_base64"]
    if encoded is None:
        return rest
    try:
        content = base64.b64decode(encoded, validate=True)
    except (TypeError, ValueError, binascii.Error):
        raise Refusal(Reason.BAD_ATTRIBUTE, "`data_base64` is not Base64 (RFC 4648)", f"{place}.data_base64") from None
    rest["data"] = json_text.parse(content)
    return rest


def _check_data_is_json(media_type: object, place: str) -> None:
    if isinstance(media_type, str) and not attributes.is_json(media_type):
        message = f"The data is {quoted(media_type)}; events of this service carry application/json"
        raise Refusal(Reason.UNKNOWN_FORMAT, message, place)


def _check_charset(parameters: str) -> None:
    for parameter in parameters.split(";"):
        name, _, value = parameter.strip().partition("=")
        if name == "charset" and value.strip('"') not in ("utf-8", "utf8", "us-ascii"):
            message = f"The charset {quoted(value)} is not known; send UTF-8"
            raise Refusal(Reason.BAD_ENCODING, message, "header content-type")
