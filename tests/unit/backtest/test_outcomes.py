"""What counts as having happened is a file, checked like a rulebook, and changes nothing of what is judged."""

from pathlib import Path

import pytest

from risk_rules import rulebook
from risk_rules.problems import DocumentError
from streams.backtest import outcomes, truth
from streams.cli.rulebook_files import resolved
from tests.unit.backtest.told import OUTCOMES, happened


def test_the_outcomes_that_ship_fit_the_rulebooks_that_ship() -> None:
    shipped = outcomes.load()
    kinds = {(rule.subject, rule.kind) for rule in rulebook.load(resolved(["default", "snc"])).rules}
    foretold = {(one.subject, kind) for one in shipped.by_name.values() for kind in one.foretold_by}
    assert foretold <= kinds


def test_the_rules_that_are_judged_stand_unchanged_beside_the_outcomes() -> None:
    files = resolved(["default"])
    alone, watched = rulebook.load(files), outcomes.watched(files, outcomes.load())
    assert [rule.id for rule in watched.rules[: len(alone.rules)]] == [rule.id for rule in alone.rules]
    assert all(rule.kind.startswith(outcomes.PREFIX) for rule in watched.rules[len(alone.rules) :])


def test_a_wrong_outcome_is_told_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / "outcomes.yaml"
    path.write_text(
        "outcomes: 1\nhappened:\n"
        "  short: {subject: material, when: shortage_in_day <= 0, foretold_by: [a], meaning: m}\n"
        "  gone: {subject: materal, when: 'true', foretold_by: [a], meaning: m}\n"
    )
    with pytest.raises(DocumentError) as caught:
        outcomes.load(path)
    first, second = map(str, caught.value.problems)
    assert first.startswith(f"{path}:3:36: ")
    assert "shortage_in_days" in first
    assert second.startswith(f"{path}:4:19: there is no subject materal")


def test_known_truth_takes_the_place_of_what_the_ledger_tells(tmp_path: Path) -> None:
    path = tmp_path / "truth.jsonl"
    path.write_text('{"outcome":"shortage","subject":"material:BSL/RM-1","began_at":"2026-02-14T00:00:00Z"}\n\n')
    known = truth.load(path, OUTCOMES)
    lost = happened(3, outcome="lost", subject="batch:BSL/B")
    assert truth.over([happened(1), lost], known) == [lost, happened(40)]


def test_truth_that_cannot_be_read_is_told_line_by_line(tmp_path: Path) -> None:
    path = tmp_path / "truth.jsonl"
    path.write_text('{"outcome":"shortag","subject":"m","began_at":"2026-02-14T00:00:00Z"}\nno\n')
    with pytest.raises(DocumentError) as caught:
        truth.load(path, OUTCOMES)
    assert [problem.line for problem in caught.value.problems] == [1, 2]
    assert "did you mean shortage?" in str(caught.value)
