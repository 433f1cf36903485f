"""Which EPCIS documents are taken, and where the fault of the others lies."""

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.intake.draft import Codes
from streams.intake.epcis import EpcisFeed, read
from streams.intake.epcis.document import MOST_EVENTS, events
from streams.intake.refusal import Reason, Refusal
from tests.oracle.epcis_changes import DOCUMENTS, VERDICTS, changes
from tests.unit.intake.epcis.saying import FEED, NO_CODES, bare, document, fault, happened, text

HERE = Path(__file__).parent
ANY_SHIPMENT = EpcisFeed(
    source="/acme/epcis", shipment=("desadv", "po", "sscc", "sgtin", "urn:gs1:epcisapp:rail:btt:passage")
)
FAULTS = {
    "EPCISDocument_without_context": (Reason.MISSING_VALUE, "$.@context"),
    "ObjectEvent_with_invalid_action": (Reason.BAD_FIELD, "$.epcisBody.eventList[0].action"),
    "ObjectEvent_with_invalid_eventTime_format": (Reason.BAD_TIME, "$.epcisBody.eventList[0].eventTime"),
    "ObjectEvent_with_quantity_as_text": (Reason.BAD_FIELD, "$.epcisBody.eventList[0].quantityList[0].quantity"),
    "ObjectEvent_without_identifier_list": (Reason.MISSING_VALUE, "$.epcisBody.eventList[0]"),
}


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_every_valid_document_of_others_is_taken_and_says_something(path: Path) -> None:
    assert read(path.read_bytes(), ANY_SHIPMENT, NO_CODES, {})


@pytest.mark.parametrize(("name", "expected"), FAULTS.items())
def test_every_invalid_document_of_others_is_refused_at_its_fault(name: str, expected: tuple[Reason, str]) -> None:
    refusal = fault((HERE / "invalid" / f"{name}.json").read_bytes())
    assert (refusal.reason, refusal.place) == expected


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_each_changed_document_has_the_verdict_of_gs1s_own_schema(path: Path) -> None:
    expected = json.loads(VERDICTS.read_text())[path.stem]
    found = {what: taken(changed) for what, changed in changes(json.loads(path.read_text()))}
    told = dict(zip(found, expected, strict=True))
    assert [what for what in found if found[what] != (told[what] == "1")] == []


def taken(changed: Any) -> bool:
    try:
        events(text(changed))
    except Refusal:
        return False
    return True


def test_a_single_event_is_taken_with_a_context_of_its_own_and_not_without() -> None:
    assert [found.place for found in events(text(bare(happened())))] == ["$"]
    assert fault(text(happened())).place == "$.@context"


def test_a_query_document_is_read_as_a_document_is() -> None:
    results = {"queryName": "all", "resultsBody": {"eventList": [happened()]}}
    asked = {"@context": [], "type": "EPCISQueryDocument", "epcisBody": {"queryResults": results}}
    assert events(text(asked))[0].place == "$.epcisBody.queryResults.resultsBody.eventList[0]"


@pytest.mark.parametrize(
    "step",
    [
        "receiving",
        "urn:epcglobal:cbv:bizstep:receiving",
        "https://ref.gs1.org/cbv/BizStep-receiving",
        "https://ns.gs1.org/cbv/BizStep-receiving",
        "cbv:BizStep-receiving",
    ],
)
def test_a_word_of_the_vocabulary_says_the_same_in_every_spelling(step: str) -> None:
    [draft] = read(text(document(happened(bizStep=step))), FEED, NO_CODES, {})
    assert draft.event["type"] == "cdmo.raw_material.received"


def test_a_word_that_only_looks_like_one_of_the_vocabulary_is_refused_in_its_place() -> None:
    refusal = fault(text(document(happened(bizStep="urn:epcglobal:cbv:bizstep:receivng"))))
    assert refusal.place == "$.epcisBody.eventList[0].bizStep"


def test_a_name_of_a_partners_own_without_a_prefix_is_refused_with_its_place() -> None:
    refusal = fault(text(document(happened(myField=1))))
    assert refusal.place == "$.epcisBody.eventList[0].'myField'"


def test_a_document_of_too_many_events_is_refused() -> None:
    refusal = fault(text(document(*[happened()] * (MOST_EVENTS + 1))))
    assert (refusal.reason, refusal.place) == (Reason.TOO_LARGE, "$.epcisBody.eventList")


def test_an_empty_document_and_one_without_meaning_are_refused_as_giving_no_event() -> None:
    assert fault(text(document())).reason is Reason.NO_EVENT
    nothing = happened(bizStep="encoding", quantityList=[], epcList=["urn:epc:id:giai:4000001.12345"])
    assert fault(text(document(nothing))).reason is Reason.NO_EVENT


def test_an_event_without_meaning_passes_beside_one_that_has_some() -> None:
    nothing = happened(bizStep="encoding", quantityList=[], epcList=["urn:epc:id:giai:4000001.12345"])
    own = {
        "type": "https://acme.example/Cleaning",
        "eventTime": "2026-01-05T08:00:00Z",
        "eventTimeZoneOffset": "+01:00",
    }
    assert len(read(text(document(nothing, own, happened())), FEED, NO_CODES, {})) == 1


@given(st.binary(max_size=300))
def test_any_bytes_are_refused_or_taken(value: bytes) -> None:
    with suppress(Refusal):
        read(value, FEED, NO_CODES, {})


TEXT = st.characters(exclude_categories=["Cs"])
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(TEXT, max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(TEXT, max_size=8), inner, max_size=3),
    max_leaves=8,
)
NAMES = ["bizStep", "quantityList", "epcList", "sensorElementList", "bizTransactionList", "errorDeclaration", "eventTime",
         "readPoint", "destinationList", "persistentDisposition", "ilmd", "action", "type", "eventID"]  # fmt: skip


@settings(max_examples=300)
@given(st.dictionaries(st.sampled_from(NAMES), JSON, max_size=3), st.sampled_from(["", "statuses", "sites"]))
def test_any_values_are_refused_with_a_place_or_taken(values: dict[str, Any], table: str) -> None:
    codes = Codes({table: {}} if table else {}, {})
    place = "$"
    try:
        read(text(document(happened(**values))), FEED, codes, {})
    except Refusal as refusal:
        place = refusal.place
    assert place.startswith(("$", "line"))
