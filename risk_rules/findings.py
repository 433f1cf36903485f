"""What a rule says of a subject: a finding, with its severity, its score and what it rests on."""

from collections.abc import Mapping
from datetime import date
from enum import IntEnum

import msgspec

from risk_rules.remedies import Remedy


class Severity(IntEnum):
    """How urgent: `watch` is for a list that is read once a day, `warning` for today, `critical` for now."""

    WATCH = 1
    WARNING = 2
    CRITICAL = 3


class Factor(msgspec.Struct, frozen=True, kw_only=True):
    """A feature that weighed in the score. Its `value`, and the `reference` at which nothing is wrong, as text with unit.

    `share`: its points of the score; what is good takes points away. `lowers_to`: the score if this feature alone were at
    its reference; 0 where the rule would find nothing then.
    """

    name: str
    value: str
    reference: str
    share: float
    lowers_to: float


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """What one rule found. `score` 0 to 100; `likelihood` and `impact` 0 to 1; `quantity` at stake in `unit`; texts for people.

    The score is `base`, which it would be with all factors at their references, and the shares of the factors.

    `links` by name: where to read on. `remedy`: what a buyer can do, when it is about a shortage.
    """

    rule: str
    kind: str
    severity: Severity | None
    score: float
    summary: str
    advice: str = ""
    base: float = 0.0
    likelihood: float | None = None
    impact: float | None = None
    impact_on: date | None = None
    quantity: float | None = None
    unit: str | None = None
    factors: tuple[Factor, ...] = ()
    owner: str | None = None
    links: Mapping[str, str] = {}
    tags: tuple[str, ...] = ()
    remedy: Remedy | None = None


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """What a risk is about: `kind` (material, shipment, batch, line, deviation, capa, lot, feed) and its `key` in the ledger."""

    kind: str
    key: str
    partner: str
    site: str
    material: str | None = None
    product: str | None = None


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """All that the rulebook says of one subject at one time; no findings means that nothing is wrong.

    `events` are the identities (`source id`) of the events that it rests on, newest first.
    """

    subject: Subject
    findings: tuple[Finding, ...]
    events: tuple[str, ...]
    rulebook: str
