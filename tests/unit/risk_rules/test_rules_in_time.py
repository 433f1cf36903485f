"""Rules that wait, hold on and look at structure, as they are written and asked."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from risk_rules.catalogue import FEATURES
from risk_rules.findings import Severity
from risk_rules.judge import QUIET, Judge, Judgement, Memory
from risk_rules.rulebook import RulebookError, parse

MONDAY = datetime(2026, 1, 5, 8, tzinfo=UTC)
LARGE = """
  - id: large
    subject: lot
    kind: large
    when: qty > 100
    severity: "qty > 150 ? critical : warning"
    score: 30
    summary: "{qty} in one lot"
"""
UNTESTED = """
  - id: untested
    subject: batch
    kind: untested
    when: status != "rejected"
    absence: {of: qc_result_at, after: completed_at, within: {working_days: days}}
    severity: "missing_days >= 5 ? warning : watch"
    score: 20 + missing_days
    summary: "{batch_id} should have had its result by {due_on}"
"""


def judge_of(rules: str, kind: str = "lot") -> Judge:
    head = "rulebook: 1\nparameters: {days: {value: 10, meaning: for tests}}\nrules:"
    judge = parse(head + rules).judge(kind)
    assert judge is not None
    return judge


def with_(rule: str, *lines: str) -> str:
    return rule + "".join(f"    {line}\n" for line in lines)


class Life:
    """One subject before one judge; hours are after Monday morning."""

    def __init__(self, rules: str, kind: str = "lot") -> None:
        self.judge = judge_of(rules, kind)
        self.kind = kind
        self.memory: Memory | None = None

    def at(self, hours: float, **features: Any) -> Judgement:
        known = {**dict.fromkeys(FEATURES[self.kind]), **features}
        judgement = self.judge(known, self.memory, MONDAY + timedelta(hours=hours))
        self.memory = judgement.memory
        return judgement

    def severity(self, hours: float, **features: Any) -> str | None:
        """That of the one finding, or None when there is none."""
        findings = self.at(hours, **features).findings
        return findings[0].severity.name.lower() if findings and findings[0].severity else None


def test_a_rule_that_waits_says_nothing_until_its_condition_has_held_without_a_break() -> None:
    life = Life(with_(LARGE, "for: {hours: 48}"))
    assert life.at(0, qty=120.0).look_again == MONDAY + timedelta(hours=48)
    assert life.severity(47, qty=120.0) is None
    assert life.severity(47.5, qty=90.0) is None
    assert life.memory is None
    assert [life.severity(hours, qty=120.0) for hours in (48, 95, 96, 500)] == [None, None, "warning", "warning"]


def test_meanwhile_a_rule_may_be_on_the_list() -> None:
    life = Life(with_(LARGE, "for: {hours: 48}", "meanwhile: watch"))
    assert [life.severity(hours, qty=200.0) for hours in (0, 47, 48)] == ["watch", "watch", "critical"]


def test_a_rule_may_wait_for_evaluations_in_a_row() -> None:
    life = Life(with_(LARGE, "for: {evaluations: 3}"))
    quantities = [120.0, 120.0, 90.0, 120.0, 120.0, 120.0, 120.0, 90.0]
    assert [life.severity(n, qty=qty) is not None for n, qty in enumerate(quantities)] == [
        False, False, False, False, False, True, True, False,
    ]  # fmt: skip


def test_within_the_band_a_rule_stays_as_it_was() -> None:
    life = Life(with_(LARGE, "exit: qty < 80"))
    assert life.severity(0, qty=90.0) is None
    assert life.severity(1, qty=160.0) == "critical"
    assert [life.severity(hours, qty=qty) for hours, qty in ((2, 90.0), (3, 80.0))] == ["critical", "critical"]
    assert life.severity(4, qty=120.0) == "warning"
    assert life.severity(5, qty=90.0) == "warning"
    assert life.severity(6) == "warning", "an exit that is not surely true ends nothing"
    assert life.severity(7, qty=79.0) is None
    assert life.severity(8, qty=90.0) is None


def test_a_rule_that_dwells_stands_for_its_time_and_asks_to_be_looked_at_when_it_is_over() -> None:
    life = Life(with_(LARGE, "dwell: {hours: 24}"))
    assert life.severity(0, qty=160.0) == "critical"
    held = life.at(1, qty=10.0)
    assert held.look_again == MONDAY + timedelta(hours=24)
    assert held.findings[0].severity is Severity.CRITICAL
    assert life.at(24, qty=10.0) == QUIET


def test_rules_beside_one_that_lasts_come_and_go_with_their_conditions() -> None:
    other = LARGE.replace("large", "huge").replace("qty > 100", "qty > 140")
    life = Life(with_(LARGE, "exit: qty < 80") + other)
    assert [finding.rule for finding in life.at(0, qty=160.0).findings] == ["large", "huge"]
    assert [finding.rule for finding in life.at(1, qty=90.0).findings] == ["large"]


def test_what_was_remembered_for_a_rule_that_is_gone_is_forgotten() -> None:
    before = Life(with_(LARGE, "exit: qty < 80"))
    before.at(0, qty=160.0)
    after = Life(LARGE)
    after.memory = before.memory
    assert after.at(1, qty=90.0) == QUIET


def test_a_batch_without_a_result_is_found_by_time_alone() -> None:
    life = Life(UNTESTED, "batch")
    batch: dict[str, Any] = {"batch_id": "B-1", "status": "completed", "completed_at": MONDAY}
    first = life.at(0, **batch)
    assert first == ((), None, datetime(2026, 1, 20, tzinfo=UTC))
    hours_due = 14 * 24 + 16
    (found,) = life.at(hours_due, **batch).findings
    assert (found.severity, found.score) == (Severity.WATCH, 20)
    assert found.summary == "B-1 should have had its result by 19 January 2026"
    assert life.severity(hours_due + 5 * 24, **batch) == "warning"
    assert life.at(hours_due, **batch | {"status": "rejected"}) == QUIET
    assert life.at(hours_due, **batch | {"qc_result_at": MONDAY + timedelta(days=9)}) == QUIET


def test_a_batch_that_has_its_result_costs_no_second_look() -> None:
    judge = judge_of(UNTESTED, "batch")
    features = dict.fromkeys(FEATURES["batch"]) | {"status": "completed", "completed_at": MONDAY}
    assert judge.select(features) != ()
    assert judge.select(features | {"qc_result_at": MONDAY + timedelta(days=1)}) == ()
    assert judge.select(features | {"completed_at": None}) == ()


def test_a_structure_may_have_to_last_too() -> None:
    life = Life(with_(UNTESTED, "for: {days: 2}"), "batch")
    due, batch = 14 * 24 + 16, {"batch_id": "B-1", "status": "completed", "completed_at": MONDAY}
    assert [life.severity(due + hours, **batch) for hours in (0, 47, 48)] == [None, None, "watch"]


def test_goods_that_were_warm_are_found_when_they_come_in_without_inspection() -> None:
    life = Life(
        """
  - id: unchecked
    subject: shipment
    kind: unchecked
    sequence: {steps: [excursion_at, received_at], without: inspected_at}
    severity: critical
    score: 80
    summary: "received {lasted_days:.1f} days after it was too warm"
    links: {procedure: https://wiki.example/cold-chain}
    tags: [gmp, cold-chain]
""",
        "shipment",
    )
    warm, inspected, came = (MONDAY + timedelta(hours=hours) for hours in (0, 12, 36))
    assert life.at(24, excursion_at=warm) == QUIET
    (found,) = life.at(37, excursion_at=warm, received_at=came).findings
    assert found.summary == "received 1.5 days after it was too warm"
    assert (found.links, found.tags) == ({"procedure": "https://wiki.example/cold-chain"}, ("gmp", "cold-chain"))
    assert life.at(37, excursion_at=warm, inspected_at=inspected, received_at=came) == QUIET


@pytest.mark.parametrize(
    ("rule", "lines", "told"),
    [
        (LARGE, "for: {hours: 1, days: 2}", "r.yaml:11:10: a span of time has one unit (write one of hours, days"),
        (LARGE, "for: {}", "r.yaml:11:10: a span of time has one unit"),
        (LARGE, "for: {hours: -1}", "r.yaml:11:18: -1 will not do (a number from 0 to 876000 is needed)"),
        (LARGE, "for: {evaluations: 1.5}", "r.yaml:11:24: 1.5 will not do (a whole number from 0 to 10000 is needed)"),
        (LARGE, "for: {hours: qty}", "r.yaml:11:18: qty is not known here"),
        (LARGE, "for: {hours: 1 / (days - 10)}", "r.yaml:11:18: this has no value"),
        (LARGE, "for: 48", "r.yaml:11:10: expected object | null, got int"),
        (LARGE, "dwell: {evaluations: 2}", "r.yaml:11:26: a rule stands for a time"),
        (LARGE, "meanwhile: watch", "r.yaml:11:16: there is nothing to wait for (say how long by for:)"),
        (LARGE, "exit: qty", "r.yaml:11:11: this is a double, but a bool is needed here"),
        (LARGE, "links: {a: wiki}", "r.yaml:11:16: this is no address (begin with https://)"),
        (
            LARGE,
            "absence: {of: qty, after: received_at, within: {days: 1}}",
            "r.yaml:11:19: qty is a double, but a timestamp or a date is needed",
        ),
        (
            LARGE,
            "trend: {of: quantity, chart: cusum, side: either, weight: 3}",
            "r.yaml:11:63: 3 will not do (a number from 0.001 to 1 is needed)",
        ),
        (LARGE, "count_within: {of: qty, days: 0, at_least: 3}", "r.yaml:11:24: qty is a double, but a map is needed"),
        (LARGE, "count_within: {of: qty, days: 0, at_least: 3}", "r.yaml:11:35: 0 will not do (a whole number from 1"),
        (LARGE.replace("    when: qty > 100\n", ""), "tags: [a]", "r.yaml:4:5: the rule never finds anything"),
        (UNTESTED, "sequence: {steps: [completed_at]}", "r.yaml:12:15: the rule has absence already"),
        (
            UNTESTED.replace("of: qc_result_at", "of: qc_result"),
            "tags: [a]",
            "r.yaml:8:19: qc_result is not known here, but a timestamp or a date is needed (did you mean qc_result_at?)",
        ),
        (
            UNTESTED.replace("of: qc_result_at", "of: planned_release_on"),
            "tags: [a]",
            "r.yaml:8:46: completed_at is a timestamp, planned_release_on is a date (use features of one type)",
        ),
        (UNTESTED, "exit: missing_day > 3", "r.yaml:12:11: missing_day is not known here (did you mean missing_days?)"),
    ],
)
def test_a_fault_is_told_where_it_stands(rule: str, lines: str, told: str) -> None:
    head = "rulebook: 1\nparameters: {days: {value: 10, meaning: for tests}}\nrules:"
    with pytest.raises(RulebookError) as caught:
        parse(head + with_(rule, lines), "r.yaml")
    assert any(str(problem).startswith(told) for problem in caught.value.problems), str(caught.value)


def test_the_names_that_structures_give_are_free_of_features() -> None:
    from risk_rules.structures import GIVEN

    assert not [kind for kind, features in FEATURES.items() if GIVEN & features.keys()]


def test_a_date_may_be_awaited_too() -> None:
    life = Life(
        """
  - id: no-estimate
    subject: material
    kind: no_receipt
    absence: {of: next_receipt_on, after: order_by, within: {days: 3}}
    score: 10
    summary: no receipt in sight
""",
        "material",
    )
    assert life.at(0, order_by=date(2026, 1, 4)).look_again == datetime(2026, 1, 7, tzinfo=UTC)
    assert life.at(48, order_by=date(2026, 1, 4)).findings
