"""Rates of the readers of each format, in this process and without a broker. Rates are of CPU time, the best of the turns."""

import io
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from openpyxl import Workbook

from risk_rules.documents import Document
from streams.intake.admission import Feed
from streams.intake.profile import PartnerFeed, Profile, from_document
from streams.intake.reading import canonical_records
from streams.intake.trying import Came
from streams.simulation import PROFILES

BEGAN = datetime(2026, 1, 5, 6, tzinfo=UTC)
SITE = Feed("vistula", frozenset({"LDZ"}))
COLUMNS = "Zakład;Materiał;Partia;Ilość;JM;Status;Data ważności;Stan na\r\n"
MAP = """\
partner: vistula
zone: Europe/Warsaw
tables: {materials: {"10": API-7, "04012345123456": FP-7}, statuses: {zwolniona: released}}
units: {kg: KGM}
feeds:
  mapped:
    format: json
    source: /vistula/erp
    map: |
      lines.{
        "type": "cdmo.raw_material.stock_reported",
        "id": $$.no & "/" & lot,
        "time": $at($$.counted, "%d.%m.%Y %H:%M:%S"),
        "siteid": "LDZ",
        "data": {
          "material_code": $ours("materials", code), "internal_lot": lot, "qty_on_hand": qty,
          "uom": $unit(uom), "status": "released"
        }
      }
  shipped: {format: epcis, source: /vistula/epcis}
"""


class Rate(NamedTuple):
    """How many rows or events a second."""

    what: str
    per_second: float


def rates(number: int, turns: int) -> list[Rate]:
    """The rates of all formats, with so many rows (fewer for the slow ones)."""
    table = _vistula()
    mapped = from_document(Document.parse(MAP, "vistula.yaml"))
    stock, shipped = mapped.feeds["mapped"], mapped.feeds["shipped"]
    csv = _csv(number)
    few = max(number // 10, 100)
    xlsx, sheet = _xlsx(few), _sheet(table)
    records = _records(table, csv)
    return [
        Rate("csv rows, bytes to events", _rate(number, turns, lambda: table.feeds["stan"].read(csv, {}))),
        Rate("csv rows, records to canonical", _rate(number, turns, lambda: _canonical(records, table))),
        Rate("xlsx rows, bytes to events", _rate(few, turns, lambda: sheet.read(xlsx, {}))),
        Rate("mapped json events, one line a record", _read(stock, [_count(1, n) for n in range(few)], few, turns)),
        Rate("mapped json events, 500 lines a record", _read(stock, [_count(500, 0)], 500, turns)),
        Rate("epcis events, one a document", _read(shipped, [_document(n) for n in range(few)], few, turns)),
    ]


def _rate(number: int, turns: int, work: Callable[[], object]) -> float:
    seconds: list[float] = []
    for _ in range(turns):
        began = time.process_time()
        work()
        seconds.append(time.process_time() - began)
    return number / min(seconds)


def _read(feed: PartnerFeed, values: list[bytes], number: int, turns: int) -> float:
    def work() -> None:
        for value in values:
            assert feed.read(value, {})

    return _rate(number, turns, work)


def _vistula() -> Profile:
    text = (PROFILES / "vistula.yaml").read_text(encoding="utf-8")
    return from_document(Document.parse(text, "vistula.yaml"))


def _csv(number: int) -> bytes:
    def row(n: int) -> str:
        at = BEGAN + timedelta(seconds=n // 3)
        expiry = f"{1 + n % 28:02d}.{1 + n % 12:02d}.2027"
        return f"LDZ;FP-{n % 40};L-{n};{n % 977},{n % 10};kg;zwolniona;{expiry};{at:%d.%m.%Y %H:%M:%S}\r\n"

    return (COLUMNS + "".join(map(row, range(number)))).encode("cp1250")


def _records(profile: Profile, content: bytes) -> list[Came]:
    feed = profile.feeds["stan"]
    cut = feed.format.records(content, feed.said, feed=feed.name, file="stan.csv")
    return [Came(number, one.key, one.value, one.headers) for number, one in enumerate(cut)]


def _canonical(records: list[Came], profile: Profile) -> None:
    profiles, now = {profile.partner: profile}, BEGAN + timedelta(days=30)
    for record in records:
        assert canonical_records(record, SITE, profiles, now)


def _sheet(profile: Profile) -> PartnerFeed:
    text = (PROFILES / "vistula.yaml").read_text(encoding="utf-8")
    text = (
        text.replace("format: csv", "format: xlsx")
        .replace('    delimiter: ";"\n', "")
        .replace("    encoding: cp1250\n", "")
    )
    return from_document(Document.parse(text, "vistula.yaml")).feeds[next(iter(profile.feeds))]


def _xlsx(number: int) -> bytes:
    book = Workbook(write_only=True)
    page: Any = book.create_sheet("Stan")
    for line in _csv(number).decode("cp1250").splitlines():
        page.append(line.split(";"))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _count(lines: int, number: int) -> bytes:
    items = [{"code": "10", "lot": f"L-{number}-{n}", "qty": n + 0.5, "uom": "kg"} for n in range(lines)]
    return json.dumps({"no": f"S-{number}", "counted": "05.01.2026 06:00:00", "lines": items}).encode()


def _document(number: int) -> bytes:
    event = {
        "type": "ObjectEvent", "eventID": f"ni:///sha-256;{number:064x}?ver=CBV2.0", "action": "OBSERVE",
        "eventTime": "2026-01-05T06:00:00.000+01:00", "eventTimeZoneOffset": "+01:00", "bizStep": "shipping",
        "disposition": "in_transit", "readPoint": {"id": "urn:epc:id:sgln:4012345.00001.0"},
        "bizTransactionList": [{"type": "desadv", "bizTransaction": f"urn:epc:id:gdti:4012345.00001.{number}"}],
        "quantityList": [{"epcClass": f"urn:epc:class:lgtin:4012345.012345.L{number}", "quantity": 10.5, "uom": "KGM"}],
    }  # fmt: skip
    context = ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"]
    document = {
        "@context": context, "type": "EPCISDocument", "schemaVersion": "2.0", "creationDate": "2026-01-05T07:00:00Z",
        "epcisBody": {"eventList": [event]},
    }  # fmt: skip
    return json.dumps(document).encode()
