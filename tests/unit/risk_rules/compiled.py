"""Expressions over a few features, compiled as a rulebook compiles them."""

from collections.abc import Mapping
from typing import Any

from risk_rules.expressions.checker import Environment, check
from risk_rules.expressions.parser import parse
from risk_rules.expressions.program import selection, values
from risk_rules.expressions.types import Type

ENVIRONMENT = Environment(
    features={
        "a": Type.INT,
        "b": Type.INT,
        "x": Type.DOUBLE,
        "y": Type.DOUBLE,
        "p": Type.BOOL,
        "q": Type.BOOL,
        "s": Type.STRING,
        "on": Type.DATE,
        "until": Type.DATE,
        "t": Type.TIMESTAMP,
        "v": Type.TIMESTAMP,
        "g": Type.DURATION,
        "li": Type.list(Type.INT),
        "ld": Type.list(Type.DOUBLE),
        "ls": Type.list(Type.STRING),
        "m": Type.map(Type.STRING, Type.INT),
        "by_day": Type.map(Type.DATE, Type.INT),
        "days_left": Type.DOUBLE,
        "hours": Type.INT,
        "share": Type.DOUBLE,
    },
    constants={"limit": 10, "word": "open", "margin_days": 7},
    units={"days_left": "days", "hours": "h", "margin_days": "days"},
)
UNKNOWN: dict[str, Any] = dict.fromkeys(ENVIRONMENT.features)


def value(text: str, features: Mapping[str, Any] = {}) -> Any:
    """What the expression gives; None when unknown. Features that are not given are null."""
    return values([check(parse(text), ENVIRONMENT)])(UNKNOWN | dict(features))[0]


def fires(text: str, features: Mapping[str, Any] = {}) -> bool:
    """Whether a rule with this condition fires."""
    found = selection([check(parse(text), ENVIRONMENT, (Type.BOOL,))], [lambda _: "fired"])
    return found(UNKNOWN | dict(features)) == ("fired",)
