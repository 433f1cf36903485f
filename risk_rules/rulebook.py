"""Rulebooks: YAML files of parameters and rules, checked as a whole and compiled once.

    rulebook: 1
    parameters:
      margin_days: {value: 14, unit: days, meaning: how long before the last moment to order we want to know}
    rules:
      - id: shortage-in-lead-time
        subject: material
        kind: shortage
        when: shortage_in_days <= lead_time_days + margin_days
        severity: "shortage_in_days < lead_time_days ? critical : warning"
        factors:
          - {of: shortage_in_days, points: 100 - shortage_in_days}
        summary: "{shortage_qty} {unit} of {name} missing from {shortage_on}"

Several files make one rulebook. A later one may set parameters of an earlier one anew: `set: {margin_days: 21}`.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from risk_rules.documents import Document, DocumentError, Problem
from risk_rules.expressions.program import selection
from risk_rules.expressions.types import Value
from risk_rules.findings import Finding
from risk_rules.reading import RulebookReader
from risk_rules.rules import Rule

Evaluator = Callable[[Mapping[str, Any]], tuple[Finding, ...]]


class RulebookError(DocumentError):
    """A rulebook cannot be used. `problems` holds all that is wrong with all of its files."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rulebook:
    """Rules by the kind of their subject. `version` is a hash of what the files say, without comments and layout."""

    version: str
    parameters: Mapping[str, Value]
    rules: tuple[Rule, ...]
    _evaluators: Mapping[str, Evaluator]

    def evaluator(self, kind: str) -> Evaluator | None:
        """The function from the features of a subject of this kind to what the rules find, () when nothing is wrong.

        The mapping must have every feature of `needs(kind)`, None where unknown. None for a kind without rules.
        """
        return self._evaluators.get(kind)

    def needs(self, kind: str) -> frozenset[str]:
        """The features that the rules of a kind use."""
        return frozenset[str]().union(*(rule.features for rule in self.rules if rule.subject == kind))


def load(paths: Sequence[Path]) -> Rulebook:
    """The rulebook in some files. Raises `RulebookError` with every problem of every file."""
    documents: list[Document] = []
    problems: list[Problem] = []
    for path in paths:
        try:
            documents.append(Document.load(path))
        except DocumentError as error:
            problems.extend(error.problems)
    return _assemble(documents, problems)


def parse(text: str, file: str = "rulebook.yaml") -> Rulebook:
    """The rulebook in a text. Raises `RulebookError`."""
    try:
        document = Document.parse(text, file)
    except DocumentError as error:
        raise RulebookError(error.problems) from error
    return _assemble([document], [])


def _assemble(documents: Sequence[Document], problems: Sequence[Problem]) -> Rulebook:
    reader = RulebookReader()
    for document in documents:
        reader.parameters_of(document)
    for document in documents:
        reader.rules_of(document)
    if found := [*problems, *reader.problems]:
        raise RulebookError(found)
    kinds = dict.fromkeys(rule.subject for rule in reader.rules)
    return Rulebook(
        version=hashlib.sha256(reader.canonical()).hexdigest()[:12],
        parameters=reader.parameters,
        rules=tuple(reader.rules),
        _evaluators={kind: _evaluator([rule for rule in reader.rules if rule.subject == kind]) for kind in kinds},
    )


def _evaluator(rules: Sequence[Rule]) -> Evaluator:
    return selection([rule.when for rule in rules], [rule.outcome() for rule in rules])
