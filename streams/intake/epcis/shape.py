"""Holds JSON that was read against a shape, and says where it does not fit. Pure."""

import re
from functools import cache
from typing import Any, NamedTuple, TypeVar, cast

import msgspec
from msgspec import inspect

from streams.intake import json_text
from streams.intake.epcis.schema import Event, Shape, custom
from streams.intake.refusal import Reason, Refusal, quoted
from streams.intake.uri import is_uri

S = TypeVar("S", bound=msgspec.Struct)


class _Names(NamedTuple):
    """What names a shape knows, what of them holds shapes again, and whether other names are checked: a partner's own are URIs."""

    known: frozenset[str]
    below: tuple[tuple[str, type[msgspec.Struct]], ...]
    takes_more: bool


_missing = re.compile(r"Object missing required field `(.+)`")
_unknown = re.compile(r"Object contains unknown field `(.+)`")


def fitted(raw: object, shape: type[S], place: str) -> S:
    """The value in its shape. Raises `Refusal` with the JSON path of what does not fit."""
    try:
        value = msgspec.convert(raw, shape, dec_hook=custom)
    except msgspec.ValidationError as fault:
        raise _refusal(str(fault), place) from None
    _check_names(raw, shape, place)
    return value


def _refusal(fault: str, place: str) -> Refusal:
    message, path = json_text.at_path(fault)
    path = place + path.removeprefix("$")
    missing, unknown = _missing.fullmatch(message), _unknown.fullmatch(message)
    if missing is not None:
        return Refusal(Reason.MISSING_VALUE, f"`{missing[1]}` is missing", f"{path}.{missing[1]}")
    if unknown is not None:
        return Refusal(Reason.BAD_FIELD, f"EPCIS 2.0 knows no {quoted(unknown[1])} here", f"{path}.{unknown[1]}")
    reason = Reason.BAD_TIME if "RFC 3339" in message else Reason.BAD_FIELD
    return Refusal(reason, message, path)


@cache
def _names(shape: type[msgspec.Struct]) -> _Names:
    fields = cast("inspect.StructType", inspect.type_info(shape)).fields
    below = [(field.encode_name, inner) for field in fields if (inner := _inner(field.type)) is not None]
    checked = tuple((name, inner) for name, inner in below if _names(inner).takes_more or _names(inner).below)
    takes_any = shape is Event  # of a type of a partner's own, whose names are its own too
    takes_more = issubclass(shape, Shape) and not takes_any and not shape.__struct_config__.forbid_unknown_fields
    return _Names(frozenset(shape.__struct_encode_fields__), checked, takes_more)


def _inner(kind: inspect.Type) -> type[msgspec.Struct] | None:
    """The shape that a field holds, alone or many times."""
    match kind:
        case inspect.StructType():
            return kind.cls
        case inspect.VarTupleType():
            return _inner(kind.item_type)
        case inspect.UnionType():
            return next((inner for one in kind.types if (inner := _inner(one)) is not None), None)
        case inspect.Metadata():
            return _inner(kind.type)
        case _:
            return None


def _check_names(raw: object, shape: type[msgspec.Struct], place: str) -> None:
    """Names that a shape does not know must be URIs, at every level; the value is known to fit."""
    expected, found = _names(shape), cast("dict[str, Any]", raw)
    if expected.takes_more:
        for name in found.keys() - expected.known:
            if not is_uri(name):
                message = f"EPCIS 2.0 knows no {quoted(name)} here; a partner's own name is a URI or has a prefix"
                raise Refusal(Reason.BAD_FIELD, message, f"{place}.{quoted(name)}")
    for name, inner in expected.below:
        value = found.get(name)
        if isinstance(value, list):
            for position, one in enumerate(cast("list[object]", value)):
                _check_names(one, inner, f"{place}.{name}[{position}]")
        elif value is not None:
            _check_names(value, inner, f"{place}.{name}")
