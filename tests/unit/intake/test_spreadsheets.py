"""Spreadsheets give the events that the same table gives as CSV; hostile ones are refused before they unfold."""

import io
import tracemalloc
import zipfile
from contextlib import suppress
from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from risk_rules.documents import Document
from streams.intake import workbook
from streams.intake.inbound import header_texts
from streams.intake.profile import PartnerFeed, from_document
from streams.intake.refusal import Reason, Refusal

PROFILE = """\
partner: acme
zone: Europe/Zurich
units: {kg: KGM}
feeds:
  stock:
    format: xlsx
    transport: files
    files: "*.xlsx"
    sheet: Stock
    source: /acme/erp
    absent: ["-"]
    fields:
      lot: {column: Lot, required: true}
      material: {column: Material, required: true}
      qty: {column: Qty, type: number, required: true}
      unit: {column: Unit, type: unit}
      expiry: {column: Expiry, type: day, dates: ["%d.%m.%Y"]}
      counted: {column: Counted, type: time, required: true}
    events:
      - name: counted
        type: cdmo.raw_material.stock_reported
        id: "{lot}/{counted}"
        site: BSL
        time: "{counted}"
        data: {material_code: "{material}", internal_lot: "{lot}", qty_on_hand: "{qty}", uom: "{unit}", expiry_date: "{expiry}"}
"""
NAMES = ("Lot", "Material", "Qty", "Unit", "Expiry", "Counted")
GOOD = (4711, "API-7", 0.1, "kg", date(2026, 12, 31), datetime(2026, 7, 5, 8, 0))  # noqa: DTZ001 - a cell has no zone


def feed(text: str = PROFILE) -> PartnerFeed:
    return from_document(Document.parse(text, "acme.yaml")).feeds["stock"]


STOCK = feed()


def book(*rows: tuple[Any, ...], sheet: str = "Stock", epoch_1904: bool = False) -> bytes:
    made = Workbook()
    made.active.title = "Notes"  # type: ignore[union-attr]
    page: Any = made.create_sheet(sheet)
    if epoch_1904:
        made.epoch = datetime(1904, 1, 1)  # noqa: DTZ001
    for row in rows:
        page.append(row)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def read(content: bytes, by: PartnerFeed = STOCK) -> list[dict[str, Any] | Refusal]:
    """What became of each row of a dropped workbook: its event, or the refusal."""
    found: list[dict[str, Any] | Refusal] = []
    for record in by.format.records(content, by.said, feed=by.name, file="stock.xlsx"):
        try:
            (draft,) = by.read(record.value, header_texts(record.headers, record.value))
        except Refusal as refusal:
            found.append(refusal)
        else:
            found.append(draft.event)
    return found


def refused(content: bytes) -> Refusal:
    with pytest.raises(Refusal) as refusal:
        read(content)
    return refusal.value


def test_a_row_gives_its_event_with_numbers_days_and_times_as_they_are() -> None:
    (event,) = read(book(NAMES, GOOD))
    assert isinstance(event, dict)
    assert (event["id"], event["time"]) == ("4711/2026-07-05T06:00:00Z", "2026-07-05T06:00:00Z")
    assert event["data"] == {
        "material_code": "API-7", "internal_lot": "4711", "qty_on_hand": 0.1, "uom": "KGM", "expiry_date": "2026-12-31",
    }  # fmt: skip


def test_days_counted_from_1904_are_the_same_days() -> None:
    assert read(book(NAMES, GOOD, epoch_1904=True)) == read(book(NAMES, GOOD))


def test_a_day_written_as_text_is_read_as_the_feed_says() -> None:
    (event,) = read(book(NAMES, (*GOOD[:4], "31.12.2026", GOOD[5])))
    assert isinstance(event, dict)
    assert event["data"]["expiry_date"] == "2026-12-31"


def test_columns_may_stand_in_any_order_below_empty_rows_and_beside_others() -> None:
    turned = (("Note", *reversed(NAMES)), ("", *reversed(GOOD)))
    assert read(book((), *turned)) == read(book(NAMES, GOOD))


@pytest.mark.parametrize(
    ("row", "reason", "place"),
    [
        ((*GOOD[:2], "many", *GOOD[3:]), Reason.BAD_VALUE, "sheet 'Stock', row 3, column C 'Qty'"),
        ((*GOOD[:2], None, *GOOD[3:]), Reason.MISSING_VALUE, "sheet 'Stock', row 3, column C 'Qty'"),
        ((*GOOD[:2], True, *GOOD[3:]), Reason.BAD_VALUE, "sheet 'Stock', row 3, column C 'Qty'"),
        ((*GOOD[:4], "2026-12-31", GOOD[5]), Reason.BAD_VALUE, "sheet 'Stock', row 3, column E 'Expiry'"),
        (GOOD[:5], Reason.MISSING_VALUE, "sheet 'Stock', row 3, column F 'Counted'"),
        ((*GOOD, "more"), Reason.BAD_ROW, "sheet 'Stock', row 3, column 7"),
    ],
)
def test_a_bad_cell_is_refused_with_sheet_row_and_column_and_the_rest_goes_on(
    row: tuple[Any, ...], reason: Reason, place: str
) -> None:
    before, refusal, after = read(book(NAMES, GOOD, row, GOOD))
    assert isinstance(refusal, Refusal)
    assert (refusal.reason, refusal.place) == (reason, place)
    assert before == after


def test_a_workbook_in_one_record_is_taken_whole_or_not_at_all() -> None:
    assert len(STOCK.read(book(NAMES, GOOD, GOOD), {})) == 2
    with pytest.raises(Refusal) as refusal:
        STOCK.read(book(NAMES, GOOD, (*GOOD[:2], "many", *GOOD[3:])), {})
    assert refusal.value.place == "sheet 'Stock', row 3, column C 'Qty'"


def test_a_sheet_that_is_not_there_is_told_with_those_that_are() -> None:
    refusal = refused(book(NAMES, GOOD, sheet="Stocks"))
    assert "no sheet 'Stock'; it has 'Notes', 'Stocks'" in refusal.message


def test_the_first_sheet_is_read_where_none_is_named() -> None:
    first = feed(PROFILE.replace("    sheet: Stock\n", ""))
    assert read(book(NAMES, GOOD), first) == []


def with_part(content: bytes, name: str, part: bytes) -> bytes:
    """The workbook with another part of that name."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for one in old.infolist():
            if one.filename != name:
                new.writestr(one, old.read(one))
        new.writestr(name, part)
    return out.getvalue()


SHEET = "xl/worksheets/sheet2.xml"
NAMESPACE = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
END = b"</sheetData></worksheet>"


@pytest.mark.parametrize(
    "part",
    [
        NAMESPACE + b" " * 200_000_000 + END,
        NAMESPACE + b"<row/>" * 7_000_000 + END,
        b'<!DOCTYPE a [<!ENTITY b "ccc">]>' + NAMESPACE + END,
        ("<?xml version='1.0' encoding='utf-16'?>" + NAMESPACE.decode() + END.decode()).encode("utf-16"),
        NAMESPACE + b'<row r="99999999999"><c r="A99999999999"><v>1</v></c></row>' + END,
        NAMESPACE + b'<row r="1"><c r="XFD1"><v>1</v></c></row>' + END,
    ],
    ids=["bytes", "tags", "entities", "hidden encoding", "rows", "columns"],
)
def test_a_sheet_that_would_unfold_beyond_the_bounds_is_refused_in_little_memory(part: bytes) -> None:
    content = with_part(book(NAMES, GOOD), SHEET, part)
    tracemalloc.start()
    refusal = refused(content)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert refusal.reason in (Reason.TOO_LARGE, Reason.BAD_ROW)
    assert peak < 64 * 1024 * 1024


def test_a_large_part_that_is_no_sheet_and_too_many_parts_are_refused() -> None:
    assert (
        refused(with_part(book(NAMES, GOOD), "xl/styles.xml", bytes(range(1, 60)) * 90_000)).reason is Reason.TOO_LARGE
    )
    out = io.BytesIO(book(NAMES, GOOD))
    with zipfile.ZipFile(out, "a") as archive:
        for number in range(600):
            archive.writestr(f"xl/media/{number}.png", b"")
    assert refused(out.getvalue()).reason is Reason.TOO_LARGE


WHOLE = book(NAMES, GOOD, GOOD)


@settings(max_examples=200)
@given(st.data())
def test_a_damaged_workbook_is_taken_or_refused(data: st.DataObject) -> None:
    content = bytearray(WHOLE)
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(content)))
    for one in (bytes(content), bytes(content[:cut])):
        with suppress(Refusal):
            assert len(read(one)) <= 3


def test_what_openpyxl_reads_is_what_is_told_of_a_row() -> None:
    page = load_workbook(io.BytesIO(WHOLE))["Stock"]
    by_rows = [list(row.cells) for row in workbook.rows(WHOLE, "Stock")]
    assert by_rows[1][:4] == [cell.value for cell in page[2]][:4]
