"""What becomes of a refused record: it lies in the partner's own dead letters as it came, and headers say why.

The headers have the names of Kafka Connect's, so that tools for its dead letters read ours.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from streams.intake.arrivals import ArrivedRecord
from streams.intake.inbound import LARGEST
from streams.intake.refusal import Refusal

CONNECT = "__connect.errors."
_ours = (
    "bellwether.partner",
    "bellwether.mapping",
    "bellwether.reason",
    "bellwether.place",
    "bellwether.cut_from_bytes",
    "bellwether.arrived_at",
)

REPLAYED = "bellwether.replayed"
"""The header of a record that was refused and put back: where it came first (`topic/partition/offset`) and when (RFC 3339),
with a space between. It stays, whatever becomes of the record then."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class DeadLetter(NamedTuple):
    """A record for the dead letters. Key and value are the original's."""

    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]]


def dead_letter(
    record: ArrivedRecord, refusal: Refusal, *, topic: str, partition: int, partner: str, mapping: str
) -> DeadLetter:
    """The letter for a record that was refused where it stands in `topic`.

    Headers of an earlier refusal give way to those of this one. A value beyond what the dead letters hold is cut, and a
    header says how long it was.
    """
    faults = {
        f"{CONNECT}topic": topic,
        f"{CONNECT}partition": str(partition),
        f"{CONNECT}offset": str(record.offset),
        f"{CONNECT}stage": "intake",
        f"{CONNECT}exception.class.name": f"{Refusal.__module__}.{Refusal.__qualname__}",
        f"{CONNECT}exception.message": str(refusal),
        "bellwether.partner": partner,
        "bellwether.mapping": mapping,
        "bellwether.reason": refusal.reason,
        "bellwether.place": refusal.place,
        "bellwether.arrived_at": (_EPOCH + timedelta(milliseconds=record.timestamp)).isoformat(timespec="milliseconds"),
    }
    value = record.value
    if value is not None and len(value) > LARGEST:
        faults["bellwether.cut_from_bytes"] = str(len(value))
        value = value[:LARGEST]
    if value is None and record.key is None:  # the client sends no record without both
        value = b""
    kept = original_headers(record.headers)
    named = [(name, text.encode("utf-8", "replace")) for name, text in faults.items()]
    return DeadLetter(record.key, value, [*kept, *named])


def original_headers(headers: Sequence[tuple[str, bytes]]) -> list[tuple[str, bytes]]:
    """The headers without those of a refusal."""
    return [(name, content) for name, content in headers if not (name.startswith(CONNECT) or name in _ours)]
