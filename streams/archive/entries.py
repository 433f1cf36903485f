"""What stands in segments: raw records, and links that lead from canonical events to raw records. Pure."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple, Protocol, cast

import msgspec

from streams.archive.record import StoredRecord, instant
from streams.archive.segment import Damaged, Heading
from streams.intake.inbound import partner_of

RAW: Final = "raw"
LINKS: Final = "links"
ORIGIN: Final = "bellwether.origin"
MAPPING: Final = "bellwether.mapping"

Headers = list[tuple[str, bytes | None]]


class Link(msgspec.Struct, frozen=True, array_like=True):
    """A canonical event (by `source` and `id`), its place on the topic of events, and the raw record that gave it.

    `origin` is topic/partition/offset of that record, `mapping` the name and version of what read it, `at` the broker's
    time of the canonical record, ms since 1970.
    """

    offset: int
    at: int
    source: str
    id: str
    origin: str
    mapping: str

    @property
    def instant(self) -> datetime:
        return instant(self.at)


class BrokerRecord(Protocol):
    """A record as the broker's client gives it; `timestamp` in ms since 1970."""

    @property
    def offset(self) -> int: ...
    @property
    def timestamp(self) -> int: ...
    @property
    def key(self) -> bytes | None: ...
    @property
    def value(self) -> bytes | None: ...
    @property
    def headers(self) -> Sequence[tuple[str, bytes]]: ...


class _Identity(msgspec.Struct, frozen=True, gc=False):
    """All of a canonical event that a link needs."""

    source: str
    id: str


class _Raw(NamedTuple):
    offset: int
    at: int
    key: bytes | None
    value: bytes | None
    headers: Headers


_pack = msgspec.msgpack.Encoder().encode
_identity = msgspec.json.Decoder(_Identity).decode
_raw = msgspec.msgpack.Decoder(_Raw).decode
_link = msgspec.msgpack.Decoder(Link).decode


def raw_entry(record: BrokerRecord) -> bytes:
    """The record whole."""
    headers = [(name, content) for name, content in record.headers]
    return _pack((record.offset, record.timestamp, record.key, record.value, headers))


def link_entry(record: BrokerRecord) -> bytes | None:
    """The link of a canonical record; None for one that came of no raw record, such as a tick of the clock."""
    headers = dict(record.headers)
    if ORIGIN not in headers or record.value is None:
        return None
    try:
        event = _identity(record.value)
    except msgspec.DecodeError:
        return None  # not written by the intake
    origin, mapping = headers[ORIGIN].decode(), headers.get(MAPPING, b"").decode()
    return _pack(Link(record.offset, record.timestamp, event.source, event.id, origin, mapping))


def read_raw(heading: Heading, entry: bytes) -> StoredRecord:
    """The record of an entry. Raises `Damaged`."""
    try:
        raw = _raw(entry)
    except msgspec.DecodeError as error:
        raise Damaged(f"an entry is no record ({error})") from error
    return StoredRecord(
        partner_of(heading.topic), heading.topic, heading.partition, raw.offset, instant(raw.at), raw.key, raw.value,
        cast("Sequence[tuple[str, bytes]]", tuple(raw.headers)),
    )  # fmt: skip


def read_link(entry: bytes) -> Link:
    """The link of an entry. Raises `Damaged`."""
    try:
        return _link(entry)
    except msgspec.DecodeError as error:
        raise Damaged(f"an entry is no link ({error})") from error
