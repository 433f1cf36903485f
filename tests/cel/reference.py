"""What Google's own implementation makes of an expression, and whether ours makes the same of it."""

from typing import Any

from cel_expr_python import cel

from risk_rules.expressions.checker import Environment, check
from risk_rules.expressions.fault import ExpressionError
from risk_rules.expressions.parser import parse
from risk_rules.expressions.program import values
from risk_rules.expressions.types import NOTHING, Type, UInt
from tests.cel.expressions import Generated
from tests.cel.scribe import FEATURES

ERROR = "error"
"""An error of the check or of the evaluation: which of the two is told apart by neither."""

_PLAIN = {
    Type.BOOL: cel.Type.BOOL, Type.INT: cel.Type.INT, Type.UINT: cel.Type.UINT, Type.DOUBLE: cel.Type.DOUBLE,
    Type.STRING: cel.Type.STRING, Type.BYTES: cel.Type.BYTES, Type.TIMESTAMP: cel.Type.TIMESTAMP,
    Type.DURATION: cel.Type.DURATION, Type.DYN: cel.Type.DYN,
}  # fmt: skip


def _declared(kind: Type) -> Any:
    parts = [_declared(part) for part in kind.parameters]
    return cel.Type.List(*parts) if len(parts) == 1 else cel.Type.Map(*parts) if parts else _PLAIN[kind]


THEIRS = cel.NewEnv(variables={name: _declared(kind) for name, kind in FEATURES.items()})
OURS = Environment(features=FEATURES)


def theirs(case: Generated) -> tuple[Any, str]:
    """The value with its type, or the error; and what was said of the error."""
    try:
        result = THEIRS.compile(case.text).eval(data=case.features)
    except Exception as error:
        return ERROR, str(error)
    kind = result.type().name()
    if kind == "ERROR":
        return ERROR, str(result.value())
    return _plain(result.plain_value(), unsigned=kind == "UINT"), ""


def ours(case: Generated) -> tuple[Any, str]:
    features = dict.fromkeys(FEATURES) | case.features
    try:
        checked = check(parse(case.text), OURS)
    except ExpressionError as error:
        return ERROR, error.message
    value = values([checked])(features)[0]
    return (ERROR, "unknown") if value is None else (_own(value), "")


def agree(one: Any, other: Any) -> bool:
    """Whether two outcomes are one: values of one kind, equal in all that is in them."""
    if type(one) is not type(other):
        return False
    if isinstance(one, float):
        return one == other or (one != one and other != other)
    if isinstance(one, tuple):
        return len(one) == len(other) and all(agree(a, b) for a, b in zip(one, other, strict=True))
    return one == other


def departs(case: Generated, said: str) -> bool:
    """Whether the difference is one that is listed: whole numbers and doubles mix here, and CEL refuses them."""
    mixed = ("(int, double)", "(double, int)", "(bool, int, double)", "(bool, double, int)")
    mixed += ("(int, list(double))", "(double, list(int))", "(double, map(int, string))")
    return "no matching overload" in said and any(pair in said for pair in mixed)


def _plain(value: Any, *, unsigned: bool = False) -> Any:
    if isinstance(value, list | tuple):
        return ("list", *(_plain(item) for item in value))
    if isinstance(value, dict):
        return ("map", *sorted((repr(key), _plain(item)) for key, item in value.items()))
    if isinstance(value, bytearray):
        return bytes(value)
    if isinstance(value, cel.Type):
        return ("type", value.name().partition("<")[0].lower())
    return UInt(value) if unsigned else value


def _own(value: Any, *, inner: bool = False) -> Any:
    if isinstance(value, list | tuple):
        return ("list", *(_own(item, inner=True) for item in value))
    if isinstance(value, dict):
        return ("map", *sorted((repr(_own(key, inner=True)), _own(item, inner=True)) for key, item in value.items()))
    if isinstance(value, Type):
        return ("type", str(value))
    if value is NOTHING:
        return None
    return int(value) if inner and isinstance(value, UInt) else value
