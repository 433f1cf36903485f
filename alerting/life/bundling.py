"""Whether a message goes out now or waits for others: groups, digests, quiet hours and the limit per hour. Pure.

There is one way to wait: a bundle, whose tellings go out as one message when it is due. Nothing is dropped.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from alerting.alerts import identity
from alerting.configuration.model import Receiver, Route
from alerting.configuration.notation import shown_duration
from alerting.labels import Labels
from risk_rules.findings import Severity

CRITICAL_WAITS = timedelta(minutes=5)
"""For how long at most a critical alert waits because its receiver had too many messages within the hour."""


class Reason(StrEnum):
    """Why tellings wait for one another."""

    GROUP = "group"
    DIGEST = "digest"
    QUIET = "quiet"
    LIMIT = "limit"


@dataclass(frozen=True, slots=True)
class Wait:
    """In which bundle (`reason` and `key`, of the receiver), until when, and why in words."""

    reason: Reason
    key: str
    due_at: datetime
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Desired:
    """What is to be told: to whom, of an alert with these labels and this route.

    `group_due`: when the bundle of its group goes out, None where there is none. `full_until`: when the receiver may be
    written to again by its limit per hour, None when it may be now.
    """

    receiver: Receiver
    route: Route
    labels: Labels
    now: datetime
    group_due: datetime | None
    full_until: datetime | None


def wait(desired: Desired) -> Wait | None:
    """What it waits for; None: it goes out now."""
    receiver, route, now = desired.receiver, desired.route, desired.now
    if route.digest:
        due = receiver.digest.next(now)
        return Wait(Reason.DIGEST, "digest", due, f"collected for the digest of {due:%Y-%m-%d %H:%M} UTC")
    if (later := postponed(receiver, desired.labels.severity, now, None)) is not None:
        return later
    if route.group_by:
        key = group_key(route, desired.labels)
        if desired.group_due is not None:
            return Wait(Reason.GROUP, key, desired.group_due, f"with others of {key}")
        if route.group_wait > timedelta():
            return Wait(
                Reason.GROUP,
                key,
                now + route.group_wait,
                f"waits {shown_duration(route.group_wait)} for others of {key}",
            )
    return postponed(receiver, desired.labels.severity, now, desired.full_until)


def postponed(receiver: Receiver, severity: Severity, now: datetime, full_until: datetime | None) -> Wait | None:
    """What a message whose time has come still waits for: the end of quiet hours, or of too many messages."""
    critical = severity is Severity.CRITICAL
    if receiver.quiet is not None and not critical and (end := receiver.quiet.ends(now)) is not None:
        return Wait(Reason.QUIET, "quiet", end, f"quiet hours until {end:%Y-%m-%d %H:%M} UTC")
    if full_until is not None and full_until > now:
        due = min(full_until, now + CRITICAL_WAITS) if critical else full_until
        return Wait(Reason.LIMIT, "limit", due, f"more than {receiver.most_per_hour} messages within the hour")
    return None


def group_key(route: Route, labels: Labels) -> str:
    """The group of an alert by its route: the path and the values of the labels that it groups by."""
    values = ", ".join(f"{name}={labels.get(name) or '-'}" for name in route.group_by)
    key = f"{'/'.join(route.path)}: {values}"
    return key if len(key) <= MOST_KEY else f"{key[: MOST_KEY - 34]} {identity(key)}"


MOST_KEY = 300
