"""What the metrics are told by the parts of the service: rulebooks looked at, records taken in and counted, messages tried."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from streams import metrics
from streams.intake.profile_source import Result as ProfileResult
from streams.ledger.partition import Outcome
from streams.rulebooks.source import Result
from streams.rulebooks.store import Part

ACCEPTED: Final = "accepted"


def rulebook_looked_at(part: Part, result: Result, at: datetime) -> None:
    """The files of a rulebook were looked at."""
    refused = result is Result.REFUSED
    metrics.rulebook_reloads.labels(part.value, result.value).inc()
    metrics.rulebook_reload_successful.labels(part.value).set(0 if refused else 1)
    if not refused:
        metrics.rulebook_reload_time.labels(part.value).set(at.timestamp())


def profiles_looked_at(result: ProfileResult) -> None:
    """The profiles of partners were looked at."""
    metrics.profile_reloads.labels(result.value).inc()
    metrics.profile_reload_successful.set(0 if result is ProfileResult.REFUSED else 1)


def batch_taken_in(partner: str, outcomes: Mapping[tuple[str, str], int]) -> None:
    """A batch of a partner has gone through the intake."""
    for (_, outcome), n in outcomes.items():
        metrics.intake_records.labels(partner).inc(n)
        if outcome != ACCEPTED:
            metrics.intake_refused.labels(partner, outcome).inc(n)


def batch_counted(topic: str, outcome: Outcome, records: int, seconds: float) -> None:
    """A batch of the ledger is committed."""
    for (partner, family, result), n in outcome.events.items():
        metrics.events.labels(partner, family, result).inc(n)
    if records:
        metrics.batch_records.labels(topic).observe(records)
        metrics.batch_duration.labels(topic).observe(seconds)
    if outcome.oldest_arrival is not None:
        waited = (datetime.now(UTC) - outcome.oldest_arrival).total_seconds()
        metrics.intake_to_verdict.observe(max(0.0, waited))


def message_tried(channel: str, result: str, seconds: float | None) -> None:
    """A message was tried."""
    metrics.deliveries.labels(channel, result).inc()
    if seconds is not None:
        metrics.event_to_chat.labels(channel).observe(max(0.0, seconds))
