"""Hostile JSON is refused with a place, and no JSON of a partner stops the intake."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.intake import json_text
from streams.intake.refusal import Reason, Refusal
from tests.unit.intake.partner_events import refused, stock_report, taken, text

GOOD = text(stock_report())
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=20,
)


@pytest.mark.parametrize(
    ("spoiled", "reason", "place"),
    [
        (GOOD[:-1], Reason.BAD_JSON, "line 1, column"),
        (GOOD + b"x", Reason.BAD_JSON, "line 1, column"),
        (b"\n\n" + GOOD.replace(b"12.5", b"NaN"), Reason.BAD_JSON, "line 3, column"),
        (GOOD.replace(b"12.5", b"1e999"), Reason.BAD_JSON, "$"),
        (GOOD.replace(b"12.5", b"9" * 5000), Reason.BAD_JSON, "$"),
        (GOOD.replace(b"RM-100", b"RM\xff"), Reason.BAD_ENCODING, "line 1, column"),
        (GOOD.replace(b"RM-100", b"\xed\xa0\x80"), Reason.BAD_ENCODING, "line 1, column"),
        (GOOD.replace(b"RM-100", b"\\ud800"), Reason.BAD_JSON, "line 1, column"),
        (GOOD.replace(b"RM-100", b"a\\u0000b"), Reason.BAD_JSON, "line 1, column"),
        (GOOD.replace(b'"aisle"', b'"aisle": 1, "aisle"'), Reason.DUPLICATE_KEY, "line 1, column"),
        (GOOD.replace(b'"aisle"', b'"a\\u003a": 1, "a:"'), Reason.DUPLICATE_KEY, ""),
        (GOOD.replace(b'"siteid"', b'"\\u0073iteid": "VIS", "siteid"'), Reason.DUPLICATE_KEY, ""),
        (GOOD.replace(b"12.5", b"[" * 100 + b"]" * 100), Reason.TOO_DEEP, ""),
        (b"[" * 100_000, Reason.TOO_DEEP, ""),
        (b"[1]", Reason.BAD_JSON, "$"),
        (b"\xef\xbb\xbf" + GOOD, Reason.BAD_JSON, "line 1, column 1"),
    ],
)
def test_hostile_json_is_refused_with_its_place(spoiled: bytes, reason: Reason, place: str) -> None:
    refusal = refused(spoiled)
    assert refusal.reason is reason
    assert refusal.place.startswith(place)


def test_many_readings_are_not_deep() -> None:
    assert json_text.parse(b"[" + b"{}," * 500 + b"{}]") == [{}] * 501


def refusal_of(content: bytes) -> Refusal | None:
    try:
        json_text.parse(content)
    except Refusal as refusal:
        return refusal
    return None


@given(values, st.booleans())
def test_what_json_can_say_is_read_as_python_reads_it(value: object, ascii_only: bool) -> None:
    written = json.dumps(value, ensure_ascii=ascii_only, indent=1)
    encoded = written.encode()
    if "\\u0000" in written:
        assert refusal_of(encoded) is not None
    else:
        assert json_text.parse(encoded) == json.loads(written)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    refusal = refusal_of(content)
    assert refusal is None or refusal.message


@given(st.data())
def test_a_spoiled_event_is_taken_or_refused_with_a_reason(data: st.DataObject) -> None:
    spoiled = bytearray(GOOD)
    for _ in range(data.draw(st.integers(1, 4))):
        position = data.draw(st.integers(0, len(spoiled) - 1))
        spoiled[position : position + data.draw(st.integers(0, 2))] = data.draw(st.binary(max_size=3))
    assert outcome(bytes(spoiled)) in {"BSL", "VIS", *Reason}


def outcome(content: bytes) -> str:
    try:
        return taken(content).key.decode()
    except Refusal as refusal:
        return refusal.reason
