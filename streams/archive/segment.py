"""A segment: entries of one partition, compressed, in a file whose name says what it covers and what its bytes hash to.

The file is one zstd frame (`zstd -d` opens it) of entries, each behind its length as four bytes, big end first. The first
entry is the heading. Nothing about a segment is known elsewhere: names and files are the whole index. Pure.
"""

import hashlib
import re
from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple, Self

import msgspec
import zstandard

from streams.archive.record import instant, milliseconds

LEVEL = 6
LARGEST_ENTRY = 16 * 1024 * 1024
LENGTH = 4
PIECE = 128 * 1024
"""Bytes that are unpacked at a time."""
_name = re.compile(r"(\d{16})-(\d{16})_(\d{8}T\d{9}Z)-(\d{8}T\d{9}Z)_([0-9a-f]{64})\.seg\.zst")


class Damaged(ValueError):
    """The bytes of a segment are not those that were written; says how that shows."""


class Heading(msgspec.Struct, frozen=True, kw_only=True):
    """What the entries are of. `topic_id` is the broker's: a topic that was deleted and made again counts from 0 again."""

    holds: str
    topic: str
    topic_id: str
    partition: int
    format: int = 1


class SegmentName(NamedTuple):
    """What a file covers: every record from offset `first` to `last`, whose broker's times lie within `begin` and `end`."""

    first: int
    last: int
    begin: datetime
    end: datetime
    sha256: str

    def __str__(self) -> str:
        offsets = f"{self.first:016}-{self.last:016}"
        return f"{offsets}_{_shown(self.begin)}-{_shown(self.end)}_{self.sha256}.seg.zst"

    @classmethod
    def parse(cls, name: str) -> Self | None:
        """None for the name of any other file."""
        match = _name.fullmatch(name)
        if match is None:
            return None
        first, last, begin, end, digest = match.groups()
        try:
            return cls(int(first), int(last), _read(begin), _read(end), digest)
        except ValueError:
            return None


class Segment(NamedTuple):
    """A finished segment: its name and its bytes."""

    name: SegmentName
    content: bytes


class SegmentWriter:
    """A segment that is being filled. `next_offset` is the first offset that it does not cover yet."""

    def __init__(self, heading: Heading, first: int) -> None:
        self.first = self.next_offset = first
        self.entries = 0
        self.plain_bytes = 0
        self._begin: int | None = None
        self._end = 0
        self._packing = zstandard.ZstdCompressor(level=LEVEL, write_checksum=True).compressobj()
        self._packed: list[bytes] = []
        self._put(msgspec.msgpack.encode(heading))

    def add(self, entry: bytes, at: int) -> None:
        """An entry of a record with the broker's time `at` (ms since 1970)."""
        self._begin = at if self._begin is None else min(self._begin, at)
        self._end = max(self._end, at)
        self.entries += 1
        self._put(entry)

    def covers(self, ends_before: int) -> None:
        """All records before this offset have been looked at, whether they gave an entry or not."""
        self.next_offset = max(self.next_offset, ends_before)

    def finished(self) -> Segment:
        """The segment; the writer is used up. It must cover a record."""
        self._packed.append(self._packing.flush())
        content = b"".join(self._packed)
        begin = instant(self._end if self._begin is None else self._begin)
        digest = hashlib.sha256(content).hexdigest()
        return Segment(SegmentName(self.first, self.next_offset - 1, begin, instant(self._end), digest), content)

    def _put(self, entry: bytes) -> None:
        self.plain_bytes += LENGTH + len(entry)
        if packed := self._packing.compress(len(entry).to_bytes(LENGTH, "big") + entry):
            self._packed.append(packed)


def opened(segment: Segment) -> tuple[Heading, Iterator[bytes]]:
    """The heading and the entries of a segment. Raises `Damaged`; not one entry comes of a file whose hash differs."""
    _check(segment)
    entries = _entries(segment.content)
    try:
        heading = msgspec.msgpack.decode(next(entries), type=Heading)
    except (StopIteration, msgspec.DecodeError) as error:
        raise Damaged(f"it has no heading ({error})") from error
    if heading.format != 1:
        raise Damaged(f"it has the format {heading.format}; this version reads format 1")
    return heading, entries


def mentions(segment: Segment, text: bytes) -> bool:
    """Whether these bytes stand anywhere in the entries: far cheaper than to cut them. Raises `Damaged`."""
    _check(segment)
    unpacking = zstandard.ZstdDecompressor().decompressobj()
    before = b""
    for begin in range(0, len(segment.content), PIECE):
        plain = before + unpacking.decompress(segment.content[begin : begin + PIECE])
        if text in plain:
            return True
        before = plain[max(0, len(plain) - len(text) + 1) :]
    return False


def _check(segment: Segment) -> None:
    if (digest := hashlib.sha256(segment.content).hexdigest()) != segment.name.sha256:
        size = len(segment.content)
        raise Damaged(f"its {size} bytes hash to {digest[:12]}..., not to what the name says: cut short or changed")


def _entries(content: bytes) -> Iterator[bytes]:
    """The entries in order, in bounded memory: plain text is unpacked a piece at a time."""
    unpacking = zstandard.ZstdDecompressor().decompressobj()
    waiting = bytearray()
    try:
        for begin in range(0, len(content), PIECE):
            waiting += unpacking.decompress(content[begin : begin + PIECE])
            yield from _cut(waiting)
    except zstandard.ZstdError as error:
        raise Damaged(f"it cannot be unpacked ({error})") from error
    if waiting or not unpacking.eof:
        raise Damaged("it ends within an entry")


def _cut(waiting: bytearray) -> Iterator[bytes]:
    """Takes whole entries off the front."""
    at = 0
    while len(waiting) - at >= LENGTH:
        length = int.from_bytes(waiting[at : at + LENGTH], "big")
        if length > LARGEST_ENTRY:
            raise Damaged(f"it says that an entry has {length} bytes; none has more than {LARGEST_ENTRY}")
        if len(waiting) - at - LENGTH < length:
            break
        yield bytes(waiting[at + LENGTH : at + LENGTH + length])
        at += LENGTH + length
    del waiting[:at]


def _shown(at: datetime) -> str:
    return f"{at:%Y%m%dT%H%M%S}{milliseconds(at) % 1000:03}Z"


def _read(text: str) -> datetime:
    return datetime.strptime(f"{text[:-4]}.{text[-4:-1]}+0000", "%Y%m%dT%H%M%S.%f%z")
