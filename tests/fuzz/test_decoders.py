"""No bytes of a partner stop the intake; the full count is `python -m tests.fuzz.decoders --decoder NAME`."""

import json
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fuzz.decoders_tried import DECODERS, EPCIS, Decoder

ALL = pytest.mark.parametrize("decoder", DECODERS.values(), ids=DECODERS)


def spoilt(value: bytes, decoder: Decoder, random: Random) -> bytes:
    """A record with a few pieces removed, doubled, put in or moved."""
    for _ in range(random.randrange(1, 5)):
        at = random.randrange(len(value) + 1)
        until = min(len(value), at + random.choice((1, 1, 3, 20, 200)))
        word = random.choice(decoder.words).encode("utf-8", "surrogatepass")
        piece = random.choice((b"", value[at:until] * 2, word, word + value[at:until], bytes([random.randrange(256)])))
        value = value[:at] + piece + value[until:]
    return value


@ALL
def test_what_is_in_order_is_taken(decoder: Decoder) -> None:
    assert [decoder.tried(seed) for seed in decoder.seeds()].count("taken") >= 1


@ALL
@given(data=st.data())
def test_a_spoilt_record_is_taken_or_refused_with_a_place(decoder: Decoder, data: st.DataObject) -> None:
    seeds = list(decoder.seeds())
    chosen = data.draw(st.integers(min_value=0, max_value=2**32))
    random = Random(chosen)
    decoder.tried(spoilt(random.choice(seeds), decoder, random))


@ALL
@given(value=st.binary(max_size=200) | st.text(max_size=100).map(str.encode))
def test_any_bytes_are_taken_or_refused_with_a_place(decoder: Decoder, value: bytes) -> None:
    decoder.tried(value)


_KEYLESS = json.loads((EPCIS / "ObjectEvent.json").read_bytes())
_KEYLESS["epcisBody"]["eventList"] = [
    {
        "type": "ObjectEvent", "eventTime": "2026-01-05T09:00:00Z", "eventTimeZoneOffset": "+00:00", "action": "OBSERVE",
        "bizStep": "receiving", "epcList": ["urn:epc:id:sscc:12345678901234567."],
        "quantityList": [{"epcClass": "urn:epc:class:lgtin:1234567890123..L-1", "quantity": 2}],
    }
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "value", "outcome"),
    [
        ("map", b"~", "refused by the profile"),
        ("map", b"$match(no, /?/)", "refused by the profile"),
        ("map", b"$match(no, /(?=a)b/)", "refused by the profile"),
        ("epcis", json.dumps(_KEYLESS).encode(), "refused no_event"),
    ],
)
def test_what_was_found_once_is_refused_ever_after(name: str, value: bytes, outcome: str) -> None:
    assert DECODERS[name].tried(value) == outcome


_HEAD = b"UNB+UNOC:3+"


@pytest.mark.parametrize(
    ("name", "value", "outcome"),
    [
        ("structured", b"[" * 500_000 + b"]" * 500_000, "refused too_deep"),
        ("epcis", b'{"type": ' + b"9" * 1_000_000 + b"}", "refused bad_json"),
        ("json", b'{"a": 1e' + b"9" * 50_000 + b"}", "refused bad_json"),
        ("json", b" " * (1024 * 1024), "refused too_large"),
        ("map", b"($f := function($n) {$f($n + 1)}; $f(0))", "refused bad_map"),
        ("map", b"$map([1..9999999], function($x) {[1..9999999]})", "refused bad_map"),
        ("csv", b"\n" * 4_000_001, "refused too_large"),
        ("csv", b"a\n" + b"a" * (8 * 1024 * 1024), "refused too_large"),
        ("edifact", _HEAD + b"+:" * 300_000 + b"'", "refused too_large"),
        ("edifact", _HEAD + b"A'" + b"DTM'" * 50_001, "refused too_large"),
        ("ubl", b"<!DOCTYPE a [<!ENTITY b '" + b"c" * 1000 + b"'>]><a>" + b"&b;" * 1000 + b"</a>", "refused bad_value"),
        ("ubl", b"<a>" * 300_000, "refused too_deep"),
    ],
)
def test_giants_and_bombs_are_refused_before_they_unfold(name: str, value: bytes, outcome: str) -> None:
    assert DECODERS[name].tried(value) == outcome
