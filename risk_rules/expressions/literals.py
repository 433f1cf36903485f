"""What the numbers and texts of an expression stand for."""

import re

from risk_rules.expressions.fault import ExpressionError
from risk_rules.expressions.types import UInt

LEAST_INT, GREATEST_INT = -(2**63), 2**63 - 1
GREATEST_UINT = 2**64 - 1
LONGEST_NUMBER = 400
ESCAPES = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"} | {c: c for c in "\\?\"'`"}

_ESCAPE = re.compile(
    r"\\(?:[xX](?P<x>[0-9a-fA-F]{2})|u(?P<u>[0-9a-fA-F]{4})|U(?P<U>[0-9a-fA-F]{8})|(?P<o>[0-3][0-7]{2})|(?P<c>.)|$)",
    re.DOTALL,
)


def number(word: str, start: int) -> int | float:
    """The number that is written so. An int may be 2**63, for a minus may stand before it. Raises `ExpressionError`."""
    end = start + len(word)
    if len(word) > LONGEST_NUMBER:
        raise ExpressionError(start, "the number is too long", end=end)
    hexadecimal = word.startswith("0x")
    if not hexadecimal and not word.isdigit() and word[-1] not in "uU":
        value = float(word)
        if value == float("inf"):
            raise ExpressionError(start, f"{word} is too great for a double", "the greatest is about 1.8e308", end=end)
        return value
    whole = int(word.rstrip("uU"), 16 if hexadecimal else 10)
    if word[-1] in "uU":
        if whole > GREATEST_UINT:
            raise ExpressionError(start, f"{word} is too great for a uint", f"the greatest is {GREATEST_UINT}", end=end)
        return UInt(whole)
    if whole > GREATEST_INT + 1:
        raise too_great(word, start)
    return whole


def too_great(word: str, start: int) -> ExpressionError:
    """For an int beyond 64 bits."""
    hint = f"the greatest is {GREATEST_INT}; or write {word}.0"
    return ExpressionError(start, f"{word} is too great for an int", hint, end=start + len(word))


def text_of(word: str, start: int) -> str | bytes:
    """The string or bytes that is written so, with its prefix and quotes. Raises `ExpressionError`."""
    opening = min(at for at in (word.find('"'), word.find("'")) if at >= 0)
    prefix, body = word[:opening].lower(), word[opening:]
    quotes = 3 if body[:3] in ('"""', "'''") and len(body) >= 6 else 1
    inner, shift = body[quotes:-quotes], start + opening + quotes
    if "b" in prefix:
        return inner.encode() if "r" in prefix else _bytes(inner, shift)
    return inner if "r" in prefix else _string(inner, shift)


def _string(inner: str, shift: int) -> str:
    def meaning(escape: re.Match[str]) -> str:
        if code := escape["x"] or escape["u"] or escape["U"]:
            return _character(int(code, 16), shift + escape.start(), shift + escape.end())
        if octal := escape["o"]:
            return chr(int(octal, 8))
        return _simple(escape, shift)

    return _ESCAPE.sub(meaning, inner)


def _bytes(inner: str, shift: int) -> bytes:
    """In bytes an escape stands for one byte, and there are none for characters."""
    pieces: list[bytes] = []
    position = 0
    for escape in _ESCAPE.finditer(inner):
        pieces.append(inner[position : escape.start()].encode())
        position = escape.end()
        if escape["u"] or escape["U"]:
            raise ExpressionError(
                shift + escape.start(),
                f"{escape[0]} cannot stand in bytes",
                "write the character itself, or its bytes as \\x..",
                end=shift + escape.end(),
            )
        code = int(escape["x"], 16) if escape["x"] else int(escape["o"], 8) if escape["o"] else None
        pieces.append(_simple(escape, shift).encode() if code is None else bytes([code]))
    return b"".join([*pieces, inner[position:].encode()])


def _simple(escape: re.Match[str], shift: int) -> str:
    if (character := escape["c"]) in ESCAPES:
        return ESCAPES[character]
    start, end = shift + escape.start(), shift + escape.end()
    raise ExpressionError(start, f"{escape[0]} is no escape sequence", "a backslash itself is \\\\", end=end)


def _character(code: int, offset: int, end: int) -> str:
    if code > 0x10FFFF or 0xD800 <= code <= 0xDFFF:
        raise ExpressionError(offset, f"U+{code:X} is no character", end=end)
    return chr(code)
