"""UBL as partners write it, what is wrong with it by line and column, and XML that means harm."""

import pytest

from streams.intake.refusal import Reason, Refusal
from streams.intake.ubl import read
from streams.intake.ubl.tree import DEEPEST, MOST_ELEMENTS, parsed
from tests.unit.intake.edi.papers import DESPATCH_ADVICE, NAMESPACES, NO_CODES, UBL

LAUGHS = b"""<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "lol"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;">]><a>&c;</a>"""
OUTSIDE = b"""<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]><a>&x;</a>"""
TYPED = b"""<?xml version="1.0"?><!DOCTYPE a SYSTEM "http://127.0.0.1:9/a.dtd"><a/>"""

OASIS = f"""<DespatchAdvice {NAMESPACES}>
  <cbc:UBLVersionID>2.1</cbc:UBLVersionID><cbc:ID>565899</cbc:ID><cbc:CopyIndicator>false</cbc:CopyIndicator>
  <cbc:UUID>88C7280E-8F10-419F-9949-8EFFFA2842B8</cbc:UUID><cbc:IssueDate>2005-06-20</cbc:IssueDate>
  <cbc:DocumentStatusCode>NoStatus</cbc:DocumentStatusCode>
  <cac:OrderReference><cbc:ID>AEG012345</cbc:ID></cac:OrderReference>
  <cac:DespatchSupplierParty>
    <cbc:CustomerAssignedAccountID>CO001</cbc:CustomerAssignedAccountID>
    <cac:Party><cac:PartyName><cbc:Name>Consortial</cbc:Name></cac:PartyName></cac:Party>
  </cac:DespatchSupplierParty>
  <cac:DespatchLine>
    <cbc:ID>1</cbc:ID><cbc:DeliveredQuantity unitCode="KGM">90</cbc:DeliveredQuantity>
    <cbc:BackorderQuantity unitCode="KGM">10</cbc:BackorderQuantity>
    <cac:Item>
      <cbc:Name>beeswax</cbc:Name>
      <cac:BuyersItemIdentification><cbc:ID>6578489</cbc:ID></cac:BuyersItemIdentification>
      <cac:SellersItemIdentification><cbc:ID>17589683</cbc:ID></cac:SellersItemIdentification>
      <cac:ItemInstance><cac:LotIdentification>
        <cbc:LotNumberID>546378239</cbc:LotNumberID><cbc:ExpiryDate>2010-01-01</cbc:ExpiryDate>
      </cac:LotIdentification></cac:ItemInstance>
    </cac:Item>
  </cac:DespatchLine>
</DespatchAdvice>""".encode()
"""The facts of the example document of OASIS (UBL-DespatchAdvice-2.1-Example.xml), as far as they are read."""


def refused(value: bytes) -> Refusal:
    with pytest.raises(Refusal) as caught:
        read(value, UBL, NO_CODES, {})
    return caught.value


def test_the_example_of_oasis_books_ninety_kilograms_of_its_lot():
    (booked,) = read(OASIS, UBL, NO_CODES, {})
    assert booked.event["data"] == {
        "shipment_id": "565899",
        "asn_no": "565899",
        "po_no": "AEG012345",
        "ship_from": "CO001",
        "lines": [{"material_code": "6578489", "qty": 90, "uom": "KGM", "lot": "546378239", "expiry": "2010-01-01"}],
    }
    assert booked.event["time"] == "2005-06-19T22:00:00Z"


@pytest.mark.parametrize("value", [LAUGHS, OUTSIDE, TYPED])
def test_declarations_are_refused_before_anything_of_them_is_followed(value):
    refusal = refused(value)
    assert "DOCTYPE" in refusal.message
    assert refusal.place.startswith("line 1, column ")


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (b"<a>" * (DEEPEST + 1), Reason.TOO_DEEP),
        (b"<a>" + b"<b/>" * MOST_ELEMENTS + b"</a>", Reason.TOO_LARGE),
        (b"<a>" + b" " * (1024 * 1024), Reason.TOO_LARGE),
        (b"", Reason.BAD_VALUE),
        (b"<a><b></a>", Reason.BAD_VALUE),
        (b"<a>&nbsp;</a>", Reason.BAD_VALUE),
        (b'<?xml version="1.0" encoding="ebcdic-x"?><a/>', Reason.BAD_VALUE),
        (b"<DespatchAdvice/>", Reason.UNKNOWN_TYPE),
    ],
)
def test_what_is_no_xml_within_bounds_is_refused(value, reason):
    refusal = refused(value)
    assert refusal.reason is reason


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        (b"<cbc:IssueDate>2026-01-05", b"<cbc:IssueDate>2026-02-31", "line 6, column 44, IssueTime"),
        (b"<cbc:IssueDate>2026-01-05", b"<cbc:IssueDate>05.01.2026", "line 6, column 3, IssueDate"),
        (b'unitCode="KGM">40<', b'unitCode="KGM">forty<', "line 33, column 23, DeliveredQuantity"),
        (b' unitCode="KGM">40<', b">40<", "line 33, column 23, DeliveredQuantity"),
        (b"<cbc:LotNumberID>L-1</cbc:LotNumberID>", b"</x>", "line 37, column"),
    ],
)
def test_a_fault_is_told_with_its_line_and_column(old, new, line):
    assert old in DESPATCH_ADVICE
    assert refused(DESPATCH_ADVICE.replace(old, new)).place.startswith(line)


def test_the_place_of_an_element_does_not_hang_on_its_prefix():
    other = DESPATCH_ADVICE.replace(b"cac:", b"a:").replace(b":cac=", b":a=")
    assert read(other, UBL, NO_CODES, {}) == read(DESPATCH_ADVICE, UBL, NO_CODES, {})


def test_texts_in_an_element_are_put_together_again():
    root = parsed(b"<a>one<!-- not this --> <![CDATA[& two]]></a>")
    assert root.text == "one & two"
