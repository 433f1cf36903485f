"""Reads the test vectors of google/cel-spec: what an expression over some variables comes to, by protobuf's JSON."""

import base64
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from risk_rules.expressions.types import NOTHING, Type, UInt

VECTORS = Path(__file__).with_name("vectors")
FILES = sorted(VECTORS.glob("*.json"))

PRIMITIVES = {
    "BOOL": Type.BOOL, "INT64": Type.INT, "UINT64": Type.UINT, "DOUBLE": Type.DOUBLE, "STRING": Type.STRING,
    "BYTES": Type.BYTES,
}  # fmt: skip
MESSAGES = {"google.protobuf.Timestamp": Type.TIMESTAMP, "google.protobuf.Duration": Type.DURATION}
TYPE_NAMES = {"null_type": Type.NULL, **MESSAGES}


@dataclass(frozen=True, kw_only=True)
class Case:
    """`value` is what must come out, None for an error; `unchecked` says that the vector skips the check of types.

    `type` is what the check must find, where the vector says; one that is only checked has `evaluated` false.
    """

    file: str
    name: str
    text: str
    value: Any
    type: Type | None
    types: Mapping[str, Type]
    bindings: Mapping[str, Any]
    unchecked: bool
    evaluated: bool


def cases(path: Path) -> Iterator[Case]:
    for case in json.loads(path.read_text())["cases"]:
        yield Case(
            file=path.stem,
            name=case["name"],
            text=case["expr"],
            value=_value(case["value"]) if "value" in case else None,
            type=_type(case["type"]) if "type" in case else None,
            types={one["name"]: _type(one["ident"]["type"]) for one in case.get("typeEnv", ())},
            bindings={name: _value(bound["value"]) for name, bound in case.get("bindings", {}).items()},
            unchecked=case.get("unchecked", False),
            evaluated="value" in case or "error" in case,
        )


def outside(path: Path) -> Mapping[str, int]:
    """How many cases of the file are about what the language has not, by what that is."""
    return json.loads(path.read_text())["outside"]


def _value(written: Mapping[str, Any]) -> Any:
    ((kind, value),) = written.items()
    match kind:
        case "int64Value":
            return int(value)
        case "uint64Value":
            return UInt(value)
        case "doubleValue":
            return float(value)
        case "bytesValue":
            return base64.b64decode(value)
        case "nullValue":
            return NOTHING
        case "typeValue":
            return TYPE_NAMES.get(value, Type(value))
        case "listValue":
            return [_value(item) for item in value.get("values", ())]
        case "mapValue":
            return {_value(entry["key"]): _value(entry["value"]) for entry in value.get("entries", ())}
        case "objectValue":
            return _moment(value)
        case _:
            return value


def _moment(written: Mapping[str, str]) -> datetime | timedelta:
    value = written["value"]
    if written["@type"].endswith("Duration"):
        return timedelta(seconds=float(value.removesuffix("s")))
    return datetime.fromisoformat(re.sub(r"(\.\d{6})\d*", r"\1", value)).astimezone(UTC)


def _type(written: Mapping[str, Any]) -> Type:
    ((kind, value),) = written.items()
    match kind:
        case "primitive":
            return PRIMITIVES[value]
        case "messageType":
            return MESSAGES[value]
        case "wellKnown":
            return {"TIMESTAMP": Type.TIMESTAMP, "DURATION": Type.DURATION}[value]
        case "listType":
            return Type.list(_type(value["elemType"]))
        case "mapType":
            return Type.map(_type(value["keyType"]), _type(value["valueType"]))
        case "null":
            return Type.NULL
        case _:
            return Type.DYN
