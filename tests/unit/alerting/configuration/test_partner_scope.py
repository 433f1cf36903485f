"""A receiver that belongs to a partner: no way of the file may lead alerts of others to it."""

from datetime import UTC, datetime
from typing import Any

import pytest

from alerting.configuration.loading import parse
from alerting.labels import Labels
from risk_rules.documents import DocumentError
from risk_rules.findings import Severity
from tests.unit.alerting.configuration.test_loading import problems

HEAD = "receivers:\n  ours: {address: env:OURS}\n  desk: {address: env:DESK, partner: acme}\n"
BRANCH = "route:\n  to: ours\n  routes:\n"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (HEAD + "route: {to: [ours, desk]}\n",
         "a.yaml:4:13: desk hears of partner acme only, and alerts of all partners would go to it "
         '(match partner="acme" on this branch or one above)'),
        (HEAD + BRANCH + "    - {match: 'partner=\"borealis\"', to: desk}\n",
         "a.yaml:7:41: desk hears of partner acme only, and alerts of partner borealis would go to it "
         '(match partner="acme" on this branch or one above)'),
        (HEAD + BRANCH + "    - {match: 'partner=~\"acme.*\"', to: desk}\n",
         "a.yaml:7:40: desk hears of partner acme only, and alerts of all partners would go to it "
         '(match partner="acme" on this branch or one above)'),
        (HEAD + BRANCH + "    - {match: severity>=critical, to: desk, continue: true}\n",
         "a.yaml:7:39: desk hears of partner acme only, and alerts of all partners would go to it "
         '(match partner="acme" on this branch or one above)'),
        (HEAD + "teams: {both: {members: [ours, desk]}}\nroute: {to: both}\n",
         "a.yaml:5:13: desk hears of partner acme only, and alerts of all partners would go to it "
         '(match partner="acme" on this branch or one above)'),
        (HEAD + "rotas: {duty: {shifts: [{people: [ours]}], otherwise: desk}}\nroute: {to: duty}\n",
         "a.yaml:5:13: desk hears of partner acme only, and alerts of all partners would go to it "
         '(match partner="acme" on this branch or one above)'),
        (HEAD + "policies: {urgent: {steps: [{wait: 1h, to: desk}], last: ours}}\nroute: {to: ours, policy: urgent}\n",
         "a.yaml:5:27: desk hears of partner acme only, and alerts of all partners would go to it by policy urgent "
         '(match partner="acme" on this branch or one above)'),
        (HEAD + "owners: {partners: {borealis: desk}}\nroute: {to: [ours, owner]}\n",
         "a.yaml:4:31: desk hears of partner acme only, and cannot own partner borealis (name somebody of ours)"),
        (HEAD + "heartbeat: {to: desk}\nroute: {to: ours}\n",
         "a.yaml:4:17: desk belongs to a partner, and the sign of life is for us (name somebody of ours)"),
        (HEAD + "  last: {address: env:LAST, fallbacks: desk}\nroute: {to: [ours, last]}\n",
         "a.yaml:4:40: this way also leads to desk, which hears of partner acme only (give last a way of its own)"),
        (HEAD + "  other: {address: env:DESK, partner: borealis}\nroute: {to: ours}\n",
         "a.yaml:4:20: this way also leads to desk, which hears of partner acme only (give other a way of its own)"),
        ("contacts: {shared: {address: env:S}}\n" + HEAD.replace("env:OURS", "env:OURS, fallbacks: shared")
         + "  bo: {address: env:B, partner: borealis, fallbacks: [shared]}\nroute: {to: ours}\n",
         "a.yaml:5:54: this way also leads to ours, which hears of everything (give bo a way of its own)"),
    ],
)  # fmt: skip
def test_a_way_to_another_partner_is_refused_where_it_stands(text: str, told: str) -> None:
    assert told in problems(text)


@pytest.mark.parametrize(
    "branch",
    [
        "    - {match: 'partner=\"acme\"', to: [ours, desk]}\n",
        "    - {match: ['partner=\"acme\"', severity>=warning], to: desk, continue: true}\n",
        "    - {match: 'partner=\"acme\"', to: ours, routes: [{match: 'kind=\"late\"', to: desk}]}\n",
    ],
)
def test_a_branch_of_its_partner_may_name_it(branch: str) -> None:
    configuration = parse(HEAD + BRANCH + branch)
    labels = Labels(severity=Severity.CRITICAL, kind="late", subject_kind="shipment", partner="acme", site="BSL")
    assert "desk" in configuration.route(labels).targets


def test_what_only_an_alert_shows_is_left_out_and_said() -> None:
    configuration = parse(HEAD + "owners: {materials: {SALT: desk}}\nroute: {to: [ours, owner]}\n")
    labels: dict[str, Any] = {
        "severity": Severity.CRITICAL,
        "kind": "late",
        "subject_kind": "material",
        "site": "X",
        "material": "SALT",
    }
    at = datetime(2026, 1, 5, tzinfo=UTC)
    assert configuration.on_duty("owner", Labels(**labels, partner="acme"), at).receivers == ("desk",)
    others = configuration.on_duty("owner", Labels(**labels, partner="borealis"), at)
    assert others.receivers == ()
    assert others.because.endswith("left out, since it is not about their partner: desk")


def test_files_without_partners_receivers_are_as_they_were() -> None:
    parse("receivers: {a: {address: env:A}, b: {address: env:A}}\nroute: {to: [a, b]}\n")
    with pytest.raises(DocumentError):
        parse("receivers: {a: {address: env:A}, b: {address: env:A, partner: acme}}\nroute: {to: a}\n")
