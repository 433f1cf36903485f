"""The content type decides how a record is read."""

import base64
import json

import pytest

from streams.intake.refusal import Reason
from tests.unit.intake.partner_events import event_of, refused, stock_report, taken, text

DATA = stock_report()["data"]


def binary(**headers: bytes | None) -> list[tuple[str, bytes | None]]:
    attributes = {name: value for name, value in stock_report().items() if name != "data"}
    named: dict[str, bytes | None] = {f"ce_{name}": value.encode() for name, value in attributes.items()}
    named["content-type"] = b"application/json"
    named |= {name.replace("content_type", "content-type"): value for name, value in headers.items()}
    return list(named.items())


def test_a_structured_and_a_binary_record_of_one_event_say_the_same() -> None:
    structured = event_of(taken(text(stock_report(datacontenttype="application/json"))))
    assert event_of(taken(text(DATA), binary())) == structured


def test_the_media_type_is_compared_without_regard_to_case() -> None:
    assert taken(text(stock_report()), [("content-type", b"Application/CloudEvents+JSON")]).key == b"BSL"


def test_ce_headers_beside_a_structured_record_do_not_make_it_binary() -> None:
    headers = [*binary(), ("content-type", b"application/cloudevents+json")]
    headers = [(name, value) for name, value in headers if value != b"application/json"]
    assert event_of(taken(text(stock_report(id="in the value")), headers)).id == "in the value"


def test_a_structured_event_without_a_content_type_is_refused_with_the_type_to_send() -> None:
    refusal = refused(text(stock_report()), [])
    assert refusal.reason is Reason.NO_CONTENT_TYPE
    assert "application/cloudevents+json" in refusal.message


@pytest.mark.parametrize(
    ("content_type", "reason"),
    [
        (b"application/cloudevents-batch+avro", Reason.UNKNOWN_FORMAT),
        (b"application/cloudevents+avro", Reason.UNKNOWN_FORMAT),
        (b"application/cloudevents", Reason.UNKNOWN_FORMAT),
        (b"application/cloudevents+json; charset=utf-16", Reason.BAD_ENCODING),
        (b"application/json", Reason.UNKNOWN_FORMAT),
        (b"text/plain", Reason.UNKNOWN_FORMAT),
        (b"\xff", Reason.BAD_ENCODING),
    ],
)
def test_a_format_that_is_not_read_is_refused_at_its_header(content_type: bytes, reason: Reason) -> None:
    refusal = refused(text(stock_report()), [("content-type", content_type)])
    assert refusal.reason is reason
    assert "content-type" in refusal.place


def test_a_content_type_that_stands_twice_is_refused() -> None:
    twice = [("content-type", b"application/cloudevents+json")] * 2
    assert refused(text(stock_report()), twice).reason is Reason.BAD_HEADER


def test_binary_data_that_is_not_json_is_refused() -> None:
    assert refused(b"<xml/>", binary(content_type=b"application/xml")).reason is Reason.UNKNOWN_FORMAT


def test_a_binary_record_without_a_value_has_no_data() -> None:
    assert refused(None, binary()).place == "$"


@pytest.mark.parametrize("header", ["ce_data", "ce_data_base64", "ce_datacontenttype"])
def test_a_header_that_would_carry_data_or_its_type_is_refused(header: str) -> None:
    assert refused(text(DATA), [*binary(), (header, b"x")]).place == f"header {header}"


def test_unknown_headers_are_no_attributes() -> None:
    canonical = taken(text(DATA), [*binary(), ("traceparent", b"00-1-1-00"), ("secret", b"\xff")])
    assert b"traceparent" not in canonical.value


def test_json_data_in_base64_is_json_data() -> None:
    event = stock_report(data_base64=base64.b64encode(text(DATA)).decode())
    del event["data"]
    assert json.loads(taken(text(event)).value)["data"] == DATA


@pytest.mark.parametrize("content", ["no base64!", "ew", 5, base64.b64encode(b"{").decode()])
def test_base64_that_hides_no_json_is_refused(content: object) -> None:
    event = stock_report(data_base64=content)
    del event["data"]
    assert refused(text(event)).reason in (Reason.BAD_ATTRIBUTE, Reason.BAD_JSON)


def test_data_twice_is_refused() -> None:
    assert refused(text(stock_report(data_base64="e30="))).place == "$.data_base64"


def test_structured_data_of_another_media_type_is_refused() -> None:
    assert refused(text(stock_report(datacontenttype="application/xml", data="<x/>"))).place == "$.datacontenttype"


def test_a_record_above_the_limit_is_refused_unread() -> None:
    assert refused(b" " * (1024 * 1024) + text(stock_report())).reason is Reason.TOO_LARGE


@pytest.mark.parametrize("value", [None, b""])
def test_a_structured_record_without_a_value_is_empty(value: bytes | None) -> None:
    assert refused(value).reason is Reason.EMPTY
