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
    },
    constants={"limit": 10, "word": "open"},
)
UNKNOWN: dict[str, Any] = dict.fromkeys(ENVIRONMENT.features)


def value(text: str, features: Mapping[str, Any] = {}) -> Any:
    """What the expression gives; None when unknown. Features that are not given are null."""
    return values([check(parse(text), ENVIRONMENT)])(UNKNOWN | dict(features))[0]


def fires(text: str, features: Mapping[str, Any] = {}) -> bool:
    """Whether a rule with this condition fires."""
    found = selection([check(parse(text), ENVIRONMENT, (Type.BOOL,))], [lambda _: "fired"])
    return found(UNKNOWN | dict(features)) == ("fired",)
