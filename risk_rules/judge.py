"""The judge of one kind of subject: the rules that apply to a subject, asked in one compiled call.

    judgement = judge(features, memory, now, calendar)

`memory` is what the last judgement of the same subject gave, None where it gave none. A rule that needs neither time nor
memory is a condition of the compiled function and no more; one that does stands there with all that can be said without
them, and is asked further only when that holds, or when something of it is remembered.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

import msgspec

from risk_rules.expressions.program import selection
from risk_rules.findings import Finding, Severity
from risk_rules.lasting import Held, State, advance
from risk_rules.rules import Rule
from risk_rules.scope import ByPlace
from risk_rules.working_days import EVERY_WEEKDAY, Calendar

Features = Mapping[str, Any]


class Memory(msgspec.Struct, frozen=True, array_like=True):
    """What must be remembered of a subject: by rule, what is pending or stands."""

    rules: Mapping[str, Held]


class Judgement(NamedTuple):
    """What the rules say of a subject now, what to remember, and when time alone may change it (None: never)."""

    findings: tuple[Finding, ...]
    memory: Memory | None
    look_again: datetime | None


QUIET: Final = Judgement((), None, None)


class Answer(NamedTuple):
    """The same, of one rule."""

    finding: Finding | None
    held: Held | None
    look_again: datetime | None


class TimedRule:
    """A rule that is not settled by the features alone: it has a structure, or it lasts."""

    def __init__(self, rule: Rule) -> None:
        self.id = rule.id
        self._rule = rule
        self._outcome = rule.outcome()
        self._exit = selection([rule.exit], [lambda features: True]) if rule.exit else None

    def itself(self, features: Features) -> "TimedRule":
        """Stands in the compiled function for the finding that it may come to."""
        return self

    def ask(self, features: Features, was: Held | None, now: datetime, calendar: Calendar, possible: bool) -> Answer:
        """What the rule says. `possible`: what can be said by the features alone holds."""
        rule, holds, again = self._rule, possible, None
        if rule.structure is not None:
            told = rule.structure.told(features, now, calendar)
            features, holds = {**features, **told.values}, possible and told.holds
            again = told.look_again if possible else None
        if rule.lasting is None:
            return Answer(self._outcome(features) if holds else None, None, again)
        ends = not holds and was is not None and self._exit is not None and bool(self._exit(features))
        step = advance(rule.lasting, was, now, calendar, holds=holds, ends=ends)
        finding, held = self._said(features, step.state, step.held, holds)
        return Answer(finding, held, min(filter(None, (again, step.look_again)), default=None))

    def _said(
        self, features: Features, state: State, held: Held | None, holds: bool
    ) -> tuple[Finding | None, Held | None]:
        """The finding of a state. What merely holds on keeps the severity that it had when its condition held last."""
        rule = self._rule
        if held is None or rule.lasting is None or (state is State.PENDING and rule.meanwhile is None):
            return None, held
        finding = self._outcome(features)
        if state is State.PENDING:
            return _at_most(finding, rule.meanwhile), held
        if not holds:
            severity = None if held.severity is None else Severity(held.severity)
            return msgspec.structs.replace(finding, severity=severity), held
        if rule.lasting.may_hold_on and finding.severity != held.severity:
            held = msgspec.structs.replace(held, severity=None if finding.severity is None else int(finding.severity))
        return finding, held


def _at_most(finding: Finding, greatest: Severity | None) -> Finding:
    if finding.severity is None or greatest is None or finding.severity <= greatest:
        return finding
    return msgspec.structs.replace(finding, severity=greatest)


class Bench(NamedTuple):
    """The rules that apply at one place, compiled."""

    select: Callable[[Features], tuple[Any, ...]]
    timed: Mapping[str, TimedRule]
    rules: Mapping[str, Rule]


def bench(rules: Sequence[Rule]) -> Bench:
    """Compile some rules."""
    timed = {rule.id: TimedRule(rule) for rule in rules if rule.structure is not None or rule.lasting is not None}
    outcomes = [timed[rule.id].itself if rule.id in timed else rule.outcome() for rule in rules]
    return Bench(selection([rule.when for rule in rules], outcomes), timed, {rule.id: rule for rule in rules})


class Judge:
    """Asks the rules of one kind of subject.

    `needs`: the features that the mapping must have, None where not known; `deciding`: those of them that conditions read.
    While these stay as they are, what found nothing finds nothing. `select(features)` is the first half of a judgement, for
    those who count microseconds: if it gives () and nothing is remembered, the judgement is `QUIET`; otherwise `conclude`
    goes on with what it gave. Without `timed` rules that is what they found, if nothing is remembered.
    """

    def __init__(self, needs: Iterable[str], deciding: Iterable[str], timed: bool, places: ByPlace[Bench]) -> None:
        self.timed = timed
        self.deciding = frozenset((*deciding, *places.dimensions))
        self.needs = frozenset((*needs, *places.dimensions))
        if places.dimensions:
            key = places.key()
            self._bench: Callable[[Features], Bench] = lambda features: places[key(features)]
            self.select: Callable[[Features], tuple[Any, ...]] = lambda features: places[key(features)][0](features)
        else:
            everywhere = places[()]
            self._bench = lambda features: everywhere
            self.select = everywhere.select

    def rules(self, features: Features) -> Mapping[str, Rule]:
        """The rules that apply to a subject, by id, with the parameters of its place."""
        return self._bench(features).rules

    def __call__(
        self, features: Features, memory: Memory | None, now: datetime, calendar: Calendar = EVERY_WEEKDAY
    ) -> Judgement:
        found = self.select(features)
        return self.conclude(found, features, memory, now, calendar) if found or memory is not None else QUIET

    def conclude(
        self, found: tuple[Any, ...], features: Features, memory: Memory | None, now: datetime, calendar: Calendar
    ) -> Judgement:
        """The judgement, from what `select` gave for these features."""
        timed = self._bench(features).timed
        if not timed:
            return Judgement(found, None, None)
        was: Mapping[str, Held] = {} if memory is None else memory.rules
        findings: list[Finding] = []
        held: dict[str, Held] = {}
        again: list[datetime] = []

        def ask(rule: TimedRule, possible: bool) -> None:
            answer = rule.ask(features, was.get(rule.id), now, calendar, possible)
            if answer.finding is not None:
                findings.append(answer.finding)
            if answer.held is not None:
                held[rule.id] = answer.held
            if answer.look_again is not None:
                again.append(answer.look_again)

        for one in found:
            if isinstance(one, TimedRule):
                ask(one, True)
            else:
                findings.append(one)
        possible = {one.id for one in found if isinstance(one, TimedRule)}
        for name in was:
            if name in timed and name not in possible:
                ask(timed[name], False)
        return Judgement(tuple(findings), Memory(held) if held else None, min(again, default=None))
