"""Why a finding has its score, and what would have to be otherwise for it to be lower, calmer or gone.

All changes are of one feature, the others being as they are, and nothing is told that has not been evaluated: the score
after a change is the score that the rule gives for the changed features, 0 where it would find nothing. Time is not
waited for: a rule that must stand for a while yet, or whose severity is held, is explained as its formulas say now.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from risk_rules.boundaries import SEARCHABLE, Boundary, boundaries, others
from risk_rules.catalogue import FEATURES, Feature
from risk_rules.expressions.types import Type
from risk_rules.findings import Finding, Severity
from risk_rules.rules import Rule, in_words
from risk_rules.working_days import EVERY_WEEKDAY, Calendar

Features = Mapping[str, Any]

_MOMENTS = (Type.DATE, Type.TIMESTAMP)


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One feature from what it is to something else, both as text, and what the rule would say then.

    `values` were tried, each with this outcome; a number or day among them stands for all beyond it, up to the next change.
    """

    feature: str
    now: str
    to: str
    values: tuple[Any, ...]
    score: float
    severity: Severity | None
    ends: bool


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """The tree under a score. `formulas` are those of the rule, as written; `meanings` those of the factors.

    `lowering`: each factor at its reference, the greatest relief first. `calming`: what would take the severity down.
    `ending`: what would end the finding. `events`: what it rests on, newest first. `rulebook`: the version.
    """

    finding: Finding
    formulas: Mapping[str, str]
    meanings: Mapping[str, str]
    lowering: tuple[Change, ...]
    calming: tuple[Change, ...]
    ending: tuple[Change, ...]
    events: tuple[str, ...]
    rulebook: str


def explain(
    rule: Rule,
    features: Features,
    now: datetime,
    calendar: Calendar = EVERY_WEEKDAY,
    *,
    events: Sequence[str] = (),
    rulebook: str = "",
) -> Explanation:
    """Explain what `rule` finds of a subject with these features, given that it finds something.

    `features` has all that the rule needs, None where not known.
    """
    trial = _Trial(rule, features, now, calendar)
    lowering = sorted(trial.lowering(), key=lambda change: change.score)
    return Explanation(
        finding=trial.finding,
        formulas=rule.written,
        meanings={factor.feature.name: factor.feature.meaning for factor in rule.score.factors},
        lowering=tuple(lowering),
        calming=tuple(trial.calming()),
        ending=tuple(trial.ending()),
        events=tuple(events),
        rulebook=rulebook,
    )


class _Trial:
    """Tries one rule on changed features."""

    def __init__(self, rule: Rule, features: Features, now: datetime, calendar: Calendar) -> None:
        structure = rule.structure
        self.rule = rule
        self.now, self.calendar = now, calendar
        self.gives = frozenset[str]() if structure is None else frozenset(structure.gives)
        self.moments = frozenset[str]() if structure is None else frozenset(structure.features)
        self.features = (
            features if structure is None else {**features, **structure.told(features, now, calendar).values}
        )
        self.finding = rule.outcome()(self.features)
        self._ends, self._score, self._urgency = rule.ends(), rule.score.function(), rule.urgency()

    def ends(self, name: str, value: Any) -> bool:
        """Whether the rule would find nothing. What its structure gives is only ever asked where the structure is gone."""
        changed, gone = {**self.features, name: value}, name in self.gives
        if self.rule.structure is not None and name in self.moments:
            gone = not self.rule.structure.told(changed, self.now, self.calendar).holds
        return self._ends(changed, gone)

    def urgency(self, name: str, value: Any) -> Severity | None:
        return self._urgency({**self.features, name: value})

    def lowering(self) -> Iterator[Change]:
        """Each factor at its reference, where that makes the score less."""
        for factor, (value, reference) in zip(
            self.rule.score.factors, self.rule.score.pairs(self.features), strict=True
        ):
            if value != reference:
                words = "none" if reference is None else self._words(factor.feature, reference)
                change = self._change(factor.feature, words, (reference,))
                if change.score < self.finding.score:
                    yield change

    def ending(self) -> Iterator[Change]:
        """What ends the rule."""
        exit_features = self.rule.exit.features if self.rule.exit else frozenset[str]()
        names = (self.rule.when.features | exit_features) - self.gives
        yield from self._moves(names, lambda name: lambda value: not self.ends(name, value))
        for name in sorted(self.moments):
            feature = FEATURES[self.rule.subject][name]
            if feature.type == Type.TIMESTAMP and self.features[name] is None and self.ends(name, self.now):
                yield self._change(feature, "known by now", (self.now,))

    def calming(self) -> Iterator[Change]:
        """What takes the severity down, and does not end the rule."""
        severity = self.finding.severity
        if self.rule.severity is None or severity is None:
            return

        def as_urgent(name: str) -> Callable[[Any], bool]:
            return lambda value: not self.ends(name, value) and (self.urgency(name, value) or 0) >= severity

        names = self.rule.severity.features - self.gives
        yield from (change for change in self._moves(names, as_urgent) if not change.ends)

    def _moves(self, names: frozenset[str], holding: Callable[[str], Callable[[Any], bool]]) -> Iterator[Change]:
        """The changes of single features after which something no longer holds."""
        for name in sorted(names):
            feature, value = FEATURES[self.rule.subject][name], self.features[name]
            holds = holding(name)
            if value is None or not holds(value):
                continue
            if feature.type in SEARCHABLE:
                for boundary in boundaries(value, feature.type, holds, signed=feature.signed):
                    yield self._change(feature, self._beyond(feature, boundary), (boundary.value,))
            elif feature.type == Type.BOOL or feature.among:
                found = others(value, (True, False) if feature.type == Type.BOOL else feature.among, holds)
                yield from self._alternatives(feature, found)

    def _alternatives(self, feature: Feature, found: tuple[Any, ...]) -> Iterator[Change]:
        """One change for all values with one outcome."""
        by_outcome: dict[tuple[Any, ...], list[Any]] = {}
        for value in found:
            change = self._change(feature, "", (value,))
            by_outcome.setdefault((change.score, change.severity, change.ends), []).append(value)
        for values in by_outcome.values():
            yield self._change(feature, " or ".join(self._words(feature, value) for value in values), tuple(values))

    def _change(self, feature: Feature, words: str, values: tuple[Any, ...]) -> Change:
        value = values[0]
        ends = self.ends(feature.name, value)
        return Change(
            feature=feature.name,
            now=self._words(feature, self.features[feature.name]),
            to=words,
            values=values,
            score=0.0 if ends else self._score({**self.features, feature.name: value}),
            severity=None if ends else self.urgency(feature.name, value),
            ends=ends,
        )

    def _beyond(self, feature: Feature, boundary: Boundary) -> str:
        if boundary.strict:
            return f"{'above' if boundary.upwards else 'below'} {self._words(feature, boundary.last)}"
        if boundary.value == 0 and not feature.signed:
            return self._words(feature, boundary.value)
        less, more = ("earlier", "later") if feature.type in _MOMENTS else ("less", "more")
        return f"{self._words(feature, boundary.value)} or {more if boundary.upwards else less}"

    def _words(self, feature: Feature, value: Any) -> str:
        return in_words(feature, value, self.finding.unit)
