"""What is written of a message after an attempt to send it: pure, the time and the chance are given."""

from datetime import datetime, timedelta

from alerting.delivery.fates import Delivery, Fate
from alerting.delivery.outbox import Claim, Kind, Mark, State
from alerting.delivery.pace import Pace


def settle(claim: Claim, delivery: Delivery, now: datetime, pace: Pace, chance: float, address_id: str | None) -> Mark:
    """The mark after a delivery. `chance` from 0 to 1 is where in the time of waiting the next attempt lies."""
    state, wait = State(delivery.fate.value), timedelta(0)
    asked = delivery.retry_after
    if delivery.fate in (Fate.UNKNOWN, Fate.FAILED):
        wait = pace.wait(claim.attempts, chance) if asked is None else asked + pace.wait(1, chance)
        if claim.kind is Kind.DIGEST and delivery.fate is Fate.UNKNOWN:
            wait = max(wait, pace.hold_digest)  # a repeat would annoy more than the delay harms
        if claim.attempts >= (pace.attempts_before_fallback if claim.fallbacks else pace.most_attempts):
            state = State.DEAD
        if claim.fallbacks and asked is not None and asked.total_seconds() > pace.longest_wait_seconds:
            state = State.DEAD
    if state is State.DEAD:
        wait = timedelta(0)
    repeat = claim.possible_repeat or delivery.fate is Fate.UNKNOWN
    return Mark(
        claim, state, now, now + wait, claim.attempts, repeat, delivery.detail, address_id, delivery.reference,
        None if asked is None else now + asked,
    )  # fmt: skip


def cancelled(claim: Claim, now: datetime, why: str) -> Mark:
    """Of a claim that nobody needs to hear of."""
    return Mark(claim, State.CANCELLED, now, now, claim.attempts - 1, claim.possible_repeat, why, None)


def given_back(claim: Claim, now: datetime, again_at: datetime | None = None) -> Mark:
    """Of a claim that was never begun, for whoever comes next."""
    state = State.PENDING if claim.attempts == 1 else State.FAILED
    return Mark(claim, state, now, again_at or now, claim.attempts - 1, claim.possible_repeat, "given back", None)
