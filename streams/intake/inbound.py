"""A record on a partner's inbound topic, as the intake sees it: bounded, its headers readable."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from streams.intake.refusal import Reason, Refusal, quoted

LARGEST = 1024 * 1024
"""Bytes of value and headers together: 1 MiB, what a stock Kafka broker takes."""

_nothing: Mapping[str, str] = MappingProxyType({})


def header_texts(
    headers: Sequence[tuple[str, bytes | None]], value: bytes | None, largest: int = LARGEST
) -> Mapping[str, str]:
    """The headers by name. Raises `Refusal` when they are too large, repeated or not UTF-8."""
    size = len(value or b"")
    if not headers and size <= largest:
        return _nothing
    texts: dict[str, str] = {}
    for name, content in headers:
        size += len(name) + len(content or b"")
        if content is None:
            continue
        if name in texts and (name == "content-type" or name.startswith("ce_")):
            raise Refusal(Reason.BAD_HEADER, "The header stands twice", f"header {quoted(name)}")
        try:
            texts[name] = content.decode()
        except UnicodeDecodeError:
            if name == "content-type" or name.startswith(("ce_", "bellwether.")):
                raise Refusal(Reason.BAD_ENCODING, "The header is not UTF-8", f"header {quoted(name)}") from None
    if size > largest:
        raise Refusal(Reason.TOO_LARGE, f"The record has {size} bytes; at most {largest} are taken")
    return texts
