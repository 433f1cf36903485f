"""A dead letter as it lies on its topic: the record as it came, and why it was refused. Pure."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple, Protocol

import msgspec

from streams.events import family
from streams.intake.dead_letters import CONNECT, REPLAYED, original_headers

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_replayed = re.compile(
    r"(?P<topic>[\w.-]{1,249})/(?P<partition>\d{1,9})/(?P<offset>\d{1,18}) (?P<at>\S{1,40})", re.ASCII
)


class StoredLetter(Protocol):
    """A record of a topic of dead letters, as the Kafka client gives it. `timestamp` in milliseconds since 1970."""

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


class Arrival(NamedTuple):
    """Where and when a record came first. `at` is None for letters of releases that did not note it."""

    topic: str
    partition: int
    offset: int
    at: datetime | None

    @property
    def place(self) -> str:
        """As `topic/partition/offset`."""
        return f"{self.topic}/{self.partition}/{self.offset}"


class Letter(NamedTuple):
    """A refused record: `key`, `value` and `headers` are the partner's own, without those of the refusal.

    `offset` is its place among the dead letters and `refused_at` when it came there; `refused_from` the partition that it
    was read from, `first` its first arrival. `family` is that of its event as far as it says one, else `unknown`.
    `cut_from`: bytes of a value that was too long to be kept whole; `bytes`: of key, value and the partner's headers.
    """

    offset: int
    refused_at: datetime
    refused_from: int
    first: Arrival
    reason: str
    message: str
    place: str
    mapping: str
    family: str
    cut_from: int | None
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]]
    bytes: int

    def without_content(self) -> "Letter":
        """All that is said of it, without what it holds."""
        return self._replace(key=None, value=None, headers=())


def letter(record: StoredLetter) -> Letter:
    """The letter in a record. One that another program wrote there has no reason and no place."""
    texts = {name: (content or b"").decode("utf-8", "replace") for name, content in record.headers}
    headers = original_headers(record.headers)
    refused_at = _EPOCH + timedelta(milliseconds=record.timestamp)
    named = sum(len(name) + len(content or b"") for name, content in headers)
    size = len(record.key or b"") + len(record.value or b"") + named
    partition = _number(texts.get(f"{CONNECT}partition")) or 0
    return Letter(
        record.offset, refused_at, partition, _first(texts, partition),
        texts.get("bellwether.reason", ""), texts.get(f"{CONNECT}exception.message", ""),
        texts.get("bellwether.place", ""), texts.get("bellwether.mapping", ""), _family(texts, record.value),
        _number(texts.get("bellwether.cut_from_bytes")), record.key, record.value, headers, size,
    )  # fmt: skip


def _first(texts: dict[str, str], partition: int) -> Arrival:
    """By the header of an earlier replay, else by those of the refusal."""
    topic = texts.get(f"{CONNECT}topic", "")
    said = _replayed.fullmatch(texts.get(REPLAYED, ""))
    if said is not None and said["topic"] == topic:  # a partner may write the header too: about its own topic only
        return Arrival(topic, int(said["partition"]), int(said["offset"]), _instant(said["at"]))
    offset = _number(texts.get(f"{CONNECT}offset")) or 0
    return Arrival(topic, partition, offset, _instant(texts.get("bellwether.arrived_at", "")))


def _instant(text: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return None if at.tzinfo is None else at.astimezone(UTC)


def _number(text: str | None) -> int | None:
    return int(text) if text is not None and text.isascii() and text.isdigit() and len(text) <= 18 else None


class _Typed(msgspec.Struct):
    type: str


_typed = msgspec.json.Decoder(_Typed)


def _family(texts: dict[str, str], value: bytes | None) -> str:
    named = texts.get("ce_type")
    if named is None and texts.get("content-type", "").startswith("application/cloudevents"):
        try:
            named = _typed.decode(value or b"").type
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
            return "unknown"
    prefix, _, rest = (named or "").partition(".")
    return family(named) if named is not None and prefix == "cdmo" and "." in rest else "unknown"
