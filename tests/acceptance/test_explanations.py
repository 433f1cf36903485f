"""What is said of a score is true: its shares make it up, and whatever would lower it does, when the rules are asked anew."""

import math
from collections.abc import Mapping
from copy import copy
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import pytest

from risk_rules.explanations import Change, Explanation, explain
from risk_rules.findings import Finding
from risk_rules.judge import Judge
from risk_rules.rules import Rule
from streams.simulation.disruptions import all_seven
from tests.acceptance.worlds import lived
from tests.oracle.stream import DEFAULT_RULES, MONDAY

VERDICTS = 1000
WEEKS = 20
NEAR = 1e-9

Features = Mapping[str, Any]


class Said(NamedTuple):
    """A finding of the ledger's own judge, and the features that it rests on."""

    judge: Judge
    rule: Rule
    features: Features
    finding: Finding

    def explained(self) -> Explanation:
        return explain(self.rule, self.features, MONDAY)

    def after(self, feature: str, value: Any) -> Finding | None:
        """What the judge says of the same rule when one feature is another."""
        found = self.judge({**self.features, feature: value}, None, MONDAY).findings
        return next((finding for finding in found if finding.rule == self.rule.id), None)


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> list[Said]:
    """Findings of a world in which much goes wrong: of every rule that spoke, and of as many subjects as can be."""
    seen: dict[str, list[Said]] = {}

    def noting(judge: Judge) -> Judge:
        noted = copy(judge)

        def select(features: Features) -> tuple[Any, ...]:
            found = judge.select(features)
            for finding in judge(features, None, MONDAY).findings if found else ():
                seen.setdefault(finding.rule, []).append(
                    Said(judge, judge.rules(features)[finding.rule], dict(features), finding)
                )
            return found

        noted.select = select
        return noted

    kinds = {rule.subject for rule in DEFAULT_RULES.rules}
    judges = {kind: judge for kind in kinds if (judge := DEFAULT_RULES.judge(kind)) is not None}
    rules = replace(DEFAULT_RULES, _judges={kind: noting(judge) for kind, judge in judges.items()})
    folder: Path = tmp_path_factory.mktemp("explained")
    lived(folder, 3, all_seven(), WEEKS, rules)
    dice, each = Random(3), -(-VERDICTS // len(seen))
    chosen = [one for found in seen.values() for one in dice.sample(found, min(each, len(found)))]
    chosen_ids = {id(one) for one in chosen}
    rest = [one for found in seen.values() for one in found if id(one) not in chosen_ids]
    return chosen + dice.sample(rest, max(0, VERDICTS - len(chosen)))


def test_there_is_enough_to_explain(said: list[Said]) -> None:
    assert len(said) >= VERDICTS
    assert len({one.rule.id for one in said}) >= 10


def test_the_shares_make_up_the_score(said: list[Said]) -> None:
    for one in said:
        finding = one.finding
        assert finding.base == 0
        assert abs(math.fsum(factor.share for factor in finding.factors) - finding.score) <= NEAR


def test_an_explanation_is_of_the_very_finding(said: list[Said]) -> None:
    for one in said:
        explained = one.explained().finding
        assert (explained.score, explained.factors) == (one.finding.score, one.finding.factors)
        assert explained.summary == one.finding.summary


def test_what_would_lower_a_score_lowers_it_to_what_was_said(said: list[Said]) -> None:
    told = 0
    for one in said:
        lowering = {change.feature: change for change in one.explained().lowering}
        for factor in one.finding.factors:
            change = lowering.get(factor.name)
            assert (change.score if change else one.finding.score) == pytest.approx(factor.lowers_to, abs=NEAR) or (
                change is None and factor.lowers_to >= one.finding.score
            )
        for change in lowering.values():
            told += 1
            assert change.score < one.finding.score
            _holds(one, change)
    assert told >= VERDICTS


def test_what_would_end_or_calm_a_finding_does(said: list[Said]) -> None:
    ending = 0
    for one in said:
        explanation = one.explained()
        for change in (*explanation.ending, *explanation.calming):
            ending += change.ends
            _holds(one, change)
        assert all(change.ends for change in explanation.ending)
        assert all((change.severity or 0) < (explanation.finding.severity or 0) for change in explanation.calming)
    assert ending >= VERDICTS


def _holds(one: Said, change: Change) -> None:
    """Ask the judge itself; what a structure gives it cannot be told, but where that is right the structure is gone."""
    if one.rule.structure is not None and change.feature in one.rule.structure.gives:
        assert change.ends
        return
    for value in change.values:
        after = one.after(change.feature, value)
        assert (after is None) == change.ends, (one.rule.id, change)
        if after is not None:
            least = [severity for severity in (change.severity, one.rule.meanwhile) if severity is not None]
            assert after.score == pytest.approx(change.score, abs=NEAR)
            assert after.severity == min(least, default=None), (one.rule.id, change)
