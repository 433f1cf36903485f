"""A score is likelihood times impact, and its factors have shares of it that somebody can check."""

import math
from datetime import UTC, datetime
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from risk_rules.findings import Finding
from risk_rules.judge import Judge
from risk_rules.rulebook import RulebookError, parse

MONDAY = datetime(2026, 1, 5, 8, tzinfo=UTC)

SHORT = """\
rulebook: 1
rules:
  - id: short
    subject: material
    kind: shortage
    when: days_at_risk > 0
    likelihood: "1 - 0.4 * (lateness_days > 0 ? 0.25 : 1)"
    impact: clamp(days_at_risk / 14, 0, 1) * (0.6 + 0.4 * coalesce(products_share, 0))
    factors:
      - {of: days_at_risk, reference: 0}
      - {of: lateness_days, reference: 0}
      - {of: products_share, reference: 0}
    summary: short
"""
WEEK = {"days_at_risk": 7.0, "lateness_days": 3.0, "products_share": 0.5}


@cache
def judge_of(rulebook: str) -> Judge:
    judge = parse(rulebook).judge("material")
    assert judge is not None
    return judge


def found(rulebook: str, **features: Any) -> Finding:
    judge = judge_of(rulebook)
    (finding,) = judge({**dict.fromkeys(judge.needs), **features}, None, MONDAY).findings
    return finding


def problems(rulebook: str) -> list[str]:
    with pytest.raises(RulebookError) as refusal:
        parse(rulebook, "r.yaml")
    return [str(problem) for problem in refusal.value.problems]


def test_a_score_is_likelihood_times_impact_of_a_hundred() -> None:
    finding = found(SHORT, **WEEK)
    assert (finding.likelihood, finding.impact) == (pytest.approx(0.9), pytest.approx(0.4))
    assert finding.score == pytest.approx(36)


def test_likelihood_and_impact_are_kept_within_nothing_and_all() -> None:
    wild = SHORT.replace('"1 - 0.4 * (lateness_days > 0 ? 0.25 : 1)"', "lateness_days")
    assert found(wild, **WEEK).score == pytest.approx(40)
    assert found(wild, **WEEK | {"lateness_days": -3.0}).score == 0


def test_what_cannot_be_worked_out_counts_as_the_worst() -> None:
    unknown = found(SHORT, **WEEK | {"lateness_days": None})
    assert unknown.likelihood is None
    assert unknown.score == pytest.approx(40)


def test_a_rule_may_have_a_formula_of_its_own_kept_within_a_hundred() -> None:
    formula = SHORT.replace("impact: clamp", "score: 300 * clamp")
    assert found(formula, **WEEK).score == 100
    assert found(formula, **WEEK).likelihood == pytest.approx(0.9)
    assert found(formula, **WEEK | {"days_at_risk": 0.7}).score == pytest.approx(12)


def test_a_factor_at_its_reference_has_no_share_and_one_that_helps_takes_points_away() -> None:
    better = SHORT.replace("lateness_days, reference: 0", "lateness_days, reference: 9")
    shares = {factor.name: factor.share for factor in found(better, **WEEK | {"lateness_days": 0.0}).factors}
    assert shares["lateness_days"] < 0
    assert {factor.name: factor.share for factor in found(SHORT, **WEEK | {"products_share": 0.0}).factors}[
        "products_share"
    ] == 0


def test_a_reference_may_be_null_where_nothing_is_wrong_when_there_is_none() -> None:
    none = SHORT.replace("lateness_days, reference: 0", "lateness_days, reference: null").replace(
        "lateness_days > 0 ?", "has(lateness_days) ?"
    )
    late = found(none, **WEEK).factors[1]
    assert (late.reference, late.value) == ("none", "3 days")
    assert late.share > 0


def test_what_ends_the_rule_lowers_the_score_to_nothing() -> None:
    assert [factor.lowers_to for factor in found(SHORT, **WEEK).factors] == pytest.approx([0, 24, 27])


@settings(deadline=None)
@given(st.floats(0.01, 400), st.floats(-50, 400), st.floats(0, 1))
def test_base_and_shares_make_the_score(days: float, late: float, share: float) -> None:
    finding = found(SHORT, days_at_risk=days, lateness_days=late, products_share=share)
    assert 0 <= finding.score <= 100
    assert abs(finding.base + math.fsum(factor.share for factor in finding.factors) - finding.score) <= 1e-9


@settings(deadline=None)
@given(st.permutations(["days_at_risk", "lateness_days", "products_share"]))
def test_a_share_does_not_hang_on_the_order_in_which_factors_are_named(order: list[str]) -> None:
    head, tail = SHORT[: SHORT.index("      - {of")], SHORT[SHORT.index("    summary") :]
    listed = "".join(f"      - {{of: {name}, reference: 0}}\n" for name in order)
    shares = {factor.name: factor.share for factor in found(head + listed + tail, **WEEK).factors}
    assert shares == pytest.approx({factor.name: factor.share for factor in found(SHORT, **WEEK).factors})


def test_a_rule_that_does_not_say_how_it_scores_is_refused() -> None:
    assert problems(SHORT.replace("    impact:", "    advice: or not\n    quantity:")) == [
        "r.yaml:3:5: the score needs an impact (add impact: from 0 to 1, or score: from 0 to 100)"
    ]
    assert problems(SHORT.replace("    summary", "    score: 5\n    summary"))[0].endswith(
        "the score has a formula of its own (take impact: out, or score:)"
    )


def test_too_many_factors_are_refused() -> None:
    names = ["usable_qty", "quarantine_qty", "inbound_qty", "required_qty", "shortage_qty", "safety_stock", "moq"]
    more = "".join(f"      - {{of: {name}, reference: 0}}\n" for name in names)
    (problem,) = problems(SHORT.replace("    summary", more + "    summary"))
    assert "10 factors are too many (8 are the most" in problem


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("{of: lateness_days", "{of: latenes_days", "latenes_days is not known here (did you mean lateness_days?)"),
        ("{of: lateness_days", "{of: days_at_risk", "days_at_risk is there already (take one of them out)"),
        ("lateness_days, reference: 0", "lateness_days, reference: soon", "soon is not known here"),
        ("lateness_days, reference: 0", "lateness_days, reference: \"'no'\"", "a string"),
        ("{of: lateness_days, reference: 0}", "{of: lateness_days}", "reference"),
    ],
)
def test_a_factor_that_cannot_be_weighed_is_refused_with_its_place(old: str, new: str, problem: str) -> None:
    (told,) = problems(SHORT.replace(old, new))
    assert told.startswith("r.yaml:11:")
    assert problem in told
