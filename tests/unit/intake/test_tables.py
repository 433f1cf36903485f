"""Rows of a partner's table become events; a bad row is refused at its line and column, and harms no other."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.intake import csv_table, feed_record
from streams.intake.inbound import COLUMNS as NAMES_OF_COLUMNS
from streams.intake.inbound import header_texts
from streams.intake.refusal import Reason, Refusal
from tests.unit.intake.stock_profile import COLUMNS, GOOD, lager, read, table

LAGER = lager()


def one(row: str) -> dict[str, dict[str, object]] | Refusal:
    return read(table(row), LAGER)[0]


def test_a_row_becomes_the_event_that_the_profile_says() -> None:
    found = one(GOOD)
    assert isinstance(found, dict)
    assert found == {
        "stock": {
            "specversion": "1.0",
            "type": "cdmo.raw_material.stock_reported",
            "source": "/acme/lager",
            "siteid": "BSL",
            "id": "BSL/L-1/2026-01-05T07:00:00Z",
            "time": "2026-01-05T07:00:00Z",
            "data": {
                "material_code": "Säure",
                "internal_lot": "L-1",
                "qty_on_hand": pytest.approx(1.2345),
                "uom": "KGM",
                "status": "released",
                "expiry_date": "2026-12-31",
            },
        }
    }


def test_a_time_without_an_offset_is_local_to_the_profiles_zone_in_summer_too() -> None:
    found = one(GOOD.replace("05.01.2026 08:00", "05.07.2026 08:00"))
    assert isinstance(found, dict)
    assert found["stock"]["time"] == "2026-07-05T06:00:00Z"


def test_one_row_gives_several_events_when_their_conditions_hold() -> None:
    blocked = GOOD.replace(";-;", ";5;").removesuffix("X")
    assert set(one(blocked + "QS")) == {"stock", "blocked"}  # type: ignore[arg-type]
    assert set(one(blocked + "X")) == {"stock"}  # type: ignore[arg-type]


def test_an_absent_optional_value_is_left_out() -> None:
    found = one(GOOD.replace("31.12.2026", "k.A."))
    assert isinstance(found, dict)
    assert "expiry_date" not in found["stock"]["data"]  # type: ignore[operator]


@pytest.mark.parametrize(
    ("good", "bad", "reason", "column"),
    [
        ("1.234,5", "1,234.5", Reason.BAD_VALUE, "Bestand"),
        ("1.234,5", "12.34,5", Reason.BAD_VALUE, "Bestand"),
        ("1.234,5", "viel", Reason.BAD_VALUE, "Bestand"),
        ("1.234,5", "nan", Reason.BAD_VALUE, "Bestand"),
        ("1.234,5", "", Reason.MISSING_VALUE, "Bestand"),
        ("1.234,5", "-", Reason.MISSING_VALUE, "Bestand"),
        ("Basel", "Genf", Reason.UNKNOWN_CODE, "Werk"),
        ("31.12.2026", "31.02.2026", Reason.BAD_VALUE, "Verfall"),
        ("31.12.2026", "2026-12-31", Reason.BAD_VALUE, "Verfall"),
        ("05.01.2026 08:00", "05.01.2026" + " " * 70 + "08:00", Reason.BAD_VALUE, "Stand"),
    ],
)
def test_a_bad_cell_is_refused_at_its_line_and_column(good: str, bad: str, reason: Reason, column: str) -> None:
    before, refusal, after = read(table(GOOD, GOOD.replace(good, bad), GOOD), LAGER)
    assert isinstance(refusal, Refusal)
    assert (refusal.reason, refusal.place) == (reason, f"line 3, column '{column}'")
    assert isinstance(before, dict)
    assert isinstance(after, dict)


@pytest.mark.parametrize("bad", ["Basel;Säure", GOOD + ";too;many", '"' + GOOD, '"a"b;' + GOOD, "\x00"])
def test_a_row_of_the_wrong_shape_is_refused_and_the_rest_goes_on(bad: str) -> None:
    before, refusal, after = read(table(GOOD, bad, GOOD), LAGER)
    assert isinstance(refusal, Refusal)
    assert refusal.reason is Reason.BAD_ROW
    assert refusal.place.startswith("line 3")
    assert before == after


def test_a_quote_that_is_never_closed_swallows_no_other_row() -> None:
    many = [GOOD] * 500
    found = read(table('"' + GOOD, *many), LAGER)
    assert len(found) == 501
    assert all(isinstance(outcome, dict) for outcome in found[1:])


def test_a_row_may_run_over_lines_inside_quotes() -> None:
    two_lines = GOOD.replace("Säure", '"Säure\r\nrein; 99 %"')
    first, second = read(table(two_lines, GOOD.replace("1.234,5", "?")), LAGER)
    assert isinstance(first, dict)
    assert first["stock"]["data"]["material_code"] == "Säure\r\nrein; 99 %"
    assert isinstance(second, Refusal)
    assert second.place == "line 4, column 'Bestand'"


def test_a_byte_that_the_encoding_does_not_have_harms_its_own_row_only() -> None:
    content = table(GOOD, GOOD, GOOD).replace(b"L-1", b"L\x81", 1)
    refusal, *others = read(content, LAGER)
    assert isinstance(refusal, Refusal)
    assert (refusal.reason, refusal.place) == (Reason.BAD_ENCODING, "line 2, byte 14")
    assert all(isinstance(outcome, dict) for outcome in others)


def test_blank_lines_are_no_rows_but_count_as_lines() -> None:
    found = read(table("", GOOD, "", "x"), LAGER)
    assert len(found) == 2
    assert isinstance(found[1], Refusal)
    assert found[1].place.startswith("line 5")


def test_a_table_without_a_needed_column_has_all_its_rows_refused() -> None:
    content = table(GOOD).replace(b"Charge", b"Los")
    (refusal,) = read(content, LAGER)
    assert isinstance(refusal, Refusal)
    assert refusal.reason is Reason.MISSING_COLUMN


def test_two_columns_of_one_name_are_refused() -> None:
    (refusal,) = read(table(GOOD).replace(b"Art", b"Werk"), LAGER)
    assert isinstance(refusal, Refusal)
    assert "'Werk'" in refusal.message


def test_columns_may_stand_in_any_order_and_others_are_ignored() -> None:
    turned = ";".join(reversed(("Neu;" + COLUMNS).split(";"))), ";".join(reversed(("?;" + GOOD).split(";")))
    (found,) = read("\n".join(turned).encode("cp1252"), LAGER)
    assert found == one(GOOD)


def test_the_same_row_has_the_same_identity_wherever_it_stands() -> None:
    blocked = GOOD.replace(";-;", ";5;").removesuffix("X") + "QS"
    first = read(table(blocked), LAGER)[0]
    second = read(table(GOOD, GOOD, blocked).rstrip(), LAGER)[2]
    assert isinstance(first, dict)
    assert isinstance(second, dict)
    assert first["blocked"]["id"] == second["blocked"]["id"]


CHARACTERS = st.sampled_from([*';",\r\n.-0195 \x00\ufeff', "Basel", "L-1", "05.01.2026", "é", COLUMNS, GOOD])


@settings(max_examples=300)
@given(st.one_of(st.binary(max_size=300), st.lists(CHARACTERS, max_size=60).map(lambda parts: "".join(parts).encode())))
def test_any_bytes_are_taken_or_refused_with_a_line(content: bytes) -> None:
    for outcome in read(content, LAGER) + read(COLUMNS.encode() + b"\n" + content, LAGER):
        assert isinstance(outcome, dict) or outcome.place.startswith("line ")


@given(st.binary(max_size=300))
def test_every_byte_of_a_file_lies_in_a_row_or_is_blank(content: bytes) -> None:
    rows = list(csv_table.rows(b"a;b\n" + content, ";"))
    assert b"".join(row.content for row in rows).split() == content.split()


@given(st.binary(min_size=1, max_size=200), st.integers(1, 10**6))
def test_a_row_and_its_columns_come_back_from_a_record_as_they_were(content: bytes, line: int) -> None:
    record = feed_record.row(content, b"a;b\xff\n", line, feed="lager", media_type="text/csv", file="bestand.csv")
    texts = header_texts(record.headers, record.value)
    assert (record.value, texts[feed_record.LINE]) == (content, str(line))
    assert texts[NAMES_OF_COLUMNS].encode("latin-1") == b"a;b\xff\n"


def test_a_row_that_no_record_can_hold_is_refused_with_its_line() -> None:
    record = feed_record.row(b"x" * 2_000_000, b"a", 7, feed="lager", media_type="text/csv", file="bestand.csv")
    assert len(record.value) < 1024 * 1024
    with pytest.raises(Refusal, match="2000000 bytes") as refused:
        LAGER.read(record.value, header_texts(record.headers, record.value))
    assert refused.value.place == "line 7"


def test_a_whole_table_in_one_record_is_taken_with_all_its_rows_or_not_at_all() -> None:
    texts = {"content-type": "text/csv; feed=lager"}
    assert len(LAGER.read(table(GOOD, GOOD), texts)) == 2
    with pytest.raises(Refusal) as refused:
        LAGER.read(table(GOOD, GOOD.replace("Basel", "Genf")), texts)
    assert refused.value.place == "line 3, column 'Werk'"
