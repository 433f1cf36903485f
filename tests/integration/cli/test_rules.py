"""The commands of rules as a planner runs them: those of docs/rules.md, and what they say of what is wrong."""

import json
import re
import shlex
import shutil
from pathlib import Path

import pytest

from alerting.database import connect
from streams import schema
from streams.backtest import history
from streams.backtest.living import live
from streams.network.load import load
from tests.integration.cli.test_commands import ROOT, bellwether
from tests.oracle.stream import DEFAULT_RULES

PAGE = (ROOT / "docs" / "rules.md").read_text(encoding="utf-8")
COMMANDS = [line.partition("#")[0].strip() for line in re.findall(r"^ {4}bellwether (rules .*)$", PAGE, re.MULTILINE)]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with all that the page speaks of: the examples, a year (of eight weeks), and a database that lived it."""
    folder = tmp_path_factory.mktemp("desk")
    shutil.copytree(ROOT / "docs" / "examples", folder / "docs" / "examples")
    shutil.copytree(folder / "docs" / "examples", folder, dirs_exist_ok=True)
    made = bellwether(folder, "rules", "simulate", "year", "--weeks", "8", "--json")
    assert made.returncode == 0, made.stderr
    year = folder / "year"
    shutil.copy(year / "history.jsonl", folder / "events.jsonl")
    engine = connect(f"sqlite:///{folder / 'bellwether.db'}")
    schema.upgrade(engine)
    steps = history.steps(history.lines(year / "history.jsonl"), own_ticks=True)
    live(steps, load(year / "network.yaml"), DEFAULT_RULES, engine)
    engine.dispose()
    (folder / "bellwether.yaml").write_text("network: year/network.yaml\n")
    return folder


@pytest.mark.parametrize("command", dict.fromkeys(COMMANDS))
def test_the_commands_of_the_page_do_what_it_says(desk: Path, command: str) -> None:
    words = shlex.split(command.replace("--weeks 52", "--weeks 4"))
    if "--picture" in words:
        pytest.importorskip("matplotlib")
    ended = bellwether(desk, *words)
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout
    assert "\x1b" not in ended.stdout
    if "--picture" in words:
        assert (desk / words[-1]).read_text(encoding="utf-8").startswith("<?xml")


def test_a_wrong_rulebook_is_told_whole_and_ends_with_one(desk: Path) -> None:
    (desk / "wrong.yaml").write_text(
        "rulebook: 1\nset: {margin_day: 3}\nrules:\n"
        '  - {id: b, subject: material, kind: x, when: "days_of_suply < 3", summary: "{nam}", score: 1}\n'
    )
    ended = bellwether(desk, "rules", "check", "default", "wrong.yaml")
    assert ended.returncode == 1
    assert "wrong.yaml:2:7: there is no parameter margin_day" in ended.stderr
    assert "did you mean days_of_supply?" in ended.stderr
    as_json = bellwether(desk, "rules", "check", "default", "wrong.yaml", "--json")
    assert (as_json.returncode, {problem["line"] for problem in json.loads(as_json.stdout)["problems"]}) == (1, {2, 4})


def test_a_test_that_fails_ends_with_one_and_shows_the_difference(desk: Path) -> None:
    (desk / "fails.tests.yaml").write_text(
        "tests: 1\ncases:\n  - {name: calm, subject: batch, features: {status: rejected, size: 5, unit: KGM}}\n"
    )
    ended = bellwether(desk, "rules", "test", "fails.tests.yaml")
    assert ended.returncode == 1
    assert "fails.tests.yaml:3:5: calm" in ended.stdout
    assert "+ batch-rejected: severity: warning" in ended.stdout


def test_a_backtest_in_json_has_all_figures_and_a_rulebook_is_at_one_with_itself(desk: Path) -> None:
    arguments = ["rules", "backtest", "events.jsonl", "--severity", "watch", "--truth", "year/truth.jsonl"]
    ended = bellwether(desk, *arguments, "--from", "2025-01-20", "--to", "2025-02-03", "--against", "default", "--json")
    assert ended.returncode == 0, ended.stderr
    told = json.loads(ended.stdout)
    assert (told["begin"], told["end"], told["days"], len(told["by_day"])) == ("2025-01-20", "2025-02-03", 14, 14)
    assert told["total"]["warnings"] == len(told["warnings"]) == sum(sum(o.values()) for o in told["by_day"].values())
    assert all("2025-01-20" <= one["warned_at"] < "2025-02-03" for one in told["warnings"])
    assert len(told["against"]["comparison"]["both"]) == len(told["warnings"])
    assert told["against"]["rulebook"] == told["rulebook"] == DEFAULT_RULES.version


def test_a_backtest_of_no_time_at_all_says_what_time_there_is(desk: Path) -> None:
    ended = bellwether(desk, "rules", "backtest", "events.jsonl", "--from", "2031-01-01")
    assert ended.returncode == 1
    assert "the history goes from 2025-01-07 to 2025-03-03" in ended.stderr


def test_without_a_file_or_a_broker_a_backtest_asks_which_events(desk: Path) -> None:
    ended = bellwether(desk, "rules", "backtest")
    assert ended.returncode == 2
    assert "BELLWETHER_KAFKA" in ended.stderr


def test_an_explanation_names_rule_factors_events_and_version(desk: Path) -> None:
    every = bellwether(desk, "rules", "explain", "BSL", "--json")
    (first, *_) = json.loads(every.stdout)["verdicts"]
    ended = bellwether(desk, "rules", "explain", f"{first['subject_kind']}:{first['subject_key']}")
    assert ended.returncode == 0, ended.stderr
    for part in (first["rule"], first["rulebook"], *first["events"], *(factor["name"] for factor in first["factors"])):
        assert part in ended.stdout


def test_nothing_to_explain_ends_with_one(desk: Path) -> None:
    ended = bellwether(desk, "rules", "explain", "material:NOWHERE/NOTHING")
    assert ended.returncode == 1
    assert "no rule finds anything" in ended.stderr
