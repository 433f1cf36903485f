"""Tests of rules say what is wrong with a rule, and cannot pass by testing nothing."""

import json
from pathlib import Path

import jsonschema
import pytest
from ruamel.yaml import YAML

from risk_rules.problems import DocumentError
from streams.cli.rulebook_files import resolved
from streams.rule_tests.running import Outcome, Suite
from streams.rule_tests.text import schema

ROOT = Path(__file__).parents[3]
EXAMPLES = ROOT / "docs" / "examples"
RULES = """\
rulebook: 1
rules:
  - id: short
    subject: material
    kind: shortage
    owner: buyer
    when: shortage_in_days <= 10
    severity: "shortage_in_days <= 3 ? critical : warning"
    score: 100 - shortage_in_days
    quantity: shortage_qty
    unit: KGM
    impact_on: shortage_on
    summary: "{shortage_qty} missing from {shortage_on}"
  - {id: rejected, subject: batch, kind: rejected, when: status == "rejected", severity: warning, score: 1, summary: "gone"}
"""
HEAD = "tests: 1\nrulebook: [rules.yaml]\ncases:\n"


def ran(folder: Path, cases: str) -> list[Outcome]:
    (folder / "rules.yaml").write_text(RULES)
    (folder / "it.tests.yaml").write_text(HEAD + cases)
    suite = Suite(folder / "it.tests.yaml", resolved)
    return [suite.run(number) for number in range(len(suite.text.cases))]


def test_the_examples_of_the_pages_pass() -> None:
    suite = Suite(EXAMPLES / "ours.tests.yaml", resolved)
    outcomes = [suite.run(number) for number in range(len(suite.text.cases))]
    assert [one.differences for one in outcomes] == [()] * 3


def test_what_is_said_of_a_finding_is_compared_and_nothing_else(tmp_path: Path) -> None:
    (outcome,) = ran(
        tmp_path,
        "  - name: short\n    subject: material\n"
        "    features: {shortage_in_days: 5, shortage_qty: 7.5, shortage_on: 2026-01-10}\n"
        "    expect:\n      - {rule: short, severity: warning, score: [94, 96], quantity: 7.5, impact_on: 2026-01-10,\n"
        "         summary: 7.5 missing}\n",
    )
    assert outcome.passed


def test_a_difference_names_the_rule_the_field_and_both_values(tmp_path: Path) -> None:
    (outcome,) = ran(
        tmp_path,
        "  - name: short\n    subject: material\n    features: {shortage_in_days: 2}\n"
        "    expect: [{rule: short, severity: warning, score: 98}]\n",
    )
    assert outcome.differences[1:] == ("  - short: severity: warning", "  + short: severity: critical")


def test_a_finding_that_nobody_expected_fails_the_test(tmp_path: Path) -> None:
    (outcome,) = ran(tmp_path, "  - {name: calm, subject: material, features: {shortage_in_days: 2}}\n")
    assert outcome.differences[1].startswith("  + short: severity: critical")


def test_a_finding_that_did_not_come_fails_the_test(tmp_path: Path) -> None:
    (outcome,) = ran(
        tmp_path, "  - {name: gone, subject: batch, features: {status: released}, expect: [{rule: rejected}]}\n"
    )
    assert outcome.differences[1] == "  - rejected"


def test_a_feature_that_is_not_named_is_unknown(tmp_path: Path) -> None:
    (outcome,) = ran(tmp_path, "  - {name: unknown, subject: material, features: {}}\n")
    assert outcome.passed


def test_steps_see_a_subject_as_time_goes_by(tmp_path: Path) -> None:
    (outcome,) = ran(
        tmp_path,
        "  - name: nearer\n    subject: material\n    steps:\n"
        "      - {at: 2026-01-05T00:00:00Z, features: {shortage_in_days: 20}}\n"
        "      - {at: 2026-01-15T00:00:00Z, features: {shortage_in_days: 10}, expect: [{rule: short, severity: warning}]}\n"
        "      - {at: 2026-01-23T00:00:00Z, features: {shortage_in_days: 2}, expect: [{rule: short, severity: watch}]}\n",
    )
    assert outcome.differences[0] == "at 2026-01-23 00:00 UTC"
    assert len(outcome.differences) == 3


def test_a_rejected_batch_is_found_from_its_events(tmp_path: Path) -> None:
    (outcome,) = ran(
        tmp_path,
        "  - name: rejected\n    site: BSL\n    events:\n"
        "      - at: 2026-01-05T08:00:00Z\n        type: cdmo.batch.dispositioned\n"
        "        data: {batch_id: B-1, qa_disposition: rejected, by: cdmo, disposition_date: 2026-01-05T08:00:00Z}\n"
        "    verdicts:\n"
        "      - {at: 2026-01-05T07:00:00Z, subject: 'batch:BSL/B-1'}\n"
        "      - {at: 2026-01-05T09:00:00Z, subject: 'batch:BSL/B-1', expect: [{rule: rejected, summary: gone}]}\n",
    )
    assert outcome.passed, outcome.differences


def test_everything_wrong_with_a_file_is_told_at_once_with_its_place(tmp_path: Path) -> None:
    with pytest.raises(DocumentError) as caught:
        ran(
            tmp_path,
            "  - {name: a, subject: materal, features: {}}\n"
            "  - {name: b, subject: material, features: {shortage_in_day: 2}}\n"
            "  - {name: c, subject: material, features: {shortage_on: soon}}\n"
            "  - {name: d, subject: material, features: {}, expect: [{rule: shrt}]}\n"
            "  - {name: e}\n"
            "  - {name: f, events: [{at: 2026-01-05T08:00:00Z, type: cdmo.batch.startd, data: {}}]}\n",
        )
    places = [(problem.line, problem.column) for problem in caught.value.problems]
    assert [line for line, _ in places] == [4, 5, 6, 7, 8, 9]
    assert "did you mean shortage_in_days?" in str(caught.value)


def test_a_score_between_two_ends_and_a_missing_one_are_told_apart(tmp_path: Path) -> None:
    (outcome,) = ran(
        tmp_path,
        "  - name: short\n    subject: material\n    features: {shortage_in_days: 9}\n"
        "    expect: [{rule: short, score: [10, 20], quantity: null}]\n",
    )
    assert outcome.differences[1:] == ("  - short: score: 10 to 20", "  + short: score: 91")


def test_the_schema_fits_the_examples_and_is_current() -> None:
    kept = json.loads((ROOT / "docs" / "rule-tests.schema.json").read_text())
    assert kept == json.loads(json.dumps(schema()))
    example = YAML(typ="safe", pure=True).load((EXAMPLES / "ours.tests.yaml").read_text())
    jsonschema.validate(json.loads(json.dumps(example, default=lambda at: at.isoformat() + "Z")), kept)
