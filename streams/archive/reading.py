"""Reads the archive: records of a partner in a stretch of time, links of an event, and whether all is as it was written."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final, NamedTuple

from streams.archive.entries import LINKS, RAW, Link, read_link, read_raw
from streams.archive.place import Archive, Gap, Shelf, gaps
from streams.archive.record import StoredRecord
from streams.archive.segment import Damaged, Heading, SegmentName, mentions, opened
from streams.intake.inbound import partner_of
from streams.topics import EVENTS_TOPIC, inbound

HOLDS: Final = (RAW, LINKS)


class Fault(NamedTuple):
    """Something that is not as it should be, and where."""

    place: str
    message: str


class Kept(NamedTuple):
    """A segment as it stands in the archive, and of which partner its records are; None for links, which are of all."""

    shelf: Shelf
    name: SegmentName
    bytes: int

    @property
    def partner(self) -> str | None:
        return partner_of(self.shelf.topic) if self.shelf.holds == RAW else None


def kept(archive: Archive, partner: str | None = None) -> Iterator[Kept]:
    """All segments; with `partner` those of its raw records."""
    holds = HOLDS if partner is None else (RAW,)
    for held in holds:
        for shelf in archive.shelves(held, None if partner is None else inbound(partner)):
            for name in archive.segments(shelf):
                yield Kept(shelf, name, archive.size(shelf, name))


def partners(archive: Archive) -> list[str]:
    """All of whom there is something."""
    return sorted({partner_of(shelf.topic) for shelf in archive.shelves(RAW)})


def raw_records(
    archive: Archive, partner: str, begin: datetime | None = None, end: datetime | None = None
) -> Iterator[Iterator[StoredRecord]]:
    """For each shelf of a partner its records from `begin` on and before `end`, in order.

    Raises `Damaged` with the name of the segment when it comes to one whose bytes are not those that were written.
    """
    for shelf in archive.shelves(RAW, inbound(partner)):
        yield _records_of(archive, shelf, begin, end)


def _records_of(archive: Archive, shelf: Shelf, begin: datetime | None, end: datetime | None) -> Iterator[StoredRecord]:
    names = (
        name for name in archive.segments(shelf)
        if (end is None or name.begin < end) and (begin is None or name.end >= begin)
    )  # fmt: skip
    for record in _once(_decoded(archive, shelf, names)):
        if (begin is None or record.at >= begin) and (end is None or record.at < end):
            yield record


def _once(records: Iterable[StoredRecord]) -> Iterator[StoredRecord]:
    """Two workers may each have stored a stretch, when one of them came back from the dead: every record counts once."""
    reached = -1
    for record in records:
        if record.offset > reached:
            reached = record.offset
            yield record


def _decoded(archive: Archive, shelf: Shelf, names: Iterable[SegmentName]) -> Iterator[StoredRecord]:
    for name in names:
        yield from (read_raw(heading, entry) for heading, entry in _entries(archive, shelf, name))


def _entries(
    archive: Archive, shelf: Shelf, name: SegmentName, mentioning: bytes = b""
) -> Iterator[tuple[Heading, bytes]]:
    """The entries of a segment; none, where these bytes stand nowhere in it."""
    try:
        segment = archive.load(shelf, name)
        if mentioning and not mentions(segment, mentioning):
            return
        heading, entries = opened(segment)
        for entry in entries:
            yield heading, entry
    except Damaged as fault:
        raise Damaged(f"{archive.path_of(shelf, name)}: {fault}") from fault


def newest(archive: Archive, partner: str, n: int) -> list[StoredRecord]:
    """The last `n` records of a partner in the archive, oldest first. Opens no more segments than it must."""
    places = [(name, shelf) for shelf in archive.shelves(RAW, inbound(partner)) for name in archive.segments(shelf)]
    places.sort(key=lambda place: (place[0].end, place[0].last), reverse=True)
    found: dict[tuple[str, int, int], StoredRecord] = {}
    for position, (name, shelf) in enumerate(places):
        for record in _decoded(archive, shelf, [name]):
            found[shelf.topic_id, record.partition, record.offset] = record
        latest = sorted(found.values(), key=lambda one: (one.at, one.partition, one.offset))[-n:]
        older = places[position + 1 :]
        if len(latest) == n and all(other.end < latest[0].at for other, _ in older):
            return latest
    return sorted(found.values(), key=lambda one: (one.at, one.partition, one.offset))[-n:]


def at_origin(archive: Archive, origin: str, before: datetime | None = None) -> StoredRecord | None:
    """The record that lay at topic/partition/offset; None where the archive has not (yet) got it.

    A topic that was deleted and made again had records at the same place twice: `before` (the broker's time of what
    came of it) tells them apart, else the newest is meant. Raises `Damaged`, and `ValueError` for what is no place.
    """
    topic, number, offset = _place(origin)
    found: list[StoredRecord] = []
    for shelf in archive.shelves(RAW, topic):
        if shelf.partition == number:
            names = [name for name in archive.segments(shelf) if name.first <= offset <= name.last]
            found += [record for record in _decoded(archive, shelf, names) if record.offset == offset]
    # A producer of a partner may set the time itself, and be ahead of us.
    fitting = [record for record in found if before is None or record.at <= before]
    return max(fitting or found, key=lambda record: record.at, default=None)


def _place(origin: str) -> tuple[str, int, int]:
    parts = origin.rsplit("/", 2)
    if len(parts) != 3 or not all(part.isdecimal() for part in parts[1:]):
        raise ValueError(f"{origin} is no place of a record; one is written cdmo.acme.inbound/0/17")
    partner_of(parts[0])
    return parts[0], int(parts[1]), int(parts[2])


def links(archive: Archive, source: str, event_id: str) -> Iterator[Link]:
    """Each time that the event was written to the topic of events, oldest first. Raises `Damaged`.

    Looks through all links: a segment that does not mention the id is passed over without decoding.
    """
    needle = event_id.encode()
    for shelf in archive.shelves(LINKS, EVENTS_TOPIC):
        reached = -1
        for name in archive.segments(shelf):
            for _, entry in _entries(archive, shelf, name, needle):
                if needle in entry and (link := read_link(entry)).offset > reached:
                    reached = link.offset
                    if (link.source, link.id) == (source, event_id):
                        yield link


def faults(archive: Archive, partner: str | None = None) -> Iterator[Fault]:
    """Everything that is wrong: segments whose bytes changed, that hold other entries than their name says, and gaps."""
    for held in HOLDS if partner is None else (RAW,):
        for shelf in archive.shelves(held, None if partner is None else inbound(partner)):
            names = archive.segments(shelf)
            for name in names:
                if (message := _fault(archive, shelf, name)) is not None:
                    yield Fault(archive.path_of(shelf, name), message)
            for gap in gaps(names):
                yield Fault(shelf.path, _missing(gap))


def _missing(gap: Gap) -> str:
    return f"no segment has the offsets {gap.first} to {gap.last}: a file is gone, or the topic had lost them before"


def _fault(archive: Archive, shelf: Shelf, name: SegmentName) -> str | None:
    try:
        heading, entries = opened(archive.load(shelf, name))
        if (heading.holds, heading.topic, heading.topic_id, heading.partition) != shelf:
            return f"it is of {heading.holds}/{heading.topic}/{heading.topic_id}/{heading.partition}: it was moved"
        before = name.first - 1
        for entry in entries:
            offset = read_raw(heading, entry).offset if shelf.holds == RAW else read_link(entry).offset
            if not before < offset <= name.last:
                return f"the offset {offset} follows {before}, and it should end with {name.last}"
            before = offset
    except (Damaged, OSError) as fault:
        return str(fault)
    return None
