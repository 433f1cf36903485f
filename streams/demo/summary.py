"""What came of the run: warnings beside the truth. Pure: from rows of the database and the world's own truth."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

import msgspec

LOWEST = "watch"


class AlertSeen(msgspec.Struct, frozen=True, kw_only=True):
    """An alert of the run. `subject` is `kind:key`; `severity` the greatest it had; `impact_on` the first day it foretold."""

    subject: str
    kind: str
    severity: str
    opened_at: datetime
    resolved_at: datetime | None
    impact_on: date | None


class Truth(msgspec.Struct, frozen=True, kw_only=True):
    """A disruption that the world was given. Subjects are written `kind:key`.

    `subjects` are all that a warning of it may be about; `true_impact_on` is the day on which somebody truly ran short,
    of `impact_subject`; None when nobody did.
    """

    kind: str
    subject: str
    subjects: frozenset[str]
    began_at: datetime
    true_impact_on: date | None
    impact_subject: str | None


class DisruptionSeen(msgspec.Struct, frozen=True, kw_only=True):
    """A disruption and the first warning of it; None where there was none, or where it foretold no day."""

    kind: str
    subject: str
    began_at: datetime
    first_alert_at: datetime | None
    predicted_impact_on: date | None
    true_impact_on: date | None


class Notifications(msgspec.Struct, frozen=True, kw_only=True):
    """Messages: `sent`; `repeated`: sent again since nobody knows whether the first arrived; `failed`: given up."""

    sent: int
    repeated: int
    failed: int


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """What `bellwether demo --json` prints."""

    events: int
    events_per_second: float
    rejected: Mapping[str, int]
    alerts: tuple[AlertSeen, ...]
    disruptions: tuple[DisruptionSeen, ...]
    notifications: Notifications


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """What was counted in the run."""

    events: int
    seconds: float
    rejected: Mapping[str, int]
    messages: Mapping[str, int]
    possible_repeats: int


def summarise(alerts: Iterable[AlertSeen], truths: Iterable[Truth], figures: Figures) -> Summary:
    """The summary of a run."""
    seen = sorted(alerts, key=lambda alert: (alert.opened_at, alert.subject, alert.kind))
    return Summary(
        events=figures.events,
        events_per_second=round(figures.events / figures.seconds, 1) if figures.seconds > 0 else 0.0,
        rejected=dict(sorted(figures.rejected.items())),
        alerts=tuple(seen),
        disruptions=tuple(
            _beside(truth, seen) for truth in sorted(truths, key=lambda truth: (truth.began_at, truth.kind))
        ),
        notifications=Notifications(
            sent=figures.messages.get("sent", 0),
            repeated=figures.possible_repeats,
            failed=figures.messages.get("failed", 0) + figures.messages.get("dead", 0),
        ),
    )


def _beside(truth: Truth, alerts: Sequence[AlertSeen]) -> DisruptionSeen:
    """The first alert about it since it began, and the first day foretold, rather of what truly ran short.

    What is merely worth a look counts only for the very subject of the disruption.
    """
    about = [
        alert
        for alert in alerts
        if alert.opened_at >= truth.began_at
        and (alert.subject == truth.subject or (alert.subject in truth.subjects and alert.severity != LOWEST))
    ]
    foretold = [alert for alert in about if alert.impact_on is not None]
    foretold.sort(key=lambda alert: alert.subject != truth.impact_subject)  # stable: the earlier stays first
    return DisruptionSeen(
        kind=truth.kind,
        subject=truth.subject,
        began_at=truth.began_at,
        first_alert_at=about[0].opened_at if about else None,
        predicted_impact_on=foretold[0].impact_on if foretold else None,
        true_impact_on=truth.true_impact_on,
    )


def alerts_by_kind(summary: Summary) -> dict[str, Counter[str]]:
    """How many alerts of each kind, by their greatest severity."""
    counted: dict[str, Counter[str]] = {}
    for alert in summary.alerts:
        counted.setdefault(alert.kind, Counter())[alert.severity] += 1
    return dict(sorted(counted.items()))
