"""Rules apply and parameters differ by partner, site, product and class of material; definitions hold for all."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from risk_rules.catalogue import FEATURES
from risk_rules.rulebook import RulebookError, load, parse
from risk_rules.scope import MOST_PLACES, ByPlace, Override, Place, Scope, parameters_at

MONDAY = datetime(2026, 1, 5, 8, tzinfo=UTC)
HEAD = """\
rulebook: 1
parameters:
  least: {value: 10, meaning: below it there is too little}
  share: {value: 0.5, meaning: of the requirements}
"""
LITTLE = """\
rules:
  - id: little
    subject: material
    kind: little
    when: usable_qty < least
    score: least
    summary: "{usable_qty} of {material}"
"""


def found(text: str, **features: Any) -> dict[str, float]:
    """The scores of the rules that find something of a material."""
    judge = parse(text).judge("material")
    assert judge is not None
    known = {**dict.fromkeys(FEATURES["material"]), **features}
    return {finding.rule: finding.score for finding in judge(known, None, MONDAY).findings}


def at(site: str | None = "BSL", partner: str = "acme", **more: Any) -> dict[str, Any]:
    return {"site": site, "partner": partner, "usable_qty": 5.0, "material": "API-1"} | more


@pytest.mark.parametrize(
    ("applies", "place", "asked"),
    [
        ("{site: BSL}", at(), True),
        ("{site: [HYD, BSL]}", at(), True),
        ("{site: HYD}", at(), False),
        ("{site: BSL, partner: acme}", at(), True),
        ("{site: BSL, partner: apex}", at(), False),
        ("{material_class: api}", at(material_class="api"), True),
        ("{material_class: api}", at(), False),
        ("{product: [AMLO]}", at(product="AMLO", material_class="api"), True),
    ],
)
def test_a_rule_is_asked_where_all_that_it_names_fits(applies: str, place: dict[str, Any], asked: bool) -> None:
    assert bool(found(HEAD + LITTLE + f"    applies: {applies}\n", **place)) is asked


def test_of_several_values_the_one_that_names_most_counts_and_of_those_the_last() -> None:
    override = """\
override:
  least:
    - {site: BSL, partner: acme, value: 30}
    - {site: BSL, value: 20}
    - {material_class: api, partner: acme, value: 40}
    - {site: HYD, value: 3}
"""
    text = HEAD + override + LITTLE
    assert found(text, **at(partner="apex")) == {"little": 20}
    assert found(text, **at()) == {"little": 30}
    assert found(text, **at(material_class="api")) == {"little": 40}
    assert found(text, **at("HYD")) == {}
    assert found(text, **at("GVA")) == {"little": 10}


def test_a_file_of_the_users_own_overrides_a_parameter_of_the_shipped_one(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(HEAD + LITTLE)
    (tmp_path / "b.yaml").write_text("rulebook: 1\nset: {least: 4}\noverride:\n  least: [{site: HYD, value: 60}]\n")
    rulebook = load([tmp_path / "a.yaml", tmp_path / "b.yaml"])
    judge = rulebook.judge("material")
    assert judge is not None
    known = dict.fromkeys(FEATURES["material"])
    assert judge({**known, **at()}, None, MONDAY).findings == ()
    assert [finding.score for finding in judge({**known, **at("HYD")}, None, MONDAY).findings] == [60]
    assert rulebook.version != load([tmp_path / "a.yaml"]).version


def test_a_judge_needs_the_place_only_where_it_counts() -> None:
    here, there = (
        parse(HEAD + LITTLE).judge("material"),
        parse(HEAD + LITTLE + "    applies: {site: A}\n").judge("material"),
    )
    assert here is not None
    assert there is not None
    assert there.needs - here.needs == {"site"}


def test_a_value_of_its_own_reaches_the_waiting_of_a_rule() -> None:
    text = HEAD + "override:\n  least: [{site: HYD, value: 1}]\n" + LITTLE + "    for: {hours: least}\n"
    judge = parse(text).judge("material")
    assert judge is not None
    waits = {
        site: judge({**dict.fromkeys(FEATURES["material"]), **at(site, usable_qty=0.5)}, None, MONDAY).look_again
        for site in ("BSL", "HYD")
    }
    assert waits == {"BSL": MONDAY.replace(hour=18), "HYD": MONDAY.replace(hour=9)}


def test_a_definition_stands_for_its_expression_wherever_it_is_used() -> None:
    define = """\
define:
  needed: {is: required_qty * share, meaning: what must be there}
  too_little: {is: usable_qty < needed, meaning: less than that}
"""
    text = (
        HEAD
        + define
        + LITTLE.replace("usable_qty < least", "too_little && !silent").replace(
            "{usable_qty} of", "{needed:.1f} needed of"
        )
    )
    judge = parse(text).judge("material")
    assert judge is not None
    known = {**dict.fromkeys(FEATURES["material"]), **at(required_qty=11.0, silent=False)}
    (finding,) = judge(known, None, MONDAY).findings
    assert finding.summary == "5.5 needed of API-1"
    assert judge.needs == {"usable_qty", "required_qty", "silent", "material"}
    assert found(text, **at(required_qty=9.0, silent=False)) == {}


@pytest.mark.parametrize(
    ("define", "told"),
    [
        ("{a: {is: usable_qt, meaning: x}}", "r.yaml:5:18: usable_qt is not known here (did you mean usable_qty?)"),
        ("{a: {is: usable_qty +, meaning: x}}", "r.yaml:5:"),
        ("{least: {is: 3, meaning: x}}", "r.yaml:5:10: least is there already (give it another name)"),
        ("{qty: {is: 3, meaning: x}}", "r.yaml:5:10: qty is a feature of lot (choose another name)"),
        ("{counted: {is: 3, meaning: x}}", "r.yaml:5:10: counted is given by rules (choose another name)"),
        ("{a: {is: b, meaning: x}, b: {is: 3, meaning: x}}", "r.yaml:5:18: b is not known here"),
        ("{a: {is: qty > shortage_in_days, meaning: x}}", "r.yaml:5:"),
    ],
)
def test_a_definition_that_cannot_be_is_told_where_it_stands(define: str, told: str) -> None:
    with pytest.raises(RulebookError) as caught:
        parse(HEAD + f"define: {define}\n" + LITTLE, "r.yaml")
    (problem,) = caught.value.problems
    assert str(problem).startswith(told)


def test_a_definition_that_does_not_fit_is_told_where_it_is_used() -> None:
    define = "define: {big: {is: qty > 100, meaning: a large lot}}\n"
    with pytest.raises(RulebookError, match=r"r\.yaml:10:29: qty is not known here"):
        parse(HEAD + define + LITTLE.replace("usable_qty < least", "usable_qty < 5 && big"), "r.yaml")


def test_definitions_that_double_one_another_are_refused_before_they_fill_the_memory() -> None:
    doubled = "".join(f"  d{n}: {{is: d{n - 1} + d{n - 1}, meaning: twice}}\n" for n in range(1, 30))
    with pytest.raises(RulebookError, match="more than 5000 parts"):
        parse(HEAD + "define:\n  d0: {is: 1.5, meaning: one}\n" + doubled + LITTLE)


@pytest.mark.parametrize(
    ("override", "told"),
    [
        ("{leas: [{site: A, value: 3}]}", "r.yaml:5:12: there is no parameter leas (did you mean least?)"),
        ("{least: [{site: A, value: many}]}", "r.yaml:5:37: least is an int, which this is not"),
        ("{least: [{site: A, value: 3.5}]}", "r.yaml:5:37: least is an int, which this is not"),
        ("{least: [{value: 3}]}", "r.yaml:5:20: this holds nowhere in particular"),
        ("{least: [{country: CH, value: 3}]}", "r.yaml:5:21: unknown field country"),
    ],
)
def test_an_override_that_cannot_be_is_told_where_it_stands(override: str, told: str) -> None:
    with pytest.raises(RulebookError) as caught:
        parse(HEAD + f"override: {override}\n" + LITTLE, "r.yaml")
    (problem,) = caught.value.problems
    assert str(problem).startswith(told)


def test_a_wait_that_an_override_makes_impossible_is_told() -> None:
    text = HEAD + "override:\n  least: [{site: A, value: -1}]\n" + LITTLE + "    for: {hours: least}\n"
    with pytest.raises(RulebookError, match="-1 will not do"):
        parse(text)


def test_a_feed_has_no_product() -> None:
    rule = LITTLE.replace("subject: material", "subject: feed").replace("usable_qty < least", "silent")
    with pytest.raises(RulebookError, match="a feed has no product"):
        parse(HEAD + rule.replace("{usable_qty} of {material}", "x") + "    applies: {product: AMLO}\n")


def test_codes_without_end_do_not_fill_the_memory() -> None:
    made: list[Place] = []
    places = ByPlace([Scope((("site", frozenset({"BSL"})),))], lambda place: made.append(place) or len(made))
    assert [places[code] for code in ("BSL", "HYD", "GVA", "BSL")] == [1, 2, 2, 1]
    for number in range(2 * MOST_PLACES):
        assert places[f"S{number}"] == 2
    assert len(places) <= MOST_PLACES
    assert made == [{"site": "BSL"}, {"site": None}]


def test_where_nothing_is_overridden_parameters_are_as_they_are() -> None:
    defaults = {"least": 10, "share": 0.5}
    override = Override("least", Scope((("site", frozenset({"BSL"})),)), 20)
    assert parameters_at({"site": None}, defaults, [override]) == defaults
    assert parameters_at({"site": "BSL"}, defaults, [override]) == {"least": 20, "share": 0.5}


def test_a_time_beside_a_number_takes_the_unit_of_the_feature_or_the_parameter() -> None:
    text = HEAD.replace("{value: 10, ", "{value: 10, unit: days, ")
    assert found(text + LITTLE.replace("usable_qty < least", "lead_time_days > 2 wk"), **at(lead_time_days=15.0))
    assert not found(text + LITTLE.replace("usable_qty < least", "lead_time_days > 2 wk"), **at(lead_time_days=14.0))
    assert found(text + LITTLE.replace("usable_qty < least", "least == 240 h"), **at())
