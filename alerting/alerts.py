"""The life of one alert, as a pure function of what it was and what the rules find now.

An alert stands for one kind of risk to one subject. It opens with the first finding that has a severity, follows that
severity up and down, and is resolved when the finding is gone. The same finding again changes nothing. When the risk is
back soon after, the same alert opens again, with its history.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from hashlib import blake2b

from risk_rules.findings import Finding, Severity


class Transition(StrEnum):
    """What happened to an alert that somebody should hear of."""

    OPENED = "opened"
    WORSE = "worse"
    BETTER = "better"
    RESOLVED = "resolved"
    REOPENED = "reopened"


class State(StrEnum):
    OPEN = "open"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """What must be known of an alert to judge the next finding; the rest of what was found lies in the database."""

    id: str
    kind: str
    state: State
    severity: Severity
    score: float
    likelihood: float | None
    impact_on: date | None
    quantity: float | None
    summary: str
    opened_at: datetime
    transitions: int
    resolved_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """The alert as it now is. Without a transition only its figures moved, and nobody is told."""

    alert: Alert
    transition: Transition | None


REOPEN_WITHIN = timedelta(hours=2)
"""How soon after its end a risk is back as the same alert, where nothing else is said."""

SCORE_STEP = 5.0
"""Points of score (of 100) below which a move is not worth writing down."""

SHARE_STEP = 0.05
"""The same for a likelihood (of 1), and for a quantity in parts of what it was."""


def identity(*parts: object) -> str:
    """A name made of what it names: the same parts give the same name, and nothing can be read off it."""
    text = "\x1f".join(str(part) for part in parts)
    return blake2b(text.encode(), digest_size=16).hexdigest()


def advance(alert: Alert | None, finding: Finding | None, at: datetime, identifier: str) -> Step | None:
    """What the finding of the time `at` makes of the alert, or of none; None when there is nothing to write.

    A finding without a severity is a score and no more: to an alert it is the same as no finding. A resolved `alert` is one
    that may open again. `identifier` is the id that a new alert has when it opens now.
    """
    severity = finding.severity if finding is not None else None
    if finding is None or severity is None:
        if alert is None or alert.state is State.RESOLVED:
            return None
        return Step(_resolved(alert, finding.score if finding is not None else 0.0, at), Transition.RESOLVED)
    if alert is not None and alert.state is State.RESOLVED:
        back = replace(
            _follow(alert, finding, severity), state=State.OPEN, resolved_at=None, transitions=alert.transitions + 1
        )
        return Step(back, Transition.REOPENED)
    if alert is None:
        opened = Alert(
            id=identifier, kind=finding.kind, state=State.OPEN, severity=severity, score=finding.score,
            likelihood=finding.likelihood, impact_on=finding.impact_on, quantity=finding.quantity,
            summary=finding.summary, opened_at=at, transitions=1,
        )  # fmt: skip
        return Step(opened, Transition.OPENED)
    if severity == alert.severity:
        return Step(_follow(alert, finding, severity), None) if _is_material(alert, finding) else None
    moved = replace(_follow(alert, finding, severity), transitions=alert.transitions + 1)
    return Step(moved, Transition.WORSE if severity > alert.severity else Transition.BETTER)


def _resolved(alert: Alert, score: float, at: datetime) -> Alert:
    return replace(alert, state=State.RESOLVED, score=score, transitions=alert.transitions + 1, resolved_at=at)


def _follow(alert: Alert, finding: Finding, severity: Severity) -> Alert:
    return replace(
        alert, severity=severity, score=finding.score, likelihood=finding.likelihood, impact_on=finding.impact_on,
        quantity=finding.quantity, summary=finding.summary,
    )  # fmt: skip


def _is_material(alert: Alert, finding: Finding) -> bool:
    """Whether the figures moved so far that the alert as it is shown would mislead."""
    return (
        finding.impact_on != alert.impact_on
        or abs(finding.score - alert.score) >= SCORE_STEP
        or _moved(alert.likelihood, finding.likelihood, SHARE_STEP)
        or _moved(alert.quantity, finding.quantity, SHARE_STEP * abs(alert.quantity or 0.0))
    )


def _moved(old: float | None, new: float | None, step: float) -> bool:
    if old is None or new is None:
        return old is not new
    return old != new and abs(new - old) >= step
