"""What a feature is: something known of a subject, by name, with its type, its unit and its meaning."""

import msgspec

from risk_rules.expressions.types import Type


class Feature(msgspec.Struct, frozen=True):
    """Something known of a subject. `unit` is empty where there is none; `uom` is the unit of the material.

    `among`: all that a text can be, where that is known. `signed`: a number that may be below zero.
    """

    name: str
    type: Type
    unit: str
    meaning: str
    among: tuple[str, ...] = ()
    signed: bool = False


COUNTS = Type.map(Type.STRING, Type.INT)
"""Counts by day (ISO 8601), for `count_within`."""

SERIES = Type.list(Type.list(Type.DYN))
"""[day, value] in order of time, for `trend`."""
