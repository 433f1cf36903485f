"""Verdicts as the rules would give them, for tests of what becomes of them."""

from datetime import UTC, date, datetime
from typing import Any

from risk_rules.findings import Factor, Finding, Severity, Subject, Verdict

MONDAY = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)

STOCK = Subject(kind="material", key="BSL/API-7", partner="acme", site="BSL", material="API-7", product="AMLO-5")


def shortage(severity: Severity | None = Severity.WARNING, **changes: Any) -> Finding:
    """A stock that runs out."""
    found: dict[str, Any] = {
        "rule": "material-shortage",
        "kind": "material_shortage",
        "severity": severity,
        "score": 74.0,
        "summary": "API-7 runs out on 2 Feb 2026, 120 kg short",
        "advice": "Order 150 kg from Lonza by 9 Jan 2026, or move batch B-12 to March.",
        "likelihood": 0.8,
        "impact_on": date(2026, 2, 2),
        "quantity": 120.0,
        "unit": "kg",
        "factors": (
            Factor(name="days_of_supply", value="28 d", reference="90 d", share=44.4, lowers_to=0.0),
            Factor(name="lead_time_days", value="35 d", reference="0 d", share=29.6, lowers_to=51.0),
        ),
        "owner": "Supply planning",
    }
    return Finding(**(found | changes))


def verdict(*findings: Finding, subject: Subject = STOCK, events: tuple[str, ...] = ("erp 17", "erp 9")) -> Verdict:
    """What the rulebook of 5 January says of a subject."""
    return Verdict(subject=subject, findings=findings, events=events, rulebook="2026-01-05.1")
