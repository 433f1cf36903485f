"""EPCIS documents in short."""

import json
from typing import Any

from streams.intake.draft import Codes, Draft
from streams.intake.epcis import EpcisFeed, read
from streams.intake.refusal import Refusal

Json = dict[str, Any]

CONTEXT = ["https://ref.gs1.org/standards/epcis/epcis-context.jsonld"]
FEED = EpcisFeed(source="/acme/epcis")
NO_CODES = Codes({}, {})
LOT = {"epcClass": "urn:epc:class:lgtin:4012345.011111.L-7", "quantity": 200, "uom": "KGM"}
GTIN = "04012345111118"
SSCC = "urn:epc:id:sscc:4012345.0111111111"
SSCC_18 = "040123451111111110"


def happened(kind: str = "ObjectEvent", **said: Any) -> Json:
    """An event that is taken: 200 kg of a lot were received. What is None is left out."""
    usual: Json = {"type": kind, "eventTime": "2026-01-05T09:00:00+01:00", "eventTimeZoneOffset": "+01:00"}
    if kind != "TransformationEvent":
        usual |= {"action": "OBSERVE", "bizStep": "receiving"}
    if kind == "ObjectEvent":
        usual |= {"quantityList": [LOT]}
    return {name: value for name, value in (usual | said).items() if value is not None}


def document(*events: Json) -> Json:
    """A document of these events."""
    return {
        "@context": CONTEXT,
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": "2026-01-05T10:00:00Z",
        "epcisBody": {"eventList": list(events)},
    }


def bare(event: Json) -> Json:
    """The event by itself."""
    return {"@context": CONTEXT, **event}


def text(value: Any) -> bytes:
    return json.dumps(value).encode()


def drafts(*events: Json, feed: EpcisFeed = FEED, codes: Codes = NO_CODES) -> list[Draft]:
    """What a document of these events gives."""
    return read(text(document(*events)), feed, codes, {})


def said(*events: Json, feed: EpcisFeed = FEED, codes: Codes = NO_CODES) -> list[tuple[str, Json]]:
    """Type, without its prefix, and data of each."""
    found = drafts(*events, feed=feed, codes=codes)
    return [(draft.event["type"].removeprefix("cdmo."), draft.event["data"]) for draft in found]


def fault(value: bytes, feed: EpcisFeed = FEED, codes: Codes = NO_CODES) -> Refusal:
    """Why it is refused."""
    try:
        found = read(value, feed, codes, {})
    except Refusal as refusal:
        return refusal
    raise AssertionError(f"taken: {found}")
