"""What a rulebook's files say, as msgspec structs: the published JSON Schema is made from them."""

from typing import TypeAlias

import msgspec

Formula: TypeAlias = str | int | float | bool
"""An expression; a number or a truth value needs no quotes in YAML."""


class FactorText(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`of` is a feature; `points` is what it adds to the score."""

    of: str
    points: Formula


class RuleText(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A rule as it stands in the file.

    `when` must be surely true for the rule to find anything. `severity` comes down to watch, warning, critical, or null
    for a score without an alert; where it cannot be worked out it is watch, so that nothing is lost. `likelihood` 0 to
    1. `summary`, `advice` and `unit` are templates. `stands_hours` is how long the risk must stand before its alert may be
    more than watch: for what a late booking can feign.
    """

    id: str
    subject: str
    kind: str
    when: Formula
    summary: str
    severity: str | None = None
    score: Formula | None = None
    likelihood: Formula | None = None
    stands_hours: Formula | None = None
    impact_on: str | None = None
    quantity: Formula | None = None
    unit: str = ""
    factors: tuple[FactorText, ...] = ()
    advice: str = ""
    owner: str | None = None


class ParameterText(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A number or text that rules use by name. `meaning` says what a change of it does."""

    value: bool | int | float | str
    meaning: str
    unit: str = ""
