"""Who an alert goes to: matchers, the tree, owners, and who is behind a name."""

from datetime import UTC, datetime
from typing import Any

import pytest

from alerting.configuration.loading import parse
from alerting.configuration.model import Duty
from alerting.labels import Labels
from alerting.matchers import MatcherError
from alerting.matchers import parse as matcher
from risk_rules.findings import Severity

AT = datetime(2026, 1, 6, 12, tzinfo=UTC)


def labels(severity: Severity = Severity.WARNING, **said: Any) -> Labels:
    return Labels(
        **{"kind": "shortage", "subject_kind": "material", "partner": "acme", "site": "BSL"} | said, severity=severity
    )


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("kind=shortage", True), ("kind = shortage", True), ('kind="short"', False), ("kind!=late", True),
        ('kind=~"short.*"', True), ('kind=~"short"', False), ('site!~"B.*"', False), ('site=~"G|B.*"', True),
        ("severity>=watch", True), ("severity>=warning", True), ("severity>=critical", False), ("severity=warning", True),
        ("product=X", False), ("product!=X", True), ('product=~".*"', False), ('product!~".*"', True),
    ],
)  # fmt: skip
def test_a_matcher_holds_of_labels(text: str, holds: bool) -> None:
    assert matcher(text).matches(labels()) is holds
    assert matcher(str(matcher(text))) == matcher(text)


def test_quotes_in_a_value_are_kept() -> None:
    assert matcher(r'site="a\"b\\c"').value == 'a"b\\c'
    assert str(matcher(r'site="a\"b\\c"')) == r'site="a\"b\\c"'


@pytest.mark.parametrize(
    ("text", "offset"),
    [("kind", 0), ("knd=x", 0), ('kind=~"("', 6), ("kind=", 5), ("kind=a b", 5), ("kind>=a", 4), ("severity>=bad", 10)],
)
def test_a_text_that_is_no_matcher_is_refused_with_the_character(text: str, offset: int) -> None:
    with pytest.raises(MatcherError) as caught:
        matcher(text)
    assert caught.value.offset == offset


TREE = parse("""
receivers:
  planners: {address: env:P}
  quality: {address: env:Q}
  management: {address: env:M}
  basel: {address: env:B}
teams: {both: {members: [planners, quality]}}
rotas:
  duty: {shifts: [{people: [basel], hours: "08:00-18:00"}]}
owners:
  materials: {SALT: duty}
  products: {DP-A: both}
  sites: {BSL: basel}
  partners: {acme: planners}
  roles: {quality: quality}
policies: {calm: {last: planners}, urgent: {last: management}}
route:
  to: planners
  policy: calm
  group_by: [product]
  routes:
    - {match: severity>=critical, to: management, continue: true}
    - match: kind=shortage
      policy: urgent
      digest: []
      routes:
        - {match: site=BSL, to: [basel, planners], name: here, group_by: []}
    - {match: kind=late, to: quality}
""")


def test_the_first_branch_that_matches_decides_and_takes_over_what_it_does_not_say() -> None:
    route = TREE.route(labels())
    assert route.path == ("all", 'kind="shortage"', "here")
    assert route.targets == ("basel", "planners")
    assert (route.policy and route.policy.name, route.group_by) == ("urgent", ())
    other = TREE.route(labels(site="GVA"))
    assert (other.path, other.targets, other.group_by) == (("all", 'kind="shortage"'), ("planners",), ("product",))


def test_a_branch_that_continues_adds_its_receivers_and_the_search_goes_on() -> None:
    route = TREE.route(labels(Severity.CRITICAL, kind="late"))
    assert route.path == ("all", 'severity>="critical"', 'kind="late"')
    assert (route.targets, route.policy and route.policy.name) == (("quality", "management"), "calm")
    assert TREE.route(labels(Severity.CRITICAL, kind="other")).targets == ("planners", "management")


def test_what_is_watched_is_collected_unless_the_branch_says_otherwise() -> None:
    assert TREE.route(labels(Severity.WATCH, kind="late")).digest
    assert not TREE.route(labels(Severity.WARNING, kind="late")).digest
    assert not TREE.route(labels(Severity.WATCH)).digest


@pytest.mark.parametrize(
    ("said", "receivers", "because"),
    [
        ({"material": "SALT", "product": "DP-A"}, ("basel",), "owner of material SALT: on duty by rota duty"),
        ({"material": "X", "product": "DP-A"}, ("planners", "quality"), "owner of product DP-A: team both"),
        ({"site": "BSL"}, ("basel",), "owner of site BSL: basel"),
        ({"site": "GVA"}, ("planners",), "owner of partner acme: planners"),
        ({"site": "GVA", "partner": "bio", "owner": "quality"}, ("quality",), "owner of role quality: quality"),
        ({"site": "GVA", "partner": "bio"}, (), "nobody owns what the alert is about"),
    ],
)
def test_the_owner_is_that_of_the_material_before_the_product_the_site_the_partner_and_the_role(
    said: dict[str, str], receivers: tuple[str, ...], because: str
) -> None:
    duty = TREE.on_duty("owner", labels(**said), AT)
    assert (duty.receivers, duty.because) == (receivers, because)


def test_a_rota_tells_until_when_and_a_gap_or_a_name_that_is_gone_is_nobody() -> None:
    assert TREE.on_duty("duty", labels(), AT) == Duty(("basel",), "on duty by rota duty", AT.replace(hour=18))
    night = AT.replace(hour=20)
    assert TREE.on_duty("duty", labels(), night) == Duty(
        (), "nobody is on duty by rota duty", datetime(2026, 1, 7, 8, tzinfo=UTC)
    )
    assert TREE.on_duty("duty", labels(), AT).receivers == ("basel",), "asked of an earlier time afterwards"
    assert TREE.on_duty("gone", labels(), AT) == Duty((), "nobody has the name gone")


def test_a_label_that_is_missing_on_both_sides_holds_nothing_back() -> None:
    (rule,) = parse(
        "receivers: {a: {address: env:A}}\nroute: {to: a}\n"
        "inhibitions: [{name: i, source: kind=silent, target: kind!=silent, equal: [product]}]\n"
    ).inhibitions
    silent, late = labels(kind="silent"), labels(kind="late")
    assert not rule.holds(silent, late)
    assert rule.holds(labels(kind="silent", product="X"), labels(kind="late", product="X"))
    assert not rule.holds(labels(kind="silent", product="X"), labels(kind="late", product="Y"))
    assert not rule.holds(labels(kind="late", product="X"), labels(kind="silent", product="X"))
