"""A CDMO's stock list as it comes out of a German spreadsheet, and the profile that reads it."""

from typing import Any

from risk_rules.documents import Document
from streams.intake import row_record, tabular
from streams.intake.profile import Profile, from_document
from streams.intake.refusal import Refusal

PROFILE = """\
profile: acme-stock
partner: acme
files: "bestand*.csv"
source: /acme/lager
encoding: cp1252
delimiter: ";"
decimal: ","
thousands: "."
zone: Europe/Berlin
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
COLUMNS = "Werk;Material;Charge;Bestand;Gesperrt;Verfall;Stand;Art"
GOOD = "Basel;Säure;L-1;1.234,5;-;31.12.2026;05.01.2026 08:00;X"


def profile(text: str = PROFILE) -> Profile:
    return from_document(Document.parse(text, "acme.yaml"))


def table(*rows: str) -> bytes:
    return "\r\n".join((COLUMNS, *rows, "")).encode("cp1252")


def read(content: bytes, said: Profile) -> list[dict[str, dict[str, Any]] | Refusal]:
    """What became of each row: its events by name, or the refusal."""
    found: list[dict[str, dict[str, Any]] | Refusal] = []
    for row in row_record.rows(content, said.said.delimiter):
        try:
            found.append({mapped.name: mapped.event for mapped in tabular.events(row, said)})
        except Refusal as refusal:
            found.append(refusal)
    return found
