"""A rulebook is checked as a whole before anything is evaluated, and then says what it finds."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from risk_rules.findings import Severity
from risk_rules.rulebook import Rulebook, RulebookError, load, parse

RULES = """\
rulebook: 1
parameters:
  margin_days: {value: 7, unit: days, meaning: how early we want to know}
rules:
  - id: short
    subject: material
    kind: shortage
    when: shortage_in_days <= lead_time_days + margin_days
    severity: "shortage_in_days < lead_time_days ? critical : shortage_qty < 10 ? null : watch"
    likelihood: 0.9
    impact_on: shortage_on
    quantity: shortage_qty
    unit: "{unit}"
    factors:
      - {of: shortage_in_days, reference: 60}
      - {of: lateness_days, reference: 0}
    summary: "{shortage_qty:,.1f} {unit} of {name} missing on {shortage_on}"
    advice: 'Order from {supplier} by {order_by:%d %b}{silent ? ", and ask" : ""}.'
    owner: buyer
    impact: (60.0 - shortage_in_days) / 50 + lateness_days / 50
"""
MONDAY = datetime(2026, 1, 5, 8, tzinfo=UTC)
SHORT: dict[str, Any] = {
    "shortage_in_days": 20,
    "shortage_on": date(2026, 5, 3),
    "shortage_qty": 1520.5,
    "lead_time_days": 28.0,
    "lateness_days": 5.0,
    "unit": "LTR",
    "name": "toluene",
    "supplier": None,
    "order_by": date(2026, 4, 5),
    "silent": False,
}


def evaluate(rulebook: Rulebook, kind: str, features: dict[str, Any]) -> Any:
    judge = rulebook.judge(kind)
    assert judge is not None
    return judge(features, None, MONDAY).findings


def test_a_rule_that_fires_says_what_where_when_how_sure_and_why() -> None:
    (found,) = evaluate(parse(RULES), "material", SHORT)
    assert (found.rule, found.kind, found.severity, found.owner) == ("short", "shortage", Severity.CRITICAL, "buyer")
    assert (found.likelihood, found.impact_on, found.quantity, found.unit) == (0.9, date(2026, 5, 3), 1520.5, "LTR")
    assert found.summary == "1,520.5 LTR of toluene missing on 3 May 2026"
    assert found.advice == "Order from unknown by 05 Apr."
    assert (found.impact, found.base) == (pytest.approx(0.9), 0)
    assert found.score == pytest.approx(81)
    assert [(factor.name, factor.value, factor.reference) for factor in found.factors] == [
        ("shortage_in_days", "20 days", "60 days"),
        ("lateness_days", "5 days", "0 days"),
    ]
    assert [factor.share for factor in found.factors] == pytest.approx([72, 9])
    assert [factor.lowers_to for factor in found.factors] == pytest.approx([0, 72])


def test_a_rule_whose_condition_is_not_surely_true_finds_nothing() -> None:
    assert evaluate(parse(RULES), "material", SHORT | {"shortage_in_days": 36}) == ()
    assert evaluate(parse(RULES), "material", SHORT | {"lead_time_days": None}) == ()


def test_severity_null_is_a_score_without_an_alert_and_an_unknown_severity_is_watch() -> None:
    far = SHORT | {"shortage_in_days": 30}
    assert [
        evaluate(parse(RULES), "material", far | {"shortage_qty": qty})[0].severity for qty in (5.0, 50.0, None)
    ] == [
        None,
        Severity.WATCH,
        Severity.WATCH,
    ]


def test_a_rulebook_tells_which_features_it_needs_and_which_kinds_it_knows() -> None:
    rulebook = parse(RULES)
    judge = rulebook.judge("material")
    assert judge is not None
    assert judge.needs == frozenset(SHORT)
    assert rulebook.judge("lot") is None


def test_the_version_changes_with_what_is_said_and_not_with_how_it_is_laid_out() -> None:
    version = parse(RULES).version
    assert parse("# the first\n" + RULES.replace("likelihood: 0.9", "likelihood:   0.9")).version == version
    assert parse(RULES.replace("value: 7", "value: 8")).version != version
    assert parse(RULES.replace("days / 50", "days / 60")).version != version


def test_a_later_file_sets_a_parameter_anew(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(RULES)
    (tmp_path / "b.yaml").write_text("rulebook: 1\nset: {margin_days: 14}\n")
    rulebook = load([tmp_path / "a.yaml", tmp_path / "b.yaml"])
    assert evaluate(rulebook, "material", SHORT | {"shortage_in_days": 40})


def test_all_problems_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(
        RULES.replace("shortage_in_days <= lead", "shortage_n_days <= lead")
        .replace("{of: lateness_days", "{of: lateness_day")
        .replace("? critical", "? criticle")
        .replace("{order_by:%d %b}", "{order_by:.2f}")
    )
    (tmp_path / "b.yaml").write_text("rulebook: 1\nset: {margin_day: 14}\nrule: []\n")
    with pytest.raises(RulebookError) as caught:
        load([tmp_path / "a.yaml", tmp_path / "b.yaml", tmp_path / "c.yaml"])
    told = [str(problem).removeprefix(f"{tmp_path}/") for problem in caught.value.problems]
    assert told == [
        "a.yaml:8:11: shortage_n_days is not known here (did you mean shortage_in_days?)",
        "a.yaml:9:52: criticle is not known here (did you mean critical?)",
        "a.yaml:16:14: lateness_day is not known here (did you mean lateness_days?)",
        "a.yaml:18:48: .2f is no format for a date (write for example {x:%d %b})",
        "b.yaml:2:7: there is no parameter margin_day (did you mean margin_days?)",
        "b.yaml:3:1: unknown section rule (did you mean rules?)",
        "c.yaml:1:1: cannot be read: No such file or directory (check the path)",
    ]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("rulebook: 1", "rulebook: 2", "r.yaml:1:11: the version of the format is missing (begin with rulebook: 1)"),
        (
            "subject: material",
            "subject: materiel",
            "r.yaml:6:14: there is no subject materiel (did you mean material?)",
        ),
        ("    owner", "    ownr", "r.yaml:19:5: unknown field ownr (did you mean owner?)"),
        ("    kind: shortage\n", "", "r.yaml:5:5: object missing required field kind"),
        (
            "when: shortage_in_days <=",
            "when: shortage_in_days +",
            "r.yaml:8:11: this is a double, but a bool is needed here",
        ),
        ("likelihood: 0.9", "likelihood: true", "r.yaml:10:17: this is a bool, but an int or a double is needed here"),
        ("margin_days: {", "unit: {", "r.yaml:3:3: unit is a feature of lot (choose another name)"),
        ('"shortage_in_days <', '"silent ? site : shortage_in_days <', "r.yaml:9:25: this is no severity"),
        ("of {name} missing", "of {name missing", "r.yaml:17:51: a placeholder that does not end (close it with })"),
    ],
)
def test_a_problem_is_told_where_it_stands_with_what_to_do(old: str, new: str, told: str) -> None:
    assert old in RULES
    with pytest.raises(RulebookError) as caught:
        parse(RULES.replace(old, new, 1), "r.yaml")
    assert any(str(problem).startswith(told) for problem in caught.value.problems), str(caught.value)


def test_two_rules_cannot_have_one_id() -> None:
    rules = RULES[RULES.index("  - id") :]
    with pytest.raises(RulebookError, match=r"r.yaml:21:9: short is there already \(give it another id\)"):
        parse(RULES + rules, "r.yaml")


def test_the_benchmark_rules_score_without_alerts() -> None:
    rulebook = load([Path(__file__).parents[2] / "benchmarks" / "three_rules.yaml"])
    lot = {"qty": 995.0, "events": 3, "status": "quarantine"}
    assert [(found.kind, found.severity) for found in evaluate(rulebook, "lot", lot)] == [
        ("large_lot", None),
        ("large_quarantine", None),
    ]
    assert evaluate(rulebook, "lot", lot | {"qty": 9.5, "events": 101})[0].kind == "many_events"
    assert evaluate(rulebook, "lot", lot | {"qty": 500.0}) == ()
