"""Segments: what goes in comes out, and what is not as it was written does not come out at all."""

import hashlib
import io
import random
from datetime import UTC, datetime

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from streams.archive.entries import Link, link_entry, raw_entry, read_link, read_raw
from streams.archive.segment import Damaged, Heading, Segment, SegmentName, SegmentWriter, mentions, opened
from tests.unit.archive.records import TOPIC, Sent, sent

HEADING = Heading(holds="raw", topic=TOPIC, topic_id="id-1", partition=0)

contents = st.none() | st.binary(max_size=300)
header_lists = st.lists(st.tuples(st.text(max_size=10), st.binary(max_size=10)), max_size=3)


def segment(*records: Sent, first: int = 0) -> Segment:
    writer = SegmentWriter(HEADING, first)
    for record in records:
        writer.add(raw_entry(record), record.timestamp)
        writer.covers(record.offset + 1)
    return writer.finished()


# Text that does not compress, so that it is unpacked in many pieces.
WIDE = segment(*(sent(n, b"record %06d" % n + random.Random(n).randbytes(3000)) for n in range(500)))


@given(st.lists(st.tuples(contents, contents, header_lists, st.integers(0, 2**42)), min_size=1, max_size=20))
def test_records_come_out_as_they_went_in(
    given_records: list[tuple[bytes | None, bytes | None, list[tuple[str, bytes]], int]],
) -> None:
    records = [Sent(n, at, key, value, headers) for n, (key, value, headers, at) in enumerate(given_records)]
    heading, entries = opened(segment(*records))
    found = [read_raw(heading, entry) for entry in entries]
    assert [(one.offset, one.key, one.value, list(one.headers)) for one in found] == [
        (one.offset, one.key, one.value, list(one.headers)) for one in records
    ]
    assert [one.at.timestamp() for one in found] == [pytest.approx(one.timestamp / 1000) for one in records]
    assert {(one.partner, one.topic, one.partition) for one in found} == {("acme", TOPIC, 0)}


def test_a_name_says_what_the_segment_covers() -> None:
    name = segment(sent(7), sent(8), first=5).name
    assert str(name).startswith("0000000000000005-0000000000000008_20260301T000007000Z-20260301T000008000Z_")
    assert SegmentName.parse(str(name)) == name


@pytest.mark.parametrize("name", ["", "a.part", "0-1_x.seg.zst", "x" * 160])
def test_other_files_are_no_segments(name: str) -> None:
    assert SegmentName.parse(name) is None


@given(st.data())
def test_one_changed_or_missing_byte_is_found(data: st.DataObject) -> None:
    whole = segment(*(sent(n) for n in range(50)))
    at = data.draw(st.integers(0, len(whole.content) - 1))
    flipped = bytearray(whole.content)
    flipped[at] ^= data.draw(st.integers(1, 255))
    for content in (bytes(flipped), whole.content[:at]):
        with pytest.raises(Damaged, match="cut short or changed"):
            opened(Segment(whole.name, content))


def test_what_never_was_a_segment_is_refused_whatever_its_name_says() -> None:
    for content in (b"", b"text", zstandard.compress(b""), zstandard.compress(b"\x00\x00\x00\x09too short")):
        with pytest.raises(Damaged):
            list(opened(_named(content))[1])


def test_an_entry_of_an_impossible_length_is_refused_before_memory_is_taken() -> None:
    plain = io.BytesIO()
    plain.write(b"\xff\xff\xff\xff")
    plain.write(bytes(1_000_000))
    with pytest.raises(Damaged, match="none has more than"):
        opened(_named(zstandard.compress(plain.getvalue())))


@given(st.integers(0, 499), st.integers(0, 12))
def test_what_stands_in_a_segment_is_found_without_cutting_it(number: int, begin: int) -> None:
    assert mentions(WIDE, f"record {number:06}".encode()[begin:])
    assert not mentions(WIDE, b"record 000500")


def test_a_link_leads_from_the_event_to_its_record() -> None:
    headers = [("bellwether.origin", b"cdmo.acme.inbound/0/17"), ("bellwether.mapping", b"stock@1")]
    record = Sent(3, 1_700_000_000_123, b"BSL", b'{"id":"e-1","source":"/acme","data":{}}', headers)
    entry = link_entry(record)
    assert entry is not None
    link = read_link(entry)
    assert link == Link(3, 1_700_000_000_123, "/acme", "e-1", "cdmo.acme.inbound/0/17", "stock@1")
    assert link.instant == datetime(2023, 11, 14, 22, 13, 20, 123000, tzinfo=UTC)


def test_ticks_of_the_clock_have_no_link() -> None:
    assert link_entry(Sent(1, 0, None, b'{"id":"t","source":"/bellwether/clock"}')) is None


def _named(content: bytes) -> Segment:
    writer = SegmentWriter(HEADING, 0)
    name = writer.finished().name
    return Segment(name._replace(sha256=hashlib.sha256(content).hexdigest()), content)
