"""What is said of a finding beyond its score: what would lower, calm or end it."""

from datetime import UTC, date, datetime
from typing import Any

import msgspec

from risk_rules.explanations import Change, Explanation, explain
from risk_rules.findings import Severity
from risk_rules.rulebook import parse

MONDAY = datetime(2026, 1, 5, 8, tzinfo=UTC)


def explained(rules: str, kind: str, **features: Any) -> Explanation:
    judge = parse(rules).judge(kind)
    assert judge is not None
    known = {**dict.fromkeys(judge.needs), **features}
    (rule,) = judge.rules(known).values()
    return explain(rule, known, MONDAY, events=("erp 17",), rulebook="v1")


def told(changes: tuple[Change, ...]) -> list[tuple[str, str]]:
    return [(change.feature, change.to) for change in changes]


LATE = """\
rulebook: 1
rules:
  - id: late
    subject: shipment
    kind: late
    when: status in ["booked", "in_transit"] && days_overdue >= 1
    severity: "days_overdue > 21 ? critical : days_overdue > (mode == 'ocean' ? 9 : 4) ? warning : watch"
    likelihood: clamp(days_overdue / 21, 0, 1)
    impact: 0.5
    factors:
      - {of: days_overdue, reference: 0}
    summary: late
"""


def test_a_late_shipment_is_over_when_it_comes_or_is_no_longer_late() -> None:
    found = explained(LATE, "shipment", status="in_transit", days_overdue=10.5, mode="road")
    assert told(found.ending) == [("days_overdue", "below 1 days"), ("status", "arrived or received or cancelled")]
    assert all(change.ends and change.score == 0 and change.severity is None for change in found.ending)


def test_what_takes_the_severity_down_is_told_with_the_score_that_is_left() -> None:
    found = explained(LATE, "shipment", status="in_transit", days_overdue=10.5, mode="road")
    (calmer,) = found.calming
    assert (calmer.to, calmer.severity) == ("4 days or less", Severity.WATCH)
    assert calmer.score == 100 * 4 / 21 * 0.5


def test_lowering_puts_each_factor_at_the_value_at_which_nothing_is_wrong() -> None:
    found = explained(LATE, "shipment", status="in_transit", days_overdue=10.5, mode="road")
    assert told(found.lowering) == [("days_overdue", "0 days")]
    assert found.lowering[0].ends


def test_the_tree_names_formulas_meanings_events_and_version_and_can_be_written() -> None:
    found = explained(LATE, "shipment", status="in_transit", days_overdue=10.5, mode="road")
    assert found.formulas["likelihood"] == "clamp(days_overdue / 21, 0, 1)"
    assert found.meanings.keys() == {"days_overdue"}
    assert (found.events, found.rulebook) == (("erp 17",), "v1")
    assert msgspec.json.decode(msgspec.json.encode(found))["finding"]["score"] == found.finding.score


def test_a_rule_with_an_exit_ends_only_when_its_exit_is_reached() -> None:
    held = LATE.replace("    severity:", "    exit: days_overdue < 0.5\n    severity:")
    found = explained(held, "shipment", status="in_transit", days_overdue=3.0, mode="road")
    assert told(found.ending) == [("days_overdue", "below 0.5 days")]


def test_arithmetic_in_a_condition_hides_nothing() -> None:
    rules = """\
rulebook: 1
rules:
  - id: short
    subject: material
    kind: shortage
    when: shortage_in_days <= coalesce(lead_time_days, 30) + 7
    likelihood: 1
    impact: 1
    summary: short
"""
    found = explained(rules, "material", shortage_in_days=20, lead_time_days=28.0)
    assert told(found.ending) == [("lead_time_days", "below 13 days"), ("shortage_in_days", "36 days or more")]


def test_what_cannot_be_below_nothing_ends_at_nothing() -> None:
    rules = LATE.replace("days_overdue >= 1", "readings > 0")
    assert told(explained(rules, "shipment", status="booked", days_overdue=3.0, readings=9).ending)[0] == (
        "readings",
        "0",
    )


def test_dates_in_a_condition_end_by_the_day() -> None:
    rules = """\
rulebook: 1
rules:
  - id: gap
    subject: material
    kind: gap
    when: next_receipt_on > shortage_on
    likelihood: 1
    impact: 1
    summary: gap
"""
    found = explained(rules, "material", next_receipt_on=date(2026, 5, 9), shortage_on=date(2026, 5, 3))
    assert told(found.ending) == [
        ("next_receipt_on", "3 May 2026 or earlier"),
        ("shortage_on", "9 May 2026 or later"),
    ]
