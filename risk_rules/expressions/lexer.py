"""Cuts the text of an expression into tokens, by the lexis of the CEL specification."""

import re
from enum import Enum, auto
from typing import NamedTuple

from risk_rules.expressions.fault import ExpressionError

LEAST_INT, GREATEST_INT = -(2**63), 2**63 - 1

# fmt: off
RESERVED = frozenset({
    "as", "break", "const", "continue", "else", "for", "function", "if", "import", "let", "loop", "package",
    "namespace", "return", "var", "void", "while",
})
# fmt: on
ESCAPES = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"} | {c: c for c in "\\?\"'`"}


class Token(Enum):
    NUMBER = auto()
    STRING = auto()
    NAME = auto()
    MARK = auto()
    END = auto()


class Lexeme(NamedTuple):
    """A token with the characters `start` to `end`. `value` is the number or text, the name, or the mark itself."""

    token: Token
    value: int | float | str
    start: int
    end: int


_BLANK = re.compile(r"(?:[\t\n\f\r ]+|//[^\r\n]*)*")
_PIECE = re.compile(
    r"""(?P<float>[0-9]*\.[0-9]+(?:[eE][+-]?[0-9]+)?|[0-9]+[eE][+-]?[0-9]+)
    |(?P<hex>0x[0-9a-fA-F]+)
    |(?P<int>[0-9]+)
    |(?P<text>[rR]?(?:\"\"\"(?:[^\\]|\\.)*?\"\"\"|'''(?:[^\\]|\\.)*?'''|"(?:[^"\\\r\n]|\\[^\r\n])*"|'(?:[^'\\\r\n]|\\[^\r\n])*'))
    |(?P<name>[_a-zA-Z][_a-zA-Z0-9]*)
    |(?P<mark>&&|\|\||==|!=|<=|>=|[-+*/%<>!?:(),.\[\]{}])""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(
    r"\\(?:[xX](?P<x>[0-9a-fA-F]{2})|u(?P<u>[0-9a-fA-F]{4})|U(?P<U>[0-9a-fA-F]{8})|(?P<o>[0-3][0-7]{2})|(?P<c>.)|$)",
    re.DOTALL,
)


def next_lexeme(text: str, position: int) -> Lexeme:
    """The token at or after `position`. Raises `ExpressionError`."""
    blank = _BLANK.match(text, position)
    start = blank.end() if blank else position
    if start >= len(text):
        return Lexeme(Token.END, "", start, start)
    piece = _PIECE.match(text, start)
    if piece is None:
        raise _unreadable(text, start)
    kind, word, end = str(piece.lastgroup), piece[0], piece.end()
    match kind:
        case "float" | "hex" | "int":
            _refuse_letter(text, end)
            return Lexeme(Token.NUMBER, _number(kind, word, start), start, end)
        case "text":
            return Lexeme(Token.STRING, _string(word, start), start, end)
        case "name" if word in RESERVED:
            raise ExpressionError(start, f"{word} is a reserved word", "choose another name")
        case "name":
            return Lexeme(Token.NAME, word, start, end)
        case _:
            return Lexeme(Token.MARK, word, start, end)


def _unreadable(text: str, start: int) -> ExpressionError:
    character = text[start]
    if character in "\"'":
        return ExpressionError(start, "a text that does not end", f"close it with {character}")
    hint = {"&": "and is &&", "|": "or is ||", "=": "equal is ==", ";": "leave it out"}.get(character, "remove it")
    return ExpressionError(start, f"{character!r} has no meaning here", hint)


def _refuse_letter(text: str, end: int) -> None:
    if text[end : end + 1] in ("u", "U"):
        raise ExpressionError(end, "unsigned numbers are not known here", "leave the u out")
    if text[end : end + 1].isalpha():
        raise ExpressionError(end, "a letter follows a number", "put an operator between them")


def _number(kind: str, word: str, start: int) -> int | float:
    if len(word) > 400:
        raise ExpressionError(start, "the number is too long")
    if kind == "float":
        value = float(word)
        if value in (float("inf"), float("-inf")):
            raise ExpressionError(start, f"{word} is too great for a double", "the greatest is about 1.8e308")
        return value
    whole = int(word, 16 if kind == "hex" else 10)
    if whole > GREATEST_INT:
        raise ExpressionError(
            start, f"{word} is too great for an int", f"the greatest is {GREATEST_INT}; or write {word}.0"
        )
    return whole


def _string(word: str, start: int) -> str:
    raw = word[0] in "rR"
    body = word[1:] if raw else word
    quotes = 3 if body[:3] in ('"""', "'''") and len(body) >= 6 else 1
    inner = body[quotes:-quotes]
    if raw:
        return inner
    shift = start + quotes

    def meaning(escape: re.Match[str]) -> str:
        if code := escape["x"] or escape["u"] or escape["U"]:
            return _character(int(code, 16), shift + escape.start())
        if octal := escape["o"]:
            return chr(int(octal, 8))
        if (character := escape["c"]) in ESCAPES:
            return ESCAPES[character]
        raise ExpressionError(
            shift + escape.start(), f"{escape[0]} is no escape sequence", "a backslash itself is \\\\"
        )

    return _ESCAPE.sub(meaning, inner)


def _character(code: int, offset: int) -> str:
    if code > 0x10FFFF or 0xD800 <= code <= 0xDFFF:
        raise ExpressionError(offset, f"U+{code:X} is no character")
    return chr(code)
