"""The register of counted events: what tells a repeat from news, and leads from an event back to what it moved.

One row for each batch of the stream holds the 8-byte identities of its events and the keys of the entities that each
moved. In front stands a filter in memory that knows what is surely new; what may be known is looked up exactly.
"""

import zlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec
import numpy as np
import numpy.typing as npt
from sqlalchemy import Connection, delete, select
from xxhash import xxh3_64_intdigest

from streams.ledger.rows import Row, instant_2000
from streams.ledger.surely_new import Met
from streams.ledger.tables import register

MEMORY: Final = timedelta(days=30)
"""How long a repeat is known as one, by the broker's time of arrival."""

HELD: Final = 1 << 20
"""Identities that stay in memory for exact look-ups (8 bytes each)."""

ROWS_A_LOOK: Final = 64

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
        self._met = Met(error=1e-6)
        self._held: dict[int, Identities] = {}
        self._held_count = 0
        self.next_number = 0
        self._expired_at: datetime | None = None

    def load(self, connection: Connection) -> None:
        """Learn what was counted before."""
        rows = connection.execute(
            select(register.c.number, register.c.identities)
            .where(register.c.partition == self._partition)
            .order_by(register.c.number)
        )
        for number, packed in rows:
            identities = np.frombuffer(packed, dtype="<u8")
            self._met.add(identities.tolist())
            self._hold(number, identities)
            self.next_number = number + 1

    def suspects(self, events: Iterable[int]) -> list[int]:
        """Those that may have been counted before; all others surely were not."""
        return self._met.of(events)

    def known(self, connection: Connection, events: Sequence[int]) -> set[int]:
        """Which of these were counted before, exactly."""
        asked = np.array(events, dtype=np.uint64)
        found: set[int] = set()
        for _, identities in self._rows(connection):
            hits = asked[np.isin(asked, identities)]
            found.update(hits.tolist())
            if len(found) == len(asked):
                break
        return found

    def moved_by(self, connection: Connection, event: int) -> Moved | None:
        """What a counted event moved. None: it was not counted, or is no longer remembered."""
        for number, identities in self._rows(connection):
            places = np.flatnonzero(identities == np.uint64(event))
            if len(places):
                packed = connection.execute(
                    select(register.c.moved).where(register.c.partition == self._partition, register.c.number == number)
                ).scalar()  # None: this row has expired since it was loaded
                return None if packed is None else _unpack_moved(packed)[int(places[0])]
        return None

    def row(self, events: Sequence[int], moved: Iterable[Sequence[tuple[str, str]]], arrived_at: datetime) -> Row:
        """The row that enters these events."""
        identities = np.array(events, dtype="<u8").tobytes()
        return (self._partition, self.next_number, instant_2000(arrived_at), identities, _pack_moved(moved))

    def accept(self, events: Sequence[int]) -> None:
        """The row was committed."""
        self._met.add(events)
        self._hold(self.next_number, np.array(events, dtype=np.uint64))
        self.next_number += 1

    def expire(self, connection: Connection, arrived_at: datetime) -> None:
        """Forget, at most once a day of arrival, what is older than the memory."""
        if self._expired_at is not None and arrived_at - self._expired_at < timedelta(days=1):
            return
        self._expired_at = arrived_at
        connection.execute(
            delete(register).where(register.c.partition == self._partition, register.c.arrived_at < arrived_at - MEMORY)
        )

    def _hold(self, number: int, identities: Identities) -> None:
        self._held[number] = identities
        self._held_count += len(identities)
        while self._held_count > HELD and len(self._held) > 1:
            self._held_count -= len(self._held.pop(next(iter(self._held))))

    def _rows(self, connection: Connection) -> Iterator[tuple[int, Identities]]:
        """All rows, newest first: those in memory, then the older ones from the database."""
        yield from reversed(self._held.items())
        before = min(self._held, default=self.next_number)
        while True:
            older = connection.execute(
                select(register.c.number, register.c.identities)
                .where(register.c.partition == self._partition, register.c.number < before)
                .order_by(register.c.number.desc())
                .limit(ROWS_A_LOOK)
            ).all()
            if not older:
                return
            for number, packed in older:
                yield number, np.frombuffer(packed, dtype="<u8")
            before = older[-1][0]


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(list[Moved]).decode


def _pack_moved(moved: Iterable[Sequence[tuple[str, str]]]) -> bytes:
    return zlib.compress(_encode(list(moved)), 1)


def _unpack_moved(packed: bytes) -> list[Moved]:
    return _decode(zlib.decompress(packed))
