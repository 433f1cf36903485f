"""Who would be told of an alert, when, by which step and why: the life of one that nobody takes, lived ahead. Pure.

It goes through the same steps as a true alert, with the rotas, quiet hours and digests of those times. What only the
day itself knows is left out: silences, other alerts of the same group or cause, and limits per hour.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from alerting.alerts import Transition
from alerting.configuration.configuration import Configuration
from alerting.configuration.model import Route
from alerting.labels import Labels
from alerting.life import bundling
from alerting.life.bundling import Desired, Reason
from alerting.life.course import Occasion, Outcome, Telling
from alerting.life.escalation import Circumstances
from alerting.life.handling import News, hear, pass_time

LONGEST: Final = timedelta(days=400)
MOST_ROUNDS: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Foreseen:
    """One decision. `step` 0 is the route itself; `at` when it is made, `goes_out_at` when the message does.

    `contacts`: how it goes, and the fallbacks. `waits`: why it does not go out at once. A `receiver` that reaches nobody
    has `outcome` unreachable.
    """

    at: datetime
    step: int
    occasion: Occasion
    receiver: str
    outcome: Outcome
    because: str
    contacts: tuple[str, ...] = ()
    goes_out_at: datetime | None = None
    waits: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """The route, and the decisions in their order, until the last owner was told for the first time.

    `again_every`: how often the last owner is reminded; None: there is no policy, and nobody is told again.
    """

    route: Route
    decisions: tuple[Foreseen, ...]
    again_every: timedelta | None


def foresee(configuration: Configuration, labels: Labels, at: datetime) -> Forecast:
    """What becomes of an alert with these labels that opens at that time, if nobody takes it."""
    route = configuration.route(labels)
    last = None if route.policy is None else len(route.policy.steps) + 1
    news = News(number=1, transition=Transition.OPENED, severity=labels.severity, at=at)
    step = hear(None, news, _around(configuration, labels, at))
    now, decisions = at, _decided(configuration, labels, at, step.tellings)
    for _ in range(MOST_ROUNDS):
        due = step.handling.next_action_at
        if due is None or due > at + LONGEST or any(one.step == last for one in decisions):
            break
        now = max(now, due)
        step = pass_time(step.handling, _around(configuration, labels, now))
        decisions += _decided(configuration, labels, now, step.tellings)
    every = None if route.policy is None else route.policy.every
    return Forecast(route=route, decisions=tuple(decisions), again_every=every)


def _around(configuration: Configuration, labels: Labels, now: datetime) -> Circumstances:
    return Circumstances(
        now=now, route=configuration.route(labels),
        duty=lambda target: configuration.on_duty(target, labels, now), flapping=configuration.flapping,
    )  # fmt: skip


def _decided(
    configuration: Configuration, labels: Labels, now: datetime, tellings: tuple[Telling, ...]
) -> list[Foreseen]:
    return [_foreseen(configuration, labels, now, one) for one in tellings]


def _foreseen(configuration: Configuration, labels: Labels, now: datetime, one: Telling) -> Foreseen:
    receiver = configuration.receivers.get(one.receiver)
    if one.outcome is not Outcome.TOLD or receiver is None:
        return Foreseen(at=now, step=one.step, occasion=one.occasion, receiver=one.receiver, outcome=one.outcome,
                        because=one.because)  # fmt: skip
    desired = Desired(
        receiver=receiver, route=configuration.route(labels), labels=labels, now=now, group_due=None, full_until=None
    )
    goes_out_at, reasons = now, list[str]()
    waiting = bundling.wait(desired)
    while waiting is not None:
        goes_out_at = waiting.due_at
        reasons.append(waiting.because)
        of_digest = waiting.reason is Reason.DIGEST
        waiting = None if of_digest else bundling.postponed(receiver, labels.severity, goes_out_at, None)
    return Foreseen(
        at=now, step=one.step, occasion=one.occasion, receiver=one.receiver, because=one.because,
        outcome=Outcome.WAITING if reasons else Outcome.TOLD, contacts=receiver.contacts, goes_out_at=goes_out_at,
        waits="; then ".join(reasons) or None,
    )  # fmt: skip
