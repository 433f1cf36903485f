"""A CDMO's own JSON of a stock count, and the profile whose map reads it."""

import json
from typing import Any

from risk_rules.documents import Document
from streams.intake.profile import PartnerFeed, from_document

MAP = """\
lines.{
  "type": "cdmo.raw_material.stock_reported",
  "id": $$.no & "/" & lot,
  "time": $at($$.counted, "%d.%m.%Y %H:%M"),
  "siteid": "BSL",
  "data": {
    "material_code": $ours("materials", code),
    "internal_lot": lot,
    "qty_on_hand": qty,
    "uom": $unit(uom),
    "status": "released",
    "expiry_date": $day(best_before, ["%d.%m.%Y", "iso"])
  }
}
"""
HEAD = """\
partner: acme
zone: Europe/Zurich
tables:
  materials: {A1: API-7, "7": RM-7}
units: {kg: KGM}
feeds:
  stock:
    format: json
    source: /acme/erp
    map: |
"""
LINE = {"code": "A1", "lot": "L-1", "qty": 12.5, "uom": "kg", "best_before": "31.12.2026"}
COUNT: dict[str, Any] = {"no": "S1", "counted": "05.07.2026 08:00", "lines": [LINE, {**LINE, "lot": "L-2", "code": 7}]}


def text(a_map: str) -> str:
    """A profile with one feed of this map."""
    return HEAD + "".join(f"      {line}\n" for line in a_map.splitlines())


def feed(a_map: str = MAP) -> PartnerFeed:
    return from_document(Document.parse(text(a_map), "acme.yaml")).feeds["stock"]


def read(a_map: str, document: object = COUNT) -> list[dict[str, Any]]:
    """The events of a document by a map."""
    return [draft.event for draft in feed(a_map).read(json.dumps(document).encode(), {})]
