"""A file of rule tests as people write it, its JSON Schema, and the checks that need no rulebook.

tests: 1
rulebook: [default, ours.yaml]
cases:
  - name: a shortage within the lead time is critical
    subject: material
    features: {shortage_in_days: 5, shortage_on: 2026-01-10, lead_time_days: 30}
    expect:
      - {rule: shortage-within-lead-time, severity: critical}
"""

from datetime import UTC, datetime
from typing import Annotated, Any, Final, Literal, TypeAlias

import msgspec

START: Final = datetime(2026, 1, 5, tzinfo=UTC)
"""The time of a case that names none: a Monday."""

Instant: TypeAlias = Annotated[datetime, msgspec.Meta(tz=True, description="RFC 3339 with an offset")]
Number: TypeAlias = float | tuple[float, float]
"""A number, met to a thousandth of itself, or the two ends between which it must lie."""


class Expected(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One finding. Only what is written is compared; `summary` and `advice` must be contained in the text that was found."""

    rule: str
    kind: str | msgspec.UnsetType = msgspec.UNSET
    severity: Literal["watch", "warning", "critical"] | msgspec.UnsetType | None = msgspec.UNSET
    score: Number | msgspec.UnsetType = msgspec.UNSET
    likelihood: Number | msgspec.UnsetType | None = msgspec.UNSET
    quantity: Number | msgspec.UnsetType | None = msgspec.UNSET
    unit: str | msgspec.UnsetType | None = msgspec.UNSET
    impact_on: str | msgspec.UnsetType | None = msgspec.UNSET
    owner: str | msgspec.UnsetType | None = msgspec.UNSET
    summary: str | msgspec.UnsetType = msgspec.UNSET
    advice: str | msgspec.UnsetType = msgspec.UNSET


class StepText(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A subject at one time. Features that are not named are unknown."""

    at: Instant
    features: dict[str, Any]
    expect: tuple[Expected, ...] = ()


class EventText(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A canonical event. `at` is when it happened and was written down, unless `recorded` says otherwise."""

    at: Instant
    type: str
    data: dict[str, Any]
    id: str | None = None
    recorded: Instant | None = None
    site: str | None = None
    partner: str | None = None


class VerdictText(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """All findings with a severity on a subject (`material:BSL/RM-1`) when the stream's clock comes to `at`."""

    at: Instant
    subject: str
    expect: tuple[Expected, ...] = ()


class CaseText(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One test. Either `subject` with `features` and `expect`; or `subject` with `steps`; or `events` with `verdicts`.

    `only`: rules that it is about; findings of others are not looked at.
    """

    name: str
    subject: str | None = None
    at: Instant = START
    features: dict[str, Any] | None = None
    expect: tuple[Expected, ...] = ()
    steps: tuple[StepText, ...] = ()
    site: str = "SITE"
    partner: str = "partner"
    events: tuple[EventText, ...] = ()
    verdicts: tuple[VerdictText, ...] = ()
    only: tuple[str, ...] = ()


class TestsText(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A file. Paths are seen from its folder; a word is a rulebook that ships. Without `network` only events are known."""

    tests: Literal[1]
    cases: tuple[CaseText, ...]
    rulebook: tuple[str, ...] = ("default",)
    network: str | None = None


def schema() -> dict[str, object]:
    """JSON Schema 2020-12 of a file of rule tests."""
    (top,), definitions = msgspec.json.schema_components([TestsText], ref_template="#/$defs/{name}")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Rule tests of Bellwether",
        **top,
        "$defs": definitions,
    }
