"""A partner's event that is taken, to be spoiled in one place by each test; and what became of it."""

import json
from datetime import UTC, datetime
from typing import Any

from streams.events import Event, decode
from streams.intake import cloudevents
from streams.intake.admission import Canonical, Feed, admit
from streams.intake.inbound import header_texts
from streams.intake.refusal import Refusal

NOW = datetime(2026, 2, 1, tzinfo=UTC)
ACME = Feed("acme", frozenset({"BSL", "VIS"}))
ONE_SITE = Feed("acme", frozenset({"BSL"}))
STRUCTURED = [("content-type", b"application/cloudevents+json; charset=UTF-8")]


def stock_report(**changes: Any) -> dict[str, Any]:
    event = {
        "specversion": "1.0",
        "id": "evt-1",
        "source": "/acme/erp",
        "type": "cdmo.raw_material.stock_reported",
        "time": "2026-01-05T08:00:00Z",
        "siteid": "BSL",
        "data": {
            "material_code": "RM-100",
            "internal_lot": "L-1",
            "qty_on_hand": 12.5,
            "uom": "KGM",
            "status": "released",
            "bin": {"aisle": 4},
        },
    }
    return event | changes


def text(event: Any) -> bytes:
    return json.dumps(event).encode()


def taken(value: bytes | None, headers: Any = STRUCTURED, feed: Feed = ACME) -> Canonical:
    [draft] = cloudevents.read(header_texts(headers, value), value)
    return admit(draft.event, feed, NOW)


def event_of(canonical: Canonical) -> Event:
    return decode(canonical.value)


def refused(value: bytes | None, headers: Any = STRUCTURED, feed: Feed = ACME) -> Refusal:
    try:
        canonical = taken(value, headers, feed)
    except Refusal as refusal:
        return refusal
    raise AssertionError(f"taken: {canonical}")
