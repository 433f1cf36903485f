"""JSON that has one form only (RFC 8785), so that a hash of it means the same everywhere, and the column that keeps it."""

import json
from typing import Any

import rfc8785
from sqlalchemy import Text
from sqlalchemy.types import TypeDecorator


class NotCanonicalError(ValueError):
    """The value has no canonical JSON; the message says what stands in the way."""


def canonical(value: Any) -> bytes:
    """The value as RFC 8785 writes it, in UTF-8.

    Numbers are those of I-JSON (RFC 7493): whole ones within ±(2^53 - 1), others finite; 1.0 and 1 are the same. Raises
    NotCanonicalError for any other number, for text with half a surrogate pair, for keys that are no text, and for what
    JSON does not know, such as a date.
    """
    try:
        return rfc8785.dumps(value)
    except (rfc8785.CanonicalizationError, UnicodeEncodeError, RecursionError) as error:
        raise NotCanonicalError(f"this has no canonical JSON: {error}") from None


def read_canonical(text: str | bytes) -> Any:
    """The value of canonical JSON, such that `canonical` gives the same text again.

    RFC 8785 writes 9007199254740992.0 and the like without point or exponent; whole numbers so great are doubles.
    """
    return json.loads(text, parse_int=_whole)


def _whole(digits: str) -> int | float:
    number = int(digits)
    return number if abs(number) < 2**53 else float(digits)


class CanonicalJson(TypeDecorator[Any]):
    """A JSON value, kept as its canonical text; None is NULL.

    As text, because a database's own JSON rewrites numbers, or keeps a key twice that readers take for once.
    """

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Any) -> str | None:
        return None if value is None else canonical(value).decode()

    def process_result_value(self, value: str | None, dialect: Any) -> Any:
        return None if value is None else read_canonical(value)
