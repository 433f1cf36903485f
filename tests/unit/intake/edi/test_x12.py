"""X12 as partners write it, and what is wrong with it by segment and element."""

import pytest

from streams.intake.draft import Codes
from streams.intake.refusal import Reason, Refusal
from streams.intake.x12 import X12Feed, read
from tests.unit.intake.edi.papers import CARRIER_STATUS, NO_CODES, SHIP_NOTICE, X12, x12

PLAIN = x12(("856", SHIP_NOTICE))


def refused(value: bytes) -> Refusal:
    with pytest.raises(Refusal) as caught:
        read(value, X12, NO_CODES, {})
    return caught.value


def test_the_separators_are_those_that_the_header_shows():
    other = PLAIN.replace(b"\n", b"").replace(b"~", b"\n").replace(b"*", b"|").replace(b">", b":")
    assert read(other, X12, NO_CODES, {}) == read(PLAIN, X12, NO_CODES, {})


def test_what_is_not_production_data_is_not_taken():
    refusal = refused(x12(("856", SHIP_NOTICE), usage="T"))
    assert (refusal.reason, refusal.place) == (Reason.NO_EVENT, "segment 1 (ISA), element ISA15")


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        (b"SE*26*0001", b"SE*27*0001", "element SE01"),
        (b"SE*26*0001", b"SE*26*0002", "element SE02"),
        (b"GE*1*7", b"GE*2*7", "element GE01"),
        (b"IEA*1*000000042", b"IEA*1*000000043", "element IEA02"),
        (b"IEA*1*000000042~\n", b"", "(GE)"),
        (b"~\nIEA*1*000000042~\n", b"~\nIEA*1*000000042", "segment 30"),
        (b"BSN*00*", b"BSN*04*", "segment 4 (BSN), element BSN01"),
        (b"DTM*011*20260105*0300*ET", b"DTM*011*20260145*0300*ET", "segment 5 (DTM), element DTM02"),
        (b"DTM*011*20260105*0300*ET", b"DTM*011*20260105*3*ET", "segment 5 (DTM), element DTM03"),
        (b"DTM*011*20260105*0300*ET", b"DTM*011*20260105*0300*QQ", "segment 5 (DTM), element DTM04"),
        (b"HL*4*3*I", b"HL*4*9*I", "(HL), element HL01"),
        (b"HL*4*3*I", b"HL*4*3*K", "(HL), element HL03"),
        (b"SN1*1*40*KG", b"SN1*1*4O*KG", "(SN1), element SN102"),
        (b"SN1*1*40*KG", b"SN1*1*40*", "(SN1), element SN103"),
        (b"ST*856", b"ST*850", "segment 3 (ST), element ST01"),
        (b"*>~\n", b">~\n", "segment 1 (ISA)"),
        (b"REF*LT*L-2~DTM*036*20280229", b"REF*LT*L-2~REF*LT*L-3", "(HL)"),
    ],
)
def test_a_fault_is_told_with_its_segment_and_element(old, new, place):
    assert old in PLAIN
    assert place in refused(PLAIN.replace(old, new)).place


def test_units_are_told_by_rec_20_unless_the_partner_has_its_own_word():
    value = x12(("856", SHIP_NOTICE.replace("*KG~", "*GR~")))
    units = {line["uom"] for line in read(value, X12, NO_CODES, {})[0].event["data"]["lines"]}
    assert units == {"GRM"}
    units = {line["uom"] for line in read(value, X12, Codes({}, {"GR": "C62"}), {})[0].event["data"]["lines"]}
    assert units == {"C62"}


def test_an_order_of_the_level_above_is_that_of_the_line():
    body = SHIP_NOTICE.replace("CTT*6~", "HL*7*1*O~PRF*PO-2~HL*8*7*I~LIN**BP*API-9~SN1**5*EA~CTT*8~")
    data = read(x12(("856", body)), X12, NO_CODES, {})[0].event["data"]
    assert "po_no" not in data
    assert [line["po_no"] for line in data["lines"]] == ["PO-1", "PO-1", "PO-2"]


def test_a_shipment_goes_by_the_reference_that_the_profile_names():
    feed = X12Feed(source="/a", shipment=("CN",))
    assert read(PLAIN, feed, NO_CODES, {})[0].event["data"]["shipment_id"] == "PRO-77"


def test_a_carrier_and_a_shipper_mean_one_shipment_by_its_identification():
    (booked, *_), (left, *_) = (
        read(x12(one), X12, NO_CODES, {}) for one in (("856", SHIP_NOTICE), ("214", CARRIER_STATUS))
    )
    assert booked.event["data"]["shipment_id"] == left.event["data"]["shipment_id"] == "S-1"
