"""A record on a partner's inbound topic, as the intake sees it: bounded, its headers readable."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Protocol

from streams.intake.refusal import Reason, Refusal, quoted

LARGEST = 1024 * 1024
"""Bytes of value and headers together: 1 MiB, what a stock Kafka broker takes."""

TICK = "application/vnd.bellwether.tick"
"""The content type of a record that says, as RFC 3339, to what time the stream has come. Only a replay may send it."""

COLUMNS = "bellwether.columns"
"""The header with the names of a table's columns, in the encoding of the table."""

_nothing: Mapping[str, str] = MappingProxyType({})


class InboundRecord(Protocol):
    """What is read of a record of the broker."""

    @property
    def offset(self) -> int: ...
    @property
    def key(self) -> bytes | None: ...
    @property
    def value(self) -> bytes | None: ...
    @property
    def headers(self) -> Sequence[tuple[str, bytes]]: ...


class InboundBatch(Protocol):
    """Records of one partition, in order."""

    @property
    def topic(self) -> str: ...
    @property
    def partition(self) -> int: ...
    @property
    def records(self) -> Sequence[InboundRecord]: ...


def partner_of(topic: str) -> str:
    """The partner whose inbound topic it is: the one that may write there. Raises `ValueError` for another topic."""
    prefix, partner, suffix = topic.partition(".")[0], topic[5:-8], topic[-8:]
    if prefix != "cdmo" or suffix != ".inbound" or not partner:
        raise ValueError(f"{topic} is no partner's inbound topic; those are named cdmo.<partner>.inbound")
    return partner


def header_texts(
    headers: Sequence[tuple[str, bytes | None]], value: bytes | None, largest: int = LARGEST
) -> Mapping[str, str]:
    """The headers by name; without those of others that are not UTF-8, which nobody here reads.

    `COLUMNS`, which has the encoding of its table, comes as Latin-1: its bytes can be had back from that.
    Raises `Refusal` when the record is too large, or when one of the standard's headers is repeated or not UTF-8.
    """
    size = len(value or b"")
    if not headers and size <= largest:
        return _nothing
    texts: dict[str, str] = {}
    for name, content in headers:
        size += len(name) + len(content or b"")
        if content is None:
            continue
        standard = name == "content-type" or name.startswith("ce_")
        if standard and name in texts:
            raise Refusal(Reason.BAD_HEADER, "The header stands twice", f"header {quoted(name)}")
        try:
            texts[name] = content.decode("latin-1" if name == COLUMNS else "utf-8")
        except UnicodeDecodeError:
            if standard:
                raise Refusal(Reason.BAD_ENCODING, "The header is not UTF-8", f"header {quoted(name)}") from None
    if size > largest:
        raise Refusal(Reason.TOO_LARGE, f"The record has {size} bytes; at most {largest} are taken")
    return texts
