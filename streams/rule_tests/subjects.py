"""Cases that give the features of a subject themselves, at one time or at several."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from risk_rules.catalogue import FEATURES
from risk_rules.documents import Document, Steps
from risk_rules.expressions.types import Type
from risk_rules.findings import Finding
from risk_rules.judge import Memory
from risk_rules.problems import Problem, did_you_mean
from risk_rules.rulebook import Rulebook
from risk_rules.working_days import EVERY_WEEKDAY
from streams.network.model import Network
from streams.rule_tests.comparing import Found, differences
from streams.rule_tests.text import CaseText, StepText

PLAIN = {Type.BOOL: (bool,), Type.INT: (int,), Type.DOUBLE: (int, float), Type.STRING: (str,)}
MEANT = {
    Type.DATE: "a day: 2026-01-31",
    Type.TIMESTAMP: "an instant: 2026-01-31T08:00:00Z",
    Type.DURATION: "hours as a number",
}


def steps_of(case: CaseText) -> Sequence[tuple[Steps, StepText]]:
    """The case as steps, each with its place in the case."""
    if case.features is not None:
        return [((), StepText(at=case.at, features=case.features, expect=case.expect))]
    return [(("steps", number), step) for number, step in enumerate(case.steps)]


def problems(document: Document, path: Steps, case: CaseText) -> list[Problem]:
    """What is wrong with the subject and its features."""
    if case.subject is None or case.subject not in FEATURES:
        hint = did_you_mean(case.subject or "", FEATURES) or f"known are {', '.join(FEATURES)}"
        return [document.problem((*path, "subject"), f"there is no subject {case.subject}", hint)]
    known = FEATURES[case.subject]
    found: list[Problem] = []
    for steps, step in steps_of(case):
        for name, value in step.features.items():
            place = (*path, *steps, "features", name)
            if name not in known:
                hint = did_you_mean(name, known) or "see bellwether rules features"
                message = f"{name} is no feature of a {case.subject}"
                found.append(document.problem(place, message, hint, of_key=True))
                continue
            try:
                _value(value, known[name].type)
            except (ValueError, TypeError):
                kind = known[name].type
                message = f"{name} is {kind.named}, which {value!r} is not"
                found.append(document.problem(place, message, MEANT.get(kind, f"give a {kind}")))
    return found


def run(case: CaseText, book: Rulebook, network: Network) -> list[str]:
    """The differences of a case, each step under its time. `problems` must have found none."""
    judge = book.judge(case.subject or "")
    lines: list[str] = []
    memory: Memory | None = None
    for _, step in steps_of(case):
        findings: tuple[Finding, ...] = ()
        if judge is not None:
            given = _features(case, step)
            features = dict.fromkeys(judge.needs) | given
            calendar = network.calendars.get(str(given.get("site")), EVERY_WEEKDAY)
            findings, memory, _ = judge(features, memory, step.at, calendar)
        missed = differences(step.expect, [_found(one) for one in findings], case.only)
        if missed:
            lines += [f"at {step.at:%Y-%m-%d %H:%M} UTC", *(f"  {line}" for line in missed)]
    return lines


def _features(case: CaseText, step: StepText) -> dict[str, Any]:
    known = FEATURES[case.subject or ""]
    given = {name: _value(value, known[name].type) for name, value in step.features.items()}
    return {"site": case.site, "partner": case.partner} | given


def _value(value: Any, kind: Type) -> Any:
    """A value of YAML as a feature of this type. Raises `ValueError` or `TypeError`."""
    if value is None:
        return None
    if kind == Type.DATE:
        return date.fromisoformat(value)
    if kind == Type.TIMESTAMP:
        at = datetime.fromisoformat(value)
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at
    if kind == Type.DURATION:
        return timedelta(hours=value)
    if kind in PLAIN and (not isinstance(value, PLAIN[kind]) or (isinstance(value, bool) and kind != Type.BOOL)):
        raise TypeError
    return float(value) if kind == Type.DOUBLE else value


def _found(finding: Finding) -> Found:
    severity = None if finding.severity is None else finding.severity.name.lower()
    impact_on = None if finding.impact_on is None else finding.impact_on.isoformat()
    return {
        "rule": finding.rule, "kind": finding.kind, "severity": severity, "score": finding.score,
        "likelihood": finding.likelihood, "quantity": finding.quantity, "unit": finding.unit, "impact_on": impact_on,
        "owner": finding.owner, "summary": finding.summary, "advice": finding.advice,
    }  # fmt: skip
