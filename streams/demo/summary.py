"""What came of the run: warnings beside the truth. Pure: from rows of the database and the world's own truth."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple

import msgspec


class AlertSeen(msgspec.Struct, frozen=True, kw_only=True):
    """An alert of the run. `subject` is `kind:key`; `severity` the greatest it had; `impact_on` the first day it foretold."""

    subject: str
    kind: str
    severity: str
    opened_at: datetime
    resolved_at: datetime | None
    impact_on: date | None


class Course(NamedTuple):
    """An alert and when it was first more than watch; None: it never was."""

    alert: AlertSeen
    urgent_at: datetime | None


class Truth(msgspec.Struct, frozen=True, kw_only=True):
    """A disruption that the world was given. Subjects are written `kind:key`.

    `subjects` are its own and those that truly fared worse because of it; `true_impact_on` is the day on which
    somebody truly ran short, of `impact_subject`; None when nobody did.
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


class FeedSeen(msgspec.Struct, frozen=True, kw_only=True):
    """What a partner sent. `formats`: papers, requests and files by format and way.

    `records`: what came of them; `rejected` are those in its dead letters (`letters`), requests without a good signature and
    files that could not be opened.
    """

    partner: str
    formats: Mapping[str, int]
    records: int
    accepted: int
    rejected: int
    letters: int


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """What `bellwether demo --json` prints."""

    events: int
    events_per_second: float
    rejected: Mapping[str, int]
    alerts: tuple[AlertSeen, ...]
    disruptions: tuple[DisruptionSeen, ...]
    notifications: Notifications
    feeds: tuple[FeedSeen, ...] = ()


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """What was counted in the run."""

    events: int
    seconds: float
    rejected: Mapping[str, int]
    messages: Mapping[str, int]
    possible_repeats: int
    feeds: tuple[FeedSeen, ...] = ()


class Alarms(NamedTuple):
    """Alerts that were more than watch at some time, and how many of them a disruption truly caused."""

    urgent: int
    caused: int


def alarms(courses: Iterable[Course], truths: Sequence[Truth]) -> Alarms:
    """Whom the run called, and whether rightly."""
    urgent = [course for course in courses if course.urgent_at is not None]
    return Alarms(len(urgent), sum(any(_caused(course, truth) for truth in truths) for course in urgent))


def _caused(course: Course, truth: Truth) -> bool:
    return course.alert.subject in truth.subjects and (course.urgent_at or course.alert.opened_at) >= truth.began_at


def summarise(courses: Iterable[Course], truths: Iterable[Truth], figures: Figures) -> Summary:
    """The summary of a run."""
    seen = sorted(courses, key=lambda one: (one.alert.opened_at, one.alert.subject, one.alert.kind))
    return Summary(
        events=figures.events,
        events_per_second=round(figures.events / figures.seconds, 1) if figures.seconds > 0 else 0.0,
        rejected=dict(sorted(figures.rejected.items())),
        alerts=tuple(course.alert for course in seen),
        disruptions=tuple(
            _beside(truth, seen) for truth in sorted(truths, key=lambda truth: (truth.began_at, truth.kind))
        ),
        notifications=Notifications(
            sent=figures.messages.get("sent", 0),
            repeated=figures.possible_repeats,
            failed=figures.messages.get("failed", 0) + figures.messages.get("dead", 0),
        ),
        feeds=figures.feeds,
    )


def _beside(truth: Truth, courses: Sequence[Course]) -> DisruptionSeen:
    """When it was first told of, and the first day foretold, rather of what truly ran short."""
    told = [(at, course.alert) for course in courses if (at := _told_of(truth, course)) is not None]
    told.sort(key=lambda one: one[0])
    foretold = [alert for _, alert in told if alert.impact_on is not None]
    foretold.sort(key=lambda alert: alert.subject != truth.impact_subject)  # stable: the earlier stays first
    return DisruptionSeen(
        kind=truth.kind,
        subject=truth.subject,
        began_at=truth.began_at,
        first_alert_at=told[0][0] if told else None,
        predicted_impact_on=foretold[0].impact_on if foretold else None,
        true_impact_on=truth.true_impact_on,
    )


def _told_of(truth: Truth, course: Course) -> datetime | None:
    """When an alert told of a disruption: at watch of its very subject, of others only as more than that."""
    if course.alert.subject not in truth.subjects:
        return None
    own = course.alert.subject == truth.subject
    times = (course.alert.opened_at if own else None, course.urgent_at)
    return next((at for at in times if at is not None and at >= truth.began_at), None)


def alerts_by_kind(summary: Summary) -> dict[str, Counter[str]]:
    """How many alerts of each kind, by their greatest severity."""
    counted: dict[str, Counter[str]] = {}
    for alert in summary.alerts:
        counted.setdefault(alert.kind, Counter())[alert.severity] += 1
    return dict(sorted(counted.items()))
