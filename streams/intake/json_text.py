"""JSON from outside: strict where Python's readers are lenient, bounded, and with a place for each fault.

Two keys of one name in one object are refused: which of them counts is not defined (RFC 8259, section 4), and the
partner meant something by the other. The check costs one encoding: each dropped key takes at least one colon with it.
"""

import json
import re
from typing import Any, cast

import msgspec

from streams.intake.refusal import Reason, Refusal, quoted

DEEPEST = 64
"""Levels of nesting. A bound of our own, since that of the decoder depends on the depth of the caller."""

_decoder = msgspec.json.Decoder()
_encoder = msgspec.json.Encoder()
_byte_offset = re.compile(r"\(byte (\d+)\)")
_escape = b"\\u"
_nul = b"\\u0000"
_escaped_colon = b"\\u003"


def encode(value: object) -> bytes:
    """Compact UTF-8 JSON."""
    return _encoder.encode(value)


def parse(text: bytes) -> Any:
    """The value in `text`. Raises `Refusal` with line and column, or the JSON path, of the fault."""
    try:
        value = _decoder.decode(text)
    except UnicodeDecodeError:
        raise _bad_utf8(text) from None
    except msgspec.DecodeError as fault:
        raise _bad_json(text, str(fault)) from None
    except RecursionError:
        raise _too_deep("") from None
    if text.count(b"{") + text.count(b"[") > DEEPEST:
        _check_depth(value)
    escaped = _escape in text
    if (escaped and _escaped_colon in text) or text.count(b":") != _encoder.encode(value).count(b":"):
        _check_keys(text)
    if escaped and _nul in text:
        place = line_and_column(text, text.index(_nul))
        raise Refusal(Reason.BAD_JSON, "A text holds the character U+0000, which cannot be stored", place)
    return value


def line_and_column(text: bytes, offset: int) -> str:
    """The place of a byte, both counted from 1; the column in bytes."""
    line = text.count(b"\n", 0, offset) + 1
    column = offset - text.rfind(b"\n", 0, offset)
    return f"line {line}, column {column}"


def _bad_utf8(text: bytes) -> Refusal:
    try:
        text.decode()
    except UnicodeDecodeError as fault:
        return Refusal(Reason.BAD_ENCODING, "The text is not UTF-8; send UTF-8", line_and_column(text, fault.start))
    return Refusal(Reason.BAD_JSON, "A text holds half of a surrogate pair")


def _bad_json(text: bytes, fault: str) -> Refusal:
    offset = _byte_offset.search(fault)
    if offset is not None:
        return Refusal(Reason.BAD_JSON, fault[: offset.start()].strip(), line_and_column(text, int(offset[1])))
    if "truncated" in fault:
        return Refusal(Reason.BAD_JSON, "The JSON ends too early", line_and_column(text, len(text)))
    return Refusal(Reason.BAD_JSON, *at_path(fault))


def at_path(fault: str) -> tuple[str, str]:
    """Message and JSON path of a fault that msgspec found."""
    message, _, path = fault.partition(" - at `")
    return message, path.rstrip("`") or "$"


def _too_deep(place: str) -> Refusal:
    return Refusal(Reason.TOO_DEEP, f"Nested more than {DEEPEST} levels deep", place)


def _check_depth(value: Any) -> None:
    """Walks level by level, so that no input makes it recurse."""
    level: list[Any] = [value]
    for _ in range(DEEPEST + 1):
        below: list[Any] = []
        for node in level:
            if isinstance(node, dict):
                below.extend(cast("dict[str, Any]", node).values())
            elif isinstance(node, list):
                below.extend(cast("list[Any]", node))
        if not below:
            return
        level = below
    raise _too_deep("")


def _check_keys(text: bytes) -> None:
    """The slow reader that sees every key; the text is known to be well formed and not deep."""

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            names = [name for name, _ in pairs]
            twice = next(name for name in names if names.count(name) > 1)
            raise Refusal(
                Reason.DUPLICATE_KEY, f"The key {quoted(twice)} stands twice in one object", _second(text, twice)
            )
        return found

    json.loads(text, object_pairs_hook=unique)


def _second(text: bytes, name: str) -> str:
    """Where the name stands for the second time; near enough when other objects have it too."""
    key = _encoder.encode(name)
    first = text.find(key)
    second = text.find(key, first + 1)
    return line_and_column(text, second) if second >= 0 else f"key {quoted(name)}"
