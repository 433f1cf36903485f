"""What counts as having happened: a file of conditions, and the rules that they become beside those that are judged.

An outcome is read from the same features, by the same ledger, at the same ticks as the alerts that foretell it. It is a
rule whose findings go nowhere but into the judgement.
"""

import json
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Final, Literal

import msgspec

from risk_rules import rulebook as rulebooks
from risk_rules.catalogue import FEATURES
from risk_rules.documents import Document
from risk_rules.expressions.checker import Environment, check
from risk_rules.expressions.fault import ExpressionError
from risk_rules.expressions.parser import parse
from risk_rules.expressions.types import Type
from risk_rules.problems import DocumentError, Problem, did_you_mean
from risk_rules.rulebook import Rulebook

SHIPPED: Final = Path(__file__).parent / "outcomes.yaml"
PREFIX: Final = "happened_"
"""How the kinds of findings that are outcomes begin."""


class OutcomeText(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One outcome as it stands in the file. It counts once `when` has held for `lasts_hours`, from its first hour on.

    Spells of it that are no further apart than `apart_days` are one.
    """

    subject: str
    when: str
    foretold_by: tuple[str, ...]
    meaning: str
    lasts_hours: Annotated[float, msgspec.Meta(ge=0)] = 0.0
    apart_days: Annotated[float, msgspec.Meta(ge=0)] = 7.0


class OutcomesText(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A file of outcomes, by name."""

    outcomes: Literal[1]
    happened: dict[str, OutcomeText]


class Outcomes(msgspec.Struct, frozen=True):
    """What can happen, by name."""

    by_name: Mapping[str, OutcomeText]

    def foretold(self, subject_kind: str, alert_kind: str) -> tuple[str, ...]:
        """The outcomes that an alert of this kind on such a subject foretells; none: it cannot be judged."""
        return tuple(
            name
            for name, outcome in self.by_name.items()
            if outcome.subject == subject_kind and alert_kind in outcome.foretold_by
        )


def load(path: Path = SHIPPED) -> Outcomes:
    """The outcomes in a file. Raises `DocumentError` with all that is wrong with it."""
    document = Document.load(path)
    text = document.convert(OutcomesText)
    problems = [problem for name, one in text.happened.items() for problem in _problems(document, name, one)]
    if problems:
        raise DocumentError(problems)
    return Outcomes(text.happened)


def _problems(document: Document, name: str, outcome: OutcomeText) -> list[Problem]:
    path = ("happened", name)
    if not (name.isidentifier() and name.isascii()):
        return [document.problem(path, f"{name} is no name", "use letters, digits and _", of_key=True)]
    if outcome.subject not in FEATURES:
        hint = did_you_mean(outcome.subject, FEATURES) or f"known are {', '.join(FEATURES)}"
        return [document.problem((*path, "subject"), f"there is no subject {outcome.subject}", hint)]
    features = {feature.name: feature.type for feature in FEATURES[outcome.subject].values()}
    try:
        check(parse(outcome.when), Environment(features=features, constants={}), (Type.BOOL,))
    except ExpressionError as error:
        return [document.problem_in_text((*path, "when"), error.offset, error.told(outcome.when), error.hint)]
    return []


def watched(files: Sequence[Path], outcomes: Outcomes) -> Rulebook:
    """The rulebook in `files` with a rule more for each outcome. Raises `RulebookError` for the files as `rulebook.load`."""
    rules = [
        {
            "id": f"{PREFIX}{name}",
            "subject": outcome.subject,
            "kind": f"{PREFIX}{name}",
            "when": outcome.when,
            "severity": "watch",
            "score": 0,
            "summary": "",
        }
        for name, outcome in outcomes.by_name.items()
    ]
    with tempfile.TemporaryDirectory(prefix="bellwether-") as folder:
        beside = Path(folder) / "outcomes.yaml"
        beside.write_text(json.dumps({"rulebook": 1, "rules": rules}), encoding="utf-8")  # YAML takes all of JSON
        return rulebooks.load([*files, beside])
