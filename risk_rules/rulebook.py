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
        likelihood: 0.9
        impact: clamp(shortage_qty / required_qty, 0, 1)
        factors:
          - {of: shortage_qty, reference: 0}
        summary: "{shortage_qty} {unit} of {name} missing from {shortage_on}"

Several files make one rulebook. A later one may set parameters of an earlier one anew: `set: {margin_days: 21}`.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

from risk_rules.catalogue import FEATURES
from risk_rules.documents import Document, DocumentError, Problem
from risk_rules.expressions.types import Value
from risk_rules.judge import Bench, Judge, bench
from risk_rules.reading import RulebookReader, RuleSource
from risk_rules.rule_text import ChangeText
from risk_rules.rules import Rule
from risk_rules.scope import ByPlace, Place, parameters_at


class RulebookError(DocumentError):
    """A rulebook cannot be used. `problems` holds all that is wrong with all of its files."""


class Source(NamedTuple):
    """A file of a rulebook: its name, its text, and who changed it last and why, where it says so."""

    file: str
    text: str
    change: ChangeText | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rulebook:
    """Rules by the kind of their subject. `version` is a hash of what the files say, without comments and layout.

    `parameters` and `rules` are as they are where nothing is overridden.
    """

    version: str
    parameters: Mapping[str, Value]
    rules: tuple[Rule, ...]
    sources: tuple[Source, ...]
    _judges: Mapping[str, Judge]

    def __reduce__(self) -> tuple[Any, ...]:
        """A rulebook goes to another process as its texts: what is compiled cannot."""
        return of_texts, ([(source.file, source.text) for source in self.sources], self.version)

    def judge(self, kind: str) -> Judge | None:
        """What the rules say of subjects of this kind; None for a kind without rules."""
        return self._judges.get(kind)


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


def of_texts(files: Sequence[tuple[str, str]], version: str | None = None) -> Rulebook:
    """The rulebook of some files by their names and texts, under a version of its own if one is given.

    Raises `DocumentError`.
    """
    book = _assemble([Document.parse(text, file) for file, text in files], [])
    return book if version is None else replace(book, version=version)


def _assemble(documents: Sequence[Document], problems: Sequence[Problem]) -> Rulebook:
    reader = RulebookReader()
    for document in documents:
        reader.parameters_of(document)
    for document in documents:
        reader.shared_of(document)
    for document in documents:
        reader.rules_of(document)
    if found := [*problems, *reader.problems]:
        raise RulebookError(found)
    kinds = dict.fromkeys(source.rule.subject for source in reader.rules)
    return Rulebook(
        version=hashlib.sha256(reader.canonical()).hexdigest()[:12],
        parameters=reader.parameters,
        rules=tuple(source.rule for source in reader.rules),
        _judges={
            kind: _judge([source for source in reader.rules if source.rule.subject == kind], reader) for kind in kinds
        },
        sources=tuple(
            Source(document.file, document.text, reader.changes.get(document.file)) for document in documents
        ),
    )


def _judge(sources: Sequence[RuleSource], reader: RulebookReader) -> Judge:
    """The judge of the rules of one kind of subject."""
    words = set[str]().union(*(source.words() for source in sources))
    overrides = [override for override in reader.overrides if override.parameter in words]
    known = FEATURES[sources[0].rule.subject].keys()
    # A subject that has no product, say, is nowhere where a product is named.
    overrides = [override for override in overrides if override.scope.dimensions <= known]

    def at(place: Place) -> Bench:
        parameters = parameters_at(place, reader.parameters, overrides)
        here = [source for source in sources if source.rule.applies.includes(place)]
        if parameters == reader.parameters:
            return bench([source.rule for source in here])
        return bench([source.reading.again(parameters).rule() for source in here])

    scopes = [*(source.rule.applies for source in sources), *(override.scope for override in overrides)]
    needs = frozenset[str]().union(*(source.rule.features for source in sources))
    deciding = frozenset[str]().union(*(source.rule.when.features for source in sources))
    timed = any(source.rule.structure is not None or source.rule.lasting is not None for source in sources)
    return Judge(needs, deciding, timed, ByPlace(scopes, at))
