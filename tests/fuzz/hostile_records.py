"""Records of a partner in each format, and the words that spoilt ones are made of."""

import json
from datetime import datetime

EVENT = json.dumps(
    {
        "specversion": "1.0", "id": "1", "source": "/acme", "type": "cdmo.shipment.departed", "siteid": "BSL",
        "time": "2026-07-05T08:00:00Z", "datacontenttype": "application/json", "sequence": "7",
        "data": {"shipment_id": "S-1", "actual_departure": "2026-07-05T07:00:00+02:00"},
    }
).encode()  # fmt: skip

BINARY = b"""\
ce_specversion: 1.0
ce_id: 1
ce_source: /acme
ce_type: cdmo.shipment.departed
ce_siteid: BSL
ce_time: 2026-07-05T08:00:00Z
content-type: application/json

{"shipment_id": "S-1", "actual_departure": "2026-07-05T07:00:00+02:00"}"""

MAP = """\
lines.{
  "type": "cdmo.raw_material.stock_reported",
  "id": $$.no & "/" & lot,
  "time": $at($$.counted, "%d.%m.%Y %H:%M"),
  "siteid": "BSL",
  "data": {
    "material_code": $ours("goods", code), "internal_lot": lot, "qty_on_hand": qty, "uom": $unit(uom),
    "status": "released", "expiry_date": $day(best_before, ["%d.%m.%Y", "iso"])
  }
}"""

_LINE = {"code": "A1", "lot": "L-1", "qty": 12.5, "uom": "kg", "best_before": "31.12.2026"}
JSON = json.dumps({"no": "S1", "counted": "05.07.2026 08:00", "lines": [_LINE, {**_LINE, "lot": "L-2"}]}).encode()

_TABLE = """\
    source: /acme/table
    fields:
      plant: {column: Plant, required: true, table: plants}
      material: {column: Material, required: true}
      lot: {column: Lot, required: true}
      qty: {column: Qty, type: number, required: true}
      expiry: {column: Expiry, type: day}
      counted: {column: Counted, type: time, required: true}
    events:
      - name: stock
        type: cdmo.raw_material.stock_reported
        id: "{plant}/{lot}/{counted}/{row_digest}"
        site: "{plant}"
        time: "{counted}"
        data:
          material_code: "{material}"
          internal_lot: "{lot}"
          qty_on_hand: "{qty}"
          uom: KGM
          status: released
          expiry_date: "{expiry}"
"""

PROFILE = (
    """\
partner: acme
zone: Europe/Zurich
tables:
  plants: {Basel: BSL, Visp: BSL}
  goods: {A1: API-7}
units: {kg: KGM}
feeds:
  epcis: {format: epcis, source: /acme/epcis}
  edifact: {format: edifact, source: /acme/edi, uom: C62}
  x12: {format: x12, source: /acme/x12}
  ubl: {format: ubl, source: /acme/ubl}
  rows:
    format: csv
    transport: files
    files: "*.csv"
    encoding: utf-8
    delimiter: ";"
    decimal: ","
"""
    + _TABLE
    + """\
  sheet:
    format: xlsx
    transport: files
    files: "*.xlsx"
"""
    + _TABLE
    + """\
  json:
    format: json
    source: /acme/erp
    map: """
    + json.dumps(MAP)
    + "\n"
)

CSV = b'''\
Plant;Material;Lot;Qty;Expiry;Counted
Basel;API-7;L-1;1234,5;2026-12-31;2026-07-05T08:00:00
Visp;"API;8";"L ""2""";0,1;;2026-07-05 08:00
'''

ROWS = (
    ("Plant", "Material", "Lot", "Qty", "Expiry", "Counted"),
    ("Basel", "API-7", 4711, 12.5, "2026-12-31", datetime(2026, 7, 5, 8)),  # noqa: DTZ001 - a cell has no zone
)

_NUMBERS = ("0", "-1", "1e308", "1e999", "9" * 30, "0.1", "NaN", "Infinity", "-0")
_TIMES = ("2026-02-31", "0000-00-00", "9999-12-31T23:59:59Z", "2026-07-05T08:00:00-23:59", "1900-01-01T00:00:00+14:00")
JSON_WORDS = (
    *_NUMBERS, *_TIMES, "{", "}", "[", "]", '"', ":", ",", "null", "true", "false", '"data"', '"data_base64"', '"id"',
    '"time"', '"sequence"', '"type"', '"partnerid"', '"siteid"', "\\u0000", "\\ud800", "\\u003a", "ce_", "content-type: ",
    "application/json", "e30=", '"lines"', "\ufeff",
)  # fmt: skip
EPCIS_WORDS = (
    *JSON_WORDS, "urn:epc:id:sscc:4012345.0111111111", "urn:epc:class:lgtin:4012345.011111.L-7", "urn:epc:id:sgtin:",
    "https://id.gs1.org/01/04012345111118/10/L-7", "urn:epc:idpat:", '"eventID"', '"errorDeclaration"', '"sensorElementList"',
    "shipping", "receiving", "https://ref.gs1.org/cbv/BizStep-packing", "urn:epcglobal:cbv:disp:", '"bizTransactionList"',
    "TransformationEvent", "AggregationEvent", "+01:00", "CEL",
)  # fmt: skip
CSV_WORDS = (
    *_NUMBERS,
    *_TIMES,
    ";",
    '"',
    '""',
    "\r\n",
    "\n",
    "\r",
    "\0",
    "\ufeff",
    "Plant",
    "Basel",
    "Visp",
    "1.234,5",
)
XLSX_WORDS = (
    *_NUMBERS, "<row>", "</row>", '<c t="s">', '<c t="d">', '<c t="b">', '<c t="e">', '<c t="inlineStr">', "<is><t>", "<v>",
    "</v></c>", ' r="XFD1048576"', ' r="A1"', ' s="1"', "&#0;", "&amp;", "<!DOCTYPE a [", "<![CDATA[", "<dimension ref=",
    "xl/worksheets/sheet1.xml", "PK\x03\x04", "PK\x01\x02", "PK\x05\x06",
)  # fmt: skip
MAP_WORDS = (
    "$map(", "$reduce(", "$filter(", "$each(", "$split(", "$join(", "$match(", "$replace(", "$pad(", "$sort(", "$eval(",
    "function($x){", "$f := ", "$f(", "[1..1000000]", "..", "**", "*", "%", "^(", "~>", "|", "?", ":", ":=", "(", ")", "{",
    "}", "[", "]", "$", "$$", "/(a+)+$/", "&", "@$i", "#$i", "$now()", "$random()", "lines", "qty", "'a'", "1e308", "$string(",
    "$number(", "$formatNumber(", "$fromMillis(", "$toMillis(", "$distinct(", "$append(", "$spread(", "$zip(",
)  # fmt: skip
EDIFACT_WORDS = (
    "UNA:+.? '", "UNB+", "UNH+", "UNT+", "UNZ+", "UNG+", "BGM+", "DTM+", "NAD+DP+", "RFF+ON:", "LIN+", "PIA+1+", "QTY+12:",
    "PCI+36E'", "GIN+BX+", "GIN+BJ+", "GIR+3+", "TDT+20+", "TOD+6++", "CPS+1'", "CNI+1+", "STS+1+", "LOC+14+", ":102", ":203",
    ":205", ":718", "?'", "??", "?", "'", "+", ":", "UNOA", "UNOY", "UNOX", "DESADV", "IFTSTA", "20260229", "KGM", "1,5",
)  # fmt: skip
X12_WORDS = (
    "ISA*", "GS*SH*", "ST*856*", "ST*214*", "SE*", "GE*1*", "IEA*1*", "BSN*00*", "HL*1**S", "HL*2*1*O", "HL*9*8*I", "LIN**",
    "SN1**", "MAN*GM*", "REF*LT*", "DTM*036*", "DTM*011*", "PRF*", "TD5*", "N1*ST**UL*", "B10*", "AT7*", "MS1*", "L11*", "LX*1",
    "CTT*1", "~", "*", ">", "\n", "20260229", "2460", "ET", "99", "KG", "1.5",
)  # fmt: skip
UBL_WORDS = (
    *_TIMES, "<cbc:ID>", "</cbc:ID>", "<cac:DespatchLine>", "</cac:DespatchLine>", "<cac:Item>", "</cac:Item>", "<cbc:IssueDate>",
    "<cbc:IssueTime>", ' unitCode="KGM"', "<!DOCTYPE a [<!ENTITY b 'c'>]>", "&b;", "&#0;", "&#xD800;", "<![CDATA[", "]]>", "<!--",
    "-->", "<?x ?>", "xmlns:a='b'", "encoding='utf-16'", "encoding='utf-7'", "\ufeff", "<cbc:UUID>", "</cac:Shipment>", "1e5",
)  # fmt: skip
SIGNATURE_WORDS = ("\n", "v1,", "v1a,", " ", "msg_1", ".", "whsec_", "=", "==", "1783296000", "-1", "\u0661", "\0")
"""By format: what a spoilt record of it is made of."""
