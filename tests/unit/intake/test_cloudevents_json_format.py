"""Every statement of the CloudEvents JSON format 1.0.2 that says MUST, as a test; and those of the core and of the Kafka binding.

The sections are those of json-format.md, spec.md and kafka-protocol-binding.md, version 1.0.2. Statements for authors of extension
specifications (2.2, the last two) and for producers of binary or text data (3.1.1) bind nobody here: this service defines no
extension with a second mapping, and writes JSON data only. What it writes is held to the statements for producers.
"""

import base64
import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from streams.intake import attributes, cloudevents
from streams.intake.admission import admit
from streams.intake.inbound import header_texts
from streams.intake.refusal import Reason, Refusal
from tests.unit.intake.partner_events import ACME, NOW, event_of, refused, stock_report, taken, text

BATCH = [("content-type", b"application/cloudevents-batch+json")]
MINIMAL = {"specversion": "1.0", "id": "minimal", "type": "io.cloudevents.test", "source": "https://cloudevents.io"}


def read(value: Any, headers: Any = None) -> list[dict[str, Any]]:
    """The events of a record, with their attributes checked."""
    given = text(value)
    taken_headers = headers or [("content-type", b"application/cloudevents+json")]
    drafts = cloudevents.read(header_texts(taken_headers, given), given)
    return [attributes.checked(draft.event) for draft in drafts]


def refusal_of(value: Any, headers: Any = None) -> Refusal:
    with pytest.raises(Refusal) as caught:
        read(value, headers)
    return caught.value


def binary(data: bytes | None = b"{}", **changes: str) -> tuple[list[tuple[str, bytes]], bytes | None]:
    named = {f"ce_{name}": said for name, said in MINIMAL.items()} | {"content-type": "application/json"} | changes
    return [(name, said.encode()) for name, said in named.items()], data


def read_binary(headers: list[tuple[str, bytes]], data: bytes | None) -> dict[str, Any]:
    [draft] = cloudevents.read(header_texts(headers, data), data)
    return attributes.checked(draft.event)


# JSON format


def test_2_extensions_must_be_top_level_members() -> None:
    [event] = read(MINIMAL | {"comexampleextension1": "value"})
    assert event["comexampleextension1"] == "value"
    assert refusal_of(MINIMAL | {"extensions": {"comexampleextension1": "value"}}).place == "$.extensions"


@pytest.mark.parametrize(
    "value", [True, False, 0, -5, 2**31 - 1, -(2**31), "text", "TWE=", "2023-03-31T15:12:00Z", "a/b"]
)
def test_2_2_a_value_of_each_type_must_have_its_json_type(value: Any) -> None:
    [event] = read(MINIMAL | {"ext": value})
    assert event["ext"] == value
    assert type(event["ext"]) is type(value)


@pytest.mark.parametrize("value", [1.5, 1e300, 2**31, -(2**31) - 1, [], {}, ["a"]])
def test_2_2_a_value_of_another_json_type_is_refused(value: Any) -> None:
    assert refusal_of(MINIMAL | {"ext": value}).place == "$.ext"


@pytest.mark.parametrize("name", ["time", "subject", "datacontenttype", "dataschema", "ext"])
def test_2_2_null_must_be_treated_as_unset(name: str) -> None:
    assert read(MINIMAL | {name: None}) == [MINIMAL]


@pytest.mark.parametrize("name", MINIMAL)
def test_2_2_a_required_attribute_that_is_null_is_missing(name: str) -> None:
    assert refusal_of(MINIMAL | {name: None}).reason is Reason.MISSING_ATTRIBUTE


@pytest.mark.parametrize("given", ["application/cloudevents+json", "Application/CloudEvents+JSON; charset=utf-8"])
def test_3_an_event_must_have_the_media_type_of_the_format(given: str) -> None:
    assert read(MINIMAL, [("content-type", given.encode())]) == [MINIMAL]
    assert refusal_of(MINIMAL, [("content-type", b"application/json")]).place == "header content-type"


@pytest.mark.parametrize("name", MINIMAL)
def test_3_all_required_attributes_must_be_members(name: str) -> None:
    assert refusal_of({key: said for key, said in MINIMAL.items() if key != name}).place == f"$.{name}"


def test_3_all_attributes_that_are_set_must_become_members_of_what_we_write() -> None:
    optional = {
        "subject": "s",
        "dataschema": "https://x.y/z",
        "ext": 5,
        "flag": True,
        "datacontenttype": "application/json",
    }
    written = json.loads(taken(text(stock_report(**optional))).value)
    assert {name: written[name] for name in optional} == optional
    assert {name: written[name] for name in ("specversion", "id", "source", "type", "time")} == {
        name: stock_report()[name] for name in ("specversion", "id", "source", "type", "time")
    }


def test_3_1_1_json_data_must_be_written_as_a_json_value_and_not_as_a_text_of_json() -> None:
    written = json.loads(taken(text(stock_report())).value)
    assert written["data"] == stock_report()["data"]
    assert "data_base64" not in written


def test_3_1_1_the_type_of_binary_data_must_be_that_of_the_data_itself() -> None:
    event = MINIMAL | {"data_base64": base64.b64encode(b"\x00\x01").decode(), "datacontenttype": "application/x-thrift"}
    assert refusal_of(event).place == "$.datacontenttype"


def test_3_1_2_data_base64_must_be_decoded() -> None:
    plain = stock_report()
    encoded = {name: said for name, said in plain.items() if name != "data"}
    encoded["data_base64"] = base64.b64encode(text(plain["data"])).decode()
    assert event_of(taken(text(encoded))) == event_of(taken(text(plain)))


@pytest.mark.parametrize("encoded", ["not base64", "====", 5, ["e30="], "e30"])
def test_3_1_2_data_base64_that_is_none_is_refused(encoded: Any) -> None:
    assert refusal_of(MINIMAL | {"data_base64": encoded}).place == "$.data_base64"


@pytest.mark.parametrize("data", [{"a": [1, None]}, [1], "text", 5, 1.5, True, None])
@pytest.mark.parametrize(
    "declared", [{}, {"datacontenttype": "application/json"}, {"datacontenttype": "a/b+json; v=1"}]
)
def test_3_1_2_json_data_must_be_taken_as_the_json_value_that_it_is(data: Any, declared: dict[str, str]) -> None:
    [event] = read(MINIMAL | declared | {"data": data})
    assert event["data"] == data


def test_3_1_2_a_text_must_not_be_read_again_as_json() -> None:
    [event] = read(MINIMAL | {"data": '{"a": 1}'})
    assert event["data"] == '{"a": 1}'
    assert refused(text(stock_report(data=json.dumps(stock_report()["data"])))).place == "$.data"


def test_3_1_2_data_of_another_type_may_be_refused_and_is_with_its_place() -> None:
    assert refusal_of(MINIMAL | {"datacontenttype": "application/xml", "data": "<a/>"}).place == "$.datacontenttype"


def test_3_1_1_data_and_data_base64_exclude_each_other() -> None:
    assert refusal_of(MINIMAL | {"data": "text", "data_base64": "eyAieHl6IjogMTIzIH0="}).place == "$.data_base64"


def test_4_a_batch_must_not_come_where_a_single_event_is_announced_nor_the_other_way_round() -> None:
    assert refusal_of([MINIMAL]).reason is Reason.BAD_JSON
    assert refusal_of(MINIMAL, BATCH).reason is Reason.BAD_JSON


def test_4_2_a_batch_must_have_the_media_type_of_batches() -> None:
    assert read([MINIMAL, MINIMAL | {"id": "2"}], BATCH) == [MINIMAL, MINIMAL | {"id": "2"}]
    assert read([], BATCH) == []


def test_4_1_an_event_of_a_batch_is_an_event_of_the_json_format_and_its_fault_has_its_place() -> None:
    encoded = MINIMAL | {"data_base64": "e30="}
    assert read([encoded, MINIMAL | {"subject": None}], BATCH) == [MINIMAL | {"data": {}}, MINIMAL]
    assert refusal_of([MINIMAL, encoded | {"data": 1}], BATCH).place == "$[1].data_base64"
    assert refusal_of([MINIMAL, 5], BATCH).place == "$[1]"


def test_a_batch_of_too_many_events_is_refused() -> None:
    assert refusal_of([{}] * (cloudevents.MOST_EVENTS + 1), BATCH).reason is Reason.TOO_LARGE


# Core


def test_core_all_events_of_a_batch_must_have_the_same_specversion() -> None:
    assert refusal_of([MINIMAL, MINIMAL | {"specversion": "0.9"}], BATCH).place == "$.specversion"


def test_core_an_attribute_must_appear_at_most_once() -> None:
    twice = text(MINIMAL)[:-1] + b', "id": "other"}'
    with pytest.raises(Refusal) as caught:
        cloudevents.read({"content-type": "application/cloudevents+json"}, twice)
    assert caught.value.reason is Reason.DUPLICATE_KEY
    headers, data = binary()
    with pytest.raises(Refusal) as caught:
        header_texts([*headers, ("ce_id", b"other")], data)
    assert caught.value.reason is Reason.BAD_HEADER


@pytest.mark.parametrize("name", ["MyExtension", "my.extension", "my_extension", "my-extension", "", "é", "a b"])
def test_core_names_must_consist_of_lower_case_letters_and_digits(name: str) -> None:
    assert refusal_of(MINIMAL | {name: "bad"}).reason is Reason.BAD_ATTRIBUTE


def test_core_no_attribute_must_have_the_name_data() -> None:
    headers, data = binary(ce_data="x")
    with pytest.raises(Refusal):
        read_binary(headers, data)


@pytest.mark.parametrize(
    "name", ["id", "source", "type", "specversion", "subject", "datacontenttype", "dataschema", "time"]
)
def test_core_attributes_that_must_not_be_empty_are_refused_empty(name: str) -> None:
    assert refusal_of(MINIMAL | {name: ""}).place == f"$.{name}"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("specversion", "0.9"), ("specversion", 1.0), ("source", "a b"), ("dataschema", "/relative"), ("datacontenttype", "xyz"),
        ("time", "lunchtime"), ("time", "2018-04-05T18:31Z"), ("time", "2018-04-05T18:31:00X"), ("time", 5), ("id", 25),
        ("id", {"xyz": "abc"}), ("type", "a\u0007b"), ("subject", "\ufdd0"),
    ],
)  # fmt: skip
def test_core_a_value_must_adhere_to_the_form_of_its_attribute(name: str, value: Any) -> None:
    assert refusal_of(MINIMAL | {name: value}).place == f"$.{name}"


@pytest.mark.parametrize("time", ["2018-04-05T18:31:00+25:00", "2018-04-05T18:31:00+xx:00", "2018-04-05T18:31:00+05"])
def test_core_a_time_must_be_one_of_rfc_3339_also_in_its_offset(time: str) -> None:
    assert refused(text(stock_report(time=time))).reason is Reason.BAD_TIME


def test_core_a_half_of_a_surrogate_pair_is_no_text() -> None:
    with pytest.raises(Refusal):
        cloudevents.read({"content-type": "application/cloudevents+json"}, b'{"id": "\\uDEAD"}')


@pytest.mark.parametrize(
    "time", ["2018-04-05T17:31:00.000000000Z", "2018-04-05T18:31:00+01:00", "2018-04-05T16:31:00-01:00"]
)
def test_core_one_instant_is_one_in_any_spelling(time: str) -> None:
    assert event_of(taken(text(stock_report(time=time)))).time == datetime.fromisoformat("2018-04-05T17:31:00+00:00")


def test_core_an_event_of_64_kib_is_taken() -> None:
    large = stock_report(data=stock_report()["data"] | {"more": "x" * (64 * 1024)})
    assert event_of(taken(text(large))).id == "evt-1"


# Kafka binding


def test_kafka_1_3_binary_data_must_be_the_value_and_all_else_headers() -> None:
    headers, _ = binary(ce_ext="5", ce_subject="ß")
    event = read_binary(headers, b'{"a": 1}')
    assert event == MINIMAL | {"ext": "5", "subject": "ß", "datacontenttype": "application/json", "data": {"a": 1}}


def test_kafka_3_2_1_the_content_type_must_be_the_type_of_the_data() -> None:
    assert (
        read_binary(*binary(b"[]", **{"content-type": "application/a+json"}))["datacontenttype"] == "application/a+json"
    )


def test_kafka_3_2_2_no_data_is_no_value() -> None:
    assert "data" not in read_binary(*binary(None))


def test_kafka_3_2_3_headers_must_be_utf_8() -> None:
    headers, data = binary()
    with pytest.raises(Refusal) as caught:
        header_texts([*headers, ("ce_ext", b"\xff")], data)
    assert caught.value.reason is Reason.BAD_ENCODING


def test_kafka_3_3_1_the_content_type_must_be_that_of_an_event_format() -> None:
    assert refusal_of(MINIMAL, [("content-type", b"application/cloudevents+avro")]).reason is Reason.UNKNOWN_FORMAT


def test_kafka_3_1_the_key_of_a_canonical_record_changes_nothing_in_the_event() -> None:
    event = stock_report(partitionkey="lot-1")
    written = json.loads(admit(event, ACME, NOW + timedelta(days=1)).value)
    assert written["partitionkey"] == "lot-1"


# The vectors of github.com/cloudevents/conformance, format/json, commit c5bcce28 (Apache-2.0), as changes of the minimal event.

VALID = {
    "minimal": {},
    "minimalWithNullForOptional": {"datacontenttype": None, "dataschema": None, "subject": None, "time": None},
    "allCoreAttributes": {
        "datacontenttype": "text/plain", "dataschema": "https://cloudevents.io/dataschema", "subject": "tests",
        "time": "2018-04-05T17:31:00Z",
    },
    "minimalWithTimeUtc": {"time": "2018-04-05T17:31:00Z"},
    "minimalWithTimeToNanosecondsUtc": {"time": "2018-04-05T17:31:00.000000000Z"},
    "minimalWithTimeUsingPositiveOffset": {"time": "2018-04-05T18:31:00+01:00"},
    "minimalWithTimeUsingNegativeOffset": {"time": "2018-04-05T16:31:00-01:00"},
    "relativeSource": {"source": "#fragment"},
    "allExtensionTypes": {
        "extinteger": 10, "extboolean": True, "extstring": "text", "exturi": "https://cloudevents.io",
        "exturiref": "//authority/path", "exttimestamp": "2023-03-31T15:12:00Z", "extbinary": "TWE=",
    },
}  # fmt: skip


@pytest.mark.parametrize("changed", VALID.values(), ids=VALID)
def test_a_valid_vector_is_read_alone_and_in_a_batch(changed: dict[str, Any]) -> None:
    expected = {name: said for name, said in (MINIMAL | changed).items() if said is not None}
    assert read(MINIMAL | changed) == [expected]
    assert read([MINIMAL, MINIMAL | changed], BATCH) == [MINIMAL, expected]
