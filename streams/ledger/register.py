"""The register of counted events: what tells a repeat from news, and leads from an event back to what it moved.

One row for each batch of the stream holds the 8-byte identities of its events and the keys of the entities that each
moved. In front stand filters in memory that know what is surely new; what may be known is looked up exactly, in the
rows of the filter that suspects it.
"""

import zlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec
import numpy as np
import numpy.typing as npt
from sqlalchemy import Connection, bindparam, delete, select
from xxhash import xxh3_64_intdigest

from streams.ledger.rows import Row, instant_2000
from streams.ledger.spans import Span, Spans
from streams.ledger.tables import register

MEMORY: Final = timedelta(days=30)
"""How long a repeat is known as one, by the broker's time of arrival."""

HELD: Final = 1 << 17
"""Identities that stay in memory for exact look-ups (8 bytes each)."""

ROWS_A_LOOK: Final = 256
"""Rows that are read at once: a driver holds all rows of an answer in memory."""

Identities = npt.NDArray[np.uint64]
Moved = list[tuple[str, str]]
"""The (kind, key) of each entity that an event moved."""


def identity(*parts: str) -> int:
    """A 64-bit hash of what identifies a thing; of an event its partner, source and id."""
    return xxh3_64_intdigest("\n".join(parts).encode())


class Register:
    """The register of one partition. Belongs to one thread at a time."""

    def __init__(self, partition: int) -> None:
        self._partition = partition
        self._spans = Spans()
        self._held: dict[int, Identities] = {}
        self._held_count = 0
        self.next_number = 0
        self._expired_at: datetime | None = None

    def load(self, connection: Connection) -> None:
        """Learn what was counted before."""
        after = -1
        while rows := connection.execute(_newer, {"of": self._partition, "after": after}).all():
            for number, arrived_at, packed in rows:
                identities = np.frombuffer(packed, dtype="<u8")
                self._spans.add(number, identities.tolist(), arrived_at)
                self._hold(number, identities)
            after = rows[-1][0]
        self.next_number = after + 1

    def suspects(self, events: Sequence[int]) -> list[int]:
        """Those that may have been counted before; all others surely were not."""
        return self._spans.suspects(events)

    def known(self, connection: Connection, events: Sequence[int]) -> set[int]:
        """Which of these were counted before, exactly."""
        found: set[int] = set()
        for span, some in self._spans.suspecting(events):
            asked = np.array(some, dtype=np.uint64)
            for _, identities in self._rows(connection, span):
                found.update(
                    identities[np.isin(identities, asked)].tolist()
                )  # this way round it need not sort the many
                if found.issuperset(some):
                    break
        return found

    def moved_by(self, connection: Connection, event: int) -> Moved | None:
        """What a counted event moved. None: it was not counted, or is no longer remembered."""
        for span, _ in self._spans.suspecting((event,)):
            for number, identities in self._rows(connection, span):
                places = np.flatnonzero(identities == np.uint64(event))
                if len(places):
                    packed = connection.execute(_moved, {"of": self._partition, "at": number}).scalar()
                    # None: this row has expired since it was loaded
                    return None if packed is None else _unpack_moved(packed)[int(places[0])]
        return None

    def row(self, events: Sequence[int], moved: Iterable[Sequence[tuple[str, str]]], arrived_at: datetime) -> Row:
        """The row that enters these events."""
        identities = np.array(events, dtype="<u8").tobytes()
        return (self._partition, self.next_number, instant_2000(arrived_at), identities, _pack_moved(moved))

    def accept(self, events: Sequence[int], arrived_at: datetime) -> None:
        """The row was committed."""
        self._spans.add(self.next_number, events, arrived_at)
        self._hold(self.next_number, np.array(events, dtype=np.uint64))
        self.next_number += 1

    def expire(self, connection: Connection, arrived_at: datetime) -> None:
        """Forget, at most once a day of arrival, what is older than the memory."""
        if self._expired_at is not None and arrived_at - self._expired_at < timedelta(days=1):
            return
        self._expired_at = arrived_at
        connection.execute(_expired, {"of": self._partition, "before": arrived_at - MEMORY})
        self._spans.forget(arrived_at - MEMORY)

    def _hold(self, number: int, identities: Identities) -> None:
        self._held[number] = identities
        self._held_count += len(identities)
        while self._held_count > HELD and len(self._held) > 1:
            self._held_count -= len(self._held.pop(next(iter(self._held))))

    def _rows(self, connection: Connection, span: Span) -> Iterator[tuple[int, Identities]]:
        """The rows of a span, newest first: those in memory, then the older ones from the database."""
        before = span.end
        for number, identities in reversed(self._held.items()):
            if span.first <= number < span.end:
                yield number, identities
                before = number
        while older := connection.execute(_older, {"of": self._partition, "first": span.first, "before": before}).all():
            for number, packed in older:
                yield number, np.frombuffer(packed, dtype="<u8")
            before = older[-1][0]


_of = register.c
_ours = _of.partition == bindparam("of")
_newer = (
    select(_of.number, _of.arrived_at, _of.identities)
    .where(_ours, _of.number > bindparam("after"))
    .order_by(_of.number)
    .limit(ROWS_A_LOOK)
)
_older = (
    select(_of.number, _of.identities)
    .where(_ours, _of.number >= bindparam("first"), _of.number < bindparam("before"))
    .order_by(_of.number.desc())
    .limit(ROWS_A_LOOK)
)
_moved = select(_of.moved).where(_ours, _of.number == bindparam("at"))
_expired = delete(register).where(_ours, _of.arrived_at < bindparam("before"))

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(list[Moved]).decode


def _pack_moved(moved: Iterable[Sequence[tuple[str, str]]]) -> bytes:
    return zlib.compress(_encode(list(moved)), 1)


def _unpack_moved(packed: bytes) -> list[Moved]:
    return _decode(zlib.decompress(packed))
