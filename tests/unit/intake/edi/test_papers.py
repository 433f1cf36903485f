"""One shipment in three tongues means one thing; the expectations are worked out by hand."""

from pathlib import Path

import pytest

from risk_rules.documents import Document
from risk_rules.problems import DocumentError
from streams.intake import edifact, ubl, x12
from streams.intake.draft import Codes, Draft
from streams.intake.profile import from_document
from streams.intake.refusal import Reason, Refusal
from tests.unit.intake.edi.papers import (
    CARRIER_STATUS,
    CODES,
    DESADV,
    DESPATCH_ADVICE,
    EDIFACT,
    IFTSTA,
    NO_CODES,
    PALLETS,
    SHIP_NOTICE,
    UBL,
    X12,
)
from tests.unit.intake.edi.papers import edifact as interchange
from tests.unit.intake.edi.papers import x12 as x12_interchange

LINES = [
    {"material_code": "API-1", "qty": 40, "uom": "KGM", "lot": "L-1", "expiry": "2028-01-31"},
    {"material_code": "API-1", "qty": 20.5, "uom": "KGM", "lot": "L-2", "expiry": "2028-02-29"},
]


def by_edifact(codes: Codes = CODES) -> list[Draft]:
    return edifact.read(interchange(DESADV), EDIFACT, codes, {})


def by_x12(codes: Codes = CODES) -> list[Draft]:
    return x12.read(x12_interchange(("856", SHIP_NOTICE)), X12, codes, {})


def by_ubl(codes: Codes = CODES) -> list[Draft]:
    return ubl.read(DESPATCH_ADVICE, UBL, codes, {})


TONGUES = pytest.mark.parametrize("read", [by_edifact, by_x12, by_ubl])


@TONGUES
def test_a_despatch_advice_books_the_lots_on_its_pallets_and_says_that_they_left(read):
    booked, departed = read()
    assert (booked.event["type"], departed.event["type"]) == ("cdmo.shipment.booked", "cdmo.shipment.departed")
    assert (booked.event["time"], booked.event["siteid"]) == ("2026-01-05T08:30:00Z", "BSL")
    data = booked.event["data"]
    assert (data["shipment_id"], data["po_no"], data["sscc"], data["mode"]) == ("S-1", "PO-1", PALLETS, "road")
    assert data["lines"] == LINES
    assert (data["ship_from"], data["ship_to"]) == ("4012345000016", "4012345000023")


@pytest.mark.parametrize(
    ("read", "left", "arrives"),
    [
        (by_edifact, "2026-01-04T23:00:00Z", "2026-01-07T13:00:00Z"),  # a day and an hour of Zurich
        (by_x12, "2026-01-05T08:00:00Z", "2026-01-07T14:00:00Z"),  # Eastern Time and UTC, as coded
        (by_ubl, "2026-01-05T08:00:00Z", "2026-01-07T13:00:00Z"),
    ],
)
def test_times_without_an_offset_are_of_the_zone_that_the_profile_names(read, left, arrives):
    booked, departed = read()
    assert departed.event["data"]["actual_departure"] == left
    assert booked.event["data"]["planned_arrival"] == departed.event["data"]["estimated_arrival"] == arrives


@TONGUES
def test_the_same_bytes_give_the_same_ids_and_every_event_one_of_its_own(read):
    ids = [draft.event["id"] for draft in read()]
    assert ids == [draft.event["id"] for draft in read()]
    assert len(set(ids)) == len(ids)


@TONGUES
def test_a_paper_between_places_of_others_is_refused_as_saying_nothing(read):
    codes = Codes({**CODES.tables, "sites": {"4012345000023": "", "4012345000016": ""}}, {})
    with pytest.raises(Refusal, match="of the partner") as caught:
        read(codes)
    assert caught.value.reason is Reason.NO_EVENT


@TONGUES
def test_a_place_that_the_table_does_not_know_is_refused(read):
    with pytest.raises(Refusal, match="4012345000023") as caught:
        read(Codes({"sites": {"1": "BSL"}}, {}))
    assert (caught.value.reason, bool(caught.value.place)) == (Reason.UNKNOWN_CODE, True)


@TONGUES
def test_a_material_that_the_table_does_not_know_is_refused_at_its_line(read):
    with pytest.raises(Refusal, match="04012345111118") as caught:
        read(Codes({"materials": {"X": "Y"}}, {}))
    assert caught.value.reason is Reason.UNKNOWN_CODE
    assert "segment" in caught.value.place or "DespatchLine" in caught.value.place


def test_without_a_table_the_buyers_own_number_is_the_material():
    booked, _ = by_edifact(NO_CODES)
    assert booked.event["data"]["lines"][0]["material_code"] == "API-7"
    assert "siteid" not in booked.event


def test_an_iftsta_tells_of_departure_of_what_was_passed_and_of_another_arrival():
    found = edifact.read(interchange(IFTSTA, "IFTSTA:D:01B:UN"), EDIFACT, CODES, {})
    said = [(one.event["type"].removeprefix("cdmo.shipment."), one.event["data"]) for one in found]
    assert said == [
        ("departed", {"shipment_id": "S-1", "actual_departure": "2026-01-05T09:00:00Z"}),
        ("milestone", {"shipment_id": "S-1", "milestone": "31", "location": "Como"}),
        ("eta_changed", {"shipment_id": "S-1", "estimated_arrival": "2026-01-08T09:00:00Z"}),
    ]


def test_a_214_tells_of_departure_of_what_was_passed_and_of_another_arrival():
    found = x12.read(x12_interchange(("214", CARRIER_STATUS)), X12, CODES, {})
    said = [(one.event["type"].removeprefix("cdmo.shipment."), one.event["data"]) for one in found]
    assert said == [
        ("departed", {"shipment_id": "S-1", "actual_departure": "2026-01-05T08:10:00Z"}),
        ("milestone", {"shipment_id": "S-1", "milestone": "X6", "location": "ALBANY, NY, US"}),
        ("eta_changed", {"shipment_id": "S-1", "estimated_arrival": "2026-01-08T10:00:00Z", "reason": "BB"}),
    ]


def test_the_partners_own_words_for_statuses_go_before_the_standards():
    codes = Codes({"statuses": {"AF": "arrived", "X6": "on the road"}}, {})
    found = x12.read(x12_interchange(("214", CARRIER_STATUS)), X12, codes, {})
    assert found[0].event["type"] == "cdmo.shipment.arrived"
    assert found[1].event["data"]["milestone"] == "on the road"


@pytest.mark.parametrize(
    ("read", "said"),
    [
        (lambda: edifact.read(interchange(DESADV.replace("S-1+9'", "S-1+1'")), EDIFACT, CODES, {}), "edifact"),
        (lambda: x12.read(x12_interchange(("856", SHIP_NOTICE.replace("BSN*00", "BSN*01"))), X12, CODES, {}), "x12"),
        (
            lambda: ubl.read(
                DESPATCH_ADVICE.replace(
                    b"<cac:OrderReference>",
                    b"<cbc:DocumentStatusCode>Cancelled</cbc:DocumentStatusCode><cac:OrderReference>",
                    1,
                ),
                UBL,
                CODES,
                {},
            ),
            "ubl",
        ),
    ],
)
def test_a_cancelled_advice_cancels_the_shipment(read, said):
    (cancelled,) = read()
    assert (cancelled.event["type"], said) == ("cdmo.shipment.cancelled", said)


def test_the_profile_that_the_page_shows_is_one():
    page = (Path(__file__).parents[4] / "docs" / "edi.md").read_text(encoding="utf-8")
    shown = page.split("```yaml\n")[1].split("```")[0]
    assert set(from_document(Document.parse(shown, "acme.yaml")).feeds) == {"asn", "ship", "advice"}


def test_an_edifact_feed_of_an_unknown_unit_is_told_in_the_profile():
    text = "partner: acme\nfeeds:\n  asn: {format: edifact, source: /a, uom: STK}\n"
    with pytest.raises(DocumentError, match="STK is no unit"):
        from_document(Document.parse(text, "acme.yaml"))
