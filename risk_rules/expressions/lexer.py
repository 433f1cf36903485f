"""Cuts the text of an expression into tokens, by the lexis of the CEL specification."""

import re
from enum import Enum, auto
from typing import NamedTuple

from risk_rules.expressions.fault import ExpressionError
from risk_rules.expressions.literals import GREATEST_INT, LEAST_INT, number, text_of

__all__ = ["GREATEST_INT", "LEAST_INT", "RESERVED", "Lexeme", "Token", "next_lexeme"]

# fmt: off
RESERVED = frozenset({
    "as", "break", "const", "continue", "else", "for", "function", "if", "import", "let", "loop", "package",
    "namespace", "return", "var", "void", "while",
})
# fmt: on


class Token(Enum):
    NUMBER = auto()
    STRING = auto()
    NAME = auto()
    QUOTED_NAME = auto()
    MARK = auto()
    END = auto()


class Lexeme(NamedTuple):
    """A token with the characters `start` to `end`. `value` is the number or text, the name, or the mark itself."""

    token: Token
    value: int | float | str | bytes
    start: int
    end: int

    def shown(self) -> str:
        """As it is called in an error."""
        return "the end" if self.token is Token.END else str(self.value)


_BLANK = re.compile(r"(?:[\t\n\f\r ]+|//[^\r\n]*)*")
_PIECE = re.compile(
    r"""(?P<float>[0-9]*\.[0-9]+(?:[eE][+-]?[0-9]+)?|[0-9]+[eE][+-]?[0-9]+)
    |(?P<int>(?:0x[0-9a-fA-F]+|[0-9]+)[uU]?)
    |(?P<text>(?:[bB]?[rR](?:\"\"\"(?s:.*?)\"\"\"|'''(?s:.*?)'''|"[^"\r\n]*"|'[^'\r\n]*')
        |[bB]?(?:\"\"\"(?:[^\\]|\\.)*?\"\"\"|'''(?:[^\\]|\\.)*?'''|"(?:[^"\\\r\n]|\\[^\r\n])*"|'(?:[^'\\\r\n]|\\[^\r\n])*')))
    |(?P<name>[_a-zA-Z][_a-zA-Z0-9]*)
    |`(?P<quoted>[a-zA-Z0-9_.\-/ ]+)`
    |(?P<mark>&&|\|\||==|!=|<=|>=|[-+*/%<>!?:(),.\[\]{}])""",
    re.VERBOSE | re.DOTALL,
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
        case "float" | "int":
            return Lexeme(Token.NUMBER, number(word, start), start, end)
        case "text":
            return Lexeme(Token.STRING, text_of(word, start), start, end)
        case "name":
            return Lexeme(Token.NAME, word, start, end)
        case "quoted":
            return Lexeme(Token.QUOTED_NAME, piece["quoted"], start, end)
        case _:
            return Lexeme(Token.MARK, word, start, end)


def _unreadable(text: str, start: int) -> ExpressionError:
    character = text[start]
    if character in "\"'":
        return ExpressionError(start, "a text that does not end", f"close it with {character}", end=len(text))
    hint = {"&": "and is &&", "|": "or is ||", "=": "equal is ==", ";": "leave it out"}.get(character, "remove it")
    return ExpressionError(start, f"{character!r} has no meaning here", hint)
