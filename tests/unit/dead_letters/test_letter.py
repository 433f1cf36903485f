"""What is read of a dead letter, whoever wrote it."""

from itertools import pairwise
from typing import NamedTuple

from hypothesis import example, given
from hypothesis import strategies as st

from streams.dead_letters.choosing import Choice
from streams.dead_letters.fates import stretches
from streams.dead_letters.letter import letter
from streams.dead_letters.replay import replayed_headers
from streams.intake.dead_letters import REPLAYED, dead_letter
from streams.intake.refusal import Reason, Refusal

Headers = list[tuple[str, bytes]]
NAMES = (
    "__connect.errors.offset",
    "__connect.errors.topic",
    REPLAYED,
    "bellwether.arrived_at",
    "ce_type",
    "content-type",
    "x",
)


class Record(NamedTuple):
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Headers


headers = st.lists(st.tuples(st.sampled_from(NAMES), st.binary(max_size=40)), max_size=8)


@given(headers, st.none() | st.binary(max_size=60))
@example([("content-type", b"application/cloudevents+json")], b'{"type": "cdmo."}')
@example([(REPLAYED, b"cdmo.acme.inbound/0/5 now"), ("__connect.errors.topic", b"cdmo.acme.inbound")], None)
def test_every_record_among_the_dead_letters_can_be_read_and_asked_about(said: Headers, value: bytes | None) -> None:
    read = letter(Record(3, 1_770_000_000_000, None, value, said))
    assert Choice(place="x", mapping="y").holds(read, None) in (True, False)
    assert replayed_headers(read)


@given(headers, st.none() | st.binary(max_size=60), st.integers(0, 2**40))
def test_what_is_put_back_is_what_came_and_one_header_more(said: Headers, value: bytes | None, offset: int) -> None:
    own = [(name, content) for name, content in said if name in ("ce_type", "content-type", "x")]
    came = Record(offset, 1_770_000_000_123, b"key", value, own)
    refusal = Refusal(Reason.BAD_JSON, "The JSON ends too early", "line 1")
    written = dead_letter(came, refusal, topic="cdmo.acme.inbound", partition=0, partner="acme", mapping="acme/lager@1")
    read = letter(Record(0, 1_770_000_001_000, written.key, written.value, list(written.headers)))
    assert (read.key, read.value, read.first.offset) == (b"key", value, offset)
    *kept, (name, whence) = replayed_headers(read)
    assert kept == own
    assert (name, whence) == (REPLAYED, f"cdmo.acme.inbound/0/{offset} 2026-02-02T02:40:00.123+00:00".encode())


def test_a_record_that_is_refused_again_keeps_the_place_where_it_first_came() -> None:
    first = (REPLAYED, b"cdmo.acme.inbound/0/7 2026-02-01T00:00:00.000+00:00")
    again = Record(90, 1_770_000_000_123, b"key", b"{", [first])
    refusal = Refusal(Reason.BAD_JSON, "The JSON ends too early")
    written = dead_letter(again, refusal, topic="cdmo.acme.inbound", partition=0, partner="acme", mapping="m")
    read = letter(Record(4, 0, written.key, written.value, list(written.headers)))
    assert read.first.place == "cdmo.acme.inbound/0/7"
    assert replayed_headers(read) == [first]


def test_a_partner_cannot_say_that_its_record_came_on_the_topic_of_another() -> None:
    said = [(REPLAYED, b"cdmo.rival.inbound/0/7 2026-02-01T00:00:00Z"), ("__connect.errors.topic", b"cdmo.acme.inbound"),
            ("__connect.errors.offset", b"5")]  # fmt: skip
    assert letter(Record(0, 0, None, b"", said)).first.place == "cdmo.acme.inbound/0/5"


@given(st.sets(st.integers(0, 60)))
def test_stretches_are_the_offsets(offsets: set[int]) -> None:
    named = stretches(offsets)
    assert [one for first, last in named for one in range(first, last + 1)] == sorted(offsets)
    assert all(after[0] > before[1] + 1 for before, after in pairwise(named))
