"""A CDMO's stock list as it comes out of a German spreadsheet, and the profile that reads it."""

from typing import Any

from risk_rules.documents import Document
from streams.intake.feed_record import FeedRecord
from streams.intake.inbound import header_texts
from streams.intake.profile import PartnerFeed, Profile, from_document
from streams.intake.refusal import Refusal

PROFILE = """\
partner: acme
zone: Europe/Berlin
feeds:
  lager:
    format: csv
    transport: files
    files: "bestand*.csv"
    source: /acme/lager
    encoding: cp1252
    delimiter: ";"
    decimal: ","
    thousands: "."
    dates: ["%d.%m.%Y %H:%M", "%d.%m.%Y"]
    absent: ["-", "k.A."]
    site: "{plant}"
    fields:
      plant: {column: Werk, required: true, table: plants}
      material: {column: Material, required: true}
      lot: {column: Charge, required: true}
      on_hand: {column: Bestand, type: number, required: true, times: 0.001}
      blocked: {column: Gesperrt, type: number}
      expiry: {column: Verfall, type: day}
      counted: {column: Stand, type: time, required: true}
      kind: {column: Art}
    events:
      - name: stock
        type: cdmo.raw_material.stock_reported
        id: "{plant}/{lot}/{counted}"
        time: "{counted}"
        data:
          material_code: "{material}"
          internal_lot: "{lot}"
          qty_on_hand: "{on_hand}"
          uom: KGM
          status: released
          expiry_date: "{expiry}"
      - name: blocked
        type: cdmo.raw_material.status_changed
        when: {blocked: known, kind: ["QS", "QM"]}
        id: "{row_digest}/blocked"
        time: "{counted}"
        data: {material_code: "{material}", internal_lot: "{lot}", status: on_hold}
tables:
  plants: {Basel: BSL, Visp: VIS}
"""
NAMES = {"cdmo.raw_material.stock_reported": "stock", "cdmo.raw_material.status_changed": "blocked"}
COLUMNS = "Werk;Material;Charge;Bestand;Gesperrt;Verfall;Stand;Art"
GOOD = "Basel;Säure;L-1;1.234,5;-;31.12.2026;05.01.2026 08:00;X"


def profile(text: str = PROFILE) -> Profile:
    return from_document(Document.parse(text, "acme.yaml"))


def table(*rows: str) -> bytes:
    return "\r\n".join((COLUMNS, *rows, "")).encode("cp1252")


def lager(text: str = PROFILE) -> PartnerFeed:
    """The one feed of the profile."""
    return profile(text).feeds["lager"]


def records(content: bytes, feed: PartnerFeed) -> list[FeedRecord]:
    """The records that a dropped file becomes."""
    return list(feed.format.records(content, feed.said, feed=feed.name, file="bestand.csv"))


def read(content: bytes, feed: PartnerFeed) -> list[dict[str, dict[str, Any]] | Refusal]:
    """What became of each row: its events by name, or the refusal."""
    found: list[dict[str, dict[str, Any]] | Refusal] = []
    for record in records(content, feed):
        try:
            drafts = feed.read(record.value, header_texts(record.headers, record.value))
        except Refusal as refusal:
            found.append(refusal)
        else:
            found.append({NAMES[draft.event["type"]]: draft.event for draft in drafts})
    return found
