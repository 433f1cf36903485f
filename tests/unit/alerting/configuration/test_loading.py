"""What an alerting file may say, and what is said of one that is wrong."""

import json
from pathlib import Path

import jsonschema
import pytest

from alerting.configuration.file import AlertingFile
from alerting.configuration.loading import NOBODY, parse, stored
from alerting.configuration.schema import alerting_schema
from alerting.labels import Labels
from risk_rules.documents import Document, DocumentError
from risk_rules.findings import Severity

ROOT = Path(__file__).parents[4]
EXAMPLE = (ROOT / "docs" / "examples" / "alerting.yaml").read_text(encoding="utf-8")

HEAD = "receivers:\n  a: {address: env:A}\n  b: {address: env:B}\n"
ROTA = (
    'rotas:\n  duty:\n    shifts: [{people: [a], hours: "08:00-18:00"}]\n'
    "policies:\n  urgent: {last: duty}\n  calm: {last: owner}\nroute: {to: a, policy: urgent}\n"
)


def problems(text: str) -> list[str]:
    with pytest.raises(DocumentError) as caught:
        parse(text, "a.yaml")
    return [str(problem) for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "a.yaml:1:1: is no alerting file (it needs receivers and a route)"),
        (HEAD, "a.yaml:1:1: no route says who is told (add route: {to: NAME})"),
        (HEAD + "route: {}\n", "a.yaml:4:8: object missing required field to"),
        (HEAD + "route: {to: c}\n", "a.yaml:4:13: unknown name c (known are a, b, owner)"),
        (HEAD + "rout: {to: a}\n", "a.yaml:4:1: unknown section rout (did you mean route?)"),
        (HEAD + "route: [a]\n", "a.yaml:4:8: route has to be a mapping (see docs/alerting.md)"),
        (HEAD + "teams: {t: {members: [a, d]}}\nroute: {to: t}\n", "a.yaml:4:26: unknown name d (known are a, b)"),
        (
            HEAD + "teams: {t: {members: a}}\nheartbeat: {to: t}\nroute: {to: t}\n",
            "a.yaml:5:17: t is a team (name a person or a receiver)",
        ),
        (HEAD + "people:\n  a: {address: env:C}\nroute: {to: a}\n", "a.yaml:2:3: a is the name of a person already (rename one)"),
        (HEAD + "  owner: {address: env:C}\nroute: {to: a}\n",
         "a.yaml:4:3: owner means whoever owns what an alert is about (rename it)"),
        (HEAD + "  c d: {address: env:C}\nroute: {to: a}\n",
         "a.yaml:4:3: 'c d' is no name (a name has no spaces, quotes, commas, slashes or backslashes)"),
        (HEAD + "  c: {address: tokenwithoutscheme}\nroute: {to: a}\n",
         "a.yaml:4:16: is no address (write env:NAME, file:PATH or an Apprise URL)"),
        (HEAD + "  c: {address: env:C, zone: Europe/Zürich}\nroute: {to: a}\n",
         "a.yaml:4:29: unknown time zone 'Europe/Zürich' (did you mean Europe/Zurich?)"),
        (HEAD + '  c: {address: env:C, quiet: {hours: "7-9"}}\nroute: {to: a}\n',
         "a.yaml:4:38: '7-9' are no hours of a day (write them as \"08:00-18:00\")"),
        (HEAD + "  c: {address: env:C, quiet: {days: [mon, tue, wed, thu, fri, sat, sun]}}\nroute: {to: a}\n",
         "a.yaml:4:37: all days are quiet, and messages would wait for ever (leave one out)"),
        (HEAD + "  c: {address: env:C, quiet: {holidays: QQ}}\nroute: {to: a}\n",
         "a.yaml:4:41: no public holidays are known of QQ (write CH, or CH-BS for its region (ISO 3166))"),
        (HEAD + "route: {to: a, group_wait: soon}\n",
         "a.yaml:4:28: 'soon' is no span of time (write it as 30s, 15m, 2h, 1d, 1w or 1h30m)"),
        (HEAD + "route: {to: a, routes: [{match: 'knd=x'}]}\n", "a.yaml:4:34: unknown label knd (did you mean kind?)"),
        (HEAD + "route: {to: a, routes: [{match: [site=B, 'severity>=urgent']}]}\n",
         "a.yaml:4:53: unknown severity urgent (known are watch, warning, critical)"),
        (HEAD + "route: {to: a, policy: urgnt}\npolicies: {urgent: {last: a}}\n",
         "a.yaml:4:24: unknown policy urgnt (did you mean urgent?)"),
        (HEAD + "route: {to: owner}\n", "a.yaml:4:13: owner may be nobody, and no policy follows (add a policy or a receiver)"),
        (HEAD + "route: {to: a, routes: [{match: site=B, to: b, continue: true, policy: p}]}\npolicies: {p: {last: a}}\n",
         "a.yaml:4:64: a branch that continues has no policy: the one that ends the search says it (take it out, or continue)"),
        (HEAD + "rotas: {r: {shifts: [{people: [a, b]}]}}\nroute: {to: a}\n",
         "a.yaml:4:31: it is not said when the first of them begins"
         " (add starts: 2026-01-05, the first day of the first one's turn)"),
        (HEAD + "rotas: {r: {shifts: [{people: [a], holidays: 'off'}]}}\nroute: {to: a}\n",
         "a.yaml:4:9: a shift speaks of holidays, and the rota does not say whose (add holidays: CH)"),
        (HEAD + "rotas: {r: {shifts: [{people: [a]}], overrides: [{from: 2026-02-02, until: 2026-02-01, people: b}]}}\n"
         "route: {to: a}\n",
         "a.yaml:4:76: the end 2026-02-01 is not after the begin 2026-02-02 (swap them?)"),
    ],
)  # fmt: skip
def test_a_fault_is_told_with_its_place_and_what_to_do(text: str, told: str) -> None:
    assert problems(text) == [told]


def test_a_policy_that_can_end_with_nobody_is_refused() -> None:
    assert problems(HEAD + ROTA) == [
        "a.yaml:8:18: at times nobody is on duty by rota duty, and so the policy could end with nobody"
        " (give the rota otherwise: NAME, or name somebody else)",
        "a.yaml:9:16: the owner may be nobody, and so the policy could end with nobody"
        " (name a person, a receiver or a team)",
    ]


def test_a_rota_that_always_has_somebody_may_be_the_last() -> None:
    text = HEAD + ROTA.replace('"08:00-18:00"}]', '"08:00-18:00"}]\n    otherwise: b').replace("last: owner", "last: b")
    assert parse(text).policies["urgent"].last == "duty"


def test_all_faults_are_told_at_once() -> None:
    text = "people:\n  a: {adress: env:A}\nteams:\n  t: {members: [b]}\nroute: {to: x, group_wait: no}\nzone: Mars\n"
    assert [problem.split(":")[1] for problem in problems(text)] == ["2", "4", "5", "5", "6"]


def test_a_fault_shows_no_address() -> None:
    text = "receivers:\n  a: {address: nothing, json://user:s3cr3t@host/: 1}\nroute: {to: a}\n"
    assert "s3cr3t" not in str(problems(text))


def test_an_address_that_is_written_out_is_not_kept() -> None:
    written, named = "json://user:s3cr3t@host/", "env:CHAT"
    text = f"receivers:\n  a: {{address: '{written}'}}\n  b: {{address: {named}}}\nroute: {{to: [a, b]}}\n"
    found = parse(text)
    assert found.contacts["a"].address == written
    assert "s3cr3t" not in repr(found) + found.text
    again = stored(found.text)
    assert (again.version, again.tree, again.receivers) == (found.version, found.tree, found.receivers)
    assert problems(found.text) == ["a.yaml:4:15: is no address (write env:NAME, file:PATH or an Apprise URL)"]


def test_without_a_file_nobody_is_told() -> None:
    labels = Labels(severity=Severity.CRITICAL, kind="shortage", subject_kind="material", partner="acme", site="BSL")
    assert NOBODY.route(labels).targets == ()


def test_names_that_nothing_uses_and_branches_that_are_never_reached_are_warnings() -> None:
    text = HEAD + "policies: {p: {last: a}}\nroute: {to: a, routes: [{to: a}, {match: site=B}]}\n"
    assert [str(warning) for warning in parse(text, "a.yaml").warnings] == [
        "a.yaml:3:3: nothing in the file speaks of receiver b (take it out?)",
        "a.yaml:4:12: nothing in the file speaks of policy p (take it out?)",
        "a.yaml:5:34: is never reached: the branch before it takes all that is left (move it up)",
    ]


def test_kinds_that_no_rulebook_knows_are_warnings_also_in_patterns_and_owners() -> None:
    known = {"kind": frozenset({"shortage", "late"}), "material": frozenset({"SALT"})}
    text = HEAD.replace("  b: {address: env:B}\n", "") + (
        "route: {to: a, routes: [{match: kind=shortge}, {match: 'kind=~\"sh.*\"'}, {match: 'kind=~\"x.*\"'}]}\n"
        "owners: {materials: {SLAT: a, SALT: a}}\n"
    )
    assert [str(warning) for warning in parse(text, "a.yaml", known).warnings] == [
        "a.yaml:3:33: unknown kind shortge (did you mean shortage?)",
        "a.yaml:3:81: no kind that is known is like x.* (check the pattern)",
        "a.yaml:4:22: unknown material SLAT (did you mean SALT?)",
    ]


def test_the_schema_takes_what_the_program_takes() -> None:
    schema = alerting_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    checked = jsonschema.Draft202012Validator(schema)
    for text in (EXAMPLE, HEAD + "route: {to: a}\n"):
        checked.validate(Document.parse(text, "a").value)
    for wrong in ("route: {to: a, group_wait: soon}", "route: {}", "rout: {to: a}", "route: {to: 'a b'}"):
        assert not checked.is_valid(Document.parse(HEAD + wrong, "a").value), wrong


def test_each_field_of_the_file_stands_in_the_schema() -> None:
    assert set(AlertingFile.__struct_encode_fields__) == set(
        json.loads(json.dumps(alerting_schema()))["$defs"]["AlertingFile"]["properties"]
    )
