"""The context attributes of a CloudEvent, checked as the standard says (CloudEvents 1.0.2, "Context Attributes").

Nothing is invented: an attribute that is missing stays missing, or the event is refused.
"""

import re
from typing import Any

from streams.intake.refusal import Reason, Refusal, quoted
from streams.intake.remembered import remembered
from streams.intake.uri import is_reference, is_uri

REQUIRED = ("specversion", "id", "source", "type")
DATA_MEMBERS = ("data", "data_base64")
_STEADY = frozenset({"specversion", "source", "type", "datacontenttype", "dataschema", "siteid", "partnerid"})
"""Attributes that are the same in most events of a feed: what was found good is remembered, as far as it is short."""

LONGEST_KEPT, MOST_KEPT = 200, 4096
_good: set[tuple[str, str]] = set()

_name = re.compile(r"[a-z0-9]+")
_disallowed = re.compile(
    "[\x00-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff"
    + "".join(f"{chr(plane * 0x10000 + 0xFFFE)}{chr(plane * 0x10000 + 0xFFFF)}" for plane in range(1, 17))
    + "]"
)
_rfc3339 = re.compile(r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:[Zz]|[+-]\d{2}:\d{2})", re.ASCII)
_word = r"[A-Za-z0-9!#$%&'*+.^_`|~\-]+"
_media_type = re.compile(rf'{_word}/{_word}(?:[ \t]*;[ \t]*{_word}=(?:{_word}|"(?:[^"\\\r\n]|\\.)*"))*[ \t]*')
_int32 = range(-(2**31), 2**31)


def checked(event: dict[str, Any]) -> dict[str, Any]:
    """The event without its unset (null) attributes. Raises `Refusal` with the name of the attribute at fault."""
    present = {name: value for name, value in event.items() if value is not None or name == "data"}
    for name in REQUIRED:
        if name not in present:
            raise Refusal(Reason.MISSING_ATTRIBUTE, f"The required attribute `{name}` is missing", f"$.{name}")
    for attribute in present.items():
        name, value = attribute
        if name in DATA_MEMBERS:
            continue
        if type(value) is not str:
            _check_other(name, value)
        elif attribute not in _good:
            _check_text(name, value)
            if name in _STEADY and len(value) <= LONGEST_KEPT:
                if len(_good) >= MOST_KEPT:
                    _good.clear()
                _good.add((name, value))
    return present


def _check_text(name: str, value: str) -> None:
    if not value.isprintable() and _disallowed.search(value):
        raise _bad(name, "holds a control character or noncharacter")
    rule = _rules.get(name)
    if rule is not None:
        rule(name, value)
    elif not _is_name(name):
        raise _bad(name, "is no name of an attribute: only a to z and 0 to 9")


@remembered(256)
def is_json(media_type: str) -> bool:
    """Whether data of this media type is JSON: subtype `json` or a `+json` suffix (JSON format, section 3.1.1)."""
    essence = media_type.partition(";")[0].strip().lower()
    subtype = essence.partition("/")[2]
    return subtype == "json" or subtype.endswith("+json")


def _check_other(name: str, value: object) -> None:
    if name in _rules:
        raise _bad(name, "must be a text")
    if not _is_name(name):
        raise _bad(name, "is no name of an attribute: only a to z and 0 to 9")
    if type(value) is bool or (type(value) is int and value in _int32):
        return
    raise _bad(name, "must be a text, a boolean or a 32-bit integer")


def _bad(name: str, what: str) -> Refusal:
    shown = name if _name.fullmatch(name) else quoted(name)
    return Refusal(Reason.BAD_ATTRIBUTE, f"The attribute {shown} {what}", f"$.{shown}")


def _not_empty(name: str, value: str) -> None:
    if not value:
        raise _bad(name, "must not be empty")


def _version(name: str, value: str) -> None:
    if value != "1.0":
        raise _bad(name, f"must be '1.0', not {quoted(value)}")


def _source(name: str, value: str) -> None:
    if not value or not is_reference(value):
        raise _bad(name, f"must be a URI reference (RFC 3986), not {quoted(value)}")


def _schema(name: str, value: str) -> None:
    if not is_uri(value):
        raise _bad(name, f"must be an absolute URI (RFC 3986), not {quoted(value)}")


def _media(name: str, value: str) -> None:
    if not _is_media_type(value):
        raise _bad(name, f"must be a media type (RFC 2046), not {quoted(value)}")


@remembered(1024)
def _is_name(text: str) -> bool:
    return _name.fullmatch(text) is not None


@remembered(256)
def _is_media_type(text: str) -> bool:
    return _media_type.fullmatch(text) is not None


def _timestamp(name: str, value: str) -> None:
    if _rfc3339.fullmatch(value) is None:
        message = f"`{name}` must be an RFC 3339 time with an offset, such as 2026-01-31T08:00:00Z, not {quoted(value)}"
        raise Refusal(Reason.BAD_TIME, message, f"$.{name}")


_rules = {
    "specversion": _version,
    "id": _not_empty,
    "source": _source,
    "type": _not_empty,
    "subject": _not_empty,
    "datacontenttype": _media,
    "dataschema": _schema,
    "time": _timestamp,
    "recordedtime": _timestamp,
}
