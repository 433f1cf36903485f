"""A raw record with all that is known of it."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import msgspec

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class StoredRecord(msgspec.Struct, frozen=True):
    """A record as the partner wrote it. `at`: the broker's timestamp, exact to a millisecond."""

    partner: str
    topic: str
    partition: int
    offset: int
    at: datetime
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]] = ()

    @property
    def origin(self) -> str:
        """Where it lay, as the header `bellwether.origin` of its canonical records says."""
        return f"{self.topic}/{self.partition}/{self.offset}"


def instant(milliseconds: int) -> datetime:
    """A broker's timestamp, which counts from 1970, as an instant. Integers only: floats lose the milliseconds."""
    return EPOCH + timedelta(milliseconds=milliseconds)


def milliseconds(at: datetime) -> int:
    """The inverse of `instant`; parts of a millisecond are dropped."""
    return (at - EPOCH) // timedelta(milliseconds=1)
