"""GS1 identifiers as URN and as Digital Link. Examples of the EPC Tag Data Standard 2.0 and of Digital Link URI Syntax 1.4."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.intake.draft import Codes
from streams.intake.epcis.goods import our_code
from streams.intake.epcis.identifiers import business_code, check_digit, identifier
from streams.intake.refusal import Reason, Refusal

ID = "https://id.gs1.org"


@pytest.mark.parametrize(
    ("urn", "link", "key"),
    [
        ("urn:epc:id:sgtin:0614141.112345.400", f"{ID}/01/10614141123459/21/400", "10614141123459"),
        ("urn:epc:id:sscc:0614141.1234567890", f"{ID}/00/106141412345678908", "106141412345678908"),
        ("urn:epc:id:sgln:0614141.12345.400", f"{ID}/414/0614141123452/254/400", "0614141123452.400"),
        ("urn:epc:id:sgln:0614141.12345.0", f"{ID}/414/0614141123452", "0614141123452"),
        ("urn:epc:id:grai:0614141.12345.400", f"{ID}/8003/00614141123452400", "0614141123452"),
        ("urn:epc:id:pgln:0614141.12345", f"{ID}/417/0614141123452", "0614141123452"),
        ("urn:epc:class:lgtin:4012345.012345.998877", f"{ID}/01/04012345123456/10/998877", "04012345123456"),
    ],
)
def test_urn_and_digital_link_of_one_thing_have_one_key(urn: str, link: str, key: str) -> None:
    of_urn, of_link = identifier(urn), identifier(link)
    assert of_urn._replace(spellings=()) == of_link._replace(spellings=())
    assert of_urn.key == key


@pytest.mark.parametrize(
    "link",
    [
        "https://acme.example/01/04012345111118/10/A%2F7",
        "http://acme.example/shop/en/01/04012345111118/22/2A/10/A%2F7?17=280131",
        "https://acme.example/01/4012345111118/10/A%2F7#top",
    ],
)
def test_a_digital_link_may_have_any_domain_path_qualifiers_and_query(link: str) -> None:
    found = identifier(link)
    assert (found.key, found.lot) == ("04012345111118", "A/7")


@pytest.mark.parametrize(
    "uri",
    ["https://acme.example/01/12", "https://acme.example/01/abc", "urn:epc:id:sgtin:1.2.3", "urn:acme:lot:7", "urn:epc:id:sgln:..",
     "urn:epc:id:sgtin:", "https://", "https://x/01", "urn:epc:id:sscc:0614141.12345678901"],
)  # fmt: skip
def test_what_is_no_key_of_gs1_is_a_name_as_it_stands(uri: str) -> None:
    found = identifier(uri)
    assert (found.key, found.lot, found.serial) == (uri, "", "") or not found.scheme


@pytest.mark.parametrize(
    "spelling",
    [
        "04012345111118",
        "4012345111118",
        "4012345.011111",
        "urn:epc:class:lgtin:4012345.011111",
        f"{ID}/01/04012345111118",
    ],
)
@pytest.mark.parametrize(
    "uri", ["urn:epc:class:lgtin:4012345.011111.L-7", "https://x.example/01/04012345111118/10/L-7"]
)
def test_a_partners_table_may_name_a_material_by_any_spelling(uri: str, spelling: str) -> None:
    assert our_code(Codes({"materials": {spelling: "API-1"}}, {}), "materials", identifier(uri), "$") == "API-1"


def test_a_code_that_the_table_does_not_know_is_refused_at_its_place() -> None:
    with pytest.raises(Refusal) as caught:
        our_code(Codes({"materials": {}}, {}), "materials", identifier(f"{ID}/01/04012345111118"), "$.x")
    assert (caught.value.reason, caught.value.place) == (Reason.UNKNOWN_CODE, "$.x")


@pytest.mark.parametrize(
    ("uri", "number"),
    [
        ("urn:epcglobal:cbv:bt:0614141073467:1152", "1152"),
        ("urn:epcglobal:cbv:bt:0614141073467:A:1%2F2", "A:1/2"),
        ("https://transaction.acme.example/po/12345678", "12345678"),
        ("https://transaction.acme.example/po/12345678/?a=b", "12345678"),
        ("urn:epc:id:gdti:0614141.06012.1234", "0614141.06012.1234"),
        ("urn:uuid:1", "urn:uuid:1"),
        ("https://acme.example", "https://acme.example"),
    ],
)
def test_a_paper_is_known_by_its_number(uri: str, number: str) -> None:
    assert business_code(uri) == number


@given(st.integers(0, 10**12 - 1))
def test_the_check_digit_makes_the_weighted_sum_a_multiple_of_ten(number: int) -> None:
    digits = f"{number:012}"
    whole = digits + check_digit(digits)
    assert sum(int(digit) * (1 if place % 2 == 0 else 3) for place, digit in enumerate(reversed(whole))) % 10 == 0


@given(
    st.sampled_from(
        ["urn:epc:id:sgtin:", "urn:epc:id:sgln:", "https://x/01/", "https://x/414/", "urn:epcglobal:cbv:bt:"]
    ),
    st.text(),
)
def test_any_text_is_some_identifier(start: str, rest: str) -> None:
    identifier(start + rest)
    business_code(start + rest)
