"""What a rulebook's files say, as msgspec structs: the published JSON Schema is made from them."""

from typing import Literal, TypeAlias

import msgspec

from risk_rules.structures.trend import ChartKind

Formula: TypeAlias = str | int | float | bool
"""An expression; a number or a truth value needs no quotes in YAML."""

Codes: TypeAlias = str | tuple[str, ...]
"""One code or several."""


class FactorText(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`of` is a feature that counts in the score; `reference` is its value where nothing is wrong, null if that is none."""

    of: str
    reference: Formula | None


class ScopeText(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """Where something applies: all that is named must fit. A subject that has no such code is not within."""

    partner: Codes | None = None
    site: Codes | None = None
    product: Codes | None = None
    material_class: Codes | None = None


class SpanText(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """A span of time in exactly one unit; its number may be worked out from parameters.

    Working days are those of the site: the span is over at the end of the last of them. `evaluations` counts in a row.
    """

    hours: Formula | None = None
    days: Formula | None = None
    working_days: Formula | None = None
    evaluations: Formula | None = None


class AbsenceText(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`of` did not come within a span after `after`; both are features with a moment, or both with a day.

    Gives the rule `due_on` and `missing_days`.
    """

    of: str
    after: str
    within: SpanText


class SequenceText(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Features with moments (or days) that came in this order, the last within a span of the first if one is given.

    `without`: a moment from the first to the last of them makes it good. Gives the rule `lasted_days`.
    """

    steps: tuple[str, ...]
    without: str | None = None
    within: SpanText | None = None


class CountWithinText(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`of`, a feature with counts by day, adds up to `at_least` in the last `days` days. Gives the rule `counted`."""

    of: str
    days: Formula
    at_least: Formula


class TrendText(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`of`, a feature with a series, has drifted from its usual state, to one `side` of it or to either.

    Usual are `target` and `sigma` if both are given, else what the first `baseline` values were. `weight` and `width` (in
    sigmas of the average) belong to ewma, `slack` and `threshold` (in sigmas) to cusum. Gives the rule `usual` and
    `drifted_to`.
    """

    of: str
    chart: ChartKind
    side: Literal["above", "below", "either"]
    baseline: Formula = 20
    least_sigma: Formula = 0.0
    target: Formula | None = None
    sigma: Formula | None = None
    weight: Formula = 0.3
    width: Formula = 3.0
    slack: Formula = 0.5
    threshold: Formula = 5.0


class RuleText(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """A rule as it stands in the file.

    `when` must be surely true for the rule to find anything, and beside it the structure, if there is one: `absence`,
    `sequence`, `count_within` or `trend`. `severity` comes down to watch, warning, critical, or null for a score without
    an alert; where it cannot be worked out it is watch, so that nothing is lost. `summary`, `advice` and `unit` are
    templates.

    The score is 100 * `likelihood` * `impact`, both 0 to 1, or by a formula `score`, 0 to 100; its `factors` get shares of
    it.

    `for`: how long the condition must hold without a break before the rule finds anything, or more than `meanwhile`.
    `exit`: what ends it, once it is found; `dwell`: how long it stands at the least. `applies`: where the rule is asked.
    """

    id: str
    subject: str
    kind: str
    summary: str
    when: Formula | None = None
    absence: AbsenceText | None = None
    sequence: SequenceText | None = None
    count_within: CountWithinText | None = None
    trend: TrendText | None = None
    wait: SpanText | None = msgspec.field(default=None, name="for")
    meanwhile: Literal["watch", "warning"] | None = None
    exit: Formula | None = None
    dwell: SpanText | None = None
    applies: ScopeText = ScopeText()
    severity: str | None = None
    score: Formula | None = None
    likelihood: Formula | None = None
    impact: Formula | None = None
    impact_on: str | None = None
    quantity: Formula | None = None
    unit: str = ""
    factors: tuple[FactorText, ...] = ()
    advice: str = ""
    owner: str | None = None
    links: dict[str, str] = {}
    tags: tuple[str, ...] = ()


class ParameterText(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A number or text that rules use by name. `meaning` says what a change of it does."""

    value: bool | int | float | str
    meaning: str
    unit: str = ""


class OverrideText(ScopeText, frozen=True, kw_only=True):
    """The value that a parameter has there. Of several that fit, the one that names most counts, of those the last."""

    value: bool | int | float | str


class DefinitionText(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An expression that rules use by name. It may use parameters, features and definitions that stand before it."""

    formula: Formula = msgspec.field(name="is")
    meaning: str


class ChangeText(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Who changed the file last, and why. It is kept with the version; it is no part of what the rulebook says."""

    by: str
    reason: str


class RulebookText(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A file of a rulebook. Several files make one: `set` and `override` change parameters of any of them."""

    rulebook: Literal[1]
    change: ChangeText | None = None
    parameters: dict[str, ParameterText] = {}
    set: dict[str, bool | int | float | str] = {}
    override: dict[str, list[OverrideText]] = {}
    define: dict[str, DefinitionText] = {}
    rules: list[RuleText] = []
