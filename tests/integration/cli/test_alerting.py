"""The commands about the alerting file as people run them: those of docs/alerting.md, and what they say of faults."""

import json
import re
import shlex
import shutil
from pathlib import Path

import pytest

from alerting.configuration.loading import parse
from tests.integration.cli.test_commands import ROOT, bellwether

PAGE = (ROOT / "docs" / "alerting.md").read_text(encoding="utf-8")
COMMANDS = [line.partition("  #")[0] for line in re.findall(r"^ {4}bellwether (.*)$", PAGE, re.MULTILINE)]
FILES = re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "docs" / "examples", tmp_path / "docs" / "examples")
    return tmp_path


@pytest.mark.parametrize("command", COMMANDS)
def test_the_commands_of_the_page_do_what_it_says(desk: Path, command: str) -> None:
    ended = bellwether(desk, *shlex.split(command))
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout
    assert "warning" not in ended.stderr


@pytest.mark.parametrize("text", FILES, ids=range(len(FILES)))
def test_the_files_of_the_page_can_be_used(text: str) -> None:
    assert parse(text).tree is not None


def test_the_smallest_file_has_five_lines() -> None:
    assert len(FILES[0].splitlines()) == 5


def test_a_wrong_file_is_told_whole_and_ends_with_one(tmp_path: Path) -> None:
    (tmp_path / "wrong.yaml").write_text("receivers:\n  a: {adress: env:A}\nroute: {to: b}\n")
    ended = bellwether(tmp_path, "alerts", "check", "wrong.yaml")
    assert ended.returncode == 1
    assert "wrong.yaml:2:7: unknown field adress (did you mean address?)" in ended.stderr
    assert "wrong.yaml:3:13: unknown name b (did you mean" not in ended.stderr
    assert "wrong.yaml:3:13: unknown name b" in ended.stderr
    as_json = bellwether(tmp_path, "alerts", "check", "wrong.yaml", "--json")
    (told,) = json.loads(as_json.stdout)["files"]
    assert (as_json.returncode, told["version"], [one["line"] for one in told["problems"]]) == (1, None, [2, 3])


def test_kinds_and_sites_that_nobody_knows_and_hours_that_nobody_has_are_warnings(tmp_path: Path) -> None:
    (tmp_path / "alerting.yaml").write_text(
        "people:\n  anna: {address: env:A}\n"
        'rotas:\n  office:\n    shifts: [{people: [anna], hours: "08:00-18:00", days: [mon]}]\n'
        "route:\n  to: anna\n  routes:\n"
        "    - {match: kind=shortge, to: [anna, office]}\n"
        "    - {match: site=BLS}\n"
    )
    settings = {"alerting": "alerting.yaml", "network": str(ROOT / "deploy" / "examples" / "network.yaml")}
    ended = bellwether(tmp_path, "alerts", "check", **settings)
    assert ended.returncode == 0, ended.stderr
    assert "alerting.yaml:9:15: unknown kind shortge (did you mean shortage?)" in ended.stderr
    assert "alerting.yaml:10:15: unknown site BLS" in ended.stderr
    assert "rota office: nobody is on duty from" in ended.stderr
    gaps = bellwether(tmp_path, "rota", "gaps", "--from", "2026-11-23T00:00", "--days", "7", "--json", **settings)
    assert gaps.returncode == 1
    (rota,) = json.loads(gaps.stdout)["rotas"]
    assert [(one["begin"], one["end"]) for one in rota["stretches"]] == [
        ("2026-11-23T00:00:00Z", "2026-11-23T08:00:00Z"),
        ("2026-11-23T18:00:00Z", "2026-11-30T00:00:00Z"),
    ]


def test_a_route_is_told_by_step_with_who_is_on_duty_then(desk: Path) -> None:
    words = ["--kind", "shortage", "--material", "SALT", "--site", "BSL", "--at", "2026-03-27T21:00+01:00"]
    ended = bellwether(desk, "alerts", "route", *words, "--file", "docs/examples/alerting.yaml", "--json")
    assert ended.returncode == 0, ended.stderr
    told = json.loads(ended.stdout)
    assert told["path"] == ["all", "shortages", 'site="BSL"']
    assert (told["policy"], told["again_every_seconds"]) == ("urgent", 2700)
    first = [(one["at"], one["step"], one["receiver"]) for one in told["decisions"][:6]]
    assert first == [
        ("2026-03-27T20:00:00Z", 0, "carla"), ("2026-03-27T20:00:00Z", 0, "planners"),
        ("2026-03-27T20:15:00Z", 1, "carla"), ("2026-03-27T20:45:00Z", 2, "anna"),
        ("2026-03-27T20:45:00Z", 2, "ben"), ("2026-03-27T20:45:00Z", 2, "carla"),
    ]  # fmt: skip
    anna = told["decisions"][3]
    assert anna["goes_out_at"] == "2026-03-30T05:00:00Z", "Monday at seven, on the weekend of the change to summer time"
    assert anna["contacts"] == ["anna", "anna-mail", "ops-phone"]
    assert (told["decisions"][-1]["receiver"], told["decisions"][-1]["step"]) == ("planners", 3)


def test_a_time_that_is_none_and_a_rota_that_is_not_there_are_said_so(desk: Path) -> None:
    ended = bellwether(desk, "alerts", "route", "--at", "tomorrow", "--file", "docs/examples/alerting.yaml")
    assert (ended.returncode, "tomorrow is no time" in ended.stderr) == (2, True)
    ended = bellwether(desk, "rota", "show", "buyers", "--file", "docs/examples/alerting.yaml")
    assert (ended.returncode, "did you mean buyers-on-call?" in ended.stderr) == (2, True)
    ended = bellwether(desk, "rota", "show")
    assert (ended.returncode, "BELLWETHER_ALERTING" in ended.stderr) == (2, True)


def test_the_schema_on_the_page_is_that_of_the_program(tmp_path: Path) -> None:
    told = json.loads(bellwether(tmp_path, "schema", "alerting").stdout)
    kept = json.loads((ROOT / "docs" / "alerting.schema.json").read_text(encoding="utf-8"))
    assert told == kept, "make docs"
